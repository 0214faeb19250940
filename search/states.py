"""The committed state of documents, in portions that fit into memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import TypeVar

from search import content
from search.engines.base import Entry, Gone
from search.models import Outbox, SearchDocument

T = TypeVar("T")

BATCH = 200
Kind = SearchDocument.Kind
LOADERS = {Kind.PAGE: content.load_pages, Kind.FILE: content.load_files}


@dataclass(frozen=True)
class Portion:
    """Documents up to an id, in the order in which all are gone through."""

    kind: str
    last_id: int
    entries: list[Entry]
    gone: list[Gone]


def states_of(rows: Iterable[Outbox]) -> Iterator[tuple[list[Entry], list[Gone]]]:
    """Read what rows of the outbox speak of."""
    kinds = Outbox.Kind
    page_ids = [r.object_id for r in rows if r.kind == kinds.PAGE and r.object_id]
    file_ids = [r.object_id for r in rows if r.kind == kinds.FILE and r.object_id]
    paths = {p for r in rows if r.kind == kinds.SUBTREE for p in (r.path, r.new_path)}
    below = content.page_ids_below(paths)
    for portion in portions(chain(dict.fromkeys(page_ids), below)):
        yield content.load_pages(portion)
        # A page's language, address and life are its files' too.
        yield from map(content.load_files, portions(content.file_ids_on(portion)))
    yield from map(content.load_files, portions(dict.fromkeys(file_ids)))


def all_states(kind: str = "", last_id: int = 0) -> Iterator[Portion]:
    """Read everything: pages, then files, by id; or what comes after a place in it."""
    if kind != Kind.FILE:
        yield from _states(Kind.PAGE, last_id)
        last_id = 0
    yield from _states(Kind.FILE, last_id)


def _states(kind: Kind, last_id: int) -> Iterator[Portion]:
    """Ask for each portion anew: no cursor stays open for as long as all takes."""
    everything = content.all_page_ids() if kind == Kind.PAGE else content.all_file_ids()
    while ids := list(everything.filter(pk__gt=last_id)[:BATCH]):
        last_id = ids[-1]
        yield Portion(kind, last_id, *LOADERS[kind](ids))


def states_by_key(keys: Iterable[str]) -> Iterator[tuple[list[Entry], list[Gone]]]:
    """Read the state of documents by the names that they have in an index."""
    named = [key.partition("-") for key in sorted(keys)]
    for kind, load in LOADERS.items():
        ids = [int(pk) for its_kind, _dash, pk in named if its_kind == kind]
        yield from map(load, portions(ids))


def portions(items: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """Cut into pieces of a size."""
    iterator = iter(items)
    while portion := list(islice(iterator, size)):
        yield portion
