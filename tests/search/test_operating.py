"""What an operator asks of the index: is it right, mend it, how far is it behind."""

import datetime
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from search import checking, indexing
from search.engines import registry
from search.engines.elasticsearch import _next_version
from search.models import IndexState, Outbox, SearchDocument
from search.rebuilding import rebuild
from tests.factories import make_article
from tests.search.asking import WORD, found
from tests.support.indices import bring_up_to_date


def run(act: str, *options: str, fails: bool = False) -> dict:
    """Give the last line of a command that ends with 1 if it `fails`, else with 0."""
    out = StringIO()
    ended = 0
    try:
        call_command("search_index", act, *options, stdout=out)
    except CommandError as error:
        ended = error.returncode
    assert ended == int(fails)
    return json.loads(out.getvalue().splitlines()[-1])


def overwrite(key: str, version: int | None = None, **fields) -> None:
    """Change a document behind the site's back, its digest left as it is."""
    engine = registry.elasticsearch()
    found = engine._client.get(index=engine.index_name(), id=key).body
    engine._client.index(
        index=engine.index_name(),
        id=key,
        document=found["_source"] | fields,
        version=version or found["_version"],
        version_type="external_gte",
    )


# --- check -------------------------------------------------------------------------
def test_mend_writes_what_is_missing_changed_or_too_much(world):
    indexing.drain_all()
    documents = SearchDocument.objects.filter(kind="page")
    documents.filter(page=world.plan).delete()
    documents.filter(page=world.detail).update(digest="x")
    documents.filter(page=world.prices).update(object_id=10**9)
    assert run("check", fails=True)["problems"] == {"postgres": 4}

    figures = run("check", "--mend")

    assert figures["mended"] == {"postgres": 4}
    assert figures["problems"] == {"postgres": 0}
    assert run("check")["problems"] == {"postgres": 0}
    assert not documents.filter(object_id=10**9).exists()


@pytest.mark.search_engine
@pytest.mark.parametrize(
    ("field", "said"),
    [("root_id", "under another root"), ("owner_id", "of another owner")],
)
def test_check_finds_a_document_that_other_people_would_find(
    world, elastic, field, said
):
    """Its text and digest are right, so only root and owner tell."""
    page = make_article(world.closed, world.admin, "Sand", body=WORD)
    bring_up_to_date()
    engine = registry.elasticsearch()
    overwrite(f"page-{page.pk}", **{field: 10**9})
    assert checking.find_problems(engine) == {f"page-{page.pk}": said}
    assert run("check", "--mend")["mended"]["elasticsearch"] == 1
    assert checking.find_problems(engine) == {}
    assert found(world.admin) == {"Sand"}


@pytest.mark.search_engine
def test_mend_adds_and_deletes_in_elasticsearch(world, elastic):
    page = make_article(world.open, world.admin, "Sand", body=WORD)
    bring_up_to_date()
    engine = registry.elasticsearch()
    client, name = engine._client, engine.index_name()
    source = client.get(index=name, id=f"page-{page.pk}").body["_source"]
    # As the site deletes: with a number of its sequence.
    version = {"version": _next_version(), "version_type": "external"}
    client.delete(index=name, id=f"page-{page.pk}", **version)
    stranger = source | {"key": "page-1000000000", "object_id": 10**9}
    client.index(index=name, id=stranger["key"], document=stranger)
    assert run("check", fails=True)["problems"]["elasticsearch"] == 2
    assert run("check", "--mend")["problems"] == {"postgres": 0, "elasticsearch": 0}
    assert found(world.member) == {"Sand"}


@pytest.mark.search_engine
def test_what_cannot_be_mended_remains_a_problem(world, elastic):
    page = make_article(world.open, world.admin, "Sand", body=WORD)
    bring_up_to_date()
    overwrite(f"page-{page.pk}", version=2**62, digest="x")
    figures = run("check", "--mend", fails=True)
    assert figures["problems"]["elasticsearch"] == 1
    assert figures["mended"]["elasticsearch"] == 0
    # A new index has no such versions.
    run("rebuild", "--fresh")
    assert run("check")["problems"]["elasticsearch"] == 0


def test_what_only_waits_is_no_problem(world):
    indexing.drain_all()
    make_article(world.open, world.admin, "Sand", body=WORD)
    assert indexing.waiting()
    assert run("check") == {"problems": {"postgres": 0}, "waiting": 0}


# --- status --------------------------------------------------------------------------
def test_status_tells_how_much_waits_and_for_how_long(world):
    indexing.drain_all()
    assert run("status") == {
        "engines": {
            "postgres": {
                "waiting": 0,
                "lag_seconds": 0.0,
                "rebuilt_so_far": None,
                "state": "ok",
            }
        }
    }
    make_article(world.open, world.admin, "Sand")
    make_article(world.open, world.admin, "Clay")
    oldest = Outbox.objects.filter(in_postgres=False).earliest("pk")
    oldest.created = timezone.now() - datetime.timedelta(minutes=10)
    oldest.save()

    figures = run("status")["engines"]["postgres"]

    assert figures["waiting"] == 2
    assert 600 <= figures["lag_seconds"] < 660


def test_status_fails_for_a_monitor_when_a_change_has_waited_too_long(world):
    row = Outbox.objects.filter(in_postgres=False).earliest("pk")
    row.created = timezone.now() - datetime.timedelta(minutes=10)
    row.save()
    run("status", "--max-lag", "300", fails=True)
    run("status", "--max-lag", "900")


@pytest.mark.search_engine
def test_status_tells_of_an_unfinished_rebuild_and_of_the_server(world, elastic):
    assert run("status")["engines"]["elasticsearch"]["state"].startswith("no index")
    bring_up_to_date()
    engine = registry.elasticsearch()
    figures = run("status")["engines"]["elasticsearch"]
    assert figures["state"] == "ok"
    assert figures["health"] == "green"
    assert figures["nodes"] >= 1
    assert figures["documents"] == len(engine.summaries())

    def stop(_count: int) -> None:
        if IndexState.objects.get(place=engine.place).documents:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(engine, stop)
    assert run("status")["engines"]["elasticsearch"]["rebuilt_so_far"] > 0


def test_status_tells_of_missed_changes_and_of_a_server_that_is_away(world, settings):
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:9"
    figures = run("status")["engines"]
    assert figures["elasticsearch"]["state"] == "no index; the worker builds it"
    IndexState.objects.create(
        place=registry.elasticsearch().place, index="there", uuid="x"
    )
    figures = run("status")["engines"]
    assert figures["elasticsearch"]["state"] == "does not answer: ConnectionError"
    settings.ELASTICSEARCH_URL = ""
    indexing.drain_all()
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:9"
    assert run("status")["engines"]["elasticsearch"]["state"].startswith("missed")


def test_interrupting_a_rebuild_says_how_to_go_on(world, monkeypatch):
    """The command's end as ^C makes it; that it goes on is in test_rebuild.py."""

    def pressed(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(
        "search.management.commands.search_index.tqdm.update", pressed, raising=True
    )
    with pytest.raises(CommandError, match="goes on") as caught:
        call_command("search_index", "rebuild", stdout=StringIO())
    assert caught.value.returncode == 130
