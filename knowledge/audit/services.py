"""Taking the log away: the one write of this app, for that must be in the log, too."""

from collections.abc import Iterator

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.audit import record
from accounts.models import Organisation, User
from accounts.rights import may_export_log
from knowledge.audit.entries import Entry, entries
from knowledge.audit.selectors import Reader, Wanted, log_for, reader_of

MAX_ROWS = 10_000
BATCH = 500


@transaction.atomic
def export_log(
    *, organisation: Organisation, by: User, wanted: Wanted
) -> list[list[str]]:
    """Give the log as rows of a table with a heading, the newest MAX_ROWS events.

    Raises PermissionDenied for who is no admin of the organisation.
    """
    if not may_export_log(by, organisation):
        raise PermissionDenied(_("Only admins take the log away as a file."))
    rows = [_heading(), *_rows(reader_of(by, organisation), wanted)]
    record(
        "log.export",
        by=by,
        organisation=organisation,
        target=organisation.public_id,
    )
    return rows


def _heading() -> list[str]:
    return [
        pgettext("audit", "When"),
        pgettext("audit", "Who"),
        pgettext("audit", "For"),
        pgettext("audit", "What"),
        pgettext("audit", "About"),
        pgettext("audit", "Whose"),
        pgettext("audit", "Details"),
    ]


def _rows(reader: Reader, wanted: Wanted) -> Iterator[list[str]]:
    events = log_for(reader, wanted)[: MAX_ROWS + 1]
    found = list(events)
    for start in range(0, min(len(found), MAX_ROWS), BATCH):
        part = found[start : min(start + BATCH, MAX_ROWS)]
        yield from (_row(entry) for entry in entries(reader, part))
    if len(found) > MAX_ROWS:
        text = _("Older events follow: choose a period.")
        yield [text, *[""] * (len(_heading()) - 1)]


def _row(entry: Entry) -> list[str]:
    person, side = entry.by.person, entry.by.organisation
    return [
        timezone.localtime(entry.at).isoformat(sep=" ", timespec="seconds"),
        person.name if person else entry.by_words,
        side.name if side else "",
        entry.act,
        entry.about,
        entry.owner.name if entry.owner else "",
        " · ".join(entry.details),
    ]
