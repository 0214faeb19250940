"""After a withdrawal nothing is shown any more, while nobody brings the index up to date.

The worker stands still and Elasticsearch shows its old state for good. What guests get
is compared, to the byte, with what they got before anything was shared with them.
"""

import copy
import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client

from accounts.models import Membership, Organisation
from accounts.services import end_membership, set_organisation_status
from knowledge.access.services import lift_restriction, restrict_page, save_grant
from knowledge.access.subjects import key_of
from knowledge.pages.services_structure import move_page, restore_page, trash_page
from search import indexing, rebuilding
from search.engines import client as engine_client
from search.engines import registry
from search.models import Outbox
from tests.factories import in_days, root_of
from tests.knowledge.access.conftest import fields
from tests.oracle.channels import Channel, Place
from tests.oracle.crawl import ask
from tests.oracle.stage import EDIT, MANAGE, VIEW
from tests.oracle.test_leaks import first_difference
from tests.support.files import files_stored_in

pytestmark = pytest.mark.search_engine
REQUESTS, SHORT, THREADS = 1000, 100, 4
# Nothing of the project lies in it.
NEVER_SHOWN = {"trash"}
_numbers = itertools.count(1)


@pytest.fixture
def place(search_engine, settings, tmp_path, monkeypatch) -> Iterator[Place]:
    """The world, in an index that nobody refreshes and nobody writes to."""
    settings.ELASTICSEARCH_INDEX_PREFIX += f"-withdrawal{next(_numbers)}"
    # A busy machine must not make PostgreSQL answer: its index is never behind.
    monkeypatch.setattr(engine_client, "SEARCH_TIMEOUT", 60)
    cache.clear()
    with files_stored_in(tmp_path / "files"):
        yield Place()
    client = registry.elasticsearch()._client
    for name in client.indices.get(index=f"{registry.elasticsearch().alias}_v*").body:
        client.indices.delete(index=name)


def index_once() -> None:
    """Index everything, show it, and show nothing newer from then on."""
    indexing.drain_all()
    elastic = registry.elasticsearch()
    rebuilding.rebuild(elastic)
    indices = elastic._client.indices
    indices.put_settings(index=elastic.alias, settings={"refresh_interval": "-1"})
    assert indexing.waiting() == 0


def still_in_the_index(place: Place) -> int:
    """Count the documents about the page that the index holds."""
    elastic = registry.elasticsearch()
    words = " ".join(place.words.values())
    query = {"multi_match": {"query": words, "fields": ["body*", "title*"]}}
    return elastic._client.count(index=elastic.alias, query=query)["count"]


def _client(guest) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(guest)
    return client


def _answer(client: Client, channel: Channel) -> str:
    """Give all bytes of an answer, less tokens."""
    return ask(client, channel.method, channel.address, dict(channel.form)).text


class Visit:
    """Guests whose sessions are open from the beginning, and what each receives."""

    def __init__(self, place: Place, *, known: tuple[str, ...] = ()) -> None:
        """Keep what is answered while it is hidden; `known` words are not."""
        index_once()
        self.place = place
        self.channels = place.channels()
        self.clients = [_client(guest) for guest in place.guests]
        self.nothing = self.also = self._round()
        hidden = [word for what, word in place.words.items() if what not in known]
        for channel, text in self.nothing[0].items():
            typed = next(c.typed for c in self.channels if c.name == channel)
            assert not [w for w in hidden if w in text and w not in typed], channel

    def _round(self) -> list[dict[str, str]]:
        return [
            {channel.name: _answer(client, channel) for channel in self.channels}
            for client in self.clients
        ]

    def allow_the_other_engine(self) -> None:
        """Take for nothing also what PostgreSQL answers: the page says who answered."""
        resting = registry.elasticsearch()._resting
        cache.set(resting, True, 600)
        self.also = self._round()
        cache.delete(resting)

    def shown(self) -> set[str]:
        """Name the channels by which every guest receives something of it now."""
        return set.intersection(
            *(
                {name for name, text in now.items() if text != nothing[name]}
                for now, nothing in zip(self._round(), self.nothing, strict=True)
            )
        )

    def send(self, number: int, *, first: int = 0) -> list["Sent"]:
        """Send so many requests, channel by channel, guest by guest."""
        every = list(itertools.product(range(len(self.clients)), self.channels))
        turns = (every[place % len(every)] for place in range(first, first + number))
        return [self._send(guest, channel) for guest, channel in turns]

    def _send(self, guest: int, channel: Channel) -> "Sent":
        got = _answer(self.clients[guest], channel)
        nothing = self.nothing[guest][channel.name]
        is_nothing = got in (nothing, self.also[guest][channel.name])
        more = "" if is_nothing else f"{first_difference(got, nothing)}"
        return Sent(channel.name, more)

    def send_in_a_thread(self, number: int, *, first: int) -> list["Sent"]:
        """Send from another window of the same browsers, which is open already."""
        window = copy.copy(self)
        window.clients = [_same_browser(client) for client in self.clients]
        try:
            return window.send(number, first=first)
        finally:
            connection.close()


class Sent(NamedTuple):
    """A request that was answered, and what it showed beyond nothing."""

    channel: str
    more: str


def _same_browser(client: Client) -> Client:
    other = Client(raise_request_exception=False)
    other.cookies = copy.deepcopy(client.cookies)
    return other


def told(sent: list[Sent]) -> str:
    """List the requests that showed something."""
    return "\n".join(f"{one.channel}: {one.more}" for one in sent if one.more)


def share(place: Place, level: int = EDIT, days: int = 30) -> None:
    save_grant(
        root=root_of(place.project),
        subject=place.meridian,
        level=level,
        by=place.admin,
        ends_on=in_days(days),
    )


def withdraw_in_the_panel(place: Place) -> None:
    """Press *End* and *Save*, as the admin does."""
    admin = _client(place.admin)
    address = f"/{place.project.slug}/access"
    form = fields(admin.get(address)) | {f"{key_of(place.meridian)}-remove": "on"}
    assert admin.post(address, form | {"do": "save"}).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_after_a_withdrawal_a_thousand_of_a_thousand_requests_show_nothing(
    place, capsys
):
    visit = Visit(place)
    share(place)
    index_once()
    names = {channel.name for channel in visit.channels}
    assert visit.shown() == names - NEVER_SHOWN
    documents = still_in_the_index(place)
    waiting = Outbox.objects.count()

    withdraw_in_the_panel(place)

    each = REQUESTS // (THREADS + 1)
    with ThreadPoolExecutor(THREADS) as pool:
        running = [
            pool.submit(visit.send_in_a_thread, each, first=number * each)
            for number in range(THREADS)
        ]
        sent = visit.send(REQUESTS - THREADS * each, first=THREADS * each)
        sent += itertools.chain.from_iterable(one.result() for one in running)
    assert not told(sent), told(sent)
    assert len(sent) == REQUESTS
    assert {one.channel for one in sent} == names
    assert still_in_the_index(place) == documents > 0
    assert Outbox.objects.count() == waiting
    report(capsys, "withdrawal in the panel", sent)


def report(capsys, what: str, sent: list[Sent]) -> None:
    number, ways = len(sent), len({one.channel for one in sent})
    with capsys.disabled():
        print(  # noqa: T201 - the figures are what the test is for
            f"\n{what}: {number} of {number} requests over {ways} channels: nothing"
        )


# --- The same for everything else that takes something away ------------------------


def restrict(place: Place) -> None:
    restrict_page(page=place.page, entries={place.admin: MANAGE}, by=place.admin)


def lift(place: Place) -> None:
    place.page.refresh_from_db()
    lift_restriction(root=root_of(place.page), by=place.admin)


def move_to(place: Place, target) -> None:
    for page in (place.page, target):
        page.refresh_from_db()
    move_page(page=place.page, target=target, by=place.admin)
    for page in (place.page, place.project, place.closed):
        page.refresh_from_db()


def bring_back(place: Place) -> None:
    restore_page(trash=place.page.trash, by=place.admin)
    place.page.refresh_from_db()


def put_in_the_trash(place: Place) -> None:
    place.page.refresh_from_db()
    trash_page(page=place.page, by=place.admin)
    place.page.refresh_from_db()


ACTS: dict[str, tuple[Callable[[Place], None], Callable[[Place], None]]] = {
    "restricting the page": (restrict, lift),
    "moving it to a closed project": (
        lambda place: move_to(place, place.closed),
        lambda place: move_to(place, place.project),
    ),
    "putting it in the trash": (put_in_the_trash, bring_back),
}


@pytest.mark.django_db
@pytest.mark.parametrize("act", ACTS)
def test_what_is_taken_out_of_a_shared_project_is_gone_at_the_next_request(
    place, act, capsys
):
    hide, show = ACTS[act]
    share(place, VIEW)
    hide(place)
    visit = Visit(place, known=("project",))
    show(place)
    index_once()
    shown = visit.shown()
    assert shown >= SHOWN_TO_READERS
    documents = still_in_the_index(place)

    hide(place)

    sent = visit.send(SHORT)
    assert not told(sent), told(sent)
    assert still_in_the_index(place) == documents > 0
    assert indexing.waiting() > 0
    report(capsys, act, sent)


@pytest.mark.django_db
def test_an_index_that_was_never_told_gives_away_nothing(place, capsys):
    """Whatever loses a notice: a hit that the rule denies discredits the whole answer."""
    share(place, VIEW)
    restrict(place)
    visit = Visit(place, known=("project",))
    lift(place)
    index_once()
    assert visit.shown() >= SHOWN_TO_READERS
    restrict(place)
    Outbox.objects.all().delete()
    visit.allow_the_other_engine()
    sent = visit.send(SHORT)
    assert not told(sent), told(sent)
    assert indexing.waiting() == 0
    report(capsys, "restricting it unnoticed", sent)


SHOWN_TO_READERS = {
    *("page", "page below", "permalink", "history", "files", "children", "access"),
    *("revision", "compare", "original", "picture", "thumb", "recent", "tree"),
    *("search body", "search page", "search file", "search below", "search, common"),
    *("totals", "facets", "suggestions", "links", "link in a preview"),
}


@pytest.mark.django_db
def test_a_grant_is_over_on_the_day_after_its_last(place, capsys):
    with time_machine.travel(in_days(1)):
        visit = Visit(place)
    share(place, days=0)
    index_once()
    assert len(visit.shown()) > len(SHOWN_TO_READERS)
    with time_machine.travel(in_days(1)):
        sent = visit.send(SHORT)
    assert not told(sent), told(sent)
    report(capsys, "the day after the last", sent)


def suspend_owner(place: Place) -> None:
    set_organisation_status(
        organisation=place.host, status=Organisation.Status.SUSPENDED, by=place.admin
    )


def suspend_guests(place: Place) -> None:
    set_organisation_status(
        organisation=place.meridian,
        status=Organisation.Status.SUSPENDED,
        by=place.admin,
    )


def end_memberships(place: Place) -> None:
    for membership in Membership.objects.filter(organisation=place.meridian):
        end_membership(membership=membership, by=place.admin)


@pytest.mark.django_db
@pytest.mark.parametrize("act", [suspend_guests, end_memberships])
def test_who_is_shut_out_is_asked_to_sign_in_at_the_next_request(place, act, capsys):
    visit = Visit(place)
    share(place)
    index_once()
    assert len(visit.shown()) > len(SHOWN_TO_READERS)
    with transaction.atomic():
        act(place)
    every, sent = list(itertools.product(visit.clients, visit.channels)), []
    for turn in range(SHORT):
        client, channel = every[turn % len(every)]
        got = ask(client, channel.method, channel.address, dict(channel.form))
        assert got.status == 302, channel
        assert "/accounts/login/" in got.head
        assert got.body == ""
        sent.append(Sent(channel.name, ""))
    report(capsys, act.__name__, sent)


@pytest.mark.django_db
def test_a_suspended_owner_takes_everything_along(place, capsys):
    visit = Visit(place)
    share(place)
    index_once()
    suspend_owner(place)
    sent = visit.send(SHORT)
    assert not told(sent), told(sent)
    report(capsys, "suspending the owner", sent)
