"""The list of the trash: who finds it, what it says, and what it keeps to itself."""

import pytest
from django.utils import timezone

from knowledge.access.services import withdraw_grant
from knowledge.pages.services_structure import trash_page
from tests.factories import make_article, make_project, root_of, share


@pytest.fixture
def gone(world):
    """A page of the shared project that its owner's admin deleted."""
    page = make_article(world.plan, world.admin, "Thrown away")
    trash_page(page=page, by=world.admin)
    return page


def trash_link(project):
    return f'href="/trash/?project={project.slug}"'


@pytest.mark.parametrize("name", ["shared", "plan"])
def test_the_tree_leads_to_the_trash_of_the_project(world, sign_in, name):
    page = getattr(world, name)
    body = sign_in(world.guest).get(f"/{page.slug}/").content.decode()
    assert trash_link(world.shared) in body


def test_who_may_not_restore_finds_no_link(world, sign_in):
    body = sign_in(world.member).get(f"/{world.shared.slug}/").content.decode()
    assert "/trash/" not in body


def test_a_level_on_a_restriction_alone_gives_no_link(world, sign_in):
    """Only the level on the project counts: its trash is what the link opens."""
    share(world.shared, world.member, 1, world.admin)
    body = sign_in(world.member).get(f"/{world.plan.slug}/").content.decode()
    assert "/trash/" not in body


def test_the_list_says_who_deleted_it_and_when(world, sign_in, gone):
    body = sign_in(world.admin).get("/trash/").content.decode()
    assert "Thrown away" in body
    assert "Anouk Admin" in body
    when = timezone.localtime(gone.trash.trashed_at)
    assert f'datetime="{when:%Y-%m-%d}' in body


def test_a_partner_reads_names_only_of_organisations_it_may_know(world, sign_in):
    share(world.shared, world.noord, 3, world.admin)
    page = make_article(world.plan, world.admin, "Wave log")
    trash_page(page=page, by=world.other_guest)
    mine = make_article(world.plan, world.admin, "By Nadia")
    trash_page(page=mine, by=world.guest)
    client = sign_in(world.guest)
    assert "Jelle Other" in client.get("/trash/").content.decode()
    withdraw_grant(root=root_of(world.shared), subject=world.noord, by=world.admin)
    body = client.get("/trash/").content.decode()
    assert "Wave log" in body
    assert "Jelle Other" not in body
    assert "Noord</" not in body
    assert "Nadia Guest" in body


def test_the_list_of_one_project_holds_nothing_else(world, sign_in, gone):
    other = make_article(world.open, world.admin, "Elsewhere")
    trash_page(page=other, by=world.admin)
    response = sign_in(world.admin).get(f"/trash/?project={world.shared.slug}")
    body = response.content.decode()
    assert "Thrown away" in body
    assert "Elsewhere" not in body


def test_the_list_of_one_project_holds_its_restrictions(world, sign_in):
    page = make_article(world.prices, world.admin, "Old price")
    trash_page(page=page, by=world.admin)
    response = sign_in(world.admin).get(f"/trash/?project={world.shared.slug}")
    assert "Old price" in response.content.decode()


@pytest.mark.parametrize("address", ["closed", "nothing-aaaaaaaa", "\0", "x" * 300])
def test_a_hidden_project_is_like_none(world, sign_in, address):
    if hasattr(world, address):
        address = getattr(world, address).slug
    response = sign_in(world.guest).get("/trash/", {"project": address})
    assert response.status_code == 404


def test_an_empty_trash_says_so(world, sign_in):
    make_project(world.meridian, world.guest, "Theirs")
    body = sign_in(world.guest).get("/trash/").content.decode()
    assert "The trash is empty" in body
