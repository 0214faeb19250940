"""What lies in the trash, and who put it there, as far as the reader may know."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.selectors import Person
from knowledge.access.models import Trash
from knowledge.access.selectors import known_ids
from knowledge.access.signatures import Signature, sign
from knowledge.pages.models import ProjectPage
from knowledge.pages.selectors import trash_of


@dataclass(frozen=True)
class Deleted:
    """One entry of the trash with who deleted it."""

    entry: Trash
    by: Signature


def trash_in(user: Person, project: ProjectPage | None) -> QuerySet[Trash]:
    """List what the person may bring back, in one project or in all."""
    found = trash_of(user)
    if project is None:
        return found
    return found.filter(Q(root_id=project.pk) | Q(root__project_id=project.pk))


def deleted(user: Person, entries: Iterable[Trash]) -> list[Deleted]:
    """Say of each entry who deleted it, and for whom."""
    known = known_ids(user)
    return [
        Deleted(
            entry=row,
            by=sign(
                user,
                person=row.trashed_by,
                organisation=row.organisation,
                owner_id=row.root.owner_id,
                known=known,
            ),
        )
        for row in entries
    ]
