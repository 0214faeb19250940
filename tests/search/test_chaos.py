"""Elasticsearch slow, dead, full, busy, restarted, replaced by an empty one.

Each time: people read and edit on, the page says which engine it used, nothing is lost,
and nobody has to do anything for it to be well again. The real server is behind a door
(`tests/support/faults.py`), and each test proves that its fault was met. Red is in
`test_cluster.py`: one node alone always gives a shard that it has.
"""

import pytest
from django.core.cache import cache

from knowledge.access.services import restrict_page
from search import indexing
from search.checking import find_problems
from search.engines import registry
from search.engines.base import EngineUnavailableError
from search.models import Outbox
from search.status import status
from tests.factories import make_article
from tests.search.asking import WORD, ask, found
from tests.support.indices import bring_up_to_date

pytestmark = pytest.mark.search_engine


@pytest.fixture
def site(world, door, sign_in):
    """A wiki at work, with Elasticsearch well."""
    make_article(world.shared, world.admin, "Sand", body=f"A {WORD}.")
    bring_up_to_date()
    assert ask(world.guest).engine == "elasticsearch"
    return world


def search_page(client) -> tuple[str, int, bool]:
    answer = client.get(f"/search/?q={WORD}&format=json")
    assert answer.status_code == 200
    data = answer.json()
    return data["engine"], data["total"], data["reduced"]


def assert_life_goes_on(site, sign_in, *, engine: str) -> None:
    """People search, read and write, and the page says which engine answered."""
    client = sign_in(site.guest)
    assert search_page(client) == (engine, 1, engine == "postgres")
    said = "reduced mode" in client.get(f"/search/?q={WORD}").content.decode()
    assert said == (engine == "postgres")
    page = make_article(site.shared, site.admin, "Written meanwhile", body="Klei.")
    page.refresh_from_db()
    assert client.get(f"/{page.slug}/").status_code == 200


def assert_well_again(site) -> None:
    """One run of the worker, and all of it is in Elasticsearch."""
    cache.clear()
    bring_up_to_date()
    assert not Outbox.objects.exists()
    assert status()["elasticsearch"]["waiting"] == 0
    assert find_problems(registry.elasticsearch()) == {}
    answer = ask(site.guest, "klei")
    assert (answer.engine, answer.total) == ("elasticsearch", 1)


def test_slow_by_ten_seconds(site, door, sign_in):
    door.slow(10)
    assert search_page(sign_in(site.guest)) == ("postgres", 1, True)
    # It was met, and not waited for to the end.
    assert door.met["slow"] == 1
    assert_life_goes_on(site, sign_in, engine="postgres")
    # Whoever comes next does not wait at all: the server rests.
    assert door.met["slow"] == 1
    door.heal()
    assert_well_again(site)


def test_dead(site, door, sign_in):
    door.shut()
    assert_life_goes_on(site, sign_in, engine="postgres")
    assert indexing.drain() > 0  # into PostgreSQL
    assert indexing.drain_all() == 0
    assert found(site.guest, "klei") == {"Written meanwhile"}
    assert door.met["shut"] >= 2
    figures = status()["elasticsearch"]
    assert figures["waiting"] > 0
    assert figures["state"].startswith("does not answer")
    door.heal()
    assert_well_again(site)


def test_dead_while_a_page_is_restricted_and_well_again_before_the_worker_ran(
    site, door, sign_in
):
    """The index still has it as it was. That is the moment for a leak."""
    page = make_article(site.shared, site.admin, "Secret", body=f"Hidden {WORD}.")
    bring_up_to_date()
    assert found(site.guest) == {"Sand", "Secret"}
    door.shut()
    restrict_page(page=page, entries={site.admin: 4}, by=site.admin)
    assert ask(site.guest).engine == "postgres"
    assert door.met["shut"] == 1
    assert found(site.guest) == {"Sand"}
    door.heal()
    cache.clear()
    answer = ask(site.guest)
    assert (answer.engine, answer.total) == ("elasticsearch", 1)
    bring_up_to_date()
    assert ask(site.guest).total == 1
    assert find_problems(registry.elasticsearch()) == {}


@pytest.mark.parametrize("status_code", [429, 503])
def test_too_busy_to_write(site, door, sign_in, status_code):
    door.refuse(status_code, times=2)
    assert_life_goes_on(site, sign_in, engine="elasticsearch")
    assert_well_again(site)
    assert door.met[str(status_code)] == 2


def test_too_busy_for_longer_than_the_worker_has_patience(site, door, sign_in):
    door.refuse(429, times=1000)
    assert_life_goes_on(site, sign_in, engine="elasticsearch")
    indexing.drain_all()
    assert door.met["429"] > 2
    assert status()["elasticsearch"]["waiting"] > 0
    # PostgreSQL has it, and its rows wait for the other engine.
    assert status()["postgres"]["waiting"] == 0
    door.heal()
    assert_well_again(site)


@pytest.mark.parametrize(
    "block", ["index.blocks.write", "index.blocks.read_only_allow_delete"]
)
def test_read_only_as_with_a_full_disk(site, door, sign_in, block):
    """The second one is what the server does by itself at its flood stage."""
    engine = registry.elasticsearch()
    indices, name = engine._client.indices, engine.index_name()
    indices.put_settings(index=name, settings={block: True})
    assert_life_goes_on(site, sign_in, engine="elasticsearch")
    indexing.drain_all()
    assert engine._client.count(index=name).body["count"] < len(
        registry.postgres().summaries()
    )
    assert status()["elasticsearch"]["waiting"] > 0
    indices.put_settings(index=name, settings={block: None})
    assert_well_again(site)


def test_replaced_by_an_empty_server(site, door, sign_in):
    engine = registry.elasticsearch()
    old = engine.index_name()
    for name in engine._client.indices.get(index=f"{engine.alias}_v*").body:
        engine._client.indices.delete(index=name)
    assert_life_goes_on(site, sign_in, engine="postgres")
    assert status()["elasticsearch"]["state"] == "no index; the worker builds it"
    assert_well_again(site)
    assert engine.index_name() != old


def test_replaced_by_an_empty_server_between_the_workers_look_and_its_write(
    site, door, sign_in
):
    """The index that a server makes up for what it is sent must not be believed."""
    engine = registry.elasticsearch()
    engine._client.indices.delete(index=engine.index_name())
    assert_life_goes_on(site, sign_in, engine="postgres")
    assert indexing._drain_into(registry.postgres(), 200) > 0
    with pytest.raises(EngineUnavailableError):
        indexing._drain_into(engine, 200)
    assert search_page(sign_in(site.guest)) == ("postgres", 1, True)
    assert_well_again(site)


def test_replaced_by_a_server_with_an_older_index_under_the_same_alias(
    site, door, sign_in
):
    """As when somebody goes back to yesterday's machine: it looks whole and is not."""
    engine = registry.elasticsearch()
    fresh = engine.begin_rebuild()
    engine._client.indices.refresh(index=fresh.index)
    engine.replace_others(fresh.index)
    held = engine._client.indices.get_alias(name=engine.alias).body
    assert set(held) == {fresh.index}
    assert_life_goes_on(site, sign_in, engine="postgres")
    assert_well_again(site)
    assert engine.index_name() != fresh.index
