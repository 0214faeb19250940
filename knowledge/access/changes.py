"""What was given on a root, and a set of changes to it that waits for Save."""

import datetime
import json
from dataclasses import dataclass

from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import Organisation, User
from knowledge.access.levels import Level
from knowledge.access.models import GroupGrant, PolicyRoot, UserGrant
from knowledge.access.subjects import Subject, key_of, organisation_of


class StaleStateError(Exception):
    """Somebody else changed the grants since the form was shown."""


@dataclass(frozen=True)
class StoredGrant:
    """A grant as it stands in the database, in force or ended."""

    subject: Subject
    organisation: Organisation | None
    level: Level
    ends_on: datetime.date | None
    giver: User | None
    reason: str
    created: datetime.datetime
    # Whoever reads it knows the giver: somebody of the owner today.
    giver_is_ours: bool = False

    @property
    def key(self) -> str:
        """Give the key of the subject."""
        return key_of(self.subject)

    @property
    def in_force(self) -> bool:
        """Say whether the last day has not passed."""
        return self.ends_on is None or self.ends_on >= timezone.localdate()


@dataclass(frozen=True)
class Change:
    """What one subject shall have from now on; `level` None takes the grant away."""

    subject: Subject
    level: Level | None
    ends_on: datetime.date | None = None
    reason: str = ""

    @property
    def key(self) -> str:
        """Give the key of the subject."""
        return key_of(self.subject)


@dataclass(frozen=True)
class ChangeSet:
    """All that one Save does, or nothing of it. `reach` None leaves the reach alone."""

    changes: tuple[Change, ...] = ()
    reach: str | None = None

    def __len__(self) -> int:
        return len(self.changes) + (self.reach is not None)


def stored_grants(root: PolicyRoot) -> list[StoredGrant]:
    """List the grants on a root, ended ones too, by name. For people who manage it."""
    groups = GroupGrant.objects.with_level().with_giver().filter(content_object=root)
    people = UserGrant.objects.with_level().with_giver().filter(content_object=root)
    rows: list[tuple[Subject, GroupGrant | UserGrant]] = []
    for grant in groups.select_related(
        "group__organisation", "group__team__organisation"
    ):
        team = getattr(grant.group, "team", None)
        rows.append((team or grant.group.organisation, grant))
    memberships = people.select_related("user").prefetch_related(
        "user__memberships__organisation"
    )
    rows += [(grant.user, grant) for grant in memberships]
    found = [_stored(subject, grant, root) for subject, grant in rows]
    return sorted(
        found, key=lambda given: (given.key[0], given.subject.name, given.key)
    )


def _stored(
    subject: Subject, grant: GroupGrant | UserGrant, root: PolicyRoot
) -> StoredGrant:
    return StoredGrant(
        subject=subject,
        organisation=organisation_of(subject, root.owner),
        level=Level(getattr(grant, "level")),  # noqa: B009
        ends_on=grant.ends_on,
        giver=grant.giver,
        reason=grant.reason,
        created=grant.created,
        giver_is_ours=getattr(grant, "giver_is_ours"),  # noqa: B009
    )


def version_of(root: PolicyRoot, grants: list[StoredGrant]) -> str:
    """Give a fingerprint of who has what on a root, to notice changes by others.

    It is sent out in the form. Without a secret in it, the keys of the pages that it is
    made of could be found by trying numbers.
    """
    state = [
        (given.key, int(given.level), str(given.ends_on), given.reason)
        for given in grants
    ]
    text = json.dumps([root.pk, root.reach, root.parent_id, sorted(state)])
    digest = salted_hmac("knowledge.access.version", text, algorithm="sha256")
    return digest.hexdigest()[:16]
