"""One step of a measurement, in a process with the settings of one installation."""

import json
import sys
from pathlib import Path

import django
from django.core.management import call_command


def main(act: str, *arguments: str) -> int:
    """Do a step; its answer is the last line, as JSON."""
    django.setup()
    # These import models, which need the settings that were chosen outside.
    from scripts.bench import corpus, measure, timing_world, world  # noqa: PLC0415
    from search import rebuilding  # noqa: PLC0415
    from search.engines import registry  # noqa: PLC0415

    answer: object
    if act == "build":
        path, size = arguments
        call_command("migrate", verbosity=0)
        answer = world.build(corpus.read(Path(path), int(size))).as_dict()
    elif act == "timing-world":
        call_command("migrate", verbosity=0)
        answer = timing_world.build()
    elif act == "has-index":
        answer = not any(engine.needs_rebuild() for engine in registry.all_engines())
    elif act == "index":
        answer = {
            engine.name: rebuilding.rebuild(engine) for engine in registry.all_engines()
        }
    else:
        answer = measure.measure(int(arguments[0]))
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
