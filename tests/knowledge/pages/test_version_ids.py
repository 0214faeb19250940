"""Versions are named at random: nobody counts from them who writes, or how much."""

import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from wagtail.models import Revision

from accounts.public_ids import LONG_ID
from knowledge.pages.bulk import NewArticle, create_articles
from knowledge.pages.models import ArticlePage, RevisionNote, new_slug
from knowledge.pages.selectors_history import find_base, version_id
from knowledge.pages.services import Text, discard_draft, restore_revision
from tests.factories import World, make_article
from tests.knowledge.pages.test_reading import HIDDEN, edit

TOKEN = re.compile(r'(name="csrfmiddlewaretoken" value="|"X-CSRFToken": ")\w+')


def body_of(client, address) -> str:
    return TOKEN.sub(r"\1", client.get(address).content.decode())


def id_of_latest(page) -> str:
    page.refresh_from_db()
    return version_id(page.latest_revision_id)


def test_every_way_to_write_a_revision_gives_it_a_random_id(world):
    edit(world.plan, world.admin, "By the service.")
    slug = new_slug("In bulk")
    article = NewArticle(slug, world.plan.slug, Text("In bulk"))
    create_articles(articles=[article], by=world.admin)
    in_bulk = ArticlePage.objects.get(slug=slug)
    of_wagtail = ArticlePage.objects.get(pk=world.detail.pk)
    of_wagtail.save_revision()
    ids = {id_of_latest(page) for page in (world.plan, in_bulk, of_wagtail)}
    assert len(ids) == 3
    assert all(LONG_ID.match(one) for one in ids)
    assert not Revision.objects.page_revisions().filter(note=None).exists()


def test_what_wagtail_itself_saves_is_a_draft_until_it_is_published(world, sign_in):
    ArticlePage.objects.get(pk=world.detail.pk).save_revision()
    draft = id_of_latest(world.detail)
    address = f"/{world.detail.slug}/history/{draft}"
    assert sign_in(world.member).get(address).status_code == 404
    assert sign_in(world.guest).get(address).status_code == 200


def test_a_revision_without_a_note_does_not_exist_even_for_editors(world, sign_in):
    edit(world.plan, world.admin, "Second.")
    first = world.plan.revisions.order_by("pk").first()
    public_id = version_id(first.pk)
    RevisionNote.objects.filter(revision=first).delete()
    client = sign_in(world.guest)
    versions = client.get(f"/{world.plan.slug}/history").context["versions"]
    assert [version.public_id for version in versions] == [id_of_latest(world.plan)]
    hidden = client.get(f"/{world.plan.slug}/history/{public_id}")
    assert hidden.status_code == 404
    assert hidden.content == client.get(HIDDEN).content


def test_the_base_of_another_page_is_no_base(world):
    foreign = id_of_latest(world.prices)
    assert find_base(world.prices, foreign) == world.prices.latest_revision
    assert find_base(world.plan, foreign) is None


def test_drafts_leave_no_trace_in_what_readers_see(world, sign_in):
    edit(world.plan, world.guest, "Second.", note="Published")
    reader = sign_in(world.member)
    published = id_of_latest(world.plan)
    plan = f"/{world.plan.slug}"
    addresses = (
        f"{plan}/",
        f"{plan}/history",
        f"{plan}/history/{published}",
        f"{plan}/history/compare?from={published}&to={published}",
        "/recent/",
        "/",
    )
    before = [body_of(reader, address) for address in addresses]
    for number in range(3):
        edit(world.plan, world.admin, f"Hidden {number}", publish=False)
        assert [body_of(reader, address) for address in addresses] == before
    discard_draft(page=world.plan, by=world.admin)
    assert [body_of(reader, address) for address in addresses] == before
    assert "published now" in before[1]


def test_editors_see_who_discarded_a_draft(world, sign_in):
    edit(world.plan, world.admin, "Hidden", publish=False)
    discard_draft(page=world.plan, by=world.admin)
    history = sign_in(world.guest).get(f"/{world.plan.slug}/history")
    newest, draft, published = history.context["versions"]
    assert (newest.note, newest.is_current) == ("Draft discarded", True)
    assert not draft.is_current
    assert not published.is_current


def test_publishing_a_draft_of_old_does_not_tell_readers_when_it_was_written(world):
    edit(world.plan, world.admin, "Hidden", publish=False)
    world.plan.refresh_from_db()
    draft = world.plan.latest_revision
    published = world.plan.live_revision
    for revision, told in ((draft, False), (published, True)):
        made = restore_revision(
            page=world.plan,
            revision=revision,
            by=world.admin,
            base_revision_id=Revision.objects.latest("pk").pk,
        )
        note = RevisionNote.objects.get(revision=made)
        assert bool(note.text) == told
        assert note.published


@pytest.mark.django_db(transaction=True)
def test_versions_from_before_get_an_id_each_and_a_note_where_it_was_missing():
    world = World()
    page = make_article(world.shared, world.admin, "Old", body="Old.")
    edit(page, world.admin, "Newer.")
    edit(page, world.admin, "Draft.", publish=False)
    page.refresh_from_db()
    live, draft = page.live_revision_id, page.latest_revision_id
    executor = MigrationExecutor(connection)
    executor.migrate([("pages", "0003_import")])
    notes = executor.loader.project_state(("pages", "0003_import")).apps.get_model(
        "pages", "RevisionNote"
    )
    notes.objects.filter(pk__in=[live, draft]).delete()
    call_command("migrate", "pages", verbosity=0)
    ids = list(RevisionNote.objects.values_list("public_id", flat=True))
    assert len(set(ids)) == len(ids) == Revision.objects.page_revisions().count()
    assert all(LONG_ID.match(one) for one in ids)
    assert RevisionNote.objects.get(pk=live).published
    assert not RevisionNote.objects.get(pk=draft).published
