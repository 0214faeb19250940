"""Remove deleted files whose time is up, and stored bytes that belong to nothing."""

import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from knowledge.files.models import Attachment
from knowledge.files.services import find_orphans, purge_deleted, remove_orphans

KEEP_DAYS = 30
# Bytes without a row may belong to an upload that is being written just now.
ORPHAN_HOURS = 24


class Command(BaseCommand):
    """Free the space of what cannot be seen any more."""

    help = "Remove files deleted long ago and stored bytes that belong to no file."

    def add_arguments(self, parser: CommandParser) -> None:
        """Read how long to keep, and whether to look only."""
        parser.add_argument("--dry-run", action="store_true", help="change nothing")
        parser.add_argument(
            "--days", type=int, default=KEEP_DAYS, help="days a deleted file is kept"
        )
        parser.add_argument(
            "--hours", type=int, default=ORPHAN_HOURS, help="age of bytes without a row"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Purge, then look for orphans, so that a second run finds nothing."""
        now = timezone.now()
        before = now - datetime.timedelta(days=options["days"])
        orphans = find_orphans(before=now - datetime.timedelta(hours=options["hours"]))
        if options["dry_run"]:
            purged = Attachment.objects.filter(deleted_at__lt=before).count()
        else:
            purged = purge_deleted(before=before)
            remove_orphans(orphans)
        verb = "would remove" if options["dry_run"] else "removed"
        self.stdout.write(f"{verb} {purged} deleted files, {len(orphans)} orphans")
