"""One step of a measurement, in a process with the settings of one installation."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import django
from django.core.management import call_command


def main(act: str, *arguments: str) -> int:
    """Do a step; its answer is the last line, as JSON."""
    django.setup()
    print(json.dumps(_steps()[act](*arguments)))
    return 0


def _steps() -> dict[str, Callable[..., object]]:
    """List the steps by name."""
    # These import models, which need the settings that were chosen outside.
    from scripts.bench import (  # noqa: PLC0415
        copying,
        corpus,
        filter_cost,
        indexing_rate,
        measure,
        raw_search,
        rewriting,
        timing_world,
        world,
    )
    from search import rebuilding  # noqa: PLC0415
    from search.engines import registry  # noqa: PLC0415
    from search.models import SearchDocument  # noqa: PLC0415

    def build(path: str, size: str) -> object:
        call_command("migrate", verbosity=0)
        return world.build(corpus.read(Path(path), int(size))).as_dict()

    def build_timing_world() -> object:
        call_command("migrate", verbosity=0)
        return timing_world.build()

    def has_index() -> bool:
        return not any(engine.needs_rebuild() for engine in registry.all_engines())

    def index() -> object:
        missing = [one for one in registry.all_engines() if one.needs_rebuild()]
        return {engine.name: rebuilding.rebuild(engine) for engine in missing}

    return {
        "build": build,
        "timing-world": build_timing_world,
        "has-index": has_index,
        "index": index,
        "measure": lambda number: measure.measure(int(number)),
        "copy": lambda times: copying.build(int(times)),
        "documents": SearchDocument.objects.count,
        "search-ask": lambda number: raw_search.measure(int(number)),
        "search-filter": lambda number: filter_cost.measure(int(number)),
        "search-grant": rewriting.measure,
        "search-indexing": lambda rounds: indexing_rate.measure(int(rounds)),
    }


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
