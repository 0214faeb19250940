"""Doors: strangers, people who belong nowhere any more, invitations, the next request.

Who comes in at all is decided before any page is; so what the crawl of `test_leaks.py`
finds hidden may still be hidden from the wrong person.
"""

import datetime

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.invitations import invite, withdraw_invitation
from accounts.models import Invitation, Membership, Organisation, User
from accounts.services import (
    end_membership,
    set_organisation_status,
    set_person_active,
)
from accounts.tasks import send_password_reset
from knowledge.access.models import (
    GroupGrant,
    PageAccess,
    PolicyRoot,
    Trash,
    UserGrant,
)
from knowledge.access.services import withdraw_grant
from tests.factories import PASSWORD, in_days, root_of
from tests.oracle.crawl import (
    MISSING,
    address_of,
    ask,
    client_of,
    rolled_back,
    things_for,
    without,
)
from tests.oracle.surfaces import FORM, SURFACES
from tests.oracle.words import OUTSIDE
from tests.support.jobs import run_jobs

SIGN_IN = "/accounts/login/"


def firsts(stage):
    """Give each surface with one thing to ask it about."""
    for surface in SURFACES:
        thing = next(iter(things_for(stage, surface)), None)
        yield surface, thing.arguments if thing else {}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_stranger_is_asked_to_sign_in_whatever_the_address(stage, method):
    client = client_of(stage, "anonymous")
    for surface, arguments in firsts(stage):
        got = ask(client, method, address_of(surface, arguments), {})
        assert got.status == 302, surface.name
        assert f"Location: {SIGN_IN}" in got.head, surface.name


@pytest.mark.parametrize("viewer", sorted(OUTSIDE - {"anonymous"}))
def test_who_belongs_nowhere_gets_what_a_stranger_gets(stage, viewer):
    client = client_of(stage, viewer)
    for surface, arguments in firsts(stage):
        got = ask(client, "GET", address_of(surface, arguments), {})
        assert got.status == 302, surface.name
        assert f"Location: {SIGN_IN}" in got.head, surface.name


def _withdraw(stage, user) -> None:
    root = root_of(stage.pages["shared"])
    withdraw_grant(root=root, subject=user.memberships.get().organisation, by=None)


def _suspend(stage, user) -> None:
    set_person_active(user=User.objects.get(pk=user.pk), active=False, by=None)


def _end(stage, user) -> None:
    end_membership(membership=Membership.objects.get(user=user), by=None)


def _suspend_organisation(stage, user) -> None:
    organisation = Organisation.objects.get(pk=user.memberships.get().organisation_id)
    status = Organisation.Status.SUSPENDED
    set_organisation_status(organisation=organisation, status=status, by=None)


@pytest.mark.parametrize("act", [_withdraw, _suspend, _end, _suspend_organisation])
def test_what_is_withdrawn_is_gone_at_the_next_request(stage, act):
    client, user = client_of(stage, "beta_member"), stage.users["beta_member"]
    surface = next(surface for surface in SURFACES if surface.name == "wagtail_serve")
    arguments = {"address": stage.pages["shared"].slug}
    address, nothing = (
        address_of(surface, arguments),
        address_of(surface, MISSING["page"]),
    )
    with rolled_back():
        assert ask(client, "GET", address, {}).status == 200
        act(stage, user)
        gone = ask(client, "GET", address, {})
        missing = ask(client, "GET", nothing, {})
        assert gone.status == (404 if act is _withdraw else 302)
        assert without(gone, arguments) == without(missing, MISSING["page"])


@pytest.mark.parametrize("act", [_end, _suspend_organisation])
def test_the_browser_forgets_what_it_showed_when_the_door_ends_a_session(stage, act):
    client = client_of(stage, "beta_member")
    with rolled_back():
        act(stage, stage.users["beta_member"])
        assert "Clear-Site-Data:" in ask(client, "GET", "/", {}).head


def test_a_session_from_before_a_suspension_stays_ended_after_it(stage):
    client, user = client_of(stage, "beta_member"), stage.users["beta_member"]
    with rolled_back():
        assert ask(client, "GET", "/", {}).status == 200
        for active in (False, True):
            found = User.objects.get(pk=user.pk)
            set_person_active(user=found, active=active, by=None)
        assert ask(client, "GET", "/", {}).status == 302


def _sign_in(email: str, password: str, query: str = ""):
    form = {"login": email, "password": password}
    got = ask(Client(raise_request_exception=False), "POST", SIGN_IN + query, form)
    location = [line for line in got.head.splitlines() if line.startswith("Location")]
    return got.status, location, got.body.replace(email, "…")


def test_sign_in_answers_alike_for_everybody_who_may_not_come_in(stage):
    wrong = _sign_in(stage.users["beta_member"].email, "something else entirely")
    for viewer in sorted(OUTSIDE - {"anonymous"}):
        assert _sign_in(stage.users[viewer].email, PASSWORD) == wrong, viewer
    assert _sign_in("nobody.at.all@example.com", PASSWORD) == wrong
    assert _sign_in(stage.users["beta_member"].email, PASSWORD)[0] == 302


def test_sign_in_leads_to_no_other_site(stage):
    email = stage.users["beta_member"].email
    for address in ("https://evil.example/", "//evil.example/", "/\\evil.example/"):
        status, location, _body = _sign_in(email, PASSWORD, f"?next={address}")
        assert (status, location) == (302, ["Location: /"]), address


# What each changes is one reason for which an invitation works no more.


def _taken_back(invitation) -> None:
    withdraw_invitation(invitation=invitation, by=invitation.invited_by)


def _too_old(invitation) -> None:
    invitation.expires_at = timezone.now() - datetime.timedelta(minutes=1)
    invitation.save()


def _replaced(invitation) -> None:
    _invitation(invitation.invited_by, invitation.organisation)


def _inviter_demoted(invitation) -> None:
    membership = Membership.objects.get(user=invitation.invited_by)
    membership.role = Membership.Role.MEMBER
    membership.save()


def _organisation_closed(invitation) -> None:
    status = Organisation.Status.SUSPENDED
    organisation = Organisation.objects.get(pk=invitation.organisation_id)
    set_organisation_status(organisation=organisation, status=status, by=None)


ENDS = (_taken_back, _too_old, _replaced, _inviter_demoted, _organisation_closed)


def _invitation(by: User, organisation: Organisation):
    return invite(
        email="somebody.new@example.com",
        organisation=organisation,
        by=by,
        role=Membership.Role.ADMIN,
        membership_ends_on=in_days(90),
    )


@pytest.mark.parametrize("end", ENDS)
def test_an_invitation_that_ended_is_no_invitation_and_no_mail(stage, end):
    mail.outbox.clear()
    with rolled_back():
        run_jobs("accounts.send_invitation")
        mail.outbox.clear()
        admin = stage.users["beta_admin"]
        beta = admin.memberships.get().organisation
        invitation, token = _invitation(User.objects.get(pk=admin.pk), beta)
        client = Client(raise_request_exception=False)
        address, nothing = f"/invitation/{token}/", f"/invitation/{token[::-1]}/"
        assert ask(client, "GET", address, {}).status == 200
        end(Invitation.objects.get(pk=invitation.pk))
        for method in ("GET", "POST"):
            form = {"name": "New", "password": PASSWORD}
            closed = ask(client, method, address, form)
            never = ask(client, method, nothing, form)
            assert closed.status == never.status == 410, method
            assert closed.body.replace(address, "…") == never.body.replace(nothing, "…")
        run_jobs("accounts.send_invitation")
        # A newer one is mailed instead of the one that it replaced.
        assert len(mail.outbox) == (end is _replaced)
        assert not any(token in str(sent.body) for sent in mail.outbox)


def test_an_invitation_is_for_whom_it_was_sent_to(stage):
    with rolled_back():
        admin = stage.users["beta_admin"]
        beta = admin.memberships.get().organisation
        _one, token = _invitation(User.objects.get(pk=admin.pk), beta)
        before = _memberships()
        for viewer in ("gamma_member", "host_member"):
            client = client_of(stage, viewer)
            form = {"name": "New", "password": PASSWORD}
            client.post(f"/invitation/{token}/", form)
            assert _memberships() == before, viewer


def test_a_suspended_person_gets_no_link_for_a_new_password(stage):
    mail.outbox.clear()
    send_password_reset.func(person=stage.users["suspended"].public_id, language="en")
    assert not mail.outbox
    send_password_reset.func(person=stage.users["host_member"].public_id, language="en")
    assert len(mail.outbox) == 1


def _memberships() -> set[tuple[object, ...]]:
    return set(Membership.objects.values_list("user_id", "organisation_id", "role"))


def _who_sees_what() -> list[set[tuple[object, ...]]]:
    """Write down all from which the rule computes."""
    grants = ("content_object_id", "permission_id", "ends_on")
    return [
        _memberships(),
        set(PolicyRoot.objects.values_list("pk", "reach", "parent_id", "owner_id")),
        set(GroupGrant.objects.values_list("group_id", *grants)),
        set(UserGrant.objects.values_list("user_id", *grants)),
        set(PageAccess.objects.values_list("page_id", "root_id")),
        set(Trash.objects.values_list("page_id", "root_id")),
    ]


# Where each of them has the level view, or nothing, and no more.
VIEWING = {
    "beta_member": ("shared", "page in shared", "below a draft", "closed"),
    "beta_admin": ("shared", "page in shared", "restricted", "below restricted"),
    "host_member": ("open", "page in open", "network"),
}


@pytest.mark.parametrize("viewer", VIEWING)
def test_nobody_opens_what_is_not_theirs_to_open(stage, viewer):
    """Whatever a reader sends: who sees what stays as it was."""
    client, before = client_of(stage, viewer), _who_sees_what()
    client.raise_request_exception = False
    for surface in SURFACES:
        if surface.kind != "page" or not surface.writes:
            continue
        for name in VIEWING[viewer]:
            address = address_of(surface, {"address": stage.pages[name].slug})
            with rolled_back():
                client.post(address, FORM)
                assert _who_sees_what() == before, (surface.name, name)
