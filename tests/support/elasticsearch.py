"""An Elasticsearch for tests marked `search_engine`."""

import itertools
import os
from collections.abc import Iterator

import pytest
from django.core.cache import cache

from scripts import local_elasticsearch
from tests.support.services import report_missing

_number = itertools.count(1)


def run_id() -> int:
    """Return the process id of the whole run, the same in each of its workers."""
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()


@pytest.fixture(scope="session")
def elasticsearch_url() -> str:
    """The address of a server that lasts as long as this run."""
    try:
        return local_elasticsearch.ensure_running(run_id())
    except local_elasticsearch.UnavailableError as error:
        report_missing("Elasticsearch", str(error))


@pytest.fixture
def search_engine(elasticsearch_url: str, settings) -> str:
    """Elasticsearch as the site's engine, with index names of this process only."""
    settings.ELASTICSEARCH_URL = elasticsearch_url
    settings.ELASTICSEARCH_INDEX_PREFIX = f"deelplein-test-{os.getpid()}"
    return elasticsearch_url


@pytest.fixture
def elastic(search_engine, settings) -> Iterator[None]:
    """Elasticsearch with an index of this test only, deleted afterwards."""
    settings.ELASTICSEARCH_INDEX_PREFIX += f"-{next(_number)}"
    cache.clear()
    yield
    # Its models need Django, which plugins come before.
    from search.engines import registry  # noqa: PLC0415

    indices = registry.elasticsearch()._client.indices
    names = indices.get(index=f"{settings.ELASTICSEARCH_INDEX_PREFIX}_v*").body
    for name in names:
        indices.delete(index=name)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go of the server once all workers are done."""
    if not hasattr(config, "workerinput"):
        local_elasticsearch.release(os.getpid())
