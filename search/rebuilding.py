"""Build an index anew while the old one answers; interrupted, go on where it was.

Changes wait in the outbox meanwhile. Between an interruption and its continuation they
go into both indexes (`unfinished`), so that what was built already stays true.
"""

import datetime
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from search import content
from search.engines.base import Engine
from search.locks import locked
from search.models import IndexState, Outbox, SearchDocument
from search.states import all_states, source_of

Progress = Callable[[int], object]


def rebuild(
    engine: Engine,
    progress: Progress = lambda _n: None,
    *,
    fresh: bool = False,
    only_if_needed: bool = False,
) -> int:
    """Build an engine's index, or the rest of it. Returns the number of documents.

    `fresh` begins anew whatever was begun. With `only_if_needed` nothing is done, and 0
    returned, while another process writes or after it did this. Changes that waited
    before the beginning are in what is read; later ones are taken in afterwards. Only
    other writers of the index wait for this. Raises EngineUnavailableError.
    """
    with locked(engine.name, wait=not only_if_needed) as held:
        if not held or (only_if_needed and not is_needed(engine)):
            return 0
        return _build(engine, progress, fresh=fresh)


def is_needed(engine: Engine) -> bool:
    """Say whether what an engine has cannot be believed, however much it takes in."""
    return engine.needs_rebuild() or Outbox.objects.gaps().exists()


def _build(engine: Engine, progress: Progress, *, fresh: bool) -> int:
    state = IndexState.objects.get_or_create(place=engine.place)[0]
    target = None if fresh else _continued(engine, state)
    taken_in: list[int] = []
    if target is None:
        ready = Outbox.objects.ready(engine.name, follows=engine.follows)
        taken_in = list(ready.values_list("pk", flat=True))
        target = _begin(engine, state)
    progress(state.documents)
    for portion in all_states(source_of(engine), state.kind, state.last_id):
        with transaction.atomic():
            target.write(portion.entries, portion.gone, refresh=False)
            state.kind, state.last_id = portion.kind, portion.last_id
            state.documents += len(portion.entries)
            state.save()
        progress(len(portion.entries))
    engine.finish_rebuild(target)
    _believe(engine, state, taken_in)
    engine.replace_others(state.index)
    return state.documents


def unfinished(engine: Engine) -> Engine | None:
    """Give the index that was begun and left, which needs every change as well."""
    state = IndexState.objects.filter(place=engine.place, started__isnull=False).first()
    if state is None or not state.building:
        return None
    target = engine.continue_rebuild(state.building, state.building_uuid)
    if target is None:
        _leave(state)
    return target


def count_documents() -> int:
    """Say how many documents a full index has, at most."""
    return sum(content.all_ids(kind).count() for kind in SearchDocument.Kind)


def _continued(engine: Engine, state: IndexState) -> Engine | None:
    """Give the index that was begun, unless changes passed it by."""
    if state.started is None or Outbox.objects.gaps(after=state.started).exists():
        return None
    return engine.continue_rebuild(state.building, state.building_uuid)


def _begin(engine: Engine, state: IndexState) -> Engine:
    target = engine.begin_rebuild()
    _leave(state, started=timezone.now(), building=target.index, uuid=target.uuid)
    return target


def _leave(
    state: IndexState,
    *,
    started: datetime.datetime | None = None,
    building: str = "",
    uuid: str = "",
) -> None:
    """Forget what was begun, perhaps for something else that begins."""
    state.building, state.building_uuid = building, uuid
    state.kind, state.last_id, state.documents = "", 0, 0
    state.started = started
    state.save()


@transaction.atomic
def _believe(engine: Engine, state: IndexState, taken_in: list[int]) -> None:
    """Let the new index answer from this moment on."""
    done = Outbox.objects.behind(engine.name).filter(pk__in=taken_in)
    done.update(**{f"in_{engine.name}": True})
    if engine.name == "elasticsearch" and state.started:
        Outbox.objects.gaps(until=state.started).delete()
    state.index, state.uuid = state.building, state.building_uuid
    state.building = state.building_uuid = ""
    state.started = None
    state.save()
