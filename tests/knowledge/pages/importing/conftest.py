"""A world, a folder to fill, and the import as the commands run it."""

from pathlib import Path

import pytest

from knowledge.files.signals import file_changed
from knowledge.pages.importing.run import NewProject, import_folder
from knowledge.pages.models import ArticlePage
from tests.factories import World


@pytest.fixture
def world(db) -> World:
    return World()


@pytest.fixture
def folder(tmp_path) -> Path:
    path = tmp_path / "handbook"
    path.mkdir()
    return path


@pytest.fixture
def put(folder):
    """Write a file of the folder."""

    def write(key: str, content: str | bytes = "") -> Path:
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        data = content if isinstance(content, bytes) else content.encode()
        path.write_bytes(data)
        return path

    return write


@pytest.fixture
def run(world, folder):
    """Import the folder into a new project of the host; give plan and report."""

    def import_it(**kwargs):
        target = kwargs.pop("target", NewProject(world.host, "Handbook"))
        by = kwargs.pop("by", world.admin)
        return import_folder(folder, target=target, by=by, language="en", **kwargs)

    return import_it


@pytest.fixture
def page():
    """Find an imported page by its key."""

    def find(key: str) -> ArticlePage:
        return ArticlePage.objects.get(imported__key=key)

    return find


@pytest.fixture
def heard_files():
    """Collect the ids of files that the search is told of."""
    heard: list[int] = []

    def hear(file_id, **_kwargs):
        heard.append(file_id)

    file_changed.connect(hear)
    yield heard
    file_changed.disconnect(hear)
