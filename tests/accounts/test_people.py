"""The people pages: who sees them, what they change, and what they never show."""

import pytest
from django.test import Client

from accounts.invitations import invite
from accounts.models import Membership, Organisation, User
from accounts.services import add_to_team, create_team, set_organisation_status
from tests.accounts.conftest import is_signed_in
from tests.factories import in_days, make_person

Role = Membership.Role


def people(organisation: Organisation, rest: str = "") -> str:
    return f"/organisation/{organisation.public_id}/people/{rest}"


def sees(client: Client, address: str) -> bool:
    status = client.get(address).status_code
    assert status in (200, 404)
    return status == 200


@pytest.mark.parametrize("list_", ["people", "teams", "invitations"])
def test_lists_are_for_who_leads_the_organisation_or_the_host(
    list_, come_in, admin, manager, member, guest, partner_admin, host, meridian
):
    def seen_by(user: User) -> list[bool]:
        client = come_in(user)
        return [
            sees(client, f"/organisation/{organisation.public_id}/{list_}/")
            for organisation in (host, meridian)
        ]

    # Every employee of the host may sponsor a guest, so may open that one form.
    sponsors = list_ == "invitations"
    assert seen_by(admin) == [True, True]
    assert seen_by(manager) == [True, sponsors]
    assert seen_by(member) == [False, sponsors]
    assert seen_by(guest) == [False, False]
    assert seen_by(partner_admin) == [False, True]


def test_hidden_and_unknown_organisations_answer_with_the_same_bytes(
    come_in, guest, host
):
    client = come_in(guest)
    hidden = client.get(people(host))
    unknown = client.get("/organisation/zzzzzzzz/people/")
    assert hidden.status_code == unknown.status_code == 404
    assert hidden.content == unknown.content


def test_unknown_people_teams_and_invitations_are_missing(come_in, admin, guest, host):
    client = come_in(admin)
    base = f"/organisation/{host.public_id}"
    assert client.get(people(host, f"{guest.public_id}/")).status_code == 404
    assert client.get(f"{base}/teams/zzzzzzzz/").status_code == 404
    for action in ("again", "withdraw"):
        address = f"{base}/invitations/zzzzzzzz/{action}"
        assert client.post(address).status_code == 404


def test_the_index_leads_home_or_shows_a_choice_or_nothing(
    come_in, admin, partner_admin, member, meridian, noord
):
    assert come_in(partner_admin).get("/people/")["Location"] == people(meridian)
    listed = come_in(admin).get("/people/").content.decode()
    assert "Meridian" in listed
    assert "Noord" in listed
    assert come_in(member).get("/people/").status_code == 404


def test_the_list_costs_the_same_however_many_there_are(
    come_in, admin, host, django_assert_max_num_queries
):
    for _number in range(60):
        make_person("", host)
    client = come_in(admin)
    with django_assert_max_num_queries(12):
        page = client.get(people(host)).content.decode()
    assert "?page=2" in page


def test_an_admin_changes_a_role(come_in, admin, member, host):
    address = people(host, f"{member.public_id}/")
    response = come_in(admin).post(address, {"role": "manager", "ends_on": ""})
    assert response.status_code == 302
    assert member.memberships.get().role == Role.MANAGER


def test_a_guest_keeps_the_sponsor_and_must_keep_an_end(
    come_in, partner_admin, guest, admin, meridian
):
    client = come_in(partner_admin)
    address = people(meridian, f"{guest.public_id}/")
    assert client.post(address, {"role": "member", "ends_on": ""}).status_code == 200
    past = {"role": "member", "ends_on": in_days(-1)}
    assert client.post(address, past).status_code == 200
    client.post(address, {"role": "manager", "ends_on": in_days(5)})
    membership = guest.memberships.get()
    assert (membership.role, membership.sponsor) == (Role.MANAGER, admin)
    assert membership.ends_on == in_days(5)


def test_managers_look_but_give_no_roles(come_in, manager, member, host):
    client = come_in(manager)
    address = people(host, f"{member.public_id}/")
    assert sees(client, address)
    assert client.post(address, {"role": "admin"}).status_code == 403
    assert client.post(f"{address}end").status_code == 403
    for act in ("suspend", "close"):
        assert client.post(f"{address}{act}", {"active": "no"}).status_code == 403
    assert member.memberships.get().role == Role.MEMBER


def test_nobody_changes_their_own_membership(come_in, admin, host):
    address = people(host, f"{admin.public_id}/")
    client = come_in(admin)
    assert client.post(address, {"role": "member"}).status_code == 403
    assert client.post(f"{address}end").status_code == 403
    for act in ("suspend", "close"):
        assert client.post(f"{address}{act}", {"active": "no"}).status_code == 403
    assert is_signed_in(client)


def test_a_partner_with_an_admin_rules_itself(
    come_in, admin, guest, partner_admin, meridian
):
    client = come_in(admin)
    address = people(meridian, f"{guest.public_id}/")
    data = {"role": "admin", "ends_on": in_days(9)}
    assert client.post(address, data).status_code == 403
    invitation = {"email": "new@example.com", "role": "admin", "ends_on": in_days(9)}
    client.post(f"/organisation/{meridian.public_id}/invitations/", invitation)
    assert not meridian.invitations.exists()


def test_ending_asks_once_and_can_be_undone_with_teams(come_in, admin, member, host):
    team = create_team(organisation=host, name="Quay", by=admin)
    add_to_team(team=team, user=member, by=admin)
    client, membership = come_in(admin), member.memberships.get()
    address = people(host, f"{member.public_id}/end")
    assert member.name in client.get(address).content.decode()
    assert member.memberships.exists()
    member_client = come_in(member)
    client.post(address)
    assert not member.memberships.exists()
    assert not is_signed_in(member_client)
    assert people(host, "undo") in client.get(people(host)).content.decode()
    client.post(people(host, "undo"))
    restored = member.memberships.get()
    assert (restored.role, restored.ends_on) == (membership.role, membership.ends_on)
    assert list(member.teams.all()) == [team]
    assert client.post(people(host, "undo")).status_code == 404


@pytest.mark.parametrize("act", ["suspend", "close"])
def test_suspending_and_reactivating_a_person(come_in, admin, member, host, act):
    client, address = come_in(admin), people(host, f"{member.public_id}/{act}")
    assert sees(client, address)
    client.post(address, {"active": "no"})
    assert not is_signed_in(come_in(member))
    assert "Suspended" in client.get(people(host)).content.decode()
    client.post(address, {"active": "yes"})
    member.refresh_from_db()
    assert is_signed_in(come_in(member))


def test_teams_are_made_filled_and_emptied_by_managers(
    come_in, manager, member, guest, host
):
    client, base = come_in(manager), f"/organisation/{host.public_id}/teams/"
    address = client.post(base, {"name": "Quay"})["Location"]
    assert client.post(base, {"name": "quay"}).status_code == 200
    client.post(address, {"person": member.public_id})
    assert client.post(address, {"person": guest.public_id}).status_code == 200
    team = host.teams.get()
    assert list(team.members.all()) == [member]
    assert guest.name not in client.get(address).content.decode()
    client.post(f"{address}remove", {"person": member.public_id})
    assert not team.members.exists()


def test_an_employee_sponsors_a_guest_and_sees_only_own_invitations(
    come_in, member, admin, meridian
):
    invite(
        email="other@example.com",
        organisation=meridian,
        by=admin,
        membership_ends_on=in_days(9),
    )
    client, base = come_in(member), f"/organisation/{meridian.public_id}/invitations/"
    data = {"email": "new@example.com", "role": "member", "ends_on": in_days(9)}
    assert client.post(base, data | {"role": "admin"}).status_code == 200
    assert client.post(base, data | {"ends_on": ""}).status_code == 200
    assert client.post(base, data).status_code == 302
    page = client.get(base).content.decode()
    assert "new@example.com" in page
    assert "other@example.com" not in page
    other = meridian.invitations.get(email="other@example.com")
    assert client.post(f"{base}{other.public_id}/withdraw").status_code == 404
    own = meridian.invitations.get(email="new@example.com")
    client.post(f"{base}{own.public_id}/again")
    assert meridian.invitations.filter(withdrawn_at=None).count() == 2
    newest = meridian.invitations.filter(email=own.email, withdrawn_at=None).get()
    client.post(f"{base}{newest.public_id}/withdraw")
    assert "new@example.com" not in client.get(base).content.decode().split("<h2>")[1]


def test_an_admin_of_the_host_founds_a_partner_and_its_first_admin(
    come_in, admin, host
):
    client = come_in(admin)
    data = {"name": "Deltaworks", "initials": "dw"}
    shown = client.post("/organisations/new", data | {"look": ""}).content.decode()
    assert "DW" in shown
    assert not Organisation.objects.filter(name="Deltaworks").exists()
    address = client.post("/organisations/new", data)["Location"]
    founded = Organisation.objects.get(name="Deltaworks")
    assert founded.initials == "DW"
    assert client.post("/organisations/new", data).status_code == 200
    first = {"email": "first@example.com", "role": "admin", "ends_on": in_days(99)}
    client.post(address, first)
    assert founded.invitations.get().role == Role.ADMIN


def test_others_do_not_found_or_suspend_organisations(
    come_in, manager, partner_admin, meridian, host, admin
):
    for user in (manager, partner_admin):
        assert come_in(user).get("/organisations/new").status_code == 404
    status = f"/organisation/{meridian.public_id}/status"
    data = {"active": "no"}
    assert come_in(manager).post(status, data).status_code == 404
    assert come_in(partner_admin).post(status, data).status_code == 403
    own = f"/organisation/{host.public_id}/status"
    assert come_in(admin).post(own, data).status_code == 403
    meridian.refresh_from_db()
    assert meridian.status == Organisation.Status.ACTIVE


def test_suspending_and_reactivating_an_organisation(come_in, admin, guest, meridian):
    client = come_in(admin)
    status = f"/organisation/{meridian.public_id}/status"
    assert sees(client, status)
    client.post(status, {"active": "no"})
    assert not is_signed_in(come_in(guest))
    assert sees(client, f"/organisation/{meridian.public_id}/invitations/")
    client.post(status, {"active": "yes"})
    guest.refresh_from_db()
    assert is_signed_in(come_in(guest))


def test_a_suspended_organisation_invites_nobody(come_in, admin, meridian):
    set_organisation_status(
        organisation=meridian, status=Organisation.Status.SUSPENDED, by=admin
    )
    data = {"email": "new@example.com", "role": "member", "ends_on": in_days(9)}
    come_in(admin).post(f"/organisation/{meridian.public_id}/invitations/", data)
    assert not meridian.invitations.exists()


def test_the_profile_saves_name_and_language_and_lists_memberships(
    come_in, guest, meridian
):
    client = come_in(guest)
    assert "Meridian" in client.get("/me/").content.decode()
    client.post("/me/", {"name": "Nadia N", "language": "nl"})
    guest.refresh_from_db()
    assert (guest.name, guest.language) == ("Nadia N", "nl")
    assert client.get("/me/")["Content-Language"] == "nl"
    assert client.post("/me/", {"name": "N", "language": "xx"}).status_code == 200


def test_a_chosen_language_stays_with_the_person(come_in, member, client):
    signed_in = come_in(member)
    signed_in.post("/i18n/setlang/", {"language": "nl", "next": "/me/"})
    assert come_in(member).get("/me/")["Content-Language"] == "nl"
    signed_in.post("/i18n/setlang/", {"language": "xx"})
    assert come_in(member).get("/me/")["Content-Language"] == "nl"
    client.post("/i18n/setlang/", {"language": "nl"})
    assert client.get("/accounts/login/")["Content-Language"] == "nl"
