"""Taking the results of a search away as a table."""

from collections.abc import Iterator

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import record
from accounts.models import Membership, User
from accounts.rights import leads_people
from accounts.selectors import host_organisation, principals_of
from knowledge.access.rule import forget
from knowledge.access.selectors import known_ids
from knowledge.access.signatures import sign
from knowledge.files.models import Attachment
from knowledge.pages.models import PageFacts
from search.engines.base import MAX_RESULTS
from search.forms import SearchForm
from search.models import SearchDocument
from search.selectors import find
from search.showing import Found

BATCH = 100
# As the page calls them.
TYPES = {**dict(SearchDocument.Type.choices), "article": gettext_lazy("Page")}
Kind = SearchDocument.Kind
Role = Membership.Role


@transaction.atomic
def export_hits(*, form: SearchForm, by: User) -> list[list[str]]:
    """Give what a person finds as rows with a heading, in the order of the page.

    Up to MAX_RESULTS; the log tells that it was done, not what was asked. Raises
    PermissionDenied for who leads no organisation.
    """
    if not leads_people(by):
        raise PermissionDenied
    rows = [_heading(), *_rows(form, by)]
    for organisation_id in _answerable(by):
        record("search.export", by=by, organisation=organisation_id, hits=len(rows) - 1)
    return rows


def _answerable(user: User) -> list[int | None]:
    """List whose logs tell of it: those of the organisations the person leads."""
    led = principals_of(user).ids_with_role(Role.MANAGER, Role.ADMIN)
    host = host_organisation()
    return [*sorted(led)] or [host.pk if host else None]


def _heading() -> list[str]:
    return [
        _("Title"),
        _("Address"),
        _("Type"),
        _("Project"),
        _("Organisation"),
        _("Language"),
        _("Last change"),
        _("Changed by"),
    ]


def _rows(form: SearchForm, user: User) -> Iterator[list[str]]:
    seen: set[str] = set()
    for page in range(1, MAX_RESULTS // BATCH + 1):
        # What the request knows of its reader's rights is worked out anew: an export
        # takes longer than a page, and a withdrawal in between holds at once.
        forget(user)
        answer = find(
            user,
            form.query,
            form.choices,
            sort=form.sort,
            page=page,
            size=BATCH,
            within=form.within,
        )
        names = _names(user, answer.hits)
        for hit in answer.hits:
            # A page that was changed meanwhile may come again further down.
            if hit.url not in seen:
                seen.add(hit.url)
                yield _row(hit, names.get((hit.kind, hit.object_id), ""))
        if page >= answer.pages:
            return


def _row(hit: Found, changed_by: str) -> list[str]:
    return [
        "".join(piece.text for piece in hit.title),
        f"{settings.BASE_URL}{hit.url}",
        str(TYPES[hit.type]),
        hit.project.title if hit.project else "",
        hit.organisation.name,
        hit.language,
        timezone.localtime(hit.updated).isoformat(sep=" ", timespec="seconds")
        if hit.updated
        else "",
        changed_by,
    ]


def _names(user: User, hits: tuple[Found, ...]) -> dict[tuple[str, int], str]:
    """Name who changed each hit last, where the line below the page names them too."""
    owners = {(hit.kind, hit.object_id): hit.organisation.pk for hit in hits}
    known = known_ids(user)
    facts = PageFacts.objects.filter(page_id__in=_ids(hits, Kind.PAGE))
    files = Attachment.objects.filter(pk__in=_ids(hits, Kind.FILE))
    signed = [
        ((Kind.PAGE.value, one.page_id), one.changed_by, one.organisation)
        for one in facts.select_related("changed_by", "organisation")
    ] + [
        ((Kind.FILE.value, one.pk), one.uploaded_by, one.organisation)
        for one in files.select_related("uploaded_by", "organisation")
    ]
    names = {}
    for key, person, organisation in signed:
        by = sign(
            user,
            person=person,
            organisation=organisation,
            owner_id=owners[key],
            known=known,
        )
        names[key] = by.person.name if by.person else ""
    return names


def _ids(hits: tuple[Found, ...], kind: str) -> list[int]:
    return [hit.object_id for hit in hits if hit.kind == kind]
