"""Whose role demands a second step of sign-in adds it in time, or sees nothing else."""

from datetime import timedelta

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from kbsite.settings import base
from tests.accounts.conftest import is_signed_in
from tests.factories import PASSWORD

ADD = "/accounts/2fa/totp/activate/"


@pytest.fixture(autouse=True)
def demanded(settings):
    settings.SECOND_STEP_FOR = ["admin", "operator", "guest"]
    settings.SECOND_STEP_GRACE_DAYS = 0


def sent_to_add_it(client: Client) -> bool:
    return client.get("/me/").headers.get("Location") == ADD


def test_the_default_is_admins_operators_and_guests():
    assert base.SECOND_STEP_FOR == ["admin", "operator", "guest"]


def test_admins_guests_and_operators_are_led_to_adding_it(
    come_in, admin, guest, partner_admin, member
):
    for person in (admin, guest, partner_admin):
        assert sent_to_add_it(come_in(person)), person.name
    member.is_superuser = True
    member.save()
    assert sent_to_add_it(come_in(member))


def test_members_and_managers_of_the_host_are_not(come_in, member, manager):
    assert is_signed_in(come_in(member))
    assert is_signed_in(come_in(manager))


def test_which_roles_is_a_setting(come_in, admin, guest, settings):
    settings.SECOND_STEP_FOR = ["guest"]
    assert is_signed_in(come_in(admin))
    assert sent_to_add_it(come_in(guest))


def test_until_it_is_due_the_site_says_so_and_is_open(come_in, guest, settings):
    settings.SECOND_STEP_GRACE_DAYS = 7
    page = come_in(guest).get("/me/").content.decode()
    assert "Your role asks for two-step sign-in." in page


def test_the_days_are_counted_from_the_account(come_in, guest, settings, time_machine):
    settings.SECOND_STEP_GRACE_DAYS = 7
    time_machine.move_to(guest.date_joined + timedelta(days=6))
    assert is_signed_in(come_in(guest))
    time_machine.move_to(guest.date_joined + timedelta(days=8))
    assert sent_to_add_it(come_in(guest))


@pytest.mark.parametrize(
    "address", ["/", "/search/?q=x", "/missing-22222222/", "/cms/"]
)
def test_hidden_and_missing_addresses_lead_there_alike(come_in, guest, address):
    assert come_in(guest).get(address)["Location"] == ADD


def test_who_has_to_add_it_can_and_can_sign_out(come_in, guest):
    client = come_in(guest)
    again = client.get(ADD)["Location"]
    assert again.startswith("/accounts/reauthenticate/")
    client.post(again, {"password": PASSWORD})
    assert client.get(ADD).status_code == 200
    assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"


def test_who_added_it_is_asked_nothing_more(come_in, guest):
    TOTP.activate(guest, generate_totp_secret())
    assert is_signed_in(come_in(guest))


def test_recovery_codes_alone_are_no_second_step(come_in, guest):
    RecoveryCodes.activate(guest)
    assert sent_to_add_it(come_in(guest))


def test_who_switches_it_off_has_to_add_it_again(come_in, guest):
    step = TOTP.activate(guest, generate_totp_secret())
    client = come_in(guest)
    assert is_signed_in(client)
    step.instance.delete()
    assert sent_to_add_it(client)


def test_a_new_password_does_not_get_round_it(sign_in, guest):
    TOTP.activate(guest, generate_totp_secret())
    guest.set_password("another good long one")
    guest.save()
    client = sign_in(guest.email, "another good long one")
    assert client.response["Location"].startswith("/accounts/2fa/authenticate/")
    assert not is_signed_in(client)


def test_a_recovery_code_works_once(sign_in, guest):
    TOTP.activate(guest, generate_totp_secret())
    code = RecoveryCodes.activate(guest).get_unused_codes()[0]
    first, second = sign_in(guest.email), sign_in(guest.email)
    for client in (first, second):
        client.post("/accounts/2fa/authenticate/", {"code": code})
    assert is_signed_in(first)
    assert not is_signed_in(second)
