"""A page as one reader sees it."""

import pytest
from django.urls import reverse

from accounts.services import set_organisation_status
from knowledge.access.models import PolicyRoot
from knowledge.access.services import withdraw_grant
from knowledge.pages import selectors_tree
from knowledge.pages.services import Text, save_page
from tests.factories import make_article, make_person, make_project, root_of, share

HIDDEN = "/nothing-here-22222222/"
ACTIONS = ("edit", "new", "history", "move", "delete", "children", "discard-draft")


def edit(page, by, body="Changed.", publish=True, title=None, note=""):
    page.refresh_from_db()
    return save_page(
        page=page,
        text=Text(title or page.title, body, page.language),
        base_revision_id=page.latest_revision_id,
        by=by,
        publish=publish,
        note=note,
    )


def body_of(response) -> str:
    return response.content.decode()


def test_a_member_reads_a_page_with_its_path_tree_and_text(world, sign_in):
    response = sign_in(world.member).get(f"/{world.detail.slug}/")

    assert response.status_code == 200
    reading = response.context["reading"]
    assert [node.title for node in reading.tree.crumbs] == ["Shared", "Plan"]
    plan = reading.tree.project.children[0]
    assert (plan.title, plan.is_open) == ("Plan", True)
    assert [(node.title, node.is_current) for node in plan.children] == [
        ("Detail", True)
    ]
    assert "<p>In detail.</p>" in body_of(response)


def test_the_share_bar_names_partners_and_the_earliest_end(world, sign_in):
    page = body_of(sign_in(world.guest).get(f"/{world.plan.slug}/"))
    assert "Meridian" in page
    assert 'class="seam"' in page
    inside = body_of(sign_in(world.member).get(f"/{world.open.slug}/"))
    assert "share-bar is-inside" in inside


@pytest.mark.parametrize(
    "title",
    ["chrome_url_overrides", "_", "C++ & C#", "日本語", "Ünïcode: straße", "a" * 200],
)
def test_a_page_opens_whatever_its_title(world, sign_in, title):
    page = make_article(world.open, world.admin, title)
    assert sign_in(world.member).get(f"/{page.slug}/").status_code == 200


@pytest.mark.parametrize("action", ["", *ACTIONS])
def test_hidden_and_missing_are_the_same_bytes(world, sign_in, action):
    client = sign_in(world.other_guest)
    missing = client.get(f"{HIDDEN}{action}")
    for page in (world.shared, world.plan, world.prices, world.closed):
        hidden = client.get(f"/{page.slug}/{action}")
        assert hidden.status_code == 404
        assert hidden.content == missing.content
        assert set(hidden.headers.items()) == set(missing.headers.items())


@pytest.mark.parametrize("action", ["edit", "new", "move", "delete", "preview"])
def test_hidden_and_missing_are_the_same_bytes_when_something_is_sent(
    world, sign_in, action
):
    client = sign_in(world.other_guest)
    sent = {"title": "A", "body": "My words", "action": "publish"}
    missing = client.post(f"{HIDDEN}{action}", sent)
    hidden = client.post(f"/{world.plan.slug}/{action}", sent)
    assert hidden.status_code == missing.status_code == 404
    assert hidden.content == missing.content


def test_wrong_words_before_the_id_lead_to_the_right_address(world, sign_in):
    public_id = world.plan.slug[-8:]
    client = sign_in(world.guest)
    response = client.get(f"/old-words-{public_id}/")
    assert (response.status_code, response["Location"]) == (301, f"/{world.plan.slug}/")
    history = client.get(f"/old-words-{public_id}/history?page=2")
    assert history["Location"] == f"/{world.plan.slug}/history?page=2"


def test_wrong_words_tell_nothing_about_a_hidden_page(world, sign_in):
    public_id = world.plan.slug[-8:]
    response = sign_in(world.other_guest).get(f"/old-words-{public_id}/")
    assert response.status_code == 404
    assert b"plan" not in response.content.lower()


def test_the_permanent_link_leads_to_the_page_after_the_check(world, sign_in):
    address = reverse("permalink", args=[world.plan.slug[-8:]])
    assert sign_in(world.guest).get(address)["Location"] == f"/{world.plan.slug}/"
    assert sign_in(world.other_guest).get(address).status_code == 404


def test_a_withdrawn_grant_closes_the_page_at_the_next_request(world, sign_in):
    client = sign_in(world.guest)
    assert client.get(f"/{world.plan.slug}/").status_code == 200
    withdraw_grant(root=root_of(world.shared), subject=world.meridian, by=world.admin)
    assert client.get(f"/{world.plan.slug}/").status_code == 404


def test_a_restricted_page_leaves_no_trace_for_who_is_not_named(world, sign_in):
    for address in ("/", "/recent/", "/projects/", f"/{world.shared.slug}/"):
        page = body_of(sign_in(world.guest).get(address))
        assert "Prices" not in page
        assert world.prices.slug not in page


def test_who_manages_the_project_sees_that_a_restricted_page_exists(world, sign_in):
    boss = make_person("Bram Boss", world.host)
    share(world.shared, boss, 4, world.admin)
    client = sign_in(boss)
    page = body_of(client.get(f"/{world.shared.slug}/"))
    assert f'href="/{world.prices.slug}/access"' in page
    assert f'href="/{world.prices.slug}/"' not in page
    assert client.get(f"/{world.prices.slug}/").status_code == 404


def test_an_unpublished_page_above_leaves_no_trace(world, sign_in):
    draft = make_article(world.plan, world.admin, "Draft above", publish=False)
    below = make_article(draft, world.admin, "Below")
    response = sign_in(world.member).get(f"/{below.slug}/")
    reading = response.context["reading"]
    assert [node.title for node in reading.tree.crumbs] == ["Shared", "Plan"]
    assert "Draft above" not in body_of(response)
    titles = [node.title for node in reading.tree.project.children[0].children]
    assert titles == ["Detail", "Below"]


def test_editors_are_told_of_a_newer_draft_and_readers_are_not(world, sign_in):
    edit(world.plan, world.admin, "Not for everybody yet", publish=False)
    editor = body_of(sign_in(world.guest).get(f"/{world.plan.slug}/"))
    viewer = body_of(sign_in(world.member).get(f"/{world.plan.slug}/"))
    assert "There is a newer draft" in editor
    assert "newer draft" not in viewer
    assert "Not for everybody yet" not in editor + viewer


def test_an_unpublished_page_shows_editors_its_newest_draft(world, sign_in):
    page = make_article(world.plan, world.admin, "Soon", body="First", publish=False)
    edit(page, world.admin, "Second", publish=False)
    shown = body_of(sign_in(world.guest).get(f"/{page.slug}/"))
    assert "not published yet" in shown
    assert "Second" in shown
    assert sign_in(world.member).get(f"/{page.slug}/").status_code == 404


def test_links_by_title_find_what_the_reader_may_see(world, sign_in):
    edit(world.plan, world.admin, "See [[Detail]], [[prices]] and [[Nowhere]].")
    viewer = body_of(sign_in(world.member).get(f"/{world.plan.slug}/"))
    assert f'href="/{world.detail.slug}/"' in viewer
    assert '<span class="wikilink-missing">prices</span>' in viewer
    assert '<span class="wikilink-missing">Nowhere</span>' in viewer
    assert world.prices.slug not in viewer
    admin = body_of(sign_in(world.admin).get(f"/{world.plan.slug}/"))
    assert f'class="wikilink" href="/{world.prices.slug}/"' in admin


def test_a_missing_link_offers_editors_to_write_the_page(world, sign_in):
    edit(world.plan, world.admin, "See [[Fire & smoke]].")
    client = sign_in(world.guest)
    page = body_of(client.get(f"/{world.plan.slug}/"))
    assert f'href="/{world.plan.slug}/new?title=Fire+%26+smoke"' in page
    form = client.get(f"/{world.plan.slug}/new?title=Fire+%26+smoke")
    assert 'value="Fire &amp; smoke"' in body_of(form)


def test_of_two_namesakes_a_link_takes_the_one_of_its_own_project(world, sign_in):
    older = make_article(world.open, world.admin, "Twin")
    near = make_article(world.shared, world.admin, "Twin")
    edit(world.plan, world.admin, "[[Twin]]")
    edit(older, world.admin, "[[Plan]]")
    page = body_of(sign_in(world.member).get(f"/{world.plan.slug}/"))
    assert f'class="wikilink" href="/{near.slug}/"' in page
    assert f'href="/{older.slug}/"' not in page


def test_the_author_is_not_named_to_who_may_not_know_their_organisation(world, sign_in):
    share(world.shared, world.noord, 3, world.admin)
    edit(world.plan, world.other_guest, "By them")
    withdraw_grant(root=root_of(world.shared), subject=world.noord, by=world.admin)
    for address in (f"/{world.plan.slug}/", f"/{world.plan.slug}/history", "/recent/"):
        seen = body_of(sign_in(world.guest).get(address))
        assert "Jelle" not in seen
        assert "Noord" not in seen
        assert "Jelle" in body_of(sign_in(world.member).get(address))


def test_a_suspended_owner_closes_its_pages(world, sign_in):
    share(world.shared, world.noord, 1, world.admin)
    project = make_project(world.meridian, world.guest, "Theirs")
    share(project, world.noord, 1, world.guest)
    client = sign_in(world.other_guest)
    assert client.get(f"/{project.slug}/").status_code == 200
    set_organisation_status(organisation=world.meridian, status="suspended", by=None)
    assert client.get(f"/{project.slug}/").status_code == 404


def test_only_reading_methods_reach_a_page(world, sign_in):
    client = sign_in(world.guest)
    assert client.head(f"/{world.plan.slug}/").status_code == 200
    assert client.put(f"/{world.plan.slug}/").status_code == 405


def test_a_very_long_list_is_cut_and_leads_to_all(world, sign_in, monkeypatch):
    monkeypatch.setattr(selectors_tree, "MAX_SIBLINGS", 3)
    made = [make_article(world.open, world.admin, f"Page {n}") for n in range(6)]
    client = sign_in(world.member)
    page = client.get(f"/{world.open.slug}/")
    titles = [node.title for node in page.context["reading"].tree.project.children]
    assert titles == ["Page 0", "Page 1", "Page 2"]
    assert f"/{world.open.slug}/children" in body_of(page)
    late = client.get(f"/{made[5].slug}/").context["reading"].tree.project
    assert [node.title for node in late.children][-1] == "Page 5"
    everything = client.get(f"/{world.open.slug}/children")
    assert [n.title for n in everything.context["nodes"]] == [p.title for p in made]


def test_a_branch_of_the_tree_comes_as_a_fragment(world, sign_in):
    response = sign_in(world.member).get(
        f"/{world.shared.slug}/children", headers={"HX-Request": "true"}
    )
    fragment = body_of(response)
    assert "<html" not in fragment
    assert f'href="/{world.plan.slug}/"' in fragment
    assert world.prices.slug not in fragment


def test_operators_see_everything_and_every_view_is_recorded(world, sign_in):
    operator = make_person("Otto Operator", world.host)
    operator.is_superuser = True
    operator.save()
    assert sign_in(operator).get(f"/{world.prices.slug}/").status_code == 200
    events = operator.audit_events.filter(action="operator.view")
    assert [event.target for event in events] == [str(world.prices.pk)]


def grow(world):
    """Make everything more that must not cost queries."""
    for number in range(4):
        partner = make_project(world.host, world.admin, f"More {number}")
        share(partner, world.meridian, 2, world.admin)
        page = make_article(world.plan, world.admin, f"Sub {number}")
        make_article(page, world.admin, f"Subsub {number}")
        share(world.shared, make_person(f"P{number}", world.noord), 1, world.admin)


@pytest.mark.parametrize("person", ["member", "guest", "admin"])
def test_a_page_view_costs_sixteen_queries_at_most(
    world, sign_in, person, django_assert_max_num_queries
):
    edit(world.plan, world.admin, "See [[Detail]] and [[Nowhere]].")
    client = sign_in(getattr(world, person))
    for _round in range(2):
        for page in (world.plan, world.shared, world.detail):
            client.get(f"/{page.slug}/")
            with django_assert_max_num_queries(16):
                client.get(f"/{page.slug}/")
        grow(world)


@pytest.mark.parametrize("reach", PolicyRoot.Reach.values)
def test_the_bar_tells_the_reach(world, sign_in, reach):
    project = make_project(world.host, world.admin, "Reach", reach=reach)
    page = body_of(sign_in(world.admin).get(f"/{project.slug}/"))
    words = {
        "network": "everyone in the network",
        "organisation": "inside the organisation",
        "restricted": "only for who is named",
    }
    assert words[reach] in page
