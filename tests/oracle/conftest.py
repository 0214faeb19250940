"""One stage for all tests of a module: built once, never committed, asked very often."""

from collections.abc import Iterator

import pytest
from django.db import transaction

from tests.oracle.stage import build
from tests.oracle.words import Stage
from tests.support.files import files_stored_in


@pytest.fixture(autouse=True)
def private_files() -> None:
    """Files belong to the stage, not to a test."""


@pytest.fixture(scope="module")
def stage(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Stage]:
    """The stage, inside a transaction that is rolled back at the end."""
    folder = tmp_path_factory.mktemp("files")
    with (
        files_stored_in(folder),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        yield build()
        transaction.set_rollback(True)
