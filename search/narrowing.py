"""What a question says of the documents, looked up for who asks.

What a value names is searched among what this person may know of. What is hidden and
what does not exist give the same note, and the rest of the question is answered.
"""

import datetime
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page

from accounts.models import Organisation, User
from accounts.selectors import Person
from knowledge.access.rule import visible_to
from knowledge.pages.models import ProjectPage
from knowledge.pages.tags import clean_tag, known_tags
from search.engines.base import Condition, Narrowing
from search.engines.postgres_query import is_signed, present
from search.models import SearchDocument
from search.query import Filter, Query

Type = SearchDocument.Type
MAX_NAMED = 50
TYPES: Mapping[str, str] = {
    "article": Type.ARTICLE,
    "page": Type.ARTICLE,
    "pagina": Type.ARTICLE,
    "seite": Type.ARTICLE,
    "project": Type.PROJECT,
    "projekt": Type.PROJECT,
    "file": Type.FILE,
    "bestand": Type.FILE,
    "datei": Type.FILE,
}
LANGUAGES: Mapping[str, str] = {
    "nederlands": "nl",
    "dutch": "nl",
    "niederländisch": "nl",
    "deutsch": "de",
    "duits": "de",
    "german": "de",
    "english": "en",
    "engels": "en",
    "englisch": "en",
} | {code: code for code, _name in settings.CONTENT_LANGUAGES}
DAY = re.compile(
    r"^(?P<sign>[<>]=?)?(?P<year>\d{4})(?:-(?P<month>\d\d?)(?:-(?P<day>\d\d?))?)?$"
)


def look_up(
    user: Person, query: Query, *, known: QuerySet[Organisation]
) -> tuple[Narrowing, list[str]]:
    """Give what the filters of a question name for a person, and notes on the rest.

    `known` are the organisations that the person may know of. One query for each kind
    of name that occurs.
    """
    found = _Found()
    for wanted in query.filters:
        if wanted.field == "updated":
            found.add_days(wanted)
        else:
            values = _named(user, wanted, known)
            found.add(wanted, values)
    narrowing = Narrowing(tuple(found.conditions), found.since, found.before)
    return narrowing, found.notes


@dataclass
class _Found:
    conditions: list[Condition] = field(default_factory=list)
    since: datetime.datetime | None = None
    before: datetime.datetime | None = None
    notes: list[str] = field(default_factory=list)

    def add(self, wanted: Filter, values: tuple[str, ...]) -> None:
        """Take in what a filter names; a filter that names nothing says so."""
        if values:
            self.conditions.append(Condition(wanted.field, values, wanted.negative))
        else:
            text = {"value": ", ".join(wanted.values)}
            self.notes.append(NOTES[wanted.field]() % text)

    def add_days(self, wanted: Filter) -> None:
        """Narrow down to the days of all such filters together."""
        for value in wanted.values:
            span = read_days(value)
            if span is None or wanted.negative:
                self.notes.append(
                    _(
                        "“%(value)s” is no day: write updated:2026-01-31, "
                        "updated:>2026-01-31 or updated:2026-01."
                    )
                    % {"value": value}
                )
                continue
            since, before = span
            self.since = max(filter(None, (self.since, since)), default=None)
            self.before = min(filter(None, (self.before, before)), default=None)


NOTES: Mapping[str, Callable[[], str]] = {
    "organisation": lambda: _("You know no organisation called “%(value)s”."),
    "project": lambda: _("You see no project called “%(value)s”."),
    "tag": lambda: _("Nothing that you see has the tag “%(value)s”."),
    "author": lambda: _("Nobody called “%(value)s” wrote what you see."),
    "type": lambda: _("“%(value)s” is no type: write page, project or file."),
    "language": lambda: _("“%(value)s” is no language here: write nl, de or en."),
}


def read_days(
    text: str,
) -> tuple[datetime.datetime | None, datetime.datetime | None] | None:
    """Read a day, month or year, with a sign before it; None when it is none of them.

    Returns the first moment, and the first one after it.
    """
    match = DAY.match(text)
    if match is None:
        return None
    year, month, day = (int(match[name] or 0) for name in ("year", "month", "day"))
    try:
        first = _midnight(year, month or 1, day or 1)
        after = _after(first, month, day)
    except (ValueError, OverflowError):
        return None
    return {
        ">": (after, None),
        ">=": (first, None),
        "<": (None, first),
        "<=": (None, after),
        "": (first, after),
    }[match["sign"] or ""]


def _midnight(year: int, month: int, day: int) -> datetime.datetime:
    return datetime.datetime(year, month, day, tzinfo=timezone.get_current_timezone())


def _after(first: datetime.datetime, month: int, day: int) -> datetime.datetime:
    if day:
        return _midnight(*(first.date() + datetime.timedelta(days=1)).timetuple()[:3])
    if month:
        return _midnight(first.year + month // 12, month % 12 + 1, 1)
    return _midnight(first.year + 1, 1, 1)


def _named(
    user: Person, wanted: Filter, known: QuerySet[Organisation]
) -> tuple[str, ...]:
    if wanted.field == "type":
        return _from(TYPES, wanted.values)
    if wanted.field == "language":
        return _from(LANGUAGES, wanted.values)
    if wanted.field == "organisation":
        return _public_ids(known.filter(_called("name", wanted.values, "initials")))
    if wanted.field == "project":
        return _projects(user, wanted.values)
    if wanted.field == "tag":
        return known_tags(user, [clean_tag(value) for value in wanted.values])
    ids = [organisation.pk for organisation in known]
    return _public_ids(authors(user, ids).filter(_called("name", wanted.values)))


def _from(table: Mapping[str, str], values: Iterable[str]) -> tuple[str, ...]:
    found = (table.get(value.lower()) for value in values)
    return tuple(dict.fromkeys(filter(None, found)))


def _public_ids(rows: QuerySet[Organisation] | QuerySet[User]) -> tuple[str, ...]:
    return tuple(rows.order_by("pk").values_list("public_id", flat=True)[:MAX_NAMED])


def _called(name: str, values: Iterable[str], *exactly: str) -> Q:
    """Match what is called so, in part, or exactly so in the other fields."""
    called = Q()
    for value in values:
        called |= Q(**{f"{name}__icontains": value})
        for other in exactly:
            called |= Q(**{f"{other}__iexact": value})
    return called


def _projects(user: Person, values: Iterable[str]) -> tuple[str, ...]:
    projects = ProjectPage.objects.order_by().values("pk")
    pages = visible_to(user, Page.objects.filter(pk__in=projects, live=True))
    found = pages.filter(_called("title", values)).order_by("pk")
    ids = found.values_list("access__public_id", flat=True)
    return tuple(ids[:MAX_NAMED])


def authors(user: Person, known: Collection[int]) -> QuerySet[User]:
    """List the people whose names stand below what a person sees, as last to change it.

    `known` are the organisations that the person may know of.
    """
    signed = present(user).filter(is_signed(user, known)).order_by()
    return User.objects.filter(public_id__in=signed.values("author"))
