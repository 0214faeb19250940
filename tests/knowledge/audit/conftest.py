"""The log as somebody reads it, line by line."""

from collections.abc import Callable

import pytest

from accounts.models import Organisation, User
from knowledge.access.rule import forget
from knowledge.audit.entries import Entry, entries
from knowledge.audit.selectors import Wanted, log_for, reader_of

Log = Callable[..., list[Entry]]


@pytest.fixture
def log() -> Log:
    """Give the lines of an organisation's log for a person, newest first."""

    def read(user: User, organisation: Organisation, **wanted) -> list[Entry]:
        fresh = User.objects.get(pk=user.pk)
        forget(fresh)
        reader = reader_of(fresh, organisation)
        return entries(reader, log_for(reader, Wanted(**wanted)))

    return read
