"""Who leads an organisation searches all that it owns or was given, by partner."""

import pytest

from knowledge.access.services import withdraw_grant
from search.scope import Within
from tests.factories import make_article, make_person, make_project, root_of, share
from tests.search.asking import WORD, ask, counts, found, keep

NOT_LED = "You do not lead that organisation. This is all you may view."


@pytest.fixture
def network(world, leader, indexed):
    """The host owns *Shared* (with Meridian) and *Open*; Meridian owns *Yard* (with the
    host) and *Inner*; Noord owns *Wide*, open to everybody."""
    yard = make_project(world.meridian, leader, "Yard")
    inner = make_project(world.meridian, leader, "Inner")
    nora = make_person("Nora Leader", world.noord, "admin", sponsor=world.admin)
    wide = make_project(world.noord, nora, "Wide", reach="network")
    share(yard, world.host, 1, leader)
    share(world.shared, world.noord, 1, world.admin)
    for parent, by, title in (
        (world.shared, world.admin, "Shared sand"),
        (world.open, world.admin, "Open sand"),
        (yard, leader, "Yard sand"),
        (inner, leader, "Inner sand"),
        (wide, nora, "Wide sand"),
    ):
        make_article(parent, by, title, body=f"A {WORD}.")
    indexed()
    return world


def inside(organisation, *partners):
    return Within(organisation.public_id, tuple(one.public_id for one in partners))


def test_it_finds_what_the_organisation_owns_and_what_it_was_given(
    network, leader, engine
):
    assert "Wide sand" in found(network.manager)
    own = {"Shared sand", "Open sand", "Yard sand"}
    answer = ask(network.manager, within=inside(network.host))
    assert (answer.engine, answer.total, answer.scope) == (engine, 3, network.host)
    assert found(network.manager, within=inside(network.host)) == own
    own = {"Shared sand", "Yard sand", "Inner sand"}
    assert found(leader, within=inside(network.meridian)) == own


def test_partners_are_counted_and_keep_their_counts_when_one_is_chosen(network, leader):
    expected = {"Meridian": 2, "Noord": 1}
    everything = ask(network.manager, within=inside(network.host))
    assert counts(everything, "partner") == expected
    narrowed = ask(network.manager, within=inside(network.host, network.noord))
    assert counts(narrowed, "partner") == expected
    assert [value.label for value in narrowed.facets["partner"] if value.chosen] == [
        "Noord"
    ]
    assert narrowed.total == 1
    both = inside(network.host, network.noord, network.meridian)
    assert found(network.manager, within=both) == {"Shared sand", "Yard sand"}
    # Of what was given its owner is the partner, and nobody else who was given it.
    assert counts(ask(leader, within=inside(network.meridian)), "partner") == {
        "Vaartkade": 2
    }


def test_a_partner_and_a_project_both_hold(network):
    shared = network.shared.access.public_id
    open_ = network.open.access.public_id
    within = inside(network.host, network.meridian)
    assert found(network.manager, within=within, project=(shared,)) == {"Shared sand"}
    assert found(network.manager, within=within, project=(open_,)) == set()


def test_who_does_not_lead_it_is_told_the_same_as_of_what_is_not_there(network, leader):
    for who, organisation in (
        (network.member, network.host.public_id),
        (network.guest, network.meridian.public_id),
        (network.manager, network.meridian.public_id),
        (network.manager, "zzzzzzzz"),
        (leader, network.host.public_id),
    ):
        answer = ask(who, within=Within(organisation))
        assert NOT_LED in answer.notes
        assert answer.scope is None
        assert "partner" not in answer.facets
        assert answer.total == ask(who).total


def test_what_was_withdrawn_or_is_hidden_is_in_no_count(network, indexed):
    """A manager finds what the rule shows, not what colleagues were named for."""
    lone = make_person(
        "Lone Manager", network.meridian, "manager", sponsor=network.admin
    )
    secret = make_project(network.host, network.admin, "Secret", reach="restricted")
    share(secret, network.guest, 1, network.admin)
    make_article(secret, network.admin, "Secret sand", body=f"A {WORD}.")
    indexed()
    within = inside(network.meridian)
    assert found(lone, within=within) == {"Shared sand", "Yard sand", "Inner sand"}
    withdraw_grant(
        root=root_of(network.shared), subject=network.meridian, by=network.admin
    )
    answer = ask(lone, within=within)
    assert (answer.total, counts(answer, "partner")) == (2, {"Vaartkade": 1})


def test_the_page_offers_it_to_who_leads_keeps_it_and_takes_it_away(
    network, sign_in, engine
):
    client = sign_in(network.manager)
    scope = f"scope={network.host.public_id}"
    label = "What Vaartkade owns or was given"
    page = client.get(f"/search/?q={WORD}").content.decode()
    assert label in page
    assert "With partner" not in page
    assert (
        label not in sign_in(network.member).get(f"/search/?q={WORD}").content.decode()
    )
    partner = f"partner={network.noord.public_id}"
    page = client.get(f"/search/?q={WORD}&{scope}&{partner}").content.decode()
    assert page.count('<li class="hit') == 1
    # Tabs, facets and the saved search are all of the same scope.
    assert page.count(f"{scope}&amp;{partner}") > 4
    data = client.get(f"/search/?q={WORD}&{scope}&format=json").json()
    assert (data["scope"], data["engine"]) == ("Vaartkade", engine)
    assert {v["label"]: v["count"] for v in data["facets"]["partner"]} == {
        "Meridian": 2,
        "Noord": 1,
    }
    table = client.get(f"/search/export.csv?q={WORD}&{scope}").content.decode()
    assert "Yard sand" in table
    assert "Wide sand" not in table
    saved = keep(network.manager, address=f"q={WORD}&{scope}&{partner}")
    assert scope in saved.address
    assert partner in saved.address


def test_it_costs_the_same_however_many_projects_there_are(
    network, leader, sign_in, indexed, django_assert_max_num_queries
):
    for number in range(6):
        share(
            make_project(network.host, network.admin, f"Depth {number}"),
            network.noord,
            1,
            network.admin,
        )
    indexed()
    client = sign_in(network.manager)
    address = f"/search/?q={WORD}&scope={network.host.public_id}&format=json"
    with django_assert_max_num_queries(17):
        assert client.get(address).json()["scope"] == "Vaartkade"
