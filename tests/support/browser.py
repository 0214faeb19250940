"""A real Chromium for tests marked `browser`."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.support.services import report_missing

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium() -> Path | None:
    """Return the first Chromium in PATH; CHROMIUM names another one."""
    names = (os.environ.get("CHROMIUM", ""), *NAMES)
    found = (shutil.which(name) for name in names if name)
    return next((Path(path) for path in found if path), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium per process of the run."""
    executable = find_chromium()
    if executable is None:
        report_missing("Chromium", f"none of {', '.join(NAMES)} in PATH")
    # Playwright keeps an event loop in this thread, which Django takes for async
    # code. Its calls block all the same, so the test may use the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=executable, args=list(FLAGS)
        )
        yield chromium
        chromium.close()


class Visitor:
    """Somebody with a browser of their own; what goes wrong there is in `errors`."""

    def __init__(self, browser: Browser, base_url: str, **options: object) -> None:
        self.context = browser.new_context(
            base_url=base_url, locale="en-GB", reduced_motion="reduce", **options
        )
        self.context.set_default_timeout(15_000)
        self.base_url = base_url
        self.errors: list[str] = []
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._note)
        self.page.on("dialog", lambda dialog: dialog.accept())

    def _note(self, message: ConsoleMessage) -> None:
        """Keep errors. A page that answers 404 or 409 is none: tests ask for those."""
        is_document = message.location.get("url") == self.page.url
        refused = message.text.startswith("Failed to load resource") and is_document
        if message.type == "error" and not refused:
            self.errors.append(message.text)

    def open(self, address: str) -> int:
        """Go to an address; return the status of the answer."""
        response = self.page.goto(urljoin(self.base_url, address))
        assert response is not None
        return response.status

    def sign_in(self, email: str, password: str) -> None:
        """Sign in through the form."""
        self.open("/accounts/login/")
        self.page.locator("#id_login").fill(email)
        self.page.locator("#id_password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(lambda url: "/accounts/login" not in url)

    @property
    def address(self) -> str:
        """The path of the page that is shown."""
        return self.page.url.removeprefix(self.base_url)
