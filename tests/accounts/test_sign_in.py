"""Coming in and going out."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.test import Client

from accounts.models import AuditEvent, Membership, Organisation, User
from accounts.services import (
    end_membership,
    save_membership,
    set_organisation_status,
    set_person_active,
)
from tests.accounts.conftest import is_signed_in
from tests.factories import PASSWORD, in_days, make_person
from tests.support.jobs import run_jobs


def without_tokens(html: str) -> str:
    return re.sub(r'csrf[^>]*value="[^"]*"|csrftoken[^"]*"[^"]*"', "", html)


def refused_page(client: Client, email: str) -> str:
    """The page after a refused sign-in, without what differs at every call."""
    assert client.response.status_code == 200
    assert not is_signed_in(client)
    return without_tokens(client.response.content.decode()).replace(email, "ADDRESS")


def test_a_member_signs_in_with_any_case_of_the_address(sign_in, member):
    client = sign_in(member.email.upper())
    assert client.response.status_code == 302
    assert is_signed_in(client)


def test_wrong_password_unknown_suspended_and_gone_look_alike(
    sign_in, member, manager, guest
):
    set_person_active(user=member, active=False, by=None)
    end_membership(membership=guest.memberships.get(), by=None)
    wrong = refused_page(sign_in(manager.email, "wrong"), manager.email)
    for email in ("nobody@example.com", member.email, guest.email):
        assert refused_page(sign_in(email), email) == wrong


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example/", "/\\evil"]
)
def test_next_stays_on_this_site(sign_in, member, address):
    assert sign_in(member.email, next_url=address).response["Location"] == "/"


def test_next_leads_to_a_local_page(sign_in, member):
    assert sign_in(member.email, next_url="/me/").response["Location"] == "/me/"


def test_sign_in_failure_and_sign_out_are_recorded_without_strange_addresses(
    sign_in, member
):
    sign_in(member.email, "wrong")
    sign_in("stranger@example.com", "wrong")
    client = sign_in(member.email)
    client.post("/accounts/logout/")
    events = AuditEvent.objects.filter(action__startswith="session").order_by("pk")
    assert [(event.action, event.target) for event in events] == [
        ("session.refused", member.public_id),
        ("session.refused", ""),
        ("session.start", member.public_id),
        ("session.end", member.public_id),
    ]
    assert not any("stranger" in str(event.details) for event in events)
    assert not is_signed_in(client)


def test_a_refused_guest_without_membership_is_recorded_once(sign_in, guest):
    end_membership(membership=guest.memberships.get(), by=None)
    sign_in(guest.email)
    refused = AuditEvent.objects.filter(action="session.refused")
    assert [event.target for event in refused] == [guest.public_id]


def test_too_many_failures_close_the_form_also_for_the_right_password(
    sign_in, member, settings
):
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "2/15m/key"}
    set_person_active(user=member, active=False, by=None)
    sign_in(member.email)
    sign_in(member.email)
    set_person_active(user=member, active=True, by=None)
    assert not is_signed_in(sign_in(member.email))


@pytest.mark.parametrize(
    "path",
    [
        "signup/",
        "email/",
        "inactive/",
        "confirm-email/",
        "login/code/",
        "2fa/webauthn/",
    ],
)
def test_what_we_do_not_use_of_allauth_is_not_there(come_in, member, path):
    assert come_in(member).get(f"/accounts/{path}").status_code == 404


def test_suspending_a_person_closes_the_door_at_the_next_request(come_in, member):
    client = come_in(member)
    assert is_signed_in(client)
    set_person_active(user=member, active=False, by=None)
    response = client.get("/me/")
    assert response["Location"] == "/accounts/login/?next=/me/"


def test_suspending_an_organisation_closes_the_door_at_the_next_request(
    come_in, guest, meridian
):
    client = come_in(guest)
    assert is_signed_in(client)
    set_organisation_status(
        organisation=meridian, status=Organisation.Status.SUSPENDED, by=None
    )
    assert client.get("/me/")["Location"] == "/accounts/login/?next=/me/"


def test_a_membership_holds_through_its_last_day_and_no_longer(
    come_in, meridian, admin, time_machine
):
    time_machine.move_to("2030-03-01 11:00+01:00")
    guest = make_person("Nadia", meridian, sponsor=admin, ends_on=in_days(2))
    time_machine.move_to("2030-03-03 23:59+01:00")
    client = come_in(guest)
    assert is_signed_in(client)
    time_machine.move_to("2030-03-04 00:01+01:00")
    assert not is_signed_in(client)


def test_reset_says_the_same_for_known_and_unknown_addresses(client, member):
    answers = []
    for email in (member.email, "nobody@example.com"):
        response = client.post(
            "/accounts/password/reset/", {"email": email}, follow=True
        )
        answers.append(without_tokens(response.content.decode()))
    assert answers[0] == answers[1]
    # One job for each, so that not even the work tells them apart.
    assert run_jobs("accounts.send_password_reset") == 2
    assert [message.to for message in mail.outbox] == [[member.email]]


def test_a_suspended_person_gets_no_reset(client, member):
    set_person_active(user=member, active=False, by=None)
    client.post("/accounts/password/reset/", {"email": member.email})
    assert mail.outbox == []


def test_a_forgotten_password_is_replaced_once(client, member, sign_in, settings):
    client.post("/accounts/password/reset/", {"email": member.email})
    run_jobs("accounts.send_password_reset")
    link = re.search(rf"{settings.BASE_URL}(/\S+)", mail.outbox[0].body).group(1)
    form = client.get(link, follow=True)
    new = "another good long one"
    data = {"password1": new, "password2": new}
    done = client.post(form.redirect_chain[-1][0], data, follow=True)
    assert done.status_code == 200
    assert is_signed_in(sign_in(member.email, new))
    assert not is_signed_in(sign_in(member.email))
    assert "too old" in Client().get(link, follow=True).content.decode()


def test_a_weak_password_is_refused_when_changing(come_in, member):
    client = come_in(member)
    data = {"oldpassword": PASSWORD, "password1": "short", "password2": "short"}
    response = client.post("/accounts/password/change/", data)
    assert response.status_code == 200
    assert "12" in response.content.decode()


def test_a_changed_password_ends_every_session(come_in, member, sign_in):
    elsewhere, here = come_in(member), come_in(member)
    new = "another good long one"
    data = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    here.post("/accounts/password/change/", data)
    assert not is_signed_in(elsewhere)
    assert is_signed_in(sign_in(member.email, new))
    assert AuditEvent.objects.filter(action="person.password").count() == 1


def switch_on(user: User) -> Authenticator:
    TOTP.activate(user, generate_totp_secret())
    return RecoveryCodes.activate(user).instance


def test_with_a_second_step_the_password_alone_does_not_open(sign_in, member):
    codes = switch_on(member).wrap().get_unused_codes()
    client = sign_in(member.email)
    assert client.response["Location"].startswith("/accounts/2fa/authenticate/")
    assert not is_signed_in(client)
    page = client.get("/accounts/2fa/authenticate/")
    assert page.status_code == 200
    client.post("/accounts/2fa/authenticate/", {"code": "00000000"})
    assert not is_signed_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert is_signed_in(client)
    refused = AuditEvent.objects.get(action="session.refused")
    assert refused.details == {"step": "code"}


def test_who_is_suspended_between_password_and_code_stays_outside(sign_in, member):
    codes = switch_on(member).wrap().get_unused_codes()
    client = sign_in(member.email)
    set_person_active(user=member, active=False, by=None)
    response = client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert response.status_code == 302
    assert not is_signed_in(client)


def test_switching_on_the_second_step_asks_for_the_password_again(come_in, member):
    client = come_in(member)
    activate = "/accounts/2fa/totp/activate/"
    response = client.get(activate)
    assert response["Location"].startswith("/accounts/reauthenticate/")
    again = client.post(response["Location"], {"password": PASSWORD})
    assert again["Location"] == activate
    assert "data:image/svg+xml" in client.get(activate).content.decode()


def test_a_second_membership_keeps_the_door_open(come_in, guest, noord, admin):
    save_membership(
        user=guest, organisation=noord, by=admin, sponsor=admin, ends_on=in_days(9)
    )
    client = come_in(guest)
    end_membership(
        membership=Membership.objects.get(user=guest, organisation__name="Meridian"),
        by=admin,
    )
    assert is_signed_in(client)
