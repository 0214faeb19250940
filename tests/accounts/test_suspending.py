"""Closing every door for a person, and who may open them again."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import Membership
from accounts.selectors import principals_of
from accounts.services import (
    create_organisation,
    create_person,
    save_membership,
    set_membership_suspended,
    set_organisation_status,
    set_person_active,
)
from tests.accounts.conftest import is_signed_in
from tests.factories import in_days, make_person
from tests.oracle.crawl import TOKENS

Role = Membership.Role


@pytest.fixture
def partner_admin(meridian, admin):
    return make_person("Bo Boss", meridian, Role.ADMIN, sponsor=admin)


def test_only_the_host_closes_and_opens_an_account(
    admin, partner_admin, guest, meridian, come_in
):
    where = reverse("suspend_person", args=[meridian.public_id, guest.public_id])
    client = come_in(partner_admin)
    assert client.post(where, {"active": "no"}).status_code == 403
    come_in(admin).post(where, {"active": "no"})
    guest.refresh_from_db()
    assert not guest.is_active
    assert client.post(where, {"active": "yes"}).status_code == 403
    again = reverse("suspend_membership", args=[meridian.public_id, guest.public_id])
    client.post(again, {"active": "yes"})
    guest.refresh_from_db()
    assert not guest.is_active
    assert not is_signed_in(come_in(guest))


def test_a_partner_closes_its_own_door_and_tells_nothing_of_others(
    admin, partner_admin, guest, meridian, noord, come_in
):
    """Whether somebody belongs elsewhere too changes nothing that the admin sees."""
    address = reverse("suspend_membership", args=[meridian.public_id, guest.public_id])
    page = reverse("membership", args=[meridian.public_id, guest.public_id])
    client, theirs = come_in(partner_admin), come_in(guest)
    alone = TOKENS.sub("", client.get(page).content.decode())
    save_membership(
        user=guest, organisation=noord, by=admin, sponsor=admin, ends_on=in_days(9)
    )
    assert TOKENS.sub("", client.get(page).content.decode()) == alone
    client.post(address, {"active": "no"})
    assert is_signed_in(theirs)
    assert set(principals_of(guest).roles) == {noord.pk}
    client.post(address, {"active": "yes"})
    assert set(principals_of(guest).roles) == {noord.pk, meridian.pk}


def test_a_session_from_before_does_not_wake_up_with_the_membership(
    admin, partner_admin, guest, meridian, come_in
):
    client, membership = come_in(guest), guest.memberships.get()
    for suspended in (True, False):
        set_membership_suspended(
            membership=membership, suspended=suspended, by=partner_admin
        )
    assert not is_signed_in(client)
    guest.refresh_from_db()
    assert is_signed_in(come_in(guest))


def test_taking_back_an_end_does_not_take_back_a_suspension(
    admin, partner_admin, guest, meridian, come_in
):
    set_membership_suspended(
        membership=guest.memberships.get(), suspended=True, by=partner_admin
    )
    client, people = (
        come_in(partner_admin),
        f"/organisation/{meridian.public_id}/people/",
    )
    client.post(f"{people}{guest.public_id}/end")
    client.post(f"{people}undo")
    assert guest.memberships.get().is_suspended
    assert not principals_of(guest).roles


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
