"""Keep the search index: `search_index rebuild|check|drain`."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from search import indexing
from search.engines import registry
from search.engines.base import Engine, EngineUnavailableError

SHOWN = 20


class Command(BaseCommand):
    """Rebuild, check or drain. The last line is JSON; `check` ends with 1 on problems."""

    help = "Rebuild or check the search index, or take in what waits for it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the act."""
        parser.add_argument("act", choices=("rebuild", "check", "drain"))

    def handle(self, *, act: str, **_options: Any) -> None:
        """Do it for every engine there is."""
        try:
            figures = getattr(self, f"_{act}")()
        except EngineUnavailableError as error:
            reason = error.__cause__ or error
            raise CommandError(f"Elasticsearch does not take part: {reason}") from error
        self.stdout.write(json.dumps(figures))
        if act == "check" and any(figures["problems"].values()):
            raise CommandError("The index is not what the pages are.")

    def _rebuild(self) -> dict[str, Any]:
        return {"documents": {e.name: self._build(e) for e in registry.all_engines()}}

    def _build(self, engine: Engine) -> int:
        total = indexing.count_documents()
        with tqdm(total=total, desc=engine.name, unit="documents") as bar:
            count = indexing.rebuild(engine, progress=bar.update)
        indexing.drain_all()
        return count

    def _check(self) -> dict[str, Any]:
        problems = {}
        for engine in registry.all_engines():
            found = indexing.find_problems(engine)
            for line in found[:SHOWN]:
                self.stdout.write(f"{engine.name}: {line}")
            problems[engine.name] = len(found)
        return {"problems": problems, "waiting": indexing.waiting()}

    def _drain(self) -> dict[str, Any]:
        return {"taken_in": indexing.drain_all(), "waiting": indexing.waiting()}
