"""The page for synonyms and promoted results, and what they show, in a browser."""

import pytest

from search import indexing
from search.services_steering import add_promotion, add_synonym
from tests.factories import PASSWORD, World
from tests.support.axe import sideways, violations
from tests.support.browser import Visitor

SCREENS = [(360, "light"), (360, "dark"), (1440, "light"), (1440, "dark")]
LONG = "Aansprakelijkheidswaardevaststellingsveranderingen"

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def steering(browser, live_server):
    """A tab of the manager of Vaartkade, and the address of the page."""
    world = World()
    indexing.drain_all()
    visitor = Visitor(browser, live_server.url)
    visitor.sign_in(world.manager.email, PASSWORD)
    visitor.world = world
    visitor.there = f"/organisations/{world.host.public_id}/search/"
    yield visitor
    visitor.context.close()
    assert visitor.errors == []


def test_every_state_is_accessible_and_fits(steering, tmp_path):
    world, page, there = steering.world, steering.page, steering.there
    own = {"organisation": world.host, "by": world.admin}

    def look(name, address):
        for width, theme in SCREENS:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=theme)
            page.goto(address)
            file = tmp_path / f"{name}-{width}-{theme}.png"
            page.screenshot(path=file, full_page=True)
            assert violations(page) == [], (width, theme, address)
            assert sideways(page) == [], (width, theme, address)

    look("empty", there)
    synonym = add_synonym(words=["plan", "scheme", "power pack", LONG], **own)
    promotion = add_promotion(
        words=["plan", LONG[:50]], page=world.detail, note=f"Read {LONG} first.", **own
    )
    add_promotion(words=["plan"], page=world.shared, note="All about it.", **own)
    look("filled", there)
    look("synonym", f"{there}synonyms/{synonym.public_id}/")
    look("promotion", f"{there}promoted/{promotion.public_id}/")
    look("delete", f"{there}promoted/{promotion.public_id}/delete")
    look("results", "/search/?q=plan")


def test_all_is_done_by_keyboard_and_without_javascript(steering, browser, live_server):
    state = steering.context.storage_state()
    context = browser.new_context(
        base_url=live_server.url, storage_state=state, java_script_enabled=False
    )
    page = context.new_page()
    page.goto(f"/organisation/{steering.world.host.public_id}/people/")
    page.get_by_role("navigation", name="Lists").get_by_text("Search").press("Enter")
    page.get_by_label("Words that mean the same").fill("plan, scheme")
    page.get_by_label("Words that mean the same").press("Enter")
    page.get_by_role("link", name="plan, scheme", exact=True).wait_for()
    page.get_by_label("Words in the question").fill("plan")
    page.get_by_label("Page", exact=True).fill("Nowhere")
    page.get_by_role("button", name="Promote the page").press("Enter")
    page.get_by_text("You see no published page").wait_for()
    assert page.get_by_label("Words in the question").input_value() == "plan"
    page.get_by_label("Page", exact=True).fill("Detail")
    page.get_by_label("Page", exact=True).press("Enter")
    page.goto("/search/?q=plan")
    assert page.locator(".hit-promoted h3").inner_text() == "Detail"
    assert "scheme" in page.locator(".also").inner_text()
    page.goto(steering.there)
    page.get_by_role("link", name="Delete · plan → Detail").press("Enter")
    page.get_by_role("button", name="Delete").press("Enter")
    page.get_by_text("None yet. A promoted page").wait_for()
    context.close()
