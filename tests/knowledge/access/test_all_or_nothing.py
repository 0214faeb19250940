"""A write that fails on its way leaves everything as it was."""

import pytest
from django.db import IntegrityError
from wagtail.models import Page

from accounts.models import AuditEvent
from knowledge.access.changes import Change, ChangeSet, stored_grants, version_of
from knowledge.access.levels import Level
from knowledge.access.models import (
    GroupGrant,
    PageAccess,
    PolicyRoot,
    Trash,
    UserGrant,
)
from knowledge.access.roots import (
    add_page,
    create_project_root,
    put_in_trash,
    rebuild_subtree,
    take_from_trash,
)
from knowledge.access.services import (
    apply_changes,
    lift_restriction,
    restrict_page,
    save_grant,
    set_reach,
    withdraw_grant,
)
from knowledge.access.signals import access_changed
from knowledge.pages.models import ArticlePage
from tests.factories import in_days, root_of


class ListenerError(Exception):
    pass


@pytest.fixture
def broken_listener():
    """Somebody above who hears of the change last, and fails."""

    def fail(**_facts) -> None:
        raise ListenerError

    access_changed.connect(fail)
    yield
    access_changed.disconnect(fail)


def state() -> list:
    """Give all rows that decide about access, and the log."""
    models = (PolicyRoot, PageAccess, GroupGrant, UserGrant, Trash, AuditEvent)
    return [sorted(model.objects.values_list(), key=str) for model in models]


def apply(w) -> None:
    root = root_of(w.shared)
    apply_changes(
        root=root, changes=ChangeSet((Change(w.meridian, None),)), by=w.admin,
        expected_version=version_of(root, stored_grants(root)),
    )  # fmt: skip


WRITES = {
    "give": lambda w: save_grant(
        root=root_of(w.shared), subject=w.noord, level=1, by=w.admin, ends_on=in_days(9)
    ),
    "withdraw": lambda w: withdraw_grant(
        root=root_of(w.shared), subject=w.meridian, by=w.admin
    ),
    "open": lambda w: set_reach(root=root_of(w.shared), reach="network", by=w.admin),
    "restrict": lambda w: restrict_page(
        page=w.plan, entries={w.admin: Level.MANAGE}, by=w.admin
    ),
    "lift": lambda w: lift_restriction(root=root_of(w.prices), by=w.admin),
    "save": apply,
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_write_that_is_refused_at_its_end_has_not_happened(
    world, write, broken_listener
):
    before = state()
    with pytest.raises(ListenerError):
        write(world)
    assert state() == before


def same_id(world) -> Page:
    """Give a page whose address ends in the public id of another."""
    slug = f"again-{world.detail.slug[-8:]}"
    return world.plan.add_child(instance=ArticlePage(title="Again", slug=slug))


def test_rows_are_written_anew_all_or_not_at_all(world):
    before = state()
    same_id(world)
    with pytest.raises(IntegrityError):
        rebuild_subtree(Page.objects.get(pk=world.shared.pk))
    assert state() == before


def test_a_page_and_a_project_that_cannot_get_a_row_leave_no_half(world):
    page, before = same_id(world), state()
    with pytest.raises(IntegrityError):
        add_page(page)
    assert state() == before
    with pytest.raises(IntegrityError):
        create_project_root(page=page, owner=world.host, reach="network")
    assert state() == before


def test_what_cannot_leave_the_trash_stays_in_it(world):
    trash = put_in_trash(page=Page.objects.get(pk=world.detail.pk), by=world.admin)
    page = same_id(world)
    add_page(page)
    before = state()
    with pytest.raises(IntegrityError):
        take_from_trash(trash=trash)
    assert state() == before


def test_what_is_in_the_trash_already_is_not_thrown_twice(world):
    detail = Page.objects.get(pk=world.detail.pk)
    kept = PageAccess.objects.get(page=detail)
    put_in_trash(page=detail, by=world.admin)
    kept.save(force_insert=True)
    before = state()
    with pytest.raises(IntegrityError):
        put_in_trash(page=detail, by=world.admin)
    assert state() == before
