"""Who takes part is told by what the reader may view, and by nothing else."""

from knowledge.access.models import PolicyRoot
from knowledge.access.rule import forget
from knowledge.access.selectors import audience, known_organisations
from knowledge.access.services import restrict_page, withdraw_grant
from tests.factories import make_article, make_project, root_of, sees, share

VIEW, MANAGE = 1, 4


def open_project(world):
    net = make_project(world.host, world.admin, "Net", reach=PolicyRoot.Reach.NETWORK)
    for partner in (world.meridian, world.noord):
        share(net, partner, VIEW, world.admin)
    return net


def entries(world):
    return {world.admin: MANAGE, world.meridian: VIEW, world.noord: VIEW}


def test_a_restricted_draft_tells_its_readers_to_be_of_nobody(world, sign_in):
    net = open_project(world)
    page = make_article(net, world.admin, "Draft", publish=False)
    restrict_page(page=page, entries=entries(world), by=world.admin)
    withdraw_grant(root=root_of(net), subject=world.noord, by=world.admin)
    assert "Draft" not in sees(world.guest)
    client = sign_in(world.guest)
    assert "Noord" not in client.get("/projects/").content.decode()
    address = f"/organisations/{world.noord.public_id}/"
    assert client.get(address).status_code == 404


def test_its_editors_know_them(world):
    net = open_project(world)
    page = make_article(net, world.admin, "Draft", publish=False)
    restrict_page(page=page, entries=entries(world), by=world.admin)
    withdraw_grant(root=root_of(net), subject=world.noord, by=world.admin)
    forget(world.admin)
    assert world.noord in known_organisations(world.admin)


def test_an_entry_inside_a_restriction_without_one_outside_tells_of_nobody(world):
    net = open_project(world)
    outer = make_article(net, world.admin, "Outer")
    inner = make_article(outer, world.admin, "Inner")
    mid = restrict_page(page=outer, entries=entries(world), by=world.admin)
    root = restrict_page(page=inner, entries=entries(world), by=world.admin)
    withdraw_grant(root=root_of(net), subject=world.noord, by=world.admin)
    assert world.noord in known_organisations(world.guest)
    withdraw_grant(root=mid, subject=world.noord, by=world.admin)
    assert "Inner" in sees(world.guest)
    assert world.noord not in audience(world.guest, root).organisations
    assert world.noord not in known_organisations(world.guest)
