"""Background work: mails, and the upkeep of the audit log and the counters.

A job holds public ids, never a token: the queue is a table that backups copy.
"""

import logging

from django.core.mail import send_mail
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts.audit_chain import current_head
from accounts.limits import forget_old_counts
from accounts.mails import mail_invitation, mail_password_reset
from accounts.sessions import forget_old_sessions

log = logging.getLogger(__name__)

# A mail server that is away for an hour delays a mail and loses none.
AGAIN = RetryStrategy(max_attempts=8, exponential_wait=3)


@app.task(name="accounts.send_invitation", retry=AGAIN)
def send_invitation(invitation: str) -> None:
    """Send an invitation by its public id."""
    mail_invitation(public_id=invitation)


@app.task(name="accounts.send_password_reset", retry=AGAIN)
def send_password_reset(person: str, language: str) -> None:
    """Send a link for a new password; nobody asked for by no id."""
    mail_password_reset(person=person, language=language)


@app.task(name="accounts.send_notice", retry=AGAIN)
def send_notice(to: str, subject: str, body: str) -> None:
    """Send a mail that says what happened to an account. It holds no link to act by."""
    send_mail(subject, body, None, [to])


@app.periodic(cron="7 * * * *")
@app.task(name="accounts.hourly", queueing_lock="accounts.hourly")
def hourly(timestamp: int) -> None:  # noqa: ARG001 - given to periodic tasks
    """Note the end of the audit log where the site cannot change it; forget what is old."""
    log.info("Head of the audit log: %s", current_head())
    forget_old_counts()
    forget_old_sessions()
