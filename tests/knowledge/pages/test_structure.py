"""Moving, deleting, the trash."""

import pytest
from wagtail.models import Page

from knowledge.access.roots import find_problems
from knowledge.pages.models import ArticlePage
from tests.factories import make_article, make_project, sees, share
from tests.knowledge.pages.test_reading import HIDDEN


def id_of(page):
    return page.slug[-8:]


def test_a_move_inside_a_project_needs_edit_and_keeps_the_address(world, sign_in):
    other = make_article(world.shared, world.admin, "Other")
    client = sign_in(world.guest)
    plan = client.get(f"/{world.detail.slug}/move?target={id_of(other)}")
    assert "The same people read it as before" in plan.content.decode()
    response = client.post(f"/{world.detail.slug}/move", {"target": id_of(other)})
    assert response["Location"] == f"/{world.detail.slug}/"
    moved = ArticlePage.objects.get(pk=world.detail.pk)
    assert moved.get_parent().pk == other.pk
    assert find_problems() == []


def test_a_move_names_who_gains_and_loses_sight(world, sign_in):
    noord = make_project(world.host, world.admin, "With Noord")
    share(noord, world.noord, 2, world.admin)
    response = sign_in(world.admin).get(
        f"/{world.plan.slug}/move?target={id_of(noord)}"
    )
    planned = response.context["planned"]
    assert [o.name for o in planned.gains] == ["Noord"]
    assert [o.name for o in planned.loses] == ["Meridian"]
    assert planned.pages == 2
    assert planned.allowed


def test_a_move_to_other_readers_needs_manage(world, sign_in):
    theirs = make_project(world.meridian, world.guest, "Theirs")
    client = sign_in(world.guest)
    address = f"/{world.plan.slug}/move"
    assert (
        "level Manage"
        in client.get(f"{address}?target={id_of(theirs)}").content.decode()
    )
    response = client.post(address, {"target": id_of(theirs)})
    assert response.status_code == 422
    assert "Theirs" not in sees(world.admin)
    assert "Plan" in sees(world.admin)


def test_targets_are_only_pages_one_may_write_below(world, sign_in):
    client = sign_in(world.guest)
    page = client.get(f"/{world.detail.slug}/move")
    titles = {target.title for target in page.context["targets"]}
    assert titles == {"Shared", "Plan"}
    found = client.get(
        f"/{world.detail.slug}/move?q=PLA", headers={"HX-Request": "true"}
    )
    assert "<html" not in found.content.decode()
    assert [t.title for t in found.context["targets"]] == ["Plan"]


@pytest.mark.parametrize("target", ["", "x", "22222222", "\0", "9" * 300])
def test_a_target_that_makes_no_sense_moves_nothing(world, sign_in, target):
    client = sign_in(world.guest)
    response = client.post(f"/{world.detail.slug}/move", {"target": target})
    assert response.status_code == 200
    assert ArticlePage.objects.get(pk=world.detail.pk).get_parent().pk == world.plan.pk


def test_a_hidden_target_is_like_none(world, sign_in):
    client = sign_in(world.guest)
    address = f"/{world.detail.slug}/move?target="
    hidden = client.get(address + id_of(world.closed))
    assert hidden.context["planned"] is None
    assert "Closed" not in hidden.content.decode()


def test_a_page_does_not_go_below_itself(world, sign_in):
    client = sign_in(world.admin)
    client.post(f"/{world.plan.slug}/move", {"target": id_of(world.detail)})
    assert ArticlePage.objects.get(pk=world.plan.pk).get_parent().pk == world.shared.pk


def test_a_project_is_not_moved(world, sign_in):
    assert sign_in(world.admin).get(f"/{world.shared.slug}/move").status_code == 403


def test_deleting_names_what_it_hits_and_can_be_undone(world, sign_in):
    client = sign_in(world.guest)
    asked = client.get(f"/{world.plan.slug}/delete").content.decode()
    assert "Delete 2 pages" in asked
    done = client.post(f"/{world.plan.slug}/delete", follow=True)
    assert done.redirect_chain[0][0] == f"/{world.shared.slug}/"
    assert f'href="/trash/{world.plan.slug}/restore"' in done.content.decode()
    assert client.get(f"/{world.plan.slug}/").status_code == 404
    assert client.get(f"/{world.detail.slug}/").status_code == 404
    back = client.post(f"/trash/{world.plan.slug}/restore")
    assert back["Location"] == f"/{world.plan.slug}/"
    assert client.get(f"/{world.detail.slug}/").status_code == 200
    assert find_problems() == []


def test_deleting_counts_only_what_the_reader_sees(world, sign_in):
    share(world.closed, world.meridian, 4, world.admin)
    asked = sign_in(world.guest).get(f"/{world.plan.slug}/delete").content.decode()
    assert "Delete 2 pages" in asked
    hidden = make_article(world.plan, world.admin, "Hidden")
    Page.objects.filter(pk=hidden.pk).update(live=False)
    viewer = sign_in(world.member).get(f"/{world.plan.slug}/delete")
    assert viewer.status_code == 403


def test_the_trash_shows_what_one_may_restore(world, sign_in):
    sign_in(world.admin).post(f"/{world.plan.slug}/delete")
    sign_in(world.admin).post(f"/{world.prices.slug}/delete")
    titles = [e.page.title for e in sign_in(world.guest).get("/trash/").context["part"]]
    assert titles == ["Plan"]
    assert not sign_in(world.member).get("/trash/").context["part"].object_list


def test_an_entry_of_the_trash_is_hidden_like_a_missing_one(world, sign_in):
    sign_in(world.admin).post(f"/{world.prices.slug}/delete")
    client = sign_in(world.guest)
    missing = client.get(HIDDEN)
    for method in (client.get, client.post):
        response = method(f"/trash/{world.prices.slug}/restore")
        assert response.status_code == 404
        assert response.content == missing.content


def test_a_page_is_restored_after_the_one_above_it(world, sign_in):
    client = sign_in(world.guest)
    client.post(f"/{world.detail.slug}/delete")
    client.post(f"/{world.plan.slug}/delete")
    refused = client.post(f"/trash/{world.detail.slug}/restore", follow=True)
    assert "Restore the page above it first" in refused.content.decode()
    client.post(f"/trash/{world.plan.slug}/restore")
    client.post(f"/trash/{world.detail.slug}/restore")
    assert client.get(f"/{world.detail.slug}/").status_code == 200


def test_projects_inside_a_deleted_one_move_up_whoever_sees_them(world, sign_in):
    """A refusal would tell who deletes of one that is hidden from them."""
    inner = make_project(
        world.host, world.admin, "Inner", parent=world.open, reach="restricted"
    )
    make_article(inner, world.admin, "Inside")
    deepest = make_project(world.host, world.admin, "Deepest", parent=inner)
    share(world.open, world.member, 4, world.admin)
    client = sign_in(world.member)
    address = f"/{world.open.slug}/delete"
    asked = client.get(address)
    assert asked.context["count"] == 1
    assert "Inner" not in asked.content.decode()
    told = client.post(address, follow=True).content.decode()
    assert "is in the trash" in told
    assert "Inner" not in told
    assert client.get(f"/{world.open.slug}/").status_code == 404
    for page in (inner, deepest):
        assert sign_in(world.admin).get(f"/{page.slug}/").status_code == 200
    moved = Page.objects.get(pk=inner.pk)
    assert moved.get_parent() == Page.objects.get(pk=world.open.pk).get_parent()
    assert Page.objects.get(pk=deepest.pk).get_parent() == moved
    assert find_problems() == []
    client.post(f"/trash/{world.open.slug}/restore")
    assert client.get(f"/{world.open.slug}/").status_code == 200
    assert find_problems() == []


def test_a_target_says_in_which_project_and_below_what(world, sign_in):
    make_article(world.open, world.admin, "Detail")
    found = sign_in(world.admin).get(f"/{world.plan.slug}/move?q=detail")
    assert [t.above for t in found.context["targets"]] == [("Open",)]
    below = make_article(world.detail, world.admin, "Twig")
    found = sign_in(world.admin).get(f"/{below.slug}/move?q=detail")
    places = {t.above for t in found.context["targets"]}
    assert places == {("Open",), ("Shared", "Plan")}
    assert (
        "Shared \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} Plan"
        in found.content.decode()
    )


def test_the_path_of_a_target_names_no_page_that_is_hidden(world, sign_in):
    inner = make_project(world.host, world.admin, "Inner", parent=world.closed)
    share(inner, world.meridian, 3, world.admin)
    make_article(inner, world.admin, "Twig")
    found = sign_in(world.guest).get(f"/{world.detail.slug}/move?q=twig")
    assert [t.above for t in found.context["targets"]] == [("Inner",)]
    assert "Closed" not in found.content.decode()
