"""Restricted pages in the trash, inside each other and unpublished; forms sent again."""

import re

import pytest
from django.test import Client

from accounts.models import Membership
from knowledge.access.services import restrict_page
from knowledge.pages.models import ArticlePage
from knowledge.pages.services import Text, save_page
from knowledge.pages.services_structure import move_page, trash_page
from tests.factories import in_days, make_article, make_person
from tests.knowledge.access.conftest import fields


@pytest.fixture
def second(world):
    """Another admin of the host: manages every project, named in no restriction."""
    return make_person("Sven Second", world.host, Membership.Role.ADMIN)


def text(response):
    return response.content.decode()


def previewed(client, page, who):
    """Add somebody to a sharing panel, and give what it shows before it is saved."""
    url = f"/{page.slug}/access"
    ends = in_days(9).isoformat()
    added = {"add-who": who, "add-level": "1", "add-ends_on": ends, "do": "add"}
    return text(client.post(url, fields(client.get(url)) | added))


def test_the_tree_goes_on_without_a_restricted_page_that_was_deleted(world, second):
    trash_page(page=world.prices, by=world.admin)
    other = make_article(world.shared, world.admin, "Elsewhere")
    client = Client()
    client.force_login(second)
    for address in (world.shared.slug, other.slug, f"{world.shared.slug}/children"):
        answer = client.get(
            f"/{address}/" if "children" not in address else f"/{address}"
        )
        assert answer.status_code == 200
        assert "Prices" not in text(answer)


def test_neither_panel_nor_log_name_it_to_who_is_not_named_in_it(
    world, second, sign_in
):
    client = sign_in(second)
    log = f"/organisation/{world.host.public_id}/log"
    assert "Prices" in previewed(client, world.shared, "Noord")
    assert "Prices" in text(client.get(log))
    trash_page(page=world.prices, by=world.admin)
    assert "Prices" not in previewed(client, world.shared, "Noord")
    assert "Prices" not in text(client.get(log))


def test_who_is_not_named_in_a_restriction_reads_no_titles_inside_it(
    world, second, sign_in
):
    inner = make_article(world.prices, world.admin, "Xylophone copper")
    restrict_page(page=inner, entries={world.admin: 4}, by=world.admin)
    client = sign_in(second)
    assert client.get(f"/{inner.slug}/access").status_code == 404
    assert "Xylophone" not in text(client.get(f"/{world.shared.slug}/"))
    assert "Xylophone" not in previewed(client, world.prices, "Sven Second")


def test_the_title_of_an_unpublished_restricted_page_is_for_its_editors(
    world, second, sign_in
):
    draft = make_article(world.shared, world.admin, "Candidate", publish=False)
    restrict_page(page=draft, entries={world.admin: 4}, by=world.admin)
    client = sign_in(second)
    assert "Candidate" not in text(client.get(f"/{world.shared.slug}/"))
    assert "Candidate" not in previewed(client, world.shared, "Noord")


def test_a_page_whose_title_has_no_latin_letter_is_restored(world, sign_in):
    page = make_article(world.shared, world.admin, "日本語", body="x")
    trash_page(page=page, by=world.admin)
    there = f"/trash/{page.slug[-8:]}/restore"
    assert sign_in(world.admin).get(there).status_code == 200


def test_a_form_sent_again_tells_no_later_title_of_its_page(world, sign_in):
    """Meanwhile the page went where its author sees it no more."""
    client = sign_in(world.guest)
    url = f"/{world.shared.slug}/new"
    once = re.search(r'name="once" value="([^"]+)"', text(client.get(url)))[1]
    form = {"title": "Notes", "body": "x", "language": "en", "once": once}
    assert client.post(url, form | {"action": "draft"}).status_code == 302
    made = ArticlePage.objects.get(title="Notes")
    move_page(page=made, target=world.closed, by=world.admin)
    made.refresh_from_db()
    save_page(
        page=made,
        text=Text("Merger", "x"),
        base_revision_id=made.latest_revision_id,
        by=world.admin,
        publish=True,
    )
    again = client.post(url, form | {"action": "draft"})
    assert again.status_code == 404
    assert "merger" not in again.headers.get("Location", "")


def test_a_title_with_invisible_characters_or_lines_is_refused_and_kept(world, sign_in):
    client = sign_in(world.admin)
    for title in ("Sand\n\nSign in again:", "Sand\u202egnp.exe"):
        form = {"title": title, "body": "x", "language": "en", "action": "publish"}
        answer = client.post(f"/{world.shared.slug}/new", form)
        assert "no line breaks" in text(answer)
    page = make_article(world.shared, world.admin, "Sand\r\n Sign\u2028in")
    assert page.title == "Sand Sign in"
