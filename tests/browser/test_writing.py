"""Writing in the editor: nothing is lost, nobody is caught, files keep apart."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from knowledge.files.selectors import files_of
from tests.factories import World, make_article
from tests.support.axe import violations
from tests.support.browser import Visitor

pytestmark = pytest.mark.browser

TEXT = "The plan.\n\n- First\n- Second\n"


def rich_text(page: Page) -> Locator:
    return page.locator(".editor-rich .ProseMirror")


def open_rich(visitor: Visitor, address: str) -> Page:
    """Open an editor in the page view, whatever the browser remembers."""
    visitor.open(address)
    visitor.page.get_by_role("button", name="Page", exact=True).click()
    rich_text(visitor.page).wait_for()
    return visitor.page


def begin(visitor: Visitor, world: World, body: str = TEXT) -> Page:
    """Open the editor of a new page in the page view, with this text."""
    page = visitor.page
    visitor.open(f"/{world.open.slug}/new")
    page.get_by_role("button", name="Markdown", exact=True).click()
    page.get_by_role("textbox", name="Text", exact=True).fill(body)
    page.get_by_role("button", name="Page", exact=True).click()
    rich_text(page).wait_for()
    return page


def put_caret(page: Page, words: str) -> None:
    """Click into some words; the editor learns of the caret a moment after the browser."""
    rich_text(page).get_by_text(words).first.click()
    page.wait_for_timeout(200)


def focus_is_in_the_text(page: Page) -> bool:
    return bool(page.evaluate("() => !!document.activeElement.closest('.ProseMirror')"))


def test_the_last_word_before_leaving_counts_as_unsaved(admin, world, asked) -> None:
    open_rich(admin, f"/{world.plan.slug}/edit")
    rich_text(admin.page).click()
    admin.page.keyboard.type("x")
    admin.open("/projects/")
    assert asked == ["beforeunload"]


def test_leaving_an_untouched_text_asks_nothing(admin, world, asked) -> None:
    open_rich(admin, f"/{world.plan.slug}/edit")
    rich_text(admin.page).click()
    admin.open("/projects/")
    assert asked == []


def test_hiding_the_window_brings_the_last_word_into_the_form(admin, world) -> None:
    page = begin(admin, world)
    rich_text(page).locator("p").first.click()
    page.keyboard.press("End")
    # One task of the browser: the editor has no time to do it by itself.
    text = page.evaluate("""() => {
      document.execCommand("insertText", false, " More.");
      return Promise.resolve().then(() => {
        document.dispatchEvent(new Event("visibilitychange"));
        return document.querySelector("textarea[name=body]").value;
      });
    }""")
    assert text.startswith("The plan. More.")


def test_a_text_that_came_back_unsaved_is_not_left_unasked(admin, world, asked) -> None:
    admin.open(f"/{world.open.slug}/new")
    admin.page.get_by_role("button", name="Publish").first.click()
    # Browsers ask only when somebody did something on the page.
    admin.page.locator("[aria-invalid=true]").first.click()
    admin.page.locator(".editor-bar").wait_for()
    admin.open("/projects/")
    assert asked == ["beforeunload"]


@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
def test_tab_leaves_plain_text(admin, world, key: str) -> None:
    page = begin(admin, world)
    rich_text(page).locator("p").first.click()
    page.keyboard.press(key)
    assert not focus_is_in_the_text(page)
    expect(rich_text(page).locator("p").first).to_have_text("The plan.")


def test_tab_indents_in_a_list(admin, world) -> None:
    page = begin(admin, world)
    put_caret(page, "Second")
    page.keyboard.press("Tab")
    expect(rich_text(page).locator("li li")).to_have_text("Second")
    assert focus_is_in_the_text(page)


def test_tab_stays_in_a_list_that_goes_no_deeper(admin, world) -> None:
    page = begin(admin, world)
    put_caret(page, "First")
    page.keyboard.press("Tab")
    assert focus_is_in_the_text(page)
    assert page.locator("textarea[name=body]").input_value() == TEXT


@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (TEXT, "Second"),
        ("```\ncode\n```\n\nAfter.\n", "code"),
        ("| One | Two |\n|---|---|\n| 1 | 2 |\n\nAfter.\n", "One"),
    ],
    ids=["list", "code", "table"],
)
def test_tab_after_escape_leaves_from_everywhere(
    admin, world, body: str, words: str, key: str
) -> None:
    page = begin(admin, world, body)
    put_caret(page, words)
    page.keyboard.press("Escape")
    page.keyboard.press(key)
    assert not focus_is_in_the_text(page)
    assert page.locator("textarea[name=body]").input_value() == body


def test_the_text_says_how_to_leave_it(admin, world) -> None:
    page = begin(admin, world)
    expect(rich_text(page)).to_have_accessible_description(
        "Type / for blocks. Tab indents in lists; Escape, then Tab leaves the text."
    )


def file_of(name: str, content: bytes = b"Words.") -> dict[str, object]:
    return {"name": name, "mimeType": "text/plain", "buffer": content}


def add_files(page: Page, *files: dict[str, object]) -> None:
    page.locator(".editor-bar input[type=file]").set_input_files(list(files))


@pytest.mark.parametrize("view", ["Page", "Markdown"])
def test_each_added_file_has_a_row_and_a_line_of_its_own(
    admin, world, view: str
) -> None:
    page = admin.page
    admin.open(f"/{world.plan.slug}/edit")
    page.get_by_role("button", name=view, exact=True).click()
    text = rich_text(page) if view == "Page" else page.locator("textarea[name=body]")
    text.click()
    add_files(page, file_of("one.txt"), file_of("no.txt", b""), file_of("two.txt"))
    rows = page.locator(".upload")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("one.txt")
    expect(rows.nth(0)).to_contain_text("Added")
    expect(rows.nth(1)).to_contain_text("no.txt")
    expect(rows.nth(1)).to_contain_text("Not uploaded:")
    expect(rows.nth(2)).to_contain_text("Added")
    page.get_by_role("button", name="Markdown", exact=True).click()
    source = page.locator("textarea[name=body]")
    expect(source).to_have_value(re.compile(r"one\.txt\)\n\n\[two\.txt\]"))
    # The browser notes the refused file on its console, as it should.
    refused, admin.errors[:] = list(admin.errors), []
    assert ["400" in error for error in refused] == [True]


@pytest.mark.parametrize("view", ["Page", "Markdown"])
def test_several_files_split_no_word(admin, world, view: str) -> None:
    page = admin.page
    made = make_article(world.open, world.admin, "Whole", body="Whole words.\n\nEnd.\n")
    admin.open(f"/{made.slug}/edit")
    page.get_by_role("button", name=view, exact=True).click()
    text = rich_text(page) if view == "Page" else page.locator("textarea[name=body]")
    text.click()
    page.keyboard.press("Control+Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    add_files(page, file_of("one.txt"), file_of("two.txt"))
    expect(page.locator(".upload.is-added")).to_have_count(2)
    page.get_by_role("button", name="Markdown", exact=True).click()
    expect(page.locator("textarea[name=body]")).to_have_value(
        re.compile(r"^Whole words\.\n\n\[one\.txt\]\S+\n\n\[two\.txt\]\S+\n\nEnd\.\n$")
    )


@pytest.mark.parametrize("view", ["Page", "Markdown"])
def test_removing_a_file_takes_it_out_of_text_and_page(admin, world, view: str) -> None:
    page = admin.page
    made = make_article(world.open, world.admin, "With files", body="Words.\n")
    admin.open(f"/{made.slug}/edit")
    page.get_by_role("button", name=view, exact=True).click()
    text = rich_text(page) if view == "Page" else page.locator("textarea[name=body]")
    text.click()
    add_files(page, file_of("one.txt"))
    row = page.locator(".upload").filter(has_text="Added")
    row.get_by_role("button", name="Remove one.txt").click()
    expect(page.locator(".upload")).to_have_count(0)
    page.get_by_role("button", name="Markdown", exact=True).click()
    source = page.locator("textarea[name=body]").input_value()
    assert "one.txt" not in source
    assert "Words." in source
    assert not list(files_of(world.admin, made))


def test_only_one_preview_is_offered(admin, world, visit) -> None:
    page = begin(admin, world)
    assert page.get_by_role("button", name="Preview").count() == 1
    plain = visit(world.admin, java_script_enabled=False)
    plain.open(f"/{world.plan.slug}/edit")
    assert plain.page.get_by_role("button", name="Preview").count() == 1


def test_a_new_page_begins_in_its_title(admin, world) -> None:
    admin.open(f"/{world.plan.slug}/")
    admin.page.get_by_role("link", name="New page here").click()
    expect(admin.page.get_by_label("Title")).to_be_focused()


@pytest.mark.parametrize("width", [360, 1440])
def test_publish_stays_in_view_and_hides_no_field(admin, world, width: int) -> None:
    page = begin(admin, world, "Line.\n\n" * 80)
    page.set_viewport_size({"width": width, "height": 700})
    page.locator("[name=note]").focus()
    page.evaluate("() => scrollTo(0, document.body.scrollHeight)")
    expect(page.locator("[data-save-key]")).to_be_in_viewport(ratio=1)
    page.get_by_label("Title").focus()
    bar = page.locator(".edit-bar").bounding_box()
    title = page.get_by_label("Title").bounding_box()
    page.set_viewport_size({"width": 1280, "height": 720})
    assert bar["y"] + bar["height"] <= title["y"]
    assert bar["height"] <= 60, "more than one row"


def begin_a_link(visitor: Visitor, world: World, words: str) -> Page:
    open_rich(visitor, f"/{world.plan.slug}/edit")
    rich_text(visitor.page).locator("p").first.click()
    visitor.page.keyboard.press("End")
    visitor.page.keyboard.type(f" [[{words}")
    return visitor.page


def source_of(page: Page) -> str:
    page.get_by_role("button", name="Markdown", exact=True).click()
    return page.locator("textarea[name=body]").input_value()


def test_a_link_is_completed_with_the_keyboard(admin, world) -> None:
    make_article(world.shared, world.admin, "Detour")
    page = begin_a_link(admin, world, "det")
    options = page.get_by_role("listbox", name="Pages that fit").get_by_role("option")
    expect(options).to_have_text(["Detail", "Detour"])
    box = page.get_by_role("combobox", name="Text", exact=True)
    first, last = (options.nth(n).get_attribute("id") for n in (0, 1))
    expect(box).to_have_attribute("aria-activedescendant", first)
    assert violations(page) == []
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", last)
    page.keyboard.press("Enter")
    expect(options).to_have_count(0)
    expect(page.get_by_role("textbox", name="Text", exact=True)).to_be_focused()
    assert source_of(page) == "The plan. [[Detour]]\n"


def test_escape_closes_the_list_and_keeps_the_words(admin, world) -> None:
    page = begin_a_link(admin, world, "detai")
    page.get_by_role("option", name="Detail").wait_for()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(rich_text(page).locator("p").first).to_have_text("The plan. [[detai")
    assert focus_is_in_the_text(page)


def test_the_list_names_no_page_that_is_hidden(visit, world) -> None:
    make_article(world.shared, world.admin, "Pricing for all")
    page = begin_a_link(visit(world.guest), world, "pric")
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options).to_have_text(["Pricing for all"])
