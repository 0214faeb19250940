"""The outbox: in the transaction of the change, drained in order, never lost."""

import json
import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from knowledge.access.services import restrict_page
from knowledge.pages.services import Text, save_page
from search import checking, indexing, rebuilding, services
from search.engines import registry
from search.models import Outbox, SearchDocument
from tests.factories import World, make_article
from tests.search.asking import WORD, ask, found


def run(act: str) -> dict:
    out = StringIO()
    call_command("search_index", act, stdout=out)
    return json.loads(out.getvalue().splitlines()[-1])


def test_a_change_and_its_row_are_one_transaction(world):
    indexing.drain_all()
    with transaction.atomic():
        make_article(world.open, world.admin, "Lost", body=WORD)
        assert Outbox.objects.filter(kind="page").exists()
        transaction.set_rollback(True)
    assert not Outbox.objects.filter(kind="page").exists()


def test_many_changes_wake_the_worker_once(world):
    for number in range(5):
        services.note_page(page_id=number)
    waiting = [entry[1] for entry in connection.run_on_commit]
    assert waiting.count(services.kick) == 1
    services.kick()
    services.kick()
    assert ProcrastinateJob.objects.filter(task_name="search.drain").count() == 1


def test_rows_go_once_taken_in(world):
    assert indexing.waiting() > 0
    assert run("drain")["waiting"] == 0
    assert not Outbox.objects.exclude(kind=Outbox.Kind.GAP).exists()
    assert indexing.drain_all() == 0


def test_draining_twice_changes_nothing(world):
    indexing.drain_all()
    before = registry.postgres().summaries()
    services.note_subtree(path="", new_path=world.shared.path)
    indexing.drain_all()
    assert registry.postgres().summaries() == before
    assert run("check") == {"problems": {"postgres": 0}, "waiting": 0}


@pytest.mark.django_db(transaction=True)
def test_one_process_writes_at_a_time():
    """A second worker leaves the rows to the first, and later finds what came since."""
    world = World()
    make_article(world.open, world.admin, "Sand", body=WORD)
    taken_in = []

    def second_worker() -> None:
        try:
            taken_in.append(indexing.drain())
        finally:
            connection.close()

    with transaction.atomic():
        first = indexing.drain()
        thread = threading.Thread(target=second_worker)
        thread.start()
        thread.join()
    assert first > 0
    assert taken_in == [0]
    assert found(world.admin) == {"Sand"}


@pytest.mark.django_db(transaction=True)
def test_an_uncommitted_change_is_not_indexed_and_comes_with_its_own_row():
    world = World()
    page = make_article(world.open, world.admin, "Sand", body=f"A {WORD}.")
    page.refresh_from_db()
    indexing.drain_all()
    seen = []

    def worker() -> None:
        try:
            services.note_page(page_id=page.pk)
            indexing.drain_all()
            seen.append(SearchDocument.objects.get(object_id=page.pk, kind="page").body)
        finally:
            connection.close()

    with transaction.atomic():
        save_page(
            page=page,
            text=Text(title="Sand", body="An eendenkooi."),
            base_revision_id=page.latest_revision_id,
            by=world.admin,
            publish=True,
        )
        thread = threading.Thread(target=worker)
        thread.start()
        thread.join()
    assert seen == [f"A {WORD}."]
    indexing.drain_all()
    assert found(world.admin, "eendenkooi") == {"Sand"}
    assert found(world.admin) == set()


def test_check_finds_what_is_missing_changed_or_too_much(world):
    indexing.drain_all()
    documents = SearchDocument.objects.filter(kind="page")
    documents.filter(page=world.plan).delete()
    documents.filter(page=world.detail).update(digest="x")
    documents.filter(page=world.prices).update(object_id=10**9)
    problems = checking.find_problems(registry.postgres())
    assert sorted(problems.values()) == [
        "missing",
        "missing",
        "out of date",
        "should not be there",
    ]
    with pytest.raises(CommandError):
        run("check")
    assert run("rebuild")["documents"]["postgres"] == SearchDocument.objects.count()
    assert run("check")["problems"] == {"postgres": 0}


def test_rebuilding_takes_in_what_waited_and_leaves_what_comes_meanwhile(world):
    postgres = registry.postgres()
    late = []

    def write_meanwhile(_count: int) -> None:
        if not late:
            late.append(make_article(world.open, world.admin, "Late", body=WORD))

    assert indexing.waiting()
    rebuilding.rebuild(postgres, progress=write_meanwhile)

    rows = Outbox.objects.filter(in_postgres=False)
    assert list(rows.values_list("object_id", flat=True)) == [late[0].pk]
    indexing.drain_all()
    assert found(world.member) == {"Late"}


@pytest.mark.search_engine
def test_elasticsearch_is_built_checked_and_swapped_without_a_gap(world, elastic):
    make_article(world.open, world.admin, "Sand", body=WORD)
    engine = registry.elasticsearch()
    assert engine.needs_rebuild()
    indexing.drain_all()
    assert not engine.needs_rebuild()
    assert run("check")["problems"] == {"postgres": 0, "elasticsearch": 0}
    before = set(engine._client.indices.get_alias(name=engine.alias).body)
    run("rebuild")
    after = set(engine._client.indices.get_alias(name=engine.alias).body)
    assert len(after) == 1
    assert not after & before
    assert not set(engine._client.indices.get(index=f"{engine.alias}_v*").body) - after
    assert ask(world.admin).engine == "elasticsearch"


@pytest.mark.search_engine
def test_a_late_write_never_covers_a_newer_one(world, elastic):
    page = make_article(world.open, world.admin, "Sand", body=WORD)
    indexing.drain_all()
    engine = registry.elasticsearch()
    late = {"version": 1, "version_type": "external"}
    with pytest.raises(Exception, match="version_conflict"):
        engine._client.index(
            index=engine.alias, id=f"page-{page.pk}", document={"key": "x"}, **late
        )


def test_elasticsearch_down_means_postgres_says_so_and_rows_wait(
    world, settings, client
):
    make_article(world.open, world.admin, "Sand", body=f"A {WORD}.")
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:9"
    indexing.drain_all()
    assert indexing.waiting() > 0
    client.force_login(world.admin)
    page = client.get(f"/search/?q={WORD}").content.decode()
    assert "reduced mode" in page
    assert "Sand" in page
    data = client.get(f"/search/?q={WORD}&format=json").json()
    assert (data["engine"], data["total"], data["reduced"]) == ("postgres", 1, True)


@pytest.mark.search_engine
def test_elasticsearch_catches_up_after_it_was_down(world, elastic, settings):
    page = make_article(world.shared, world.admin, "Sand", body=WORD)
    indexing.drain_all()
    url, settings.ELASTICSEARCH_URL = settings.ELASTICSEARCH_URL, "http://127.0.0.1:9"
    restrict_page(page=page, entries={world.admin: 4}, by=world.admin)
    indexing.drain_all()
    assert found(world.guest) == set()
    settings.ELASTICSEARCH_URL = url
    assert ask(world.guest).total == 0
    indexing.drain_all()
    assert indexing.waiting() == 0
    assert ask(world.admin).engine == "elasticsearch"
    assert ask(world.guest).total == 0
