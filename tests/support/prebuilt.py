"""For `make mutants`, which runs very many small tests: one world for all of them.

With `--one-world`, `World()` gives a copy of one that stands in the database already, and
a test that really commits starts over with it, too.
"""

import os
import pickle
from collections.abc import Iterator

import psutil
import pytest
from django.db import connections

from tests.factories import World
from tests.support import database

PREFIX = "deelplein_world_"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--one-world", action="store_true", help="build the world once")


@pytest.fixture(scope="session", autouse=True)
def one_world(request) -> Iterator[None]:
    if not request.config.getoption("--one-world"):
        yield
        return
    request.getfixturevalue("django_db_setup")
    name = f"{PREFIX}{os.getpid()}"
    with request.getfixturevalue("django_db_blocker").unblock():
        kept = pickle.dumps(vars(World()))
        current = connections["default"].settings_dict["NAME"]
        connections.close_all()
        with database._server() as server:
            _drop_leftovers(server)
            database._copy(server, current, name)

    def take(world: World) -> None:
        vars(world).update(pickle.loads(kept))  # noqa: S301 - written above

    def start_over() -> None:
        current = connections["default"].settings_dict["NAME"]
        connections.close_all()
        with database._server() as server:
            database._copy(server, name, current)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(World, "__post_init__", take)
        patch.setattr(database, "start_over", start_over)
        yield
    with database._server() as server:
        database._drop(server, name)


def _drop_leftovers(server) -> None:
    for (name,) in server.execute("SELECT datname FROM pg_database").fetchall():
        owner = name.removeprefix(PREFIX)
        if name != owner and not psutil.pid_exists(int(owner)):
            database._drop(server, name)
