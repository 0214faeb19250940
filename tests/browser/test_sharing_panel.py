"""The sharing panel with changes that wait for Save."""

import pytest
from playwright.sync_api import Page, expect

from tests.factories import World
from tests.support.browser import Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
def panel(admin: Visitor, world: World, asked) -> Page:
    admin.open(f"/{world.shared.slug}/access")
    admin.page.wait_for_load_state("load")
    return admin.page


def withdraw(page: Page) -> None:
    page.get_by_label("End what Meridian has").check()
    expect(page.locator("#difference")).to_contain_text("no longer see this")


def put_noord_on_the_list(page: Page) -> None:
    page.locator(".add-form").get_by_label("Who").fill("Noord")
    page.get_by_role("button", name="Add to the list").click()
    expect(page.locator("#difference")).to_contain_text("Noord")
    page.get_by_role("heading", level=1).click()
    page.wait_for_load_state("load")


@pytest.mark.parametrize("change", [withdraw, put_noord_on_the_list])
def test_leaving_with_changes_asks(admin, panel: Page, asked, change) -> None:
    change(panel)
    admin.open("/projects/")
    assert asked == ["beforeunload"]


def test_leaving_without_changes_asks_nothing(admin, panel: Page, asked) -> None:
    panel.get_by_role("heading", level=1).click()
    admin.open("/projects/")
    assert asked == []


def test_saving_and_discarding_ask_nothing(panel: Page, asked) -> None:
    withdraw(panel)
    panel.get_by_role("link", name="Discard").click()
    expect(panel.locator("#difference")).to_contain_text("Nothing has been changed")
    put_noord_on_the_list(panel)
    panel.get_by_role("button", name="Save 1 change").click()
    expect(panel.locator(".messages")).to_contain_text("Saved 1 change")
    assert asked == []


def covered(page: Page) -> list[str]:
    """Which controls of the panel lie under something else, scrolled to each."""
    return page.evaluate("""() => {
      const wrong = [];
      const controls = "#main :is(input:not([type=hidden]), select, button)";
      for (const control of document.querySelectorAll(controls)) {
        control.scrollIntoView({ block: "center", behavior: "instant" });
        const box = control.getBoundingClientRect();
        const top = document.elementFromPoint(
          box.left + box.width / 2, box.top + box.height / 2);
        if (!top || !(top === control || control.contains(top)))
          wrong.push(control.name || control.textContent.trim());
      }
      return wrong;
    }""")


@pytest.mark.parametrize("width", [360, 1000, 1440])
def test_no_part_of_the_panel_covers_another(panel: Page, width: int) -> None:
    withdraw(panel)
    panel.set_viewport_size({"width": width, "height": 500})
    wrong = covered(panel)
    panel.evaluate("() => scrollTo(0, document.body.scrollHeight)")
    difference = panel.locator("#difference").bounding_box()
    check = panel.locator("#check").bounding_box()
    panel.set_viewport_size({"width": 1280, "height": 720})
    assert wrong == []
    assert difference["y"] + difference["height"] <= check["y"]
