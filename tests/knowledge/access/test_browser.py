"""The sharing screens in a real browser: usable, accessible, with the live preview."""

import os
from pathlib import Path

import pytest

from tests.factories import PASSWORD, World, sees
from tests.support.browser import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

AXE = Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = os.environ.get("SCREENSHOTS", "")
SCREENS = [(1440, "light"), (360, "light"), (1440, "dark"), (360, "dark")]


def violations(page) -> list[str]:
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run().then(r => r.violations)")
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found]


def look(visitor: Visitor, name: str) -> None:
    """Check the screen at both widths in both themes."""
    for width, theme in SCREENS:
        visitor.page.set_viewport_size({"width": width, "height": 900})
        visitor.page.emulate_media(color_scheme=theme)
        assert violations(visitor.page) == [], (name, width, theme)
        overflow = "document.documentElement.scrollWidth > innerWidth"
        assert not visitor.page.evaluate(overflow), (name, width)
        if SHOTS:
            path = Path(SHOTS) / f"{name}-{width}-{theme}.png"
            visitor.page.screenshot(path=path, full_page=True)


def test_share_a_project_with_a_partner(browser, live_server):
    world = World()
    visitor = Visitor(browser, live_server.url)
    visitor.sign_in(world.admin.email, PASSWORD)
    page = visitor.page
    assert visitor.open(f"/{world.shared.slug}/access") == 200
    page.get_by_label("Level of Meridian").select_option("Comment")
    page.get_by_text("only can view and comment").wait_for()  # without a page load
    page.get_by_label("Who", exact=True).fill("Noord")
    page.get_by_role("button", name="Add to the list").click()
    page.get_by_role("button", name="Save 2 changes").wait_for()
    look(visitor, "panel")
    assert "Shared" not in sees(world.other_guest)
    page.get_by_role("button", name="Save 2 changes").click()
    page.get_by_text("Saved 2 changes.").wait_for()
    assert "Shared" in sees(world.other_guest)
    assert visitor.errors == []


def test_the_other_screens(browser, live_server):
    world = World()
    visitor = Visitor(browser, live_server.url)
    visitor.sign_in(world.admin.email, PASSWORD)
    for name, where in (
        ("overview", f"/{world.plan.slug}/access"),
        ("restrict", f"/{world.plan.slug}/access/restrict"),
        ("restricted", f"/{world.prices.slug}/access"),
        ("lift", f"/{world.prices.slug}/access/lift"),
        ("check", f"/{world.shared.slug}/access?person={world.guest.email}"),
        ("partners", "/partners/"),
    ):
        assert visitor.open(where) == 200
        look(visitor, name)
    assert visitor.errors == []
