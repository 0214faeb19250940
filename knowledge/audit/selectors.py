"""Which events of the log a person may read, as one query: no gap tells of the rest."""

import datetime
from dataclasses import dataclass

from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from wagtail.models import Page

from accounts.models import AuditEvent, Organisation, User
from accounts.rights import may_export_log
from accounts.selectors import organisations_seen_by
from knowledge.access.models import PolicyRoot
from knowledge.access.rule import standing, visible_to, visible_with
from knowledge.access.selectors import known_ids
from knowledge.audit.kinds import (
    FILE_ACTS,
    GRANTS,
    OTHER_ACTS,
    PAGE_ACTS,
    PERSON_ACTS,
    PERSONAL,
    acts_of,
)
from knowledge.files.models import Attachment
from knowledge.pages.selectors import trash_of


@dataclass(frozen=True)
class Reader:
    """Who reads the log of which organisation, and which others the person may know."""

    user: User
    organisation: Organisation
    known: frozenset[int]


@dataclass(frozen=True)
class Wanted:
    """What to show of the log: all, or less. The days are inclusive."""

    kind: str = ""
    person: User | None = None
    since: datetime.date | None = None
    until: datetime.date | None = None


def reader_of(user: User, organisation: Organisation) -> Reader:
    """Work out which organisations may be named to who reads this log."""
    seen = organisations_seen_by(user, standing(user).principals)
    known = known_ids(user) | set(seen.values_list("pk", flat=True))
    return Reader(user, organisation, frozenset(known))


def log_for(reader: Reader, wanted: Wanted) -> QuerySet[AuditEvent]:
    """List the half of each event that is the organisation's, newest first.

    What is about a page or a file is left out unless the reader may know of that: a
    line without words would tell that something is there. `page_ref` is the key of the
    page that an event is about.
    """
    events = AuditEvent.objects.annotate(page_ref=_page_ref())
    found = events.filter(_own_half(reader) | _other_half(reader)).filter(
        _narrowed(wanted)
    )
    if not may_export_log(reader.user, reader.organisation):
        found = found.exclude(action__in=PERSONAL)
    return found.select_related("actor", "organisation", "other_organisation")


def _page_ref() -> Case:
    """Give the expression for the page of an event: old events of files named none."""
    number = BigIntegerField()
    recorded = Cast(KeyTextTransform("page", "details"), number)
    files = Attachment.objects.filter(public_id=OuterRef("target"))
    stored = Subquery(files.values("page_id")[:1], output_field=number)
    return Case(
        When(
            action__in=PAGE_ACTS,
            target__regex=r"^[0-9]{1,18}$",
            then=Cast("target", number),
        ),
        When(action__in=FILE_ACTS, then=Coalesce(recorded, stored)),
        output_field=number,
    )


def _own_half(reader: Reader) -> Q:
    """Select what happened to what is the organisation's own."""
    elsewhere = Q(action__in=OTHER_ACTS)
    return Q(organisation=reader.organisation) & (
        elsewhere | _known_page(reader.user) | _known_file(reader.user)
    )


def _other_half(reader: Reader) -> Q:
    """Select what others did that concerns the organisation, or its people with theirs.

    A grant on a project concerns it whatever the reader sees of the project. An entry
    in a restriction gives nothing that the project had not given: it is left out.
    """
    elsewhere = Q(action__in=OTHER_ACTS)
    projects = PolicyRoot.objects.filter(
        pk=OuterRef("page_ref"), kind=PolicyRoot.Kind.PROJECT
    )
    given = (
        Q(action__in=GRANTS)
        & ~Q(details__contains={"outside": False})
        & Q(Exists(projects))
    )
    return Q(other_organisation=reader.organisation) & (
        elsewhere & Q(organisation_id__in=reader.known)
        | _known_page(reader.user)
        | _known_file(reader.user)
        | given
    )


def _known_page(user: User) -> Q:
    """Select events about pages that the person views, manages from above or may restore."""
    page = Page.objects.filter(pk=OuterRef("page_ref"))
    thrown = trash_of(user).filter(page_id=OuterRef("page_ref"))
    return Q(action__in=PAGE_ACTS) & (
        Q(Exists(visible_to(user, page)))
        | Q(Exists(page.filter(pk__in=standing(user).managed, access__isnull=False)))
        | Q(Exists(thrown))
    )


def _known_file(user: User) -> Q:
    """Select events about files that the person sees; deleted ones are for editors."""
    file = Attachment.objects.filter(public_id=OuterRef("target"), deleted_at=None)
    page = Page.objects.filter(pk=OuterRef("page_ref"))
    return Q(action__in=FILE_ACTS) & (
        Q(Exists(visible_to(user, file, through="page__")))
        | Q(Exists(visible_with(user, page, "drafts")))
    )


def _narrowed(wanted: Wanted) -> Q:
    """Select what was asked for.

    A person is looked for only where the line names people to everybody who reads it:
    to whom something was given is not always told, so it is no answer here either.
    """
    found = Q()
    if wanted.kind:
        found &= Q(action__in=acts_of(wanted.kind))
    if wanted.since:
        found &= Q(at__date__gte=wanted.since)
    if wanted.until:
        found &= Q(at__date__lte=wanted.until)
    if wanted.person:
        person = wanted.person.public_id
        found &= (
            Q(actor=wanted.person)
            | Q(action__in=PERSON_ACTS, target=person)
            | Q(action__startswith="team.", details__contains={"person": person})
        )
    return found
