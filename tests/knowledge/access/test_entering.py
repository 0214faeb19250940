"""Who enters the Wagtail admin: authors and operators, nobody else."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.selectors import principals_of
from knowledge.access.backends import ENTER, AuthorBackend, may_enter_admin
from tests.factories import make_person


@pytest.mark.parametrize(
    ("name", "enters"),
    [("admin", True), ("manager", True), ("member", False), ("guest", False)],
)
def test_authors_of_the_host_enter(world, name, enters):
    assert may_enter_admin(getattr(world, name)) is enters


def test_an_admin_of_a_partner_does_not_enter(world):
    boss = make_person("Bo Boss", world.noord, "admin", sponsor=world.admin)
    assert not may_enter_admin(boss)
    assert not may_enter_admin(AnonymousUser())


def test_an_operator_enters_without_any_membership_unless_the_account_is_closed(world):
    operator = make_person("Olga Operator")
    assert not may_enter_admin(operator)
    operator.is_superuser = True
    assert may_enter_admin(operator)
    operator.is_active = False
    assert not may_enter_admin(operator)


def test_what_the_request_knows_of_a_person_is_not_asked_again(
    world, django_assert_num_queries
):
    world.admin.principals = principals_of(world.admin)
    with django_assert_num_queries(0):
        assert may_enter_admin(world.admin)


def test_the_backend_answers_for_entering_and_for_nothing_else(world):
    backend = AuthorBackend()
    assert backend.has_perm(world.admin, ENTER)
    assert not backend.has_perm(world.member, ENTER)
    assert not backend.has_perm(world.admin, "wagtailcore.add_page")
    assert not backend.has_perm(world.admin, ENTER, obj=world.shared)
