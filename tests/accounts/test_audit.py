"""Whom an event concerns: each organisation that has a part in it, and no other."""

import pytest

from accounts.invitations import accept_invitation, invite
from accounts.models import AuditEvent, Membership
from accounts.services import (
    add_to_team,
    create_organisation,
    create_team,
    end_membership,
    remove_from_team,
    save_membership,
    set_organisation_status,
    set_person_active,
)
from tests.factories import in_days


def sides(action: str) -> list[tuple[str | None, str | None]]:
    """The names of both organisations of each event of an act, oldest first."""
    events = AuditEvent.objects.filter(action=action).order_by("pk")
    return list(events.values_list("organisation__name", "other_organisation__name"))


def test_what_the_host_does_to_a_partner_concerns_both(admin, guest, meridian):
    assert sides("membership.create")[-1] == ("Meridian", None)
    save_membership(
        user=guest,
        organisation=meridian,
        by=admin,
        sponsor=admin,
        ends_on=in_days(5),
    )
    assert sides("membership.change") == [("Meridian", "Vaartkade")]
    set_organisation_status(organisation=meridian, status="suspended", by=admin)
    assert sides("organisation.status") == [("Meridian", "Vaartkade")]


def test_what_people_do_in_their_own_organisation_concerns_it_alone(
    partner_admin, guest, meridian
):
    team = create_team(organisation=meridian, name="Pumps", by=partner_admin)
    add_to_team(team=team, user=guest, by=partner_admin)
    assert sides("team.create") == sides("team.add") == [("Meridian", None)]


def test_founding_a_partner_is_in_the_log_of_host_and_partner(admin):
    create_organisation(name="Zuid", by=admin)
    assert sides("organisation.create")[-1] == ("Zuid", "Vaartkade")
    assert AuditEvent.objects.first().target != "Zuid"


def test_an_account_made_by_an_invitation_concerns_the_inviting_organisation(
    admin, meridian
):
    _, token = invite(
        email="new@example.com",
        organisation=meridian,
        by=admin,
        membership_ends_on=in_days(9),
    )
    accept_invitation(token=token, name="New", password="correct horse battery")
    for act in ("invitation.create", "person.create", "membership.create"):
        assert sides(act)[-1] == ("Meridian", "Vaartkade")
    # By the person, who belongs to it by now.
    assert sides("invitation.accept") == [("Meridian", None)]


def test_an_account_in_two_organisations_has_an_event_in_each(
    admin, guest, noord, come_in
):
    save_membership(
        user=guest, organisation=noord, by=admin, sponsor=admin, ends_on=in_days(5)
    )
    come_in(guest)
    assert sides("session.start") == [("Meridian", None), ("Noord", None)]
    set_person_active(user=guest, active=False, by=admin)
    both = [("Meridian", "Vaartkade"), ("Noord", "Vaartkade")]
    assert sides("person.active") == both


def test_an_account_that_belongs_nowhere_concerns_the_host(admin, guest, sign_in):
    end_membership(membership=guest.memberships.get(), by=admin)
    sign_in(guest.email)
    sign_in("stranger@example.com")
    assert sides("session.refused") == [("Vaartkade", None), ("Vaartkade", None)]


def test_who_becomes_an_operator_is_told_to_the_host(host, member):
    member.is_superuser = True
    member.save()
    assert sides("person.operator") == [("Vaartkade", None)]


@pytest.mark.parametrize("comes_back", [True, False])
def test_leaving_an_organisation_is_leaving_its_teams_in_the_log_too(
    admin, host, member, comes_back
):
    team = create_team(organisation=host, name="Quay", by=admin)
    add_to_team(team=team, user=member, by=admin)
    membership = member.memberships.get()
    if comes_back:
        Membership.objects.update(ends_on=in_days(-1))
        save_membership(user=member, organisation=host, by=None)
    else:
        end_membership(membership=membership, by=admin)
    (event,) = AuditEvent.objects.filter(action="team.remove")
    assert (event.target, event.details["person"]) == (
        team.public_id,
        member.public_id,
    )


def test_a_seat_that_was_there_already_or_never_is_no_event(admin, host, member):
    team = create_team(organisation=host, name="Quay", by=admin)
    remove_from_team(team=team, user=member, by=admin)
    for _time in range(2):
        add_to_team(team=team, user=member, by=admin)
    assert len(sides("team.add")) == 1
    assert sides("team.remove") == []
