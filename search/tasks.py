"""Background work: take changes from the outbox into the engines, forget old texts."""

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from search.extraction import forget_texts
from search.indexing import drain_all
from search.spelling import forget


@app.periodic(cron="* * * * *")
@app.task(name="search.drain", queueing_lock="search.drain", lock="search.drain")
def drain_outbox(timestamp: int = 0) -> None:  # noqa: ARG001 - given to periodic tasks
    """Bring the engines up to date."""
    drain_all()


@app.periodic(cron="17 3 * * *")
@app.task(name="search.forget_words", queueing_lock="search.forget_words")
def forget_words(timestamp: int = 0) -> None:  # noqa: ARG001 - given to periodic tasks
    """Delete words that stand in no document any more: purged pages leave none behind."""
    forget()


@app.periodic(cron="17 * * * *")
@app.task(name="search.forget_texts", queueing_lock="search.forget_texts")
def forget_old_texts(timestamp: int = 0) -> None:  # noqa: ARG001 - given to periodic tasks
    """Forget what stood in files that were removed for good."""
    forget_texts()


def kick() -> None:
    """Ask the worker to drain soon. One request waiting is enough."""
    try:
        with transaction.atomic():
            drain_outbox.defer()
    except AlreadyEnqueued:
        return
