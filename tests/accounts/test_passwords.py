"""What a password may be, wherever one is chosen."""

import pytest
from django.contrib.auth.hashers import identify_hasher, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.invitations import invite
from accounts.models import User
from kbsite.settings import base
from tests.factories import in_days


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elevenchars",
        "password1234567890",
        "!!Sunshine2026!!",
        "abababababab",
        "x" * 129,
        "deelplein1234",
        "Deelplein-Deelplein",
        "Vaartkade2026!",
        "nadia.guest@example.com",
    ],
)
def test_a_weak_password_is_refused(password, host, member):
    member.name, member.email = "Nadia Guest", "nadia.guest@example.com"
    with pytest.raises(ValidationError):
        validate_password(password, member)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "x1" + "ab cd ef " * 14,
        "ελληνικά 🙂 ja hoor",
        "our wiki is Deelplein",
        " leading and trailing ",
    ],
)
def test_any_characters_and_long_ones_are_good(password, member):
    validate_password(password, member)


def test_the_organisation_of_an_invitation_counts(client, meridian, admin):
    _invitation, token = invite(
        email="new@example.com",
        organisation=meridian,
        by=admin,
        membership_ends_on=in_days(9),
    )
    form = {"name": "New", "password": "Meridian-Meridian"}
    page = client.post(f"/invitation/{token}/", form)
    assert page.status_code == 200
    assert not User.objects.filter(email="new@example.com").exists()
    form["password"] = "correct horse battery"
    assert client.post(f"/invitation/{token}/", form).status_code == 302


def test_passwords_are_kept_as_argon2id(settings):
    settings.PASSWORD_HASHERS = base.PASSWORD_HASHERS
    kept = make_password("correct horse battery")
    assert identify_hasher(kept).algorithm == "argon2"
    assert kept.startswith("argon2$argon2id$")


def test_changing_it_asks_for_the_current_one(come_in, member):
    new = "another good long one"
    data = {"oldpassword": "wrong", "password1": new, "password2": new}
    come_in(member).post("/accounts/password/change/", data)
    member.refresh_from_db()
    assert not member.check_password(new)
