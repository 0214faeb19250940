"""What a page was, who changed it, and going back."""

import pytest

from knowledge.pages.models import RevisionNote
from tests.knowledge.pages.test_reading import HIDDEN, edit


def revisions(page):
    notes = RevisionNote.objects.filter(revision__object_id=str(page.pk))
    return list(notes.order_by("pk").values_list("public_id", flat=True))


@pytest.fixture
def plan(world):
    """A page with two published versions and a draft."""
    edit(world.plan, world.guest, "The second plan.", note="Second thoughts")
    edit(world.plan, world.admin, "A third plan.", publish=False)
    return world.plan


def test_readers_see_published_versions_and_editors_drafts_too(world, plan, sign_in):
    address = f"/{plan.slug}/history"
    first, second, draft = revisions(plan)
    reader, editor = (
        sign_in(world.member).get(address),
        sign_in(world.guest).get(address),
    )
    keys = [version.public_id for version in reader.context["versions"]]
    assert keys == [second, first]
    keys = [version.public_id for version in editor.context["versions"]]
    assert keys == [draft, second, first]
    assert "Second thoughts" in reader.content.decode()
    assert "Nadia Guest" in reader.content.decode()


def test_a_hidden_revision_is_the_same_404_as_a_missing_one(world, plan, sign_in):
    draft = revisions(plan)[2]
    secret = revisions(world.prices)[0]
    client = sign_in(world.member)
    missing = client.get(HIDDEN)
    key_of_draft = RevisionNote.objects.get(public_id=draft).pk
    for key in (draft, secret, key_of_draft, "2" * 12, 10**30, "x" * 2000):
        response = client.get(f"/{plan.slug}/history/{key}")
        assert response.status_code == 404
        assert response.content == missing.content
        compared = client.get(f"/{plan.slug}/history/compare?from={key}&to={key}")
        assert compared.content == missing.content


def test_a_version_shows_its_text_and_what_it_changed(world, plan, sign_in):
    second = revisions(plan)[1]
    page = sign_in(world.member).get(f"/{plan.slug}/history/{second}").content.decode()
    assert "<p>The second plan.</p>" in page
    assert "<ins>second </ins>" in page or "<ins>second</ins>" in page
    assert "A third plan" not in page


def test_two_versions_are_compared_word_by_word(world, plan, sign_in):
    first, second, draft = revisions(plan)
    client = sign_in(world.guest)
    address = f"/{plan.slug}/history/compare"
    there = client.get(f"{address}?from={first}&to={second}")
    back = client.get(f"{address}?from={second}&to={first}")
    assert there.context["rows"] == back.context["rows"]
    assert "second" in there.content.decode()
    assert client.get(f"{address}?from={first}&to={draft}").status_code == 200


@pytest.mark.parametrize(
    "query", ["", "?from=1", "?from=a&to=b", "?from=-1&to=1", "?from=%00&to=%00"]
)
def test_nonsense_to_compare_is_nothing(world, plan, sign_in, query):
    client = sign_in(world.member)
    assert client.get(f"/{plan.slug}/history/compare{query}").status_code == 404


def test_restoring_asks_once_and_publishes_the_old_text_again(world, plan, sign_in):
    first = revisions(plan)[0]
    client = sign_in(world.guest)
    address = f"/{plan.slug}/history/{first}/restore"
    assert "Publish this version again" in client.get(address).content.decode()
    plan.refresh_from_db()
    assert plan.body == "The second plan."
    client.post(address, {"base": revisions(plan)[-1]})
    plan.refresh_from_db()
    assert plan.body == "The plan."
    assert len(revisions(plan)) == 4


def test_restoring_does_not_overwrite_what_was_saved_meanwhile(world, plan, sign_in):
    first = revisions(plan)[0]
    plan.refresh_from_db()
    stale = revisions(plan)[-1]
    edit(plan, world.admin, "Newer")
    client = sign_in(world.guest)
    for base in (stale, "", "x", "9" * 30, "2" * 12, "²", "\0"):
        client.post(f"/{plan.slug}/history/{first}/restore", {"base": base})
        plan.refresh_from_db()
        assert plan.body == "Newer"


def test_a_reader_may_not_restore(world, plan, sign_in):
    first = revisions(plan)[0]
    response = sign_in(world.member).post(f"/{plan.slug}/history/{first}/restore")
    assert response.status_code == 403


def test_a_history_costs_twelve_queries_at_most(
    world, plan, sign_in, django_assert_max_num_queries
):
    client = sign_in(world.guest)
    for _round in range(2):
        with django_assert_max_num_queries(12):
            client.get(f"/{plan.slug}/history")
        for number in range(5):
            edit(plan, world.admin, f"Number {number}")
