"""The numbered scenarios of docs/permissions.md as small worlds with expectations.

Each function builds its case in a `World` and yields (viewer, action, page, allowed).
`tests/scenarios/test_permissions.py` asks every path the same question.
"""

from collections.abc import Callable, Iterator

import time_machine
from wagtail.models import Page

from accounts.models import Membership, Organisation, User
from accounts.services import (
    add_to_team,
    create_team,
    end_membership,
    remove_from_team,
    save_membership,
    set_organisation_status,
    set_person_active,
)
from knowledge.access.models import GroupGrant, PolicyRoot
from knowledge.access.services import (
    lift_restriction,
    restrict_page,
    save_grant,
    save_restriction_entry,
    set_reach,
    withdraw_grant,
)
from knowledge.pages.models import ArticlePage
from knowledge.pages.services import move_page, restore_page, trash_page
from tests.factories import (
    World,
    in_days,
    make_article,
    make_person,
    make_project,
    root_of,
    share,
)

Expectation = tuple[User, str, Page, bool]
Build = Callable[[World], Iterator[Expectation]]
CATALOGUE: dict[int, tuple[str, Build]] = {}
VIEW, COMMENT, EDIT, MANAGE = 1, 2, 3, 4
Reach = PolicyRoot.Reach
Role = Membership.Role


def scenario(number: int, text: str) -> Callable[[Build], Build]:
    """Register a scenario under its number and its sentence in the document."""

    def register(build: Build) -> Build:
        assert number not in CATALOGUE
        CATALOGUE[number] = (text, build)
        return build

    return register


# --- Reach ----------------------------------------------------------------------
@scenario(1, "Reach *organisation*: every member of the owner views.")
def _s1(w):
    yield w.member, "view", w.open, True


@scenario(
    2, "Reach *organisation*: a member of the owner does not edit without a grant."
)
def _s2(w):
    yield w.member, "edit", w.open, False


@scenario(3, "Reach *organisation*: a guest of a partner sees nothing.")
def _s3(w):
    yield w.guest, "view", w.open, False


@scenario(4, "Reach *network*: members of every active organisation view.")
def _s4(w):
    set_reach(root=root_of(w.open), reach=Reach.NETWORK, by=w.admin)
    yield w.guest, "view", w.open, True
    yield w.other_guest, "view", w.open, True


@scenario(5, "Reach *network*: nobody edits by reach alone.")
def _s5(w):
    set_reach(root=root_of(w.open), reach=Reach.NETWORK, by=w.admin)
    yield w.guest, "edit", w.open, False


@scenario(6, "Reach *restricted*: a plain member of the owner sees nothing.")
def _s6(w):
    yield w.member, "view", w.closed, False


@scenario(7, "Reach *restricted*: a named person sees it.")
def _s7(w):
    save_grant(root=root_of(w.closed), subject=w.member, level=VIEW, by=w.admin)
    yield w.member, "view", w.closed, True


@scenario(8, "Narrowing the reach holds at the next request.")
def _s8(w):
    set_reach(root=root_of(w.open), reach=Reach.NETWORK, by=w.admin)
    set_reach(root=root_of(w.open), reach=Reach.RESTRICTED, by=w.admin)
    yield w.guest, "view", w.open, False
    yield w.member, "view", w.open, False


# --- Roles in the owner ------------------------------------------------------------
@scenario(9, "An admin of the owner manages every project of it, restricted reach too.")
def _s9(w):
    other = make_person("Ada Admin", w.host, Role.ADMIN)
    yield other, "share", w.closed, True


@scenario(10, "A manager of the owner views every project of it.")
def _s10(w):
    yield w.manager, "view", w.closed, True


@scenario(11, "A manager of the owner does not edit by that role.")
def _s11(w):
    yield w.manager, "edit", w.closed, False


@scenario(12, "An admin of another organisation has no role here.")
def _s12(w):
    boss = make_person("Bo Boss", w.noord, Role.ADMIN)
    yield boss, "view", w.shared, False


@scenario(13, "Who founds a project manages it.")
def _s13(w):
    project = make_project(w.host, w.member, "Founded", reach=Reach.RESTRICTED)
    yield w.member, "share", project, True


@scenario(
    14, "A partner may own a project; the host's people see it only when granted."
)
def _s14(w):
    project = make_project(w.meridian, w.guest, "Partner handbook")
    yield w.guest, "share", project, True
    yield w.admin, "view", project, False
    share(project, w.host, VIEW, w.guest)
    yield w.admin, "view", project, True


# --- Grants -------------------------------------------------------------------------
@scenario(15, "A grant to an organisation reaches its members.")
def _s15(w):
    yield w.guest, "view", w.plan, True
    yield w.guest, "edit", w.plan, True


@scenario(16, "A grant to one organisation says nothing about another.")
def _s16(w):
    yield w.other_guest, "view", w.plan, False


@scenario(17, "A grant at *view* does not allow editing.")
def _s17(w):
    share(w.open, w.meridian, VIEW, w.admin)
    yield w.guest, "view", w.open, True
    yield w.guest, "edit", w.open, False


@scenario(18, "A grant at *comment* does not allow editing.")
def _s18(w):
    share(w.open, w.meridian, COMMENT, w.admin)
    yield w.guest, "comment", w.open, True
    yield w.guest, "edit", w.open, False


@scenario(19, "A grant at *edit* does not allow sharing.")
def _s19(w):
    yield w.guest, "share", w.shared, False


@scenario(20, "A grant at *manage* allows sharing.")
def _s20(w):
    share(w.open, w.meridian, MANAGE, w.admin)
    yield w.guest, "share", w.open, True


@scenario(21, "A grant to a team reaches its members only.")
def _s21(w):
    save_grant(root=root_of(w.closed), subject=w.team, level=EDIT, by=w.admin)
    outsider = make_person("Otto Outside", w.host)
    yield w.member, "edit", w.closed, True
    yield outsider, "view", w.closed, False


@scenario(22, "Leaving the team ends what came through it.")
def _s22(w):
    save_grant(root=root_of(w.closed), subject=w.team, level=EDIT, by=w.admin)
    remove_from_team(team=w.team, user=w.member, by=w.admin)
    yield w.member, "view", w.closed, False


@scenario(23, "A team counts only while one belongs to its organisation.")
def _s23(w):
    team = create_team(organisation=w.meridian, name="Cells", by=w.admin)
    add_to_team(team=team, user=w.guest, by=w.admin)
    share(w.closed, team, VIEW, w.admin)
    yield w.guest, "view", w.closed, True
    w.guest.memberships.update(ends_on=in_days(-1))
    save_membership(
        user=w.guest,
        organisation=w.noord,
        by=w.admin,
        sponsor=w.admin,
        ends_on=in_days(9),
    )
    yield w.guest, "view", w.closed, False


@scenario(24, "A grant to one person says nothing about colleagues.")
def _s24(w):
    share(w.closed, w.other_guest, VIEW, w.admin)
    colleague = make_person("Coen Colleague", w.noord, sponsor=w.admin)
    yield w.other_guest, "view", w.closed, True
    yield colleague, "view", w.closed, False


@scenario(25, "The highest of several grants counts.")
def _s25(w):
    share(w.closed, w.meridian, VIEW, w.admin)
    share(w.closed, w.guest, EDIT, w.admin)
    yield w.guest, "edit", w.closed, True


@scenario(26, "A grant on one project says nothing about another of the same owner.")
def _s26(w):
    other = make_project(w.host, w.admin, "Other")
    yield w.guest, "view", other, False


@scenario(27, "A person in two organisations sees what either may see.")
def _s27(w):
    save_membership(
        user=w.other_guest,
        organisation=w.meridian,
        by=w.admin,
        sponsor=w.admin,
        ends_on=in_days(30),
    )
    yield w.other_guest, "view", w.plan, True


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
