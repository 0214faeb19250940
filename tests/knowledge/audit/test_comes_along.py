"""What comes along with an act is recorded like the act, for both sides."""

import datetime

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import AuditEvent
from knowledge.access.models import GroupGrant, PolicyRoot
from knowledge.access.services import lift_restriction, restrict_page
from knowledge.files.services import add_file, delete_file, purge_deleted
from knowledge.pages.services_structure import move_page, trash_page
from tests.factories import make_article, make_project, share

MANAGE = 4


def sides(action: str) -> list[tuple[str | None, str | None]]:
    events = AuditEvent.objects.filter(action=action).order_by("pk")
    return list(events.values_list("organisation__name", "other_organisation__name"))


def test_an_entry_that_a_move_to_another_owner_ends_is_recorded(world, boss):
    """An entry of the former owner without end cannot stay: it is foreign now."""
    share(world.shared, boss, MANAGE, world.admin)
    restrict_page(page=world.plan, entries={world.host: MANAGE}, by=world.admin)
    root = PolicyRoot.objects.get(page=world.plan)
    share(world.plan, boss, MANAGE, world.admin)
    theirs = make_project(world.meridian, boss, "Theirs")
    before = AuditEvent.objects.filter(action="grant.withdraw").count()
    move_page(page=world.plan, target=theirs, by=boss)
    assert not GroupGrant.objects.filter(content_object=root).exists()
    assert sides("grant.withdraw")[before:] == [("Meridian", "Vaartkade")]
    event = AuditEvent.objects.filter(action="grant.withdraw").first()
    assert (event.actor, event.target) == (boss, str(root.pk))
    assert event.details["subject"] == world.host.public_id
    assert sides("page.move") == [("Meridian", "Vaartkade")]


def test_lifting_a_restriction_is_told_to_each_partner_that_was_named(world):
    restrict_page(
        page=world.plan,
        entries={world.admin: MANAGE, world.meridian: 1, world.team: 1},
        by=world.admin,
    )
    lift_restriction(root=PolicyRoot.objects.get(page=world.plan), by=world.admin)
    assert sides("restriction.lift") == [("Vaartkade", None)]
    assert sides("grant.withdraw") == [("Vaartkade", "Meridian")]


def test_purging_files_is_recorded_for_each_owner_also_of_what_is_in_the_trash(
    world, boss
):
    def throw_away(page, by):
        upload = ContentFile(b"x", name="x.txt")
        delete_file(file=add_file(page=page, upload=upload, by=by), by=by)

    theirs = make_project(world.meridian, boss, "Theirs")
    article = make_article(world.shared, world.admin, "Thrown away")
    for page, by in ((theirs, boss), (world.plan, world.admin), (article, world.admin)):
        throw_away(page, by)
    trash_page(page=article, by=world.admin)
    later = timezone.now() + datetime.timedelta(seconds=1)
    assert purge_deleted(before=later) == 3
    assert sorted(sides("file.purge")) == [("Meridian", None), ("Vaartkade", None)]
    counts = AuditEvent.objects.filter(action="file.purge")
    assert sorted(event.details["files"] for event in counts) == [1, 2]


def test_a_purge_of_nothing_is_no_event(world):
    assert purge_deleted(before=timezone.now()) == 0
    assert sides("file.purge") == []


def test_every_event_about_a_page_names_the_owner(world):
    """An event without organisation is in nobody's log."""
    about_pages = AuditEvent.objects.exclude(action__startswith="person.")
    assert about_pages.count() > 10
    assert not about_pages.filter(organisation=None).exists()
