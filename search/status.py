"""How far the engines are behind, for whoever runs the site."""

from typing import Any

from django.db.models import Min
from django.utils import timezone

from search.engines import registry
from search.engines.base import Engine, EngineUnavailableError
from search.engines.lifecycle import ElasticsearchIndex
from search.models import IndexState, Outbox


def status() -> dict[str, dict[str, Any]]:
    """Give for each engine what waits for it, for how long, and what is being built."""
    return {engine.name: _status_of(engine) for engine in registry.all_engines()}


def _status_of(engine: Engine) -> dict[str, Any]:
    rows = Outbox.objects.behind(engine.name)
    oldest = rows.aggregate(oldest=Min("created"))["oldest"]
    lag = (timezone.now() - oldest).total_seconds() if oldest else 0.0
    figures = {"waiting": rows.count(), "lag_seconds": round(max(lag, 0.0), 1)}
    return figures | _building(engine) | _server(engine)


def _building(engine: Engine) -> dict[str, Any]:
    state = IndexState.objects.filter(place=engine.place, started__isnull=False).first()
    return {"rebuilt_so_far": state.documents if state else None}


def _server(engine: Engine) -> dict[str, Any]:
    """Say what only the server knows, and whether its index is believed."""
    if not isinstance(engine, ElasticsearchIndex):
        return {"state": "ok"}
    if Outbox.objects.gaps().exists():
        return {"state": "missed changes; the worker rebuilds it"}
    try:
        if engine.needs_rebuild():
            return {"state": "no index; the worker builds it"}
        return {"state": "ok"} | engine.health()
    except EngineUnavailableError as error:
        return {"state": f"does not answer: {error.reason}"}
