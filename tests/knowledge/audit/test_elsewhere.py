"""An organisation never reads where else its people belong, nor what they do there."""

import re

import pytest
from django.urls import reverse

from accounts.models import Membership, Organisation, User
from accounts.services import (
    save_profile,
    set_membership_suspended,
    set_organisation_status,
)
from knowledge.access.models import PolicyRoot
from knowledge.access.services import withdraw_grant
from knowledge.pages.services_structure import move_page, restore_page, trash_page
from tests.factories import (
    fresh,
    in_days,
    join,
    make_article,
    make_organisation,
    make_person,
    make_project,
    root_of,
    share,
)
from tests.oracle.crawl import TOKENS

VIEW, EDIT, MANAGE = 1, 3, 4


@pytest.fixture
def first(world) -> Organisation:
    """Give the first of two organisations of Xaver, by its name and by its age."""
    return make_organisation("Aardig")


@pytest.fixture
def head(world, first) -> User:
    """An admin of it."""
    return make_person("Hanna Head", first, Membership.Role.ADMIN, sponsor=world.admin)


@pytest.fixture
def both(world, first) -> User:
    person = make_person("Xaver Both", first, sponsor=world.admin)
    return join(person, world.noord, world.admin)


def suspend(person: User, organisation: Organisation, by: User | None) -> None:
    found = person.memberships.get(organisation=organisation)
    set_membership_suspended(membership=found, suspended=True, by=by)


def words(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_who_was_suspended_signs_in_elsewhere_unseen(
    world, log, sign_in, first, head, both
):
    suspend(both, first, head)
    before = len(log(head, first))
    sign_in(both)
    save_profile(user=fresh(both), name="Xaver Both", language="nl", by=fresh(both))
    assert len(log(head, first)) == before
    address = reverse("organisation_log", args=[first.public_id])
    assert "Noord" not in words(sign_in(head).get(address))


def test_the_other_organisation_reads_the_sign_in_and_not_of_the_first(
    world, log, rival, sign_in, first, both
):
    for one in (world.noord, first):
        share(world.shared, one, VIEW, world.admin)
    suspend(both, first, None)
    sign_in(both)
    newest = log(rival, world.noord)[0]
    assert (newest.by.person, newest.by.organisation) == (both, world.noord)


def test_a_sign_in_while_the_organisation_was_suspended_stays_unseen(
    world, log, sign_in, first, head, both
):
    status = Organisation.Status
    set_organisation_status(organisation=first, status=status.SUSPENDED, by=world.admin)
    sign_in(both)
    set_organisation_status(organisation=first, status=status.ACTIVE, by=world.admin)
    assert "Xaver Both" not in [entry.about for entry in log(head, first)][:2]


@pytest.mark.parametrize("end", ["suspended", "ended"])
@pytest.mark.parametrize("where", ["organisation_people", "membership"])
def test_the_last_sign_in_is_not_shown_once_the_door_is_closed(
    world, sign_in, first, head, both, end, where
):
    if end == "suspended":
        suspend(both, first, head)
    else:
        found = Membership.objects.filter(user=both, organisation=first)
        found.update(ends_on=in_days(-3))
    arguments = [first.public_id, both.public_id]
    address = reverse(where, args=arguments[: 1 + (where == "membership")])
    client = sign_in(head)
    before = TOKENS.sub("", client.get(address).content.decode())
    sign_in(both)
    assert TOKENS.sub("", client.get(address).content.decode()) == before


def test_the_log_names_the_organisation_that_takes_part(
    world, log, boss, sign_in, first, both
):
    """Not the first one of who did it, which the owner does not know."""
    project = make_project(world.meridian, boss, "Theirs")
    share(project, world.noord, EDIT, boss)
    page = make_article(project, fresh(boss), "Page")
    restore_page(trash=trash_page(page=page, by=both), by=fresh(both))
    acts = log(boss, world.meridian)[:2]
    assert [entry.by.organisation for entry in acts] == [world.noord] * 2
    address = reverse("organisation_log", args=[world.meridian.public_id])
    assert "Aardig" not in words(sign_in(boss).get(address))


def test_what_somebody_does_for_another_organisation_is_not_in_the_log(
    world, log, first, head, both
):
    net = make_project(world.host, world.admin, "Net", reach=PolicyRoot.Reach.NETWORK)
    pages = [make_article(net, world.admin, title) for title in ("One", "Two")]
    share(net, world.noord, EDIT, world.admin)
    before = len(log(head, first))
    move_page(page=pages[0], target=pages[1], by=both)
    assert len(log(head, first)) == before


def test_something_given_to_a_person_is_not_told_to_who_suspended_that_person(
    world, log, first, head, both
):
    suspend(both, first, head)
    before = len(log(head, first))
    share(world.shared, both, EDIT, world.admin)
    assert len(log(head, first)) == before


@pytest.mark.parametrize("end", ["membership", "organisation"])
def test_the_list_of_who_has_access_names_no_organisation_that_is_closed(
    world, sign_in, first, both, end
):
    if end == "membership":
        suspend(both, first, None)
    else:
        set_organisation_status(
            organisation=first, status=Organisation.Status.SUSPENDED, by=world.admin
        )
    share(world.shared, world.meridian, MANAGE, world.admin)
    share(world.shared, both, EDIT, world.admin)
    shown = words(sign_in(world.guest).get(f"/{world.shared.slug}/access"))
    assert "Xaver" in shown
    assert "Aardig" not in shown


def test_who_deletes_an_outer_project_is_no_name_to_the_owner_of_an_inner_one(
    world, log, rival
):
    outer = make_project(world.host, world.admin, "Outer")
    share(outer, world.noord, MANAGE, world.admin)
    make_project(world.noord, fresh(world.other_guest), "Inner", parent=outer)
    withdraw_grant(root=root_of(outer), subject=world.noord, by=world.admin)
    share(outer, world.meridian, MANAGE, world.admin)
    trash_page(page=outer, by=fresh(world.guest))
    newest = log(rival, world.noord)[0]
    assert newest.about == "Inner"
    assert (newest.by.person, newest.by.organisation) == (None, None)
    assert newest.details == ()


def test_who_manages_reads_no_giver_of_an_organisation_that_is_unknown(world, sign_in):
    share(world.shared, world.noord, MANAGE, world.admin)
    share(world.shared, world.member, EDIT, fresh(world.other_guest))
    withdraw_grant(root=root_of(world.shared), subject=world.noord, by=world.admin)
    share(world.shared, world.meridian, MANAGE, world.admin)
    address = f"/{world.shared.slug}/access?person=Eva Member"
    name = world.other_guest.name
    shown = words(sign_in(world.guest).get(address))
    assert "Eva Member" in shown
    assert "Grant by somebody you do not know" in shown
    assert name not in shown
    # The owner's people know who gave.
    assert f"Grant by {name}" in words(sign_in(world.admin).get(address))
