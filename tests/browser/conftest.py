"""A live site that lasts as long as a module, and people who visit it."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.factories import PASSWORD
from tests.support.browser import Visitor
from tests.support.database import start_over


@pytest.fixture(scope="module", autouse=True)
def private_files(tmp_path_factory) -> Iterator[None]:
    """Uploads stay as long as the world they belong to."""
    folder = tmp_path_factory.mktemp("files")
    storage = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(folder), "base_url": "/_private/"},
    }
    storages = settings.STORAGES | {"default": storage}
    with override_settings(FILES_DIR=folder, STORAGES=storages):
        yield


@pytest.fixture(scope="module")
def live_site(
    browser, private_files, django_db_setup, django_db_blocker
) -> Iterator[str]:
    """The address of the site, as a developer runs it: with the style guide.

    The tests of a module build on one another's data; the next module starts over.
    """
    with (
        django_db_blocker.unblock(),
        override_settings(ROOT_URLCONF="kbsite.urls_development"),
    ):
        server = LiveServer("localhost")
        yield server.url
        server.stop()
        start_over()


@pytest.fixture(scope="module")
def visit(browser, live_site) -> Iterator[Callable[..., Visitor]]:
    """Let a person come in; without one, a browser that is not signed in."""
    visitors: list[Visitor] = []

    def come(person: User | None = None, **options) -> Visitor:
        visitor = Visitor(browser, live_site, **options)
        visitors.append(visitor)
        if person:
            visitor.sign_in(person.email, PASSWORD)
        return visitor

    yield come
    for visitor in visitors:
        visitor.context.close()
    assert [error for visitor in visitors for error in visitor.errors] == []
