"""Moves, restrictions, deletions: alone, one after the other, and two at once."""

import threading
from collections.abc import Callable
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import close_old_connections, connection, transaction
from django.db.models import RestrictedError
from django.http import Http404

from knowledge.access.models import PolicyRoot, Trash
from knowledge.access.roots import find_problems
from knowledge.access.services import lift_restriction, restrict_page
from knowledge.pages.bulk import NewArticle, create_articles
from knowledge.pages.models import new_slug
from knowledge.pages.selectors import trash_of
from knowledge.pages.services import Text, create_article
from knowledge.pages.services_structure import move_page, restore_page, trash_page
from tests.factories import (
    World,
    fresh,
    make_article,
    make_project,
    root_of,
    sees,
)

# --- The trash --------------------------------------------------------------------------


def test_lifting_a_restriction_leaves_in_the_trash_what_is_in_the_trash(world):
    below = make_article(world.prices, world.admin, "Old prices")
    trash_page(page=below, by=world.admin)
    lift_restriction(root=root_of(world.prices), by=world.admin)
    assert "Prices" in sees(world.member)
    assert "Old prices" not in sees(world.admin)
    entry = Trash.objects.get(page=below)
    assert entry.root_id == world.shared.pk
    restore_page(trash=entry, by=fresh(world.admin))
    assert "Old prices" in sees(world.member)
    assert not find_problems()


def test_the_database_keeps_a_root_that_the_trash_hangs_on(world):
    trash_page(page=make_article(world.prices, world.admin), by=world.admin)
    with pytest.raises(RestrictedError):
        root_of(world.prices).delete()


def test_what_was_trashed_inside_a_moved_page_belongs_to_the_new_project(world):
    target = make_project(world.host, world.admin, "Vault", reach="restricted")
    trash_page(page=world.detail, by=world.admin)
    move_page(page=world.plan, target=target, by=fresh(world.admin))
    assert not trash_of(fresh(world.guest)).exists()
    entry = Trash.objects.get(page=world.detail)
    assert entry.root_id == target.pk
    with pytest.raises(PermissionDenied):
        restore_page(trash=entry, by=fresh(world.guest))
    restore_page(trash=entry, by=fresh(world.admin))
    assert "Detail" not in sees(world.guest)
    assert not find_problems()


def test_a_partner_who_edits_cannot_bring_back_a_project_its_owner_deleted(world):
    trash_page(page=world.shared, by=world.admin)
    entry = Trash.objects.get(page=world.shared)
    assert not trash_of(fresh(world.guest)).filter(pk=entry.pk).exists()
    with pytest.raises(PermissionDenied):
        restore_page(trash=entry, by=fresh(world.guest))
    assert trash_of(fresh(world.admin)).filter(pk=entry.pk).exists()


def test_restoring_twice_says_so(world, sign_in):
    trash_page(page=world.plan, by=world.admin)
    entry = Trash.objects.get(page=world.plan)
    restore_page(trash=entry, by=world.admin)
    with pytest.raises(ValidationError, match="already"):
        restore_page(trash=entry, by=world.admin)


def test_lifting_twice_says_so(world):
    root = root_of(world.prices)
    lift_restriction(root=PolicyRoot.objects.get(pk=root.pk), by=world.admin)
    with pytest.raises(ValidationError, match="already"):
        lift_restriction(root=root, by=world.admin)


def test_deleting_twice_is_a_missing_page(world):
    trash_page(page=world.plan, by=world.admin)
    with pytest.raises(Http404):
        trash_page(page=world.plan, by=world.admin)


# --- The integrity check ------------------------------------------------------------------


def test_the_check_finds_a_page_left_behind_by_the_page_above_it(world):
    assert not find_problems()
    last = world.detail.path[-4:]
    type(world.detail).objects.filter(pk=world.detail.pk).update(
        path=f"{world.plan.path[:-4]}ZZZZ{last}"
    )
    assert [problem.page_id for problem in find_problems()] == [world.detail.pk]


def test_the_check_finds_trash_that_hangs_elsewhere(world):
    trash_page(page=world.plan, by=world.admin)
    Trash.objects.update(root=root_of(world.open))
    assert [problem.page_id for problem in find_problems()] == [world.plan.pk]


# --- Two at once --------------------------------------------------------------------------


def write(world: World) -> None:
    create_article(parent=world.plan, text=Text("New", "x"), by=fresh(world.admin))


def import_many(world: World) -> None:
    new = NewArticle(new_slug("New"), world.plan.slug, Text("New", "x"))
    create_articles(articles=[new], by=fresh(world.admin))


def restrict(world: World) -> None:
    restrict_page(page=world.plan, entries={world.admin: 4}, by=fresh(world.admin))


def move(world: World) -> None:
    move_page(page=world.plan, target=world.closed, by=fresh(world.admin))


def throw(world: World) -> None:
    trash_page(page=world.plan, by=fresh(world.admin))


def second_waits_for_first(first: Callable[[], None], second: Callable[[], None]):
    """Begin `second` while the transaction of `first` is open; give what it raised."""
    raised: list[Exception] = []
    waits = threading.Event()

    def other() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pids.append(cursor.fetchone()[0])
            waits.set()
            second()
        except Exception as error:  # noqa: BLE001 - told to the test
            raised.append(error)
        finally:
            connection.close()

    pids: list[int] = []
    thread = threading.Thread(target=other)
    with transaction.atomic():
        first()
        thread.start()
        waits.wait(30)
        # Until it waits for us, or is through without having had to.
        while thread.is_alive() and not _is_blocked(pids[0]):
            thread.join(0.02)
    thread.join(60)
    close_old_connections()
    return raised


def _is_blocked(pid: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [pid])
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("writes", [write, import_many])
@pytest.mark.parametrize("shapes", [restrict, move, throw])
def test_a_page_added_while_the_place_changes_stays_with_it(writes, shapes):
    world = World()
    for first, second in ((writes, shapes), (shapes, writes)):
        world.plan = make_article(world.shared, world.admin, "Another plan")
        second_waits_for_first(partial(first, world), partial(second, world))
        assert not find_problems()
        assert "New" not in sees(world.guest)
