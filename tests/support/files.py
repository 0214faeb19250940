"""Where uploads of tests go."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.test import override_settings


@contextmanager
def files_stored_in(folder: Path) -> Iterator[None]:
    """Store uploads in a folder of its own."""
    storage = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(folder), "base_url": "/_private/"},
    }
    storages = settings.STORAGES | {"default": storage}
    with override_settings(FILES_DIR=folder, STORAGES=storages):
        yield
