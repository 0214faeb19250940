"""Draw the public ids of the versions that are there, in batches that each hold.

It may be stopped and run again: it asks only for what has none yet.
"""

from typing import Any

from django.db import migrations

from accounts.public_ids import new_long_id

BATCH = 1000


def fill(apps: Any, schema_editor: Any) -> None:
    """Give every note an id, and every revision of a page a note."""
    RevisionNote = apps.get_model("pages", "RevisionNote")
    # Who discards a draft tells no reader that there was one.
    RevisionNote.objects.filter(text="deelplein:discarded").update(published=False)
    without_id = RevisionNote.objects.filter(public_id=None)
    while notes := list(without_id.only("pk")[:BATCH]):
        for note in notes:
            note.public_id = new_long_id()
        RevisionNote.objects.bulk_update(notes, ["public_id"])
    without_note = _revisions(apps).filter(note=None).order_by("pk")
    while keys := list(without_note.values_list("pk", flat=True)[:BATCH]):
        live = _live(apps, keys)
        RevisionNote.objects.bulk_create(
            RevisionNote(revision_id=key, public_id=new_long_id(), published=key in live)
            for key in keys
        )


def _revisions(apps: Any) -> Any:
    """List the revisions of pages: all that have a page, of whatever kind."""
    Revision = apps.get_model("wagtailcore", "Revision")
    return Revision.objects.filter(
        base_content_type__app_label="wagtailcore", base_content_type__model="page"
    )


def _live(apps: Any, keys: list[int]) -> set[int]:
    """Find those whose text is published: readers see it anyway."""
    Page = apps.get_model("wagtailcore", "Page")
    pages = Page.objects.filter(live=True, live_revision_id__in=keys)
    return set(pages.values_list("live_revision_id", flat=True))


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("pages", "0004_version_ids")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=False)
    ]
