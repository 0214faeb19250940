"""What holds whoever asks: the database refuses, and of two at once one waits."""

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from wagtail.models import Page

from knowledge.access.changes import (
    Change,
    ChangeSet,
    StaleStateError,
    stored_grants,
    version_of,
)
from knowledge.access.levels import Level
from knowledge.access.models import GroupGrant, PolicyRoot, UserGrant
from knowledge.access.rule import standing
from knowledge.access.services import (
    apply_changes,
    set_reach,
)
from tests.factories import (
    World,
    in_days,
    root_of,
    sees,
    share,
)

# --- What the database refuses, whoever asks -------------------------------------------


def test_the_database_demands_an_end_of_a_partners_grant(stage):
    grants = GroupGrant.objects.filter(group=stage.world.meridian.group)
    with pytest.raises(IntegrityError, match="end date"), transaction.atomic():
        grants.update(ends_on=None)
    share(stage.world.shared, stage.teams[2], 1)
    with pytest.raises(IntegrityError, match="end date"), transaction.atomic():
        GroupGrant.objects.filter(group=stage.teams[2].group).update(ends_on=None)


def test_the_database_demands_an_end_of_a_guests_grant(stage):
    share(stage.world.shared, stage.world.guest, 1)
    grants = UserGrant.objects.filter(user=stage.world.guest)
    with pytest.raises(IntegrityError, match="end date"), transaction.atomic():
        grants.update(ends_on=None)
    share(stage.world.shared, stage.world.member, 1)
    UserGrant.objects.filter(user=stage.world.member).update(ends_on=None)


def test_the_database_keeps_restrictions_narrowing(stage):
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyRoot.objects.filter(pk=stage.world.prices.pk).update(reach="network")
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyRoot.objects.filter(pk=stage.world.prices.pk).update(parent=None)


def test_deleting_a_page_deletes_its_grants(stage):
    Page.objects.get(pk=stage.world.prices.pk).delete()
    assert not UserGrant.objects.filter(
        content_object_id=stage.world.prices.pk
    ).exists()


# --- Two at once ---------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_saves_from_the_same_form_one_is_refused():
    world = World()
    root = root_of(world.shared)
    version = version_of(root, stored_grants(root))
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def save(level) -> None:
        change = ChangeSet((Change(world.noord, Level(level), in_days(9)),))
        start.wait()
        try:
            apply_changes(
                root=root, changes=change, by=world.admin, expected_version=version
            )
            outcomes.append(f"saved {level}")
        except StaleStateError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(level,)) for level in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (level,) = [int(o[-1]) for o in outcomes if o.startswith("saved")]
    assert "refused" in outcomes
    assert {g.subject: int(g.level) for g in stored_grants(root)}[world.noord] == level


@pytest.mark.django_db(transaction=True)
def test_a_right_that_goes_while_a_save_waits_is_gone():
    world = World()
    share(world.shared, world.member, 4, world.admin)
    root = root_of(world.shared)
    standing(world.member)  # what the request knew before
    UserGrant.objects.filter(user=world.member).delete()
    change = ChangeSet((Change(world.noord, Level.VIEW, in_days(9)),))
    with pytest.raises(PermissionDenied):
        apply_changes(
            root=root,
            changes=change,
            by=world.member,
            expected_version=version_of(root, stored_grants(root)),
        )
    assert "Shared" not in sees(world.other_guest)
    set_reach(root=root, reach="network", by=world.admin)
    assert "Shared" in sees(world.other_guest)
