"""Translations compiled in Python are what gettext reads."""

import gettext
import os

import pytest

from scripts import compile_messages

SOURCE = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Trash"
msgstr "Prullenbak"

#, fuzzy
msgid "Page"
msgstr "Bladzijde?"
"""


@pytest.fixture
def catalogue(tmp_path, monkeypatch):
    monkeypatch.setattr(compile_messages, "ROOT", tmp_path)
    folder = tmp_path / "kbsite" / "locale" / "nl" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(SOURCE)
    return folder / "django.mo"


def test_translation_is_found_and_an_unsure_one_is_not(catalogue):
    assert compile_messages.compile_changed() == 1
    with catalogue.open("rb") as compiled:
        messages = gettext.GNUTranslations(compiled)
    assert messages.gettext("Trash") == "Prullenbak"
    assert messages.gettext("Page") == "Page"


def test_only_what_changed_is_compiled_again(catalogue):
    compile_messages.compile_changed()
    assert compile_messages.compile_changed() == 0
    newer = catalogue.stat().st_mtime + 10
    os.utime(catalogue.with_suffix(".po"), (newer, newer))
    assert compile_messages.compile_changed() == 1
