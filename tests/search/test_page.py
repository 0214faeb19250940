"""The search page in a browser: small and large, light and dark, keyboard and axe."""

import pytest

from search import indexing
from search.models import SavedSearch
from search.saving import stop_token
from tests.factories import PASSWORD, World, make_article
from tests.search.asking import WORD
from tests.support.axe import sideways, violations
from tests.support.browser import Visitor

SCREENS = [(360, "light"), (360, "dark"), (1440, "light"), (1440, "dark")]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def searching(browser, live_server):
    """A tab of Meridian's guest, with twelve pages to find."""
    world = World()
    for number in range(12):
        body = f"## Soundings\n\nThe {WORD} lies {number} metres deep. " * 3
        language = ("en", "nl", "de")[number % 3]
        make_article(
            world.plan, world.admin, f"Sounding {number}", body=body, language=language
        )
    indexing.drain_all()
    visitor = Visitor(browser, live_server.url)
    visitor.sign_in(world.guest.email, PASSWORD)
    yield visitor.page
    visitor.context.close()
    assert visitor.errors == []


def test_every_state_is_accessible_and_fits(searching, tmp_path):
    searched = [f"?q={WORD}", f"?q={WORD}&language=nl&page=1", "?q=nothing*", ""]
    for width, theme in SCREENS:
        searching.set_viewport_size({"width": width, "height": 900})
        searching.emulate_media(color_scheme=theme)
        for number, address in enumerate(searched):
            searching.goto(f"/search/{address}")
            searching.screenshot(path=tmp_path / f"{width}-{theme}-{number}.png")
            assert violations(searching) == [], (width, theme, address)
            assert sideways(searching) == [], (width, theme, address)


def test_narrowing_down_keeps_the_address_and_the_frame(searching):
    searching.set_viewport_size({"width": 1440, "height": 900})
    searching.goto(f"/search/?q={WORD}")
    searching.get_by_label("Dutch").check()
    searching.wait_for_url("**language=nl**")
    searching.wait_for_selector(".chip")
    assert searching.locator(".hit").count() == 4
    assert searching.get_by_label("Dutch").is_checked()
    searching.locator(".chip").click()
    searching.wait_for_selector(".paging")
    assert searching.locator(".hit").count() == 10


def test_slash_and_typing_suggest_pages(searching):
    searching.set_viewport_size({"width": 1440, "height": 900})
    searching.goto("/projects/")
    searching.keyboard.press("/")
    searching.keyboard.type("sounding 1")
    link = searching.locator(".suggestions a", has_text="Sounding 1").first
    link.wait_for()
    searching.keyboard.press("Enter")
    searching.wait_for_url("**/search/?q=sounding**")
    assert searching.locator(".hit").count() > 0


def test_all_works_without_javascript(searching, browser, live_server):
    state = searching.context.storage_state()
    context = browser.new_context(
        base_url=live_server.url, storage_state=state, java_script_enabled=False
    )
    page = context.new_page()
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto("/search/")
    page.fill("#q", WORD)
    page.press("#q", "Enter")
    assert page.locator(".hit").count() == 10
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Dutch").check()
    page.get_by_role("button", name="Narrow down").click()
    page.wait_for_url("**language=nl**")
    assert page.locator(".hit").count() == 4
    context.close()


def test_what_a_person_keeps_is_accessible_and_fits(searching, tmp_path):
    searching.goto(f"/search/?q={WORD}")
    for name in ("Soundings", "A long name of a search " * 4):
        searching.goto(f"/search/saved/new?q={WORD}&language=nl")
        searching.fill("#id_name", name.strip())
        searching.select_option("#id_alert", "weekly")
        searching.get_by_role("button", name="Save", exact=True).click()
        searching.wait_for_url("**/search/saved/")
    changed = searching.get_by_role("link", name="Edit").first.get_attribute("href")
    token = SavedSearch.objects.first()
    pages = (
        "/search/",
        "/search/saved/",
        f"/search/saved/new?q={WORD}",
        changed,
        f"{changed}delete",
        f"/search/alerts/off/{stop_token(token)}/",
    )
    for width, theme in SCREENS:
        searching.set_viewport_size({"width": width, "height": 900})
        searching.emulate_media(color_scheme=theme)
        for number, address in enumerate(pages):
            searching.goto(address)
            picture = tmp_path / f"kept-{width}-{theme}-{number}.png"
            searching.screenshot(path=picture)
            assert violations(searching) == [], (width, theme, address)
            assert sideways(searching) == [], (width, theme, address)


def test_a_search_is_saved_and_deleted_with_the_keyboard_and_without_javascript(
    searching, browser, live_server
):
    state = searching.context.storage_state()
    context = browser.new_context(
        base_url=live_server.url, storage_state=state, java_script_enabled=False
    )
    page = context.new_page()
    page.goto(f"/search/?q={WORD}")
    page.get_by_role("link", name="Save this search").press("Enter")
    page.wait_for_url("**/search/saved/new**")
    page.locator("#id_name").fill("Depths")
    page.locator("#id_name").press("Enter")
    page.wait_for_url("**/search/saved/")
    page.get_by_role("link", name="Delete").press("Enter")
    page.wait_for_url("**/delete")
    page.get_by_role("button", name="Delete the search").press("Enter")
    page.wait_for_url("**/search/saved/")
    assert page.get_by_role("link", name="Depths").count() == 0
    page.goto("/search/")
    page.get_by_role("button", name="Forget all").press("Enter")
    page.wait_for_url("**/search/")
    assert page.get_by_role("button", name="Forget all").count() == 0
    context.close()
