"""Background work: bring the engines up to date, forget what is old, tell what is new."""

from dataclasses import asdict

from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.manager import JobManager
from procrastinate.tasks import configure_task

from search.alerts import Due, mail_alert, take_due
from search.extraction import forget_texts
from search.indexing import drain_all
from search.saving import forget_old_searches
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


@app.periodic(cron="37 3 * * *")
@app.task(name="search.forget_searches", queueing_lock="search.forget_searches")
def forget_searches(timestamp: int = 0) -> None:  # noqa: ARG001 - given to periodic tasks
    """Forget what people asked long ago."""
    forget_old_searches()


@app.periodic(cron="23 5 * * *")
@app.task(name="search.look_for_alerts", queueing_lock="search.look_for_alerts")
def look_for_alerts(timestamp: int = 0) -> None:  # noqa: ARG001 - given to periodic tasks
    """Ask for the mails of saved searches: of the daily ones, and the weekly ones due."""
    # Inside a worker `defer` would use a connection of the worker's own. This one is
    # Django's: a mail is asked for exactly when it is noted that it was.
    queue = JobManager(DjangoConnector())
    with transaction.atomic():
        for due in take_due():
            configure_task(name="search.send_alert", job_manager=queue).defer(
                **asdict(due)
            )


@app.task(
    name="search.send_alert",
    # A mail server that is away for an hour delays a mail and loses none.
    retry=RetryStrategy(max_attempts=8, exponential_wait=3),
)
def send_alert(person: str, since: dict[str, str], until: str) -> None:
    """Send one person what is new in their saved searches."""
    mail_alert(due=Due(person, since, until))


def kick() -> None:
    """Ask the worker to drain soon. One request waiting is enough."""
    try:
        with transaction.atomic():
            drain_outbox.defer()
    except AlreadyEnqueued:
        return
