"""One process at a time writes into an engine.

So two workers can never put an older state over a newer one. Nobody who reads or edits
takes these locks.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

LOCK_SPACE = 0x736561  # "sea": advisory locks of this app
LOCKS = {"postgres": 1, "elasticsearch": 2}


def try_lock(name: str) -> bool:
    """Take an engine's lock until the end of the transaction, if it is free."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK_SPACE, LOCKS[name]]
        )
        return bool(cursor.fetchone()[0])


@contextmanager
def locked(name: str, *, wait: bool = True) -> Iterator[bool]:
    """Hold an engine's lock across transactions; say whether we have it.

    It is waited for, unless told otherwise. It ends with the connection, so a process
    that is killed leaves none behind.
    """
    key = [LOCK_SPACE, LOCKS[name]]
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", key)
            held = True
        else:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
            held = bool(cursor.fetchone()[0])
    try:
        yield held
    finally:
        if held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)
