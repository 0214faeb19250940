"""Background work: take changes from the outbox into the engines."""

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from search.indexing import drain_all


@app.periodic(cron="* * * * *")
@app.task(name="search.drain", queueing_lock="search.drain", lock="search.drain")
def drain_outbox(timestamp: int = 0) -> None:  # noqa: ARG001 - given to periodic tasks
    """Bring the engines up to date."""
    drain_all()


def kick() -> None:
    """Ask the worker to drain soon. One request waiting is enough."""
    try:
        with transaction.atomic():
            drain_outbox.defer()
    except AlreadyEnqueued:
        return
