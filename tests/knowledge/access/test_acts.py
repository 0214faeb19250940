"""What one may do, act by act, and what one is told: the edges of the rule."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404
from wagtail.models import Page

from accounts.models import User
from knowledge.access.models import PageAccess, PolicyRoot, Trash
from knowledge.access.rule import (
    ACTIONS,
    allowed_actions,
    decide,
    decide_on_root,
    forget,
    get_visible_or_404,
    may_manage_restriction,
    require,
    root_levels,
    standing,
    visible_to,
    visible_with,
)
from knowledge.access.services import may_change_reach, restrict_page
from tests.factories import (
    fresh,
    make_article,
    make_person,
    share,
)

VIEWS = {"view"}
COMMENTS = VIEWS | {"comment"}
EDITS = COMMENTS | {"edit", "create", "upload", "drafts", "move", "delete"}
MANAGES = EDITS | {"share", "restrict"}


def titles(pages) -> set[str]:
    return {page.title for page in pages}


@pytest.fixture
def operator(world):
    operator = make_person("Olga Operator")
    User.objects.filter(pk=operator.pk).update(is_superuser=True)
    return fresh(operator)


@pytest.mark.parametrize(
    ("level", "acts"), [(1, VIEWS), (2, COMMENTS), (3, EDITS), (4, MANAGES)]
)
def test_a_level_opens_its_acts_and_those_below(world, level, acts):
    share(world.closed, world.noord, level)
    guest = fresh(world.other_guest)
    root, page = world.closed.pk, Page.objects.get(pk=world.closed.pk)
    assert allowed_actions(guest, root) == acts
    assert {act for act in ACTIONS if decide(guest, act, page)} == acts
    mine = {act for act in ACTIONS if visible_with(guest, Page.objects.all(), act)}
    assert mine == acts
    assert allowed_actions(guest, world.open.pk) == frozenset()


def test_refusals_say_what_one_has_and_what_it_needs(world):
    guest, root = fresh(world.guest), world.shared.pk
    assert decide_on_root(guest, "view", root).reason == "You have the level Edit here."
    refused = decide_on_root(guest, "share", root)
    assert not refused.allowed
    assert refused.reason == "You have the level Edit here; this needs Manage."
    hidden = decide_on_root(guest, "view", world.closed.pk)
    assert (hidden.allowed, hidden.reason) == (False, "This page does not exist.")
    assert decide(guest, "view", world.closed) == hidden


def test_a_page_that_hangs_nowhere_does_not_exist_for_anybody(world, operator):
    PageAccess.objects.filter(page=world.plan).delete()
    for user in (operator, fresh(world.admin)):
        assert decide(user, "view", world.plan).reason == "This page does not exist."
        assert "Plan" not in titles(visible_to(user, Page.objects.all()))


def test_drafts_are_for_editors_also_when_the_object_at_hand_says_otherwise(world):
    draft = make_article(world.shared, world.admin, "Draft", publish=False)
    draft.live = True
    share(world.shared, world.noord, 2)
    viewer, editor = fresh(world.other_guest), fresh(world.guest)
    assert decide(viewer, "view", draft).reason == "This page does not exist."
    assert decide(editor, "view", draft)
    pages = Page.objects.all()
    assert "Draft" not in titles(visible_to(viewer, pages))
    assert "Draft" in titles(visible_to(editor, pages))
    with pytest.raises(Http404):
        require(viewer, "comment", draft)


def test_what_hangs_on_a_page_follows_it(world):
    draft = make_article(world.shared, world.admin, "Draft", publish=False)
    rows = PageAccess.objects.all()

    def through(found) -> set[int]:
        return {row.page_id for row in found}

    shared = {world.shared.pk, world.plan.pk, world.detail.pk}
    guest, member = fresh(world.guest), fresh(world.member)
    assert through(visible_to(guest, rows, through="page__")) == {*shared, draft.pk}
    assert through(visible_to(member, rows, through="page__")) == {
        *shared,
        world.open.pk,
    }
    editable = visible_with(guest, rows, "edit", through="page__")
    assert through(editable) == {*shared, draft.pk}
    assert not visible_with(member, rows, "edit", through="page__")
    found = get_visible_or_404(guest, rows, through="page__", page_id=draft.pk)
    assert found.page_id == draft.pk
    for hidden in (world.open.pk, world.prices.pk, 0):
        with pytest.raises(Http404):
            get_visible_or_404(guest, rows, through="page__", page_id=hidden)


def test_requiring_tells_missing_from_forbidden(world):
    guest = fresh(world.guest)
    require(guest, "edit", world.plan)
    with pytest.raises(PermissionDenied, match="this needs Manage"):
        require(guest, "share", world.plan)
    for act in ("view", "share"):
        with pytest.raises(Http404):
            require(guest, act, world.prices)


def test_an_operator_sees_everything_and_each_view_is_recorded(world, operator):
    roots = set(PolicyRoot.objects.values_list("pk", flat=True))
    own = standing(operator)
    assert own.superuser
    assert dict(root_levels(operator)) == dict.fromkeys(roots, 4)
    assert own.managed == roots
    answer = decide_on_root(operator, "share", world.closed.pk)
    assert answer
    assert answer.reason == "Operators see everything; each view is recorded."
    assert may_change_reach(operator, PolicyRoot.objects.get(pk=world.closed.pk))
    operator.is_active = False
    forget(operator)
    assert root_levels(operator) == {}


def test_who_belongs_nowhere_sees_nothing_and_is_no_operator(world):
    for user in (AnonymousUser(), make_person("Nora Nowhere")):
        share(world.open, world.noord, 1)
        own = standing(user)
        assert (dict(own.levels), own.managed, own.superuser) == (
            {},
            frozenset(),
            False,
        )


def test_forgetting_drops_all_that_the_request_knew(world):
    guest = fresh(world.guest)
    standing(guest)
    guest.principals = "kept by the request"
    forget(guest)
    assert not {"_standing", "principals"} & vars(guest).keys()
    forget(guest)


def test_restrictions_are_known_to_who_manages_what_they_narrow(world):
    inner = make_article(world.prices, world.admin, "Inner")
    restrict_page(page=inner, entries={world.admin: 4}, by=world.admin)
    outer_root = PolicyRoot.objects.get(pk=world.prices.pk)
    inner_root = PolicyRoot.objects.get(pk=inner.pk)
    share(world.shared, world.manager, 4)
    manager, admin = fresh(world.manager), fresh(world.admin)
    # Manages the project, not the restriction: knows the outer one only.
    assert standing(manager).managed == {outer_root.pk}
    assert standing(admin).managed == {outer_root.pk, inner_root.pk}
    assert may_manage_restriction(manager, outer_root)
    assert not may_manage_restriction(manager, inner_root)
    assert not standing(fresh(world.guest)).managed
    assert world.prices.pk not in root_levels(manager)


def test_the_best_entry_in_a_restriction_counts(world):
    share(world.shared, world.member, 4)
    restrict_page(
        page=world.plan,
        entries={world.team: 1, world.member: 3, world.host: 2, world.admin: 1},
        by=world.admin,
    )
    assert root_levels(fresh(world.member))[world.plan.pk] == 3
    assert root_levels(fresh(world.manager))[world.plan.pk] == 1
    assert root_levels(fresh(world.admin))[world.plan.pk] == 2
    assert world.plan.pk not in root_levels(fresh(world.guest))
    assert not Trash.objects.exists()
