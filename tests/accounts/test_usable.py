"""The people pages in a browser: narrow and wide, light and dark, without script."""

from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page

from accounts.invitations import invite
from accounts.services import add_to_team, create_team
from tests.factories import PASSWORD, in_days

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def faults(page: Page) -> list[str]:
    """What axe finds, and whether the page scrolls sideways."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    names = [f"{fault['id']}: {fault['nodes'][0]['html'][:90]}" for fault in found]
    too_wide = "document.documentElement.scrollWidth > innerWidth"
    return names + (["scrolls sideways"] if page.evaluate(too_wide) else [])


@pytest.fixture
def addresses(host, meridian, noord, admin, manager, member, guest) -> dict[str, list]:
    """Every page of this part, for strangers and for an admin of the host."""
    team = create_team(organisation=host, name="Quay", by=admin)
    add_to_team(team=team, user=member, by=admin)
    terms = {"organisation": meridian, "by": admin, "membership_ends_on": in_days(9)}
    _invitation, token = invite(email="newcomer@example.com", **terms)
    own, partner = (f"/organisation/{o.public_id}" for o in (host, meridian))
    member_page = f"{own}/people/{member.public_id}/"
    return {
        "stranger": [
            "/accounts/login/",
            "/accounts/password/reset/",
            "/accounts/password/reset/done/",
            f"/invitation/{token}/",
            "/invitation/unknown/",
        ],
        "admin": [
            "/me/",
            "/people/",
            "/organisations/new",
            f"{own}/people/",
            f"{own}/teams/",
            f"{own}/teams/{team.public_id}/",
            f"{partner}/invitations/",
            f"{partner}/status",
            member_page,
            f"{member_page}end",
            f"{member_page}suspend",
            "/accounts/password/change/",
            "/accounts/2fa/",
            "/accounts/2fa/totp/activate/",
        ],
    }


def sign_in(page: Page, email: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_usable(width, scheme, addresses, admin, browser, live_server):
    context = browser.new_context(
        base_url=live_server.url,
        color_scheme=scheme,
        viewport={"width": width, "height": 900},
        locale="en-GB",
        bypass_csp=True,  # only for axe itself
    )
    page, found = context.new_page(), {}
    for address in addresses["stranger"]:
        page.goto(address)
        found[address] = faults(page)
    sign_in(page, admin.email)
    for address in addresses["admin"]:
        page.goto(address)
        if "/reauthenticate/" in page.url:
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Go on").click()
        found[address] = faults(page)
    context.close()
    assert {address: names for address, names in found.items() if names} == {}


def test_everything_works_without_script(
    browser: Browser, live_server, addresses, member, admin, host
):
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, locale="en-GB"
    )
    page = context.new_page()
    sign_in(page, admin.email)
    page.goto(f"/organisation/{host.public_id}/people/")
    page.get_by_role("link", name=member.name).click()
    page.get_by_role("link", name="End the membership").click()
    page.get_by_role("button", name="End the membership").click()
    assert not member.memberships.exists()
    page.get_by_role("button", name="Undo").click()
    assert member.memberships.exists()
    context.close()
