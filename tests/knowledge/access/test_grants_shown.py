"""Grants as they stand: levels, last days, names, and the rows of the sharing panel."""

import datetime
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Organisation
from knowledge.access.changes import (
    Change,
    ChangeSet,
    StoredGrant,
    stored_grants,
    version_of,
)
from knowledge.access.levels import Level
from knowledge.access.models import GroupGrant, PolicyRoot, Trash, UserGrant
from knowledge.access.rows import Group, Row
from knowledge.pages.services_structure import trash_page
from tests.factories import in_days, root_of, share

NOON = datetime.datetime(2026, 5, 1, 12, tzinfo=datetime.UTC)


def test_the_database_holds_what_the_models_say(db):
    """No constraint, length or null of a model is only on paper."""
    call_command("makemigrations", "access", check=True, dry_run=True, verbosity=0)


def test_levels_are_stored_by_codename_and_shown_as_stones():
    assert [level.codename for level in Level] == [
        "view_root", "comment_root", "edit_root", "manage_root"
    ]  # fmt: skip
    assert [level.stones for level in Level] == [1, 2, 3, 4]


def test_rows_of_the_database_say_what_they_are(world):
    share(world.shared, world.member, 1)
    group, person = GroupGrant.objects.get(), UserGrant.objects.get(user=world.member)
    shared, guests = world.shared.pk, world.meridian.group_id
    assert str(group) == f"group {guests} on {shared}"
    assert str(person) == f"user {world.member.pk} on {shared}"
    assert str(root_of(world.prices)) == f"restriction {world.prices.pk}"
    assert str(world.plan.access) == f"{world.plan.pk} → {shared}"
    assert str(trash_page(page=world.plan, by=world.admin)) == f"trash {world.plan.pk}"


def test_only_a_whole_project_in_the_trash_is_a_project(world):
    for page, whole in ((world.detail, False), (world.prices, False)):
        assert trash_page(page=page, by=world.admin).is_project is whole
    trash_page(page=world.shared, by=world.admin)
    assert Trash.objects.get(page=world.shared).is_project


@pytest.mark.parametrize(("days", "ended"), [(-1, True), (0, False), (1, False)])
def test_a_grant_has_ended_on_the_day_after_its_last(days, ended):
    assert UserGrant(ends_on=in_days(days)).has_ended is ended
    assert grant(days=days).in_force is not ended


def test_a_grant_without_last_day_does_not_end():
    assert not UserGrant(ends_on=None).has_ended
    assert grant(days=None).in_force


def test_grants_are_listed_with_all_that_was_said_of_them(world):
    share(world.shared, world.team, 2, world.manager, days=9)
    share(world.shared, world.guest, 1, world.manager)
    share(world.closed, world.noord, 1)
    UserGrant.objects.filter(user=world.guest).update(reason="For the fair")
    GroupGrant.objects.filter(group=world.team.group).update(ends_on=in_days(-3))
    found = stored_grants(root_of(world.shared))
    # By kind, then by name: organisations, people, teams; ended ones too.
    assert [(str(g.subject), g.organisation, g.level, g.giver) for g in found] == [
        ("Meridian", world.meridian, Level.EDIT, world.admin),
        ("Anouk Admin", world.host, Level.MANAGE, world.admin),
        ("Nadia Guest", world.meridian, Level.VIEW, world.manager),
        ("Quay", world.host, Level.COMMENT, world.manager),
    ]
    assert [g.in_force for g in found] == [True, True, True, False]
    assert [g.ends_on for g in found] == [in_days(30), None, in_days(30), in_days(-3)]
    assert [g.reason for g in found] == ["", "", "For the fair", ""]
    assert all(g.created.date() <= timezone.now().date() for g in found)


def test_grants_of_one_kind_are_listed_by_name(world):
    share(world.shared, world.noord, 1)
    share(world.shared, world.host, 1)
    found = stored_grants(root_of(world.shared))
    assert [str(given.subject) for given in found] == [
        "Meridian", "Noord", "Vaartkade", "Anouk Admin"
    ]  # fmt: skip


def test_the_version_of_a_form_follows_everything_it_shows(world):
    root, versions = root_of(world.shared), []

    def note() -> None:
        again = PolicyRoot.objects.get(pk=root.pk)
        versions.append(version_of(again, stored_grants(again)))

    note()
    grants = GroupGrant.objects.filter(content_object=root)
    share(world.shared, world.meridian, 2)
    note()
    grants.update(ends_on=in_days(4))
    note()
    grants.update(reason="Because")
    note()
    PolicyRoot.objects.filter(pk=root.pk).update(reach="network")
    note()
    grants.delete()
    note()
    assert len(set(versions)) == 6
    note()
    assert versions[-1] == versions[-2]
    inner = root_of(world.prices)
    before = version_of(inner, [])
    inner.parent = root_of(world.open)
    assert version_of(inner, []) != before


def test_a_change_set_counts_the_reach_as_a_change():
    one = Change(Organisation(public_id="a"), Level.VIEW)
    assert (one.ends_on, one.reason) == (None, "")
    assert [len(ChangeSet()), len(ChangeSet((one,))), len(ChangeSet((one,), "x"))] == [
        0, 1, 2
    ]  # fmt: skip
    assert not ChangeSet()


# --- Rows of the panel --------------------------------------------------------------


def grant(level=Level.EDIT, days: int | None = 30) -> StoredGrant:
    ends_on = None if days is None else in_days(days)
    subject = Organisation(public_id="a", name="A")
    return StoredGrant(subject, None, level, ends_on, None, "", NOON)


def row(people=(), **kwargs) -> Row:
    return Row("Title", "Why", frozenset(people), **kwargs)


def change(level: Level | None) -> Change:
    return Change(Organisation(public_id="a"), level)


def test_a_row_looks_like_what_save_will_do_to_it():
    assert row(stored=grant()).look == ""
    assert row(pending=change(Level.VIEW)).look == "is-new"
    for level, look in (
        (None, "is-less"),
        (Level.COMMENT, "is-less"),
        (Level.EDIT, "is-new"),
        (Level.MANAGE, "is-new"),
    ):
        assert row(stored=grant(Level.EDIT), pending=change(level)).look == look
    lowest = row(stored=grant(Level.VIEW), pending=change(None))
    assert lowest.look == "is-less"


def test_a_group_counts_each_person_once():
    group = Group(None, False, [row({1, 2}), row({2, 3}), row()])
    assert group.people == 3
    assert Group(None, False).people == 0


def test_a_group_is_new_while_none_of_it_is_saved():
    form = SimpleNamespace()
    assert Group(None, False, [row(form=form), row(form=form)]).is_new
    assert not Group(
        None, False, [row(form=form), row(form=form, stored=grant())]
    ).is_new
    # What follows from reach and role has no form and is there already.
    assert not Group(None, True, [row(form=form), row()]).is_new


def test_a_group_ends_with_the_first_of_its_grants_in_force():
    def ends(*days) -> datetime.date | None:
        rows = [row(stored=grant(days=day)) for day in days]
        return Group(None, False, [*rows, row()]).ends_on

    assert ends(40, 20, None) == in_days(20)
    assert ends(-1, 40) == in_days(40)
    assert ends(None) is None


@pytest.mark.parametrize(("days", "soon"), [(29, True), (30, True), (31, False)])
def test_an_end_within_thirty_days_is_soon(days, soon):
    assert Group(None, False, [row(stored=grant(days=days))]).ends_soon is soon


def test_what_never_ends_does_not_end_soon():
    assert Group(None, False, [row(stored=grant(days=None))]).ends_soon is False
