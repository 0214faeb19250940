"""People by name, beside what was found of pages and files."""

from django.utils.html import escape

from accounts.models import User
from accounts.services import set_person_active
from search.engines.base import Choices
from search.query import parse_query
from search.selectors import find
from tests.factories import make_article, make_person
from tests.search.asking import ask


def named(user: User, text: str, page: int = 1) -> list[str]:
    """Name the people found, in a new request."""
    fresh = User.objects.get(pk=user.pk)
    answer = find(
        fresh, parse_query(text), Choices(), page=page, size=10, of_people=True
    )
    return [one.person.name for one in answer.people]


def test_employees_find_everybody_by_any_part_of_a_name(world, indexed):
    indexed()
    assert named(world.member, "nad") == ["Nadia Guest"]
    assert named(world.member, "guest nadia") == ["Nadia Guest"]
    assert named(world.member, "nadia jelle") == []
    assert ask(world.member, "admin").people_total == 1


def test_guests_find_their_colleagues_and_nobody_else(world, indexed):
    make_person("Nora Colleague", world.meridian, sponsor=world.admin)
    indexed()
    assert named(world.guest, "no") == ["Nora Colleague"]
    assert named(world.guest, "anouk") == named(world.guest, "nowhere") == []
    assert ask(world.guest, "anouk").people_total == 0
    assert named(world.other_guest, "nora") == []


def test_who_was_suspended_is_not_found(world, indexed):
    indexed()
    set_person_active(user=world.guest, active=False, by=world.admin)
    assert named(world.admin, "nadia") == []


def test_filters_and_nothing_find_nobody(world, indexed):
    indexed()
    for text in ("type:page", "nadia type:page", "-nadia", '"', "*"):
        assert named(world.admin, text) == [], text


def test_people_are_paged_and_counted(world, indexed, client):
    for number in range(12):
        make_person(f"Quinn {number:02}", world.host)
    indexed()
    assert named(world.admin, "quinn", page=2) == ["Quinn 10", "Quinn 11"]
    client.force_login(world.admin)
    page = client.get("/search/?q=quinn&tab=people").content.decode()
    assert page.count('<span class="who-name">Quinn') == 10
    assert escape("?q=quinn&tab=people&page=2") in page
    data = client.get("/search/?q=quinn&tab=people&format=json").json()
    assert (data["people_total"], len(data["people"])) == (12, 10)
    assert data["people"][0] == {"name": "Quinn 00", "organisations": ["Vaartkade"]}


def test_organisations_of_people_are_shown_as_far_as_they_are_known(world, indexed):
    indexed()
    fresh = User.objects.get(pk=world.member.pk)
    answer = find(
        fresh, parse_query("jelle"), Choices(), page=1, size=10, of_people=True
    )
    # Noord takes part in nothing that a member of the host sees.
    assert [one.organisations for one in answer.people] == [()]


def test_the_tab_leads_to_what_somebody_changed(world, indexed, client):
    make_article(world.open, world.admin, "Written")
    indexed()
    client.force_login(world.admin)
    data = client.get('/search/?q=author:"Anouk Admin" type:page&format=json').json()
    assert "Written" in {hit["title"] for hit in data["hits"]}
    page = client.get("/search/?q=anouk&tab=people").content.decode()
    assert "?q=author%3A%22Anouk%20Admin%22" in page
