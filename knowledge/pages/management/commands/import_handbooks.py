"""Import several handbooks: each sub-folder becomes an organisation with one project."""

import datetime
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from accounts.models import Membership, Organisation, User
from accounts.selectors import host_organisation
from accounts.services import create_organisation, create_person, save_membership
from knowledge.access.models import PolicyRoot
from knowledge.pages.importing.opening import open_file
from knowledge.pages.importing.report import Report
from knowledge.pages.importing.run import NewProject, import_folder
from knowledge.pages.importing.scan import FolderRefusedError

SOURCE = "SOURCE.json"
SOURCE_MAX_BYTES = 1_000_000
LANGUAGES = [code for code, _name in settings.CONTENT_LANGUAGES]
GUEST_DAYS = 365


class Command(BaseCommand):
    """Fill an installation with one handbook for each organisation."""

    help = "Import each sub-folder as the handbook of an organisation of its own."

    def add_arguments(self, parser: CommandParser) -> None:
        """Read where from, and who sees the handbooks."""
        parser.add_argument("folder", type=Path)
        parser.add_argument(
            "--reach",
            choices=PolicyRoot.Reach.values,
            default=PolicyRoot.Reach.ORGANISATION,
            help="who sees the handbooks without a grant",
        )
        parser.add_argument("--dry-run", action="store_true", help="write nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Import one after the other and print what came of each."""
        top: Path = options["folder"]
        if not top.is_dir():
            raise CommandError(f"{top} is not a folder")
        folders = sorted(p for p in top.iterdir() if p.is_dir() and p.name[0] != ".")
        total = Report()
        for folder in folders:
            try:
                report = self._import(folder, options)
            except FolderRefusedError as error:
                raise CommandError(str(error)) from error
            share = f"{report.unresolved_share:.1%}"
            pages = report.counts["pages found"]
            self.stdout.write(f"{folder.name:<20} {pages:>6} pages  {share:>6} lost")
            total.merge(report)
        self.stdout.write("\n".join(["", *total.lines(limit=5)]))
        self.stdout.write(total.as_json())

    @transaction.atomic
    def _import(self, folder: Path, options: dict[str, Any]) -> Report:
        """Import one handbook, whole or not at all."""
        source = _source(folder)
        name = str(source.get("organisation") or folder.name)[:120]
        owner = _organisation(name)
        librarian = _librarian(owner)
        said = str(source.get("language", ""))[:2]
        _plan, report = import_folder(
            folder,
            target=NewProject(owner, f"{name}: handbook"[:255], options["reach"]),
            by=librarian,
            language=said if said in LANGUAGES else settings.LANGUAGE_CODE[:2],
            dry_run=options["dry_run"],
        )
        if options["dry_run"]:
            transaction.set_rollback(True)
        return report


def _source(folder: Path) -> dict[str, Any]:
    """Read what the folder says about itself; nothing when it says nothing readable."""
    try:
        with open_file(folder, SOURCE) as file:
            data = json.loads(file.read(SOURCE_MAX_BYTES))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _organisation(name: str) -> Organisation:
    """Find or found an organisation; the first of an installation is the host."""
    found = Organisation.objects.filter(name__iexact=name).first()
    kinds = Organisation.Kind
    kind = kinds.PARTNER if host_organisation() else kinds.HOST
    return found or create_organisation(name=name, kind=kind, by=None)


def _librarian(owner: Organisation) -> User:
    """Find or create the account in whose name a handbook is written: no password."""
    email = f"librarian@{slugify(owner.name) or owner.public_id}.example"
    found = User.objects.filter(email=email).first()
    user = found or create_person(
        email=email,
        name=f"{owner.name}: librarian"[:120],
        by=None,
        organisation=owner,
    )
    if not Membership.objects.in_force().filter(user=user, organisation=owner).exists():
        last_day = timezone.localdate() + datetime.timedelta(days=GUEST_DAYS)
        save_membership(
            user=user,
            organisation=owner,
            role=Membership.Role.ADMIN,
            sponsor=None if owner.is_host else _sponsor(),
            ends_on=None if owner.is_host else last_day,
            by=None,
        )
    return user


def _sponsor() -> User | None:
    """Find somebody of the host who answers for the librarians of partners."""
    admins = Membership.objects.in_force().filter(
        organisation=host_organisation(), role=Membership.Role.ADMIN
    )
    first = admins.select_related("user").order_by("pk").first()
    return first.user if first else None
