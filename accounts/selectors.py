"""Reads about people and organisations. Each names for whom it reads."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property

from django.contrib.auth.models import AnonymousUser
from django.db.models import CharField, Count, Exists, OuterRef, Q, QuerySet, Value

from accounts.models import (
    Invitation,
    Membership,
    Organisation,
    Team,
    TeamMembership,
    User,
)
from accounts.prepared import STAND_IN, Prepared, prepare
from accounts.validators import clean_email

Person = User | AnonymousUser


@dataclass(frozen=True)
class Principals:
    """As what a person acts today: memberships and teams in force, nothing else.

    `roles` maps organisation id to role; `group_ids` are the `auth.Group` ids of those
    organisations and of the teams in them; `host_id` is set for employees only.
    """

    user_id: int | None = None
    roles: dict[int, str] = field(default_factory=dict)
    group_ids: frozenset[int] = frozenset()
    host_id: int | None = None

    @cached_property
    def organisation_ids(self) -> frozenset[int]:
        """Give the organisations the person belongs to today."""
        return frozenset(self.roles)

    @property
    def is_employee(self) -> bool:
        """Say whether the person belongs to the host."""
        return self.host_id is not None

    def ids_with_role(self, *roles: str) -> frozenset[int]:
        """Give the organisations in which the person has one of the roles."""
        return frozenset(id_ for id_, role in self.roles.items() if role in roles)


NOBODY = Principals()


def principals_of(user: Person) -> Principals:
    """Work out as what a person acts today, in one query. Suspended or ended = nobody."""
    if not isinstance(user, User) or not user.is_active or user.pk is None:
        return NOBODY
    rows = _memberships_and_teams().rows({STAND_IN: user.pk})
    roles = {org: role for org, _group, role, kind in rows if kind != "team"}
    if not roles:
        return NOBODY
    return Principals(
        user_id=user.pk,
        roles=roles,
        group_ids=frozenset(group for org, group, _role, _kind in rows if org in roles),
        host_id=next((o for o, _g, _r, k in rows if k == Organisation.Kind.HOST), None),
    )


@cache
def _memberships_and_teams() -> Prepared:
    """List organisation, group, role and kind of what somebody belongs to today."""
    memberships = (
        Membership.objects.in_force()
        .filter(user_id=STAND_IN)
        .order_by()
        .values_list(
            "organisation_id", "organisation__group_id", "role", "organisation__kind"
        )
    )
    teams = (
        TeamMembership.objects.filter(user_id=STAND_IN)
        .order_by()
        .values_list(
            "team__organisation_id",
            "team__group_id",
            Value("team", output_field=CharField()),
            Value("team", output_field=CharField()),
        )
    )
    return prepare(memberships.union(teams, all=True))


def host_organisation() -> Organisation | None:
    """Find the organisation that runs the installation."""
    return Organisation.objects.filter(kind=Organisation.Kind.HOST).first()


def members_of(organisation: Organisation) -> QuerySet[Membership]:
    """List the memberships of an organisation, with people, in force or not."""
    return organisation.memberships.select_related("user", "sponsor").order_by(
        "user__name", "pk"
    )


def account_of(email: str) -> User | None:
    """Find the account of an address, whatever its case."""
    return User.objects.filter(email=clean_email(email)).first()


def memberships_of(user: User) -> QuerySet[Membership]:
    """List a person's own memberships, for that person."""
    return user.memberships.select_related("organisation", "sponsor").order_by(
        "organisation__name"
    )


def organisations_seen_by(user: User, principals: Principals) -> QuerySet[Organisation]:
    """List the organisations whose people the person may list (accounts.rights)."""
    organisations = Organisation.objects.all()
    role = principals.roles.get(principals.host_id or 0)
    if user.is_superuser or role == Membership.Role.ADMIN:
        return organisations
    leads = principals.ids_with_role(Membership.Role.MANAGER, Membership.Role.ADMIN)
    return organisations.filter(pk__in=leads)


def open_invitations(
    organisation: Organisation | None = None, sent_by: User | None = None
) -> QuerySet[Invitation]:
    """List what is neither accepted nor withdrawn, perhaps of one inviter only."""
    found = Invitation.objects.filter(
        accepted_at=None, withdrawn_at=None
    ).select_related("invited_by", "organisation")
    if organisation is not None:
        found = found.filter(organisation=organisation)
    return found if sent_by is None else found.filter(invited_by=sent_by)


def teams_of(organisation: Organisation) -> QuerySet[Team]:
    """List the teams of an organisation with `size`, the members in force."""
    in_force = Membership.objects.in_force().filter(organisation=organisation)
    return organisation.teams.annotate(
        size=Count("members", filter=Q(members__in=in_force.values("user_id")))
    ).order_by("name")


def people_in_team(team: Team) -> QuerySet[User]:
    """List the people of a team who belong to its organisation today."""
    in_force = Membership.objects.in_force().filter(organisation=team.organisation)
    return User.objects.filter(
        team_memberships__team=team, pk__in=in_force.values("user_id")
    )


def free_members_of(team: Team) -> QuerySet[User]:
    """List the members of the organisation who could join the team."""
    in_force = Membership.objects.in_force().filter(organisation=team.organisation)
    return User.objects.filter(pk__in=in_force.values("user_id")).exclude(
        team_memberships__team=team
    )


def people_of(*, group_ids: Iterable[int], user_ids: Iterable[int]) -> QuerySet[User]:
    """List the people who act today through one of the groups or by themselves."""
    in_force = Membership.objects.in_force()
    members = in_force.filter(organisation__group_id__in=group_ids).values("user_id")
    in_teams = TeamMembership.objects.filter(
        Exists(
            in_force.filter(
                user=OuterRef("user"), organisation=OuterRef("team__organisation")
            )
        ),
        team__group_id__in=group_ids,
    ).values("user_id")
    alone = in_force.filter(user_id__in=user_ids).values("user_id")
    return User.objects.filter(Q(pk__in=members) | Q(pk__in=in_teams) | Q(pk__in=alone))
