"""Building an index anew while people write, delete, move, restrict and search."""

import threading
import time

import pytest
from django.db import connection

from knowledge.access.services import restrict_page
from knowledge.pages.services_structure import move_page, trash_page
from search import content, indexing
from search.checking import find_problems
from search.engines import client, registry
from search.engines.client import Server
from search.engines.elasticsearch import ElasticsearchEngine
from search.locks import locked
from search.models import IndexState, Outbox
from search.rebuilding import rebuild
from tests.factories import World, make_article
from tests.search.asking import WORD, ask, found
from tests.search.rebuilds import edit, indices_of
from tests.support.indices import bring_up_to_date

pytestmark = pytest.mark.usefixtures("small_portions")


@pytest.mark.search_engine
@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_rebuild_and_no_change_is_lost_by_it(door):
    """Somebody writes, deletes, moves and restricts at each portion, while it runs."""
    world = World()
    pages = [
        make_article(world.shared, world.admin, f"Sand {number}", body=WORD)
        for number in range(12)
    ]
    bring_up_to_date()
    engine = registry.elasticsearch()
    portions: list[int] = []
    go_on, failures = threading.Event(), []

    def work() -> None:
        try:
            rebuild(engine, lambda count: (portions.append(count), go_on.wait(0.3)))
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    while len(portions) < 3:
        time.sleep(0.01)
    edit(pages[0], "Only clay now.", world.admin)
    edit(pages[11], f"More {WORD}.", world.admin)
    trash_page(page=pages[1], by=world.admin)
    trash_page(page=pages[10], by=world.admin)
    move_page(page=pages[2], target=world.closed, by=world.admin)
    move_page(page=pages[9], target=world.closed, by=world.admin)
    restrict_page(page=pages[3], entries={world.admin: 4}, by=world.admin)
    restrict_page(page=pages[8], entries={world.admin: 4}, by=world.admin)
    make_article(world.shared, world.admin, "New", body=WORD)
    # All of it was done before the rebuild was, and the worker leaves it alone.
    assert thread.is_alive()
    indexing.drain()
    assert Outbox.objects.filter(in_elasticsearch=False).exists()
    during = found(world.guest, size=50)
    go_on.set()
    thread.join()

    assert failures == []
    hidden = {f"Sand {number}" for number in (1, 10, 2, 9, 3, 8)}
    assert not during & hidden
    assert not found(world.guest, size=50) & hidden
    bring_up_to_date()
    left = {f"Sand {number}" for number in (4, 5, 6, 7, 11)} | {"New"}
    answer = ask(world.guest, size=50)
    assert (answer.engine, answer.total) == ("elasticsearch", len(left))
    assert found(world.guest, size=50) == left
    for one in registry.all_engines():
        assert find_problems(one) == {}


@pytest.mark.search_engine
@pytest.mark.django_db(transaction=True)
def test_a_worker_does_not_wait_for_somebody_elses_rebuild_nor_repeats_it(elastic):
    World()
    rebuild(registry.postgres())
    engine = registry.elasticsearch()
    answers = []

    def worker() -> None:
        try:
            answers.append(rebuild(engine, only_if_needed=True))
        finally:
            connection.close()

    def ask_once(_count: int) -> None:
        if not answers:
            thread = threading.Thread(target=worker)
            thread.start()
            thread.join()

    assert engine.needs_rebuild()
    assert rebuild(engine, ask_once) > 0
    assert answers == [0]
    worker()
    assert answers == [0, 0]


@pytest.mark.search_engine
@pytest.mark.django_db(transaction=True)
def test_postgres_keeps_up_while_the_worker_builds_what_elasticsearch_lost(door):
    """It is PostgreSQL that answers meanwhile."""
    world = World()
    make_article(world.open, world.admin, "Sand", body=WORD)
    door.slow(0.3)
    state = IndexState.objects.filter(started__isnull=False)

    def worker() -> None:
        try:
            indexing.drain_all()
        finally:
            connection.close()

    thread = threading.Thread(target=worker)
    thread.start()
    while not state.filter(documents__gt=0).exists():
        time.sleep(0.02)
    make_article(world.open, world.admin, "Late", body=WORD)
    while thread.is_alive() and "Late" not in found(world.member):
        time.sleep(0.02)
    answer = ask(world.member)
    unfinished = state.exists()
    thread.join()
    assert unfinished
    assert (answer.engine, answer.total) == ("postgres", 2)
    bring_up_to_date()
    assert ask(world.member).engine == "elasticsearch"


@pytest.mark.search_engine
@pytest.mark.django_db(transaction=True)
def test_who_asks_while_the_indexes_change_places_notices_nothing(door, monkeypatch):
    """The question names the old index, and arrives when that is gone."""
    monkeypatch.setattr(client, "SEARCH_TIMEOUT", 60)
    world = World()
    make_article(world.open, world.admin, "Sand", body=WORD)
    bring_up_to_date()
    answers = []

    def ask_once() -> None:
        try:
            answer = ask(world.member)
            answers.append((answer.engine, answer.total))
        finally:
            connection.close()

    asked = registry.elasticsearch()
    old = asked.index_name()
    past_the_door = ElasticsearchEngine(
        server=Server((f"http://{door.target}",)), prefix=asked.alias
    )
    door.hold()
    thread = threading.Thread(target=ask_once)
    thread.start()
    while not door.met["held"]:
        time.sleep(0.01)
    rebuild(past_the_door)
    assert indices_of(past_the_door) == {asked.index_name()} != {old}
    door.heal()
    thread.join()
    assert answers == [("elasticsearch", 1)]


# --- Elasticsearch follows PostgreSQL ------------------------------------------------
@pytest.mark.search_engine
def test_elasticsearch_takes_over_what_postgres_read(world, elastic, monkeypatch):
    """No page is rendered for it, and yet it holds what is published, to the byte."""
    make_article(world.open, world.admin, "Sand", body=f"## Grain\n\nA {WORD}.")
    engine = registry.elasticsearch()
    rebuild(registry.postgres())

    def refuse(*_arguments):
        raise AssertionError("rendered once more")

    with monkeypatch.context() as patch:
        patch.setattr(content, "render", refuse)
        assert rebuild(engine) > 0
        bring_up_to_date()
    assert find_problems(engine) == {}
    assert ask(world.admin, "title:Sand Grain").engine == "elasticsearch"
    assert found(world.admin, "Grain") == {"Sand"}


@pytest.mark.search_engine
@pytest.mark.django_db(transaction=True)
def test_elasticsearch_takes_in_no_change_that_postgres_does_not_have_yet(elastic):
    """It would copy what was there before, and forget that there was a change."""
    world = World()
    page = make_article(world.open, world.admin, "Sand", body="A dune.")
    bring_up_to_date()
    edit(page, f"A {WORD}.", world.admin)

    def worker() -> None:
        try:
            indexing.drain_all()
        finally:
            connection.close()

    with locked("postgres"):
        thread = threading.Thread(target=worker)
        thread.start()
        thread.join()
        rows = Outbox.objects.values_list("in_postgres", "in_elasticsearch")
        assert set(rows) == {(False, False)}
    bring_up_to_date()
    assert indexing.waiting() == 0
    assert ask(world.admin).engine == "elasticsearch"
    assert found(world.admin) == {"Sand"}
