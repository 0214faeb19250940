"""Folders that want something else than to be imported."""

import os

import pytest
from django.core.management import CommandError, call_command

from knowledge.files.models import Attachment
from knowledge.pages.importing import scan as scanning
from knowledge.pages.importing.scan import FolderRefusedError
from knowledge.pages.models import ArticlePage
from tests.knowledge.files import samples


def refused(report) -> dict[str, str]:
    return {n.key: n.detail for n in report.notices if n.kind == "refused"}


def test_links_out_of_the_folder_read_nothing(put, run, page, folder):
    (folder.parent / "secret.txt").write_text("secret")
    put(
        "a/b.md",
        "[x](../../secret.txt) ![y](/../../secret.txt) [z](%2e%2e/%2e%2e/secret.txt)",
    )
    _plan, report = run()
    assert report.by_kind == {"leaves the folder": 3}
    assert not Attachment.objects.exists()
    assert "../../secret.txt" in page("a/b.md").body


def test_symbolic_links_are_not_followed(put, run, folder):
    outside = folder.parent / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("# Secret")
    put("a.md", "# A\n\n[s](link.txt)\n")
    (folder / "b.md").symlink_to(outside / "secret.md")
    (folder / "link.txt").symlink_to(outside / "secret.md")
    (folder / "dir").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    _plan, report = run()
    assert set(refused(report)) == {"b.md", "link.txt", "dir", "loop"}
    assert [
        page.title for page in ArticlePage.objects.filter(imported__isnull=False)
    ] == ["A"]
    assert not Attachment.objects.exists()


def test_pipes_are_not_opened(put, run, folder):
    put("a.md", "# A\n")
    os.mkfifo(folder / "pipe.md")
    _plan, report = run()
    assert refused(report) == {"pipe.md": "not a regular file"}


def test_a_link_as_the_folder_itself_is_refused(run, folder, put, world):
    put("a.md", "# A\n")
    link = folder.parent / "link"
    link.symlink_to(folder)
    with pytest.raises(CommandError):
        call_command(
            "import_markdown",
            str(link),
            f"--project={world.shared.slug}",
            f"--as={world.guest.email}",
        )


def test_too_many_entries(put, run, monkeypatch):
    monkeypatch.setattr(scanning, "MAX_ENTRIES", 5)
    for number in range(6):
        put(f"{number}.md", "x")
    with pytest.raises(FolderRefusedError, match="entries"):
        run()


def test_too_deep(put, run):
    put("/".join(["d"] * 31) + "/a.md", "x")
    with pytest.raises(FolderRefusedError, match="deep"):
        run()


def test_thirty_levels_are_not_too_deep(put, run):
    put("top.md", "x")
    put("/".join(["d"] * 30) + "/a.md", "x")
    run()
    assert ArticlePage.objects.filter(imported__key__endswith="/a.md").exists()


def test_binaries_and_giants_are_no_pages(put, run):
    put("a.md", "# A\n")
    put("binary.md", samples.png())
    put("latin.md", bytes(range(128, 255)) * 10)
    put("giant.md", "x" * 1_000_001)
    put("huge.md", b"x" * 4_000_001)
    _plan, report = run()
    assert set(refused(report)) == {"binary.md", "latin.md", "giant.md", "huge.md"}


def test_broken_encodings_are_replaced_and_reported(put, run, page):
    put("a.md", "Prijs in één".encode("latin-1") + b" and some more plain text here")
    put("b.md", "\ufeff# Kop\n".encode())
    put("c.md", "# Zestien\n".encode("utf-16"))
    _plan, report = run()
    assert "\ufffd\ufffdn" in page("a.md").body
    assert page("b.md").title == "Kop"
    assert page("c.md").title == "Zestien"
    assert report.by_kind == {"encoding": 2}


@pytest.mark.parametrize(
    "yaml",
    [
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]",
        "a: " + "[" * 200 + "]" * 200,
        "!!python/object/apply:os.system ['true']",
        "- a\n- b",
        "a: b: c",
        "x: " + "y" * 70_000,
    ],
)
def test_hostile_front_matter_costs_only_itself(put, run, page, yaml):
    put("a.md", f"---\n{yaml}\n---\n# Title\n\nText.\n")
    _plan, report = run()
    assert report.by_kind == {"front matter not read": 1}
    assert page("a.md").title == "Title"


@pytest.mark.parametrize(
    "yaml",
    ['title: "a\\0b"', "title: .nan", "x: .inf", "title: [1]", "x: !!binary aGVsbG8="],
)
def test_odd_values_in_front_matter_reach_the_database(put, run, page, yaml):
    put("a.md", f"---\n{yaml}\n---\n# Title\n\nText.\n")
    run()
    assert page("a.md").title


def test_no_front_matter_keeps_the_other_pages_out(put, run, page):
    hostile = [
        'title: "a\\ud800b"',
        'description: "\\0"',
        "x: '\\u0000'",
        "x: {2024-01-01: a}",
        "date: 0001-01-01T00:00:00+14:00",
        f"weight: 0x{'f' * 5000}",
        f"title: 0x{'f' * 5000}",
        "title: [a]",
        "a: !!timestamp x",
        'a: "\\UFFFFFFFF"',
    ]
    put("index.md", "---\ndescription: {a: b}\n---\n# Handbook\n")
    put(" /good.md", "# Good\n")
    for number, yaml in enumerate(hostile):
        put(f"{number}.md", f"---\n{yaml}\n---\n# Page {number}\n")
    _plan, report = run()
    assert report.counts["pages new"] == len(hostile) + 2
    assert page(" /good.md").title == "Good"
    assert report.by_kind["front matter value not used"] == 6
    assert report.by_kind["front matter not read"] == 2


def test_a_text_that_its_links_make_too_long_keeps_its_own(put, run, page):
    links = "[a](b.md)" * 111_000
    put("a.md", links)
    put("b.md", "# B\n")
    _plan, report = run()
    assert page("a.md").body == links
    assert report.by_kind == {"links not rewritten": 1}


@pytest.mark.parametrize(
    "name",
    ["a b.md", "é.md", "-.md", "x\ny.md", "\u202egnp.md", "%2e%2e.md", "a.MD"],
)
def test_odd_names_become_pages(put, run, name):
    put(name, "Text.\n")
    _plan, report = run()
    assert report.counts["pages new"] == 1
    assert all(notice.key.isprintable() for notice in report.notices)


def test_hostile_files_are_left_out_and_reported(put, run, page):
    put("a.md", "![x](bomb.png) ![y](empty.png) [z](page.html)")
    put("bomb.png", samples.bomb_png())
    put("empty.png", b"")
    put("page.html", samples.HTML)
    _plan, report = run()
    assert set(refused(report)) == {"bomb.png", "empty.png"}
    assert "](bomb.png)" in page("a.md").body
    assert Attachment.objects.get().content_type == "application/octet-stream"


def test_hidden_folders_are_not_looked_into(put, run):
    put("a.md", "x")
    put(".git/b.md", "x")
    plan, _report = run(dry_run=True)
    assert list(plan.pages) == ["a.md"]


def test_a_folder_without_pages_founds_nothing(put, run):
    put("a.txt", "x")
    with pytest.raises(FolderRefusedError, match="no Markdown"):
        run()
