"""Words inside documents: opened once, found by those who may see the page."""

import logging
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from knowledge.files.models import Attachment
from knowledge.files.services import (
    add_file,
    delete_file,
    purge_deleted,
    rename_file,
    replace_file,
)
from knowledge.markup import pool as pools
from knowledge.markup.pool import WorkerPool
from search import extraction, tasks
from search.content import load_files
from search.extraction import text_of_file
from search.models import ExtractedText
from tests.factories import make_article, make_project
from tests.search.asking import WORD, ask, found, suggested
from tests.search.test_extractors import ENDLESS, encrypted_pdf
from tests.support.documents import docx, odf, office, pdf, pptx, xlsx

State = ExtractedText.State


@pytest.fixture
def page(world):
    return make_article(world.open, world.admin, "Survey")


@pytest.fixture
def attach(page, world):
    """Attach these bytes to the page, as a file of this name."""

    def attach(data: bytes, name: str = "plan.docx", to=None) -> Attachment:
        upload = ContentFile(data, name=name)
        return add_file(page=to or page, upload=upload, by=world.admin)

    return attach


@pytest.fixture
def opened(monkeypatch) -> list[bytes]:
    """List the bytes that were given to the worker."""
    given = []
    ask_worker = extraction.POOL.ask

    def ask_and_note(request, seconds, data):
        given.append(data)
        return ask_worker(request, seconds, data)

    monkeypatch.setattr(extraction.POOL, "ask", ask_and_note)
    return given


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.docx", docx(f"A {WORD}")),
        ("a.pptx", pptx("one", f"A {WORD}")),
        ("a.xlsx", xlsx(f"<t>{WORD}</t>", "")),
        ("a.odt", odf(f"<text:p>{WORD}</text:p>")),
        ("a.pdf", pdf(f"A {WORD}")),
        ("a.html", f"<!doctype html><p>{WORD}</p>".encode()),
        # What it is called says nothing.
        ("a.png", docx(WORD)),
        ("a", pdf(WORD)),
    ],
)
def test_a_document_has_the_text_inside_it(attach, name, data):
    assert WORD in text_of_file(attach(data, name))


def test_a_word_inside_a_document_is_found_by_those_who_may_see_its_page(
    world, attach, indexed, engine
):
    hidden = make_project(world.host, world.admin, "Hidden", reach="restricted")
    attach(docx("Fine sand", f"on a {WORD}"))
    attach(pdf(f"A second {WORD}"), "secret.pdf", to=hidden)
    indexed()
    answer = ask(world.admin)
    assert answer.engine == engine
    assert {hit.type for hit in answer.hits} == {"file"}
    assert found(world.admin) == {"plan.docx", "secret.pdf"}
    assert found(world.member) == {"plan.docx"}
    assert found(world.guest) == set()
    assert ask(world.guest).total == 0
    assert suggested(world.guest, WORD) == []


def test_the_answer_says_whether_the_name_or_the_text_of_a_file_matched(
    world, attach, indexed, engine, client
):
    client.force_login(world.admin)
    attach(docx(f"A {WORD}"))
    attach(docx("Fine sand"), f"{WORD}-and-sand.docx")
    indexed()
    answer = client.get(f"/search/?q={WORD}&format=json").json()
    assert answer["engine"] == engine
    assert {hit["title"]: hit["matched_in"] for hit in answer["hits"]} == {
        "plan.docx": "text",
        f"{WORD}-and-sand.docx": "name",
    }
    page = client.get(f"/search/?q={WORD}").content.decode()
    for label in ("Found in the text", "Found in the name"):
        assert page.count(label) == 1
    narrowed = client.get("/search/?q=type:file&format=json").json()
    assert [hit["matched_in"] for hit in narrowed["hits"]] == [None] * 2


def test_a_document_is_opened_once_for_all_indexes_and_all_who_have_it(
    world, attach, opened
):
    first = attach(docx(WORD))
    second = attach(docx(WORD), "other.docx", to=world.open)
    load_files([first.pk])
    load_files([first.pk, second.pk])
    load_files([second.pk])
    assert len(opened) == 1
    assert ExtractedText.objects.get().sha256 == first.sha256 == second.sha256


def test_a_document_is_opened_again_when_it_would_be_read_otherwise(
    attach, opened, monkeypatch
):
    file = attach(docx(WORD))
    text_of_file(file)
    monkeypatch.setattr(extraction, "EXTRACTOR_VERSION", "next")
    text_of_file(file)
    text_of_file(file)
    assert len(opened) == 2
    assert ExtractedText.objects.get().version == "next"


def test_other_bytes_under_an_address_have_their_own_text(world, attach):
    file = attach(docx("before"))
    assert "before" in text_of_file(file)
    upload = ContentFile(docx("after"), name="x")
    file = replace_file(file=file, upload=upload, by=world.admin)
    assert text_of_file(file).strip() == "after"


def test_another_name_opens_nothing(world, attach, opened):
    file = attach(docx(WORD))
    text_of_file(file)
    rename_file(file=file, name="plan.md", by=world.admin)
    file.refresh_from_db()
    assert WORD in text_of_file(file)
    assert len(opened) == 1


@pytest.mark.parametrize(
    ("name", "data", "state"),
    [
        ("a.pdf", encrypted_pdf("secret"), State.ENCRYPTED),
        ("a.pdf", b"%PDF-1.7 and then nothing", State.DAMAGED),
        (
            "a.docx",
            office({"word/elsewhere.xml": WORD}),
            State.DAMAGED,
        ),
        ("a.html", ENDLESS, State.STOPPED),
    ],
    ids=["encrypted", "no pages", "no text", "endless"],
)
def test_a_document_that_cannot_be_opened_is_not_tried_again(
    attach, opened, short_time, name, data, state
):
    file = attach(data, name)
    for _reading in range(2):
        ((entry,), gone) = load_files([file.pk])
        assert (entry.title, entry.body, gone) == (name, "", [])
    assert ExtractedText.objects.get().state == state
    assert len(opened) == 1


@pytest.fixture
def short_time(monkeypatch):
    """Hostile documents are given up soon; by their work, for the clock may be first."""
    monkeypatch.setattr(extraction, "SECONDS", 0.8)
    monkeypatch.setattr(pools, "CLOCK_FACTOR", 1_000)


def test_documents_that_cannot_be_opened_are_found_by_their_names(
    world, attach, indexed, short_time
):
    attach(ENDLESS, "zandbank.html")
    attach(encrypted_pdf("secret"), "zandbank.pdf")
    attach(docx("x")[:-9], "zandbank.docx")
    attach(docx(WORD), "readable")
    indexed()
    names = {"zandbank.html", "zandbank.pdf", "zandbank.docx", "readable"}
    assert found(world.admin) == names


def test_a_worker_that_is_killed_each_time_leaves_the_text_for_another_time(
    attach, monkeypatch
):
    file = attach(docx(WORD))
    with monkeypatch.context() as moment:
        moment.setattr(extraction, "POOL", WorkerPool("tests.search.dying_worker"))
        assert text_of_file(file) == ""
    assert not ExtractedText.objects.exists()
    assert WORD in text_of_file(file)


def test_what_the_storage_damaged_is_not_kept_for_others(attach, world):
    file = attach(docx(WORD))
    intact = attach(docx(WORD), to=world.open)
    storage = file.file.storage
    storage.delete(file.file.name)
    storage.save(file.file.name, ContentFile(docx("somebody else's")))
    assert text_of_file(file) == ""
    assert WORD in text_of_file(intact)
    storage.delete(file.file.name)
    Attachment.objects.filter(pk=intact.pk).delete()
    ExtractedText.objects.all().delete()
    assert text_of_file(file) == ""


def test_a_document_that_is_too_large_is_not_opened(
    attach, opened, monkeypatch, caplog
):
    file = attach(docx(WORD))
    monkeypatch.setattr(extraction, "MAX_DOCUMENT_BYTES", file.size - 1)
    assert text_of_file(file) == ""
    assert opened == []
    # Nor is it called damaged.
    assert caplog.records == []


def test_other_files_are_not_opened(attach, opened):
    for data in (b"\x7fELF\0\0", b"PK\x03\x04 nothing", b"plain"):
        attached = attach(data, "a.bin")
        text_of_file(attached)
    assert opened == []


def test_the_log_says_which_file_and_why_and_nothing_of_what_is_in_it(attach, caplog):
    caplog.set_level(logging.DEBUG)
    damaged = attach(b"%PDF-1.7 zandbank", "geheim.pdf")
    locked = attach(encrypted_pdf("secret"), "geheim.pdf")
    for file in (damaged, locked):
        text_of_file(file)
    said = [record.getMessage() for record in caplog.records]
    assert f"file {locked.pk} has no text that is found: EncryptedError" in said
    assert any(line.startswith(f"file {damaged.pk} has no text") for line in said)
    assert not [line for line in said if WORD in line or "geheim" in line]


def test_a_text_goes_when_the_last_file_with_its_bytes_was_removed_for_good(
    world, attach
):
    here, there = attach(docx(WORD)), attach(docx(WORD), to=world.open)
    other = attach(docx("other"))
    for file in (here, there, other):
        text_of_file(file)
    for file in (here, there):
        delete_file(file=file, by=world.admin)
        # It can come back.
        assert tasks.forget_texts() == 0
    Attachment.objects.filter(pk=here.pk).delete()
    assert tasks.forget_texts() == 0
    purge_deleted(before=timezone.now() + timedelta(days=1))
    tasks.forget_old_texts()
    assert ExtractedText.objects.get().sha256 == other.sha256


def test_only_what_was_read_has_a_text(db):
    with pytest.raises(IntegrityError), transaction.atomic():
        ExtractedText.objects.create(sha256="0", state=State.ENCRYPTED, text="x")
