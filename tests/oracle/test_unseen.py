"""What one may not see changes nothing: no count, no order, no arrow, no page more.

Everything that a viewer knows is asked for; then much is added that the viewer may not
see; then it is asked for again. All answers are the same, to the byte.
"""

import re

import pytest
import time_machine
from django.core.files.base import ContentFile
from wagtail.models import Page

from accounts.invitations import invite
from knowledge.access.models import PolicyRoot
from knowledge.access.rule import forget
from knowledge.access.services import restrict_page
from knowledge.files.services import add_file
from knowledge.pages.bulk import NewArticle, create_articles
from knowledge.pages.models import new_slug
from knowledge.pages.services import Text, create_project, save_page
from knowledge.pages.services_structure import trash_page
from search.indexing import drain_all
from tests.factories import in_days, make_article, make_organisation, make_person
from tests.oracle.crawl import address_of, ask, client_of, rolled_back
from tests.oracle.surfaces import SURFACES
from tests.oracle.test_leaks import leaks
from tests.oracle.words import Stage

# The id that a new page will have is drawn for each form.
DRAWN = re.compile(r'(name="once" value=")[^"]+')
SEARCHES = (
    *(
        f"/search/?q={word}{more}"
        for word in ("text", "body", "content", "page")
        for more in ("", "&format=json", "&type=file")
    ),
    "/search/suggest?q=pa",
    "/search/suggest?q=zq",
)
# Where the same words would be counted. The first has no draft over it.
PAGES = ("left by a partner", "shared", "page in shared", "links")


def asked(stage: Stage, viewer: str) -> dict[str, str]:
    """Ask for all lists, and for a few pages on every surface that a page has."""
    client = client_of(stage, viewer)
    addresses = list(SEARCHES)
    for surface in SURFACES:
        if surface.kind == "page":
            slugs = [stage.pages[name].slug for name in PAGES]
            addresses += [address_of(surface, {"address": slug}) for slug in slugs]
        elif not surface.kind:
            addresses.append(address_of(surface, {}))
    return {
        address: DRAWN.sub(r"\1…", ask(client, "GET", address, {}).text)
        for address in addresses
    }


def add_what_nobody_sees(stage: Stage) -> None:
    """Add pages, projects, files, people and a partner: for the host's admin only."""
    admin = stage.users["host_admin"]
    host = admin.memberships.get().organisation
    forget(admin)
    for name in PAGES[1:]:
        parent = Page.objects.get(pk=stage.pages[name].pk).specific
        page = make_article(parent, admin, "Page with text", body="text content body")
        below = make_article(page, admin, "Page below, text")
        add_file(page=page, upload=ContentFile(b"content", name="text.txt"), by=admin)
        trash_page(page=make_article(below, admin, "Page, deleted"), by=admin)
        restrict_page(page=page, entries={admin: 4}, by=admin)
    text = Text("Project with text", "body text content", "en")
    project = create_project(
        owner=host, text=text, by=admin, reach=PolicyRoot.Reach.RESTRICTED
    )
    create_articles(
        articles=[
            NewArticle(new_slug(f"Page {n}"), project.slug, Text(f"Page {n}", "text"))
            for n in range(40)
        ],
        by=admin,
    )
    partner = make_organisation("Partner that nobody knows")
    make_person("Person whom nobody knows", partner)
    invite(
        email="unknown@example.com",
        organisation=partner,
        by=admin,
        membership_ends_on=in_days(30),
    )
    drain_all()


def add_a_draft(stage: Stage) -> None:
    """Begin another text over a published page."""
    page = Page.objects.get(pk=stage.pages[PAGES[0]].pk).specific
    admin = stage.users["host_admin"]
    forget(admin)
    save_page(
        page=page,
        text=Text(page.title, "another text, content, body", "en"),
        base_revision_id=page.latest_revision_id,
        by=admin,
        publish=False,
    )


@pytest.mark.parametrize("viewer", ["beta_member", "beta_writer", "gamma_member"])
def test_what_one_may_not_see_changes_nothing(stage, viewer):
    # Time of day is shown, and a test may take a minute.
    with rolled_back(), time_machine.travel(in_days(0), tick=False):
        before = asked(stage, viewer)
        add_what_nobody_sees(stage)
        if viewer != "beta_writer":
            add_a_draft(stage)
        after = asked(stage, viewer)
    changed = [address for address in before if before[address] != after[address]]
    assert not changed, "\n".join(
        f"{address}: {_first(before[address], after[address])}" for address in changed
    )


def _first(one: str, other: str) -> tuple[str, str]:
    pairs = zip(one.splitlines(), other.splitlines(), strict=False)
    return next(((a, b) for a, b in pairs if a != b), ("", "longer"))


def test_what_is_added_is_seen_by_who_may(stage):
    """The positive control: each of the additions changes something for an admin."""
    with rolled_back(), time_machine.travel(in_days(0), tick=False):
        before = asked(stage, "host_admin")
        add_what_nobody_sees(stage)
        after = asked(stage, "host_admin")
    same = {address for address in before if before[address] == after[address]}
    delete = f"/{stage.pages['page in shared'].slug}/delete"
    for address in ("/", "/recent/", "/projects/", delete, SEARCHES[0], SEARCHES[1]):
        assert address not in same, address


def test_what_others_looked_at_before_changes_nothing(stage):
    """Nothing is kept of the answer to one reader for the next."""
    page = next(surface for surface in SURFACES if surface.name == "wagtail_serve")
    for name in PAGES:
        address = address_of(page, {"address": stage.pages[name].slug})
        for viewer in ("host_admin", "beta_member", "host_admin"):
            got = ask(client_of(stage, viewer), "GET", address, {})
            assert got.status == 200
            assert not leaks(stage, viewer, got, address), (viewer, name)
