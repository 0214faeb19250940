"""Writing many documents to a server that has too much to do, or a small door."""

import pytest

from search import indexing
from search.engines import bulk, registry
from search.engines.base import EngineUnavailableError, Gone
from search.engines.bulk import BulkSender
from search.states import PUBLISHED, all_states
from tests.factories import make_article
from tests.search.asking import WORD

pytestmark = pytest.mark.search_engine


@pytest.fixture
def written(world, door):
    """An index with every page in it; gives back the pages."""
    for number in range(8):
        make_article(world.open, world.admin, f"Sand {number}", body=WORD)
    indexing.drain_all()
    door.bulks.clear()
    return [entry for portion in all_states(PUBLISHED) for entry in portion.entries]


def write(entries, gone=(), sender=None):
    engine = registry.elasticsearch()
    kept, engine._sender = engine._sender, sender or BulkSender(patience=5)
    try:
        engine.write(entries, gone, refresh=True)
        return engine._sender
    finally:
        engine._sender = kept


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_later_and_longer_with_less(written, door, status):
    waits = []
    door.refuse(status, times=3)
    write(written, sender=BulkSender(patience=60, sleep=waits.append))

    assert door.met[str(status)] == 3
    assert len(waits) == 3
    assert 0 < waits[0] < waits[1] < waits[2] * 2
    count = len(written)
    assert door.bulks[:4] == [count, count // 2, count // 2 // 2, count // 2 // 2 // 2]
    # What was refused came again: each one arrives once, in portions that grow again.
    assert sum(door.bulks[3:]) == count
    assert door.bulks[4] > door.bulks[3]


def test_a_server_with_a_small_door_gets_portions_that_fit(written, door):
    door.refuse_large(3)
    write(written, sender=BulkSender(patience=60, sleep=lambda _seconds: None))
    assert door.met["413"] > 0
    taken = [size for size in door.bulks if size <= 3]
    assert sum(taken) == len(written)


def test_a_document_that_is_too_large_by_itself_is_refused_for_good(written, door):
    door.refuse_large(0)
    with pytest.raises(EngineUnavailableError):
        write(written, sender=BulkSender(patience=60, sleep=lambda _seconds: None))
    assert door.bulks[-1] == 1


def test_a_server_that_stays_busy_is_left_alone_after_a_while(written, door):
    door.refuse(429, times=1000)
    with pytest.raises(EngineUnavailableError, match="too busy"):
        write(written, sender=BulkSender(patience=0.5))
    assert 1 < door.met["429"] < 20


def test_deleting_what_is_not_there_is_fine_but_an_index_that_is_gone_is_not(
    written, door
):
    write([], [Gone("page", 10**9)])
    engine = registry.elasticsearch()
    engine._client.indices.delete(index=engine.index_name())
    with pytest.raises(EngineUnavailableError):
        write([], [Gone("page", 10**9)])
    with pytest.raises(EngineUnavailableError):
        write(written)
    # What the server makes up for a deletion has not the name that is asked.
    assert not engine._client.indices.exists(index=engine.index_name())
    assert engine.needs_rebuild()


def test_a_portion_is_small_enough_in_bytes_as_well(written, door, monkeypatch):
    largest = max(len(entry.title) for entry in written) + 1500
    monkeypatch.setattr(bulk, "MOST_BYTES", largest * 2)
    write(written)
    assert sum(door.bulks) == len(written)
    assert 1 <= max(door.bulks) < len(written)
