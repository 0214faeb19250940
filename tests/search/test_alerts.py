"""Mails of saved searches: they tell only what may be seen when they go."""

import datetime
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from accounts.services import end_membership, set_person_active
from knowledge.access.services import withdraw_grant
from search.models import SavedSearch
from search.saving import change_saved, delete_saved, stop_token
from search.tasks import look_for_alerts
from tests.factories import make_article, root_of
from tests.search.asking import WORD, keep
from tests.support.indices import bring_up_to_date
from tests.support.jobs import run_jobs

Alert = SavedSearch.Alert
MONDAY = datetime.datetime(2026, 11, 23, 5, 23, tzinfo=datetime.UTC)
TOKEN = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")\w+')
DAY, HOUR = datetime.timedelta(days=1), datetime.timedelta(hours=1)


# --- Mails -----------------------------------------------------------------------------


@pytest.fixture
def clock():
    """A time that tests move on: Monday, before the day's mails."""
    with time_machine.travel(MONDAY - HOUR) as traveller:
        yield traveller


def write(world, title: str, parent=None, by=None) -> None:
    make_article(parent or world.shared, by or world.admin, title, body=f"The {WORD}.")
    bring_up_to_date()


def send(clock=None, *, after: datetime.timedelta = DAY) -> list[str]:
    """Let some time go by, look what is due, and send it; give the new mails."""
    if clock is not None:
        clock.shift(after)
    before = len(mail.outbox)
    look_for_alerts()
    run_jobs("search.send_alert")
    return [one.body for one in mail.outbox[before:]]


def test_a_mail_lists_what_changed_since_the_last_one_with_its_organisation(
    world, clock
):
    write(world, "Old sand")
    clock.shift(HOUR)
    keep(world.guest, "My sand", Alert.DAILY)
    write(world, "New sand")
    (body,) = send(clock)
    assert mail.outbox[0].to == [world.guest.email]
    assert "My sand" in body
    assert re.search(r"- New sand · Vaartkade\n  http://\S+/new-sand-\w{8}/", body)
    assert "Old sand" not in body
    assert send(clock) == []
    write(world, "Newer sand")
    (body,) = send(clock)
    assert "Newer sand" in body
    assert "New sand ·" not in body


def test_one_mail_has_all_searches_of_a_person_and_at_most_twenty_hits_of_each(
    world, clock
):
    for name in ("First", "Second"):
        keep(world.guest, name, Alert.DAILY)
    keep(world.guest, "Silent", Alert.NONE)
    keep(world.guest, "Nothing", Alert.DAILY, "q=eendenkooi")
    for number in range(21):
        write(world, f"Sand {number}")
    (body,) = send(clock)
    assert body.count("\nFirst\n") == body.count("\nSecond\n") == 1
    assert "Silent" not in body
    assert "Nothing" not in body
    assert body.count(" · Vaartkade") == 40


def test_a_day_brings_one_mail_and_a_week_brings_one(world, clock):
    keep(world.guest, "Daily", Alert.DAILY)
    keep(world.member, "Weekly", Alert.WEEKLY)
    sent = []
    for number in range(14):
        write(world, f"Sand {number}")
        clock.shift(DAY / 2)
        send()
        clock.shift(DAY / 2)
        send()
        send()
        sent.append({one.to[0] for one in mail.outbox})
        mail.outbox.clear()
    weekly = [number for number, to in enumerate(sent) if world.member.email in to]
    assert all(world.guest.email in to for to in sent)
    assert weekly == [6, 13]


def test_what_was_changed_before_the_index_has_it_is_told_the_next_time(world, clock):
    keep(world.guest, alert=Alert.DAILY)
    clock.shift(DAY - datetime.timedelta(minutes=1))
    write(world, "Just now")
    assert send(clock, after=datetime.timedelta(minutes=1)) == []
    clock.shift(HOUR)
    make_article(world.shared, world.admin, "In the outbox", body=f"The {WORD}.")
    (body,) = send(clock)
    assert "Just now" in body
    assert "In the outbox" not in body
    bring_up_to_date()
    (body,) = send(clock)
    assert "In the outbox" in body
    assert "Just now" not in body


def test_a_right_that_went_between_asking_and_sending_is_gone_from_the_mail(
    world, clock
):
    keep(world.guest, alert=Alert.DAILY)
    write(world, "Shared sand")
    clock.shift(DAY)
    look_for_alerts()
    withdraw_grant(root=root_of(world.shared), subject=world.meridian, by=world.admin)
    assert run_jobs("search.send_alert") == 1
    assert mail.outbox == []


def test_a_mail_names_nothing_that_its_reader_may_not_see(world, clock):
    for user in (world.guest, world.other_guest, world.member):
        keep(user, alert=Alert.DAILY)
    write(world, "Open sand", world.open)
    write(world, "Shared sand")
    write(world, "Closed sand", world.closed)
    write(world, "Price of sand", world.prices)
    send(clock)
    told = {one.to[0]: re.findall(r"- (.+) · ", one.body) for one in mail.outbox}
    assert told == {
        world.guest.email: ["Shared sand"],
        world.member.email: ["Shared sand", "Open sand"],
    }


@pytest.mark.parametrize("how", ["suspended", "ended", "operator"])
def test_who_may_not_come_in_any_more_and_operators_get_no_mail(world, clock, how):
    keep(world.guest, alert=Alert.DAILY)
    write(world, "Sand")
    clock.shift(DAY)
    look_for_alerts()
    if how == "suspended":
        set_person_active(user=world.guest, active=False, by=world.admin)
    elif how == "ended":
        end_membership(membership=world.guest.memberships.get(), by=world.admin)
    else:
        User.objects.filter(pk=world.guest.pk).update(is_superuser=True)
    assert run_jobs("search.send_alert") == 1
    assert mail.outbox == []


def test_mails_stopped_or_searches_deleted_meanwhile_are_not_sent(world, clock):
    stopped = keep(world.guest, alert=Alert.DAILY)
    deleted = keep(world.member, alert=Alert.DAILY)
    write(world, "Sand")
    clock.shift(DAY)
    look_for_alerts()
    change_saved(saved=stopped, by=world.guest, name="Sand", alert=Alert.NONE)
    delete_saved(saved=deleted, by=world.member)
    assert run_jobs("search.send_alert") == 2
    assert mail.outbox == []


def test_changes_before_mails_were_asked_for_are_no_news(world, clock):
    saved = keep(world.guest)
    write(world, "Before")
    clock.shift(DAY)
    change_saved(saved=saved, by=world.guest, name="Sand", alert=Alert.DAILY)
    write(world, "After")
    (body,) = send(clock)
    assert "After" in body
    assert "Before" not in body


def test_a_correction_of_the_words_is_no_news(world, clock):
    keep(world.guest, alert=Alert.DAILY, address="q=zandbang")
    write(world, "Sand")
    assert send(clock) == []


def test_a_mail_speaks_the_language_of_its_reader(world, clock):
    User.objects.filter(pk=world.guest.pk).update(language="nl")
    keep(world.guest, alert=Alert.DAILY)
    write(world, "Zand")
    (body,) = send(clock)
    assert "opgeslagen zoekopdrachten" in body


def test_a_job_holds_no_word_of_a_search(world, clock):
    keep(world.guest, "My sand", Alert.DAILY)
    clock.shift(DAY)
    look_for_alerts()
    job = ProcrastinateJob.objects.get(task_name="search.send_alert")
    assert set(job.args) == {"person", "since", "until"}
    assert job.args["person"] == world.guest.public_id
    assert "sand" not in str(job.args).lower()
    assert WORD not in str(job.args)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_ask_for_one_mail(world):
    saved = keep(world.guest, alert=Alert.DAILY)
    SavedSearch.objects.update(last_checked=timezone.now() - 3 * DAY)
    start = Barrier(2)

    def work(_number: int) -> None:
        try:
            start.wait(10)
            look_for_alerts()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    jobs = ProcrastinateJob.objects.filter(task_name="search.send_alert")
    assert [list(job.args["since"]) for job in jobs] == [[saved.public_id]]


def test_no_mail_is_asked_for_without_noting_it(world, monkeypatch):
    """Nor the other way round: both stand in one transaction, in a worker, too."""
    saved = keep(world.guest, alert=Alert.DAILY)
    SavedSearch.objects.update(last_checked=timezone.now() - 3 * DAY)
    saved.refresh_from_db()
    monkeypatch.setattr("search.tasks.asdict", lambda _due: {"since": object()})
    with pytest.raises(TypeError):
        look_for_alerts()
    assert SavedSearch.objects.get().last_checked == saved.last_checked


def test_a_worker_asks_for_the_mail_in_the_transaction_that_notes_it(world, clock):
    """A worker queues over a connection of its own, which this one does not see."""
    keep(world.guest, alert=Alert.DAILY)
    clock.shift(DAY)
    with app.replace_connector(app.connector.get_worker_connector()):
        look_for_alerts()
    assert ProcrastinateJob.objects.filter(task_name="search.send_alert").count() == 1


# --- Stopping the mails without signing in -----------------------------------------------


def test_the_link_in_a_mail_stops_its_mails_and_nothing_else(world, clock):
    saved = keep(world.guest, "Mine", Alert.DAILY)
    other = keep(world.guest, "Other", Alert.DAILY)
    write(world, "Sand")
    (body,) = send(clock)
    path = re.findall(r"(/search/alerts/off/\S+/)", body)[0]
    stranger = Client()
    page = stranger.get(path)
    assert page.status_code == 200
    assert "Stop these mails?" in page.content.decode()
    assert "Mine" not in page.content.decode()
    saved.refresh_from_db()
    assert saved.alert == Alert.DAILY
    assert "These mails are stopped" in stranger.post(path).content.decode()
    saved.refresh_from_db()
    other.refresh_from_db()
    assert (saved.name, saved.alert, other.alert) == ("Mine", "none", "daily")
    login = stranger.get("/search/saved/").headers["Location"]
    assert login.startswith("/accounts/login/")


def test_a_forged_link_is_a_missing_page_and_stops_nothing(world):
    saved = keep(world.guest, alert=Alert.DAILY)
    good, stranger = stop_token(saved), Client()
    other = stop_token(keep(world.member))
    for token in (saved.public_id, good[:-1], f"{saved.public_id}:{other[9:]}", ":"):
        for ask in (stranger.get, stranger.post):
            assert ask(f"/search/alerts/off/{token}/").status_code == 404, token
    saved.refresh_from_db()
    assert saved.alert == Alert.DAILY


def test_the_link_of_a_deleted_search_looks_like_every_other(world):
    saved = keep(world.guest, alert=Alert.DAILY)
    path = f"/search/alerts/off/{stop_token(saved)}/"

    def shown() -> str:
        return TOKEN.sub("", Client().post(path).content.decode())

    before = shown()
    assert "These mails are stopped" in before
    delete_saved(saved=saved, by=world.guest)
    assert shown() == before


def test_whom_the_second_step_keeps_out_gets_no_titles_by_mail(world, clock, settings):
    keep(world.guest, alert=Alert.DAILY)
    write(world, "Sand")
    settings.SECOND_STEP_FOR, settings.SECOND_STEP_GRACE_DAYS = ["guest"], 7
    joined = timezone.now() - 30 * DAY
    User.objects.filter(pk=world.guest.pk).update(date_joined=joined)
    assert send(clock) == []
