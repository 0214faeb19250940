"""Take the outbox into the engines, rebuild them, and compare them with the truth.

Each engine has an advisory lock, so that one process at a time writes into it: two
workers can never put an older state over a newer one. State is read after the rows
that announce it, and a row goes only after the engine took it in. Elasticsearch may
lag or be down; PostgreSQL goes on.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from search import content
from search.engines import registry
from search.engines.base import Engine, EngineUnavailableError, Entry, Gone
from search.models import Outbox

T = TypeVar("T")
Progress = Callable[[int], object]

BATCH = 200
LOCK_SPACE = 0x736561  # "sea": advisory locks of this module
LOCKS = {"postgres": 1, "elasticsearch": 2}


def drain_all() -> int:
    """Drain until nothing waits any more. Returns the number of rows taken in."""
    total = 0
    while count := drain():
        total += count
    return total


def drain(limit: int = BATCH) -> int:
    """Take at most `limit` waiting rows into each engine; the oldest first.

    Returns the number of rows that an engine took in. 0 also means that another
    process is at it, or that Elasticsearch does not answer.
    """
    count = _drain_into(registry.postgres(), limit)
    elastic = registry.elasticsearch()
    if elastic is not None:
        count += _catch_up(elastic, limit)
    _clear()
    return count


def _catch_up(engine: Engine, limit: int) -> int:
    try:
        if engine.needs_rebuild():
            return rebuild(engine)
        return _drain_into(engine, limit)
    except EngineUnavailableError:
        # The rows stay; the next run tries again.
        return 0


@transaction.atomic
def _drain_into(engine: Engine, limit: int) -> int:
    if not _try_lock(engine.name):
        return 0
    rows = list(_behind(engine).order_by("pk")[:limit])
    barrier = any(row.barrier for row in rows)
    for entries, gone in _states_of(rows):
        engine.write(entries, gone, refresh=barrier)
    done = [row.pk for row in rows]
    Outbox.objects.filter(pk__in=done).update(**{f"in_{engine.name}": True})
    return len(rows)


def _behind(engine: Engine) -> QuerySet[Outbox]:
    """List what an engine has not taken in yet."""
    rows = Outbox.objects.filter(**{f"in_{engine.name}": False})
    return rows.exclude(kind=Outbox.Kind.GAP)


def _states_of(rows: Iterable[Outbox]) -> Iterator[tuple[list[Entry], list[Gone]]]:
    """Read what the rows speak of, in portions that fit into memory."""
    kinds = Outbox.Kind
    page_ids = [r.object_id for r in rows if r.kind == kinds.PAGE and r.object_id]
    file_ids = [r.object_id for r in rows if r.kind == kinds.FILE and r.object_id]
    paths = {p for r in rows if r.kind == kinds.SUBTREE for p in (r.path, r.new_path)}
    below = content.page_ids_below(paths)
    for portion in _portions(chain(dict.fromkeys(page_ids), below), BATCH):
        yield content.load_pages(portion)
        # A page's language, address and life are its files' too.
        on_pages = content.file_ids_on(portion)
        yield from map(content.load_files, _portions(on_pages, BATCH))
    yield from map(content.load_files, _portions(dict.fromkeys(file_ids), BATCH))


def _portions(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while portion := list(islice(iterator, size)):
        yield portion


@transaction.atomic
def _clear() -> None:
    """Delete rows that every engine took in.

    Without Elasticsearch its part is done unseen, which leaves a gap: should it be set
    up later, nothing in it is believed before it was rebuilt.
    """
    done = Outbox.objects.filter(in_postgres=True).exclude(kind=Outbox.Kind.GAP)
    if registry.elasticsearch() is not None:
        done.filter(in_elasticsearch=True).delete()
    elif done.exists():
        Outbox.objects.bulk_create(
            [Outbox(kind=Outbox.Kind.GAP, barrier=True, in_postgres=True)],
            ignore_conflicts=True,
        )
        done.delete()


def rebuild(engine: Engine, progress: Progress = lambda _n: None) -> int:
    """Build an engine's index anew. Returns the number of documents.

    Meanwhile the old one answers, and changes wait in the outbox: they are taken in
    afterwards, so none is lost. What waited before is in what is read now. Raises
    EngineUnavailableError.
    """
    keys: set[str] = set()
    with _locked(engine.name):
        behind = _behind(engine)
        before = list(behind.values_list("pk", flat=True))
        fresh = engine.begin_rebuild()
        for entries, gone in _all_states():
            fresh.write(entries, gone, refresh=False)
            keys.update(entry.key for entry in entries)
            progress(len(entries))
        engine.finish_rebuild(fresh, keys)
        behind.filter(pk__in=before).update(**{f"in_{engine.name}": True})
        if engine.name == "elasticsearch":
            Outbox.objects.filter(kind=Outbox.Kind.GAP).delete()
    return len(keys)


def _all_states() -> Iterator[tuple[list[Entry], list[Gone]]]:
    pages = content.all_page_ids().iterator(2000)
    files = content.all_file_ids().iterator(2000)
    return chain(
        map(content.load_pages, _portions(pages, BATCH)),
        map(content.load_files, _portions(files, BATCH)),
    )


def count_documents() -> int:
    """Say how many documents a full index has, at most."""
    return content.all_page_ids().count() + content.all_file_ids().count()


def find_problems(engine: Engine) -> list[str]:
    """Compare an engine's documents with the published state. Empty = sound."""
    indexed = dict(engine.digests())
    problems = []
    for entries, _gone in _all_states():
        for entry in entries:
            digest = indexed.pop(entry.key, None)
            if digest is None:
                problems.append(f"{entry.key}: missing")
            elif digest != entry.digest:
                problems.append(f"{entry.key}: out of date")
    return problems + [f"{key}: should not be there" for key in sorted(indexed)]


def waiting() -> int:
    """Count the rows that some engine has not taken in yet."""
    behind = Q(in_postgres=False)
    if registry.elasticsearch() is not None:
        behind |= Q(in_elasticsearch=False)
    return Outbox.objects.filter(behind).exclude(kind=Outbox.Kind.GAP).count()


def _try_lock(name: str) -> bool:
    """Take an engine's lock until the end of the transaction, if it is free."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK_SPACE, LOCKS[name]]
        )
        return bool(cursor.fetchone()[0])


@contextmanager
def _locked(name: str) -> Iterator[None]:
    """Hold an engine's lock across transactions; waits for whoever has it."""
    key = [LOCK_SPACE, LOCKS[name]]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", key)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)
