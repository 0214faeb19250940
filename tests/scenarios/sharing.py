"""Scenarios of docs/permissions.md: reach, roles, grants."""

from accounts.models import Membership
from accounts.services import (
    add_to_team,
    create_team,
    remove_from_team,
    save_membership,
)
from knowledge.access.models import PolicyRoot
from knowledge.access.services import (
    save_grant,
    set_reach,
)
from tests.factories import (
    in_days,
    make_person,
    make_project,
    root_of,
    share,
)
from tests.scenarios.register import COMMENT, EDIT, MANAGE, VIEW, scenario

Reach = PolicyRoot.Reach
Role = Membership.Role


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
