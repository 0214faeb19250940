"""Keep the search index: `search_index rebuild|check|drain|status`."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from search import checking, indexing, rebuilding
from search.engines import registry
from search.engines.base import Engine, EngineUnavailableError
from search.status import status

SHOWN = 20
# What a shell says of a command that ^C ended.
INTERRUPTED = 130


class Command(BaseCommand):
    """Do one act for every engine. The last line is JSON."""

    help = "Rebuild or check the search index, take in what waits, or say how it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the act and how to do it."""
        parser.add_argument("act", choices=("rebuild", "check", "drain", "status"))
        parser.add_argument(
            "--fresh",
            action="store_true",
            help="rebuild: begin anew, not where an interrupted one stopped",
        )
        parser.add_argument(
            "--mend", action="store_true", help="check: write what differs once more"
        )
        parser.add_argument(
            "--max-lag",
            type=float,
            metavar="SECONDS",
            help="status: end with 1 when a change has waited longer",
        )

    def handle(self, *, act: str, **options: Any) -> None:
        """Do it; `check` ends with 1 when problems remain."""
        try:
            getattr(self, f"_{act}")(options)
        except EngineUnavailableError as error:
            reason = error.__cause__ or error
            raise CommandError(f"Elasticsearch does not take part: {reason}") from error
        except KeyboardInterrupt as error:
            message = "Interrupted. `rebuild` goes on from here, or anew with --fresh."
            raise CommandError(message, returncode=INTERRUPTED) from error

    def _print(self, figures: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(figures))

    def _rebuild(self, options: dict[str, Any]) -> None:
        engines = registry.all_engines()
        counts = {e.name: self._build(e, fresh=options["fresh"]) for e in engines}
        self._print({"documents": counts})

    def _build(self, engine: Engine, *, fresh: bool) -> int:
        total = rebuilding.count_documents()
        with tqdm(total=total, desc=engine.name, unit="documents") as bar:
            count = rebuilding.rebuild(engine, progress=bar.update, fresh=fresh)
        indexing.drain_all()
        return count

    def _check(self, options: dict[str, Any]) -> None:
        problems: dict[str, int] = {}
        figures: dict[str, Any] = {"problems": problems}
        for engine in registry.all_engines():
            found = checking.find_problems(engine)
            for key, problem in list(found.items())[:SHOWN]:
                self.stdout.write(f"{engine.name}: {key}: {problem}")
            if options["mend"]:
                left = checking.mend(engine, found)
                figures.setdefault("mended", {})[engine.name] = len(found) - len(left)
                found = left
            problems[engine.name] = len(found)
        self._print(figures | {"waiting": indexing.waiting()})
        if any(problems.values()):
            raise CommandError("The index is not what the pages are.")

    def _drain(self, _options: dict[str, Any]) -> None:
        taken_in = indexing.drain_all()
        self._print({"taken_in": taken_in, "waiting": indexing.waiting()})

    def _status(self, options: dict[str, Any]) -> None:
        engines = status()
        for name, figures in engines.items():
            for key, value in figures.items():
                self.stdout.write(
                    f"{name:14} {key:16} {'-' if value is None else value}"
                )
        self._print({"engines": engines})
        longest = max(figures["lag_seconds"] for figures in engines.values())
        if options["max_lag"] is not None and longest > options["max_lag"]:
            raise CommandError(f"A change has waited for {longest:.0f} seconds.")
