"""The committed state of documents, in portions that fit into memory."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import TypeVar

from search import content, stored
from search.engines.base import Engine, Entry, Gone
from search.models import Outbox, SearchDocument

T = TypeVar("T")

BATCH = 200
Kind = SearchDocument.Kind
Loaded = tuple[list[Entry], list[Gone]]


@dataclass(frozen=True)
class Source:
    """Where documents are read: by kind and ids; and the ids of a kind after one."""

    load: Callable[[str, Iterable[int]], Loaded]
    ids_after: Callable[[str, int, int], list[int]]


PUBLISHED = Source(content.load, content.ids_after)
STORED = Source(stored.load, stored.ids_after)


def source_of(engine: Engine) -> Source:
    """Say where an engine reads: only PostgreSQL reads the pages themselves."""
    return STORED if engine.follows else PUBLISHED


@dataclass(frozen=True)
class Portion:
    """Documents up to an id, in the order in which all are gone through."""

    kind: str
    last_id: int
    entries: list[Entry]
    gone: list[Gone]


def states_of(rows: Iterable[Outbox], source: Source) -> Iterator[Loaded]:
    """Read what rows of the outbox speak of."""
    load_files = partial(source.load, Kind.FILE)
    kinds = Outbox.Kind
    page_ids = [r.object_id for r in rows if r.kind == kinds.PAGE and r.object_id]
    file_ids = [r.object_id for r in rows if r.kind == kinds.FILE and r.object_id]
    paths = {p for r in rows if r.kind == kinds.SUBTREE for p in (r.path, r.new_path)}
    below = content.page_ids_below(paths)
    for portion in portions(chain(dict.fromkeys(page_ids), below)):
        yield source.load(Kind.PAGE, portion)
        # A page's language, address and life are its files' too.
        yield from map(load_files, portions(content.file_ids_on(portion)))
    yield from map(load_files, portions(dict.fromkeys(file_ids)))


def all_states(source: Source, kind: str = "", last_id: int = 0) -> Iterator[Portion]:
    """Read everything: pages, then files, by id; or what comes after a place in it."""
    if kind != Kind.FILE:
        yield from _states(source, Kind.PAGE, last_id)
        last_id = 0
    yield from _states(source, Kind.FILE, last_id)


def _states(source: Source, kind: Kind, last_id: int) -> Iterator[Portion]:
    """Ask for each portion anew: no cursor stays open for as long as all takes."""
    while ids := source.ids_after(kind, last_id, BATCH):
        last_id = ids[-1]
        yield Portion(kind, last_id, *source.load(kind, ids))


def states_by_key(keys: Iterable[str]) -> Iterator[Loaded]:
    """Read the published state of documents by the names they have in an index."""
    named = [key.partition("-") for key in sorted(keys)]
    for kind in Kind:
        ids = [int(pk) for its_kind, _dash, pk in named if its_kind == kind]
        yield from map(partial(PUBLISHED.load, kind), portions(ids))


def portions(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """Cut into pieces of a size."""
    iterator = iter(items)
    while portion := list(islice(iterator, size)):
        yield portion
