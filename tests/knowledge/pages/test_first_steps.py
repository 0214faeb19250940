"""What a new user is offered: next steps, ways to share, ways back."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.views.defaults import permission_denied

from tests.factories import make_article, make_project, share


@pytest.fixture
def project(world):
    return make_project(world.host, world.admin, "Brand new")


SHARE = re.compile(r"</svg>\s*Share</a>")
WHO = re.compile(r"</svg>\s*Who can see this</a>")


def shown(client, address):
    return client.get(f"/{address}").content.decode()


def test_an_empty_project_names_the_next_steps(world, sign_in, project):
    body = shown(sign_in(world.admin), f"{project.slug}/")
    assert "Write the first page" in body
    assert f'href="/{project.slug}/new"' in body
    assert "Import" in body
    assert f'href="/{project.slug}/access"' in body
    assert "Share it" in body


def test_an_editor_is_not_offered_to_share_it(world, sign_in, project):
    share(project, world.meridian, 3, world.admin)
    body = shown(sign_in(world.guest), f"{project.slug}/")
    assert "Write the first page" in body
    assert "Share it" not in body


def test_a_reader_of_an_empty_project_is_offered_nothing(world, sign_in, project):
    body = shown(sign_in(world.member), f"{project.slug}/")
    assert "Write the first page" not in body
    assert "This page has no text yet" in body


def test_the_steps_go_with_the_first_page(world, sign_in, project):
    make_article(project, world.admin, "First")
    body = shown(sign_in(world.admin), f"{project.slug}/")
    assert "Write the first page" not in body


def test_a_project_with_a_text_of_its_own_still_names_the_steps(world, sign_in):
    project = make_project(world.host, world.admin, "Told", body="What it is about.")
    body = shown(sign_in(world.admin), f"{project.slug}/")
    assert "What it is about." in body
    assert "Write the first page" in body


def test_share_is_a_button_for_who_may_share(world, sign_in):
    body = shown(sign_in(world.admin), f"{world.shared.slug}/")
    assert SHARE.search(body)
    assert not WHO.search(body)


@pytest.mark.parametrize("name", ["guest", "member"])
def test_others_are_led_to_who_can_see_it(world, sign_in, name):
    body = shown(sign_in(getattr(world, name)), f"{world.shared.slug}/")
    assert not SHARE.search(body)
    assert WHO.search(body)


def test_a_refusal_says_why_and_leads_back(world, sign_in):
    response = sign_in(world.guest).get(f"/{world.plan.slug}/access/restrict")
    assert response.status_code == 403
    body = response.content.decode()
    assert "You have the level Edit here; this needs Manage." in body
    assert f'href="/{world.plan.slug}/"' in body


def test_a_refusal_away_from_pages_leads_home(world, rf):
    request = rf.get("/")
    request.user = world.guest
    body = permission_denied(request, PermissionDenied()).content.decode()
    assert "Your level on this page does not allow it." in body
    assert "Back to the page" not in body
