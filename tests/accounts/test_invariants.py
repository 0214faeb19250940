"""What the services refuse and, below them, the database."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from accounts.models import AuditEvent, Membership, Organisation, User
from accounts.services import add_to_team, create_team, save_membership
from tests.factories import in_days, make_person


@pytest.mark.parametrize("missing", ["sponsor", "ends_on"])
def test_a_guest_without_sponsor_or_end_is_refused_twice(missing, meridian, admin):
    person = make_person()
    terms = {"sponsor": admin, "ends_on": in_days(9)} | {missing: None}
    with pytest.raises(ValidationError):
        save_membership(user=person, organisation=meridian, by=admin, **terms)
    with (
        pytest.raises(IntegrityError, match="sponsor and an end"),
        transaction.atomic(),
    ):
        Membership.objects.create(user=person, organisation=meridian, **terms)


def test_a_guest_cannot_lose_the_end_later(guest):
    with pytest.raises(IntegrityError), transaction.atomic():
        guest.memberships.update(ends_on=None)


def test_the_audit_log_only_grows(admin):
    with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
        AuditEvent.objects.update(action="nothing")
    with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
        AuditEvent.objects.all().delete()
    with (
        pytest.raises(IntegrityError, match="only grows"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM accounts_auditevent")


def test_a_team_takes_members_of_its_organisation_only(host, guest, admin):
    team = create_team(organisation=host, name="Quay", by=admin)
    with pytest.raises(ValidationError):
        add_to_team(team=team, user=guest, by=admin)


@pytest.fixture
def fresh(db, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("a good long password\n"))
    return {
        "password_stdin": True,
        "organisation": "Vaartkade",
        "email": "Anouk@Example.com",
        "name": "Anouk",
    }


def test_create_host_makes_host_and_admin_once(fresh, sign_in, capsys):
    call_command("create_host", **fresh)
    call_command("create_host", **fresh)
    assert "already" in capsys.readouterr().out
    host = Organisation.objects.get()
    assert host.is_host
    assert host.memberships.get().role == Membership.Role.ADMIN
    client = sign_in("anouk@example.com", "a good long password")
    assert client.response.status_code == 302


def test_create_host_leaves_nothing_behind_when_it_fails(fresh, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    with pytest.raises(CommandError):
        call_command("create_host", **fresh)
    assert not Organisation.objects.exists()
    assert not User.objects.exists()
