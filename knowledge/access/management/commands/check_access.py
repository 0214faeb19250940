"""Compare the access rows of all pages with the tree, and mend them when asked."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from wagtail.models import Page

from knowledge.access.models import PageAccess
from knowledge.access.roots import Problem, find_problems, rebuild_subtree


class Command(BaseCommand):
    """`manage.py check_access`: exit code 1 when something is wrong and not mended."""

    help = "Check that every page hangs on the root that the tree says."

    def add_arguments(self, parser: CommandParser) -> None:
        """Offer to mend."""
        parser.add_argument(
            "--mend", action="store_true", help="write all access rows anew"
        )

    def handle(self, *_args: Any, mend: bool = False, **_options: Any) -> None:
        """Print a table for people and, as the last line, one JSON object."""
        found = find_problems()
        self._print(found)
        left = found
        if mend and found:
            left = self._mend()
        figures = {
            "pages": PageAccess.objects.count(),
            "problems": len(found),
            "left": len(left),
        }
        self.stdout.write(json.dumps({"check_access": figures}))
        if left:
            sys.exit(1)

    def _print(self, problems: list[Problem]) -> None:
        if not problems:
            self.stdout.write("Every page hangs on the right root.")
            return
        self.stdout.write(f"{'page':>8}  problem")
        for problem in problems:
            self.stdout.write(f"{problem.page_id:>8}  {problem.text}")

    @transaction.atomic
    def _mend(self) -> list[Problem]:
        """Rebuild the whole tree. Returns what is wrong even then."""
        for page in Page.objects.filter(depth=1):
            rebuild_subtree(page)
        return find_problems()
