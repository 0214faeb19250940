"""Reads about sharing: with whom, as what, until when. Each names for whom it reads."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    DateField,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.http import Http404
from wagtail.models import Page

from accounts.models import Membership, Organisation, User
from accounts.prepared import STAND_IN, Prepared, one_of, prepare
from accounts.selectors import Person, principals_of
from knowledge.access.levels import Level
from knowledge.access.models import GroupGrant, PolicyRoot, UserGrant
from knowledge.access.rule import ACTIONS, standing, visible_to

# Stand for roots in a prepared query: those one may view, and of these with drafts.
VIEWED, WITH_DRAFTS = STAND_IN, STAND_IN - 1


@dataclass(frozen=True)
class Share:
    """What another organisation than the owner has on a root, at most, and until when.

    `ends_on` is the last day on which anybody of the organisation has anything here.
    """

    organisation: Organisation
    level: Level
    ends_on: datetime.date | None


@dataclass(frozen=True)
class Audience:
    """Whose a root is and with which organisations it is shared, by name."""

    owner: Organisation
    reach: PolicyRoot.Reach
    shares: tuple[Share, ...] = ()

    @property
    def is_shared(self) -> bool:
        """Say whether anybody outside the owning organisation may read here."""
        return bool(self.shares) or self.reach == PolicyRoot.Reach.NETWORK

    @property
    def ends_on(self) -> datetime.date | None:
        """Give the earliest last day among the shares."""
        return min(
            (share.ends_on for share in self.shares if share.ends_on), default=None
        )

    @property
    def organisations(self) -> tuple[Organisation, ...]:
        """List the organisations taking part, the owner first."""
        return (self.owner, *(share.organisation for share in self.shares))


@dataclass(frozen=True)
class Place:
    """A page as the access screens see it.

    `may_read` is False for a restricted page whose parent root the person manages
    without being named in it: it exists, its text does not.
    """

    page: Page
    root: PolicyRoot
    may_read: bool = True

    @property
    def is_root(self) -> bool:
        """Say whether access is decided on this very page."""
        return bool(self.page.pk == self.root.pk)


def find_place(user: Person, address: str) -> Place:
    """Find a page by the id at the end of its address.

    Raises Http404 for what the person may neither view nor manage from above.
    """
    pages = Page.objects.filter(access__public_id=address[-8:])
    page = visible_to(user, pages).first()
    may_read = page is not None
    if page is None:
        page = pages.filter(pk__in=standing(user).managed).first()
    root = PolicyRoot.objects.select_related("owner", "page", "parent", "project")
    found = page and root.filter(pages__page_id=page.pk).first()
    if page is None or found is None:
        raise Http404
    return Place(page, found, may_read)


class _Have(NamedTuple):
    """The best that one organisation has on one root; no last day means no end."""

    level: int
    ends_on: datetime.date | None


def group_organisation() -> Coalesce:
    """Give the expression for the organisation that the group of a grant belongs to."""
    return Coalesce("group__organisation__pk", "group__team__organisation_id")


def person_organisation() -> Subquery:
    """Give the expression for the organisation for which a grant's person acts.

    The owner's when the person belongs to it, else one that something was given to here:
    that another one takes part would be told by naming it. Else the first by name.
    """
    owner = OuterRef("content_object__owner_id")
    given = GroupGrant.objects.in_force().annotate(to=group_organisation())
    here = Q(content_object_id=OuterRef(OuterRef("content_object_id")))
    above = Q(content_object_id=OuterRef(OuterRef("content_object__project_id")))
    given = given.filter(here | above, to=OuterRef("organisation_id"))
    memberships = Membership.objects.in_force().filter(user_id=OuterRef("user_id"))
    ordered = memberships.annotate(
        place=Case(
            When(organisation_id=owner, then=0), When(Exists(given), then=1), default=2
        )
    ).order_by("place", "organisation__name", "organisation_id")
    return Subquery(ordered.values("organisation_id")[:1])


def acting_organisation(user: User, *, root: PolicyRoot) -> int | None:
    """Tell for which organisation a person acts below a root, as `person_organisation`.

    The owner's if possible, else one that something was given to here, else the first
    by name. None for who belongs nowhere today.
    """
    own = principals_of(user).organisation_ids
    if root.owner_id in own or len(own) < 2:
        return root.owner_id if root.owner_id in own else min(own, default=None)
    here = GroupGrant.objects.in_force().annotate(to=group_organisation())
    here = here.filter(content_object__in=[root.pk, root.project_id or root.pk])
    given = set(here.filter(to__in=own).values_list("to", flat=True))
    among = Organisation.objects.filter(pk__in=given or own)
    return among.order_by("name", "pk").values_list("pk", flat=True).first()


def known_organisations(user: Person) -> QuerySet[Organisation]:
    """List the organisations a person may know of. Asks for their ids at once.

    The person's own, those that own something the person may view, and those that take
    part in it. Everybody else does not exist for this person.
    """
    active = Organisation.objects.filter(status=Organisation.Status.ACTIVE)
    if standing(user).superuser:
        return active
    return active.filter(pk__in=known_ids(user))


def known_ids(user: Person) -> frozenset[int]:
    """Give the ids of `known_organisations`, in one query. Operators know all."""
    own = standing(user)
    if own.superuser:
        return frozenset(known_organisations(user).values_list("pk", flat=True))
    drafts = [pk for pk, level in own.levels.items() if level >= ACTIONS["drafts"]]
    found = _taking_part().rows({}, {VIEWED: own.levels, WITH_DRAFTS: drafts})
    return own.principals.organisation_ids.union(pk for (pk,) in found)


@cache
def _taking_part() -> Prepared:
    """List who owns or takes part in roots that are named at each run."""
    # What lies in the trash has no access row.
    roots = PolicyRoot.objects.order_by().filter(
        Q(page__live=True) | Q(pk__in=one_of([WITH_DRAFTS])),
        pk__in=one_of([VIEWED]),
        page__access__isnull=False,
    )
    # An entry in a restriction gives nothing by itself: who takes part is told by what
    # it narrows, but for a project that everybody reads.
    gives = Q(parent=None) | Q(
        parent__kind=PolicyRoot.Kind.PROJECT, parent__reach=PolicyRoot.Reach.NETWORK
    )
    in_roots = Q(content_object__in=roots.filter(gives))
    groups = GroupGrant.objects.in_force().filter(in_roots)
    people = UserGrant.objects.in_force().that_count().filter(in_roots).order_by()
    # For which of several somebody acts is asked grant by grant, so only of those few.
    belonging = Membership.objects.in_force().order_by()
    counted = belonging.values("user_id").alias(number=Count("pk"))
    in_several = counted.filter(number__gt=1).values("user_id")
    in_one = belonging.filter(user_id__in=people.values("user_id"))
    in_one = in_one.exclude(user_id__in=in_several)
    ambiguous = people.filter(user_id__in=in_several)
    return prepare(
        Organisation.objects.order_by()
        .filter(
            Q(pk__in=roots.values("owner_id"))
            | Q(pk__in=groups.order_by().values_list(group_organisation()))
            | Q(pk__in=in_one.values("organisation_id"))
            | Q(pk__in=ambiguous.values_list(person_organisation())),
            status=Organisation.Status.ACTIVE,
        )
        .values_list("pk")
    )


def audience(user: Person, root: PolicyRoot) -> Audience:
    """Tell with whom a root is shared, in two queries.

    Raises Http404 when the person may not view the root (nor manages its parent).
    """
    return audiences(user, [root])[root.pk]


def audiences(user: Person, roots: Iterable[PolicyRoot]) -> Mapping[int, Audience]:
    """Tell for each root with whom it is shared, by id, in two queries for all.

    Raises Http404 when the person may not view one of them.
    """
    roots = list(roots)
    own = standing(user)
    if any(root.pk not in own.levels and root.pk not in own.managed for root in roots):
        raise Http404
    chains, have = _collect(roots)
    ids = {org for entries in have.values() for org in entries}
    active = Organisation.objects.filter(
        Q(status=Organisation.Status.ACTIVE, pk__in=ids)
        | Q(pk__in={root.owner_id for root in roots})
    ).in_bulk()
    result = {}
    for root in roots:
        shares = [
            Share(active[org], Level(best.level), best.ends_on)
            for org, best in _have_on(root.pk, chains, have).items()
            if org != root.owner_id and org in active
        ]
        shares.sort(key=lambda share: (share.organisation.name, share.organisation.pk))
        reach = PolicyRoot.Reach(root.reach)
        result[root.pk] = Audience(active[root.owner_id], reach, tuple(shares))
    return result


def highest_level(root: PolicyRoot, organisation: Organisation) -> int:
    """Tell what anybody of an organisation has on a root at most; 0 = nothing."""
    if organisation.pk == root.owner_id and root.parent_id is None:
        return Level.MANAGE
    links, have = _collect([root])
    best = _have_on(root.pk, links, have).get(organisation.pk)
    to_all = Level.VIEW if links[root.pk].is_open else 0
    return max(best.level if best else 0, to_all)


class _Link(NamedTuple):
    """What a root is to the organisations below it: its parent, and open to all or not."""

    parent_id: int | None
    is_open: bool


def _collect(
    roots: list[PolicyRoot],
) -> tuple[dict[int, _Link], dict[int, dict[int, _Have]]]:
    """Read the roots, those they narrow, and the grants on all of them, in one query."""
    projects = {root.project_id for root in roots if root.project_id}
    wanted = Q(pk__in=[root.pk for root in roots])
    wanted |= Q(pk__in=projects) | Q(project_id__in=projects)
    chain = PolicyRoot.objects.filter(wanted).order_by()
    groups = GroupGrant.objects.in_force()
    rows = _grant_rows(groups, group_organisation(), chain).union(
        _grant_rows(
            UserGrant.objects.in_force().that_count(), person_organisation(), chain
        ),
        chain.values_list(
            "pk",
            Coalesce("parent_id", 0),
            Case(
                When(reach=PolicyRoot.Reach.NETWORK, then=-1),
                default=-2,
                output_field=IntegerField(),
            ),
            Value(None, output_field=BigIntegerField()),
            Value(None, output_field=DateField()),
        ),
        all=True,
    )
    links: dict[int, _Link] = {}
    have: dict[int, dict[int, _Have]] = {}
    for pk, parent, level, org, ends_on in rows:
        if level < 0:
            links[pk] = _Link(parent or None, level == -1)
        elif org is not None:
            entries = have.setdefault(pk, {})
            entries[org] = _more(entries.get(org), _Have(level, ends_on))
    return links, have


def _grant_rows(grants: Any, organisation: Any, chain: QuerySet[PolicyRoot]) -> Any:
    return (
        grants.with_level()
        .filter(content_object__in=chain)
        .order_by()
        .values_list("content_object_id", Value(0), "level", organisation, "ends_on")
    )


def _more(one: _Have | None, two: _Have) -> _Have:
    """Join two ways in: the higher level, the later end."""
    if one is None:
        return two
    endless = one.ends_on is None or two.ends_on is None
    later = None if endless else max(one.ends_on, two.ends_on)  # type: ignore[type-var]
    return _Have(max(one.level, two.level), later)


def _less(one: _Have, two: _Have) -> _Have:
    """Narrow one by the other: the lower level, the earlier end."""
    ends = [day for day in (one.ends_on, two.ends_on) if day]
    return _Have(min(one.level, two.level), min(ends, default=None))


def _have_on(
    root_id: int, links: Mapping[int, _Link], have: Mapping[int, Mapping[int, _Have]]
) -> dict[int, _Have]:
    """Work out what each organisation has on a root, narrowed by all roots above it."""
    entries = dict(have.get(root_id, {}))
    link = links.get(root_id)
    if link is None or link.parent_id is None:
        return entries
    above = _have_on(link.parent_id, links, have)
    to_all = _Have(Level.VIEW, None)
    parent = links.get(link.parent_id)
    narrowed = {}
    for org, own in entries.items():
        best = above.get(org)
        if parent and parent.is_open:
            best = _more(best, to_all)
        if best is not None:
            narrowed[org] = _less(own, best)
    return narrowed
