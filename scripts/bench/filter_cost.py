"""What the clause of the rule itself costs, for a reader of many roots.

No installation has a reader with thousands of roots that are named one by one. So its
documents are indexed once more, dealt out to as many roots as it takes.
"""

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from accounts.models import Organisation
from scripts.bench.bounds import FILTERS, WITHOUT, name_of
from scripts.bench.raw_search import (
    Ask,
    Body,
    bodies,
    endless_rates,
    forget_nothing,
    sender,
    the_engine,
    time_all,
)
from search.engines.elastic_query import readable
from search.engines.elasticsearch import ElasticsearchEngine
from search.models import SearchDocument
from search.reader import Pending, ReaderFilter
from search.states import STORED, all_states

ROOTS = 12_000
SEED = 20261125


def measure(repetitions: int) -> dict[str, list[float]]:
    """Time questions without a filter and with such of many roots. In milliseconds.

    Each time the roots are others: no filter is found in a cache of the server.
    """
    with endless_rates():
        asked = bodies()
    with scratch_index() as engine:
        forget_nothing(engine, engine.index)
        owners = list(Organisation.objects.values_list("pk", flat=True))
        chance = random.Random(SEED)  # noqa: S311 - a repeatable choice, no secret
        cases = [_cases(engine, body, owners, chance) for body in asked]
        time_all(cases, 3)
        return time_all(cases, repetitions)


@contextmanager
def scratch_index() -> Iterator[ElasticsearchEngine]:
    """Index all documents with other roots: neighbours share one, as in projects."""
    main = the_engine()
    scratch = ElasticsearchEngine(server=main.server, prefix=f"{main.alias}-scratch")
    engine = scratch.begin_rebuild()
    total = SearchDocument.objects.count()
    number = 0
    try:
        for portion in all_states(STORED):
            entries = []
            for entry in portion.entries:
                root = 1 + number * ROOTS // total
                entries.append(replace(entry, root_id=root))
                number += 1
            engine.write(entries, [], refresh=False)
        engine.refresh()
        yield engine
    finally:
        engine.drop()


def open_to_all(body: Body, roots: list[int], owners: list[int]) -> Body:
    """Add a filter that names roots and lets everything through by its owner.

    The answer stays the same one, so what it takes longer is the filter's own cost.
    """
    return _filtered(body, ReaderFilter(tuple(owners), tuple(roots)))


def narrowed_to(body: Body, roots: list[int]) -> Body:
    """Add a filter that lets only these roots through: the answer is a smaller one."""
    return _filtered(body, ReaderFilter(open_roots=tuple(roots)))


def _filtered(body: Body, reader: ReaderFilter) -> Body:
    rule: dict[str, Any] = readable(reader, Pending()).to_dict()["bool"]
    inside: dict[str, Any] = body["query"]["bool"]
    clauses = [*inside.get("filter", []), *rule["filter"]]
    query = body["query"] | {"bool": inside | {"filter": clauses}}
    return body | {"query": query}


def _cases(
    engine: ElasticsearchEngine, body: Body, owners: list[int], chance: random.Random
) -> Mapping[str, Ask]:
    client, index = engine._client, engine.index
    total = client.search(index=index, body=body)["hits"]["total"]["value"]

    def drawn(count: int) -> list[int]:
        return sorted(chance.sample(range(1, ROOTS + 1), count))

    def opened(count: int) -> Ask:
        def ask() -> None:
            filtered = open_to_all(body, drawn(count), owners)
            found = client.search(index=index, body=filtered)["hits"]["total"]["value"]
            if found != total:
                message = f"the filter lets {found} of {total} through"
                raise RuntimeError(message)

        return ask

    def narrowed(count: int) -> Ask:
        return lambda: client.search(index=index, body=narrowed_to(body, drawn(count)))

    cases: dict[str, Ask] = {WITHOUT: sender(engine, index, body)}
    for count in FILTERS:
        cases[name_of(count)] = opened(count)
        cases[f"{name_of(count)}, narrowing"] = narrowed(count)
    return cases
