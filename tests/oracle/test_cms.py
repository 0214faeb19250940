"""All addresses of the Wagtail admin, as authors and as those who may not enter.

Wagtail knows no permission to view, so each of its screens is a way round the rule
unless the gate (`knowledge/pages/admin_gate.py`) or our explorer stands before it.
"""

import os
import re

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page

from knowledge.access.services import restrict_page, save_grant
from knowledge.pages.admin_gate import BY_PAGE, ELSEWHERE, OPEN, TO_EDITOR
from tests.factories import (
    make_article,
    make_organisation,
    make_person,
    make_project,
    root_of,
)
from tests.oracle import admin
from tests.oracle.admin import (
    EVERYTHING,
    MISSING,
    NEVER_PK,
    NOTHING,
    QUESTIONS,
    Ids,
    told,
)
from tests.oracle.crawl import ask, client_of, rolled_back
from tests.oracle.stage import EDIT, MANAGE
from tests.oracle.surfaces import ADMIN, FORM
from tests.oracle.test_leaks import first_difference, leaks
from tests.oracle.words import NEVER, Canary, Stage

# `host_manager` writes in one project of the host and is named in no restriction.
AUTHORS = ("host_manager", "host_admin")
OUTSIDERS = ("beta_member", "anonymous", "beta_admin", "ended", "host_member")
# One author and two others in every run; `make oracle` asks as all.
ALL = os.environ.get("ORACLE") == "all"
as_authors = pytest.mark.parametrize("viewer", AUTHORS[: 2 if ALL else 1])
as_outsiders = pytest.mark.parametrize("viewer", OUTSIDERS[: 5 if ALL else 2])
# What bulk actions, choosers and uploads send.
POSTED = FORM | {"id": "1", "next": "/cms/", "title-0": "T", "confirm": "on"}
METHODS = ("GET", "POST", "HEAD", "OPTIONS")
MOMENT = timezone.now()
# Never cached, says Wagtail, and gives the moment.
TIMES = re.compile(r"(?m)^(?:Expires|Last-Modified): .*$")
# The explorer leads through pages that the author edits only.
WRITTEN_IN_SHARED = {
    *("shared", "page in shared", "unpublished", "links"),
    *("past", "left by a partner"),
}
NAMED_TO_ADMIN = {
    *("restricted", "below restricted", "nested"),
    *("unpublished restriction", "below a draft"),
    *("closed page", "in a closed page"),
}
OF_THE_HOST = {"open", "closed", "single", "lapsed", "network"}
OF_THE_ADMIN = {"left behind"}
EDITABLE = {
    "host_manager": WRITTEN_IN_SHARED,
    "host_admin": WRITTEN_IN_SHARED
    | NAMED_TO_ADMIN
    | OF_THE_HOST
    | OF_THE_ADMIN
    | {f"page in {name}" for name in OF_THE_HOST},
}


@pytest.fixture(scope="module")
def stage(stage: Stage) -> Stage:
    """Let a manager of the host write where another author does, and name people."""
    admin_of_host = stage.users["host_admin"]
    author = stage.users["host_manager"]
    save_grant(
        root=root_of(stage.pages["shared"]),
        subject=author,
        level=EDIT,
        by=admin_of_host,
    )
    stage.canaries = [
        Canary(c.word, c.what, c.readers | {"host_manager"})
        if "host_author" in c.readers
        else c
        for c in stage.canaries
    ]
    for thing in stage.things:
        if "host_author" in thing.knowers:
            thing.knowers |= {"host_manager"}
    for name in ("gamma_member", "gamma_expired", "of_suspended"):
        word = stage.users[name].name.split()[-1]
        # Who leads the host reads all names on the pages of people.
        knowers = frozenset({name, "host_admin"})
        stage.canaries.append(Canary(word, f"name of {name}", knowers))
    return stage


@as_authors
def test_an_author_finds_no_word_that_is_not_theirs_at_any_address(stage, viewer):
    client, found = client_of(stage, viewer), []
    for name, route in admin.routes():
        hidden = hidden_for(stage, viewer, name) if admin.takes_ids(route) else []
        asked = [(ids, EVERYTHING) for ids in (*shown(stage)[:1], *hidden)]
        if name in BY_PAGE:
            asked += [(ids, q) for ids in shown(stage) for q in QUESTIONS]
        for ids, question in asked:
            address = admin.fill(route, ids) + ids.into(question)
            got = ask(client, "GET", address, {})
            assert got.status < 500, address
            if words := leaks(stage, viewer, got, address):
                found.append(f"{name} {question} {ids.what}: {words}")
    assert not found, "\n".join(found)


@as_authors
@pytest.mark.parametrize("method", METHODS)
def test_a_hidden_id_answers_an_author_like_one_never_given_out(stage, viewer, method):
    client, found = client_of(stage, viewer), []
    form = POSTED if method == "POST" else {}
    own = shown(stage)[0].first
    for name, route in admin.routes():
        if not admin.takes_ids(route):
            continue
        hidden = hidden_for(stage, viewer, name)
        asked = [(NOTHING, hidden, EVERYTHING)]
        if name not in ADMIN:
            # A hidden number beside a page of one's own, in address and question.
            halves = [Ids(f"own, {ids.what}", own, ids.second) for ids in hidden]
            asked.append((Ids("own", own, NEVER_PK), halves, EVERYTHING))
        if method in ("HEAD", "OPTIONS"):
            # They take the way of GET in the framework.
            asked = [(NOTHING, hidden[:1], "")]
        for nothing, others, question in asked:
            missing = received(client, method, route, nothing, question, form)
            for ids in others:
                got = received(client, method, route, ids, question, form)
                if got != missing:
                    where = f"{method} {name} {ids.what}"
                    found.append(difference(where, got, missing))
    assert not found, "\n".join(found)


def received(client, method, route, ids, question, form):
    address = admin.fill(route, ids) + ids.into(question)
    return told(ask(client, method, address, form), address)


def shown(stage: Stage) -> list[Ids]:
    """Give pages that both authors edit."""
    pages = [stage.pages[name] for name in ("shared", "page in shared")]
    return [Ids(page.title, page.pk, page.latest_revision_id) for page in pages]


def hidden_for(stage: Stage, viewer: str, name: str) -> list[Ids]:
    """Give all hidden ids for a screen that answers, three kinds for what is refused."""
    hidden = admin.hidden_ids(stage, viewer)
    return hidden if name in ADMIN else [hidden[0], *hidden[-2:]]


def difference(where: str, got, missing) -> str:
    if got[0] != missing[0]:
        return f"{where}: {first_difference(got[0], missing[0])}"
    return f"{where}: {len(got[1])} queries instead of {len(missing[1])}"


@as_authors
def test_a_question_about_somebody_hidden_is_one_about_nobody(stage, viewer):
    client, found = client_of(stage, viewer), []
    hidden = stage.users["gamma_member"].pk
    for name in sorted(BY_PAGE):
        for own in shown(stage):
            for question in (q for q in QUESTIONS if "{second}" in q):
                answers = {
                    second: explored(client, name, Ids("", own.first, second), question)
                    for second in (hidden, NEVER_PK)
                }
                if answers[hidden] != answers[NEVER_PK]:
                    found.append(f"{name} {question}")
    assert not found, "\n".join(found)


def explored(client, name: str, ids: Ids, question: str) -> str:
    """Give a screen of the explorer without the second number, which was typed."""
    address = reverse(name, args=[ids.first]) + ids.into(question)
    got = ask(client, "GET", address, {})
    assert got.status == 200
    plain = TIMES.sub("…", told(got, address)[0])
    return re.sub(rf"(?<==){ids.second}\b", "…", plain)


def test_what_is_hidden_changes_no_byte_of_the_explorer(stage):
    """Two worlds for one author: in the second one there is more, all of it hidden."""
    client = client_of(stage, "host_manager")
    with rolled_back(), time_machine.travel(MOMENT, tick=False):
        quiet = make_article(stage.pages["shared"], stage.users["host_admin"], "Quiet")
        before = explorer(client, stage, quiet)
        hide_more(stage, quiet)
        after = explorer(client, stage, quiet)
    changed = [
        f"{address}: {first_difference(before[address], after[address])}"
        for address in before
        if before[address] != after[address]
    ]
    assert not changed, "\n".join(changed)
    assert any("Quiet" in text for text in before.values())


def explorer(client, stage: Stage, quiet: Page) -> dict[str, str]:
    """Ask every question of every screen of the explorer that the author may open."""
    shared = stage.pages["shared"]
    asked = [
        *(("wagtailadmin_explore", page, "") for page in shared.get_ancestors()[1:]),
        *(("wagtailadmin_explore", shared, question) for question in QUESTIONS),
        *((name, quiet, "") for name in sorted(BY_PAGE)),
    ]
    return {
        f"{name} {page.title} {question}": explored(
            client, name, Ids("", page.pk, NEVER_PK), question
        )
        for name, page, question in asked
    }


def hide_more(stage: Stage, quiet: Page) -> None:
    """Add people, projects and a child below a childless page, for others only."""
    admin_of_host = stage.users["host_admin"]
    child = make_article(quiet, admin_of_host, "Hidden child")
    restrict_page(page=child, entries={admin_of_host: MANAGE}, by=admin_of_host)
    company = make_organisation("Hidden company")
    person = make_person("Hidden person", company)
    make_article(make_project(company, person, "Hidden project"), person, "Hidden page")


@pytest.mark.parametrize("viewer", AUTHORS)
def test_an_author_explores_all_pages_that_they_may_edit(stage, viewer):
    """The positive control, written down by hand."""
    client = client_of(stage, viewer)
    waiting, seen, texts = ["/cms/pages/"], set(), ""
    while waiting:
        address = waiting.pop()
        seen.add(address)
        got = ask(client, "GET", address, {})
        if got.status == 302:
            waiting += re.findall(r"(?m)^Location: (\S+)", got.head)
            continue
        texts += got.body
        waiting += set(re.findall(r'href="(/cms/pages/\d+/)"', got.body)) - seen
    listed = {name for name, page in stage.pages.items() if edit_link(page) in texts}
    assert listed == EDITABLE[viewer]


def edit_link(page: Page) -> str:
    return f"/cms/pages/{page.pk}/edit/"


@as_authors
def test_every_address_is_refused_or_has_a_reason_to_be_open(stage, viewer):
    """A screen that comes with a new Wagtail is refused until somebody looked at it."""
    client, open_to_author = client_of(stage, viewer), set()
    for name, route in admin.routes():
        for method in ("GET", "POST"):
            form = POSTED if method == "POST" else {}
            got = ask(client, method, admin.fill(route, shown(stage)[0]), form)
            if got.status != 404:
                open_to_author.add(name)
    assert open_to_author == set(ADMIN)
    assert set(ADMIN) == OPEN | BY_PAGE | TO_EDITOR | set(ELSEWHERE)


@as_outsiders
def test_who_may_not_enter_gets_what_a_missing_address_gives(stage, viewer):
    client, found = client_of(stage, viewer), []
    ids = shown(stage)[0]
    for method in METHODS:
        form = POSTED if method == "POST" else {}
        question = EVERYTHING if method in ("GET", "POST") else ""
        missing = received(client, method, MISSING, ids, question, form)
        for name, route in admin.routes():
            got = received(client, method, route, ids, question, form)
            if got != missing:
                found.append(difference(f"{method} {name}", got, missing))
    assert not found, "\n".join(found)


@as_outsiders
def test_the_admin_as_a_whole_is_a_missing_address(stage, viewer):
    client, form = client_of(stage, viewer), {}
    elsewhere = ask(client, "GET", f"/nothing-{NEVER}/", form)
    for address in ("/cms/", MISSING):
        got = ask(client, "GET", address, form)
        assert got.status == elsewhere.status
        assert got.body == elsewhere.body
