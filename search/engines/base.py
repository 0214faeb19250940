"""What every engine is asked and answers. Scores stay inside the engines."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.utils import timezone

from accounts.selectors import Person
from search.query import Query

FACETS = ("organisation", "project", "type", "language", "tag", "author", "updated")
# Days before today in which a document changed; one includes the ones before it.
PERIODS: Mapping[str, int] = {"week": 7, "month": 30, "year": 365}
SORTS = ("relevance", "newest", "title")
PAGE_SIZE = 10
MAX_RESULTS = 1000
# Private-use characters around what matched. They cannot come from a document (they
# are taken out when it is indexed), and the page turns them into <mark>.
MARK_START, MARK_END = "\ue000", "\ue001"
CONFIGS: Mapping[str, str] = {"nl": "dutch", "de": "german", "en": "english"}


class EngineUnavailableError(Exception):
    """The engine does not answer, or cannot be believed for now."""

    @property
    def reason(self) -> str:
        """Say why, for a log: never with what a document or question says."""
        return str(self) or type(self.__cause__).__name__


@dataclass(frozen=True)
class Choices:
    """What the person narrowed down to; several values of one facet widen it.

    Organisations, projects and authors by public id; periods by name.
    """

    organisation: tuple[str, ...] = ()
    project: tuple[str, ...] = ()
    type: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()

    def items(self) -> list[tuple[str, tuple[str, ...]]]:
        """List the facets in which something was chosen."""
        chosen = [(name, self.of(name)) for name in FACETS]
        return [(name, values) for name, values in chosen if values]

    def of(self, facet: str) -> tuple[str, ...]:
        """Give the chosen values of one facet."""
        values: tuple[str, ...] = getattr(self, facet)
        return values


@dataclass(frozen=True)
class Condition:
    """What documents must be, or with `negative` must not be: one of the values.

    `field` is one of FACETS but `updated`. Unlike a choice it holds for facets, too.
    """

    field: str
    values: tuple[str, ...]
    negative: bool = False


@dataclass(frozen=True)
class Narrowing:
    """What a question itself says of the documents: `since` included, `before` not."""

    conditions: tuple[Condition, ...] = ()
    since: datetime.datetime | None = None
    before: datetime.datetime | None = None


@dataclass(frozen=True)
class SearchRequest:
    """A question of one person. `language` is the one the question is likely in.

    `known` holds the organisations that the person may know of: who changed something
    for another one is not named, so no answer depends on it.
    """

    reader: Person
    query: Query
    choices: Choices = field(default_factory=Choices)
    narrowing: Narrowing = field(default_factory=Narrowing)
    known: frozenset[int] = frozenset()
    sort: str = "relevance"
    page: int = 1
    size: int = PAGE_SIZE
    language: str = "en"

    @property
    def offset(self) -> int:
        """Give the number of hits before this page."""
        return (self.page - 1) * self.size

    @property
    def by_weight(self) -> bool:
        """Say whether the order is that of the words: without any, the newest first."""
        return self.sort == "relevance" and self.query.has_terms


def period_start(name: str) -> datetime.datetime:
    """Give the moment at which a period of PERIODS began."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - datetime.timedelta(days=PERIODS[name])


@dataclass(frozen=True)
class Hit:
    """A candidate: shown only after the rule agreed, with the title it has then."""

    kind: str
    object_id: int
    page_id: int
    path: str
    type: str
    language: str
    title: str
    snippet: str


@dataclass(frozen=True)
class SearchResult:
    """Hits of one page, the number of all, and per facet how many each value has.

    A facet's counts heed the choices in the other facets, not its own.
    """

    hits: Sequence[Hit]
    total: int
    facets: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Entry:
    """What an engine is given to index: the published state of one page or file."""

    kind: str
    object_id: int
    page_id: int
    path: str
    root_id: int
    owner_id: int
    organisation: str
    project: str
    type: str
    language: str
    title: str
    headings: str
    body: str
    updated: datetime.datetime
    # Who changed it last, by public id, and for which organisation.
    author: str = ""
    author_organisation_id: int | None = None
    tags: tuple[str, ...] = ()
    digest: str = ""

    @property
    def key(self) -> str:
        """Give the name of the document in an index."""
        return f"{self.kind}-{self.object_id}"


@dataclass(frozen=True)
class Gone:
    """A document that must not be found any more."""

    kind: str
    object_id: int

    @property
    def key(self) -> str:
        """Give the name of the document in an index."""
        return f"{self.kind}-{self.object_id}"


@dataclass(frozen=True)
class Summary:
    """What the check compares of a document. None: the engine does not keep it."""

    digest: str
    root_id: int | None = None
    owner_id: int | None = None


class Engine(Protocol):
    """What can be searched and kept up to date."""

    name: str
    # Which row of IndexState is its own, and what that row calls the index.
    place: str
    index: str
    uuid: str
    # The engine whose documents it takes over; "" reads what is published.
    follows: str

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a question under the rule. Raises EngineUnavailableError."""

    def write(
        self, entries: Iterable[Entry], gone: Iterable[Gone], *, refresh: bool
    ) -> None:
        """Take in the state of documents; `refresh`: hold it at the next question.

        Raises EngineUnavailableError.
        """

    def summaries(self) -> Mapping[str, Summary]:
        """Sum every document up, by key, for the check."""

    def needs_rebuild(self) -> bool:
        """Say whether there is no index yet, or one that cannot be believed."""

    def begin_rebuild(self) -> "Engine":
        """Give an engine that writes into a new index while this one answers."""

    def continue_rebuild(self, index: str, uuid: str, /) -> "Engine | None":
        """Give that engine again after an interruption, if its index is still there."""

    def finish_rebuild(self, fresh: Any, /) -> None:
        """Make ready what was built, so that it could answer."""

    def replace_others(self, index: str, /) -> None:
        """Clear away what answered before, and what was begun and left."""
