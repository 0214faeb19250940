"""With which organisations an employee's own ones share, both ways, and until when."""

import datetime
from dataclasses import dataclass, field

from django.utils import timezone

from accounts.models import Organisation
from accounts.selectors import Person
from knowledge.access.models import PolicyRoot
from knowledge.access.rule import standing, visible_to
from knowledge.access.selectors import audiences, known_organisations

SOON_DAYS = 60


@dataclass
class Partner:
    """One partner: how many projects the reader sees that go each way."""

    organisation: Organisation
    by_us: int = 0
    with_us: int = 0
    ends: list[datetime.date] = field(default_factory=list)

    @property
    def ends_on(self) -> datetime.date | None:
        """Give the next day on which something ends."""
        return min(self.ends, default=None)


@dataclass(frozen=True)
class Ending:
    """A share that ends soon. `is_ours` when the project is."""

    root: PolicyRoot
    organisation: Organisation
    ends_on: datetime.date
    is_ours: bool


@dataclass(frozen=True)
class Overview:
    """All partners by name, and what ends within SOON_DAYS, the nearest first."""

    partners: list[Partner]
    ending: list[Ending]


def partners_of(user: Person) -> Overview:
    """Count what an employee sees shared with each partner, in constant queries."""
    own_ids = standing(user).principals.organisation_ids
    projects = PolicyRoot.objects.filter(kind=PolicyRoot.Kind.PROJECT)
    roots = list(
        visible_to(user, projects, through="page__").select_related("page", "owner")
    )
    partners = {
        organisation.pk: Partner(organisation)
        for organisation in known_organisations(user)
        if organisation.pk not in own_ids
    }
    soon = timezone.localdate() + datetime.timedelta(days=SOON_DAYS)
    ending = []
    shared = audiences(user, roots)
    for root in roots:
        is_ours = root.owner_id in own_ids
        if not is_ours and root.owner_id in partners:
            partners[root.owner_id].with_us += 1
        for share in shared[root.pk].shares:
            concerned = share.organisation.pk if is_ours else root.owner_id
            if not is_ours and share.organisation.pk not in own_ids:
                continue
            partner = partners.get(concerned)
            if partner is None:
                continue
            partner.by_us += is_ours
            if share.ends_on:
                partner.ends.append(share.ends_on)
                if share.ends_on <= soon:
                    organisation = partner.organisation
                    ending.append(Ending(root, organisation, share.ends_on, is_ours))
    ending.sort(key=lambda end: (end.ends_on, end.root.page.title))
    return Overview(list(partners.values()), ending)
