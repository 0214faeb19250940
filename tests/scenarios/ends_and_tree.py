"""Scenarios of docs/permissions.md: ends, restrictions, the tree."""

import time_machine
from wagtail.models import Page

from accounts.models import Membership, Organisation
from accounts.services import (
    end_membership,
    save_membership,
    set_membership_suspended,
    set_organisation_status,
    set_person_active,
)
from knowledge.access.models import GroupGrant, PolicyRoot
from knowledge.access.services import (
    lift_restriction,
    restrict_page,
    save_restriction_entry,
    withdraw_grant,
)
from knowledge.pages.models import ArticlePage
from knowledge.pages.services_structure import move_page, restore_page, trash_page
from tests.factories import (
    in_days,
    make_article,
    make_person,
    make_project,
    root_of,
    share,
)
from tests.scenarios.register import EDIT, MANAGE, VIEW, scenario

Reach = PolicyRoot.Reach
Role = Membership.Role


# --- Ends -----------------------------------------------------------------------------
@scenario(28, "A withdrawn grant gives nothing at the next request.")
def _s28(w):
    withdraw_grant(root=root_of(w.shared), subject=w.meridian, by=w.admin)
    yield w.guest, "view", w.shared, False
    yield w.guest, "view", w.plan, False


@scenario(29, "A grant holds on its last day.")
def _s29(w):
    share(w.open, w.noord, VIEW, w.admin, days=0)
    yield w.other_guest, "view", w.open, True


@scenario(30, "A grant gives nothing on the day after its last.")
def _s30(w):
    share(w.open, w.noord, VIEW, w.admin, days=0)
    GroupGrant.objects.filter(group=w.noord.group).update(ends_on=in_days(-1))
    yield w.other_guest, "view", w.open, False


@scenario(31, "An ended membership gives nothing.")
def _s31(w):
    end_membership(membership=w.guest.memberships.get(), by=w.admin)
    yield w.guest, "view", w.plan, False


@scenario(32, "A membership past its last day gives nothing.")
def _s32(w):
    w.guest.memberships.update(ends_on=in_days(-1))
    yield w.guest, "view", w.plan, False


@scenario(33, "A suspended person sees nothing; reactivated, everything again.")
def _s33(w):
    set_person_active(user=w.guest, active=False, by=w.admin)
    yield w.guest, "view", w.plan, False
    set_person_active(user=w.guest, active=True, by=w.admin)
    yield w.guest, "view", w.plan, True


@scenario(34, "Members of a suspended organisation see nothing.")
def _s34(w):
    set_organisation_status(
        organisation=w.meridian, status=Organisation.Status.SUSPENDED, by=w.admin
    )
    yield w.guest, "view", w.plan, False


@scenario(35, "Projects of a suspended organisation are closed to everyone.")
def _s35(w):
    project = make_project(w.meridian, w.guest, "Suspended", reach=Reach.NETWORK)
    yield w.admin, "view", project, True
    set_organisation_status(
        organisation=w.meridian, status=Organisation.Status.SUSPENDED, by=w.admin
    )
    yield w.admin, "view", project, False


# --- Restrictions -----------------------------------------------------------------------
@scenario(36, "A restricted page is hidden from editors who are not named.")
def _s36(w):
    yield w.guest, "view", w.prices, False
    yield w.member, "view", w.prices, False
    yield w.admin, "view", w.prices, True


@scenario(
    37, "Who manages the project but is not named does not read a restricted page."
)
def _s37(w):
    second = make_person("Sanne Second", w.host, Role.ADMIN)
    yield second, "view", w.prices, False
    yield second, "share", w.shared, True


@scenario(38, "A restriction covers everything below the page.")
def _s38(w):
    inner = make_article(w.prices, w.admin, "Inner")
    yield w.guest, "view", inner, False
    yield w.admin, "view", inner, True


@scenario(39, "An entry never gives more than the level on the project.")
def _s39(w):
    root = root_of(w.prices)
    save_restriction_entry(root=root, subject=w.member, level=EDIT, by=w.admin)
    yield w.member, "view", w.prices, True
    yield w.member, "edit", w.prices, False


@scenario(40, "An entry never gives more than it says.")
def _s40(w):
    root = root_of(w.prices)
    save_restriction_entry(root=root, subject=w.meridian, level=VIEW, by=w.admin)
    yield w.guest, "view", w.prices, True
    yield w.guest, "edit", w.prices, False
    yield w.guest, "edit", w.plan, True


@scenario(41, "Losing the project loses its restricted pages.")
def _s41(w):
    root = root_of(w.prices)
    save_restriction_entry(root=root, subject=w.meridian, level=VIEW, by=w.admin)
    withdraw_grant(root=root_of(w.shared), subject=w.meridian, by=w.admin)
    yield w.guest, "view", w.prices, False


@scenario(42, "A restriction inside a restriction narrows again.")
def _s42(w):
    root = root_of(w.prices)
    save_restriction_entry(root=root, subject=w.meridian, level=EDIT, by=w.admin)
    inner = make_article(w.prices, w.admin, "Margins")
    restrict_page(page=inner, entries={w.admin: MANAGE}, by=w.admin)
    yield w.guest, "view", w.prices, True
    yield w.guest, "view", inner, False


@scenario(43, "Lifting a restriction opens the page to who sees what is above.")
def _s43(w):
    lift_restriction(root=root_of(w.prices), by=w.admin)
    yield w.guest, "view", w.prices, True
    yield w.other_guest, "view", w.prices, False


# --- The tree ------------------------------------------------------------------------------
@scenario(
    44, "A nested project has its own sharing: the outer grant does not reach it."
)
def _s44(w):
    inner = make_project(
        w.host, w.admin, "Nested", parent=w.shared, reach=Reach.RESTRICTED
    )
    yield w.guest, "view", inner, False
    share(inner, w.noord, VIEW, w.admin)
    yield w.other_guest, "view", inner, True
    yield w.other_guest, "view", w.shared, False


@scenario(45, "A page moved to another project has that project's readers only.")
def _s45(w):
    plan = ArticlePage.objects.get(pk=w.plan.pk)
    move_page(page=plan, target=w.closed, by=w.admin)
    yield w.guest, "view", w.plan, False
    yield w.guest, "view", w.detail, False
    yield w.admin, "view", w.detail, True


@scenario(46, "A restricted page that is moved stays restricted.")
def _s46(w):
    share(w.open, w.meridian, EDIT, w.admin)
    prices = ArticlePage.objects.get(pk=w.prices.pk)
    move_page(page=prices, target=w.open, by=w.admin)
    yield w.guest, "view", w.prices, False
    yield w.admin, "view", w.prices, True


@scenario(47, "A page in the trash exists for nobody; restored, for the same people.")
def _s47(w):
    trash = trash_page(page=Page.objects.get(pk=w.plan.pk), by=w.admin)
    yield w.guest, "view", w.plan, False
    yield w.admin, "view", w.detail, False
    restore_page(trash=trash, by=w.admin)
    yield w.guest, "view", w.detail, True
    yield w.other_guest, "view", w.detail, False


@scenario(48, "A page that was never published exists only for editors.")
def _s48(w):
    draft = make_article(w.shared, w.admin, "Draft", publish=False)
    yield w.member, "view", draft, False
    yield w.member, "edit", draft, False
    yield w.guest, "edit", draft, True


@scenario(
    49, "A project's grant ends while a page is open: the next request shows nothing."
)
def _s49(w):
    yield w.guest, "view", w.detail, True
    with time_machine.travel(in_days(400), tick=True):
        yield w.guest, "view", w.detail, False


@scenario(50, "Lifting a restriction leaves what was deleted below it in the trash.")
def _s50(w):
    below = make_article(w.prices, w.admin, "Old prices")
    trash_page(page=below, by=w.admin)
    lift_restriction(root=root_of(w.prices), by=w.admin)
    yield w.member, "view", w.prices, True
    yield w.member, "view", below, False
    yield w.admin, "view", below, False


@scenario(51, "A page added below a page that lies in the trash does not exist either.")
def _s51(w):
    trash_page(page=w.plan, by=w.admin)
    below = ArticlePage(title="Late", slug="late-22222222")
    w.plan.refresh_from_db()
    w.plan.add_child(instance=below)
    yield w.admin, "view", below, False
    yield w.guest, "view", below, False


# --- Who left ---------------------------------------------------------------------------
def _come_back_as_guest(w, user):
    end_membership(membership=user.memberships.get(), by=w.admin)
    ends_on = in_days(30)
    save_membership(
        user=user, organisation=w.noord, by=w.admin, sponsor=w.admin, ends_on=ends_on
    )


@scenario(
    52,
    "Who founded a project, left its owner and came back as a guest has nothing by that.",
)
def _s52(w):
    founded = make_project(w.host, w.member, "Founded", reach=Reach.RESTRICTED)
    _come_back_as_guest(w, w.member)
    yield w.member, "view", founded, False


@scenario(
    53, "A grant until a day stays with a person who left the owner, until that day."
)
def _s53(w):
    share(w.closed, w.member, VIEW, w.admin, days=10)
    _come_back_as_guest(w, w.member)
    yield w.member, "view", w.closed, True
    yield w.member, "edit", w.closed, False


# --- What stays -----------------------------------------------------------------------


@scenario(
    54, "A suspended membership gives nothing and leaves what the person has elsewhere."
)
def _s54(w):
    save_membership(
        user=w.guest,
        organisation=w.noord,
        by=w.admin,
        sponsor=w.admin,
        ends_on=in_days(9),
    )
    share(w.open, w.noord, VIEW, w.admin)
    own = w.guest.memberships.get(organisation=w.meridian)
    set_membership_suspended(membership=own, suspended=True, by=w.admin)
    yield w.guest, "view", w.plan, False
    yield w.guest, "view", w.open, True
    set_membership_suspended(membership=own, suspended=False, by=w.admin)
    yield w.guest, "view", w.plan, True


@scenario(55, "A project inside a deleted one moves up and keeps its readers.")
def _s55(w):
    inner = make_project(
        w.host, w.admin, "Inner", parent=w.shared, reach=Reach.RESTRICTED
    )
    share(inner, w.noord, VIEW, w.admin)
    trash = trash_page(page=Page.objects.get(pk=w.shared.pk), by=w.admin)
    yield w.guest, "view", w.plan, False
    yield w.other_guest, "view", inner, True
    restore_page(trash=trash, by=w.admin)
    yield w.guest, "view", w.plan, True
    yield w.guest, "view", inner, False
