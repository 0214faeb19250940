"""With whom something is shared, why one sees it, who signed: in full and to the day."""

import pytest
from django.http import Http404

from accounts.models import Membership, User
from accounts.services import create_team, save_membership, set_organisation_status
from knowledge.access.models import GroupGrant, PageAccess, PolicyRoot, UserGrant
from knowledge.access.partners import partners_of
from knowledge.access.reasons import day, explain
from knowledge.access.selectors import (
    Audience,
    audience,
    audiences,
    find_place,
    highest_level,
    known_ids,
    known_organisations,
)
from knowledge.access.services import restrict_page, save_restriction_entry, set_reach
from knowledge.access.signatures import Signature, sign
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


def shares(user, page) -> list[tuple]:
    found = audience(fresh(user), root_of(page))
    return [(s.organisation.name, int(s.level), s.ends_on) for s in found.shares]


def known(user) -> set[str]:
    return {organisation.name for organisation in known_organisations(fresh(user))}


# --- A page by its address ------------------------------------------------------------


def test_a_place_is_found_by_the_id_at_the_end_of_an_address(world):
    member = fresh(world.member)
    for address in (world.plan.slug, f"whatever-{world.plan.slug[-8:]}"):
        place = find_place(member, address)
        assert place.page.pk == world.plan.pk
        assert place.root.pk == world.shared.pk
        assert (place.may_read, place.is_root) == (True, False)
    assert find_place(member, world.shared.slug).is_root
    for hidden in (world.prices.slug, world.closed.slug, "nothing-22222222", "x"):
        with pytest.raises(Http404):
            find_place(member, hidden)


def test_a_restriction_is_a_place_without_its_text_for_who_manages_above(world):
    share(world.shared, world.manager, 4)
    place = find_place(fresh(world.manager), world.prices.slug)
    assert (place.page.pk, place.may_read, place.is_root) == (
        world.prices.pk,
        False,
        True,
    )
    assert find_place(fresh(world.admin), world.prices.slug).may_read


# --- Audiences --------------------------------------------------------------------------


def test_of_several_ways_in_the_higher_level_and_the_later_end_count(world):
    team = create_team(organisation=world.noord, name="Wire", by=None)
    share(world.shared, world.noord, 2, days=20)
    share(world.shared, team, 1, days=40)
    share(world.shared, world.other_guest, 3, days=10)
    assert shares(world.admin, world.shared) == [
        ("Meridian", 3, in_days(30)), ("Noord", 3, in_days(40))
    ]  # fmt: skip


def test_somebody_without_any_organisation_today_takes_no_part(world):
    share(world.shared, world.other_guest, 1)
    Membership.objects.filter(user=world.other_guest).update(ends_on=in_days(-1))
    assert [name for name, _level, _end in shares(world.admin, world.shared)] == [
        "Meridian"
    ]
    assert known(world.guest) == {"Meridian", "Vaartkade"}


def test_an_entry_is_narrowed_to_the_lower_level_and_the_earlier_end(world):
    share(world.shared, world.noord, 1, days=50)
    root = restrict_page(
        page=world.plan,
        entries={world.admin: 4, world.meridian: 2, world.noord: 4, world.host: 1},
        by=world.admin,
    )
    GroupGrant.objects.filter(content_object=root, group=world.noord.group).update(
        ends_on=in_days(6)
    )
    assert shares(world.admin, world.plan) == [
        ("Meridian", 2, in_days(30)), ("Noord", 1, in_days(6))
    ]  # fmt: skip
    GroupGrant.objects.filter(content_object=root, group=world.noord.group).update(
        ends_on=in_days(60)
    )
    assert shares(world.admin, world.plan)[1] == ("Noord", 1, in_days(50))


def test_below_a_project_open_to_all_an_entry_of_anybody_holds(world):
    set_reach(root=root_of(world.shared), reach="network", by=None)
    root = root_of(world.prices)
    share(world.prices, world.noord, 3, days=8)
    assert shares(world.admin, world.prices) == [("Noord", 1, in_days(8))]
    share(world.prices, world.meridian, 4, days=8)
    assert shares(world.admin, world.prices)[0] == ("Meridian", 3, in_days(8))
    assert PolicyRoot.objects.get(pk=root.pk).parent.reach == "network"


def test_audiences_of_many_roots_are_those_of_each(world):
    share(world.open, world.noord, 2)
    restrict_page(page=world.plan, entries={world.meridian: 1}, by=world.admin)
    admin = fresh(world.admin)
    roots = [root_of(p) for p in (world.open, world.shared, world.closed, world.prices)]
    together = audiences(admin, iter(roots))
    assert together == {root.pk: audience(admin, root) for root in roots}
    assert together[world.closed.pk] == Audience(world.host, "restricted")
    guest = fresh(world.guest)
    with pytest.raises(Http404):
        audiences(guest, [root_of(world.shared), root_of(world.closed)])


def test_who_manages_above_sees_the_audience_of_what_it_does_not_read(world):
    share(world.shared, world.manager, 4)
    assert shares(world.manager, world.prices) == []


def test_an_audience_ends_with_the_first_share_and_counts_reach_as_sharing(world):
    found = audience(fresh(world.admin), root_of(world.closed))
    assert (found.is_shared, found.ends_on, found.organisations) == (
        False, None, (world.host,)
    )  # fmt: skip
    share(world.closed, world.meridian, 1, days=9)
    share(world.closed, world.noord, 1, days=4)
    found = audience(fresh(world.admin), root_of(world.closed))
    assert (found.is_shared, found.ends_on) == (True, in_days(4))
    assert found.reach == "restricted"


def test_the_highest_level_of_an_organisation(world):
    shared, prices = root_of(world.shared), root_of(world.prices)
    assert highest_level(shared, world.host) == 4
    assert highest_level(shared, world.meridian) == 3
    assert highest_level(shared, world.noord) == 0
    # In a restriction the owner has what was given to it, like anybody.
    assert highest_level(prices, world.host) == 4
    UserGrant.objects.filter(content_object=prices).update(
        permission=GroupGrant.objects.get(group=world.meridian.group).permission
    )
    assert highest_level(prices, world.host) == 3
    assert highest_level(prices, world.meridian) == 0
    save_restriction_entry(root=prices, subject=world.meridian, level=2, by=world.admin)
    assert highest_level(prices, world.meridian) == 2
    network = set_reach(root=shared, reach="network", by=None)
    assert highest_level(network, world.noord) == 1
    assert highest_level(network, world.meridian) == 3


def test_somebody_of_two_organisations_brings_the_first_by_name_unless_one_owns(world):
    both = make_person("Both", world.noord, sponsor=world.admin)
    save_membership(
        user=both, organisation=make_organisation("Abel"), by=None,
        sponsor=world.admin, ends_on=in_days(50),
    )  # fmt: skip
    share(world.shared, both, 1)
    assert [name for name, _l, _e in shares(world.admin, world.shared)] == [
        "Abel", "Meridian"
    ]  # fmt: skip
    theirs = make_project(world.noord, both, "Theirs")
    share(theirs, both, 2)
    assert shares(both, theirs) == []


# --- Whom one knows ----------------------------------------------------------------------


def test_an_operator_knows_every_active_organisation(world):
    operator = make_person("Olga Operator")
    operator.is_superuser = True
    names = {organisation.name for organisation in known_organisations(operator)}
    assert names == {"Vaartkade", "Meridian", "Noord"}
    set_organisation_status(organisation=world.noord, status="suspended", by=None)
    assert known_organisations(operator).count() == 2
    share(world.shared, world.meridian, 1)
    assert known_ids(fresh(world.guest)) == {world.meridian.pk, world.host.pk}


def test_an_ended_grant_makes_nobody_known(world):
    share(world.shared, world.noord, 1)
    share(world.shared, make_person(organisation=make_organisation("Tessel")), 1)
    assert known(world.guest) == {"Meridian", "Vaartkade", "Noord", "Tessel"}
    partners = GroupGrant.objects.exclude(group=world.meridian.group)
    partners.update(ends_on=in_days(-1))
    UserGrant.objects.exclude(ends_on=None).update(ends_on=in_days(-1))
    assert known(world.guest) == {"Meridian", "Vaartkade"}


# --- Who signed -----------------------------------------------------------------------


def signed(reader, person, organisation, owner, known=()) -> bool:
    found = sign(
        fresh(reader), person=person, organisation=organisation, owner_id=owner.pk,
        known=known,
    )  # fmt: skip
    assert found in (Signature(person, organisation), Signature())
    return found == Signature(person, organisation)


def test_a_signature_is_read_by_owners_by_oneself_and_by_who_knows_the_other(world):
    author, noord = world.other_guest, world.noord
    assert signed(world.member, author, noord, world.host)
    assert not signed(world.guest, author, noord, world.host)
    assert signed(world.guest, author, noord, world.host, known=[noord.pk])
    assert not signed(world.guest, author, noord, world.host, known=[world.host.pk])
    assert signed(author, author, None, world.host)
    assert not signed(world.guest, author, None, world.host, known=[noord.pk])
    operator = make_person("Olga Operator")
    User.objects.filter(pk=operator.pk).update(is_superuser=True)
    assert signed(operator, author, noord, world.host)
    assert not signed(world.guest, None, noord, world.host)


# --- Why ---------------------------------------------------------------------------------


def why(user, page) -> list[tuple]:
    found = explain(fresh(user), root_of(page))
    return [(reason.level, reason.text, reason.ends_on) for reason in found]


def test_every_way_in_is_a_reason_the_highest_first(world):
    share(world.shared, world.team, 3, world.manager, days=5)
    share(world.shared, world.member, 2, days=6)
    team = f"Through team Quay of Vaartkade, given by Milan Manager, until {day(in_days(5))}"
    assert why(world.member, world.shared) == [
        (3, team, in_days(5)),
        (2, f"Own grant, until {day(in_days(6))}", in_days(6)),
        (1, "Reach: open inside Vaartkade", None),
    ]
    assert why(world.manager, world.closed) == [
        (1, "Manager at the owner, Vaartkade", None)
    ]
    assert why(world.admin, world.closed) == [
        (4, "Admin of the owner, Vaartkade", None),
        (4, "Own grant, given by Anouk Admin", None),
    ]
    set_reach(root=root_of(world.open), reach="network", by=None)
    assert why(world.guest, world.open) == [
        (1, "Reach: open to the whole network", None)
    ]
    assert why(world.member, world.open) == [
        (1, "Reach: open to the whole network", None)
    ]


def test_a_restriction_says_what_it_leaves_of_what_is_above(world):
    prices = root_of(world.prices)
    for subject, level in ((world.meridian, 1), (world.guest, 2)):
        save_restriction_entry(
            root=prices, subject=subject, level=level, by=world.admin
        )
    until = day(in_days(30))
    given = f"given by Anouk Admin, until {until}"
    own = f"Named in the restriction of “Prices”: Own grant, {given}"
    assert why(world.guest, world.prices) == [
        (3, f"Through the grant to Meridian, {given}", in_days(30)),
        (2, own, in_days(30)),
    ]
    assert why(world.manager, world.prices)[-1] == (
        None, "Not named in the restriction of “Prices”", None
    )  # fmt: skip
    draft = make_article(world.shared, world.admin, "Secret plan", publish=False)
    restrict_page(page=draft, entries={world.admin: 4}, by=world.admin)
    assert why(world.member, draft)[-1][1] == (
        "Not named in the restriction of “Unpublished page”"
    )


def test_nobody_has_a_reason_where_the_person_or_the_owner_is_not_active(world):
    closed = [(None, "The person or the owner is not active here.", None)]
    assert why(make_person("Nora Nowhere"), world.open) == closed
    operator = make_person("Olga Operator")
    User.objects.filter(pk=operator.pk).update(is_superuser=True)
    everything = [(4, "Operators see everything; each view is recorded.", None)]
    assert why(operator, world.prices) == everything
    set_organisation_status(organisation=world.host, status="suspended", by=None)
    assert why(world.guest, world.shared) == closed
    assert why(operator, world.prices) == everything


# --- Partners ------------------------------------------------------------------------------


def test_partners_are_counted_by_project_and_what_ends_soon_is_told_in_order(world):
    boss = make_person("Nora Boss", world.noord, "admin", sponsor=world.admin)
    theirs = make_project(world.noord, boss, "Theirs", reach="network")
    share(theirs, world.host, 1, days=60)
    share(theirs, world.meridian, 1, days=2)
    share(world.shared, world.noord, 1, days=61)
    share(world.open, world.noord, 1, days=60)
    share(world.closed, world.noord, 1, days=1)
    share(world.shared, world.meridian, 3, days=59)
    found = partners_of(fresh(world.member))
    partners = {p.organisation.name: p for p in found.partners}
    assert {name: (p.by_us, p.with_us) for name, p in partners.items()} == {
        "Meridian": (1, 0), "Noord": (2, 1)
    }  # fmt: skip
    assert partners["Noord"].ends_on == in_days(60)
    assert partners["Meridian"].ends_on == in_days(59)
    told = [
        (e.root.page.title, e.organisation.name, e.ends_on, e.is_ours)
        for e in found.ending
    ]
    assert told == [
        ("Shared", "Meridian", in_days(59), True),
        ("Open", "Noord", in_days(60), True),
        ("Theirs", "Noord", in_days(60), False),
    ]
    assert PageAccess.objects.count() == 7


def test_who_belongs_to_both_sides_has_no_partner_in_the_other(world):
    save_membership(
        user=world.member, organisation=world.noord, by=None, sponsor=world.admin,
        ends_on=in_days(50),
    )  # fmt: skip
    share(world.open, world.noord, 1)
    found = partners_of(fresh(world.member))
    assert [partner.organisation.name for partner in found.partners] == ["Meridian"]
    assert [ending.organisation.name for ending in found.ending] == ["Meridian"]
