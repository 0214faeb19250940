"""Three real nodes, one of which is killed while people search and write.

It runs with the rest, once: starting three servers takes a minute or two.
"""

import os
import signal
import threading
import time
from dataclasses import dataclass, field

import psutil
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from scripts import local_elasticsearch
from scripts.elasticsearch_distribution import UnavailableError
from scripts.local_cluster import Cluster
from search import indexing
from search.checking import find_problems
from search.engines import client as engine_client
from search.engines import registry
from search.rebuilding import rebuild
from search.status import status
from tests.factories import World, make_article
from tests.search.asking import WORD, ask
from tests.support.indices import bring_up_to_date
from tests.support.services import report_missing

pytestmark = pytest.mark.search_engine


@pytest.fixture
def cluster():
    folder = local_elasticsearch.cache_dir() / f"cluster-{os.getpid()}"
    try:
        with Cluster(local_elasticsearch.cache_dir(), folder) as nodes:
            yield nodes
    except UnavailableError as error:
        if local_elasticsearch._docker_answers():
            pytest.skip("three nodes come from the distribution, never from Docker")
        report_missing("A cluster of Elasticsearch", str(error))


@pytest.fixture
def site(cluster, settings, monkeypatch):
    settings.ELASTICSEARCH_URL = cluster.urls
    settings.ELASTICSEARCH_INDEX_PREFIX = f"cluster-test-{time.monotonic_ns()}"
    settings.ELASTICSEARCH_REPLICAS = 1
    # Three servers and a test on two cores: what is slow here is not a dead node.
    monkeypatch.setattr(engine_client, "SEARCH_TIMEOUT", 60.0)
    cache.clear()
    world = World()
    for number in range(10):
        make_article(world.shared, world.admin, f"Sand {number}", body=WORD)
    bring_up_to_date()
    assert ask(world.guest).engine == "elasticsearch"
    return world


@dataclass
class Asker:
    """Somebody who searches on and on, as the site's page does it."""

    user: object
    answers: list[tuple[int, str, int]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def __call__(self) -> None:
        try:
            browser = Client()
            browser.force_login(self.user)
            while not self.stop.is_set():
                answer = browser.get(f"/search/?q={WORD}&format=json")
                data = answer.json()
                self.answers.append((answer.status_code, data["engine"], data["total"]))
        finally:
            connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_node_that_is_killed_costs_no_request_and_no_document(
    cluster, site, settings
):
    """One test, since each worker of pytest would start a cluster of its own."""
    settings.RATE_LIMITS = {}
    with_a_replica_nobody_notices(cluster, site)
    settings.ELASTICSEARCH_SHARDS, settings.ELASTICSEARCH_REPLICAS = 3, 0
    without_replicas_nobody_gets_half_an_answer(cluster, site)


def with_a_replica_nobody_notices(cluster, site) -> None:
    health = cluster.wait_for(3, "green")
    assert (health["number_of_nodes"], health["active_shards"] % 2) == (3, 0)
    asker = Asker(site.guest)
    thread = threading.Thread(target=asker)
    thread.start()
    for number in range(5):
        make_article(site.shared, site.admin, f"Before {number}", body="Klei.")
        indexing.drain_all()
    before = len(asker.answers)

    # The one that leads: the others have to agree on another one first.
    victim = cluster.master()
    killed = victim.kill(signal.SIGKILL)
    assert killed
    assert not any(psutil.pid_exists(pid) for pid in killed)

    for number in range(10):
        make_article(site.shared, site.admin, f"After {number}", body="Klei.")
        indexing.drain_all()
    cluster.wait_for(2)
    asker.stop.set()
    thread.join()

    # Nobody got an error, nor half a result, nor PostgreSQL instead.
    after = asker.answers[before:]
    assert len(after) > 3
    assert {(code, total) for code, _engine, total in asker.answers} == {(200, 10)}
    assert {engine for _code, engine, _total in after} == {"elasticsearch"}
    settle()
    assert status()["elasticsearch"]["nodes"] == 2
    assert find_problems(registry.elasticsearch()) == {}
    answer = ask(site.guest, "klei", size=50)
    assert (answer.engine, answer.total) == ("elasticsearch", 15)

    victim.start(cluster.cache, keep_data=True)
    assert cluster.wait_for(3, "green")["number_of_nodes"] == 3
    assert find_problems(registry.elasticsearch()) == {}


def settle() -> None:
    """Let the worker run until it is through, as it does each minute."""
    deadline = time.monotonic() + 120
    while indexing.waiting() and time.monotonic() < deadline:
        cache.clear()
        bring_up_to_date()
    assert indexing.waiting() == 0


def without_replicas_nobody_gets_half_an_answer(cluster, site) -> None:
    """Three shards on three nodes: with one node a third of the index is away."""
    rebuild(registry.elasticsearch())
    cluster.wait_for(3, "green")
    assert ask(site.guest).engine == "elasticsearch"
    victim = cluster.nodes[2]
    assert victim.kill(signal.SIGKILL)
    cluster.wait_for(2)

    cache.clear()
    answer = ask(site.guest, size=50)

    assert status()["elasticsearch"]["health"] == "red"
    assert (answer.engine, answer.total) == ("postgres", 10)
    victim.start(cluster.cache, keep_data=True)
    cluster.wait_for(3, "green")
    cache.clear()
    settle()
    answer = ask(site.guest)
    assert (answer.engine, answer.total) == ("elasticsearch", 10)
    assert find_problems(registry.elasticsearch()) == {}
