"""Which organisations and people a reader is told of: those that take part today."""

import pytest
import time_machine
from django.core.exceptions import PermissionDenied

from accounts.models import User
from accounts.services import end_membership
from knowledge.access.services import (
    lift_restriction,
    restrict_page,
    withdraw_grant,
)
from knowledge.access.subjects import find_subject
from knowledge.pages.services_structure import trash_page
from tests.factories import (
    in_days,
    join,
    make_article,
    make_organisation,
    make_person,
    make_project,
    root_of,
    sees,
    share,
)
from tests.knowledge.access.conftest import fields


def text(response):
    return response.content.decode()


def told(client, page, organisation) -> set[str]:
    """Say where a reader of a page is told of an organisation."""
    places = {
        "page": f"/{page.slug}/",
        "access": f"/{page.slug}/access",
        "list": "/projects/",
    }
    found = {
        name
        for name, address in places.items()
        if organisation.name in text(client.get(address))
    }
    own = client.get(f"/organisations/{organisation.public_id}/")
    return found | {"its address"} if own.status_code == 200 else found


def test_where_a_founder_went_is_not_told_to_readers(world, sign_in):
    """What founders have is without end, and counts only while they belong to the owner."""
    tessel = make_organisation("Tessel")
    founder = make_person("Fien Founder", world.host)
    project = make_project(world.host, founder, "Founded")
    share(project, world.meridian, 1, world.admin)
    end_membership(membership=founder.memberships.get(), by=world.admin)
    join(founder, tessel, world.admin)
    assert "Founded" not in sees(founder)
    assert told(sign_in(world.guest), project, tessel) == set()


def test_nor_where_a_founder_belongs_whose_time_is_over(world, sign_in):
    tessel = make_organisation("Tessel")
    founder = make_person("Fien Founder", world.host, ends_on=in_days(1))
    project = make_project(world.host, founder, "Founded", reach="network")
    join(founder, tessel, world.admin)
    assert told(sign_in(world.guest), project, tessel) == set()
    with time_machine.travel(in_days(3)):
        assert told(sign_in(world.guest), project, tessel) == set()


def test_somebody_acts_for_the_organisation_that_it_is_shared_with(world, sign_in):
    """Bo belongs to Noord, which takes part, and to Acme, whose name comes first."""
    acme = make_organisation("Acme")
    bo = make_person("Bo Both", world.noord, sponsor=world.admin)
    join(bo, acme, world.admin)
    share(world.shared, world.noord, 1, world.admin)
    share(world.shared, bo, 3, world.admin)
    client = sign_in(world.guest)
    assert told(client, world.shared, acme) == set()
    assert "page" in told(client, world.shared, world.noord)


def test_an_entry_in_a_restriction_makes_nobody_known_by_itself(world, sign_in):
    share(world.shared, world.noord, 1, world.admin)
    admin = User.objects.get(pk=world.admin.pk)
    entries = {world.admin: 4, world.meridian: 1, world.noord: 1}
    restrict_page(page=world.detail, by=admin, entries=entries)
    later = make_person("Lars Later", world.noord, sponsor=world.admin)
    assert "its address" in told(sign_in(later), world.detail, world.meridian)
    withdraw_grant(root=root_of(world.shared), subject=world.meridian, by=admin)
    assert "Detail" not in sees(world.guest)
    assert told(sign_in(later), world.detail, world.meridian) == set()


def test_who_gave_something_is_named_to_partners_while_they_belong_to_the_owner(
    world, sign_in
):
    tessel = make_organisation("Tessel")
    giver = make_person("Tineke Giver", tessel, sponsor=world.admin)
    share(world.shared, giver, 4, world.admin)
    share(world.shared, world.noord, 1, giver)
    address = f"/{world.shared.slug}/access"
    withdraw_grant(root=root_of(world.shared), subject=giver, by=world.admin)
    shown = text(sign_in(world.other_guest).get(address))
    assert "Tessel" not in shown
    assert "Tineke" not in shown
    assert "given by Anouk Admin" in text(sign_in(world.guest).get(address))


def test_a_guest_who_manages_reads_no_address_where_several_match(world, sign_in):
    share(world.shared, world.guest, 4, world.admin)
    share(world.shared, world.member, 2, world.admin)
    client, url = sign_in(world.guest), f"/{world.shared.slug}/access"
    ends = in_days(5).isoformat()
    added = {"add-who": "e", "add-level": "1", "add-ends_on": ends, "do": "add"}
    shown = text(client.post(url, fields(client.get(url)) | added))
    assert "Several match" in shown
    assert world.member.email not in shown


def test_a_team_of_a_partner_is_not_taken_for_a_colleague(world, sign_in):
    boss = make_person("Bram Boss", world.meridian, "manager", sponsor=world.admin)
    url = f"/organisation/{world.meridian.public_id}/teams/"
    sign_in(boss).post(url, {"name": "Milan Manager"})
    found = find_subject(User.objects.get(pk=world.admin.pk), "Milan Manager")
    assert found == world.manager


def test_a_restriction_is_lifted_only_by_who_manages_what_it_narrows(world):
    """Also when somebody is named in it with *manage*."""
    share(world.shared, world.member, 3, world.admin)
    restrict_page(
        page=world.detail,
        entries={world.admin: 4, world.member: 4},
        by=User.objects.get(pk=world.admin.pk),
    )
    with pytest.raises(PermissionDenied):
        lift_restriction(
            root=root_of(world.detail), by=User.objects.get(pk=world.member.pk)
        )
    assert "Detail" not in sees(world.guest)


def test_what_somebody_of_two_partners_writes_is_of_the_one_that_takes_part(world):
    """Acme is older and comes first by name; Noord is with whom it is shared."""
    acme = make_organisation("Acme")
    bo = make_person("Bo Both", acme, sponsor=world.admin)
    join(bo, world.noord, world.admin)
    share(world.shared, world.noord, 3, world.admin)
    page = make_article(world.shared, bo, "By Bo")
    assert page.facts.organisation == world.noord
    trash = trash_page(page=page, by=bo)
    assert trash.organisation == world.noord


def test_below_a_page_stands_who_stands_in_its_history(world, sign_in):
    """Noord takes part elsewhere in what Meridian reads, and no longer here."""
    share(world.shared, world.noord, 3, world.admin)
    nora = make_person("Nora Noord", world.noord, sponsor=world.admin)
    page = make_article(world.shared, nora, "From Noord")
    withdraw_grant(root=root_of(world.shared), subject=world.noord, by=world.admin)
    client = sign_in(world.guest)
    for address in (f"/{page.slug}/", f"/{page.slug}/history"):
        assert "Nora" not in text(client.get(address))
    share(world.open, world.noord, 1, world.admin)
    share(world.open, world.meridian, 1, world.admin)
    for address in (f"/{page.slug}/", f"/{page.slug}/history"):
        assert "Nora" in text(client.get(address))
