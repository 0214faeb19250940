"""Invitations: who may send them, what a link does, and what it does not."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.invitations import (
    InvitationError,
    accept_invitation,
    invite,
    send_again,
    withdraw_invitation,
)
from accounts.models import AuditEvent, Invitation, Membership, Organisation, User
from accounts.services import (
    create_person,
    end_membership,
    save_membership,
    set_organisation_status,
    set_person_active,
)
from accounts.tokens import invitation_token
from tests.accounts.conftest import is_signed_in
from tests.factories import PASSWORD, in_days
from tests.support.jobs import run_jobs

Role = Membership.Role
NEWCOMER = {"name": "Nieke Nieuw", "password": "a good long password"}


def url(token: str) -> str:
    return f"/invitation/{token}/"


@pytest.fixture
def token(admin, meridian) -> str:
    return invite(
        email="Nieke@Example.com",
        organisation=meridian,
        by=admin,
        membership_ends_on=in_days(30),
    )[1]


def assert_closed(client: Client, token: str) -> None:
    """The page for what cannot be used: the same for all, and it names nobody."""
    response = client.get(url(token))
    assert response.status_code == 410
    assert b"Meridian" not in response.content
    assert b"Anouk" not in response.content
    assert client.post(url(token), NEWCOMER).status_code == 410
    assert not User.objects.filter(email="nieke@example.com").exists()


def test_the_mail_carries_the_link_and_database_and_queue_do_not(admin, meridian):
    invitation, token = invite(
        email="nieke@example.com",
        organisation=meridian,
        by=admin,
        membership_ends_on=in_days(30),
    )
    assert token not in str(list(ProcrastinateJob.objects.values("args")))
    assert run_jobs("accounts.send_invitation") == 1
    (message,) = mail.outbox
    assert message.to == ["nieke@example.com"]
    assert re.findall(r"/invitation/(\S+)/", message.body) == [token]
    assert "Anouk Admin" in message.body
    assert "Meridian" in message.subject
    assert token not in str(vars(invitation))


def test_a_newcomer_accepts_and_is_in(client, token, meridian, admin):
    page = client.get(url(token)).content.decode()
    assert "Meridian" in page
    assert "Anouk Admin" in page
    assert client.post(url(token), NEWCOMER)["Location"] == "/"
    assert is_signed_in(client)
    membership = Membership.objects.get(user__email="nieke@example.com")
    assert membership.organisation == meridian
    assert membership.sponsor == admin
    assert membership.ends_on == in_days(30)
    assert AuditEvent.objects.filter(action="invitation.accept").count() == 1


def test_a_weak_password_or_a_missing_name_is_refused(client, token):
    for data in (
        {"name": "N", "password": "short"},
        {"name": "", "password": "x" * 20},
    ):
        assert client.post(url(token), data).status_code == 200
    assert not User.objects.filter(email="nieke@example.com").exists()


def test_unknown_link(client, db):
    assert_closed(client, "never-sent")


def test_expired_link(client, token, time_machine):
    time_machine.move_to(in_days(8))
    assert_closed(client, token)


def test_used_link(client, token):
    client.post(url(token), NEWCOMER)
    assert Client().get(url(token)).status_code == 410
    assert Client().post(url(token), NEWCOMER).status_code == 410
    assert Membership.objects.filter(user__email="nieke@example.com").count() == 1


def test_withdrawn_link(client, token, admin, meridian):
    withdraw_invitation(invitation=meridian.invitations.get(), by=admin)
    assert_closed(client, token)


def test_the_old_link_ends_when_a_new_one_is_sent(client, token, admin, meridian):
    _again, new = send_again(invitation=meridian.invitations.get(), by=admin)
    assert_closed(client, token)
    assert client.get(url(new)).status_code == 200


def test_a_suspended_organisation_takes_nobody_in(client, token, meridian):
    set_organisation_status(
        organisation=meridian, status=Organisation.Status.SUSPENDED, by=None
    )
    assert_closed(client, token)


def test_the_word_of_a_suspended_inviter_ends(client, token, admin):
    set_person_active(user=admin, active=False, by=None)
    assert_closed(client, token)


def test_the_word_of_an_inviter_who_left_ends(client, token, admin):
    end_membership(membership=admin.memberships.get(), by=None)
    assert_closed(client, token)


def test_an_inviter_demoted_since_cannot_make_an_admin(client, admin, host):
    _invitation, token = invite(
        email="nieke@example.com", organisation=host, by=admin, role=Role.ADMIN
    )
    save_membership(user=admin, organisation=host, by=None, role=Role.MEMBER)
    assert_closed(client, token)


def test_the_owner_of_an_account_signs_in_first(client, member, admin, meridian):
    _invitation, token = invite(
        email=member.email.upper(),
        organisation=meridian,
        by=admin,
        membership_ends_on=in_days(9),
    )
    page = client.get(url(token)).content.decode()
    assert f"/accounts/login/?next=/invitation/{token}/" in page
    client.post(url(token), NEWCOMER)
    assert not meridian.memberships.exists()
    client.post("/accounts/login/", {"login": member.email, "password": PASSWORD})
    assert client.post(url(token))["Location"] == "/"
    assert meridian.memberships.get().user == member


def test_another_account_cannot_take_it(come_in, token, manager, meridian):
    client = come_in(manager)
    assert "another address" in client.get(url(token)).content.decode()
    client.post(url(token), NEWCOMER)
    assert not meridian.memberships.exists()
    with pytest.raises(InvitationError):
        accept_invitation(token=token, user=manager)


def test_who_had_left_comes_back_by_the_link(client, guest, admin, noord, sign_in):
    end_membership(membership=guest.memberships.get(), by=None)
    _invitation, token = invite(
        email=guest.email, organisation=noord, by=admin, membership_ends_on=in_days(9)
    )
    client.post(url(token))
    assert not is_signed_in(client)
    assert is_signed_in(sign_in(guest.email))
    assert noord.memberships.get().user == guest


def test_a_suspended_person_does_not_come_back_by_a_link(client, guest, admin, noord):
    set_person_active(user=guest, active=False, by=None)
    _invitation, token = invite(
        email=guest.email, organisation=noord, by=admin, membership_ends_on=in_days(9)
    )
    assert client.post(url(token)).status_code == 410
    assert not noord.memberships.exists()


def test_a_member_is_not_invited_twice(admin, member, host):
    with pytest.raises(ValidationError):
        invite(email=member.email.upper(), organisation=host, by=admin)


def test_a_guest_is_not_invited_without_end(admin, meridian):
    with pytest.raises(ValidationError):
        invite(email="nieke@example.com", organisation=meridian, by=admin)


@pytest.mark.django_db(transaction=True)
def test_of_parallel_clicks_one_counts(token, meridian):
    barrier = Barrier(4)

    def click(_number: int) -> bool:
        barrier.wait()
        try:
            accept_invitation(token=token, **NEWCOMER)
        except InvitationError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(click, range(4))) == [False, False, False, True]
    assert meridian.memberships.count() == 1


# --- The newest word counts -----------------------------------------------------------


def test_a_newer_invitation_ends_the_older_with_another_role(admin, host, client):
    _first, as_admin = invite(
        email="nieke@example.com", organisation=host, by=admin, role=Role.ADMIN
    )
    _second, as_member = invite(email="nieke@example.com", organisation=host, by=admin)
    assert client.get(url(as_admin)).status_code == 410
    client.post(url(as_member), NEWCOMER)
    assert Membership.objects.get(user__email="nieke@example.com").role == Role.MEMBER


def test_who_was_sent_away_does_not_come_back_by_an_older_invitation(admin, host):
    _invitation, token = invite(
        email="nieke@example.com", organisation=host, by=admin, role=Role.ADMIN
    )
    user = create_person(email="nieke@example.com", name="Nieke", by=admin)
    save_membership(user=user, organisation=host, by=admin)
    end_membership(membership=user.memberships.get(), by=admin)
    with pytest.raises(InvitationError):
        accept_invitation(token=token, user=user)
    assert not user.memberships.exists()


def test_an_invitation_changes_no_membership_that_there_is(admin, host, member):
    invitation = invite(
        email="nieke@example.com", organisation=host, by=admin, role=Role.ADMIN
    )[0]
    Invitation.objects.filter(pk=invitation.pk).update(email=member.email)
    token = invitation_token(invitation.public_id)
    with pytest.raises(InvitationError):
        accept_invitation(token=token, user=member)
    assert member.memberships.get().role == Role.MEMBER
