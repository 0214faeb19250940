"""The side table against the tree: what is rebuilt, what the check finds."""

import pytest
from wagtail.models import Page

from accounts.services import create_team
from knowledge.access.models import GroupGrant, PageAccess, PolicyRoot, Trash
from knowledge.access.roots import (
    Problem,
    add_page,
    create_project_root,
    find_problems,
    policy_root_for,
    public_id_of,
    put_in_trash,
    rebuild_subtree,
    take_from_trash,
)
from knowledge.access.services import restrict_page, save_restriction_entry
from knowledge.pages.models import ArticlePage
from tests.factories import in_days, make_article, make_project, root_of, share


@pytest.fixture
def nested(world):
    """In the restricted Prices: Inner, restricted too, and Leaf below it."""
    world.inner = make_article(world.prices, world.admin, "Inner")
    world.leaf = make_article(world.inner, world.admin, "Leaf")
    restrict_page(page=world.inner, entries={world.admin: 4}, by=world.admin)
    return world


def hangs_on() -> dict[int, tuple[int, str]]:
    rows = PageAccess.objects.values_list("page_id", "root_id", "public_id")
    return {page: (root, public_id) for page, root, public_id in rows}


def again(page) -> Page:
    return Page.objects.get(pk=page.pk)


def test_the_nearest_root_decides(nested):
    assert policy_root_for(nested.leaf).pk == nested.inner.pk
    assert policy_root_for(nested.prices).pk == nested.prices.pk
    assert policy_root_for(nested.detail).pk == nested.shared.pk
    assert policy_root_for(nested.shared.get_parent()) is None


def test_rebuilding_writes_the_same_rows_and_counts_them(nested):
    before = hangs_on()
    PageAccess.objects.filter(page=nested.leaf).delete()
    assert rebuild_subtree(again(nested.shared)) == 6
    assert hangs_on() == before
    assert rebuild_subtree(Page.objects.get(depth=1)) == len(before) == 8
    assert hangs_on() == before
    assert before[nested.leaf.pk] == (nested.inner.pk, nested.leaf.slug[-8:])
    assert public_id_of(nested.leaf) == nested.leaf.slug[-8:]


def test_rebuilding_one_page_leaves_its_neighbours_alone(nested):
    PageAccess.objects.filter(page=nested.detail).update(public_id="zzzzzzzz")
    assert rebuild_subtree(again(nested.prices)) == 3
    assert hangs_on()[nested.detail.pk][1] == "zzzzzzzz"


def test_rebuilding_leaves_trash_without_rows_and_tells_it_its_root(nested):
    trash = put_in_trash(page=again(nested.inner), by=nested.admin)
    assert (trash.root_id, trash.page_count) == (nested.inner.pk, 2)
    assert trash.trashed_by == nested.admin
    Trash.objects.update(root=nested.open.pk)
    assert rebuild_subtree(again(nested.shared)) == 4
    assert Trash.objects.get().root_id == nested.inner.pk
    assert nested.leaf.pk not in hangs_on()
    assert take_from_trash(trash=Trash.objects.get()) == 2
    assert hangs_on()[nested.leaf.pk][0] == nested.inner.pk
    assert not Trash.objects.exists()


def test_a_page_outside_every_project_gets_no_row(nested):
    top = nested.shared.get_parent()
    loose = top.add_child(instance=ArticlePage(title="Loose", slug="loose-22222222"))
    assert add_page(loose) is None
    assert rebuild_subtree(again(loose)) == 0
    assert loose.pk not in hangs_on()
    assert find_problems() == []


def test_a_new_page_hangs_on_the_nearest_root(nested):
    new = again(nested.leaf).add_child(
        instance=ArticlePage(title="New", slug="new-23456789")
    )
    row = add_page(new)
    assert (row.root_id, row.public_id) == (nested.inner.pk, "23456789")


def test_a_project_is_its_own_root_with_an_owner_and_a_known_reach(nested):
    page = nested.shared.add_child(
        instance=ArticlePage(title="Sub", slug="sub-22222222")
    )
    root = create_project_root(page=page, owner=nested.noord, reach="network")
    assert (root.kind, root.owner, root.reach) == ("project", nested.noord, "network")
    assert (root.parent, root.project) == (None, None)
    assert hangs_on()[page.pk] == (page.pk, "22222222")
    other = nested.shared.add_child(
        instance=ArticlePage(title="Bad", slug="bad-22222223")
    )
    with pytest.raises(Exception, match="planet"):
        create_project_root(page=other, owner=nested.noord, reach="planet")
    assert not PolicyRoot.objects.filter(pk=other.pk).exists()


# --- What moves along --------------------------------------------------------------------


def move(page, target) -> None:
    """Move in the tree and rebuild, as the service for pages does."""
    again(page).move(again(target), "last-child")
    rebuild_subtree(again(page))


def narrows(page) -> tuple:
    root = PolicyRoot.objects.get(pk=page.pk)
    return root.parent_id, root.project_id, root.owner


def test_restrictions_are_told_what_they_narrow_after_a_move(nested):
    move(nested.prices, nested.open)
    assert narrows(nested.prices) == (nested.open.pk, nested.open.pk, nested.host)
    assert narrows(nested.inner) == (nested.prices.pk, nested.open.pk, nested.host)
    move(nested.inner, nested.plan)
    assert narrows(nested.inner) == (nested.shared.pk, nested.shared.pk, nested.host)
    move(nested.inner, nested.prices)
    assert narrows(nested.inner) == (nested.prices.pk, nested.open.pk, nested.host)
    assert find_problems() == []


def test_a_restriction_that_comes_to_another_owner_gives_nothing_without_end(nested):
    theirs = make_project(nested.noord, nested.other_guest, "Theirs")
    prices = root_of(nested.prices)
    crew = create_team(organisation=nested.noord, name="Crew", by=None)
    share(nested.shared, nested.noord, 1, days=70)
    share(nested.shared, crew, 1, days=71)
    for subject in (nested.host, nested.team, nested.meridian, nested.noord, crew):
        save_restriction_entry(root=prices, subject=subject, level=1, by=nested.admin)
    share(theirs, nested.host, 1, days=12)
    share(theirs, nested.meridian, 1, days=13)
    move(nested.prices, theirs)
    assert narrows(nested.prices) == (theirs.pk, theirs.pk, nested.noord)
    ends = dict(
        GroupGrant.objects.filter(content_object=prices.pk).values_list(
            "group_id", "ends_on"
        )
    )
    assert ends == {
        # Endless before; now until the end of the grant on the project,
        nested.host.group_id: in_days(12),
        # and gone where there is none: the team. What had an end keeps it.
        nested.meridian.group_id: in_days(30),
        nested.noord.group_id: in_days(70),
        crew.group_id: in_days(71),
    }
    assert find_problems() == []


def test_endless_entries_of_the_owner_itself_stay_endless(nested):
    prices = root_of(nested.prices)
    for subject in (nested.host, nested.team):
        save_restriction_entry(root=prices, subject=subject, level=1, by=nested.admin)
    move(nested.prices, nested.open)
    PolicyRoot.objects.filter(pk=nested.prices.pk).update(project=nested.shared.pk)
    rebuild_subtree(again(nested.prices))
    kept = GroupGrant.objects.filter(content_object=prices.pk, ends_on=None)
    assert kept.count() == 2


# --- The check -------------------------------------------------------------------------


def test_a_sound_tree_has_no_problems(nested):
    assert find_problems() == []


@pytest.mark.parametrize(
    ("page", "facts", "text"),
    [
        ("leaf", {"root_id": 0}, "root is {wrong}, should be {inner}"),
        ("leaf", {"public_id": "zzzzzzzz"}, "public id zzzzzzzz is not in slug {slug}"),
    ],
)
def test_a_wrong_row_is_found_with_what_it_should_be(nested, page, facts, text):
    wrong = nested.open.pk
    facts = {k: v or wrong for k, v in facts.items()}
    PageAccess.objects.filter(page=nested.leaf).update(**facts)
    text = text.format(wrong=wrong, inner=nested.inner.pk, slug=nested.leaf.slug)
    assert find_problems() == [Problem(nested.leaf.pk, text)]


def test_a_missing_row_and_one_too_many_are_found(nested):
    PageAccess.objects.filter(page=nested.detail).delete()
    (found,) = find_problems()
    assert found.page_id == nested.detail.pk
    assert found.text == f"root is None, should be {nested.shared.pk}"
    PageAccess.objects.create(
        page=again(nested.detail), root=root_of(nested.shared), public_id="22222222"
    )
    put_in_trash(page=again(nested.leaf), by=nested.admin)
    PageAccess.objects.create(
        page=again(nested.leaf), root=root_of(nested.inner), public_id="22222223"
    )
    texts = {(problem.page_id, problem.text) for problem in find_problems()}
    too_many = f"root is {nested.inner.pk}, should be None"
    assert (nested.leaf.pk, too_many) in texts


@pytest.mark.parametrize("field", ["parent", "project", "owner"])
def test_a_restriction_with_a_wrong_fact_is_found(nested, field):
    wrong = nested.noord.pk if field == "owner" else nested.open.pk
    PolicyRoot.objects.filter(pk=nested.inner.pk).update(**{f"{field}_id": wrong})
    said = "has another owner" if field == "owner" else "narrows the wrong root"
    assert find_problems() == [Problem(nested.inner.pk, f"restriction {said}")]


def test_trash_that_hangs_on_another_root_is_found(nested):
    put_in_trash(page=again(nested.leaf), by=nested.admin)
    assert find_problems() == []
    Trash.objects.update(root=nested.prices.pk)
    text = "trash hangs on the wrong root"
    assert find_problems() == [Problem(nested.leaf.pk, text)]


def test_a_page_whose_parent_is_missing_is_found(nested):
    gap = f"{nested.leaf.path[:-4]}ZZZZ{nested.leaf.path[-4:]}"
    Page.objects.filter(pk=nested.leaf.pk).update(path=gap)
    assert find_problems() == [Problem(nested.leaf.pk, "the page above it is missing")]
