"""A search as a person does it, beside what Elasticsearch alone takes for it."""

import copy
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote_plus, urlsplit

from django.test import Client

from accounts.models import User
from scripts.bench.measure import QUESTIONS, WARM_UP
from scripts.bench.world import MANAGER
from search.engines import registry
from search.engines.elastic_query import readable
from search.engines.elasticsearch import ElasticsearchEngine
from search.reader import pending, reader_filter

Body = dict[str, Any]
Ask = Callable[[], object]
# What somebody types before a suggestion: beginnings of words, in three languages.
BEGINNINGS = ("inv", "schn", "fact", "event l", "wissel")


def measure(repetitions: int) -> dict[str, list[float]]:
    """Time searches, the same ones without the rule, and suggestions, in turn.

    Whole requests of the manager. In milliseconds.
    """
    engine = the_engine()
    forget_nothing(engine, engine.index_name())
    cases = _cases(engine)
    for _round in range(WARM_UP):
        for group in cases:
            time_in_turn(group)
    return time_all(cases, repetitions)


def the_engine() -> ElasticsearchEngine:
    """Give Elasticsearch. Raises RuntimeError without one."""
    engine = registry.elasticsearch()
    if engine is None:
        message = "this measures Elasticsearch, and there is none"
        raise RuntimeError(message)
    return engine


def forget_nothing(engine: ElasticsearchEngine, index: str) -> None:
    """Turn the cache of whole answers off: nobody asks the same again and again."""
    engine._client.indices.put_settings(
        index=index, settings={"index.requests.cache.enable": False}
    )


def time_all(
    cases: Sequence[Mapping[str, Ask]], repetitions: int
) -> dict[str, list[float]]:
    """Ask everything again and again; each time another one of a group comes first."""
    spent: dict[str, list[float]] = {}
    for turn in range(repetitions):
        for group in cases:
            for name, took in time_in_turn(group, first=turn).items():
                spent.setdefault(name, []).append(took)
    return spent


def time_in_turn(group: Mapping[str, Ask], first: int = 0) -> dict[str, float]:
    """Ask each once, beginning with one of them. In milliseconds."""
    names = list(group)
    start = first % len(names)
    spent = {}
    for name in names[start:] + names[:start]:
        began = time.perf_counter()
        group[name]()
        spent[name] = (time.perf_counter() - began) * 1000
    return spent


def bodies(questions: Sequence[str] = QUESTIONS, email: str = MANAGER) -> list[Body]:
    """Give what Elasticsearch is asked for a person, less the rule."""
    engine, client = the_engine(), client_of(email)
    return [_body(engine, client, email, question) for question in questions]


def client_of(email: str) -> Client:
    """Sign somebody in."""
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(email=email))
    return client


def address_of(question: str) -> str:
    """Give the address of a search."""
    return f"/search/?q={quote_plus(question)}"


def without_rule(body: Body, rule: Body) -> Body:
    """Take the clauses of the rule out of a question. ValueError: one is not in it."""
    asked = copy.deepcopy(body)
    inside = asked["query"]["bool"]
    for place in ("filter", "must_not"):
        clauses = inside.pop(place, [])
        for clause in rule["bool"].get(place, []):
            clauses.remove(clause)
        if clauses:
            inside[place] = clauses
    return asked


@contextmanager
def recorded(engine: ElasticsearchEngine) -> Iterator[list[Body]]:
    """Keep the questions that Elasticsearch answers with hits."""
    transport, kept = engine._client.transport, list[Body]()
    perform = transport.perform_request

    def note(method: str, target: str, **rest: Any) -> Any:
        answer = perform(method, target, **rest)
        body: Body = rest.get("body") or {}
        if urlsplit(target).path.endswith("/_search") and "highlight" in body:
            kept.append(body)
        return answer

    transport.perform_request = note  # type: ignore[method-assign]
    try:
        yield kept
    finally:
        del transport.perform_request


def _cases(engine: ElasticsearchEngine) -> list[dict[str, Ask]]:
    """List for each question what is asked in turn."""
    client = client_of(MANAGER)
    return [
        {
            "search": _searcher(engine, client, question),
            "raw": sender(engine, engine.index_name(), body),
            "suggestions": _getter(client, f"/search/suggest?q={quote_plus(typed)}"),
        }
        for question, body, typed in zip(QUESTIONS, bodies(), BEGINNINGS, strict=True)
    ]


def _body(
    engine: ElasticsearchEngine, client: Client, email: str, question: str
) -> Body:
    kept = _ask_for_page(engine, client, question)
    person = User.objects.get(email=email)
    rule = readable(reader_filter(person), pending(engine.place)).to_dict()
    return without_rule(kept[-1], rule)


def sender(engine: ElasticsearchEngine, index: str, body: Body) -> Ask:
    """Make a question that is sent as it is."""
    client = engine._client
    return lambda: client.search(index=index, body=body)


def _searcher(engine: ElasticsearchEngine, client: Client, question: str) -> Ask:
    """Make a search that must be answered by Elasticsearch."""
    return lambda: _ask_for_page(engine, client, question)


def _ask_for_page(
    engine: ElasticsearchEngine, client: Client, question: str
) -> list[Body]:
    """Ask for a whole page; give what Elasticsearch was asked and answered for it."""
    with recorded(engine) as kept:
        _getter(client, address_of(question))()
    if not kept:
        message = (
            f"PostgreSQL answered {question!r}: is there an index, is it too busy?"
        )
        raise RuntimeError(message)
    return kept


def _getter(client: Client, address: str) -> Ask:
    def ask() -> None:
        response = client.get(address)
        if response.status_code != 200:
            message = f"{address} answered {response.status_code}"
            raise RuntimeError(message)

    return ask
