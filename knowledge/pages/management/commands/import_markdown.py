"""Import a folder of Markdown files into a project."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.http import Http404

from accounts.models import Organisation, User
from knowledge.access.models import PolicyRoot
from knowledge.access.rule import get_visible_or_404
from knowledge.pages.importing.plan import Plan
from knowledge.pages.importing.run import NewProject, import_folder
from knowledge.pages.importing.scan import FolderRefusedError
from knowledge.pages.models import ProjectPage

SHOWN_PAGES = 200


class Command(BaseCommand):
    """Import a folder; a second run brings what changed."""

    help = "Import a folder of Markdown files into a project."

    def add_arguments(self, parser: CommandParser) -> None:
        """Read where from, where to, and as whom."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("--project", help="address or id of a project")
        parser.add_argument("--new-project", metavar="TITLE", help="found this project")
        parser.add_argument("--organisation", metavar="NAME", help="its owner")
        parser.add_argument(
            "--reach",
            choices=PolicyRoot.Reach.values,
            default=PolicyRoot.Reach.ORGANISATION,
            help="who sees the new project without a grant",
        )
        parser.add_argument("--as", dest="email", required=True, metavar="E-MAIL")
        parser.add_argument(
            "--language",
            choices=[code for code, _name in settings.CONTENT_LANGUAGES],
            default=settings.LANGUAGE_CODE[:2],
            help="of pages that do not say it themselves",
        )
        parser.add_argument("--dry-run", action="store_true", help="write nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import and print the report; the last line is JSON."""
        by = User.objects.filter(email=options["email"].strip().lower()).first()
        if by is None:
            raise CommandError(f"nobody has the address {options['email']}")
        try:
            plan, report = import_folder(
                options["folder"],
                target=self._target(by, options),
                by=by,
                language=options["language"],
                dry_run=options["dry_run"],
            )
        except (FolderRefusedError, ValidationError, PermissionDenied) as error:
            messages = getattr(error, "messages", [str(error)])
            raise CommandError(" ".join(messages)) from error
        except Http404 as error:
            raise CommandError(f"{by.email} sees no such project") from error
        if options["dry_run"]:
            self._print_tree(plan)
        self.stdout.write("\n".join(report.lines()))
        self.stdout.write(report.as_json())

    def _target(self, by: User, options: dict[str, Any]) -> ProjectPage | NewProject:
        if bool(options["project"]) == bool(options["new_project"]):
            raise CommandError("give either --project or --new-project")
        if options["project"]:
            public_id = options["project"].strip("/").rpartition("-")[2]
            projects = ProjectPage.objects.all()
            found: ProjectPage = get_visible_or_404(
                by, projects, access__public_id=public_id
            )
            return found
        name = options["organisation"] or ""
        owner = Organisation.objects.filter(name__iexact=name.strip()).first()
        if owner is None:
            raise CommandError(
                f"there is no organisation {name!r}: --organisation NAME"
            )
        return NewProject(owner, options["new_project"].strip(), options["reach"])

    def _print_tree(self, plan: Plan) -> None:
        """Show the pages as they would hang together."""
        depth = {"": 0}
        for number, (key, page) in enumerate(plan.pages.items()):
            depth[key] = depth[page.source.parent] + 1
            if number < SHOWN_PAGES:
                indent = "  " * depth[key]
                self.stdout.write(f"{indent}{page.source.title}  ({key})")
        if len(plan.pages) > SHOWN_PAGES:
            self.stdout.write(f"  … and {len(plan.pages) - SHOWN_PAGES} more")
