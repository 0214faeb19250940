"""Who has left the owner has what a stranger has, whatever was given before."""

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Membership, TeamMembership
from accounts.services import add_to_team, end_membership, save_membership
from knowledge.access.models import UserGrant
from knowledge.access.subjects import find_subject
from tests.factories import in_days, make_person, make_project, sees, share

ENDS = in_days(90)


def leave_and_return_as_guest(user, world):
    end_membership(membership=user.memberships.get(), by=world.admin)
    save_membership(
        user=user,
        organisation=world.noord,
        by=world.admin,
        sponsor=world.admin,
        ends_on=ENDS,
    )


def test_a_founder_who_left_and_returned_as_a_guest_does_not_manage(world):
    founded = make_project(world.host, world.member, "Founded", reach="restricted")
    assert UserGrant.objects.get(content_object_id=founded.pk).ends_on is None
    assert "Founded" in sees(world.member)
    leave_and_return_as_guest(world.member, world)
    assert "Founded" not in sees(world.member)


def test_a_grant_until_a_day_goes_with_the_person(world):
    share(world.closed, world.member, 1)
    leave_and_return_as_guest(world.member, world)
    assert "Closed" in sees(world.member)


def test_a_founder_whose_time_at_the_owner_is_over_but_is_a_guest_elsewhere(
    world, time_machine
):
    person = make_person("Timo Temp", world.host, ends_on=in_days(5))
    founded = make_project(world.host, person, "Founded", reach="restricted")
    save_membership(
        user=person,
        organisation=world.noord,
        by=world.admin,
        sponsor=world.admin,
        ends_on=ENDS,
    )
    assert "Founded" in sees(person)
    time_machine.move_to(in_days(6))
    assert "Founded" not in sees(person)
    assert founded.title not in sees(person)


def test_the_database_demands_an_end_for_who_is_a_member_no_longer(world):
    share(world.closed, world.member, 1)
    Membership.objects.filter(user=world.member).update(ends_on=in_days(-1))
    grants = UserGrant.objects.filter(user=world.member)
    with pytest.raises(IntegrityError, match="end date"), transaction.atomic():
        grants.update(ends_on=None)


def test_a_seat_in_a_team_does_not_outlive_a_lapsed_membership(world):
    add_to_team(team=world.team, user=world.member, by=world.admin)
    Membership.objects.filter(user=world.member).update(ends_on=in_days(-1))
    save_membership(user=world.member, organisation=world.host, by=world.admin)
    assert not TeamMembership.objects.filter(user=world.member).exists()


def test_an_address_is_never_taken_for_a_name(world):
    trap = make_person("Trap", world.host)
    type(trap).objects.filter(pk=trap.pk).update(name=world.guest.email)
    assert find_subject(world.admin, world.guest.email) == world.guest
    type(world.team).objects.filter(pk=world.team.pk).update(name=world.guest.email)
    assert find_subject(world.admin, world.guest.email) == world.guest
