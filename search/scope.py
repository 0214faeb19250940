"""A search of what one organisation owns or was given, for those who lead it.

It is narrower than what its reader may view, never wider: which projects these are, and
with whom they are shared, is asked of the rule.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from accounts.models import Membership, Organisation
from accounts.selectors import Person
from knowledge.access.models import PolicyRoot
from knowledge.access.rule import standing
from knowledge.access.selectors import audiences
from search.engines.base import Choices, Condition, Narrowing

Role = Membership.Role
# Stands for "none of them": no project has this id.
NOWHERE = "-"


@dataclass(frozen=True)
class Within:
    """What an address says of it: an organisation and chosen partners, by public id."""

    organisation: str = ""
    partners: tuple[str, ...] = ()


EVERYWHERE = Within()


@dataclass(frozen=True)
class Scope:
    """The projects of an organisation: for each, by public ids, with which partners.

    The partner of what was given is its owner; of what is owned, each organisation that
    it is shared with.
    """

    organisation: Organisation
    projects: Mapping[str, frozenset[str]]
    partners: Mapping[str, Organisation]

    def narrow(self, narrowing: Narrowing) -> Narrowing:
        """Keep to these projects."""
        ids = tuple(sorted(self.projects)) or (NOWHERE,)
        inside = Condition("project", ids)
        return replace(narrowing, conditions=(*narrowing.conditions, inside))

    def choose(self, choices: Choices, partners: Iterable[str]) -> Choices:
        """Narrow the chosen projects down to those with one of the partners."""
        wanted = set(partners)
        if not wanted:
            return choices
        shared = {id_ for id_, with_ in self.projects.items() if with_ & wanted}
        chosen = shared.intersection(choices.project) if choices.project else shared
        return replace(choices, project=tuple(sorted(chosen)) or (NOWHERE,))

    def count(self, by_project: Mapping[str, int]) -> dict[str, int]:
        """Add the documents of projects up for each partner."""
        counts = dict.fromkeys(self.partners, 0)
        for project, number in by_project.items():
            for partner in self.projects.get(project, ()):
                counts[partner] += number
        return counts


def scopes_of(user: Person, known: Iterable[Organisation]) -> tuple[Organisation, ...]:
    """Pick out the organisations that a person leads, of those the person knows."""
    led = standing(user).principals.ids_with_role(Role.MANAGER, Role.ADMIN)
    return tuple(one for one in known if one.pk in led)


def scope_of(user: Person, organisation: Organisation) -> Scope:
    """Read what an organisation owns or was given, as far as a person may view it.

    What is open to the whole network was given to nobody in particular. Three queries.
    """
    roots = PolicyRoot.objects.filter(
        pk__in=list(standing(user).levels),
        kind=PolicyRoot.Kind.PROJECT,
        page__access__isnull=False,
    )
    projects: dict[str, frozenset[str]] = {}
    partners: dict[str, Organisation] = {}
    ids = dict(roots.values_list("pk", "page__access__public_id"))
    for pk, audience in audiences(user, roots).items():
        others = [one for one in audience.organisations if one.pk != organisation.pk]
        if audience.owner.pk != organisation.pk:
            if len(others) == len(audience.organisations):
                continue
            others = [audience.owner]
        projects[ids[pk]] = frozenset(one.public_id for one in others)
        partners |= {one.public_id: one for one in others}
    return Scope(organisation, projects, partners)
