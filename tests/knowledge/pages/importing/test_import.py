"""A folder becomes a tree of pages, and a second import knows it again."""

import json

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.http import Http404
from wagtail.models import Page, Revision

from accounts.models import AuditEvent, Organisation
from knowledge.access import roots
from knowledge.access.models import PageAccess
from knowledge.files.models import Attachment
from knowledge.files.services import delete_file
from knowledge.pages.models import (
    ArticlePage,
    ImportedPage,
    PageFacts,
    ProjectPage,
    RevisionNote,
)
from knowledge.pages.services import Text, save_page
from knowledge.pages.services_structure import trash_page
from tests.factories import root_of
from tests.knowledge.files import samples


def assert_sound() -> None:
    assert roots.find_problems() == []
    assert not any(Page.find_problems())


@pytest.fixture
def handbook(put) -> None:
    put("index.md", "# Handbook\n\nSee [lending](tools/lending.md#how-to-lend).\n")
    put("tools/README.md", "# Tools\n\n[Back](../index.md) ![Plan](../img/plan.png)\n")
    put("tools/lending.md", "# Lending\n\n## How to lend\n\n[Tools](./)\n")
    put("tools/deep/drill.md", "---\ntitle: The drill\nlang: nl\n---\nBoor.\n")
    put("img/plan.png", samples.png())


def test_folders_become_a_tree(handbook, run, page, world):
    _plan, report = run()
    project = ProjectPage.objects.get(title="Handbook")
    tools = page("tools/README.md")
    assert tools.get_parent().pk == project.pk
    assert page("tools/lending.md").get_parent().pk == tools.pk
    deep = page("tools/deep/")
    assert (deep.title, deep.body) == ("Deep", "")
    assert page("tools/deep/drill.md").get_parent().pk == deep.pk
    assert page("tools/deep/drill.md").language == "nl"
    assert report.counts["pages new"] == 4
    assert not report.by_kind
    assert_sound()


def test_links_lead_to_the_new_addresses(handbook, run, page):
    run()
    project = ProjectPage.objects.get(title="Handbook")
    lending, tools = page("tools/lending.md"), page("tools/README.md")
    file = Attachment.objects.get()
    assert f"[lending](/{lending.slug}/#h-how-to-lend)" in project.body
    assert f"[Back](/{project.slug}/)" in tools.body
    assert f"![Plan](/files/{file.public_id}/plan.png)" in tools.body
    assert f"[Tools](/{tools.slug}/)" in lending.body
    assert file.page_id == tools.pk
    assert "# Lending\n" not in lending.body


def test_bulk_rows_are_those_of_the_service(handbook, run, page, world):
    run()
    made = page("tools/lending.md")
    again = made.latest_revision.as_object()
    assert (again.title, again.body, again.slug) == (made.title, made.body, made.slug)
    assert set(made.latest_revision.content) == set(made.serializable_data())
    assert made.latest_revision.content["translation_key"] == str(made.translation_key)
    assert made.live_revision_id == made.latest_revision_id
    assert made.live
    assert not made.has_unpublished_changes
    assert RevisionNote.objects.get(revision=made.latest_revision).published
    facts = PageFacts.objects.get(page=made)
    assert (facts.changed_by, facts.organisation) == (world.admin, world.host)
    assert PageAccess.objects.get(page=made).public_id == made.slug[-8:]
    text = Text(title=made.title, body="New.", language="en")
    save_page(
        page=made,
        text=text,
        base_revision_id=made.latest_revision_id,
        by=world.admin,
        publish=True,
    )
    assert ArticlePage.objects.get(pk=made.pk).body == "New."
    # One for the new pages, one for the project, which took the folder's own text.
    events = AuditEvent.objects.filter(action="page.import").order_by("pk")
    assert [list(event.details) for event in events] == [["new"], ["changed"]]
    assert {event.organisation_id for event in events} == {world.host.pk}


def test_a_second_run_writes_nothing(handbook, run):
    run()
    revisions = Revision.objects.count()
    _plan, report = run()
    assert Revision.objects.count() == revisions
    assert report.counts["pages unchanged"] == 5
    assert Attachment.objects.count() == 1
    assert ProjectPage.objects.filter(title="Handbook").count() == 1


def test_a_changed_file_becomes_a_revision(handbook, run, page, put):
    run()
    before = page("tools/lending.md")
    put("tools/lending.md", "# Lending\n\nChanged.\n")
    _plan, report = run()
    after = page("tools/lending.md")
    assert after.body == "Changed.\n"
    assert after.slug == before.slug
    assert after.revisions.count() == 2
    assert report.counts["pages changed"] == 1


def test_what_somebody_edited_is_not_overwritten(handbook, run, page, put, world):
    run()
    made = page("tools/lending.md")
    text = Text(title="Lending", body="By hand.", language="en")
    save_page(
        page=made,
        text=text,
        base_revision_id=made.latest_revision_id,
        by=world.admin,
        publish=False,
    )
    put("tools/lending.md", "# Lending\n\nFrom the folder.\n")
    _plan, report = run()
    assert report.by_kind == {"conflict": 1}
    latest = page("tools/lending.md").get_latest_revision_as_object()
    assert latest.body == "By hand."


def test_vanished_and_trashed_pages_are_reported(
    handbook, run, page, folder, put, world
):
    run()
    trash_page(page=page("tools/deep/"), by=world.admin)
    put("tools/deep/saw.md", "# Saw\n")
    (folder / "tools/lending.md").unlink()
    _plan, report = run()
    assert report.by_kind["vanished from the folder"] == 1
    assert report.by_kind["skipped"] == 3
    assert ArticlePage.objects.filter(imported__key="tools/lending.md").exists()
    assert not ArticlePage.objects.filter(title="Saw").exists()
    assert_sound()


def test_a_changed_picture_keeps_its_address(handbook, run, put, heard_files):
    run()
    file = Attachment.objects.get()
    put("img/plan.png", samples.png(50, 50))
    _plan, report = run()
    file.refresh_from_db()
    assert (file.width, file.deleted_at) == (50, None)
    assert report.counts["files written"] == 1
    assert heard_files == [file.pk, file.pk]


def test_a_deleted_picture_stays_deleted(handbook, run, world):
    run()
    file = Attachment.objects.get()
    delete_file(file=file, by=world.admin)
    _plan, report = run()
    assert report.counts["files written"] == 0
    assert Attachment.objects.present().count() == 0


def test_one_file_for_a_page_however_often_it_is_shown(put, run):
    put("a.md", "![x](i.png) ![x](./i.png) <img src='i.png'>\n")
    put("i.png", samples.png())
    run()
    assert Attachment.objects.count() == 1


def test_a_dry_run_writes_nothing(handbook, run, world):
    before = Page.objects.count()
    plan, report = run(dry_run=True)
    assert Page.objects.count() == before
    assert report.counts["pages that would be new"] == len(plan.pages) == 5


def test_into_a_project_that_exists(handbook, run, world, page):
    run(target=world.shared, by=world.guest)
    index = page("index.md")
    assert index.get_parent().pk == world.shared.pk
    assert page("tools/README.md").get_parent().pk == index.pk
    assert PageAccess.objects.get(page=index).root == root_of(world.shared)
    facts = PageFacts.objects.get(page=index)
    assert facts.organisation == world.meridian
    assert_sound()


def test_who_may_not_write_imports_nothing(handbook, run, world):
    before = Page.objects.count()
    with pytest.raises(PermissionDenied):
        run(target=world.open, by=world.member)
    with pytest.raises((PermissionDenied, Http404)):
        run(target=world.closed, by=world.guest)
    assert Page.objects.count() == before


def test_unknown_front_matter_is_kept_beside_the_page(put, run):
    put("a.md", "---\ntitle: A\nreviewed: 2026-01-02\n---\nText.\n")
    _plan, report = run()
    row = ImportedPage.objects.get(key="a.md")
    assert row.front_matter["reviewed"] == "2026-01-02"
    assert report.by_kind == {"front matter kept beside the page": 1}


def test_many_pages_in_several_batches(put, run, monkeypatch):
    monkeypatch.setattr("knowledge.pages.importing.write.BATCH", 7)
    for number in range(40):
        below = (number + 1) % 40
        text = f"# Page {number}\n\n[next](../f{below % 5}/p{below}.md)\n"
        put(f"f{number % 5}/p{number}.md", text)
    run()
    run()
    assert_sound()
    bodies = ArticlePage.objects.filter(title__startswith="Page").values_list(
        "body", flat=True
    )
    slugs = set(Page.objects.values_list("slug", flat=True))
    assert len(bodies) == 40
    assert all(body.split("(/")[1].split("/)")[0] in slugs for body in bodies)


def test_the_command_prints_json_last(handbook, folder, world, capsys):
    call_command(
        "import_markdown",
        str(folder),
        "--new-project=Handbook",
        "--organisation=vaartkade",
        f"--as={world.admin.email}",
    )
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["counts"]["pages new"] == 4
    assert figures["unresolved_links_share"] == 0


def test_the_command_shows_the_tree_of_a_dry_run(handbook, folder, world, capsys):
    call_command(
        "import_markdown",
        str(folder),
        f"--project={world.shared.slug}",
        f"--as={world.guest.email}",
        "--dry-run",
    )
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "  Handbook  (index.md)"
    assert lines[1] == "    Tools  (tools/README.md)"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--as=nobody@example.com", "--new-project=X"],
        ["--as={admin}"],
        ["--as={admin}", "--new-project=X", "--organisation=Nobody"],
        ["--as={guest}", "--project=closed-22222222"],
        ["--as={guest}", "--new-project=X", "--organisation=Vaartkade"],
    ],
)
def test_the_command_says_what_is_wrong(handbook, folder, world, arguments):
    people = {"admin": world.admin.email, "guest": world.guest.email}
    with pytest.raises(CommandError):
        call_command(
            "import_markdown", str(folder), *(a.format(**people) for a in arguments)
        )


def test_a_hidden_project_is_refused_like_a_missing_one(handbook, folder, world):
    errors = []
    for slug in (world.closed.slug, "closed-22222222"):
        with pytest.raises(CommandError) as error:
            call_command(
                "import_markdown",
                str(folder),
                f"--project={slug}",
                f"--as={world.guest.email}",
            )
        errors.append(str(error.value))
    assert errors[0] == errors[1]


def test_handbooks_become_organisations(db, tmp_path, capsys):
    for name in ("one", "two"):
        source = {"organisation": f"Firm {name}", "language": "nl"}
        (tmp_path / name).mkdir()
        (tmp_path / name / "SOURCE.json").write_text(json.dumps(source))
        (tmp_path / name / "a.md").write_text("# A\n\n[b](b.md) [c](c.md)\n")
        (tmp_path / name / "b.md").write_text("# B\n")
    call_command("import_handbooks", str(tmp_path))
    call_command("import_handbooks", str(tmp_path))
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["counts"]["pages unchanged"] == 4
    assert figures["unresolved_links_share"] == 0.5
    kinds = dict(Organisation.objects.values_list("name", "kind"))
    assert kinds == {"Firm one": "host", "Firm two": "partner"}
    owners = ProjectPage.objects.values_list("access__root__owner__name", flat=True)
    assert set(owners) == {"Firm one", "Firm two"}
    assert set(ArticlePage.objects.values_list("language", flat=True)) == {"nl"}
    assert_sound()
