"""As every viewer, ask for everything. What is not theirs is not there, to the byte."""

import os
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.urls import reverse

from knowledge.audit.kinds import KINDS
from tests.oracle.crawl import (
    MISSING,
    NAMING,
    QUESTIONS,
    SEARCHES,
    address_of,
    ask,
    client_of,
    first_difference,
    things_for,
    without,
)
from tests.oracle.probes import leaks
from tests.oracle.surfaces import CONTROLLED_ELSEWHERE, FORM, SURFACES, Surface
from tests.oracle.words import VIEWERS, Canary, Stage, Thing, new_word

# One of each kind in every run; `make oracle` asks as everybody.
FEW = ("anonymous", "beta_member", "both", "ended", "gamma_expired", "host_member")
ASKED = VIEWERS if os.environ.get("ORACLE") == "all" else FEW
as_viewers = pytest.mark.parametrize("viewer", ASKED)
NOBODYS = new_word()
# `make leaks` asks again and again for what one small change is about.
ONLY = os.environ.get("ORACLE_ONLY", "").split()
CRAWLED = [surface for surface in SURFACES if not ONLY or surface.name in ONLY]


@as_viewers
def test_nobody_receives_a_word_that_is_not_theirs(stage, viewer):
    client, found = client_of(stage, viewer), []
    for surface in CRAWLED:
        for thing in things_for(stage, surface) or [None]:
            address = address_of(surface, thing.arguments if thing else {})
            for query in queries_of(surface, thing):
                received = ask(client, "GET", address + query, {})
                where = f"GET {surface.name}{query} {thing and thing.name}"
                assert received.status < 500, where
                told = leaks(stage, viewer, received, address + query)
                found += [f"{where}: {told}"] * bool(told)
    assert not found, "\n".join(found)


# Who leads an organisation reads its log; the few above lead none.
@pytest.mark.parametrize(
    ("viewer", "organisation", "read"),
    [
        ("host_admin", "host", "reason of a grant"),
        ("host_manager", "host", "name of file in open"),
        ("beta_admin", "beta", "invited to beta"),
    ],
)
def test_no_log_has_a_word_that_is_not_for_its_reader(
    stage, viewer, organisation, read
):
    client, found, text = client_of(stage, viewer), [], ""
    (thing,) = (t for t in stage.of_kind("people") if t.name == organisation)
    address = reverse("organisation_log", kwargs=thing.arguments)
    parts = [f"?page={number}" for number in range(1, 9)]
    for query in [*parts, "?format=csv", *(f"?kind={kind}" for kind in KINDS)]:
        received = ask(client, "GET", address + query, {})
        assert received.status in (200, 403), query
        told = leaks(stage, viewer, received, address + query)
        found += [f"{query}: {told}"] * bool(told)
        text += received.text.lower()
    assert not found, "\n".join(found)
    (canary,) = (c for c in stage.canaries if c.what == read)
    assert canary.word in text


def queries_of(surface: Surface, thing: Thing | None) -> list[str]:
    """Write the questions, with what belongs to the thing."""
    return [query.format(**(thing.more if thing else {})) for query in surface.queries]


# HEAD and OPTIONS take the way of GET in the framework: one hidden thing of each kind.
METHODS = (("GET", {}), ("POST", FORM), ("HEAD", {}), ("OPTIONS", {}))


@as_viewers
def test_what_is_hidden_answers_like_what_never_was(stage, viewer):
    client, found = client_of(stage, viewer), []
    for surface in CRAWLED:
        if not surface.kind:
            continue
        never = MISSING[surface.kind]
        nothing = address_of(surface, never)
        hidden_things = [
            thing
            for thing in things_for(stage, surface)
            if viewer not in thing.knowers
            and not _on_visible_page(stage, viewer, thing)
        ]
        for method, form in METHODS:
            missing = without(ask(client, method, nothing, form), never)
            few = method in ("HEAD", "OPTIONS")
            for thing in hidden_things[:1] if few else hidden_things:
                address = address_of(surface, thing.arguments)
                hidden = ask(client, method, address, form)
                if without(hidden, thing.arguments) != missing:
                    found.append(_difference(method, surface, thing, hidden, missing))
    assert not found, "\n".join(found)


def _on_visible_page(stage: Stage, viewer: str, thing: Thing) -> bool:
    """Say whether the page is known and only its part is not: the next test's matter."""
    address = thing.arguments.get("address")
    return thing.kind in {"revision", "file"} and any(
        page.arguments["address"] == address and viewer in page.knowers
        for page in stage.of_kind("page")
    )


def _difference(method, surface, thing, hidden, missing) -> str:
    text, queries = without(hidden, thing.arguments)
    where = f"{method} {surface.name} {thing.name}: "
    if text != missing[0]:
        return f"{where}{first_difference(text, missing[0])}"
    statements = first_difference("\n".join(queries), "\n".join(missing[1]))
    return f"{where}{len(queries)} queries instead of {len(missing[1])}: {statements}"


@as_viewers
def test_a_hidden_part_of_a_visible_page_answers_like_none(stage, viewer):
    """A revision or a file that is hidden, asked for under the address of one's own."""
    client, found = client_of(stage, viewer), []
    for surface in CRAWLED:
        if surface.kind not in {"revision", "file"}:
            continue
        key = "public_id"
        for page, parts in _pages_and_parts(stage, viewer, surface.kind):
            mine = page.arguments | {key: MISSING[surface.kind][key]}
            for method, form in METHODS[:2]:
                none = ask(client, method, address_of(surface, mine), form)
                for thing in parts:
                    other = page.arguments | {key: thing.arguments[key]}
                    got = ask(client, method, address_of(surface, other), form)
                    if without(got, other) != without(none, mine):
                        found.append(f"{method} {surface.name} {thing.name}")
    assert not found, "\n".join(found)


def _pages_and_parts(
    stage: Stage, viewer: str, kind: str
) -> Iterator[tuple[Thing, list[Thing]]]:
    """Pair pages that a viewer knows with hidden parts: two with all, each with its own."""
    known = [thing for thing in stage.of_kind("page") if viewer in thing.knowers]
    parts = [thing for thing in stage.of_kind(kind) if viewer not in thing.knowers]
    for number, page in enumerate(known):
        address = page.arguments["address"]
        own = [part for part in parts if part.arguments["address"] == address]
        tried = parts if number < 2 else own
        if tried:
            yield page, tried


@as_viewers
def test_searching_a_hidden_word_is_searching_a_word_that_nobody_wrote(stage, viewer):
    found = []
    for path in SEARCHES:
        found += _told_by_search(stage, viewer, path, stage.forbidden(viewer))
    assert not found, "\n".join(found)


@as_viewers
def test_a_question_that_names_something_hidden_is_one_that_names_nothing(
    stage, viewer
):
    found, hidden = [], stage.forbidden(viewer)
    for number, question in enumerate(QUESTIONS):
        asked = f"/search/?format=json&q={quote(question, safe='{}')}"
        # What can be named is asked for by each of these; of the rest each by one.
        words = [
            canary
            for place, canary in enumerate(hidden)
            if (question in NAMING and _is_a_name(canary))
            or place % len(QUESTIONS) == number
        ]
        found += _told_by_search(stage, viewer, asked, words)
    assert not found, "\n".join(found)


def _is_a_name(canary: Canary) -> bool:
    return not canary.what.startswith(("content", "body", "note", "inside", "picture"))


def _told_by_search(stage, viewer, path, canaries) -> list[str]:
    """Compare what searches for words give with what one for nobody's word gives."""
    client = client_of(stage, viewer)
    none = _searched(client, path, NOBODYS)
    return [
        f"{path} {canary.what}: {first_difference(got, none)}"
        for canary in canaries
        if (got := _searched(client, path, canary.word)) != none
    ]


def _searched(client, path, word) -> str:
    return ask(client, "GET", path.format(word), {}).text.replace(word, "…")


def test_every_surface_shows_somebody_something(stage):
    """The positive control: a surface that refuses everybody would prove nothing."""
    clients = {viewer: client_of(stage, viewer) for viewer in VIEWERS}
    silent = {s.name for s in SURFACES if not _answers_somebody(stage, s, clients)}
    assert silent == set(CONTROLLED_ELSEWHERE)


def _answers_somebody(stage, surface, clients) -> bool:
    methods = [("GET", {})] + [("POST", FORM)] * surface.writes
    for thing in things_for(stage, surface) or [None]:
        address = address_of(surface, thing.arguments if thing else {})
        for viewer, client in clients.items():
            if thing is not None and viewer not in thing.knowers:
                continue
            for method, form in methods:
                query = queries_of(surface, thing)[0]
                received = ask(client, method, address + query, form)
                login = "/accounts/login/" in received.head
                if received.status in (200, 302, 409, 422) and not login:
                    return True
    return False


def test_every_word_is_read_by_somebody_who_may(stage):
    """The other positive control: the words are really out there to be leaked."""
    unseen = {c.word: c for c in stage.canaries if c.readers}
    for viewer in VIEWERS:
        client = client_of(stage, viewer)
        for surface in SURFACES:
            for thing in things_for(stage, surface) or [None]:
                if thing is not None and viewer not in thing.knowers:
                    continue
                if not any(viewer in canary.readers for canary in unseen.values()):
                    break
                text = _all_that(client, surface, thing)
                for word in [w for w in unseen if w in text]:
                    del unseen[word]
    assert not [c.what for c in unseen.values() if not _is_shown_by_search(stage, c)]


# A log can be longer than its first page; what one asked lately stands before a search.
MANY_PAGES = ("organisation_log", "search:results")


def _all_that(client, surface: Surface, thing: Thing | None) -> str:
    """Give all that a surface shows of a thing, in small letters."""
    address = address_of(surface, thing.arguments if thing else {})
    queries = queries_of(surface, thing)
    if surface.name not in MANY_PAGES:
        queries = queries[:1]
    texts = [ask(client, "GET", address + query, {}).text for query in queries]
    return "\n".join(texts).lower()


def _is_shown_by_search(stage, canary: Canary) -> bool:
    """See what stands inside a document: no page shows it."""
    client = client_of(stage, min(canary.readers))
    text = ask(client, "GET", f"/search/?q={canary.word}", {}).text
    return f"<mark>{canary.word}</mark>" in text
