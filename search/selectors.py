"""Reads of the search page. Everything shown went through the rule a second time."""

import datetime
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.conf import settings
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Case, Q, QuerySet, When
from django.db.models.functions import Lower
from django.utils.translation import get_language
from wagtail.models import Page

from accounts.models import Organisation
from accounts.selectors import Person
from knowledge.access.models import PageAccess
from knowledge.access.rule import standing, visible_to
from knowledge.access.selectors import known_organisations
from knowledge.files.models import Attachment
from search.engines import registry
from search.engines.base import (
    FACETS,
    MARK_END,
    MARK_START,
    MAX_RESULTS,
    Choices,
    EngineUnavailableError,
    Hit,
    SearchRequest,
    SearchResult,
)
from search.models import SearchDocument
from search.query import Query, guess_language

logger = logging.getLogger(__name__)

SUGGESTIONS = 8
FEWEST_LETTERS = 2


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
    """One hit as the person may see it."""

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


@dataclass(frozen=True)
class FacetValue:
    """One value of a facet, with its count under the other choices."""

    value: str
    count: int
    chosen: bool
    label: str
    organisation: Organisation | None = None


@dataclass(frozen=True)
class Answer:
    """All that the search page shows."""

    query: Query
    choices: Choices
    page: int
    pages: int
    total: int
    engine: str
    hits: tuple[Found, ...] = ()
    facets: Mapping[str, tuple[FacetValue, ...]] = field(default_factory=dict)
    reduced: bool = False
    capped: bool = False


def find(
    user: Person, query: Query, choices: Choices, *, page: int = 1, size: int
) -> Answer:
    """Answer what a person asks, under the rule, in at most ten queries.

    Elasticsearch answers when it can be believed, else PostgreSQL does.
    """
    default = (get_language() or settings.LANGUAGE_CODE)[:2]
    request = SearchRequest(
        reader=user,
        query=query,
        choices=choices,
        page=page,
        size=size,
        language=guess_language(query.words, default=default),
    )
    engine, result, shown = _ask(request)
    reachable = min(result.total, MAX_RESULTS)
    return Answer(
        query=query,
        choices=choices,
        page=page,
        pages=-(-reachable // size),
        total=result.total,
        engine=engine,
        hits=shown.hits,
        facets=_facet_values(result, choices, shown),
        reduced=bool(settings.ELASTICSEARCH_URL) and engine == registry.postgres().name,
        capped=result.total > MAX_RESULTS,
    )


@dataclass(frozen=True)
class _Shown:
    """What the database lets this person see of a result."""

    hits: tuple[Found, ...]
    organisations: Mapping[str, Organisation]
    projects: Mapping[str, str]


def _ask(request: SearchRequest) -> tuple[str, SearchResult, _Shown]:
    """Ask Elasticsearch, and PostgreSQL when that fails or shows what it must not.

    A hit that the rule denies means that the index is behind in a way nothing told of:
    then none of its counts are believed either.
    """
    elastic = registry.elasticsearch()
    if elastic is not None:
        try:
            result = elastic.search(request)
        except EngineUnavailableError as error:
            logger.warning("search without Elasticsearch: %s", type(error.__cause__))
        else:
            shown = _show(request, result)
            if len(shown.hits) == len(result.hits):
                return elastic.name, result, shown
            logger.warning("the index of Elasticsearch is not what the pages are")
    postgres = registry.postgres()
    result = postgres.search(request)
    return postgres.name, result, _show(request, result)


def _show(request: SearchRequest, result: SearchResult) -> _Shown:
    """Read hits, what is above them, projects and organisations past the rule."""
    projects = {*result.facets["project"], *request.choices.project}
    pages = _visible_pages(request.reader, result.hits, projects)
    files = _visible_files(request.reader, result.hits)
    own = standing(request.reader).principals.organisation_ids
    reader = _Reader(pages, {page.path: page for page in pages.values()}, files, own)
    shown = (reader.show(hit) for hit in result.hits)
    known = known_organisations(request.reader).filter(
        public_id__in={*result.facets["organisation"], *request.choices.organisation}
    )
    return _Shown(
        hits=tuple(hit for hit in shown if hit is not None),
        organisations={organisation.public_id: organisation for organisation in known},
        projects={_access(page).public_id: page.title for page in pages.values()},
    )


def _visible_pages(
    user: Person, hits: Sequence[Hit], projects: set[str]
) -> dict[int, Page]:
    """Read all pages that are named anywhere on the page, in one query."""
    step = Page.steplen
    above = {hit.path[:end] for hit in hits for end in range(step, len(hit.path), step)}
    wanted = Page.objects.filter(
        Q(pk__in={hit.page_id for hit in hits})
        | Q(path__in=above)
        | Q(access__public_id__in=projects),
        live=True,
    ).select_related("access__root__owner", "facts")
    return {page.pk: page for page in visible_to(user, wanted)}


def _visible_files(user: Person, hits: Sequence[Hit]) -> dict[int, Attachment]:
    ids = [hit.object_id for hit in hits if hit.kind == SearchDocument.Kind.FILE]
    if not ids:
        return {}
    present = Attachment.objects.present().filter(pk__in=ids)
    return {file.pk: file for file in visible_to(user, present, through="page__")}


@dataclass(frozen=True)
class _Reader:
    """Turns candidates into what one person may see."""

    pages: Mapping[int, Page]
    by_path: Mapping[str, Page]
    files: Mapping[int, Attachment]
    own: frozenset[int]

    def show(self, hit: Hit) -> Found | None:
        """Give the hit as it is now, or None when the person may not view it."""
        page = self.pages.get(hit.page_id)
        if page is None or page.path != hit.path:
            return None
        if hit.kind == SearchDocument.Kind.FILE:
            file = self.files.get(hit.object_id)
            return self._found(hit, page, file) if file else None
        return self._found(hit, page)

    def _found(self, hit: Hit, page: Page, file: Attachment | None = None) -> Found:
        root = _access(page).root
        project = self.pages.get(root.project_id or root.pk)
        facts = getattr(page, "facts", None)
        found = Found(
            title=_pieces(hit.title, whole=page.title),
            snippet=_pieces(hit.snippet),
            url=address_of(page),
            type=hit.type,
            language=hit.language,
            organisation=root.owner,
            crossing=root.owner_id not in self.own,
            project=_place(project) if project else None,
            path=self._path(page),
            updated=facts.changed_at if facts else page.last_published_at,
        )
        if file is None:
            return found
        return replace(
            found,
            title=_pieces(hit.title, whole=file.name),
            url=file.get_absolute_url(),
            updated=file.changed_at,
            page=_place(page),
        )

    def _path(self, page: Page) -> tuple[Place, ...]:
        """List the pages above that the person may view, from the top down."""
        ends = range(Page.steplen, len(page.path), Page.steplen)
        above = (self.by_path.get(page.path[:end]) for end in ends)
        return tuple(_place(page) for page in above if page is not None)


def address_of(page: Page) -> str:
    """Give a page's address: flat, so without asking for its site."""
    return f"/{page.slug}/"


def _access(page: Page) -> PageAccess:
    access: PageAccess = page.access  # type: ignore[attr-defined]
    return access


def _place(page: Page) -> Place:
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


def _facet_values(
    result: SearchResult, choices: Choices, shown: _Shown
) -> dict[str, tuple[FacetValue, ...]]:
    """Name the values of each facet; the most frequent first, chosen ones always."""
    return {
        facet: tuple(
            sorted(
                _named(facet, result.facets[facet], choices.of(facet), shown),
                key=lambda value: (-value.count, value.label),
            )
        )
        for facet in FACETS
    }


def _named(
    facet: str, counts: Mapping[str, int], chosen: Sequence[str], shown: _Shown
) -> list[FacetValue]:
    labels: Mapping[str, object] = {
        "organisation": shown.organisations,
        "project": shown.projects,
        "type": dict(SearchDocument.Type.choices),
        "language": dict(settings.CONTENT_LANGUAGES),
    }[facet]
    return [
        FacetValue(
            value=value,
            count=counts.get(value, 0),
            chosen=value in chosen,
            label=str(labels[value]),
            organisation=shown.organisations.get(value),
        )
        for value in {*counts, *chosen}
        if value in labels
    ]


def suggest(user: Person, text: str) -> list[Place]:
    """List pages the person may view in whose title words begin so, at most eight.

    Read from the pages themselves: no index of words that others typed or wrote.
    """
    start = " ".join(text.replace("\x00", " ").split())[:100]
    if len(start) < FEWEST_LETTERS:
        return []
    pages = visible_to(user, Page.objects.filter(live=True))
    first = Case(When(title__istartswith=start, then=0), default=1)
    found = with_words(pages, start).order_by(first, Lower("title"), "pk")
    return [_place(page) for page in found.only("title", "slug")[:SUGGESTIONS]]


def with_words(pages: QuerySet[Page], start: str) -> QuerySet[Page]:
    """Keep the pages in whose title words begin so: the expression that is indexed."""
    words = SearchVector("title", config="simple")
    found: QuerySet[Page] = pages.annotate(words=words)
    return found.filter(words=_beginnings(start))


def _beginnings(text: str) -> SearchQuery:
    """Ask for all words of a text, each as the beginning of one."""
    quoted = (word.replace("\\", " ").replace("'", "''") for word in text.split())
    parts = " & ".join(f"'{word}':*" for word in quoted)
    return SearchQuery(parts, config="simple", search_type="raw")
