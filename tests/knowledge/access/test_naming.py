"""Whom one may name, and how a name is understood."""

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Membership, TeamMembership
from accounts.services import (
    add_to_team,
    create_team,
    save_membership,
    set_organisation_status,
)
from knowledge.access.models import UserGrant
from knowledge.access.subjects import (
    find_person,
    find_subject,
    get_subjects,
    key_of,
    nameable_organisations,
    nameable_people,
    nameable_teams,
    organisation_of,
    people_through,
)
from tests.factories import (
    fresh,
    in_days,
    make_organisation,
    make_person,
    make_project,
    share,
)


def names(queryset) -> set[str]:
    return {found.name for found in queryset}


@pytest.fixture
def boss(world):
    """Manages *Theirs*, a project of Noord."""
    boss = make_person("Nora Boss", world.noord, "admin", sponsor=world.admin)
    world.theirs = make_project(world.noord, boss, "Theirs")
    return fresh(boss)


def test_employees_name_every_active_organisation_team_and_person(world):
    create_team(organisation=world.noord, name="Wire", by=None)
    gone = make_person("Gone", world.meridian, sponsor=world.admin)
    Membership.objects.filter(user=gone).update(ends_on=in_days(-1))
    me = fresh(world.member)
    assert names(nameable_organisations(me)) == {"Vaartkade", "Meridian", "Noord"}
    assert names(nameable_teams(me)) == {"Quay", "Wire"}
    everybody = names(nameable_people(me))
    assert {"Nadia Guest", "Jelle Other", "Eva Member"} <= everybody
    assert "Gone" not in everybody
    set_organisation_status(organisation=world.noord, status="suspended", by=None)
    assert names(nameable_organisations(me)) == {"Vaartkade", "Meridian"}
    assert names(nameable_teams(me)) == {"Quay"}
    assert "Jelle Other" not in names(nameable_people(me))


def test_guests_name_whom_they_know_their_teams_and_their_colleagues(world, boss):
    create_team(organisation=world.noord, name="Wire", by=None)
    assert names(nameable_organisations(boss)) == {"Noord"}
    assert names(nameable_teams(boss)) == {"Wire"}
    assert names(nameable_people(boss)) == {"Nora Boss", "Jelle Other"}


def test_guests_also_name_who_was_named_in_what_they_manage(world, boss):
    share(world.theirs, world.guest, 1)
    assert "Nadia Guest" in names(nameable_people(boss))
    # Who only views a project learns no names by that.
    assert "Nadia Guest" not in names(nameable_people(fresh(world.other_guest)))
    UserGrant.objects.filter(user=world.guest).update(ends_on=in_days(-1))
    assert "Nadia Guest" not in names(nameable_people(fresh(boss)))


def test_an_operator_names_everybody(world):
    operator = make_person("Olga Operator", world.noord, sponsor=world.admin)
    operator.is_superuser = True
    assert "Eva Member" in names(nameable_people(operator))
    assert "Quay" in names(nameable_teams(operator))


def test_keys_give_what_one_may_name_and_nothing_else(world, boss):
    team = create_team(organisation=world.noord, name="Wire", by=None)
    mine = [world.noord, team, boss]
    foreign = [world.meridian, world.team, world.guest]
    assert [key_of(subject)[0] for subject in mine] == ["o", "t", "p"]
    keys = [key_of(subject) for subject in mine + foreign]
    assert get_subjects(boss, keys) == {key_of(subject): subject for subject in mine}
    assert get_subjects(fresh(world.admin), keys).keys() == set(keys)
    # A key of one kind is not one of another with the same id.
    swapped = [f"t-{world.noord.public_id}", f"o-{team.public_id}", "x-1", ""]
    assert get_subjects(boss, swapped) == {}


def test_only_the_kinds_that_are_asked_for_are_read(world, django_assert_num_queries):
    admin = fresh(world.admin)
    nameable_people(admin)
    with django_assert_num_queries(1):
        get_subjects(admin, [key_of(world.noord)])


# --- For which organisation --------------------------------------------------------


def test_a_subject_concerns_its_organisation(world):
    assert organisation_of(world.noord, world.host) == world.noord
    assert organisation_of(world.team, world.noord) == world.host
    assert organisation_of(world.guest, world.host) == world.meridian
    assert organisation_of(make_person("Nora Nowhere"), world.host) is None


def test_somebody_in_several_organisations_acts_for_the_owner_else_for_the_first(world):
    both = make_person("Both", world.noord, sponsor=world.admin)
    for organisation in (world.meridian, make_organisation("Abel")):
        save_membership(
            user=both, organisation=organisation, by=None, sponsor=world.admin,
            ends_on=in_days(9),
        )  # fmt: skip
    both = fresh(both)
    assert organisation_of(both, world.noord) == world.noord
    assert organisation_of(both, world.host).name == "Abel"
    Membership.objects.filter(user=both).exclude(organisation=world.noord).update(
        ends_on=in_days(-1)
    )
    assert organisation_of(fresh(both), world.meridian) == world.noord


# --- Understanding a name ------------------------------------------------------------


def test_the_very_name_goes_before_parts_and_organisations_before_people(world):
    admin = fresh(world.admin)
    part = make_person("Noord Pool", world.host)
    assert find_subject(admin, " noord ") == world.noord
    assert find_subject(admin, "QUAY") == world.team
    assert find_subject(admin, "pool") == part
    assert find_subject(admin, "Noord Pool") == part
    with pytest.raises(ValidationError, match="Several match “noor”: Noord, "):
        find_subject(admin, "noor")
    # People are told apart by address.
    make_person("Noord Pool", world.host)
    with pytest.raises(ValidationError, match=part.email):
        find_subject(admin, "noord pool")


def test_an_address_finds_one_person_and_never_a_part_of_it(world):
    admin = fresh(world.admin)
    assert find_subject(admin, world.guest.email.upper()) == world.guest
    assert find_person(admin, f" {world.guest.email} ") == world.guest
    for text in ("@example.com", world.guest.email[1:]):
        with pytest.raises(ValidationError, match="You know nobody called"):
            find_subject(admin, text)
        with pytest.raises(ValidationError, match="You know nobody called"):
            find_person(admin, text)


def test_a_person_is_found_by_name_and_a_team_is_none(world):
    admin = fresh(world.admin)
    assert find_person(admin, "nadia guest") == world.guest
    assert find_person(admin, "nadia") == world.guest
    for text in ("Quay", "Noord", "", "  "):
        with pytest.raises(ValidationError, match="You know nobody called"):
            find_person(admin, text)


def test_of_many_matches_five_are_named(world):
    for number in range(7):
        make_person(f"Twin {number}", world.host)
    with pytest.raises(ValidationError) as raised:
        find_person(fresh(world.admin), "twin")
    assert raised.value.messages[0].count("@example.com") == 5
    assert "“twin”" in raised.value.messages[0]


# --- Who acts through whom --------------------------------------------------------------


def test_people_act_through_organisations_teams_and_themselves_while_they_belong(world):
    outsider = world.other_guest
    add_to_team(team=world.team, user=world.manager, by=None)
    TeamMembership.objects.create(team=world.team, user=outsider)
    subjects = [world.host, world.team, world.meridian, world.guest, outsider]
    admin, manager, member = world.admin.pk, world.manager.pk, world.member.pk
    assert people_through(subjects) == {
        key_of(world.host): {admin, manager, member},
        key_of(world.team): {manager, member},
        key_of(world.meridian): {world.guest.pk},
        key_of(world.guest): {world.guest.pk},
        key_of(outsider): {outsider.pk},
    }
    Membership.objects.filter(user__in=[world.member, world.guest]).update(
        ends_on=in_days(-1)
    )
    found = people_through(iter(subjects))
    assert found[key_of(world.team)] == {manager}
    assert found[key_of(world.guest)] == found[key_of(world.meridian)] == set()


def test_only_the_kinds_there_are_cost_a_query(world, django_assert_num_queries):
    with django_assert_num_queries(1):
        people_through([world.noord, world.host])
    with django_assert_num_queries(0):
        assert people_through([]) == {}
