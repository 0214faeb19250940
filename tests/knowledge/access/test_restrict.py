"""Restricting a page and lifting it, on the screens."""

from knowledge.access.models import PolicyRoot
from knowledge.access.subjects import key_of
from tests.factories import make_article, root_of, sees, share
from tests.knowledge.access.conftest import fields
from tests.knowledge.access.test_panel import add, address


def manager_of(world):
    """Give somebody who manages the project by grant and is not named in Prices."""
    share(world.shared, world.manager, 4, world.admin)
    return world.manager


def test_restrict_shows_first_who_loses_it(world, sign_in):
    client = sign_in(world.admin)
    where = address(world.plan, "access/restrict")
    page = client.get(where)
    text = page.content.decode()
    # Admin stays; manager, member and Meridian's guest go.
    assert "<b>3 people</b> will no longer see this" in text
    assert '<b class="num">2</b> pages' in text
    assert "Plan" in sees(world.guest)

    with_guest = client.post(where, add(fields(page), "Meridian", level=2))
    assert "<b>2 people</b> will no longer see this" in with_guest.content.decode()
    done = client.post(where, fields(with_guest) | {"do": "save"})
    assert done.status_code == 302
    assert {"Plan", "Detail"} <= sees(world.guest)
    assert not {"Plan", "Detail"} & sees(world.member)
    assert root_of(world.detail).pk == world.plan.pk


def test_an_entry_gives_no_more_than_there_is_above(world, sign_in):
    client = sign_in(world.admin)
    where = address(world.plan, "access/restrict")
    form = fields(client.get(where))
    too_much = client.post(where, add(form, "Meridian", level=4))
    assert too_much.status_code == 422
    assert "at most the level Edit" in too_much.content.decode()
    outside = client.post(where, add(form, "Noord", level=1))
    assert "does not see what is above" in outside.content.decode()


def test_only_who_manages_may_restrict(world, sign_in):
    assert (
        sign_in(world.guest).get(address(world.plan, "access/restrict")).status_code
        == 403
    )
    page = sign_in(world.guest).get(address(world.plan)).content.decode()
    assert "access/restrict" not in page


def test_who_manages_above_decides_without_reading(world, sign_in):
    client = sign_in(manager_of(world))
    assert client.get(f"/{world.prices.slug}/").status_code == 404
    page = client.get(address(world.prices))
    assert page.status_code == 200
    assert world.admin.name in page.content.decode()
    assert "Secret." not in page.content.decode()

    form = add(fields(page), "Milan Manager", level=2)
    pending = client.post(address(world.prices), form)
    client.post(address(world.prices), fields(pending) | {"do": "save"})
    assert "Prices" in sees(world.manager)


def test_below_a_restriction_nothing_exists_for_who_is_not_named(world, sign_in):
    below = make_article(world.prices, world.admin, "Inside")
    assert sign_in(manager_of(world)).get(address(below)).status_code == 404


def test_entries_can_be_taken_away(world, sign_in):
    client = sign_in(world.admin)
    page = client.get(address(world.prices))
    form = fields(page) | {f"{key_of(world.admin)}-remove": "on", "do": "save"}
    assert client.post(address(world.prices), form).status_code == 302
    assert "Prices" not in sees(world.admin)
    assert client.get(address(world.prices)).status_code == 200  # still decides


def test_lift_shows_first_who_gains_it(world, sign_in):
    client = sign_in(world.admin)
    where = address(world.prices, "access/lift")
    text = " ".join(client.get(where).content.decode().split())
    assert "3 more people will see 1 page" in text
    assert "Prices" not in sees(world.guest)
    client.post(where)
    assert "Prices" in sees(world.guest)
    assert not PolicyRoot.objects.filter(pk=world.prices.pk).exists()


def test_lift_needs_manage_and_a_restriction(world, sign_in):
    assert (
        sign_in(world.member).post(address(world.prices, "access/lift")).status_code
        == 404
    )
    assert (
        sign_in(world.admin).post(address(world.shared, "access/lift")).status_code
        == 404
    )
    assert PolicyRoot.objects.filter(pk=world.prices.pk).exists()


def test_a_project_manager_sees_what_is_not_included(world, sign_in):
    client = sign_in(world.admin)
    form = fields(client.get(address(world.shared)))
    page = client.post(address(world.shared), add(form, "Noord")).content.decode()
    assert "Not included" in page
    assert "<strong>Prices</strong>" in page
