"""The log as somebody reads it, line by line."""

from collections.abc import Callable

import pytest

from accounts.models import Membership, Organisation, User
from knowledge.audit.entries import Entry, entries
from knowledge.audit.selectors import Wanted, log_for, reader_of
from tests.factories import fresh, make_person

Log = Callable[..., list[Entry]]
Role = Membership.Role


@pytest.fixture
def log() -> Log:
    """Give the lines of an organisation's log for a person, newest first."""

    def read(user: User, organisation: Organisation, **wanted) -> list[Entry]:
        reader = reader_of(fresh(user), organisation)
        return entries(reader, log_for(reader, Wanted(**wanted)))

    return read


@pytest.fixture
def boss(world) -> User:
    """An admin of Meridian."""
    return make_person("Berta Boss", world.meridian, Role.ADMIN, sponsor=world.admin)


@pytest.fixture
def rival(world) -> User:
    """An admin of Noord."""
    return make_person("Rik Rival", world.noord, Role.ADMIN, sponsor=world.admin)
