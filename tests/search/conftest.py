"""Both engines, and a world whose pages are indexed."""

from collections.abc import Callable, Iterator

import pytest

from accounts.models import Membership
from search import indexing, states
from tests.factories import make_person
from tests.support.faults import Door
from tests.support.indices import bring_up_to_date

Role = Membership.Role


@pytest.fixture
def door(elastic, settings) -> Iterator[Door]:
    """The site reaches Elasticsearch through a door that a test can shut."""
    url = settings.ELASTICSEARCH_URL
    with Door(url).open() as door:
        settings.ELASTICSEARCH_URL = door.url
        yield door
        settings.ELASTICSEARCH_URL = url


@pytest.fixture(
    params=["postgres", pytest.param("elasticsearch", marks=pytest.mark.search_engine)]
)
def engine(request, db) -> str:
    """The name of the engine that must answer: the same tests hold for both."""
    if request.param == "elasticsearch":
        request.getfixturevalue("elastic")
    return request.param


@pytest.fixture
def indexed(engine) -> Callable[[], None]:
    """Do what the worker does, and make Elasticsearch show it at once."""

    def index() -> None:
        bring_up_to_date()
        assert indexing.waiting() == 0

    return index


@pytest.fixture
def small_portions(monkeypatch):
    """A portion of one document, so that a small world has many."""
    monkeypatch.setattr(states, "BATCH", 1)


@pytest.fixture
def leader(world):
    """Who leads Meridian."""
    return make_person("Leo Leader", world.meridian, Role.ADMIN, sponsor=world.admin)
