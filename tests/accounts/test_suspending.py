"""Closing every door for a person, and who may open them again."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from accounts.models import Membership
from accounts.services import (
    create_organisation,
    create_person,
    save_membership,
    set_organisation_status,
    set_person_active,
)
from tests.accounts.conftest import is_signed_in
from tests.factories import in_days, make_person

Role = Membership.Role


@pytest.fixture
def partner_admin(meridian, admin):
    return make_person("Bo Boss", meridian, Role.ADMIN, sponsor=admin)


def test_whom_the_host_suspended_the_partner_does_not_reactivate(
    admin, partner_admin, guest, meridian, come_in
):
    set_person_active(user=guest, active=False, by=admin)
    with pytest.raises(PermissionDenied):
        set_person_active(user=guest, active=True, by=partner_admin)
    where = reverse("suspend_person", args=[meridian.public_id, guest.public_id])
    client = come_in(partner_admin)
    assert client.post(where, {"active": "yes"}).status_code == 403
    guest.refresh_from_db()
    assert not guest.is_active
    assert set_person_active(user=guest, active=True, by=admin).is_active


def test_a_partner_reactivates_whom_it_suspended_itself(partner_admin, guest):
    set_person_active(user=guest, active=False, by=partner_admin)
    assert set_person_active(user=guest, active=True, by=partner_admin).is_active


def test_suspending_again_does_not_make_the_hosts_word_the_partners(
    admin, partner_admin, guest
):
    set_person_active(user=guest, active=False, by=admin)
    set_person_active(user=guest, active=False, by=partner_admin)
    with pytest.raises(PermissionDenied):
        set_person_active(user=guest, active=True, by=partner_admin)


def test_a_session_from_before_does_not_wake_up_after_reactivation(come_in, member):
    client = come_in(member)
    assert is_signed_in(client)
    set_person_active(user=member, active=False, by=None)
    set_person_active(user=member, active=True, by=None)
    assert not is_signed_in(client)


def test_no_session_wakes_up_when_an_organisation_is_reactivated(
    come_in, meridian, noord, guest, member, admin
):
    both = make_person("Bo Both", meridian, sponsor=admin)
    save_membership(
        user=both, organisation=noord, by=admin, sponsor=admin, ends_on=in_days(9)
    )
    clients = {person: come_in(person) for person in (guest, both, member)}
    # Nobody asks for anything while it is suspended.
    for status in ("suspended", "active"):
        set_organisation_status(organisation=meridian, status=status, by=admin)
    assert not is_signed_in(clients[guest])
    assert is_signed_in(clients[both])
    assert is_signed_in(clients[member])


@pytest.mark.parametrize(
    "name",
    ["Eva\r\nBcc: all@example.com", "Eva\u202egnp", "E\u200bva"],
)
def test_a_name_forges_no_line_and_no_direction(db, name):
    with pytest.raises(ValidationError):
        create_person(email="eva@example.com", name=name, by=None)
    with pytest.raises(ValidationError):
        create_organisation(name=name, by=None)
