"""Every kind of page: no violation, no sideways scrolling, nothing on the console."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.invitations import invite
from accounts.models import User
from knowledge.files.services import add_file
from knowledge.pages.models import ArticlePage
from knowledge.pages.selectors_history import version_id
from knowledge.pages.services import Text, save_page
from knowledge.pages.services_structure import trash_page
from search.indexing import drain_all
from tests.factories import World, in_days, make_article
from tests.support.axe import sideways, violations
from tests.support.browser import Visitor

pytestmark = pytest.mark.browser

BODY = """## Measured

| Moment | Round 3 |
|---|---|
| Gas alarm | 9 s |

The room held for **41 minutes**, see [[Plan]] and [[Unwritten page]].

> [!WARNING]
> Do not copy the sensor height.

### In detail

- [x] Collar on the cable duct
- [ ] Pump moved

```
relay F21: overload
```
"""
LONG_WORD = "Aansprakelijkheidswaardevaststellingsveranderingen"

# What stands in braces is an attribute of the world: see `addresses`.
AS_ADMIN = {
    "home": "/",
    "recent": "/recent/",
    "projects": "/projects/",
    "project": "/{shared}/",
    "project-new": "/projects/new",
    "new": "/new/",
    "article": "/{report}/",
    "page-new": "/{report}/new",
    "children": "/{shared}/children",
    "edit": "/{report}/edit",
    "history": "/{report}/history",
    "compare": "/{report}/history/compare?from={first}&to={last}",
    "version": "/{report}/history/{first}",
    "restore": "/{report}/history/{first}/restore",
    "move": "/{report}/move",
    "delete": "/{report}/delete",
    "trash": "/trash/",
    "trash-project": "/trash/?project={shared}",
    "trash-restore": "/trash/{gone}/restore",
    "files": "/{report}/files",
    "access": "/{shared}/access",
    "access-overview": "/{report}/access",
    "restriction": "/{prices}/access",
    "restrict": "/{report}/access/restrict",
    "lift": "/{prices}/access/lift",
    "partners": "/partners/",
    "organisations": "/people/",
    "found-organisation": "/organisations/new",
    "people": "/organisation/{host}/people/",
    "membership": "/organisation/{host}/people/{member}/",
    "membership-end": "/organisation/{host}/people/{member}/end",
    "suspend": "/organisation/{host}/people/{member}/suspend",
    "teams": "/organisation/{host}/teams/",
    "team": "/organisation/{host}/teams/{team}/",
    "invitations": "/organisation/{meridian}/invitations/",
    "log": "/organisation/{host}/log",
    "log-empty": "/organisation/{host}/log?kind=files&until=2000-01-01",
    "organisation-status": "/organisation/{meridian}/status",
    "organisation": "/organisations/{meridian}/",
    "profile": "/me/",
    "two-step": "/accounts/2fa/",
    "password": "/accounts/password/change/",
    "search": "/search/",
    "search-hits": "/search/?q=room",
    "search-no-hits": "/search/?q=whalebone",
    "missing": "/nothing-aaaaaaaa/",
    "styleguide": "/styleguide/",
}
AS_GUEST = {
    "guest-home": "/",
    "guest-project": "/{shared}/",
    "guest-access": "/{report}/access",
    "guest-search": "/search/?q=room",
    "forbidden": "/{report}/access/restrict",
    "guest-missing": "/{prices}/",
}
AS_NOBODY = {
    "sign-in": "/accounts/login/",
    "password-forgotten": "/accounts/password/reset/",
    "invitation": "/invitation/{token}/",
    "invitation-closed": "/invitation/nothing/",
}


@pytest.fixture(scope="module")
def world(live_site) -> World:
    return World()


@pytest.fixture(scope="module")
def addresses(world: World) -> dict[str, str]:
    """Something of everything: what stands in the braces above."""
    by = world.admin
    report = make_article(world.plan, by, "The room", body=BODY)
    for more in ("More.", f"More of {LONG_WORD}."):
        publish_again(report, f"{BODY}\n{more}\n", by)
    gone = make_article(world.plan, by, "Thrown away")
    trash_page(page=gone, by=by)
    for upload in (picture(), SimpleUploadedFile("plan.txt", b"The plan")):
        add_file(page=report, upload=upload, by=by)
    _, token = invite(
        email="new@meridian.example",
        organisation=world.meridian,
        by=by,
        membership_ends_on=in_days(90),
    )
    drain_all()
    versions = [version_id(one.pk) for one in report.revisions.order_by("pk")]
    pages = {"report": report, "gone": gone}
    pages |= {name: getattr(world, name) for name in ("shared", "prices")}
    others = ("host", "meridian", "member", "team")
    return (
        {name: page.slug for name, page in pages.items()}
        | {name: getattr(world, name).public_id for name in others}
        | {"first": versions[0], "last": versions[-1], "token": token}
    )


def publish_again(page: ArticlePage, body: str, by: User) -> None:
    page.refresh_from_db()
    save_page(
        page=page,
        text=Text(page.title, body),
        base_revision_id=page.latest_revision_id,
        by=by,
        publish=True,
        note="More",
    )


def picture() -> SimpleUploadedFile:
    data = BytesIO()
    Image.new("RGB", (640, 400), "teal").save(data, "PNG")
    return SimpleUploadedFile("room.png", data.getvalue())


@pytest.fixture(scope="module")
def admin(visit: Callable[..., Visitor], world: World) -> Visitor:
    return visit(world.admin)


@pytest.fixture(scope="module")
def guest(visit: Callable[..., Visitor], world: World) -> Visitor:
    return visit(world.guest)


@pytest.fixture(scope="module")
def nobody(visit: Callable[..., Visitor]) -> Visitor:
    return visit()


def check(visitor: Visitor) -> None:
    """Look at what is shown, narrow and wide, light and dark; colours only in dark."""
    page = visitor.page
    page.wait_for_load_state("networkidle")
    found = []
    for width, height in ((1440, 900), (360, 780)):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="light")
        found += [f"{width} light: {line}" for line in violations(page)]
        found += [f"{width}: {line}" for line in sideways(page)]
        page.emulate_media(color_scheme="dark")
        dark = violations(page, "color-contrast", "link-in-text-block")
        found += [f"{width} dark: {line}" for line in dark]
    errors, visitor.errors[:] = list(visitor.errors), []
    assert [*found, *errors] == []


@pytest.mark.parametrize("name", AS_ADMIN)
def test_pages_of_the_admin(name, admin: Visitor, addresses: dict[str, str]) -> None:
    status = admin.open(AS_ADMIN[name].format(**addresses))
    assert status == (404 if name == "missing" else 200)
    check(admin)


@pytest.mark.parametrize("name", AS_GUEST)
def test_pages_of_a_guest(name, guest: Visitor, addresses: dict[str, str]) -> None:
    status = guest.open(AS_GUEST[name].format(**addresses))
    assert status == {"forbidden": 403, "guest-missing": 404}.get(name, 200)
    check(guest)


@pytest.mark.parametrize("name", AS_NOBODY)
def test_pages_before_signing_in(
    name, nobody: Visitor, addresses: dict[str, str]
) -> None:
    status = nobody.open(AS_NOBODY[name].format(**addresses))
    assert status == (410 if name == "invitation-closed" else 200)
    check(nobody)


def test_the_conflict_screen(admin: Visitor, addresses, world: World) -> None:
    page = make_article(world.plan, world.admin, "Written twice", body="One.")
    admin.open(f"/{page.slug}/edit")
    publish_again(page, "Two.", world.admin)
    admin.page.get_by_role("button", name="Markdown", exact=True).click()
    admin.page.get_by_role("textbox", name="Text", exact=True).fill("Three.")
    admin.page.get_by_role("button", name="Publish").first.click()
    admin.page.locator(".versus").wait_for()
    check(admin)


def test_a_refused_form(admin: Visitor, addresses: dict[str, str]) -> None:
    admin.open("/projects/new")
    admin.page.get_by_role("button", name="Create project").click()
    admin.page.locator("[aria-invalid=true]").first.wait_for()
    check(admin)


def test_a_change_that_waits_for_save(admin: Visitor, addresses) -> None:
    admin.open("/{shared}/access".format(**addresses))
    admin.page.locator(".add-form").get_by_label("Who").fill("Noord")
    admin.page.get_by_role("button", name="Add to the list").click()
    admin.page.locator("#difference").get_by_text("Noord").first.wait_for()
    check(admin)


@pytest.mark.parametrize("width", [360, 1440])
def test_open_menus(width: int, admin: Visitor, addresses: dict[str, str]) -> None:
    admin.page.set_viewport_size({"width": width, "height": 800})
    admin.open("/{report}/".format(**addresses))
    admin.page.locator(".me").click()
    assert violations(admin.page) == []
    admin.page.keyboard.press("Escape")
    if width == 360:
        admin.page.locator(".pocket button").first.click()
    else:
        admin.page.keyboard.press("?")
    assert violations(admin.page) == []
