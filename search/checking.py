"""Compare an engine's documents with what is published, and mend what differs."""

from collections.abc import Iterable, Iterator, Mapping

from search.engines.base import Engine, Entry, Summary
from search.indexing import drain_all
from search.locks import locked
from search.states import PUBLISHED, all_states, states_by_key


def find_problems(engine: Engine) -> dict[str, str]:
    """Say of each document that is not as it should be what is wrong; empty = sound.

    Changes go on meanwhile. So what looks wrong is looked at once more, after what
    waited was taken in.
    """
    found = _compare(engine.summaries(), _everything())
    if not found:
        return {}
    drain_all()
    return find_problems_among(engine, found)


def mend(engine: Engine, keys: Iterable[str]) -> dict[str, str]:
    """Write the present state of documents. Returns what is wrong after that."""
    keys = list(keys)
    with locked(engine.name):
        for entries, gone in states_by_key(keys):
            engine.write(entries, gone, refresh=True)
        return find_problems_among(engine, keys)


def find_problems_among(engine: Engine, keys: Iterable[str]) -> dict[str, str]:
    """Say of some documents, by their names in an index, what is wrong with them."""
    wanted = set(keys)
    indexed = engine.summaries()
    some = {key: indexed[key] for key in wanted & indexed.keys()}
    states = (entry for entries, _gone in states_by_key(wanted) for entry in entries)
    return _compare(some, states)


def _compare(
    indexed: Mapping[str, Summary], published: Iterable[Entry]
) -> dict[str, str]:
    left = dict(indexed)
    problems = {}
    for entry in published:
        problem = _problem(entry, left.pop(entry.key, None))
        if problem:
            problems[entry.key] = problem
    return problems | dict.fromkeys(sorted(left), "should not be there")


def _problem(entry: Entry, summary: Summary | None) -> str:
    if summary is None:
        return "missing"
    if summary.digest != entry.digest:
        return "out of date"
    if summary.root_id not in {None, entry.root_id}:
        return "under another root"
    if summary.owner_id not in {None, entry.owner_id}:
        return "of another owner"
    return ""


def _everything() -> Iterator[Entry]:
    for portion in all_states(PUBLISHED):
        yield from portion.entries
