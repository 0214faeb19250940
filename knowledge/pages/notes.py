"""Change notes that the site itself writes: stored as a sign, read in any language."""

import datetime

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _

# No author's note begins so by accident; who types it gets what it says.
MARK = "deelplein:"
CREATED = f"{MARK}created"
DISCARDED = f"{MARK}discarded"
RESTORED = f"{MARK}restored "


def restored_note(moment: datetime.datetime) -> str:
    """Note that the text of an earlier moment stands again."""
    return f"{RESTORED}{moment.astimezone(datetime.UTC).isoformat(timespec='seconds')}"


def note_in_words(note: str) -> str:
    """Give a note in the language of the reader; an author's own as it is."""
    if note == CREATED:
        return _("Created")
    if note == DISCARDED:
        return _("Draft discarded")
    if note.startswith(RESTORED):
        moment = _moment(note.removeprefix(RESTORED))
        if moment is not None:
            day = date_format(timezone.localtime(moment), "DATETIME_FORMAT")
            return _("Restored the version of %(date)s") % {"date": day}
    return note


def _moment(text: str) -> datetime.datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and timezone.is_aware(moment) else None
