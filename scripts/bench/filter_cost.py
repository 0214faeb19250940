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
from scripts.bench.measure import WARM_UP
from scripts.bench.raw_search import (
    Ask,
    Body,
    bodies,
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
    asked = bodies()
    with scratch_index() as engine:
        forget_nothing(engine, engine.index)
        owners = list(Organisation.objects.values_list("pk", flat=True))
        chance = random.Random(SEED)  # noqa: S311 - a repeatable choice, no secret
        number = WARM_UP + repetitions
        cases = [_cases(engine, body, owners, chance, number) for body in asked]
        time_all(cases, WARM_UP)
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
    engine: ElasticsearchEngine,
    body: Body,
    owners: list[int],
    chance: random.Random,
    number: int,
) -> Mapping[str, Ask]:
    """List what is asked in turn, `number` times. All of it is put together before."""
    client, index = engine._client, engine.index
    total = client.search(index=index, body=body)["hits"]["total"]["value"]

    def draw(count: int) -> list[list[int]]:
        everything = range(1, ROOTS + 1)
        return [sorted(chance.sample(everything, count)) for _turn in range(number)]

    def opened(count: int) -> Ask:
        waiting = iter([open_to_all(body, roots, owners) for roots in draw(count)])

        def ask() -> None:
            answer = client.search(index=index, body=next(waiting))
            if answer["hits"]["total"]["value"] != total:
                message = f"a filter of {count} roots does not let everything through"
                raise RuntimeError(message)

        return ask

    def narrowed(count: int) -> Ask:
        waiting = iter([narrowed_to(body, roots) for roots in draw(count)])
        return lambda: client.search(index=index, body=next(waiting))

    cases: dict[str, Ask] = {WITHOUT: sender(engine, index, body)}
    # Any filter at all makes Elasticsearch score in another way; this one names no root.
    cases[name_of(0)] = opened(0)
    for count in FILTERS:
        cases[name_of(count)] = opened(count)
        cases[f"{name_of(count)}, narrowing"] = narrowed(count)
    return cases
