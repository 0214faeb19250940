"""`manage.py load_demo`: two companies and a guest to try the product with."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Organisation
from knowledge.demo.services import PASSWORD, SIGN_INS, is_loaded, load_demo


class Command(BaseCommand):
    """Load the demonstration into an empty installation."""

    help = "Load two companies and a guest with projects to look at."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the two switches that `make run` uses."""
        parser.add_argument(
            "--once", action="store_true", help="do nothing when there is content"
        )
        parser.add_argument(
            "--print-sign-ins", action="store_true", help="only print the sign-ins"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load unless asked only to print."""
        if options["print_sign_ins"]:
            if is_loaded():
                for sign_in in SIGN_INS:
                    self.stdout.write(f"{sign_in.role}: {sign_in.email} / {PASSWORD}")
            return
        if Organisation.objects.exists():
            if not options["once"]:
                raise CommandError(
                    "There are organisations already; nothing was loaded."
                )
            return
        load_demo()
        self.stdout.write("The demonstration is loaded.")
