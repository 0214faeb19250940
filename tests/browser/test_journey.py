"""The main job, from the first page to the withdrawn grant, on both search engines."""

from collections.abc import Iterator

import pytest
from django.test import override_settings
from playwright.sync_api import Page, expect

from tests.factories import World, in_days
from tests.support.browser import Visitor
from tests.support.database import start_over
from tests.support.indices import bring_up_to_date

pytestmark = pytest.mark.browser

FIRST = "The pump starts at **40 bar**.\n\nThe valve opens first.\n"
OF_GUEST = "The pump starts at **45 bar**.\n\nThe valve opens first.\n"
OF_HOST = "The pump starts at **50 bar**.\n\nThe valve opens first.\n"
AGREED = "The pump starts at **48 bar**.\n\nThe valve opens first.\n"


@pytest.fixture(
    scope="module",
    params=[
        "postgres",
        pytest.param("elasticsearch", marks=pytest.mark.search_engine),
    ],
)
def engine(request, worker_id) -> Iterator[str]:
    """Search in PostgreSQL, then in Elasticsearch."""
    url = ""
    if request.param == "elasticsearch":
        url = request.getfixturevalue("elasticsearch_url")
    names = f"deelplein-journey-{worker_id}"
    with override_settings(ELASTICSEARCH_URL=url, ELASTICSEARCH_INDEX_PREFIX=names):
        yield request.param


@pytest.fixture(scope="module")
def world(engine, live_site) -> Iterator[World]:
    yield World()
    start_over()  # the next engine gets a world of its own


@pytest.fixture(scope="module")
def host(visit, world) -> Visitor:
    return visit(world.admin)


@pytest.fixture(scope="module")
def guest(visit, world) -> Visitor:
    return visit(world.guest)


@pytest.fixture(scope="module")
def plain(visit, world) -> Visitor:
    """The host's admin in a browser without JavaScript."""
    return visit(world.admin, java_script_enabled=False)


def write(page: Page, text: str) -> None:
    """Replace the whole text in the Markdown view of the editor."""
    page.get_by_role("button", name="Markdown", exact=True).click()
    page.get_by_role("textbox", name="Text", exact=True).fill(text)


def publish(page: Page) -> None:
    page.get_by_role("button", name="Publish").first.click()


def found_project(page: Page, title: str) -> str:
    """Found a project for the named only; return its address."""
    page.goto("/projects/new")
    page.get_by_label("Title").fill(title)
    page.locator("[name=reach][value=restricted]").check()
    page.get_by_role("button", name="Create project").click()
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    return page.url


def write_page(page: Page, project: str, title: str, text: str) -> str:
    """Write a page below a project; return its address."""
    page.goto(f"{project}new")
    page.get_by_label("Title").fill(title)
    if page.get_by_role("button", name="Markdown", exact=True).count():
        write(page, text)
    else:
        page.get_by_role("textbox", name="Text", exact=True).fill(text)
    publish(page)
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    return page.url


def ask_to_share(page: Page, project: str, level: str) -> None:
    """Put Meridian on the list of the sharing panel, without saving."""
    page.goto(f"{project}access")
    add = page.locator(".add-form")
    add.get_by_label("Who").fill("Meridian")
    add.get_by_label("Level").select_option(level)
    add.get_by_label("Until").fill(in_days(30).isoformat())
    page.get_by_role("button", name="Add to the list").click()
    expect(page.locator("#difference")).to_contain_text("Meridian")


def hits(visitor: Visitor, words: str) -> list[str]:
    """Search through the box on top and return the titles of the hits."""
    bring_up_to_date()
    visitor.open("/")
    visitor.page.locator("#top-search").fill(words)
    visitor.page.locator("#top-search").press("Enter")
    visitor.page.wait_for_url("**/search/**")
    return visitor.page.locator(".hit h3").all_inner_texts()


def test_the_main_job(host: Visitor, guest: Visitor) -> None:
    project = found_project(host.page, "Mist system")
    article = write_page(host.page, project, "Pump settings", FIRST)
    assert hits(host, "pump") == ["Pump settings"]

    ask_to_share(host.page, project, "Edit")
    assert guest.open(article) == 404, "nothing may hold before Save"
    assert hits(guest, "pump") == []
    expect(host.page.locator("#difference")).to_contain_text("1 person")
    host.page.get_by_role("button", name="Save 1 change").click()
    expect(host.page.get_by_role("status").first).to_contain_text("Saved 1 change")

    assert hits(guest, "pump") == ["Pump settings"]
    guest.page.locator(".hit h3 a").click()
    expect(guest.page.locator(".share-bar")).to_contain_text("Meridian")
    expect(guest.page.locator("article strong")).to_have_text("40 bar")

    host.open(f"{article}edit")
    guest.page.locator("[data-key=e]").click()
    write(guest.page, OF_GUEST)
    publish(guest.page)
    expect(guest.page.locator("article strong")).to_have_text("45 bar")

    write(host.page, OF_HOST)
    publish(host.page)
    settle_conflict(host.page)
    expect(host.page.locator("article strong")).to_have_text("48 bar")
    guest.open(article)
    expect(guest.page.locator("article strong")).to_have_text("48 bar")

    withdraw(host.page, project)
    assert guest.open(article) == 404
    refused = guest.page.content()
    assert guest.open("/pump-settings-aaaaaaaa/") == 404
    assert guest.page.content() == refused
    assert hits(guest, "pump") == []
    assert hits(host, "pump") == ["Pump settings"]


def settle_conflict(page: Page) -> None:
    """See both texts and the proposal, and publish a third."""
    versions = page.locator(".versus")
    expect(versions).to_contain_text("Nadia Guest")
    expect(versions).to_contain_text("45")
    expect(versions).to_contain_text("50")
    page.get_by_role("button", name="Markdown", exact=True).click()
    proposal = page.get_by_role("textbox", name="Text", exact=True)
    merged = proposal.input_value()
    assert "45 bar" in merged
    assert "50 bar" in merged
    assert merged.count("The valve opens first.") == 1
    write(page, AGREED)
    publish(page)


def withdraw(page: Page, project: str) -> None:
    """End what Meridian has; only Save does it."""
    page.goto(f"{project}access")
    page.get_by_label("End what Meridian has").check()
    expect(page.locator("#difference")).to_contain_text("no longer see this")
    page.get_by_role("button", name="Save 1 change").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved 1 change")


def test_the_rich_view_writes_markdown(host: Visitor, world: World) -> None:
    host.open(f"/{world.open.slug}/new")
    host.page.get_by_label("Title").fill("Written in the page view")
    host.page.get_by_role("button", name="Page", exact=True).click()
    text = host.page.locator(".editor-rich .ProseMirror")
    text.click()
    host.page.keyboard.type("## Check")
    host.page.keyboard.press("Enter")
    host.page.keyboard.type("The **valve** is open.")
    publish(host.page)
    expect(host.page.locator("article h2")).to_contain_text("Check")
    expect(host.page.locator("article strong")).to_have_text("valve")


def test_without_javascript(plain: Visitor, guest: Visitor) -> None:
    page = plain.page
    project = found_project(page, "Plain project")
    article = write_page(page, project, "Plain page", "A **first** text.")
    expect(page.locator("article strong")).to_have_text("first")

    page.goto(f"{article}edit")
    page.get_by_role("textbox", name="Text", exact=True).fill("A **second** text.")
    publish(page)
    expect(page.locator("article strong")).to_have_text("second")

    ask_to_share(page, project, "View")
    assert guest.open(article) == 404
    page.get_by_role("button", name="Save 1 change").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved 1 change")
    assert guest.open(article) == 200
    assert guest.page.locator("[data-key=e]").count() == 0
