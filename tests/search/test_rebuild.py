"""Building an index anew: interrupted, killed, and never believed in half."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from knowledge.files.services import add_file
from knowledge.pages.services_structure import trash_page
from search import indexing
from search.checking import find_problems
from search.engines import registry
from search.engines.base import EngineUnavailableError
from search.models import IndexState, Outbox, SearchDocument
from search.rebuilding import count_documents, rebuild
from tests.factories import World, make_article
from tests.search.asking import WORD, ask, found
from tests.search.rebuilds import edit, indices_of, interrupt, stop_after
from tests.support.indices import bring_up_to_date

pytestmark = pytest.mark.usefixtures("small_portions")
ROOT = Path(__file__).resolve().parents[2]


# --- Interrupted -------------------------------------------------------------------
def test_an_interrupted_rebuild_goes_on_after_the_last_portion(world, engine):
    if engine == "elasticsearch":
        indexing.drain_all()
    one = {e.name: e for e in registry.all_engines()}[engine]
    interrupt(one)
    state = IndexState.objects.get(place=one.place)
    assert state.started
    before = (state.building, state.documents)
    assert before[1] > 0

    steps = []
    total = rebuild(one, steps.append)

    assert steps[0] == before[1]
    assert sum(steps) == total
    state.refresh_from_db()
    assert (state.index, state.started) == (before[0], None)
    assert total == len(one.summaries())
    indexing.drain_all()
    assert find_problems(one) == {}


def test_going_on_in_the_pages_leaves_out_no_file(world, engine):
    """Files come after the pages, and are numbered by themselves."""
    one = {e.name: e for e in registry.all_engines()}[engine]
    upload = SimpleUploadedFile("soundings.txt", f"A {WORD}.".encode())
    file = add_file(page=world.plan, upload=upload, by=world.admin)
    make_article(world.open, world.admin, "Last")
    # Only the rebuild can bring it: nothing waits, and nothing is there from before.
    indexing.drain_all()
    if engine == "postgres":
        SearchDocument.objects.all().delete()
    interrupt(one, portions=3)
    assert IndexState.objects.get(place=one.place).last_id > file.pk
    rebuild(one)
    bring_up_to_date()
    assert f"file-{file.pk}" in one.summaries()
    assert find_problems(one) == {}


def test_fresh_begins_anew(world, engine):
    if engine == "elasticsearch":
        indexing.drain_all()
    one = {e.name: e for e in registry.all_engines()}[engine]
    interrupt(one)
    steps = []
    total = rebuild(one, steps.append, fresh=True)
    assert steps[0] == 0
    assert sum(steps) == total


def test_what_changes_between_interruption_and_continuation_is_in_both_indexes(
    world, engine
):
    """Without that, what was built already would be out of date and nobody would know."""
    one = {e.name: e for e in registry.all_engines()}[engine]
    old = make_article(world.open, world.admin, "Sand", body="Old.")
    going = make_article(world.open, world.admin, "Going", body=WORD)
    make_article(world.open, world.admin, "Last")
    indexing.drain_all()
    interrupt(one, portions=count_documents() - 1)
    assert IndexState.objects.get(place=one.place).last_id == going.pk
    edit(old, WORD, world.admin)
    trash_page(page=going, by=world.admin)
    bring_up_to_date()
    assert indexing.waiting() == 0
    assert found(world.member) == {"Sand"}

    rebuild(one)

    bring_up_to_date()
    assert found(world.member) == {"Sand"}
    assert find_problems(one) == {}


@pytest.mark.search_engine
def test_the_old_index_answers_until_the_new_one_is_whole(world, elastic):
    make_article(world.open, world.admin, "Sand", body=WORD)
    bring_up_to_date()
    interrupt(registry.elasticsearch())
    answer = ask(world.member)
    assert (answer.engine, answer.total) == ("elasticsearch", 1)


@pytest.mark.search_engine
def test_what_was_begun_and_left_is_deleted_by_the_next_rebuild(world, elastic):
    indexing.drain_all()
    one = registry.elasticsearch()
    interrupt(one)
    interrupt(one)
    with pytest.raises(KeyboardInterrupt):
        rebuild(one, stop_after(1), fresh=True)
    assert len(indices_of(one)) == 3
    rebuild(one)
    assert indices_of(one) == {one.index_name()}


@pytest.mark.search_engine
def test_after_changes_that_were_missed_it_does_not_go_on(world, elastic, settings):
    indexing.drain_all()
    one = registry.elasticsearch()
    interrupt(one)
    begun = IndexState.objects.get(place=one.place).building
    url, settings.ELASTICSEARCH_URL = settings.ELASTICSEARCH_URL, ""
    make_article(world.open, world.admin, "Sand", body=WORD)
    indexing.drain_all()
    settings.ELASTICSEARCH_URL = url
    assert ask(world.member).engine == "postgres"

    rebuild(one)

    assert one.index_name() != begun
    assert not Outbox.objects.gaps().exists()
    bring_up_to_date()
    assert ask(world.member).engine == "elasticsearch"
    assert found(world.member) == {"Sand"}


@pytest.mark.search_engine
@pytest.mark.parametrize("is_second_gap", [False, True])
def test_a_gap_during_a_rebuild_outlives_it(world, elastic, settings, is_second_gap):
    """A process without Elasticsearch clears rows while another one rebuilds."""
    indexing.drain_all()
    one = registry.elasticsearch()
    url = settings.ELASTICSEARCH_URL
    if is_second_gap:
        settings.ELASTICSEARCH_URL = ""
        make_article(world.open, world.admin, "Clay")
        indexing.drain_all()
        settings.ELASTICSEARCH_URL = url
    calls = []

    def clear_elsewhere(_count: int) -> None:
        calls.append(_count)
        if len(calls) == 2:
            make_article(world.open, world.admin, "Sand", body=WORD)
            settings.ELASTICSEARCH_URL = ""
            indexing.drain_all()
            settings.ELASTICSEARCH_URL = url

    rebuild(one, clear_elsewhere)
    assert ask(world.member).engine == "postgres"
    bring_up_to_date()
    assert ask(world.member).engine == "elasticsearch"
    assert found(world.member) == {"Sand"}


# --- Killed --------------------------------------------------------------------------
PROCESS = """
import sys, django
django.setup()
from django.conf import settings
settings.ELASTICSEARCH_URL, settings.ELASTICSEARCH_INDEX_PREFIX = sys.argv[1:]
from django.core.management import call_command
from search import states
states.BATCH = 1
call_command("search_index", "rebuild")
"""


def start_rebuild(settings) -> subprocess.Popen:
    database = connection.settings_dict
    host, user = quote(database["HOST"], safe=""), quote(database["USER"], safe="")
    url = f"postgresql://{user}@{host}:{database['PORT']}/{database['NAME']}"
    if database["PASSWORD"]:
        url = url.replace("@", f":{quote(database['PASSWORD'], safe='')}@", 1)
    names = (settings.ELASTICSEARCH_URL, settings.ELASTICSEARCH_INDEX_PREFIX)
    return subprocess.Popen(
        [sys.executable, "-c", PROCESS, *names],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until(condition, process: subprocess.Popen, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.search_engine
@pytest.mark.django_db(transaction=True)
def test_a_rebuild_that_was_killed_goes_on_in_the_next_process(door, settings):
    world = World()
    for number in range(6):
        make_article(world.open, world.admin, f"Sand {number}", body=WORD)
    indexing.drain_all()
    rows = IndexState.objects.filter(started__isnull=False).exclude(building="")

    door.slow(0.2)
    first = start_rebuild(settings)
    wait_until(lambda: rows.filter(documents__gte=3).exists(), first)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    done = rows.get()
    assert 3 <= done.documents < count_documents()
    door.heal()
    door.bulks.clear()

    # Its lock went with it: the worker is not held up, and nor are we.
    late = make_article(world.open, world.admin, "Late", body=WORD)
    indexing.drain_all()
    assert indexing.waiting() == 0
    door.bulks.clear()
    second = start_rebuild(settings)
    output, errors = second.communicate()

    assert second.returncode == 0, errors
    engine = registry.elasticsearch()
    assert engine.index_name() == done.building
    assert sum(door.bulks) <= count_documents() - done.documents + 1
    assert f'"elasticsearch": {count_documents()}' in output
    assert find_problems(engine) == {}
    assert late.title in found(world.member)


# --- What is not believed -----------------------------------------------------------------
@pytest.mark.search_engine
def test_an_index_that_is_lost_while_it_is_built_is_not_made_up(world, elastic):
    make_article(world.open, world.admin, "Sand", body=WORD)
    bring_up_to_date()
    one = registry.elasticsearch()
    old = one.index_name()
    lost = []

    def lose(_count: int) -> None:
        state = IndexState.objects.get(place=one.place)
        if state.documents and not lost:
            lost.append(state.building)
            one._client.indices.delete(index=state.building)

    with pytest.raises(EngineUnavailableError):
        rebuild(one, lose)
    assert lost
    assert indices_of(one) == {old}
    assert ask(world.member).engine == "elasticsearch"
    rebuild(one)
    assert one.index_name() not in {old, *lost}
    assert found(world.member) == {"Sand"}


@pytest.mark.search_engine
def test_an_index_of_the_same_name_that_the_server_did_not_get_from_us_is_rebuilt(
    world, elastic
):
    """As after a snapshot of another day was put back."""
    make_article(world.open, world.admin, "Sand", body=WORD)
    bring_up_to_date()
    one = registry.elasticsearch()
    name = one.index_name()
    shape = one._client.indices.get(index=name).body[name]
    one._client.indices.delete(index=name)
    one._client.indices.create(
        index=name, mappings={"_meta": shape["mappings"]["_meta"]}
    )
    assert one.needs_rebuild()
    bring_up_to_date()
    assert one.index_name() != name
    answer = ask(world.member)
    assert (answer.engine, answer.total) == ("elasticsearch", 1)
