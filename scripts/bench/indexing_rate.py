"""How fast an index is built, beside the plainest way to send the same documents."""

import time

from elasticsearch.helpers import bulk

from scripts.bench.raw_search import the_engine
from search import rebuilding
from search.engines.bulk import MOST_BYTES, MOST_DOCUMENTS
from search.engines.elasticsearch import ElasticsearchEngine
from search.states import STORED, all_states


def measure(rounds: int) -> dict[str, list[float]]:
    """Build the index as `search_index rebuild` does and raw, in turn: documents/s."""
    engine = the_engine()
    actions = documents(engine)
    rates: dict[str, list[float]] = {"rebuild": [], "raw": []}
    for turn in range(rounds):
        # Who comes second meets a warmer server.
        for name in sorted(rates, reverse=bool(turn % 2)):
            started = time.perf_counter()
            if name == "raw":
                _send_raw(engine, actions)
            else:
                rebuilding.rebuild(engine, fresh=True)
            rates[name].append(len(actions) / (time.perf_counter() - started))
    return rates


def documents(engine: ElasticsearchEngine) -> list[dict[str, object]]:
    """Read everything that an index holds, as it is sent."""
    return [
        action
        for portion in all_states(STORED)
        for action in engine.index_actions(portion.entries)
    ]


def _send_raw(engine: ElasticsearchEngine, actions: list[dict[str, object]]) -> None:
    """Fill an index of the same shape with what is in memory already."""
    scratch = ElasticsearchEngine(server=engine.server, prefix=f"{engine.alias}-raw")
    fresh = scratch.begin_rebuild()
    try:
        bulk(
            engine._client,
            actions,
            index=fresh.index,
            chunk_size=MOST_DOCUMENTS,
            max_chunk_bytes=MOST_BYTES,
        )
        fresh.refresh()
    finally:
        fresh.drop()
