"""What lies in the trash, and who put it there, as far as the reader may know."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.models import Organisation
from accounts.selectors import Person, acting_organisation
from knowledge.access.models import Trash
from knowledge.access.signatures import Signature, known_ids, sign
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
    """Say of each entry who deleted it.

    The trash does not keep for whom somebody acted; who acts for nobody any more is
    named to members of the owner only.
    """
    rows = list(entries)
    organisations = _organisations(rows)
    known = known_ids(user)

    def acted_for(row: Trash) -> Organisation | None:
        return organisations.get((row.trashed_by_id or 0, row.root.owner_id))

    return [
        Deleted(
            entry=row,
            by=sign(
                user,
                person=row.trashed_by,
                organisation=acted_for(row),
                owner_id=row.root.owner_id,
                known=known,
            ),
        )
        for row in rows
    ]


def _organisations(rows: Iterable[Trash]) -> dict[tuple[int, int], Organisation]:
    """Find for whom each person acts today on the pages of each owner."""
    people = {
        (row.trashed_by.pk, row.root.owner_id): row.trashed_by
        for row in rows
        if row.trashed_by
    }
    ids = {
        key: acting_organisation(person, owner_id=key[1])
        for key, person in people.items()
    }
    found = Organisation.objects.in_bulk([pk for pk in ids.values() if pk])
    return {key: found[pk] for key, pk in ids.items() if pk}
