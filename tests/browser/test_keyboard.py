"""Everything can be reached without a mouse."""

import pytest
from playwright.sync_api import Page, expect

from tests.factories import World
from tests.support.browser import Visitor

pytestmark = pytest.mark.browser

MANY_STOPS = 150


@pytest.fixture(scope="module")
def world(live_site) -> World:
    return World()


@pytest.fixture(scope="module")
def admin(visit, world) -> Visitor:
    return visit(world.admin)


@pytest.fixture
def page(admin, world) -> Page:
    """A page of a project, freshly loaded, with its shortcuts listening."""
    admin.open(f"/{world.plan.slug}/")
    admin.page.wait_for_load_state("load")
    return admin.page


def tab_to(page: Page, name: str) -> None:
    """Press the tab key until the control with this text has the focus."""
    stops = []
    for _ in range(MANY_STOPS):
        page.keyboard.press("Tab")
        stops += page.locator(":is(a, button):focus").all_text_contents()
        if stops and name in stops[-1]:
            return
    pytest.fail(f"the tab key never reaches “{name}”, only {stops}")


def test_slash_goes_to_the_search_box(page: Page) -> None:
    page.keyboard.press("/")
    expect(page.locator("#top-search")).to_be_focused()
    page.keyboard.type("plan e")
    expect(page.locator("#top-search")).to_have_value("plan e")


def test_e_edits_the_page(page: Page, world: World) -> None:
    page.keyboard.press("e")
    page.wait_for_url(f"**/{world.plan.slug}/edit")


def test_h_shows_the_history(page: Page, world: World) -> None:
    page.keyboard.press("h")
    page.wait_for_url(f"**/{world.plan.slug}/history")


def test_question_mark_opens_the_overview_and_escape_closes_it(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).not_to_be_visible()


def test_single_keys_can_be_switched_off(page: Page) -> None:
    page.keyboard.press("?")
    page.locator("[data-shortcuts-switch]").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#top-search")).not_to_be_focused()
    page.evaluate("localStorage.clear()")


def test_the_first_stop_skips_to_the_text(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_a_page_is_published_with_the_keyboard(page: Page, world: World) -> None:
    page.goto(f"/{world.plan.slug}/edit")
    page.locator(".editor-rich .ProseMirror").wait_for()
    tab_to(page, "Publish")
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("Published")


def test_the_tab_key_reaches_save_in_the_sharing_panel(page: Page, world) -> None:
    page.goto(f"/{world.shared.slug}/access")
    page.get_by_label("End what Meridian has").focus()
    page.keyboard.press("Space")
    expect(page.locator("#difference")).to_contain_text("no longer see this")
    tab_to(page, "Save 1 change")
    page.keyboard.press("Enter")
    expect(page.locator(".messages")).to_contain_text("Saved 1 change")
