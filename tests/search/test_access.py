"""What somebody may not view leaves no trace in search, on either engine."""

import pytest

from accounts.services import set_organisation_status
from knowledge.access.models import PolicyRoot
from knowledge.access.roots import take_from_trash
from knowledge.access.services import (
    lift_restriction,
    restrict_page,
    set_reach,
    withdraw_grant,
)
from knowledge.pages.services import Text, save_page
from knowledge.pages.services_structure import move_page, trash_page
from search import indexing, rebuilding
from search.engines import registry
from search.models import Outbox, SearchDocument
from tests.factories import make_article, make_project, root_of, share
from tests.search.asking import WORD, ask, counts, found, suggested


@pytest.fixture
def harbour(world, indexed):
    """A word in each of the world's projects, some below a restriction."""
    by = world.admin
    world.in_open = make_article(world.open, by, "Open sand", body=f"A {WORD} here.")
    world.in_shared = make_article(world.shared, by, "Shared sand", body=f"The {WORD}.")
    world.in_closed = make_article(world.closed, by, "Closed sand", body=f"No {WORD}.")
    world.in_prices = make_article(world.prices, by, "Price sand", body=f"Dear {WORD}.")
    indexed()
    return world


EVERYTHING = {"Open sand", "Shared sand", "Closed sand", "Price sand"}


def assert_traceless(user, *, sees: set[str]) -> None:
    """Hits, total and every facet speak of the same pages."""
    answer = ask(user)
    assert found(user) == sees
    assert answer.total == len(sees)
    for name, facet in answer.facets.items():
        if name == "tag":
            assert facet == ()
            continue
        # All of it is of the past week, month and year.
        times = 3 if name == "updated" else 1
        assert sum(value.count for value in facet) == len(sees) * times, name


def test_each_person_finds_what_the_rule_shows(harbour, engine):
    assert_traceless(harbour.admin, sees=EVERYTHING)
    # A manager sees every project of the owner, but no restriction in it.
    assert_traceless(harbour.manager, sees=EVERYTHING - {"Price sand"})
    assert_traceless(harbour.member, sees={"Open sand", "Shared sand"})
    assert_traceless(harbour.guest, sees={"Shared sand"})
    assert_traceless(harbour.other_guest, sees=set())
    assert ask(harbour.admin).engine == engine


def test_hidden_names_are_in_no_facet_and_no_suggestion(harbour):
    answer = ask(harbour.guest)
    assert counts(answer, "project") == {"Shared": 1}
    assert counts(answer, "organisation") == {"Vaartkade": 1}
    assert suggested(harbour.guest, "Clo") == []
    assert suggested(harbour.guest, "sa") == ["Shared sand"]
    assert suggested(harbour.guest, "Pri") == []


def test_choosing_a_hidden_project_is_choosing_a_missing_one(harbour):
    hidden = root_of(harbour.closed).page.access.public_id
    for project in (hidden, "zzzzzzzz"):
        answer = ask(harbour.guest, project=(project,))
        assert answer.total == 0
        assert [v.label for v in answer.facets["project"]] == ["Shared"]


def test_a_withdrawn_grant_holds_at_the_next_search(harbour):
    project = root_of(harbour.shared)
    withdraw_grant(root=project, subject=harbour.meridian, by=harbour.admin)
    assert not Outbox.objects.exclude(kind=Outbox.Kind.GAP).exists()
    assert_traceless(harbour.guest, sees=set())


def test_a_new_grant_holds_at_the_next_search(harbour):
    share(harbour.open, harbour.noord, 1, harbour.admin)
    assert_traceless(harbour.other_guest, sees={"Open sand"})


def test_a_narrower_reach_holds_at_the_next_search(harbour):
    root = root_of(harbour.open)
    set_reach(root=root, reach=PolicyRoot.Reach.RESTRICTED, by=harbour.admin)
    assert_traceless(harbour.member, sees={"Shared sand"})
    set_reach(root=root, reach=PolicyRoot.Reach.NETWORK, by=harbour.admin)
    assert_traceless(harbour.other_guest, sees={"Open sand"})


def test_a_suspended_organisation_closes_its_projects_and_people(harbour):
    set_organisation_status(
        organisation=harbour.meridian, status="suspended", by=harbour.admin
    )
    assert_traceless(harbour.guest, sees=set())
    set_organisation_status(organisation=harbour.host, status="suspended", by=None)
    assert_traceless(harbour.admin, sees=set())


def test_a_restriction_holds_while_the_worker_stands_still(harbour):
    restrict_page(page=harbour.in_shared, entries={harbour.admin: 4}, by=harbour.admin)
    assert_traceless(harbour.guest, sees=set())
    assert_traceless(harbour.member, sees={"Open sand"})


def test_a_lifted_restriction_opens_once_the_worker_ran(harbour, indexed):
    lift_restriction(root=root_of(harbour.prices), by=harbour.admin)
    indexed()
    assert_traceless(harbour.guest, sees={"Shared sand", "Price sand"})


def test_a_moved_page_is_hidden_while_the_worker_stands_still(harbour, indexed):
    move_page(page=harbour.in_shared, target=harbour.closed, by=harbour.admin)
    assert_traceless(harbour.guest, sees=set())
    assert_traceless(harbour.member, sees={"Open sand"})
    indexed()
    assert_traceless(harbour.admin, sees=EVERYTHING)
    assert counts(ask(harbour.admin), "project")["Closed"] == 2


def test_a_page_moved_twice_before_the_worker_ran_is_hidden(harbour, indexed):
    move_page(page=harbour.in_shared, target=harbour.open, by=harbour.admin)
    harbour.in_shared.refresh_from_db()
    move_page(page=harbour.in_shared, target=harbour.closed, by=harbour.admin)
    assert_traceless(harbour.guest, sees=set())
    assert_traceless(harbour.member, sees={"Open sand"})
    indexed()
    assert_traceless(harbour.member, sees={"Open sand"})


def test_trash_hides_at_once_and_restore_brings_back(harbour, indexed):
    trash = trash_page(page=harbour.in_shared, by=harbour.admin)
    assert_traceless(harbour.guest, sees=set())
    indexed()
    assert_traceless(harbour.guest, sees=set())
    take_from_trash(trash=trash)
    rebuilding.rebuild(registry.postgres())
    if elastic := registry.elasticsearch():
        rebuilding.rebuild(elastic)
    assert_traceless(harbour.guest, sees={"Shared sand"})


def test_a_page_deleted_for_good_is_gone_at_once(harbour, indexed):
    harbour.in_shared.delete()
    assert_traceless(harbour.guest, sees=set())
    indexed()
    assert_traceless(harbour.guest, sees=set())


def test_an_unpublished_page_is_gone_at_once(harbour, indexed):
    harbour.in_shared.refresh_from_db()
    harbour.in_shared.unpublish()
    assert_traceless(harbour.admin, sees=EVERYTHING - {"Shared sand"})
    indexed()
    assert_traceless(harbour.admin, sees=EVERYTHING - {"Shared sand"})


def test_drafts_are_never_found(harbour, indexed):
    text = Text(title="Shared sand", body="An eendenkooi.")
    save_page(
        page=harbour.in_shared,
        text=text,
        base_revision_id=harbour.in_shared.latest_revision_id,
        by=harbour.admin,
        publish=False,
    )
    make_article(
        harbour.open, harbour.admin, "Draft", body="An eendenkooi.", publish=False
    )
    indexed()
    assert found(harbour.admin, "eendenkooi") == set()
    assert "Shared sand" in found(harbour.admin)


def test_a_document_that_the_rule_denies_discredits_the_index(harbour, engine):
    """An index that went wrong unseen is not believed, not even for its counts."""
    if engine == "postgres":
        pytest.skip("the documents of PostgreSQL carry no place that could be wrong")
    elastic = registry.elasticsearch()
    elastic._client.update(
        index=elastic.alias,
        id=f"page-{harbour.in_closed.pk}",
        doc={"root_id": root_of(harbour.shared).pk},
        refresh=True,
    )
    assert_traceless(harbour.guest, sees={"Shared sand"})
    assert ask(harbour.guest).engine == "postgres"


def test_the_path_names_visible_pages_only(world, indexed):
    inner = make_project(world.host, world.admin, "Inner", parent=world.closed)
    make_article(inner, world.admin, "Deep sand", body=WORD)
    share(inner, world.meridian, 1, world.admin)
    indexed()
    (hit,) = ask(world.guest).hits
    assert [place.title for place in hit.path] == ["Inner"]
    assert hit.project.title == "Inner"
    (hit,) = ask(world.admin).hits
    assert [place.title for place in hit.path] == ["Closed", "Inner"]


def test_an_operator_finds_everything(harbour):
    harbour.other_guest.is_superuser = True
    harbour.other_guest.save()
    assert_traceless(harbour.other_guest, sees=EVERYTHING)


def test_changes_missed_without_elasticsearch_are_not_believed_later(
    harbour, engine, settings
):
    if engine == "postgres":
        pytest.skip("there is one engine only")
    url, settings.ELASTICSEARCH_URL = settings.ELASTICSEARCH_URL, ""
    restrict_page(page=harbour.in_shared, entries={harbour.admin: 4}, by=harbour.admin)
    indexing.drain_all()
    settings.ELASTICSEARCH_URL = url
    assert ask(harbour.guest).engine == "postgres"
    assert_traceless(harbour.guest, sees=set())
    rebuilding.rebuild(registry.elasticsearch())
    assert ask(harbour.guest).engine == "elasticsearch"
    assert_traceless(harbour.guest, sees=set())


def test_documents_say_nothing_of_readers(harbour):
    names = {field.name for field in SearchDocument._meta.get_fields()}
    assert not names & {"root", "owner", "reach", "group", "user", "readers"}
