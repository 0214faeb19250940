"""Hits as one person may see them: each is read from the database, past the rule."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Q
from wagtail.models import Page

from accounts.models import Organisation
from accounts.selectors import Person
from knowledge.access.rule import is_allowed, standing, visible_to
from knowledge.files.models import Attachment
from search.engines.base import MARK_END, MARK_START, Hit
from search.models import SearchDocument


@dataclass(frozen=True)
class Piece:
    """A part of a title or snippet; `marked` when it is what was searched for."""

    text: str
    marked: bool = False


@dataclass(frozen=True)
class Place:
    """A page that the person may view, to link to."""

    title: str
    url: str


@dataclass(frozen=True)
class Found:
    """One hit as the person may see it; `kind` and `object_id` are for the server only."""

    kind: str
    object_id: int
    title: tuple[Piece, ...]
    snippet: tuple[Piece, ...]
    url: str
    type: str
    language: str
    organisation: Organisation
    crossing: bool
    project: Place | None
    path: tuple[Place, ...]
    updated: datetime.datetime | None
    page: Place | None = None

    @property
    def matched_in(self) -> str:
        """Say where a file has what was searched for: in its "text", or only its "name".

        Not every match in a name can be marked: an index takes some names apart.
        """
        return "text" if any(piece.marked for piece in self.snippet) else "name"


@dataclass(frozen=True)
class Shown:
    """Hits that the rule let through, and the projects that may be named."""

    hits: tuple[Found, ...]
    projects: Mapping[str, str]


def show(user: Person, hits: Sequence[Hit], projects: set[str]) -> Shown:
    """Read hits, what is above them and projects, for a person. At most two queries."""
    pages = _visible_pages(user, hits, projects)
    files = _visible_files(user, hits)
    own = standing(user).principals.organisation_ids
    reader = _Reader(
        by_id={page.pk: page for page in pages},
        by_path={page.path: page.place for page in pages},
        files=files,
        own=own,
    )
    shown = (reader.show(hit) for hit in hits)
    return Shown(
        hits=tuple(hit for hit in shown if hit is not None),
        projects={page.public_id: page.title for page in pages},
    )


class _Page(NamedTuple):
    """What is shown of a page, beside its owner's columns.

    Not a row of the model with its relations: every project that was counted is named,
    of which there may be hundreds, and to make objects of them takes longer than
    Elasticsearch does to find them.
    """

    pk: int
    path: str
    title: str
    slug: str
    public_id: str
    root_id: int | None
    project_id: int | None
    published: datetime.datetime | None
    changed: datetime.datetime | None
    owner: tuple[Any, ...]

    @property
    def place(self) -> Place:
        """Give what links to it."""
        return Place(self.title, f"/{self.slug}/")

    @property
    def organisation(self) -> Organisation:
        """Give its owner."""
        return Organisation.from_db(DEFAULT_DB_ALIAS, OWNER, self.owner)


OWNER = [field.attname for field in Organisation._meta.concrete_fields]
COLUMNS = (
    "pk",
    "path",
    "title",
    "slug",
    "access__public_id",
    "access__root_id",
    "access__root__project_id",
    "last_published_at",
    "facts__changed_at",
)


def _visible_pages(
    user: Person, hits: Sequence[Hit], projects: set[str]
) -> list[_Page]:
    """Read all pages that are named anywhere on the page, in one query.

    They are few, and the rule is asked of each as it was read: with all roots of the
    person in the query it would take longer than Elasticsearch does to find them. In two
    parts, because no index answers a question of one table or another.
    """
    step = Page.steplen
    above = {hit.path[:end] for hit in hits for end in range(step, len(hit.path), step)}
    columns = (*COLUMNS, *(f"access__root__owner__{name}" for name in OWNER))
    live = Page.objects.filter(live=True).order_by()
    named = live.filter(Q(pk__in={hit.page_id for hit in hits}) | Q(path__in=above))
    counted = live.filter(access__public_id__in=projects)
    rows = named.values_list(*columns).union(counted.values_list(*columns), all=True)
    size = len(COLUMNS)
    pages = (_Page._make((*row[:size], row[size:])) for row in rows)
    return [page for page in pages if is_allowed(user, "view", page.root_id)]


def _visible_files(user: Person, hits: Sequence[Hit]) -> dict[int, Attachment]:
    ids = [hit.object_id for hit in hits if hit.kind == SearchDocument.Kind.FILE]
    if not ids:
        return {}
    present = Attachment.objects.present().filter(pk__in=ids)
    return {file.pk: file for file in visible_to(user, present, through="page__")}


@dataclass(frozen=True)
class _Reader:
    """Turns candidates into what one person may see."""

    by_id: Mapping[int, _Page]
    by_path: Mapping[str, Place]
    files: Mapping[int, Attachment]
    own: frozenset[int]

    def show(self, hit: Hit) -> Found | None:
        """Give the hit as it is now, or None when the person may not view it."""
        page = self.by_id.get(hit.page_id)
        if page is None or page.path != hit.path:
            return None
        if hit.kind == SearchDocument.Kind.FILE:
            file = self.files.get(hit.object_id)
            return self._found(hit, page, file) if file else None
        return self._found(hit, page)

    def _found(self, hit: Hit, page: _Page, file: Attachment | None = None) -> Found:
        organisation = page.organisation
        project = self.by_id.get(page.project_id or page.root_id or 0)
        found = Found(
            kind=hit.kind,
            object_id=hit.object_id,
            title=_pieces(hit.title, whole=page.title),
            snippet=_pieces(hit.snippet),
            url=page.place.url,
            type=hit.type,
            language=hit.language,
            organisation=organisation,
            crossing=organisation.pk not in self.own,
            project=project.place if project else None,
            path=self._path(page),
            updated=page.changed or page.published,
        )
        if file is None:
            return found
        return replace(
            found,
            title=_pieces(hit.title, whole=file.name),
            url=file.get_absolute_url(),
            updated=file.changed_at,
            page=page.place,
        )

    def _path(self, page: _Page) -> tuple[Place, ...]:
        """List the pages above that the person may view, from the top down."""
        ends = range(Page.steplen, len(page.path), Page.steplen)
        above = (self.by_path.get(page.path[:end]) for end in ends)
        return tuple(place for place in above if place is not None)


def address_of(page: Page) -> str:
    """Give a page's address: flat, so without asking for its site."""
    return f"/{page.slug}/"


def place_of(page: Page) -> Place:
    """Give what links to a page that the person may view."""
    return Place(page.title, address_of(page))


def _pieces(marked: str, *, whole: str = "") -> tuple[Piece, ...]:
    """Take apart a text with marks. `whole` is the text as it is now, if known.

    When that is not what was indexed it is shown as it is now, without marks.
    """
    plain = marked.replace(MARK_START, "").replace(MARK_END, "")
    if whole and plain != whole:
        return (Piece(whole),)
    pieces = []
    for position, part in enumerate(marked.split(MARK_START)):
        inside, end, outside = part.partition(MARK_END)
        if position and end:
            pieces += [Piece(inside, marked=True), Piece(outside)]
        else:
            pieces.append(Piece(part))
    return tuple(piece for piece in pieces if piece.text)
