"""What the panel holds: rows by organisation, what was sent, what waits after a conflict."""

import pytest
from django.http import QueryDict
from django.utils import timezone

from accounts.services import create_team
from knowledge.access.changes import Change, ChangeSet, StaleStateError
from knowledge.access.levels import Level
from knowledge.access.models import GroupGrant, PolicyRoot, UserGrant
from knowledge.access.panel import Panel, after_conflict, new_restriction
from knowledge.access.preview import Content
from knowledge.access.reasons import day
from knowledge.access.services import restrict_page, save_grant, set_reach
from knowledge.access.subjects import key_of
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


def panel_of(world, page=None, by=None, **kwargs) -> Panel:
    page = page or world.shared
    user = fresh(by or world.admin)
    return Panel(user=user, page=page, root=root_of(page), **kwargs)


def pending(*changes, reach=None) -> ChangeSet:
    return ChangeSet(changes, reach)


def sent(panel, rows=(), **facts) -> QueryDict:
    """Give what the form of a panel would send, with some of it changed."""
    data = QueryDict(mutable=True)
    data.update({"version": panel.version, "add-level": "1", "reach": panel.root.reach})
    data.update({"reach_was": panel.root.reach})
    for given in panel.stored:
        data.appendlist("row", given.key)
        data.update({f"{given.key}-level": str(int(given.level))})
        ends = given.ends_on.isoformat() if given.ends_on else ""
        data.update({f"{given.key}-ends_on": ends, f"{given.key}-reason": given.reason})
        was = f"{int(given.level)} {ends if not panel.is_restriction else ''}".strip()
        data.update({f"{given.key}-was": was})
    for key in rows:
        data.appendlist("row", key)
    for name, value in facts.items():
        data[name.replace("__", "-")] = value
    return data


# --- Rows ------------------------------------------------------------------------------


def test_the_owner_comes_first_with_what_follows_from_reach_and_roles(world):
    second = make_person("Ada Admin", world.host, "admin")
    panel = panel_of(world)
    first = panel.groups[0]
    assert (first.organisation, first.is_owner) == (world.host, True)
    everybody = {world.admin.pk, world.manager.pk, world.member.pk, second.pk}
    fixed = [
        (row.title, row.why, row.people, row.level, row.note, row.form)
        for row in first.rows[:3]
    ]
    role = "By their role at the owner"
    assert fixed == [
        ("Everyone at Vaartkade", "Reach: open inside the company", everybody,
         Level.VIEW, "", None),
        ("Admins of Vaartkade", role, {world.admin.pk, second.pk},
         Level.MANAGE, "Ada Admin, Anouk Admin", None),
        ("Managers of Vaartkade", role, {world.manager.pk},
         Level.VIEW, "Milan Manager", None),
    ]  # fmt: skip
    founder = first.rows[3]
    assert (founder.title, founder.person) == ("Anouk Admin", world.admin)
    assert founder.form is not None
    titles = [[row.title for row in group.rows] for group in panel.groups[1:]]
    assert titles == [["Everyone at Meridian"]]
    assert panel.partner_groups == panel.groups[1:]


def test_a_closed_project_and_a_restriction_have_fewer_fixed_rows(world):
    closed = panel_of(world, world.closed).groups[0].rows[0]
    assert closed.title == "Admins of Vaartkade"
    opened = panel_of(world, world.closed, pending=pending(reach="network"))
    assert opened.groups[0].rows[0].title == "Everyone at Vaartkade"
    prices = panel_of(world, world.prices)
    assert [[row.title for row in group.rows] for group in prices.groups] == [
        ["Anouk Admin"]
    ]  # fmt: skip


def test_a_group_without_any_row_is_not_shown(world):
    UserGrant.objects.filter(content_object=world.prices.pk).delete()
    assert panel_of(world, world.prices).groups == []


def test_five_names_are_told_and_the_rest_counted(world):
    for number in range(5):
        make_person(f"B{number} Manager", world.host, "manager")
    (row,) = (
        r for r in panel_of(world).groups[0].rows if r.title.startswith("Managers")
    )
    assert row.note == (
        "B0 Manager, B1 Manager, B2 Manager, B3 Manager, B4 Manager and 1 more"
    )
    world.manager.memberships.all().delete()
    (row,) = (
        r for r in panel_of(world).groups[0].rows if r.title.startswith("Managers")
    )
    assert row.note.endswith("B3 Manager, B4 Manager")


def test_rows_tell_by_whom_when_and_why_and_what_it_was(world):
    today = day(timezone.localdate())
    save_grant(
        root=root_of(world.shared), subject=world.noord, level=2, by=None,
        ends_on=in_days(5), reason="The fair",
    )  # fmt: skip
    GroupGrant.objects.filter(group=world.meridian.group).update(ends_on=in_days(-1))
    team = Change(world.team, Level.VIEW, None, "For the fair")
    changes = pending(Change(world.noord, Level.VIEW, in_days(5)), team)
    panel = panel_of(world, pending=changes)
    rows = {row.title: row for group in panel.groups for row in group.rows}
    why = {title: row.why for title, row in rows.items()}
    by_admin = f"Grant by Anouk Admin, {today}"
    noord = f"Grant by the installation, {today}: The fair. Was Comment"
    assert why["Everyone at Noord"] == noord
    assert why["Everyone at Meridian"] == f"{by_admin}. Has ended"
    assert why["Team Quay"] == "Your grant, not saved yet: For the fair"
    assert why["Anouk Admin"] == by_admin
    assert rows["Team Quay"].form["reason"].value() == "For the fair"
    assert (rows["Everyone at Noord"].look, rows["Team Quay"].look) == (
        "is-less",
        "is-new",
    )
    assert rows["Team Quay"].people == {world.member.pk}
    same = pending(Change(world.noord, Level.COMMENT, in_days(6)))
    rows = {
        row.title: row
        for group in panel_of(world, pending=same).groups
        for row in group.rows
    }
    assert rows["Everyone at Noord"].why.endswith("The fair")
    bare = panel_of(world, pending=pending(Change(world.team, Level.VIEW)))
    assert "Your grant, not saved yet" in [r.why for r in bare.groups[0].rows]


def test_people_without_organisation_today_stand_apart(world):
    share(world.shared, world.other_guest, 1)
    world.other_guest.memberships.all().delete()
    panel = panel_of(world)
    assert [group.organisation for group in panel.groups] == [
        world.host, world.meridian, None
    ]  # fmt: skip
    assert [group.is_owner for group in panel.groups] == [True, False, False]
    assert [group.organisation for group in panel.partner_groups] == [world.meridian]


def test_the_boundary_is_crossed_by_partners_or_by_an_open_reach(world):
    closed = panel_of(world, world.closed)
    assert (closed.is_open, closed.crosses) == (False, False)
    opened = panel_of(world, world.closed, pending=pending(reach="network"))
    assert (opened.is_open, opened.crosses) == (True, True)
    shared = panel_of(world)
    assert (shared.is_open, shared.crosses) == (False, True)
    set_reach(root=root_of(world.closed), reach="network", by=None)
    assert panel_of(world, world.closed).is_open
    closing = panel_of(world, world.closed, pending=pending(reach="restricted"))
    assert not closing.is_open


def test_names_are_offered_of_whom_one_may_name(world):
    create_team(organisation=world.noord, name="Wire", by=None)
    offered = panel_of(world).offered_names
    assert set(offered[:3]) == {"Vaartkade", "Meridian", "Noord"}
    assert set(offered[3:]) == {"Quay", "Wire"}
    boss = make_person("Nora Boss", world.noord, "admin", sponsor=world.admin)
    theirs = make_project(world.noord, boss, "Theirs")
    assert panel_of(world, theirs, boss).offered_names == ["Noord", "Wire"]


def test_content_and_what_is_not_included_are_of_this_root_only(world):
    inner = make_article(world.prices, world.admin, "Another")
    restrict_page(page=inner, entries={world.admin: 4}, by=world.admin)
    restrict_page(page=world.detail, entries={world.admin: 4}, by=world.admin)
    shared = panel_of(world)
    assert shared.content == Content(2, None)
    assert [root.page.title for root in shared.not_included] == ["Detail", "Prices"]
    prices = panel_of(world, world.prices)
    assert prices.content == Content(1, None)
    assert [root.page.title for root in prices.not_included] == ["Another"]


# --- A page that is not restricted yet --------------------------------------------------


def test_a_new_restriction_is_unsaved_and_counts_what_will_hang_on_it(world):
    root = new_restriction(world.plan, root_of(world.shared))
    assert (root.kind, root.reach, root.owner) == (
        "restriction",
        "restricted",
        world.host,
    )
    assert (root.parent, root.project) == (root_of(world.shared), root_of(world.shared))
    other = make_article(world.plan, world.admin, "Other")
    restrict_page(page=other, entries={world.admin: 4}, by=world.admin)
    panel = Panel(user=fresh(world.admin), page=world.plan, root=root)
    assert (panel.is_new, panel.is_restriction, panel.has_reach) == (True, True, False)
    assert panel.content == Content(2, None)
    assert not panel.may_choose_reach
    inside = new_restriction(other, root_of(world.prices))
    assert inside.project == root_of(world.shared)
    assert not panel_of(world).is_new


def test_saving_a_new_restriction_names_who_was_added(world):
    root = new_restriction(world.plan, root_of(world.shared))
    changes = pending(
        Change(world.admin, Level.MANAGE), Change(world.meridian, Level.VIEW)
    )
    panel = Panel(user=fresh(world.admin), page=world.plan, root=root, pending=changes)
    assert panel.save() == 2
    saved = PolicyRoot.objects.get(pk=world.plan.pk)
    assert saved.group_grants.get().group == world.meridian.group
    assert saved.user_grants.get().user == world.admin


# --- What was sent -------------------------------------------------------------------------


def test_nothing_sent_is_nothing_asked(world):
    panel = panel_of(world)
    assert (panel.is_valid, panel.is_stale, len(panel.pending)) == (True, False, 0)
    again = panel_of(world, data=sent(panel))
    assert (again.is_valid, again.is_stale, len(again.pending)) == (True, False, 0)
    assert again.row_forms == {}


def test_rows_additions_and_reach_are_read_together(world):
    panel = panel_of(world)
    meridian, team = key_of(world.meridian), key_of(world.team)
    data = sent(panel, [team], reach="network", add__who="Noord")
    data["add-ends_on"] = in_days(8).isoformat()
    data[f"{meridian}-level"] = "1"
    data[f"{team}-level"] = "2"
    read = panel_of(world, data=data)
    assert read.is_valid
    assert read.row_forms == {}
    assert read.pending == pending(
        Change(world.meridian, Level.VIEW, in_days(30)),
        Change(world.team, Level.COMMENT),
        Change(world.noord, Level.VIEW, in_days(8)),
        reach="network",
    )
    assert read.reach_form["reach"].value() == "network"
    assert not read.add_form.is_bound
    assert read.save() == 4
    assert read.is_stale is False


def test_an_addition_goes_before_the_row_of_the_same_subject(world):
    data = sent(panel_of(world), add__who="Meridian", add__level="2")
    data["add-ends_on"] = in_days(8).isoformat()
    data[f"{key_of(world.meridian)}-level"] = "1"
    read = panel_of(world, data=data)
    assert read.pending == pending(Change(world.meridian, Level.COMMENT, in_days(8)))


def test_a_wrong_row_keeps_what_was_typed_and_the_rest_waits(world):
    data = sent(panel_of(world), add__who="Noord")
    data["add-ends_on"] = in_days(8).isoformat()
    data[f"{key_of(world.meridian)}-ends_on"] = ""
    read = panel_of(world, data=data)
    assert not read.is_valid
    assert read.pending == pending(Change(world.noord, Level.VIEW, in_days(8)))
    rows = {row.title: row.form for group in read.groups for row in group.rows}
    assert rows["Everyone at Meridian"].errors


def test_a_wrong_addition_stays_in_its_form(world):
    read = panel_of(world, data=sent(panel_of(world), add__who="Zzz"))
    assert not read.is_valid
    assert read.row_forms == {}
    assert read.add_form["who"].value() == "Zzz"
    assert len(read.pending) == 0


def test_an_impossible_reach_is_no_valid_form(world):
    read = panel_of(world, data=sent(panel_of(world), reach="planet"))
    assert not read.is_valid
    assert read.pending.reach is None


def test_who_may_not_choose_the_reach_does_not_by_sending_one(world):
    share(world.shared, world.other_guest, 4)
    panel = panel_of(world, by=world.other_guest)
    assert panel.has_reach
    assert not panel.may_choose_reach
    read = panel_of(world, by=world.other_guest, data=sent(panel, reach="network"))
    assert read.is_valid
    assert read.pending == ChangeSet()
    assert panel_of(world).may_choose_reach


def test_keys_of_whom_one_may_not_name_are_left_out(world):
    boss = make_person("Nora Boss", world.noord, "admin", sponsor=world.admin)
    theirs = make_project(world.noord, boss, "Theirs")
    key = key_of(world.meridian)
    data = sent(panel_of(world, theirs, boss), [key])
    data[f"{key}-level"] = "1"
    assert panel_of(world, theirs, boss, data=data).pending == ChangeSet()


def test_a_form_of_another_state_is_stale_and_is_not_saved(world):
    panel = panel_of(world)
    data = sent(panel, reach="network")
    share(world.shared, world.noord, 1)
    late = panel_of(world, data=data)
    assert late.is_stale
    with pytest.raises(StaleStateError):
        late.save()
    with pytest.raises(StaleStateError):
        panel_of(world, pending=pending(reach="network")).save()


# --- After a conflict ----------------------------------------------------------------------


def test_what_still_makes_a_difference_waits_on_the_new_state(world):
    gone = make_organisation("Gone")
    changes = pending(
        Change(world.meridian, Level.EDIT, in_days(30)),  # is so already
        Change(world.admin, None),  # there, to be ended
        Change(world.noord, Level.VIEW, in_days(3)),  # not there yet
        Change(gone, None),  # ended meanwhile
        reach="network",
    )
    waiting = after_conflict(panel_of(world, pending=changes)).pending
    assert waiting == pending(*changes.changes[1:3], reach="network")
    later = Change(world.meridian, Level.EDIT, in_days(31))
    same = pending(later, reach="organisation")
    assert after_conflict(panel_of(world, pending=same)).pending == pending(later)
    assert after_conflict(panel_of(world, pending=same)).data is None
