"""Fixtures of the whole suite; those of one app stand beside its tests."""

import os
import secrets
from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings
from django.test import Client
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings

from tests.factories import World
from tests.support.database import drop_copy, use_copy
from tests.support.files import files_stored_in

pytest_plugins = [
    "tests.support.browser",
    "tests.support.elasticsearch",
    "tests.oracle.tally",
    "tests.support.prebuilt",
    "tests.support.report",
]

# A rule is tested against a database: slow examples are normal, a deadline is not.
hypothesis_settings.register_profile(
    "default",
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
hypothesis_settings.register_profile(
    "ci", hypothesis_settings.get_profile("default"), max_examples=200, derandomize=True
)
hypothesis_settings.register_profile(
    "thorough", hypothesis_settings.get_profile("default"), max_examples=2000
)
# The same examples every time, and no search for the smallest: `make mutants` only
# asks whether one fails.
hypothesis_settings.register_profile(
    "mutants",
    hypothesis_settings.get_profile("default"),
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
)


def pytest_configure() -> None:
    # The workers inherit it; the report prints it.
    os.environ.setdefault("ORACLE_SEED", str(secrets.randbelow(10**9)))
    hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
    # A test that wants Elasticsearch says so; no other may reach a real one.
    django_settings.ELASTICSEARCH_URL = ""


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker) -> Iterator[None]:
    """A migrated PostgreSQL database of this process, instead of pytest-django's."""
    with django_db_blocker.unblock():
        name = use_copy()
    yield
    with django_db_blocker.unblock():
        drop_copy(name)


@pytest.fixture(autouse=True)
def private_files(tmp_path) -> Iterator[None]:
    """Uploads of a test go to its own folder."""
    with files_stored_in(tmp_path / "files"):
        yield


@pytest.fixture
def world(db) -> World:
    return World()


@pytest.fixture
def sign_in():
    def enter(user) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return enter
