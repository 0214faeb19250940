"""The kernel: the rule against a plain model of it, its budget, and what guards it."""

import contextlib
import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Membership, TeamMembership, User
from accounts.services import save_membership, set_organisation_status
from knowledge.access.levels import Level
from knowledge.access.models import GroupGrant, PageAccess, PolicyRoot, Trash, UserGrant
from knowledge.access.roots import find_problems
from knowledge.access.rule import root_levels, standing, visible_to
from knowledge.access.services import (
    lift_restriction,
    restrict_page,
    save_grant,
)
from knowledge.pages.models import ArticlePage
from knowledge.pages.services_structure import move_page, restore_page, trash_page
from tests.factories import (
    fresh,
    in_days,
    make_article,
    make_organisation,
    make_person,
    make_project,
    root_of,
    sees,
    share,
)

# Each example rolls back, so one stage serves all; shrinking would take minutes here.
BRISK = settings(
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    deadline=None,
)


def levels(user) -> dict[int, int]:
    return dict(root_levels(fresh(user)))


# --- The rule, said a second time in plain Python ---------------------------------


def plain_level(person, root, facts) -> int:
    """Read the rule from DESIGN, section 2, word for word."""
    roles = {
        org: role for org, (role, ends) in facts["members"][person].items() if ends >= 0
    }
    roles = {org: r for org, r in roles.items() if org not in facts["suspended"]}
    owner = facts["owner"][root]
    if not roles or owner in facts["suspended"]:
        return 0
    who = {("org", org) for org in roles} | {("person", person)}
    who |= {("team", t) for t in facts["teams"][person] if t in roles}
    entries = [
        level
        for (on, subject), (level, ends) in facts["grants"].items()
        if on == root and subject in who and ends >= 0
    ]
    if root in facts["parent"]:
        above = plain_level(person, facts["parent"][root], facts)
        return min(above, max(entries, default=0))
    reach = facts["reach"][root]
    if reach == "network" or (reach == "organisation" and owner in roles):
        entries.append(1)
    entries += [{"admin": 4, "manager": 1, "member": 0}[roles.get(owner, "member")]]
    return max(entries)


ORGANISATIONS = st.integers(0, 2)
PEOPLE = st.integers(0, 4)
ENDS = st.integers(-1, 1)  # days from today
SUBJECTS = st.one_of(
    st.tuples(st.just("org"), ORGANISATIONS),
    st.tuples(st.just("team"), ORGANISATIONS),
    st.tuples(st.just("person"), PEOPLE),
)
ROLES = st.sampled_from(["member", "manager", "admin"])
FACTS = st.fixed_dictionaries(
    {
        "members": st.fixed_dictionaries(
            {
                person: st.dictionaries(
                    ORGANISATIONS, st.tuples(ROLES, ENDS), min_size=1, max_size=2
                )
                for person in range(5)
            }
        ),
        "teams": st.fixed_dictionaries(
            {person: st.sets(ORGANISATIONS, max_size=2) for person in range(5)}
        ),
        "suspended": st.sets(ORGANISATIONS, max_size=1),
        "reach": st.fixed_dictionaries(
            {root: st.sampled_from(PolicyRoot.Reach.values) for root in range(3)}
        ),
        "restricted": st.sampled_from([(), (0,), (1,), (0, 1)]),
        "grants": st.dictionaries(
            st.tuples(st.integers(0, 4), SUBJECTS),
            st.tuples(st.integers(1, 4), ENDS),
            max_size=12,
        ),
    }
)


def put(stage, facts) -> dict[int, int]:
    """Write the facts into the database. Returns root number -> id."""
    sponsor = stage.world.admin
    operator = make_person("Operator Olga")
    User.objects.filter(pk=operator.pk).update(is_superuser=True)
    ids = {number: page.pk for number, page in enumerate(stage.projects)}
    for number in facts["restricted"]:
        page = stage.articles[number]
        restrict_page(page=page, entries={sponsor: 1}, by=operator)
        ids[3 + number] = page.pk
    Membership.objects.all().delete()
    TeamMembership.objects.all().delete()
    GroupGrant.objects.all().delete()
    UserGrant.objects.all().delete()
    for person, memberships in facts["members"].items():
        for org, (role, ends) in memberships.items():
            save_membership(
                user=stage.people[person],
                organisation=stage.organisations[org],
                role=role,
                sponsor=sponsor,
                ends_on=in_days(ends),
                by=None,
            )
    teams = stage.teams
    TeamMembership.objects.bulk_create(
        TeamMembership(team=teams[team], user=stage.people[person])
        for person, in_teams in facts["teams"].items()
        for team in in_teams
    )
    for root, reach in facts["reach"].items():
        PolicyRoot.objects.filter(pk=ids[root]).update(reach=reach)
    for (root, (kind, number)), (level, ends) in facts["grants"].items():
        if root in ids:
            subject = {
                "org": stage.organisations,
                "team": teams,
                "person": stage.people,
            }[kind][number]
            grant = save_grant(
                root=PolicyRoot.objects.get(pk=ids[root]),
                subject=subject,
                level=level,
                by=None,
                ends_on=in_days(1),
            )
            type(grant).objects.filter(pk=grant.pk).update(ends_on=in_days(ends))
    for org in facts["suspended"]:
        organisation = stage.organisations[org]
        set_organisation_status(organisation=organisation, status="suspended", by=None)
    return ids


@settings(BRISK, max_examples=15)
@given(facts=FACTS)
def test_the_rule_is_what_the_plain_model_says(stage, facts):
    with transaction.atomic():
        ids = put(stage, facts)
        facts["owner"] = {0: 0, 1: 2, 2: 0, 3: 0, 4: 0}
        facts["parent"] = {3: 0} if 3 in ids else {}
        if 4 in ids:
            facts["parent"][4] = 3 if 3 in ids else 0
        for person, user in enumerate(stage.people):
            found = levels(user)
            wanted = {
                pk: level
                for number, pk in ids.items()
                if (level := plain_level(person, number, facts))
            }
            assert {pk: found[pk] for pk in ids.values() if pk in found} == wanted
        transaction.set_rollback(True)
    for organisation in stage.organisations:
        organisation.refresh_from_db()


# --- The tree and the side table ----------------------------------------------------

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["write", "move", "trash", "restore", "restrict", "lift"]),
        st.integers(0, 30),
        st.integers(0, 30),
    ),
    max_size=10,
)


@settings(BRISK, max_examples=8)
@given(steps=STEPS)
def test_the_side_table_follows_every_history(stage, steps):
    admin = fresh(stage.world.admin)
    with transaction.atomic():
        for step in steps:
            _do(admin, *step)
            assert find_problems() == []
            gone = Trash.objects.values_list("page__path", flat=True)
            rows = PageAccess.objects.values_list("page__path", flat=True)
            assert not [path for path in rows if path.startswith(tuple(gone))]
        transaction.set_rollback(True)


def _do(admin, act, first, second) -> None:
    """Do one act on whatever pages there are; refusals are part of life."""
    admin = fresh(admin)
    articles = list(visible_to(admin, ArticlePage.objects.order_by("pk")))
    with contextlib.suppress(ValidationError):
        if act == "restore":
            if trash := Trash.objects.order_by("pk").first():
                restore_page(trash=trash, by=admin)
        elif articles:
            page, target = (
                articles[first % len(articles)],
                articles[second % len(articles)],
            )
            ACTS[act](page, target, admin)


def _lift(page, _target, admin) -> None:
    if root := PolicyRoot.objects.filter(pk=page.pk).first():
        lift_restriction(root=root, by=admin)


ACTS = {
    "write": lambda page, _target, admin: make_article(page, admin),
    "move": lambda page, target, admin: move_page(page=page, target=target, by=admin),
    "trash": lambda page, _target, admin: trash_page(page=page, by=admin),
    "restrict": lambda page, _target, admin: restrict_page(
        page=page, entries={admin: 4}, by=admin
    ),
    "lift": _lift,
}


# --- Cases that are easy to get wrong ---------------------------------------------------


def test_a_nested_project_inherits_nothing(stage):
    inner = stage.projects[2]
    share(stage.world.shared, stage.world.noord, 4)
    assert inner.pk not in levels(stage.world.other_guest)
    share(inner, stage.world.noord, 1)
    assert levels(stage.world.other_guest)[inner.pk] == Level.VIEW


def test_restrictions_in_restrictions_only_narrow(stage):
    world = stage.world
    first, second = {world.admin: 4, world.meridian: 2}, {world.admin: 4}
    restrict_page(page=world.plan, entries=first, by=world.admin)
    restrict_page(
        page=world.detail, entries=second | {world.meridian: 3}, by=world.admin
    )
    assert levels(world.guest)[world.detail.pk] == Level.COMMENT
    lift_restriction(root=root_of(world.plan), by=world.admin)
    assert levels(world.guest)[world.detail.pk] == Level.EDIT
    assert world.detail.pk not in levels(world.member)


def test_a_grant_holds_through_its_last_day(stage, time_machine):
    world = stage.world
    share(world.shared, world.noord, 1, days=3)
    last = in_days(3)
    time_machine.move_to(_noon(last), tick=False)
    assert "Shared" in sees(world.other_guest)
    time_machine.move_to(_noon(last + datetime.timedelta(days=1)), tick=False)
    assert "Shared" not in sees(world.other_guest)


def _noon(day) -> datetime.datetime:
    zone = timezone.get_current_timezone()
    return datetime.datetime.combine(day, datetime.time(12), zone)


def test_a_suspended_owner_closes_its_projects(stage):
    set_organisation_status(organisation=stage.world.noord, status="suspended", by=None)
    assert stage.projects[1].pk not in levels(stage.world.admin)


def test_a_team_without_membership_gives_nothing(stage):
    world = stage.world
    share(world.shared, stage.teams[2], 3)
    TeamMembership.objects.create(team=stage.teams[2], user=world.guest)
    GroupGrant.objects.filter(group=world.meridian.group).delete()
    assert "Shared" not in sees(world.guest)


def test_what_is_kept_is_kept_for_one_request_only(stage):
    guest = fresh(stage.world.guest)
    assert standing(guest) is standing(guest)
    GroupGrant.objects.all().delete()
    assert stage.world.shared.pk not in levels(guest)


def test_the_rule_takes_three_queries_whatever_there_is(
    stage, django_assert_max_num_queries
):
    world = stage.world
    for _ in range(6):
        project = make_project(world.host, world.admin)
        share(project, world.meridian, 4)
        share(project, make_organisation(), 1)
        page = make_article(project, world.admin)
        restrict_page(
            page=page, entries={world.admin: 4, world.meridian: 2}, by=world.admin
        )
    for user in (world.admin, world.guest):
        again = fresh(user)
        with django_assert_max_num_queries(3):
            assert len(root_levels(again)) >= 12
