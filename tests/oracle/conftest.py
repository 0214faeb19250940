"""One stage for all tests of a module: built once, never committed, asked very often."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import transaction
from django.test import override_settings

from tests.oracle.stage import build
from tests.oracle.words import Stage


@pytest.fixture(autouse=True)
def private_files() -> None:
    """Files belong to the stage, not to a test."""


@pytest.fixture(scope="module")
def stage(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Stage]:
    """The stage, inside a transaction that is rolled back at the end."""
    folder = tmp_path_factory.mktemp("files")
    files = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(folder), "base_url": "/_private/"},
    }
    storages = settings.STORAGES | {"default": files}
    with (
        override_settings(FILES_DIR=folder, STORAGES=storages),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        yield build()
        transaction.set_rollback(True)
