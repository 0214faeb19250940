"""What a write leaves behind: the row, the audit event in full, and a signal."""

import pytest
from django.core.exceptions import ValidationError
from django.http import Http404

from accounts.models import AuditEvent
from accounts.services import add_to_team, create_team
from knowledge.access.changes import Change, ChangeSet, stored_grants, version_of
from knowledge.access.levels import Level
from knowledge.access.models import GroupGrant, PageAccess, PolicyRoot, UserGrant
from knowledge.access.services import (
    apply_changes,
    find_grant,
    last_day_to_give,
    lift_restriction,
    restrict_page,
    save_grant,
    save_restriction_entry,
    set_reach,
    withdraw_grant,
)
from knowledge.access.signals import access_changed
from knowledge.access.subjects import key_of
from tests.factories import in_days, make_article, make_person, root_of, share


@pytest.fixture
def heard():
    told = []

    def listen(sender, signal, **facts) -> None:
        told.append(facts)

    access_changed.connect(listen)
    yield told
    access_changed.disconnect(listen)


def last_event() -> tuple:
    event = AuditEvent.objects.order_by("-pk").first()
    organisations = event.organisation, event.other_organisation
    return event.action, event.actor, organisations, event.target, event.details


def test_a_grant_is_recorded_when_given_changed_and_withdrawn(world, heard):
    root = root_of(world.closed)
    about, target = (world.host, world.noord), str(root.pk)
    subject = world.noord.public_id
    for level, act in ((2, "grant.create"), (3, "grant.change")):
        row = save_grant(
            root=root, subject=world.noord, level=level, by=world.admin,
            ends_on=in_days(9), reason="The fair",
        )  # fmt: skip
        details = {
            "subject": subject, "level": Level(level).name.lower(),
            "ends_on": in_days(9).isoformat(), "reason": "The fair", "outside": True,
        }  # fmt: skip
        assert last_event() == (act, world.admin, about, target, details)
        assert (row.giver, row.reason, row.ends_on) == (
            world.admin,
            "The fair",
            in_days(9),
        )
    assert withdraw_grant(root=root, subject=world.noord, by=world.manager) is True
    told = {"subject": subject, "outside": True}
    gone = ("grant.withdraw", world.manager, about, target, told)
    assert last_event() == gone
    assert withdraw_grant(root=root, subject=world.noord, by=world.admin) is False
    assert last_event() == gone
    assert heard == [{"root_id": root.pk}] * 3


def test_a_grant_inside_the_owner_names_no_other_organisation(world):
    root = root_of(world.closed)
    save_grant(root=root, subject=world.team, level=1, by=None)
    action, actor, about, _target, details = last_event()
    assert (action, actor, about) == ("grant.create", None, (world.host, None))
    assert details["ends_on"] is None
    assert details["reason"] == ""
    withdraw_grant(root=root, subject=world.team, by=None)
    assert last_event()[:3] == ("grant.withdraw", None, (world.host, None))


def test_a_grant_cannot_be_of_an_unknown_level_or_end_before_today(world):
    root = root_of(world.closed)
    for wrong in ({"level": 0}, {"level": 5}, {"level": 1, "ends_on": in_days(-1)}):
        with pytest.raises(ValidationError):
            save_grant(root=root, subject=world.member, by=None, **wrong)
    with pytest.raises(ValidationError, match="needs an end date"):
        save_grant(root=root, subject=world.guest, level=1, by=None)
    assert find_grant(root, world.member) is None
    save_grant(root=root, subject=world.member, level=1, by=None, ends_on=in_days(0))
    assert find_grant(root, world.member).ends_on == in_days(0)
    assert find_grant(root, world.admin).user == world.admin
    assert find_grant(root, world.team) is None


def test_the_reach_is_recorded_as_it_was_and_is(world, heard):
    root = root_of(world.open)
    assert set_reach(root=root, reach="network", by=world.admin).reach == "network"
    was_and_is = {"was": "organisation", "now": "network"}
    target = str(root.pk)
    assert last_event() == (
        "reach.change", world.admin, (world.host, None), target, was_and_is
    )  # fmt: skip
    assert heard == [{"root_id": root.pk}]
    assert root_of(world.open).reach == "network"


def test_an_impossible_reach_is_refused(world):
    for page, reach in ((world.open, "planet"), (world.prices, "network")):
        with pytest.raises(ValidationError):
            set_reach(root=root_of(page), reach=reach, by=world.admin)


def test_a_restriction_is_recorded_with_each_entry_and_again_when_lifted(world, heard):
    entries = {world.admin: 4, world.meridian: 2}
    root = restrict_page(page=world.plan, entries=entries, by=world.admin)
    assert (root.parent_id, root.project_id) == (world.shared.pk, world.shared.pk)
    assert (root.kind, root.reach, root.owner) == (
        "restriction",
        "restricted",
        world.host,
    )
    events = AuditEvent.objects.filter(target=str(root.pk)).order_by("pk")
    assert [e.action for e in events] == [
        "restriction.create", "grant.create", "grant.create"
    ]  # fmt: skip
    assert {e.actor for e in events} == {world.admin}
    assert {e.organisation for e in events} == {world.host}
    assert heard[-1] == {"root_id": root.pk, "path": world.plan.path}

    assert lift_restriction(root=root, by=world.admin) == 2
    named = {key_of(world.admin), key_of(world.meridian)}
    lifted = AuditEvent.objects.get(action="restriction.lift")
    assert (lifted.actor, lifted.organisation) == (world.admin, world.host)
    assert (lifted.other_organisation, lifted.target) == (None, str(root.pk))
    assert (lifted.details["pages"], set(lifted.details["named"])) == (2, named)
    assert heard[-1] == {"root_id": root.pk, "path": world.plan.path}
    assert root_of(world.detail).pk == world.shared.pk


def test_lifting_an_outer_restriction_leaves_the_inner_one_narrowing_what_is_above(
    world,
):
    inner = make_article(world.prices, world.admin, "Inner")
    restrict_page(page=inner, entries={world.admin: 4}, by=world.admin)
    assert root_of(inner).parent_id == world.prices.pk
    assert root_of(inner).project_id == world.shared.pk
    assert lift_restriction(root=root_of(world.prices), by=world.admin) == 1
    assert root_of(inner).parent_id == world.shared.pk
    assert PageAccess.objects.get(page=world.prices).root_id == world.shared.pk
    with pytest.raises(ValidationError, match="Only a restriction"):
        lift_restriction(root=root_of(world.shared), by=world.admin)


def test_only_a_page_that_nothing_is_decided_on_is_restricted_and_for_somebody(world):
    with pytest.raises(ValidationError, match="Name at least one"):
        restrict_page(page=world.plan, entries={}, by=world.admin)
    top = world.shared.get_parent()
    with pytest.raises(Http404):
        restrict_page(page=top, entries={world.admin: 4}, by=world.admin)
    for page in (world.shared, world.prices):
        with pytest.raises(ValidationError, match="already"):
            restrict_page(page=page, entries={world.admin: 4}, by=world.admin)


def test_a_restriction_with_one_impossible_entry_is_not_made_at_all(world):
    entries = {world.admin: 4, world.noord: 1}
    with pytest.raises(ValidationError, match="Share the project with Noord first"):
        restrict_page(page=world.plan, entries=entries, by=world.admin)
    assert not PolicyRoot.objects.filter(pk=world.plan.pk).exists()
    assert root_of(world.plan).pk == world.shared.pk


# --- Until when an entry in a restriction holds ---------------------------------------


def entry(world, subject) -> object:
    root = root_of(world.prices)
    saved = save_restriction_entry(root=root, subject=subject, level=1, by=world.admin)
    return saved.ends_on


def test_an_entry_ends_with_the_subjects_own_grant_on_the_project(world):
    share(world.shared, world.noord, 1, days=7)
    share(world.shared, world.member, 1, days=5)
    assert entry(world, world.noord) == in_days(7)
    assert entry(world, world.member) == in_days(5)
    assert entry(world, world.manager) is None


def test_an_entry_of_a_foreign_person_or_team_ends_with_the_last_way_in(world):
    team = create_team(organisation=world.meridian, name="Smoke", by=None)
    second = create_team(organisation=world.meridian, name="Wire", by=None)
    add_to_team(team=team, user=world.guest, by=None)
    share(world.shared, team, 1, days=44)
    share(world.shared, second, 1, days=66)
    assert entry(world, world.guest) == in_days(44)
    assert entry(
        world, create_team(organisation=world.meridian, name="New", by=None)
    ) == (in_days(30))
    withdraw_grant(root=root_of(world.shared), subject=world.meridian, by=None)
    assert entry(world, world.meridian) == in_days(66)


def test_an_ended_grant_on_the_project_is_no_day_to_end_on(world):
    GroupGrant.objects.filter(group=world.meridian.group).update(ends_on=in_days(-1))
    with pytest.raises(ValidationError, match="Share the project with"):
        entry(world, world.meridian)
    share(world.shared, world.member, 1)
    UserGrant.objects.filter(user=world.member).update(ends_on=in_days(-1))
    assert entry(world, world.member) is None
    UserGrant.objects.filter(user=world.member).update(ends_on=in_days(0))
    assert entry(world, world.member) == in_days(0)


# --- Saving what the panel asked for ---------------------------------------------------


def save(world, *changes, by=None, page=None, **kwargs) -> int:
    root = root_of(page or world.shared)
    return apply_changes(
        root=root, changes=ChangeSet(changes, **kwargs), by=by or world.admin,
        expected_version=version_of(root, stored_grants(root)),
    )  # fmt: skip


def test_all_changes_of_one_save_are_made(world):
    given = Change(world.noord, Level.COMMENT, in_days(4), "The fair")
    assert save(world, given, Change(world.meridian, None), reach="restricted") == 3
    root = root_of(world.shared)
    found = {g.subject: (g.level, g.ends_on, g.reason) for g in stored_grants(root)}
    assert found[world.noord] == (Level.COMMENT, in_days(4), "The fair")
    assert world.meridian not in found
    assert root.reach == "restricted"
    assert {e.actor for e in AuditEvent.objects.all()[:3]} == {world.admin}


def test_entries_of_a_restriction_are_checked_against_what_is_above(world):
    save(world, Change(world.meridian, Level.EDIT), page=world.prices)
    assert find_grant(root_of(world.prices), world.meridian).ends_on == in_days(30)
    for subject, level, said in (
        (world.meridian, Level.MANAGE, "Meridian has at most the level Edit above"),
        (world.noord, Level.VIEW, "Noord does not see what is above"),
        (world.manager, Level.EDIT, "Milan Manager has at most the level View above"),
        (world.team, Level.VIEW, None),
    ):
        change = Change(subject, level)
        if said is None:
            assert save(world, change, page=world.prices) == 1
            continue
        with pytest.raises(ValidationError, match=said):
            save(world, change, page=world.prices)


def test_a_guest_who_manages_gives_until_the_own_last_day_and_can_always_take(world):
    share(world.shared, world.other_guest, 3, days=90)
    share(world.shared, world.noord, 4, days=20)
    root, guest = root_of(world.shared), world.other_guest
    assert last_day_to_give(guest, root) == in_days(20)
    assert last_day_to_give(world.admin, root) is None
    assert last_day_to_give(guest, root_of(world.prices)) == in_days(20)
    for day in (in_days(21), None):
        with pytest.raises(ValidationError, match="Your own access ends on"):
            save(world, Change(world.meridian, Level.VIEW, day), by=guest)
    assert save(world, Change(world.meridian, Level.VIEW, in_days(20)), by=guest) == 1
    assert save(world, Change(world.meridian, None), by=guest) == 1


def test_who_manages_through_nothing_of_the_own_gives_for_today_only(world):
    stranger = make_person("Siri Stranger", world.meridian, sponsor=world.admin)
    assert last_day_to_give(stranger, root_of(world.shared)) == in_days(0)
