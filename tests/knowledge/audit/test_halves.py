"""Each organisation reads its own half of an event; who takes no part reads nothing."""

from django.core.files.base import ContentFile

from accounts.invitations import invite
from accounts.models import Membership, Organisation
from accounts.services import (
    create_team,
    end_membership,
    save_membership,
    set_organisation_status,
    set_person_active,
)
from knowledge.access.models import PolicyRoot
from knowledge.access.services import (
    lift_restriction,
    restrict_page,
    save_grant,
    set_reach,
    withdraw_grant,
)
from knowledge.files.services import add_file, delete_file, rename_file
from knowledge.pages.services_structure import move_page, restore_page, trash_page
from tests.factories import (
    in_days,
    make_article,
    make_organisation,
    make_person,
    make_project,
    root_of,
    share,
)

Role = Membership.Role
VIEW, EDIT, MANAGE = 1, 3, 4
NEUTRAL = "A project you cannot see"


def lines(found, act: str) -> list[tuple[str, str]]:
    """What is said about an act: its thing and its details."""
    return [
        (entry.about, " · ".join(entry.details)) for entry in found if entry.act == act
    ]


def text_file(name: str) -> ContentFile:
    return ContentFile(b"x", name=name)


def acts(found) -> list[str]:
    return [entry.act for entry in found]


def everything(found) -> str:
    """All words of a log."""
    return "\n".join(
        f"{e.act} {e.by.person} {e.by.organisation} {e.by_words} {e.about} {e.address}"
        f" {e.owner} {e.details}"
        for e in found
    )


# --- Grants ----------------------------------------------------------------------------


def test_a_grant_stands_in_the_log_of_the_owner_and_of_who_got_it(
    world, log, boss, rival
):
    given = ("Shared", "for Meridian · Edit")
    (own,) = [
        line
        for line in lines(log(world.admin, world.host), "Access given")
        if "Meridian" in line[1]
    ]
    assert own[0] == given[0]
    assert own[1].startswith(given[1])
    (theirs,) = log(boss, world.meridian, kind="access")
    assert theirs.about == "Shared"
    assert theirs.address == world.shared.slug
    assert theirs.owner == world.host
    assert theirs.by.person == world.admin
    assert theirs.details[:2] == ("for Meridian", "Edit")
    assert theirs.details[2].startswith("until ")
    assert log(rival, world.noord, kind="access") == []


def test_a_reason_is_for_who_manages_the_project(world, log, boss):
    save_grant(
        root=root_of(world.shared),
        subject=world.meridian,
        level=VIEW,
        by=world.admin,
        ends_on=in_days(5),
        reason="They asked twice",
    )
    assert "They asked twice" in everything(log(world.admin, world.host))
    assert "They asked twice" not in everything(log(world.manager, world.host))
    assert "They asked twice" not in everything(log(boss, world.meridian))


def test_after_a_withdrawal_the_partner_reads_that_it_ended_and_no_title(
    world, log, boss
):
    root = root_of(world.shared)
    withdraw_grant(root=root, subject=world.meridian, by=world.admin)
    found = log(boss, world.meridian, kind="access")
    assert lines(found, "Access withdrawn") == [(NEUTRAL, "for Meridian")]
    words = everything(found)
    for hidden in ("Shared", world.shared.slug, "Vaartkade", "Anouk"):
        assert hidden not in words
    assert lines(log(world.admin, world.host), "Access withdrawn") == [
        ("Shared", "for Meridian")
    ]


def test_a_grant_to_one_guest_is_told_to_the_guests_organisation_without_the_project(
    world, log, boss
):
    share(world.closed, world.guest, EDIT, world.admin)
    about, details = lines(log(boss, world.meridian), "Access given")[0]
    assert about == NEUTRAL
    assert details.startswith("for Nadia Guest · Edit · until ")
    assert "Closed" not in everything(log(boss, world.meridian))


def test_whom_a_project_is_shared_with_is_named_to_who_manages_it_only(world, log):
    share(world.shared, world.other_guest, VIEW, world.admin)
    assert "Jelle Other" in everything(log(world.admin, world.host))
    about, details = lines(log(world.manager, world.host), "Access given")[0]
    assert about == "Shared"
    assert details.startswith("for somebody of Noord")
    assert "Jelle Other" not in everything(log(world.manager, world.host))


def test_who_shares_another_companys_project_is_in_the_log_of_both(world, log, boss):
    share(world.shared, world.guest, MANAGE, world.admin)
    save_grant(
        root=root_of(world.shared), subject=world.team, level=VIEW, by=world.guest
    )
    (event, *_rest) = log(boss, world.meridian, kind="access")
    assert event.by.person == world.guest
    assert event.by.organisation == world.meridian
    assert event.details[0] == "for somebody of Vaartkade"
    (own, *_rest) = log(world.admin, world.host, kind="access")
    assert own.by.person == world.guest
    assert own.details[0] == "for Quay"


def test_what_a_guest_gives_in_a_project_that_colleagues_cannot_see_is_hidden_from_them(
    world, log, boss
):
    share(world.closed, world.guest, MANAGE, world.admin)
    before = log(boss, world.meridian)
    root = root_of(world.closed)
    save_grant(root=root, subject=world.team, level=VIEW, by=world.guest)
    assert log(boss, world.meridian) == before
    assert log(world.admin, world.host)[0].by.person == world.guest


def test_reach_is_told_to_the_owner_only(world, log, boss):
    set_reach(root=root_of(world.open), reach="network", by=world.admin)
    assert lines(log(world.manager, world.host), "Reach changed") == [
        (
            "Open",
            "from “Everyone in the owning organisation” to “Everyone in the network”",
        )
    ]
    assert "Reach changed" not in acts(log(boss, world.meridian))


# --- Restrictions ----------------------------------------------------------------------


def test_a_restriction_is_told_to_who_manages_above_and_to_nobody_else(
    world, log, boss
):
    admin = log(world.admin, world.host)
    assert lines(admin, "Page restricted") == [("Prices", "")]
    for reader, organisation in ((world.manager, world.host), (boss, world.meridian)):
        found = log(reader, organisation)
        assert "Page restricted" not in acts(found)
        assert "Prices" not in everything(found)


def test_a_manager_who_is_named_reads_of_the_restriction(world, log):
    root = PolicyRoot.objects.get(page=world.prices)
    save_grant(root=root, subject=world.manager, level=VIEW, by=world.admin)
    found = log(world.manager, world.host)
    assert "Page restricted" in acts(found)
    # Who else is named is for who manages it.
    assert lines(found, "Access given")[:2] == [
        ("Prices", "for Milan Manager · View"),
        ("Prices", "for somebody of Vaartkade · Manage"),
    ]


def test_an_admin_who_is_not_named_reads_of_the_page_but_not_of_what_is_in_it(
    world, log
):
    other = make_person("Olga Other", world.host, Role.ADMIN)
    below = make_article(world.prices, world.admin, "Margins")
    add_file(page=below, upload=text_file("margins.txt"), by=world.admin)
    trash_page(page=make_article(world.prices, world.admin, "Gone"), by=world.admin)
    words = everything(log(other, world.host))
    assert "Prices" in words
    for hidden in ("Margins", "margins.txt", "Gone", "Page deleted"):
        assert hidden not in words
    assert "margins.txt" in everything(log(world.admin, world.host))


def test_the_title_of_a_restricted_page_that_was_never_published_is_for_its_editors(
    world, log
):
    other = make_person("Olga Other", world.host, Role.ADMIN)
    draft = make_article(world.shared, world.admin, "Plot", publish=False)
    restrict_page(page=draft, entries={world.admin: MANAGE}, by=world.admin)
    assert lines(log(other, world.host), "Page restricted")[0][0] == "Unpublished page"
    assert lines(log(world.admin, world.host), "Page restricted")[0][0] == "Plot"
    assert "Plot" not in everything(log(other, world.host))


def test_a_restriction_inside_one_that_one_may_not_read_does_not_exist(world, log):
    other = make_person("Olga Other", world.host, Role.ADMIN)
    inner = make_article(world.prices, world.admin, "Margins")
    restrict_page(page=inner, entries={world.admin: MANAGE}, by=world.admin)
    assert len(lines(log(world.admin, world.host), "Page restricted")) == 2
    assert lines(log(other, world.host), "Page restricted") == [("Prices", "")]


def test_an_entry_for_a_guest_is_hidden_from_colleagues_who_are_not_named(
    world, log, boss
):
    root = PolicyRoot.objects.get(page=world.prices)
    save_grant(
        root=root, subject=world.guest, level=VIEW, by=world.admin, ends_on=in_days(9)
    )
    before = len(log(boss, world.meridian))
    assert "Prices" not in everything(log(boss, world.meridian))
    assert lines(log(boss, world.meridian), "Access given")[0][0] == "Shared"
    lift_restriction(root=root, by=world.admin)
    # Open now to all of Meridian: what was said about it may be read, too.
    found = log(boss, world.meridian)
    assert len(found) > before
    assert lines(found, "Access withdrawn") == [("Prices", "for Nadia Guest")]


# --- Pages and files -------------------------------------------------------------------


def test_what_a_guest_deletes_is_in_the_log_of_both_until_one_may_not_see_it(
    world, log, boss
):
    share(world.shared, world.meridian, EDIT, world.admin)
    trash = trash_page(page=world.detail, by=world.guest)
    for reader, organisation in ((world.admin, world.host), (boss, world.meridian)):
        assert lines(log(reader, organisation), "Page deleted")[0][0] == "Detail"
    # A manager only views: for readers the trash does not exist.
    assert "Page deleted" not in acts(log(world.manager, world.host))
    restore_page(trash=trash, by=world.guest)
    assert "Page deleted" in acts(log(world.manager, world.host))


def test_a_page_that_goes_to_another_company_is_in_the_log_of_both(world, log, boss):
    share(world.shared, boss, MANAGE, world.admin)
    theirs = make_project(world.meridian, boss, "Theirs")
    move_page(page=world.plan, target=theirs, by=boss)
    (line,) = lines(log(boss, world.meridian), "Page moved")
    assert line == ("Plan", "from “Shared” · to “Theirs”")
    # The former owner sees neither the page nor where it went.
    assert "Page moved" not in acts(log(world.admin, world.host))
    share(theirs, world.host, VIEW, boss)
    assert lines(log(world.admin, world.host), "Page moved") == [line]


def test_former_names_and_deleted_files_are_for_editors_of_the_page(world, log):
    file = add_file(page=world.plan, upload=text_file("cheap.txt"), by=world.admin)
    rename_file(file=file, name="dear.txt", by=world.admin)
    manager = everything(log(world.manager, world.host, kind="files"))
    assert "dear.txt" in manager
    assert "cheap.txt" not in manager
    assert "cheap.txt" in everything(log(world.admin, world.host, kind="files"))
    delete_file(file=file, by=world.admin)
    assert log(world.manager, world.host, kind="files") == []
    assert len(log(world.admin, world.host, kind="files")) == 3


def test_what_is_only_drafted_is_not_told_to_readers(world, log):
    draft = make_article(world.shared, world.admin, "Draft", publish=False)
    move_page(page=draft, target=world.plan, by=world.admin)
    assert "Page moved" in acts(log(world.admin, world.host))
    assert "Page moved" not in acts(log(world.manager, world.host))


# --- People ----------------------------------------------------------------------------


def test_a_membership_that_the_host_gives_is_in_the_log_of_both(world, log, boss):
    save_membership(
        user=world.member,
        organisation=world.meridian,
        by=world.admin,
        sponsor=world.admin,
        ends_on=in_days(60),
    )
    (theirs,) = [e for e in log(boss, world.meridian) if e.about == "Eva Member"]
    assert theirs.act == "Membership given"
    assert theirs.by.person == world.admin
    assert theirs.by.organisation == world.host
    assert theirs.owner is None
    (own,) = [
        e
        for e in log(world.manager, world.host)
        if e.about == "Eva Member" and e.owner == world.meridian
    ]
    assert own.details[0] == "Member"


def test_the_host_reads_nothing_of_what_partners_do_among_themselves(world, log, boss):
    create_team(organisation=world.meridian, name="Secret team", by=boss)
    end_membership(membership=world.guest.memberships.get(), by=boss)
    words = everything(log(world.admin, world.host))
    assert "Secret team" not in words
    assert "Membership ended" not in words
    assert "Secret team" in everything(log(boss, world.meridian))


def test_an_organisation_that_one_does_not_know_is_in_no_line(world, log):
    hidden = make_organisation("Zuid")
    make_person("Zoe Zuid", hidden, sponsor=world.admin)
    set_organisation_status(organisation=hidden, status="suspended", by=world.admin)
    status = Organisation.objects.get(pk=hidden.pk).get_status_display()
    assert lines(
        log(world.admin, world.host), "Organisation suspended or reactivated"
    ) == [("Zuid", status)]
    assert "Zuid" not in everything(log(world.manager, world.host))
    assert "Organisation suspended or reactivated" not in acts(
        log(world.manager, world.host)
    )


def test_an_invited_address_is_told_to_who_may_list_the_invitations(world, log, boss):
    invite(
        email="secret@example.com",
        organisation=world.meridian,
        by=world.admin,
        membership_ends_on=in_days(9),
    )
    for reader, organisation, told in (
        (boss, world.meridian, True),
        (world.admin, world.host, True),
        (world.manager, world.host, False),
    ):
        found = lines(log(reader, organisation), "Invitation sent")
        assert [bool(about) for about, _details in found] == [told]


def test_who_belongs_to_two_organisations_is_in_the_log_of_both(
    world, log, boss, rival
):
    save_membership(
        user=world.guest,
        organisation=world.noord,
        by=rival,
        sponsor=world.admin,
        ends_on=in_days(60),
    )
    set_person_active(user=world.guest, active=False, by=world.admin)
    for reader, organisation in ((boss, world.meridian), (rival, world.noord)):
        found = lines(log(reader, organisation), "Person suspended or reactivated")
        assert found == [("Nadia Guest", "suspended")]
    # One for each organisation; the host's half names both.
    owners = [
        e.owner.name
        for e in log(world.admin, world.host)
        if e.act == "Person suspended or reactivated"
    ]
    assert sorted(owners) == ["Meridian", "Noord"]
    assert "Noord" not in everything(log(boss, world.meridian))


def test_sign_ins_are_for_admins(world, log, sign_in):
    sign_in(world.member)
    assert lines(log(world.admin, world.host), "Signed in") == [("Eva Member", "")]
    found = log(world.manager, world.host)
    assert not {"Signed in", "Account created"} & set(acts(found))
