"""Audiences, known organisations, reasons, partners."""

import pytest
from django.http import Http404

from accounts.services import (
    add_to_team,
    create_team,
    save_membership,
    set_organisation_status,
)
from knowledge.access.partners import partners_of
from knowledge.access.reasons import explain
from knowledge.access.rule import root_levels
from knowledge.access.selectors import audience, audiences, known_organisations
from knowledge.access.services import restrict_page, set_reach, withdraw_grant
from knowledge.pages.services_structure import trash_page
from tests.factories import (
    fresh,
    in_days,
    make_article,
    make_organisation,
    make_person,
    make_project,
    root_of,
    share,
)


def known(user) -> set[str]:
    return {organisation.name for organisation in known_organisations(fresh(user))}


def shares(user, page) -> list[tuple]:
    found = audience(fresh(user), root_of(page))
    return [(s.organisation.name, int(s.level), s.ends_on) for s in found.shares]


def test_audience_names_organisations_by_whatever_way(world):
    team = create_team(organisation=world.noord, name="Wire", by=None)
    share(world.shared, team, 2, days=20)
    share(world.shared, world.other_guest, 3, days=10)
    share(world.shared, world.team, 4)
    found = audience(fresh(world.guest), root_of(world.shared))
    assert found.owner == world.host
    assert shares(world.guest, world.shared) == [
        ("Meridian", 3, in_days(30)),
        ("Noord", 3, in_days(20)),  # the highest level, the last end
    ]
    assert found.is_shared
    assert found.ends_on == in_days(20)
    assert found.organisations == (world.host, world.meridian, world.noord)


def test_who_belongs_to_the_owner_too_acts_for_the_owner(world):
    save_membership(
        user=world.member,
        organisation=world.noord,
        by=None,
        sponsor=world.admin,
        ends_on=in_days(99),
    )
    share(world.shared, world.member, 3)
    assert [name for name, _level, _end in shares(world.admin, world.shared)] == [
        "Meridian"
    ]


def test_ended_and_suspended_take_no_part(world, time_machine):
    share(world.shared, world.noord, 1, days=60)
    set_organisation_status(organisation=world.noord, status="suspended", by=None)
    assert shares(world.admin, world.shared) == [("Meridian", 3, in_days(30))]
    time_machine.move_to(in_days(31), tick=False)
    assert shares(world.admin, world.shared) == []


def test_audience_of_a_restriction_is_narrowed_by_what_is_above(world):
    share(world.shared, world.noord, 1, days=9)
    entries = {world.admin: 4, world.meridian: 1, world.noord: 3}
    restrict_page(page=world.plan, entries=entries, by=world.admin)
    assert shares(world.admin, world.plan) == [
        ("Meridian", 1, in_days(30)),
        ("Noord", 1, in_days(9)),
    ]
    withdraw_grant(root=root_of(world.shared), subject=world.noord, by=world.admin)
    assert [s[0] for s in shares(world.admin, world.plan)] == ["Meridian"]


def test_audience_of_a_nested_restriction(world):
    restrict_page(
        page=world.plan, entries={world.admin: 4, world.meridian: 2}, by=world.admin
    )
    restrict_page(
        page=world.detail, entries={world.admin: 4, world.meridian: 3}, by=world.admin
    )
    assert shares(world.guest, world.detail) == [("Meridian", 2, in_days(30))]
    withdraw_grant(root=root_of(world.plan), subject=world.meridian, by=world.admin)
    assert shares(world.admin, world.detail) == []


def test_network_reach_counts_as_shared(world):
    assert not audience(fresh(world.member), root_of(world.open)).is_shared
    set_reach(root=root_of(world.open), reach="network", by=world.admin)
    assert audience(fresh(world.other_guest), root_of(world.open)).is_shared


def test_no_audience_of_what_one_may_not_view(world):
    for page in (world.open, world.closed, world.prices):
        with pytest.raises(Http404):
            audience(fresh(world.guest), root_of(page))


def test_audiences_take_two_queries(world, django_assert_max_num_queries):
    for number in range(5):
        project = make_project(world.host, world.admin)
        share(project, world.noord, 1)
        share(project, world.other_guest, 2)
        page = make_article(project, world.admin)
        restrict_page(page=page, entries={world.admin: 4}, by=world.admin)
        assert number < 5
    admin = fresh(world.admin)
    roots = [root_of(page) for page in (world.shared, world.prices, project, page)]
    with django_assert_max_num_queries(3 + 2):
        audiences(admin, roots)


def test_guests_know_whom_they_share_with(world):
    assert known(world.guest) == {"Meridian", "Vaartkade"}
    assert known(world.other_guest) == {"Noord"}
    share(world.shared, world.noord, 1)
    assert (
        known(world.guest)
        == known(world.other_guest)
        == {
            "Meridian",
            "Noord",
            "Vaartkade",
        }
    )


def test_a_restriction_one_is_not_named_in_makes_nobody_known(world):
    share(world.open, world.noord, 1)
    share(world.closed, world.noord, 1)
    assert "Noord" not in known(world.guest)


def test_organisations_are_known_by_teams_and_people(world):
    team = create_team(organisation=world.noord, name="Wire", by=None)
    share(world.shared, team, 1)
    third = make_organisation("Tessel")
    share(world.shared, make_person(organisation=third, sponsor=world.admin), 1)
    assert known(world.guest) == {"Meridian", "Noord", "Tessel", "Vaartkade"}


def test_the_trash_makes_nobody_known(world):
    share(world.shared, world.noord, 1)
    trash_page(page=world.shared, by=fresh(world.admin))
    assert known(world.guest) == {"Meridian"}


def test_known_organisations_take_constant_queries(
    world, django_assert_max_num_queries
):
    for _ in range(5):
        share(world.shared, make_organisation(), 1)
    guest = fresh(world.guest)
    with django_assert_max_num_queries(4):
        assert known_organisations(guest).count() == 7


def texts(user, page) -> list[str]:
    return [reason.text for reason in explain(fresh(user), root_of(page))]


def test_reasons_say_through_what_and_until_when(world):
    (text,) = texts(world.guest, world.shared)
    assert text.startswith("Through the grant to Meridian, given by Anouk Admin, until")
    assert texts(world.member, world.shared) == ["Reach: open inside Vaartkade"]
    share(world.shared, world.team, 3, days=5)
    assert texts(world.member, world.shared)[0].startswith(
        "Through team Quay of Vaartkade"
    )
    assert "Admin of the owner, Vaartkade" in texts(world.admin, world.shared)
    assert "Manager at the owner, Vaartkade" in texts(world.manager, world.shared)


def test_reasons_of_a_restriction(world):
    assert texts(world.admin, world.prices)[-1].startswith(
        "Named in the restriction of “Prices”: Own grant"
    )
    reasons = explain(fresh(world.member), root_of(world.prices))
    assert reasons[-1].level is None
    assert reasons[-1].text == "Not named in the restriction of “Prices”"


def test_reasons_of_nothing(world):
    assert texts(world.other_guest, world.shared) == [
        "Nothing here is shared with this person."
    ]


@pytest.mark.parametrize("name", ["admin", "manager", "member", "guest", "other_guest"])
def test_the_reasons_agree_with_the_rule(world, name):
    team = create_team(organisation=world.noord, name="Wire", by=None)
    add_to_team(team=team, user=world.other_guest, by=None)
    share(world.closed, team, 2)
    user = fresh(getattr(world, name))
    for page in (world.open, world.shared, world.closed):
        best = explain(user, root_of(page))[0].level or 0
        assert root_levels(user).get(page.pk, 0) == best


def test_partners_counts_both_ways(world, sign_in):
    boss = make_person("Nora Boss", world.noord, "admin", sponsor=world.admin)
    theirs = make_project(world.noord, boss, "Theirs")
    share(theirs, world.host, 1, boss, days=7)
    found = partners_of(fresh(world.member))
    counts = {p.organisation.name: (p.by_us, p.with_us) for p in found.partners}
    assert counts == {"Meridian": (1, 0), "Noord": (0, 1)}
    ends = [(e.root.page.title, e.organisation.name, e.is_ours) for e in found.ending]
    assert ends == [("Theirs", "Noord", False), ("Shared", "Meridian", True)]
    page = sign_in(world.member).get("/partners/").content.decode()
    assert "Ending soon" in page
    assert "Closed" not in page


def test_partners_do_not_exist_for_guests(world, sign_in):
    client = sign_in(world.guest)
    hidden, missing = client.get("/partners/"), client.get("/nothing-22222222/")
    assert (hidden.status_code, hidden.content) == (404, missing.content)


def test_partners_take_constant_queries(world, sign_in, django_assert_max_num_queries):
    client = sign_in(world.member)
    client.get("/partners/")
    for _ in range(6):
        share(make_project(world.host, world.admin), make_organisation(), 1)
    with django_assert_max_num_queries(12):
        client.get("/partners/")
