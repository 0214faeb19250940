"""Writes: put changes into the outbox and wake whoever drains it."""

from django.db import connection, transaction

from search.models import Outbox
from search.tasks import kick


def note_page(*, page_id: int, barrier: bool = False) -> None:
    """Note that a page's published text changed, or with `barrier` that it went."""
    _note(Outbox(kind=Outbox.Kind.PAGE, object_id=page_id, barrier=barrier))


def note_file(*, file_id: int) -> None:
    """Note that a file came, changed or went."""
    _note(Outbox(kind=Outbox.Kind.FILE, object_id=file_id, barrier=True))


def note_subtree(*, path: str, new_path: str) -> None:
    """Note that other people see the pages that were below `path`.

    `new_path` is where they are now, "" when they are gone.
    """
    _note(Outbox(kind=Outbox.Kind.SUBTREE, path=path, new_path=new_path, barrier=True))


def _note(row: Outbox) -> None:
    """Store a row; wake the worker once per transaction, after it was committed."""
    row.save(force_insert=True)
    waiting = [entry[1] for entry in connection.run_on_commit]
    if kick not in waiting:
        # What happened stands, even if the queue cannot be told: a periodic task looks.
        transaction.on_commit(kick, robust=True)
