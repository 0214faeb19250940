"""The start page and the lists."""

import pytest

from knowledge.access.services import withdraw_grant
from knowledge.pages import views
from tests.factories import make_article, make_person, make_project, root_of, share
from tests.knowledge.pages.test_reading import HIDDEN, edit

LISTS = ("/", "/recent/", "/projects/", "/new/", "/trash/")


def cards_of(client, address="/"):
    return [card.page.title for card in client.get(address).context["cards"]]


def test_the_start_page_shows_my_projects_last_changed_first(world, sign_in):
    edit(world.open, world.admin, "Newest")
    assert cards_of(sign_in(world.member)) == ["Open", "Shared"]
    assert cards_of(sign_in(world.guest)) == ["Shared"]


def test_a_card_shows_who_takes_part_and_counts_what_the_reader_sees(world, sign_in):
    card = sign_in(world.guest).get("/").context["cards"][0]
    assert [o.name for o in card.audience.organisations] == ["Vaartkade", "Meridian"]
    assert card.pages == 3
    assert (
        sign_in(world.admin).get("/projects/?q=shared").context["cards"][0].pages == 4
    )


def test_who_has_nothing_is_told_so(world, sign_in):
    page = sign_in(world.other_guest).get("/").content.decode()
    assert "The square is still empty" in page
    assert "Shared" not in page


@pytest.mark.parametrize("action", ["", "edit", "history"])
def test_new_page_leads_below_the_page_at_hand_where_one_may_write(
    world, sign_in, action
):
    link = f'href="/{world.plan.slug}/new"'
    page = sign_in(world.guest).get(f"/{world.plan.slug}/{action}")
    assert page.context["shell"].new_url == f"/{world.plan.slug}/new"
    assert link in page.content.decode()
    if action != "edit":
        reading = sign_in(world.member).get(f"/{world.plan.slug}/{action}")
        assert reading.context["shell"].new_url == "/new/"
        assert link not in reading.content.decode()


def test_new_page_elsewhere_asks_for_a_project_and_keeps_the_title(world, sign_in):
    client = sign_in(world.admin)
    assert client.get("/").context["shell"].new_url == "/new/"
    page = client.get("/new/?title=Berth+plan").content.decode()
    assert f"/{world.open.slug}/new?title=Berth%20plan" in page


def test_the_feed_counts_no_further_than_it_shows(world, sign_in, monkeypatch):
    monkeypatch.setattr(views, "FEED_LIMIT", 2)
    monkeypatch.setattr(views, "FEED_PAGE", 1)
    part = sign_in(world.admin).get("/recent/?page=9").context["part"]
    assert (part.number, part.paginator.num_pages) == (2, 2)
    assert len(part.object_list) == 1


def test_recent_changes_are_filtered(world, sign_in):
    edit(world.plan, world.guest, "By a partner")
    client = sign_in(world.admin)

    def titles(whose):
        found = client.get(f"/recent/?whose={whose}").context["changes"]
        return [change.page.title for change in found]

    assert titles("partners") == ["Plan"]
    assert "Plan" not in titles("mine")
    assert titles("mine")[0] == "Prices"
    assert titles("nonsense") == titles("")
    assert titles("")[0] == "Plan"


def test_the_feed_holds_nothing_hidden(world, sign_in):
    edit(world.prices, world.admin, "Hidden", note="Secret note")
    make_article(world.plan, world.admin, "Draft", publish=False)
    for person in (world.member, world.guest):
        for address in LISTS:
            page = sign_in(person).get(address).content.decode()
            for word in ("Prices", "Secret note", "Draft", "Closed"):
                assert word not in page


@pytest.mark.parametrize("part", ["0", "-1", "x", "9" * 40, "\0", ""])
@pytest.mark.parametrize("address", LISTS)
def test_nonsense_in_an_address_is_no_error(world, sign_in, address, part):
    query = {"page": part, "q": part, "organisation": part, "whose": part}
    assert sign_in(world.member).get(address, query).status_code == 200


def test_projects_are_filtered_by_words_and_owner(world, sign_in):
    project = make_project(world.meridian, world.guest, "Theirs")
    share(project, world.host, 1, world.guest)
    client = sign_in(world.member)
    assert cards_of(client, "/projects/") == ["Open", "Shared", "Theirs"]
    assert cards_of(client, "/projects/?q=OPE") == ["Open"]
    owner = f"/projects/?organisation={world.meridian.public_id}"
    assert cards_of(client, owner) == ["Theirs"]


def test_an_organisation_one_may_not_know_of_does_not_exist(world, sign_in):
    client = sign_in(world.guest)
    own = client.get(f"/organisations/{world.host.public_id}/")
    assert [card.page.title for card in own.context["cards"]] == ["Shared"]
    hidden = client.get(f"/organisations/{world.noord.public_id}/")
    assert hidden.status_code == 404
    assert hidden.content == client.get("/organisations/22222222/").content
    assert hidden.content == client.get(HIDDEN).content


def test_a_filter_does_not_name_hidden_organisations(world, sign_in):
    page = sign_in(world.guest).get("/projects/").content.decode()
    assert "Meridian" in page
    assert "Noord" not in page


def test_a_withdrawal_empties_the_start_page_at_once(world, sign_in):
    client = sign_in(world.guest)
    withdraw_grant(root=root_of(world.shared), subject=world.meridian, by=world.admin)
    assert "Shared" not in client.get("/").content.decode()


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("person", ["member", "guest", "admin"])
def test_a_list_costs_thirteen_queries_at_most(
    world, sign_in, person, address, django_assert_max_num_queries
):
    client = sign_in(getattr(world, person))
    for _round in range(2):
        client.get(address)
        with django_assert_max_num_queries(13):
            client.get(address)
        for number in range(4):
            project = make_project(world.host, world.admin, f"More {number}")
            share(project, world.meridian, 3, world.admin)
            page = make_article(project, world.admin)
            edit(page, make_person(f"N{number}", world.host, "admin"), "x")
