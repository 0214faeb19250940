"""An Elasticsearch for tests marked `search_engine`."""

import os

import pytest

from scripts import local_elasticsearch
from tests.support.services import report_missing


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


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go of the server once all workers are done."""
    if not hasattr(config, "workerinput"):
        local_elasticsearch.release(os.getpid())
