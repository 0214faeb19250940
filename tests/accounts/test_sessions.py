"""How long a sign-in lasts, and ending one's own from elsewhere."""

import re

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.models import AuditEvent
from accounts.sessions import device_of, forget_old_sessions, sessions_of
from tests.accounts.conftest import is_signed_in
from tests.factories import PASSWORD

NOON = "2030-03-01 12:00+00:00"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def clock(time_machine):
    """Set the time of a day in March."""

    def at(day_and_time: str) -> None:
        time_machine.move_to(f"2030-03-{day_and_time}+00:00", tick=False)

    at("01 12:00")
    return at


def test_a_sign_in_ends_after_eight_hours_unused(clock, come_in, member):
    client = come_in(member)
    clock("01 19:59")
    assert is_signed_in(client)
    clock("02 03:58")
    assert is_signed_in(client)
    clock("02 11:59")
    assert not is_signed_in(client)


def stays(client: Client, clock, days: list[int]) -> bool:
    """Come by every four hours on these days, and say whether one is let in."""
    return all(
        clock(f"{day:02} {hour:02}:00") is None and is_signed_in(client)
        for day in days
        for hour in range(0, 24, 4)
    )


def test_an_employee_signs_in_once_a_week_however_busy(clock, come_in, member):
    client = come_in(member)
    clock("01 18:00")
    assert is_signed_in(client)
    assert stays(client, clock, [2, 3, 4, 5, 6, 7])
    clock("08 04:00")
    assert is_signed_in(client)
    clock("08 12:01")
    assert not is_signed_in(client)


def test_a_guest_signs_in_every_day(clock, come_in, guest):
    client = come_in(guest)
    for time in ("01 18:00", "02 00:00", "02 06:00", "02 11:59"):
        clock(time)
        assert is_signed_in(client), time
    clock("02 12:01")
    assert not is_signed_in(client)


def test_an_operator_signs_in_every_day_although_employed(clock, come_in, admin):
    admin.is_superuser = True
    admin.save()
    client = come_in(admin)
    for time in ("01 18:00", "02 00:00", "02 06:00"):
        clock(time)
        assert is_signed_in(client), time
    clock("02 12:01")
    assert not is_signed_in(client)


def test_a_sign_in_that_does_not_say_when_it_began_is_over(come_in, member):
    client = come_in(member)
    session = client.session
    del session["started"]
    session.save()
    assert not is_signed_in(client)


def test_coming_by_writes_only_now_and_then(
    clock, come_in, member, django_assert_num_queries
):
    client = come_in(member)
    clock("01 12:04")
    seen = client.session["seen"]
    assert is_signed_in(client)
    assert client.session["seen"] == seen
    clock("01 12:06")
    assert is_signed_in(client)
    assert client.session["seen"] == seen + 360


def test_signing_in_gives_the_session_a_new_key(client, member):
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies["sessionid"] = session.session_key
    client.post("/accounts/login/", {"login": member.email, "password": PASSWORD})
    assert is_signed_in(client)
    assert client.session.session_key != session.session_key
    assert not Session.objects.filter(session_key=session.session_key).exists()


def test_the_profile_lists_where_one_is_signed_in(sign_in, member, manager):
    here, _elsewhere, _other = (
        sign_in(member.email),
        sign_in(member.email),
        sign_in(manager.email),
    )
    page = here.get("/me/").content.decode()
    assert page.count("127.0.0.1") == 2
    assert "this browser" in page
    for key in UserSession.objects.values_list("session_key", flat=True):
        assert key not in page


def named(client: Client) -> str:
    """The first session that the profile offers to end."""
    page = client.get("/me/").content.decode()
    return re.search(r'name="which" value="(\w+)"', page)[1]


def test_one_other_sign_in_is_ended(sign_in, member):
    here, first = sign_in(member.email), sign_in(member.email)
    second = sign_in(member.email)
    here.post("/me/sessions/end", {"which": named(here)})
    assert is_signed_in(here)
    assert [is_signed_in(first), is_signed_in(second)].count(True) == 1
    assert AuditEvent.objects.filter(action="session.end").count() == 1


def test_all_other_sign_ins_are_ended(sign_in, member):
    here, first, second = (sign_in(member.email) for _ in range(3))
    here.post("/me/sessions/end")
    assert is_signed_in(here)
    assert not is_signed_in(first)
    assert not is_signed_in(second)
    assert "everywhere else" not in here.get("/me/").content.decode()


def test_nobody_ends_a_sign_in_of_somebody_else(sign_in, member, manager):
    here, elsewhere = sign_in(manager.email), sign_in(manager.email)
    stranger = sign_in(member.email)
    stranger.post("/me/sessions/end", {"which": named(here)})
    stranger.post("/me/sessions/end")
    assert is_signed_in(here)
    assert is_signed_in(elsewhere)


def test_ending_asks_for_post(come_in, member):
    assert come_in(member).get("/me/sessions/end").status_code == 405


def test_who_signed_out_or_has_a_new_password_is_off_the_list(sign_in, member):
    first, second = sign_in(member.email), sign_in(member.email)
    first.post("/accounts/logout/")
    assert len(sessions_of(member, this=None)) == 1
    member.set_password("another good long one")
    member.save()
    assert sessions_of(member, this=None) == []
    assert not is_signed_in(second)


def test_what_is_over_is_forgotten_with_its_address(clock, sign_in, member):
    sign_in(member.email)
    clock("08 12:01")
    forget_old_sessions()
    assert not UserSession.objects.exists()
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    ("browser", "device"),
    [
        (FIREFOX, "Firefox, Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) Chrome/140 Safari/537 Edg/140",
            "Edge, Windows",
        ),
        ("<script>alert(1)</script>", ""),
        ("", ""),
    ],
)
def test_a_browser_is_named_at_a_glance(browser, device):
    assert device_of(browser) == device
