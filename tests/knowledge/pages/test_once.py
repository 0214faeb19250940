"""The same form twice gives one page; notes of the site speak the reader's language."""

import re

from django.utils import translation

from knowledge.pages.models import ArticlePage, RevisionNote
from knowledge.pages.notes import CREATED, note_in_words, restored_note


def form_of(page: str) -> str:
    found = re.search(r'name="once" value="([^"]+)"', page)
    assert found
    return found.group(1)


def send(client, where, once, title="Twice"):
    data = {"title": title, "body": "x", "language": "en", "action": "publish"}
    return client.post(where, data | {"once": once})


def test_a_form_sent_twice_gives_one_page(world, sign_in):
    client = sign_in(world.guest)
    where = f"/{world.shared.slug}/new"
    once = form_of(client.get(where).content.decode())
    first, second = send(client, where, once), send(client, where, once)
    assert first.status_code == 302
    assert second["Location"] == first["Location"]
    assert ArticlePage.objects.filter(title="Twice").count() == 1


def test_two_forms_give_two_pages(world, sign_in):
    client = sign_in(world.guest)
    where = f"/{world.shared.slug}/new"
    for _ in range(2):
        send(client, where, form_of(client.get(where).content.decode()))
    assert ArticlePage.objects.filter(title="Twice").count() == 2


def test_the_form_of_another_is_no_key(world, sign_in):
    where = f"/{world.shared.slug}/new"
    admin = sign_in(world.admin)
    once = form_of(admin.get(where).content.decode())
    first = send(admin, where, once, "Of the admin")
    second = send(sign_in(world.guest), where, once, "Of the guest")
    assert second["Location"] != first["Location"]
    assert send(sign_in(world.guest), where, "made up").status_code == 302


def test_what_the_site_notes_is_read_in_the_readers_language(world):
    note = RevisionNote.objects.get(revision=world.shared.latest_revision)
    assert note.text == CREATED
    made = restored_note(note.revision.created_at)
    with translation.override("nl"):
        assert note_in_words(CREATED) == "Aangemaakt"
        assert note_in_words(made).startswith("Versie van")
    with translation.override("en"):
        assert note_in_words(CREATED) == "Created"
        assert note_in_words(made).startswith("Restored the version of")


def test_a_note_of_an_author_stays_as_it_is():
    for text in (
        "Typo",
        "",
        "deelplein:restored yesterday",
        "deelplein:restored 2026-13-40T99:00Z",
    ):
        assert note_in_words(text) == text
