"""Check the audit log from its first event to its last."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.audit_chain import Head, verify


class Command(BaseCommand):
    """Say where the chain breaks. The last line is JSON; a broken chain ends with 1."""

    help = "Verify that no event of the audit log was changed, removed or added."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the heads that were noted before."""
        parser.add_argument(
            "--head",
            action="append",
            default=[],
            metavar="NUMBER:HASH",
            help="a head noted earlier (from the log or an earlier run); repeatable",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Verify and report."""
        try:
            known = [Head.parse(text) for text in options["head"]]
        except ValueError as error:
            raise CommandError("A head is written NUMBER:HASH.") from error
        verdict = verify(known)
        words = f"BROKEN: {verdict.broken}" if verdict.broken else "The chain holds."
        self.stdout.write(f"{verdict.head.number} events. {words}")
        figures = {
            "events": verdict.head.number,
            "head": str(verdict.head),
            "ok": not verdict.broken,
            "broken": verdict.broken or None,
        }
        self.stdout.write(json.dumps(figures))
        if verdict.broken:
            sys.exit(1)
