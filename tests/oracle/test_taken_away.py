"""What leaves the site: mails of saved searches, and results as a table.

Judged word by word by the answers that the stage wrote by hand, as pages are.
"""

import datetime

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from knowledge.access.services import withdraw_grant
from search.models import SavedSearch
from search.saving import save_search
from search.tasks import look_for_alerts
from tests.factories import root_of
from tests.oracle.crawl import Received, ask, client_of, rolled_back
from tests.oracle.probes import leaks
from tests.oracle.words import BETA, Stage
from tests.support.jobs import run_jobs

DAY = datetime.timedelta(days=1)
# Words that most pages have, and the beginning of all words of the stage.
QUESTIONS = ("text", "zq*", "page", "type:file")


def save_for(stage: Stage, viewers) -> None:
    """Ask for daily mails about everything."""
    for viewer in viewers:
        for question in QUESTIONS:
            save_search(
                by=stage.users[viewer],
                name=f"All of {question.strip('*:')}",
                address=f"q={question}",
                alert="daily",
            )
    SavedSearch.objects.update(last_checked=timezone.now() - 365 * DAY)


def mails() -> dict[str, str]:
    """Do what the worker does; give the texts by address, also of what went before."""
    run_jobs("search.send_alert")
    return {one.to[0]: f"{one.subject}\n{one.body}" for one in mail.outbox}


def told(stage: Stage, viewer: str, text: str) -> list[str]:
    """Name what stands in a text that its reader may not know."""
    return leaks(stage, viewer, Received(200, "", text, ()), "nothing-typed")


def test_no_mail_of_a_saved_search_has_a_word_that_is_not_for_its_reader(stage):
    with rolled_back(), time_machine.travel(timezone.now() + DAY):
        save_for(stage, stage.users)
        look_for_alerts()
        sent = mails()
    addresses = {user.email: viewer for viewer, user in stage.users.items()}
    found = {
        addresses[to]: hidden
        for to, text in sent.items()
        if (hidden := told(stage, addresses[to], text))
    }
    assert not found
    assert not [key for text in sent.values() for key in stage.keys.found_in(text)]
    # The positive controls: mails went to who may come in, with titles in them.
    reached = {addresses[to] for to in sent}
    assert reached >= {"beta_member", "gamma_member", "host_admin", "both"}
    assert not reached & {"ended", "suspended", "of_suspended", "without_organisation"}
    (title,) = (c.word for c in stage.canaries if c.what == "title in shared")
    assert title in sent[stage.users["beta_member"].email].lower()


def test_a_mail_asked_for_before_a_withdrawal_has_nothing_of_what_was_withdrawn(stage):
    shared = stage.pages["shared"]
    gone = [c.word for c in stage.canaries if c.what.endswith("in shared")]
    beta = stage.users["beta_member"].memberships.get().organisation
    with rolled_back(), time_machine.travel(timezone.now() + DAY):
        save_for(stage, sorted(BETA - {"beta_writer"}))
        look_for_alerts()
        withdraw_grant(root=root_of(shared), subject=beta, by=stage.users["host_admin"])
        sent = mails()
    assert stage.users["beta_member"].email in sent
    assert not [word for word in gone for text in sent.values() if word in text.lower()]


@pytest.mark.parametrize(
    ("viewer", "read"),
    [
        ("host_admin", "name of a partner who left"),
        ("host_manager", "title in closed"),
        ("beta_admin", "title of a restricted page"),
    ],
)
def test_no_table_of_results_has_a_word_that_is_not_for_its_reader(stage, viewer, read):
    client, found, text = client_of(stage, viewer), [], ""
    for question in QUESTIONS:
        for rest in ("", "&sort=title"):
            address = f"/search/export.csv?q={question}{rest}"
            received = ask(client, "GET", address, {})
            assert received.status == 200, address
            hidden = leaks(stage, viewer, received, address)
            found += [f"{address}: {hidden}"] * bool(hidden)
            text += received.text.lower()
    assert not found, "\n".join(found)
    (canary,) = (c for c in stage.canaries if c.what == read)
    assert canary.word in text
