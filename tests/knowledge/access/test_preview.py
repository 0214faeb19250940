"""What Save will do, in words and numbers, before anything happens."""

import pytest

from accounts.models import Organisation, User
from accounts.services import set_organisation_status
from knowledge.access.changes import Change, ChangeSet, stored_grants
from knowledge.access.levels import Level
from knowledge.access.models import GroupGrant, PolicyRoot, UserGrant
from knowledge.access.panel import new_restriction
from knowledge.access.preview import (
    Content,
    count_content,
    current_readers,
    difference,
    pages_of,
    readers,
)
from knowledge.access.reasons import day
from knowledge.access.rule import forget
from knowledge.access.services import save_restriction_entry, set_reach
from knowledge.access.signals import files_counted
from tests.factories import in_days, make_person, make_project, root_of, share

NOTHING = Content(0, None)


def differ(root: PolicyRoot, *changes: Change, reach: str | None = None):
    admin = User.objects.get(name="Anouk Admin")
    changes = ChangeSet(changes, reach)
    return difference(root, stored_grants(root), changes, NOTHING, user=admin)


def said(root: PolicyRoot, change: Change) -> tuple:
    (line,) = differ(root, change).lines
    return line.is_added, line.text, line.people, line.crosses


def test_each_change_is_said_in_words(world):
    root, until, team = root_of(world.shared), in_days(30), world.team
    meridian, noord = world.meridian, world.noord
    later, sooner = in_days(31), in_days(29)
    edit = "can view, comment and edit"
    manage = "can edit, and decide who sees this"
    comment = "can view and comment"
    for change, words in (
        (
            Change(noord, Level.VIEW, until),
            (True, f"can view until {day(until)}", 1, True),
        ),
        (Change(team, Level.COMMENT), (True, comment, 1, False)),
        (Change(team, Level.EDIT), (True, edit, 1, False)),
        (Change(team, Level.MANAGE), (True, manage, 1, False)),
        (Change(meridian, None), (False, "will have no grant here any more", 1, True)),
        (
            Change(meridian, Level.MANAGE, until),
            (True, f"{manage} (was Edit) until {day(until)}", None, True),
        ),
        (
            Change(meridian, Level.VIEW, until),
            (False, f"only can view (was Edit) until {day(until)}", None, True),
        ),
        (
            Change(meridian, Level.EDIT, later),
            (True, f"{edit} until {day(later)}", None, True),
        ),
        (
            Change(meridian, Level.EDIT, sooner),
            (False, f"{edit} until {day(sooner)}", None, True),
        ),
        (
            Change(meridian, Level.EDIT, until),
            (False, f"{edit} until {day(until)}", None, True),
        ),
        (Change(meridian, Level.EDIT), (True, edit, None, True)),
    ):
        assert said(root, change) == words
    # What has no end becomes shorter by any end.
    endless = Change(world.admin, Level.MANAGE, until)
    assert said(root, endless) == (False, f"{manage} until {day(until)}", None, False)


def test_a_line_names_whom_it_concerns_and_for_which_organisation(world):
    root = root_of(world.shared)
    changes = [Change(s, Level.VIEW) for s in (world.noord, world.guest, world.team)]
    found = differ(root, *changes)
    assert [line.subject for line in found.lines] == [
        world.noord,
        world.guest,
        world.team,
    ]
    assert [line.organisation for line in found.lines] == [
        world.noord, world.meridian, world.host
    ]  # fmt: skip
    assert [line.is_organisation for line in found.lines] == [True, False, False]
    assert found.crosses == 2
    assert found.content == NOTHING


@pytest.mark.parametrize(
    ("was", "now", "adds", "crosses"),
    [
        ("restricted", "organisation", True, False),
        ("organisation", "restricted", False, False),
        ("organisation", "network", True, True),
        ("network", "organisation", False, True),
        ("restricted", "network", True, True),
    ],
)
def test_a_new_reach_comes_first_and_says_whether_it_opens(
    world, was, now, adds, crosses
):
    root = root_of(world.open)
    root.reach = was
    first, second = differ(root, Change(world.team, Level.VIEW), reach=now).lines
    assert (first.is_added, first.crosses) == (adds, crosses)
    reach = PolicyRoot.Reach
    assert first.text == f"Reach: {reach(now).label} (was: {reach(was).label})"
    assert (first.subject, first.people) == (None, None)
    assert second.subject == world.team


def gains(root, *changes, reach=None) -> tuple[int, int]:
    found = differ(root, *changes, reach=reach)
    return found.gained, found.lost


def test_who_begins_and_ceases_to_see_a_project(world):
    make_person(organisation=world.noord, sponsor=world.admin)
    shared, closed = root_of(world.shared), root_of(world.closed)
    assert gains(shared) == (0, 0)
    assert gains(shared, Change(world.noord, Level.VIEW)) == (2, 0)
    assert gains(shared, Change(world.meridian, None)) == (0, 1)
    # Everybody at the owner sees it already.
    assert gains(shared, Change(world.team, Level.EDIT)) == (0, 0)
    assert gains(closed, Change(world.team, Level.EDIT)) == (1, 0)
    assert gains(shared, Change(world.meridian, None), Change(world.noord, Level.VIEW)) == (
        2, 1
    )  # fmt: skip
    assert gains(shared, reach="restricted") == (0, 1)  # the member
    assert gains(shared, reach="network") == (2, 0)
    # Taking away what somebody never had changes nothing.
    assert gains(shared, Change(world.noord, None)) == (0, 0)


def test_a_grant_that_has_ended_counts_as_none(world):
    GroupGrant.objects.filter(group=world.meridian.group).update(ends_on=in_days(-1))
    root = root_of(world.shared)
    assert gains(root, Change(world.meridian, Level.EDIT, in_days(9))) == (1, 0)
    (line,) = differ(root, Change(world.meridian, Level.EDIT, in_days(9))).lines
    assert (line.is_added, line.people) == (True, 1)


def test_a_new_restriction_says_who_of_the_readers_above_is_left(world):
    shared = root_of(world.shared)
    root = new_restriction(world.plan, shared)
    me, theirs = Change(world.admin, Level.MANAGE), Change(world.meridian, Level.VIEW)
    assert gains(root, me) == (0, 3)
    assert gains(root, me, theirs) == (0, 2)
    # Who sees nothing above gains nothing by being named.
    assert gains(root, me, Change(world.noord, Level.VIEW)) == (0, 3)
    # Without anybody named yet Save would do nothing, and nobody is lost.
    assert gains(root) == (0, 0)


def test_readers_follow_reach_roles_and_grants(world):
    admin, manager, member = world.admin.pk, world.manager.pk, world.member.pk
    guest = world.guest.pk
    assert current_readers(root_of(world.closed)) == {admin, manager}
    assert current_readers(root_of(world.open)) == {admin, manager, member}
    assert current_readers(root_of(world.shared)) == {admin, manager, member, guest}
    GroupGrant.objects.filter(group=world.meridian.group).update(ends_on=in_days(-1))
    assert guest not in current_readers(root_of(world.shared))
    network = set_reach(root=root_of(world.open), reach="network", by=None)
    everybody = {admin, manager, member, guest, world.other_guest.pk}
    assert current_readers(network) == everybody
    assert readers(network, [world.noord], "restricted") == {
        admin, manager, world.other_guest.pk
    }  # fmt: skip


def test_readers_of_a_restriction_are_named_and_readers_above(world):
    prices = root_of(world.prices)
    assert current_readers(prices) == {world.admin.pk}
    save_restriction_entry(root=prices, subject=world.meridian, level=1, by=world.admin)
    assert current_readers(prices) == {world.admin.pk, world.guest.pk}
    GroupGrant.objects.filter(content_object=world.shared.pk).delete()
    assert current_readers(prices) == {world.admin.pk}


def test_nobody_reads_what_a_suspended_organisation_owns(world):
    set_organisation_status(organisation=world.host, status="suspended", by=None)
    assert current_readers(root_of(world.shared)) == set()


def test_content_counts_pages_and_asks_for_files(world):
    pages = pages_of(root_of(world.shared))
    assert {row.page_id for row in pages} == {
        world.shared.pk, world.plan.pk, world.detail.pk
    }  # fmt: skip
    # No app counts them: then none are spoken of.
    assert count_content(pages) == Content(pages=3, files=None)

    def two(sender, pages, **_rest) -> int:
        assert sender is PolicyRoot
        return pages.count() - 1

    def none(**_rest) -> None:
        return None

    files_counted.connect(two)
    files_counted.connect(none)
    try:
        assert count_content(pages) == Content(pages=3, files=2)
    finally:
        files_counted.disconnect(two)
        files_counted.disconnect(none)


def test_an_account_at_two_organisations_is_one_reader(world):
    share(world.closed, world.guest, 1)
    share(world.closed, world.meridian, 1)
    assert UserGrant.objects.filter(user=world.guest).exists()
    assert gains(root_of(world.closed), Change(world.meridian, None)) == (0, 0)
    assert Organisation.objects.count() == 3


def test_a_guest_who_opens_a_project_is_not_told_how_large_the_network_is(world):
    boss = make_person("Mira Boss", world.meridian, "admin", sponsor=world.admin)
    project = make_project(world.meridian, boss, "Ours")
    root, opened = root_of(project), ChangeSet(reach="network")

    def told(user):
        seen = difference(root, stored_grants(root), opened, NOTHING, user=user)
        return seen.gained, seen.beyond

    # All others: of the host, which Mira does not see through any project, and of Noord.
    share(world.shared, world.noord, 1, world.admin)
    forget(boss)
    assert told(boss) == (told(world.admin)[0], True)
    GroupGrant.objects.filter(group=world.noord.group).delete()
    forget(boss)
    assert told(boss) == (told(world.admin)[0] - 1, True)
    make_person("Somebody", world.noord, sponsor=world.admin)
    assert told(boss) == (told(world.admin)[0] - 2, True)
    assert told(world.admin)[1] is False
