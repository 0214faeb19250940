"""A folder that changes while it is imported brings nothing from outside."""

import os

import psutil
import pytest

from knowledge.files.models import Attachment
from knowledge.pages.importing.opening import open_file, open_folder
from knowledge.pages.importing.plan import make_plan
from knowledge.pages.importing.report import Report
from knowledge.pages.importing.scan import _walk, scan
from knowledge.pages.importing.write import write_plan
from knowledge.pages.models import ArticlePage


@pytest.fixture
def outside(folder):
    path = folder.parent / "outside"
    path.mkdir()
    (path / "plan.txt").write_text("secret")
    (path / "page.md").write_text("# Secret")
    return path


@pytest.fixture
def begun(put, folder):
    """An import that has looked at a page and its file, and not opened the file yet."""
    put("a.md", "# A\n\n[plan](inner/plan.txt)\n")
    put("inner/plan.txt", "public")
    report = Report()
    return scan(folder, language="en", report=report), report


def refused(report: Report) -> set[str]:
    return {notice.key for notice in report.notices if notice.kind == "refused"}


def swap(path, target) -> None:
    """Put a link where a file or folder was."""
    path.rename(path.with_name("away"))
    path.symlink_to(target)


@pytest.mark.parametrize("name", ["inner/plan.txt", "inner"])
def test_a_link_put_there_after_the_scan_is_refused(
    world, folder, outside, begun, name
):
    target = outside / "plan.txt" if name.endswith(".txt") else outside
    swap(folder / name, target)
    found, report = begun
    plan = make_plan(found, project=world.shared, takes_index=False, report=report)
    assert refused(report) == {"inner/plan.txt"}
    assert "(inner/plan.txt)" in plan.pages["a.md"].body


@pytest.mark.parametrize("name", ["inner/plan.txt", "inner"])
def test_a_link_put_there_after_the_plan_is_refused(
    world, folder, outside, begun, page, name
):
    found, report = begun
    plan = make_plan(found, project=world.shared, takes_index=False, report=report)
    swap(folder / name, outside / "plan.txt" if name.endswith(".txt") else outside)
    write_plan(
        plan, project=world.shared, by=world.admin, report=report, progress=print
    )
    assert refused(report) == {"inner/plan.txt"}
    assert not Attachment.objects.exists()
    assert page("a.md").title == "A"


def test_a_file_that_becomes_a_bomb_after_the_plan_is_refused(world, put, begun, page):
    found, report = begun
    plan = make_plan(found, project=world.shared, takes_index=False, report=report)
    put("inner/plan.txt", b"\x89PNG\r\n\x1a\n and no picture")
    write_plan(
        plan, project=world.shared, by=world.admin, report=report, progress=print
    )
    assert refused(report) == {"inner/plan.txt"}
    assert page("a.md").title == "A"


def test_a_folder_that_becomes_a_link_during_the_scan_is_refused(put, folder, outside):
    put("a.md", "# A\n")
    put("b/page.md", "# B\n")
    report = Report()
    walk = _walk(folder, report)
    assert next(walk) == "a.md"
    swap(folder / "b", outside)
    assert list(walk) == []
    assert refused(report) == {"b/"}


def test_a_page_that_becomes_a_link_during_the_scan_is_refused(
    world, put, folder, outside, run, monkeypatch
):
    put("a.md", "# A\n")
    put("b.md", "# B\n")
    swapped = []

    def walk(top, report):
        for key in _walk(top, report):
            if key == "b.md":
                swap(folder / "b.md", outside / "page.md")
                swapped.append(key)
            yield key

    monkeypatch.setattr("knowledge.pages.importing.scan._walk", walk)
    _plan, report = run()
    assert swapped
    assert refused(report) == {"b.md"}
    assert not ArticlePage.objects.filter(title="Secret").exists()


def test_a_folder_that_may_not_be_read_costs_only_itself(put, run, folder, monkeypatch):
    put("a.md", "# A\n")
    put("closed/b.md", "# B\n")
    real = os.open

    def refuse(path, flags, **kwargs):
        # Tests may run as somebody who may read everything.
        if path == "closed":
            raise PermissionError(13, "Permission denied")
        return real(path, flags, **kwargs)

    monkeypatch.setattr(os, "open", refuse)
    plan, report = run(dry_run=True)
    assert list(plan.pages) == ["a.md"]
    assert refused(report) == {"closed/"}


@pytest.mark.parametrize("key", ["pipe", "folder", "missing", "a.md/b", "..", "."])
def test_only_regular_files_are_opened(put, folder, key):
    put("a.md", "# A\n")
    (folder / "folder").mkdir()
    os.mkfifo(folder / "pipe")
    with pytest.raises(OSError, match=r"regular|directory"):
        open_file(folder, key)


def test_opening_leaves_no_descriptor_behind(put, folder):
    put("x/y/a.md", "# A\n")
    before = psutil.Process().num_fds()
    with open_file(folder, "x/y/a.md") as handle:
        assert handle.read() == b"# A\n"
    with open_folder(folder, "x/y") as place:
        assert os.stat("a.md", dir_fd=place).st_size == 4
    for key in ("x/y/none.md", "x/none/a.md", "x/y"):
        with pytest.raises(OSError, match=r"."):
            open_file(folder, key)
    assert psutil.Process().num_fds() == before
