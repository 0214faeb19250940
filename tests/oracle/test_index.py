"""The index: what is in it, and what a question to it lets each person find.

Elasticsearch itself is not asked. Its documents are those that `search.content` makes,
and the question is the one that would be sent, answered here clause by clause: whatever
the server does, a document that no clause admits is not found.
"""

from typing import Any

import pytest
from django.core.files.base import ContentFile
from elasticsearch.dsl import Search
from wagtail.models import Page

from accounts.models import User
from knowledge.access.services import restrict_page
from knowledge.files.models import Attachment
from knowledge.files.services import add_file, delete_file
from knowledge.pages.models import ArticlePage
from knowledge.pages.services_structure import move_page, trash_page
from search import content
from search.engines.base import Entry, SearchRequest
from search.engines.elastic_query import build_search, readable
from search.engines.elasticsearch import _source
from search.indexing import drain_all
from search.models import Outbox, SearchDocument
from search.query import parse_query
from search.reader import pending, reader_filter
from tests.factories import make_article
from tests.oracle.crawl import SEARCHES, ask, client_of, rolled_back
from tests.oracle.words import OUTSIDE, VIEWERS, Stage, new_word

INSIDE = sorted(set(VIEWERS) - OUTSIDE)


def documents() -> list[Entry]:
    """Give what an index built now would hold."""
    pages, _gone = content.load("page", content.all_ids("page"))
    files, _gone = content.load("file", content.all_ids("file"))
    return pages + files


def knowers(stage: Stage) -> dict[int, frozenset[str]]:
    """Give by page who may view it."""
    by_name = {thing.name: thing.knowers for thing in stage.of_kind("page")}
    return {stage.pages[name].pk: who for name, who in by_name.items()}


def admits(clause: dict[str, Any], document: dict[str, Any]) -> bool:
    """Say whether a clause lets a document through; words match always."""
    (kind, inner), *rest = clause.items()
    assert not rest
    if kind == "bool":
        return _admits_bool(inner, document)
    if kind in ("match_all", "multi_match"):
        return True
    (field, wanted), *rest = inner.items()
    assert not rest
    value = document[field]
    if kind == "terms":
        return value in wanted
    if kind == "term":
        return bool(value == (wanted["value"] if isinstance(wanted, dict) else wanted))
    if kind == "prefix":
        return str(value).startswith(
            wanted["value"] if isinstance(wanted, dict) else wanted
        )
    message = f"The test does not know the clause {kind}"
    raise NotImplementedError(message)


def _admits_bool(inner: dict[str, Any], document: dict[str, Any]) -> bool:
    needed = [*inner.get("must", []), *inner.get("filter", [])]
    some = [admits(one, document) for one in inner.get("should", [])]
    return (
        all(admits(one, document) for one in needed)
        and not any(admits(one, document) for one in inner.get("must_not", []))
        and sum(some) >= inner.get("minimum_should_match", 0)
    )


def found_by(stage: Stage, viewer: str, entries: list[Entry]) -> set[int]:
    """Give the pages of which a person would find a document in this index."""
    user = User.objects.get(pk=stage.users[viewer].pk)
    reader = reader_filter(user)
    if reader.is_empty:
        return set()
    request = SearchRequest(reader=user, query=parse_query("text"))
    found = Search().query(readable(reader, pending()))
    asked = build_search(found, request, {"text": 1.0}).to_dict()["query"]
    return {entry.page_id for entry in entries if admits(asked, _source(entry))}


@pytest.fixture
def caught_up(stage):
    """The stage as if Elasticsearch had taken in everything so far."""
    with rolled_back():
        Outbox.objects.all().delete()
        yield stage


def test_a_document_holds_nothing_that_not_all_readers_of_its_page_may_read(stage):
    who, told = knowers(stage), []
    for entry in documents():
        text = f"{entry.title} {entry.headings} {entry.body}".lower()
        told += [
            canary.what
            for canary in stage.canaries
            if canary.word in text and not who[entry.page_id] <= canary.readers
        ]
    assert not told
    assert len(documents()) > 20


def test_what_was_never_published_or_was_deleted_has_no_document(stage):
    entries = documents()
    indexed = {entry.page_id for entry in entries}
    for name in (
        "unpublished",
        "unpublished restriction",
        "trashed",
        "in a deleted tree",
        "deleted project",
    ):
        assert stage.pages[name].pk not in indexed, name
    assert stage.pages["restricted"].pk in indexed
    files = {entry.object_id for entry in entries if entry.kind == "file"}
    assert (
        files == set(Attachment.objects.present().values_list("pk", flat=True)) & files
    )
    assert files


@pytest.mark.parametrize("viewer", INSIDE)
def test_a_question_finds_for_each_person_what_that_person_may_view(caught_up, viewer):
    entries, who = documents(), knowers(caught_up)
    found = found_by(caught_up, viewer, entries)
    assert found == {e.page_id for e in entries if viewer in who[e.page_id]}


@pytest.mark.parametrize("viewer", sorted(OUTSIDE - {"anonymous"}))
def test_who_belongs_nowhere_finds_nothing(caught_up, viewer):
    assert not found_by(caught_up, viewer, documents())


def _restrict(stage: Stage, page: Page, admin: User) -> None:
    restrict_page(page=page, entries={admin: 4}, by=admin)


def _move(stage: Stage, page: Page, admin: User) -> None:
    move_page(page=page, target=stage.pages["closed"], by=admin)


def _trash(stage: Stage, page: Page, admin: User) -> None:
    trash_page(page=page, by=admin)


def _page(stage: Stage, admin: User) -> tuple[ArticlePage, str]:
    """Publish a page with a file, of which everybody in the shared project reads."""
    word = new_word()
    page = make_article(stage.pages["shared"], admin, f"Page {word}", body=word)
    upload = ContentFile(word.encode(), name=f"{word}.txt")
    add_file(page=page, upload=upload, by=admin)
    return page, word


def _search(stage: Stage, word: str) -> list[str]:
    client = client_of(stage, "beta_member")
    asked = [ask(client, "GET", path.format(word), {}).text for path in SEARCHES]
    return [text.replace(word, "…") for text in asked]


@pytest.mark.parametrize("act", [_restrict, _move, _trash])
def test_an_index_that_is_behind_gives_away_nothing(caught_up, act):
    """Withdrawn now, while no worker comes: neither engine finds what it still holds."""
    stage, admin = caught_up, caught_up.users["host_admin"]
    page, word = _page(stage, admin)
    drain_all()
    Outbox.objects.all().delete()
    stale = [entry for entry in documents() if entry.page_id == page.pk]
    assert len(stale) == 2
    assert found_by(stage, "beta_member", stale)
    assert _search(stage, word) != _search(stage, new_word())
    act(stage, page, admin)
    assert not found_by(stage, "beta_member", stale)
    assert _search(stage, word) == _search(stage, new_word())
    drain_all()
    if act is _trash:
        assert not SearchDocument.objects.filter(page_id=page.pk).exists()


def test_a_deleted_file_is_found_no_more_before_a_worker_comes(caught_up):
    stage, admin = caught_up, caught_up.users["host_admin"]
    page = stage.pages["shared"]
    word = new_word()
    upload = ContentFile(word.encode(), name=f"{word}.txt")
    file = add_file(page=page, upload=upload, by=admin)
    drain_all()
    Outbox.objects.all().delete()
    stale = [e for e in documents() if e.kind == "file" and e.object_id == file.pk]
    assert found_by(stage, "beta_member", stale)
    delete_file(file=file, by=admin)
    assert not found_by(stage, "beta_member", stale)
    assert _search(stage, word) == _search(stage, new_word())
    drain_all()
    documents_left = SearchDocument.objects.filter(kind="file", object_id=file.pk)
    assert not documents_left.exists()
