"""The sharing panel: nothing before Save, all or nothing, no names beyond one's own."""

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import AuditEvent
from accounts.services import add_to_team, create_team
from knowledge.access.changes import (
    Change,
    ChangeSet,
    StaleStateError,
    stored_grants,
    version_of,
)
from knowledge.access.levels import Level
from knowledge.access.models import GroupGrant, PolicyRoot, UserGrant
from knowledge.access.services import apply_changes, save_grant
from knowledge.access.subjects import key_of
from tests.factories import (
    in_days,
    make_organisation,
    make_person,
    make_project,
    root_of,
    sees,
    share,
)
from tests.knowledge.access.conftest import fields


def address(page, rest="access") -> str:
    return f"/{page.slug}/{rest}"


def add(form, who, level=1, days=30) -> dict:
    return form | {
        "add-who": who,
        "add-level": str(level),
        "add-ends_on": in_days(days).isoformat(),
        "do": "add",
    }


def test_nothing_holds_before_save(world, sign_in):
    client = sign_in(world.admin)
    form = fields(client.get(address(world.shared)))
    preview = client.post(address(world.shared), add(form, "Noord", level=2))
    assert preview.status_code == 200
    assert "Save 1 change" in preview.content.decode()
    assert "Shared" not in sees(world.other_guest)

    done = client.post(address(world.shared), fields(preview) | {"do": "save"})
    assert done.status_code == 302
    assert "Shared" in sees(world.other_guest)
    grant = GroupGrant.objects.get(group=world.noord.group)
    assert (grant.giver, grant.ends_on) == (world.admin, in_days(30))
    event = AuditEvent.objects.filter(action="grant.create").first()
    assert (event.organisation, event.other_organisation) == (world.host, world.noord)


def test_preview_tells_people_pages_and_the_end(world, sign_in):
    client = sign_in(world.admin)
    for _ in range(2):
        make_person(organisation=world.noord, sponsor=world.admin)
    form = fields(client.get(address(world.shared)))
    page = client.post(
        address(world.shared), add(form, "Noord", level=2)
    ).content.decode()
    assert '<b class="num">3</b> people' in page
    assert '<b class="num">3</b> pages' in page  # Shared, Plan, Detail; not Prices
    assert "can view and comment until" in page
    assert "1 crosses a company boundary" in page
    assert "<b>3 people</b> will see this for the first time" in page
    assert "Prices" in page  # not included; who manages the project knows it


def test_preview_of_an_end_counts_who_keeps_another_way_in(world, sign_in):
    team = create_team(organisation=world.meridian, name="Smoke", by=None)
    add_to_team(team=team, user=world.guest, by=None)
    share(world.shared, team, 1, world.admin)
    second = make_person(organisation=world.meridian, sponsor=world.admin)
    client = sign_in(world.admin)
    form = fields(client.get(address(world.shared)))
    form[f"{key_of(world.meridian)}-remove"] = "on"
    page = client.post(address(world.shared), form | {"do": "preview"}).content.decode()
    assert "<b>1 person</b> will no longer see this" in page
    saved = client.post(address(world.shared), form | {"do": "save"})
    assert saved.status_code == 302
    assert "Shared" in sees(world.guest)
    assert "Shared" not in sees(second)


def test_several_changes_are_saved_together(world, sign_in):
    client = sign_in(world.admin)
    form = fields(client.get(address(world.shared)))
    form[f"{key_of(world.meridian)}-level"] = "1"
    form["reach"] = PolicyRoot.Reach.RESTRICTED
    page = client.post(address(world.shared), form | {"do": "preview"})
    assert "Save 2 changes" in page.content.decode()
    client.post(address(world.shared), fields(page) | {"do": "save"})
    root = root_of(world.shared)
    assert root.reach == PolicyRoot.Reach.RESTRICTED
    levels = {given.subject: given.level for given in stored_grants(root)}
    assert levels[world.meridian] == Level.VIEW
    assert "Shared" not in sees(world.member)


def test_stale_form_is_refused_and_keeps_what_was_asked(world, sign_in):
    client = sign_in(world.admin)
    form = fields(client.get(address(world.shared)))
    pending = fields(client.post(address(world.shared), add(form, "Noord", level=2)))
    share(world.shared, world.meridian, 1, world.manager)

    refused = client.post(address(world.shared), pending | {"do": "save"})
    assert refused.status_code == 409
    assert "Nothing was saved" in refused.content.decode()
    assert not GroupGrant.objects.filter(group=world.noord.group).exists()
    again = fields(refused)
    assert again[f"{key_of(world.meridian)}-level"] == ["1"]  # the new state
    assert again[f"{key_of(world.noord)}-level"] == ["2"]  # my change, waiting

    assert client.post(address(world.shared), again | {"do": "save"}).status_code == 302
    assert "Shared" in sees(world.other_guest)


def test_all_or_nothing(world):
    root = root_of(world.shared)
    changes = ChangeSet(
        (
            Change(world.noord, Level.VIEW, in_days(10)),
            Change(world.meridian, Level.VIEW, None),  # another organisation, no end
        )
    )
    version = version_of(root, stored_grants(root))
    with pytest.raises(Exception, match="needs an end date"):
        apply_changes(
            root=root, changes=changes, by=world.admin, expected_version=version
        )
    assert not GroupGrant.objects.filter(group=world.noord.group).exists()


def test_apply_refuses_another_version(world):
    root = root_of(world.shared)
    change = ChangeSet((Change(world.noord, Level.VIEW, in_days(10)),))
    with pytest.raises(StaleStateError):
        apply_changes(root=root, changes=change, by=world.admin, expected_version="old")


def test_the_version_of_a_form_tells_no_key_to_who_tries_all_numbers(world, settings):
    root = root_of(world.shared)
    version = version_of(root, stored_grants(root))
    assert version == version_of(root, stored_grants(root))
    settings.SECRET_KEY = "another secret than that of this installation"
    assert version != version_of(root, stored_grants(root))


def test_apply_asks_for_manage_itself(world):
    root = root_of(world.shared)
    change = ChangeSet((Change(world.noord, Level.VIEW, in_days(10)),))
    version = version_of(root, stored_grants(root))
    with pytest.raises(PermissionDenied):
        apply_changes(
            root=root, changes=change, by=world.member, expected_version=version
        )


@pytest.mark.parametrize("days", ["", "-1"])
def test_a_partner_gets_an_end_in_the_future(world, sign_in, days):
    client = sign_in(world.admin)
    form = add(fields(client.get(address(world.shared))), "Noord")
    form["add-ends_on"] = in_days(int(days)).isoformat() if days else ""
    answer = client.post(address(world.shared), form)
    assert answer.status_code == 422
    assert "Save 1 change" not in answer.content.decode()


def test_the_owners_own_need_no_end(world, sign_in):
    client = sign_in(world.admin)
    form = add(fields(client.get(address(world.shared))), "Quay", level=3)
    form["add-ends_on"] = ""
    pending = client.post(address(world.shared), form)
    client.post(address(world.shared), fields(pending) | {"do": "save"})
    assert GroupGrant.objects.get(group=world.team.group).ends_on is None


def test_a_viewer_sees_organisations_and_the_own_reason_only(world, sign_in):
    share(world.shared, world.other_guest, 2, world.admin)
    page = sign_in(world.guest).get(address(world.plan)).content.decode()
    assert "Meridian" in page
    assert "Vaartkade" in page
    assert "Through the grant to Meridian" in page
    assert world.other_guest.name not in page
    assert world.member.name not in page
    assert 'id="sharing"' not in page


def test_a_viewer_cannot_post(world, sign_in):
    manager = sign_in(world.admin)
    form = fields(manager.get(address(world.shared)))
    pending = fields(manager.post(address(world.shared), add(form, "Noord")))
    sign_in(world.guest).post(address(world.shared), pending | {"do": "save"})
    assert "Shared" not in sees(world.other_guest)


def test_hidden_and_missing_are_the_same(world, sign_in):
    client = sign_in(world.guest)
    missing = client.get("/nothing-22222222/access")
    for page in (world.closed, world.open, world.prices):
        for rest in ("access", "access/restrict", "access/lift"):
            hidden = client.get(address(page, rest))
            assert (hidden.status_code, hidden.content) == (404, missing.content)


def test_a_guest_who_manages_cannot_find_the_unknown(world, sign_in):
    """Noord manages its own project and knows Vaartkade only by what it sees."""
    boss = make_person("Nora Boss", world.noord, "admin", sponsor=world.admin)
    project = make_project(world.noord, boss, "Theirs")
    client = sign_in(boss)
    form = fields(client.get(address(project)))
    unknown = client.post(address(project), add(form, "Zzz")).content.decode()
    for name in ("Meridian", "Meri", world.guest.email, "Quay", world.member.name):
        answer = client.post(address(project), add(form, name))
        assert answer.status_code == 422
        assert answer.content.decode().count(name) == unknown.count("Zzz")
        assert "You know nobody called" in answer.content.decode()


def test_a_forged_key_names_nobody(world, sign_in):
    boss = make_person("Nora Boss", world.noord, "admin", sponsor=world.admin)
    project = make_project(world.noord, boss, "Theirs")
    client = sign_in(boss)
    key = key_of(world.meridian)
    form = fields(client.get(address(project)))
    form |= {"row": [key], f"{key}-level": "1", f"{key}-ends_on": str(in_days(9))}
    page = client.post(address(project), form | {"do": "preview"}).content.decode()
    assert "Meridian" not in page


def test_several_matches_are_told_apart(world, sign_in):
    make_organisation("Meridian North")
    make_organisation("Meridian South")
    client = sign_in(world.admin)
    form = fields(client.get(address(world.shared)))
    exact = client.post(address(world.shared), add(form, "meridian north"))
    assert "Everyone at Meridian North" in exact.content.decode()
    several = client.post(address(world.shared), add(form, "Meridian ")).status_code
    assert several == 200  # the very name wins
    answer = client.post(address(world.shared), add(form, "merid"))
    assert "Several match" in answer.content.decode()


def test_check_one_person(world, sign_in):
    client = sign_in(world.admin)
    page = client.get(address(world.shared), {"person": world.guest.email})
    assert "Through the grant to Meridian" in page.content.decode()
    nothing = client.get(address(world.shared), {"person": "Jelle Other"})
    assert "Sees nothing here" in nothing.content.decode()
    unknown = client.get(address(world.shared), {"person": "Nobody"})
    assert "You know nobody called" in unknown.content.decode()


def test_ended_grants_are_shown_and_can_be_renewed(world, sign_in, time_machine):
    root = root_of(world.shared)
    save_grant(
        root=root, subject=world.noord, level=2, by=world.admin, ends_on=in_days(3)
    )
    time_machine.move_to(in_days(5), tick=False)
    client = sign_in(world.admin)
    page = client.get(address(world.shared))
    assert "Has ended" in page.content.decode()
    form = fields(page)
    form[f"{key_of(world.noord)}-ends_on"] = in_days(20).isoformat()
    client.post(address(world.shared), form | {"do": "save"})
    assert "Shared" in sees(world.other_guest)


def test_queries_do_not_grow_with_the_list(
    world, sign_in, django_assert_max_num_queries
):
    for _ in range(8):
        partner = make_organisation()
        person = make_person(organisation=partner, sponsor=world.admin)
        share(world.shared, partner, 1, world.admin)
        share(world.shared, person, 2, world.admin)
    client = sign_in(world.admin)
    client.get(address(world.shared))
    with django_assert_max_num_queries(26):
        client.get(address(world.shared))


# --- A guest who manages ------------------------------------------------------------------


def managing_guest(world):
    share(world.shared, world.other_guest, 4, world.admin, days=20)
    return world.other_guest


def test_a_guest_who_manages_gives_nothing_beyond_the_own_last_day(world, sign_in):
    client = sign_in(managing_guest(world))
    form = fields(client.get(address(world.shared)))
    for days, status in ((21, 422), (20, 302)):
        sent = form | {
            f"p-{world.other_guest.public_id}-level": ["3"],
            f"p-{world.other_guest.public_id}-ends_on": [in_days(days).isoformat()],
            "do": ["save"],
        }
        assert client.post(address(world.shared), sent).status_code == status
    grant = UserGrant.objects.get(user=world.other_guest)
    assert grant.ends_on == in_days(20)


def test_the_reach_is_for_people_of_the_owner(world, sign_in):
    client = sign_in(managing_guest(world))
    page = client.get(address(world.shared))
    assert 'name="reach"' not in page.content.decode()
    sent = fields(page) | {"reach": ["network"], "do": ["save"]}
    client.post(address(world.shared), sent)
    assert root_of(world.shared).reach == "organisation"
    with pytest.raises(PermissionDenied):
        apply_changes(
            root=root_of(world.shared),
            changes=ChangeSet(reach="network"),
            by=world.other_guest,
            expected_version=version_of(
                root_of(world.shared), stored_grants(root_of(world.shared))
            ),
        )
