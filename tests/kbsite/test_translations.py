"""The Dutch translation: complete, and with the same parts as the English."""

import re
import string
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.urls import reverse

CATALOGUE = (
    Path(__file__).resolve().parent.parent.parent
    / "kbsite/locale/nl/LC_MESSAGES/django.po"
)
PERCENT = re.compile(r"%\(\w+\)[a-z]|%[a-z](?!\w)")
TAG = re.compile(r"</?[a-z][^>]*>")


def entries() -> list[polib.POEntry]:
    return [entry for entry in polib.pofile(str(CATALOGUE)) if not entry.obsolete]


def pairs() -> Iterator[tuple[str, str]]:
    """Each English message with its Dutch one; of a plural, form by form."""
    for entry in entries():
        if entry.msgid_plural:
            yield entry.msgid, entry.msgstr_plural[0]
            yield entry.msgid_plural, entry.msgstr_plural[1]
        else:
            yield entry.msgid, entry.msgstr


def braces(text: str) -> Counter[str]:
    return Counter(
        name
        for _text, name, _spec, _conversion in string.Formatter().parse(text)
        if name is not None
    )


def test_catalogue_has_messages():
    assert len(entries()) > 500


def test_no_message_is_missing():
    assert not [entry.msgid for entry in entries() if not entry.translated()]


def test_no_message_is_fuzzy():
    assert not [entry.msgid for entry in entries() if entry.fuzzy]


def test_no_plural_form_is_missing():
    plurals = [entry for entry in entries() if entry.msgid_plural]
    assert plurals
    assert not [entry.msgid for entry in plurals if set(entry.msgstr_plural) != {0, 1}]


def test_placeholders_are_the_same():
    # The same names; Dutch may need one of them twice.
    wrong = [
        (english, dutch)
        for english, dutch in pairs()
        if set(PERCENT.findall(english)) != set(PERCENT.findall(dutch))
    ]
    assert not wrong


def test_brace_placeholders_are_the_same():
    marked = [entry for entry in entries() if "python-brace-format" in entry.flags]
    assert not [
        entry.msgid for entry in marked if braces(entry.msgid) != braces(entry.msgstr)
    ]


def test_tags_are_the_same():
    wrong = [
        (english, dutch)
        for english, dutch in pairs()
        if TAG.findall(english) != TAG.findall(dutch)
    ]
    assert not wrong


def test_spaces_at_the_ends_are_the_same():
    wrong = [
        (english, dutch)
        for english, dutch in pairs()
        if (english[:1].isspace(), english[-1:].isspace())
        != (dutch[:1].isspace(), dutch[-1:].isspace())
    ]
    assert not wrong


def test_dutch_is_formal():
    informal = re.compile(r"\b(je|jij|jou|jouw|jullie)\b", re.IGNORECASE)
    assert not [dutch for _english, dutch in pairs() if informal.search(dutch)]


def test_header_names_nobody_and_no_day():
    metadata = polib.pofile(str(CATALOGUE)).metadata
    assert metadata["Language"] == "nl"
    assert metadata["Plural-Forms"] == "nplurals=2; plural=(n != 1);"
    assert "Last-Translator" not in metadata
    assert "PO-Revision-Date" not in metadata
    assert "POT-Creation-Date" not in metadata


@pytest.mark.django_db
def test_sign_in_page_speaks_dutch_when_the_browser_asks(client):
    if not CATALOGUE.with_suffix(".mo").exists():
        pytest.fail("Not compiled: run `make setup`")
    answer = client.get(reverse("account_login"), headers={"accept-language": "nl"})
    page = answer.content.decode()
    assert '<html lang="nl"' in page
    assert "Wachtwoord vergeten?" in page
    assert "Forgotten your password?" not in page
