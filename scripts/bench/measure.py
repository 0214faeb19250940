"""Ask one installation the same questions again and again, and time the answers."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field

from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from knowledge.access.rule import visible_to
from knowledge.pages.models import ArticlePage
from scripts.bench.world import GUEST, MANAGER

WARM_UP = 3
# What people look for: words that many pages have, that some have, in three languages.
QUESTIONS = (
    "purchase invoice",
    "Schnittstelle Methode",
    "facturen boeken",
    "event listener",
    "wisselkoersen",
)


@dataclass
class Timing:
    """What one question took: milliseconds of each answer, and its queries."""

    name: str
    queries: int = 0
    milliseconds: list[float] = field(default_factory=list)


Ask = Callable[[], int]


def measure(repetitions: int) -> list[dict[str, object]]:
    """Time every case. Whole requests: middleware, rule, queries, template."""
    return [asdict(_time(name, ask, repetitions)) for name, ask in _cases()]


def _time(name: str, ask: Ask, repetitions: int) -> Timing:
    timing = Timing(name)
    for _round in range(WARM_UP):
        ask()
    with CaptureQueriesContext(connection) as captured:
        ask()
    timing.queries = len(captured)
    for _round in range(repetitions):
        started = time.perf_counter()
        ask()
        timing.milliseconds.append((time.perf_counter() - started) * 1000)
    return timing


def _cases() -> Iterator[tuple[str, Ask]]:
    """List what is measured, for a reader of little and a reader of much.

    The guest sees the same pages in every installation. The manager of a company sees
    more in a larger one, as everybody does whose projects grow.
    """
    for who, email in (("guest", GUEST), ("manager", MANAGER)):
        client = _client(email)
        yield f"page view, {who}", _getter(client, _pages(email))
        yield f"recent changes, {who}", _getter(client, ["/recent/"])
        yield f"start page, {who}", _getter(client, ["/"])
        yield f"projects, {who}", _getter(client, ["/projects/"])
        yield f"suggestions, {who}", _getter(client, ["/search/suggest?q=inv"])
        searches = [f"/search/?q={words}" for words in QUESTIONS]
        yield f"search in PostgreSQL, {who}", _in_postgres(_getter(client, searches))
        if settings.ELASTICSEARCH_URL:
            yield f"search in Elasticsearch, {who}", _getter(client, searches)


def _client(email: str) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(email=email))
    return client


def _pages(email: str) -> list[str]:
    """Choose pages that the person sees and that every installation has."""
    user = User.objects.get(email=email)
    found = visible_to(user, ArticlePage.objects.filter(numchild=0))
    # Projects of even number never grow; see scripts.bench.world.
    return [f"/{page.slug}/" for page in found.order_by("path")[:10]]


def _getter(client: Client, addresses: list[str]) -> Ask:
    """Make a question that asks the addresses one after the other, in turn."""
    turn = 0

    def ask() -> int:
        nonlocal turn
        address = addresses[turn % len(addresses)]
        turn += 1
        response = client.get(address)
        if response.status_code != 200:
            raise RuntimeError(f"{address} answered {response.status_code}")
        return len(response.content)

    return ask


def _in_postgres(ask: Ask) -> Ask:
    def ask_without() -> int:
        with override_settings(ELASTICSEARCH_URL=""):
            return ask()

    return ask_without
