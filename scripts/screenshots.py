"""Take pictures of a running demonstration, in all widths and themes.

make run                                 in another terminal
python -m scripts.screenshots            all pages, into .cache/screenshots
python -m scripts.screenshots page edit  only those whose name contains a word
python -m scripts.screenshots --dutch    in Dutch, but those that need clicks first
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
OUTPUT = ROOT / ".cache" / "screenshots"
WIDTHS = {360: 780, 1440: 900}  # width to height, in CSS pixels
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
HOST, GUEST = "anouk@vaartkade.example", "nadia@meridian.example"
PASSWORD = "zilvermeeuw-2026"  # noqa: S105 - the demonstration's, printed by `make run`
ARTICLE, PROJECT, PRICES = "Fire test, round 3", "Zilvermeeuw", "Supplier prices"

Prepare = Callable[[Page], None]


@dataclass(frozen=True)
class Shot:
    """One picture: where it is taken, as whom, and what is done there first."""

    name: str
    address: str = "/"
    email: str = HOST
    on: str = ""
    prepare: Prepare | None = None


def show_conflict(page: Page) -> None:
    """Send a text with the number of an older version as its base."""
    page.locator("textarea[name=body]").wait_for(state="attached")
    page.get_by_role("button", name="Markdown", exact=True).click()
    page.locator("textarea[name=body]").fill("The room held for 40 minutes.\n")
    page.evaluate("document.querySelector('[name=base]').value -= 1")
    page.get_by_role("button", name="Publish").first.click()


def add_partner(page: Page) -> None:
    """Put somebody on the list without saving."""
    page.locator("[name=add-who]").fill("Nadia Farouz")
    page.get_by_role("button", name="Add to the list").click()


def within(page: Page) -> None:
    """Search all that Vaartkade owns or was given."""
    if page.viewport_size and page.viewport_size["width"] < 900:
        page.get_by_role("button", name="Filter").click()
    page.get_by_label("What Vaartkade owns").check()
    page.locator("input[name=partner]").first.wait_for(state="attached")


def steer(page: Page) -> None:
    """Go to what Vaartkade sets for its people's searches."""
    page.goto("/people/")
    page.locator("main").get_by_role("link", name="Vaartkade").first.click()
    page.get_by_role("navigation", name="Lists").get_by_text("Search").click()


def member(page: Page) -> None:
    """Go to the membership of a colleague."""
    page.goto("/people/")
    page.locator("main").get_by_role("link", name="Vaartkade").first.click()
    page.locator("a.person-link").last.click()


def suspend(page: Page) -> None:
    """Ask to suspend that membership."""
    member(page)
    page.get_by_role("link", name="Suspend membership").click()


def compare(page: Page) -> None:
    """Compare the two versions that are offered."""
    page.get_by_role("button", name="Compare the two").click()


def open_help(page: Page) -> None:
    """Open the overview of the keys."""
    page.keyboard.press("?")


SHOTS = (
    Shot("sign-in", "/accounts/login/", email=""),
    Shot("home"),
    Shot("home-guest", email=GUEST),
    Shot("projects", "/projects/"),
    Shot("project-new", "/projects/new"),
    Shot("new", "/new/"),
    Shot("recent", "/recent/"),
    Shot("project", "/", on=PROJECT),
    Shot("page", "/", on=ARTICLE),
    Shot("page-guest", "/", on=ARTICLE, email=GUEST),
    Shot("page-new", "/new", on=ARTICLE),
    Shot("edit", "/edit", on=ARTICLE),
    Shot("conflict", "/edit", on=ARTICLE, prepare=show_conflict),
    Shot("history", "/history", on="Charging at the quay"),
    Shot("compare", "/history", on="Charging at the quay", prepare=compare),
    Shot("move", "/move", on=ARTICLE),
    Shot("delete", "/delete", on=ARTICLE),
    Shot("files", "/files", on=ARTICLE),
    Shot("trash", "/trash/"),
    Shot("access", "/access", on=PROJECT),
    Shot("access-change", "/access", on=PROJECT, prepare=add_partner),
    Shot("access-guest", "/access", on=ARTICLE, email=GUEST),
    Shot("restriction", "/access", on=PRICES),
    Shot("restrict", "/access/restrict", on=ARTICLE),
    Shot("partners", "/partners/"),
    Shot("people", "/people/"),
    Shot("membership", "/", prepare=member),
    Shot("suspend", "/", prepare=suspend),
    Shot("profile", "/me/"),
    Shot("search", "/search/"),
    Shot("search-hits", "/search/?q=room"),
    Shot("search-none", "/search/?q=whalebone"),
    Shot("search-scope", "/search/?q=fire", prepare=within),
    Shot("search-people", "/search/?q=nadia&tab=people"),
    Shot("search-saved", "/search/saved/"),
    Shot("search-steering", "/", prepare=steer),
    Shot("missing", "/nothing-aaaaaaaa/"),
    Shot("help", prepare=open_help),
    Shot("styleguide", "/styleguide/"),
)


def sign_in(page: Page, email: str) -> None:
    """Sign in as everybody does."""
    page.goto("/accounts/login/")
    page.locator("#id_login").fill(email)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_password").press("Enter")
    page.wait_for_url(lambda url: "/accounts/login" not in url)


@cache
def find_page(page: Page, title: str) -> str:
    """Give the address of a page of the demonstration, without the last slash."""
    for step in ("/projects/", PROJECT, "Battery room"):
        page.goto(step if step.startswith("/") else _link(page, step))
        link = page.locator("#main, #tree").get_by_role("link", name=title)
        if link.count():
            return (
                str(link.first.get_attribute("href"))
                .removesuffix("/access")
                .rstrip("/")
            )
    message = f"The demonstration has no page “{title}”"
    raise SystemExit(message)


def _link(page: Page, title: str) -> str:
    link = page.locator("#main, #tree").get_by_role("link", name=title)
    return str(link.first.get_attribute("href"))


def take(
    browser: Browser, base_url: str, shots: list[Shot], *, dutch: bool = False
) -> None:
    """Take all pictures, signing each person in once."""
    for email in sorted({shot.email for shot in shots}):
        context = browser.new_context(
            base_url=base_url,
            locale="nl-NL" if dutch else "en-GB",
            reduced_motion="reduce",
        )
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        if email:
            sign_in(page, email)
        for shot in shots:
            if shot.email == email:
                _take_one(page, shot, "nl-" if dutch else "")
        context.close()


def _take_one(page: Page, shot: Shot, prefix: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto((find_page(page, shot.on) if shot.on else "") + shot.address)
    if shot.prepare:
        shot.prepare(page)
    page.wait_for_load_state("networkidle")
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            page.screenshot(
                path=OUTPUT / f"{prefix}{shot.name}-{width}-{scheme}.png",
                full_page=True,
            )
    print(shot.name, flush=True)


def main() -> int:
    """Read the command line and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", help="only names containing one of these")
    parser.add_argument("--url", default="http://localhost:8000")
    parser.add_argument("--dutch", action="store_true")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    chosen = parser.parse_args()
    words = chosen.words or [""]
    shots = [shot for shot in SHOTS if any(word in shot.name for word in words)]
    if chosen.dutch:
        shots = [shot for shot in shots if not shot.prepare]
    OUTPUT.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chosen.chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        take(browser, chosen.url, shots, dutch=chosen.dutch)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
