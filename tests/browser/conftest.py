"""A live site that lasts as long as a module, and people who visit it."""

from collections.abc import Callable, Iterator

import pytest
from django.test import override_settings
from playwright.sync_api import Dialog
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.factories import PASSWORD, World
from tests.support.browser import Visitor
from tests.support.database import start_over
from tests.support.files import files_stored_in


@pytest.fixture(scope="module", autouse=True)
def private_files(tmp_path_factory) -> Iterator[None]:
    """Uploads stay as long as the world they belong to."""
    folder = tmp_path_factory.mktemp("files")
    with files_stored_in(folder):
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


@pytest.fixture(scope="module")
def world(live_site) -> World:
    return World()


@pytest.fixture(scope="module")
def admin(visit: Callable[..., Visitor], world: World) -> Visitor:
    return visit(world.admin)


@pytest.fixture
def asked(admin: Visitor) -> Iterator[list[str]]:
    """What kinds of question the browser put, in order."""
    admin.open("/")  # what the test before left open may ask now
    kinds: list[str] = []

    def note(dialog: Dialog) -> None:
        kinds.append(dialog.type)

    admin.page.on("dialog", note)
    yield kinds
    admin.page.remove_listener("dialog", note)
