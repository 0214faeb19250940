"""The screens about sharing: what answers what, to whom, and with which words."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import get_messages
from django.http import Http404
from django.urls import resolve

from knowledge.access.models import PolicyRoot
from knowledge.access.services import restrict_page, save_restriction_entry
from tests.factories import in_days, make_article, make_person, root_of, share
from tests.knowledge.access.conftest import fields
from tests.knowledge.access.test_panel import add, address


def told(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def context(response, *names) -> tuple:
    return tuple(response.context[name] for name in names)


@pytest.mark.parametrize("rest", ["access", "access/restrict", "access/lift"])
def test_behind_the_door_there_is_nothing_for_a_stranger_either(world, rf, rest):
    request = rf.get(address(world.shared, rest))
    request.user = AnonymousUser()
    found = resolve(address(world.shared, rest))
    with pytest.raises(Http404):
        found.func(request, **found.kwargs)


@pytest.mark.parametrize("rest", ["access", "access/restrict", "access/lift"])
def test_other_methods_than_reading_and_sending_are_refused(world, sign_in, rest):
    client = sign_in(world.admin)
    assert client.put(address(world.prices, rest)).status_code == 405
    assert client.head(address(world.prices, rest)).status_code in {200, 302}


def test_the_list_of_partners_is_only_read_and_only_by_employees(world, sign_in):
    client = sign_in(world.member)
    assert client.get("/partners/").status_code == 200
    assert client.head("/partners/").status_code == 200
    assert client.post("/partners/").status_code == 405
    operator = make_person("Olga Operator")
    type(operator).objects.filter(pk=operator.pk).update(is_superuser=True)
    assert sign_in(operator).get("/partners/").status_code == 200


def test_below_a_root_one_reads_where_access_is_decided(world, sign_in):
    page = sign_in(world.admin).get(address(world.plan))
    assert page.templates[0].name == "access/overview.html"
    assert page.context["root_page"].pk == world.shared.pk
    assert context(page, "may_share", "may_restrict", "level") == (True, True, 4)
    assert page.context["audience"].organisations == (world.host, world.meridian)
    guest = sign_in(world.guest).get(address(world.plan))
    assert context(guest, "may_share", "may_restrict", "level") == (False, False, 3)
    # On the root itself one reads, too, when one may not change it.
    assert sign_in(world.member).get(address(world.shared)).status_code == 200


def test_who_does_not_read_a_page_is_not_told_where_it_is_decided(world, sign_in):
    share(world.shared, world.manager, 4)
    inner = make_article(world.prices, world.admin, "Inner")
    restrict_page(page=inner, entries={world.admin: 4, world.host: 4}, by=world.admin)
    assert sign_in(world.manager).get(address(inner)).status_code == 404


def test_a_restriction_whose_root_is_a_draft_is_not_named_to_a_reader(world, sign_in):
    draft = make_article(world.shared, world.admin, "Secret plan", publish=False)
    below = make_article(draft, world.admin, "Below")
    restrict_page(page=draft, entries={world.admin: 4, world.host: 1}, by=world.admin)
    page = sign_in(world.member).get(address(below))
    assert page.status_code == 200
    assert page.context["root_page"] is None
    assert b"Secret plan" not in page.content


def test_restricting_begins_with_naming_oneself_and_ends_on_the_page(world, sign_in):
    client = sign_in(world.admin)
    where = address(world.plan, "access/restrict")
    form = client.get(where)
    assert [c.subject for c in form.context["panel"].pending.changes] == [world.admin]
    assert form.context["panel"].pending.changes[0].level == 4
    assert "checked" not in form.context
    done = client.post(where, fields(form) | {"do": "save"})
    assert (done.status_code, done.url) == (302, address(world.plan))
    assert told(done) == ["Saved 1 change."]
    again = client.get(where)
    assert (again.status_code, again.url) == (302, address(world.plan))
    nobody = client.post(address(world.detail, "access/restrict"), {"do": "save"})
    assert nobody.status_code == 409


def test_saving_tells_how_many_changes_were_made(world, sign_in):
    client = sign_in(world.admin)
    form = fields(client.get(address(world.shared)))
    preview = client.post(
        address(world.shared), add(form, "Noord") | {"reach": "network"}
    )
    assert preview.status_code == 200
    done = client.post(address(world.shared), fields(preview) | {"do": "save"})
    assert (done.status_code, done.url) == (302, address(world.shared))
    assert told(done) == ["Saved 2 changes."]
    # Nothing asked for is nothing saved.
    form = fields(client.get(address(world.shared))) | {"do": "save"}
    idle = client.post(address(world.shared), form)
    assert (idle.status_code, told(idle)) == (200, [])


def test_what_cannot_be_saved_is_said_and_waits(world, sign_in):
    client = sign_in(world.admin)
    form = add(fields(client.get(address(world.shared))), "Zzz") | {"do": "save"}
    assert client.post(address(world.shared), form).status_code == 422
    share(world.shared, world.other_guest, 4, days=20)
    guest = sign_in(world.other_guest)
    form = fields(guest.get(address(world.shared)))
    asked = guest.post(address(world.shared), add(form, "Noord", days=21))
    refused = guest.post(address(world.shared), fields(asked) | {"do": "save"})
    assert refused.status_code == 422
    (text,) = told(refused)
    assert text.startswith("Your own access ends on")
    assert len(refused.context["panel"].pending) == 1


def test_one_person_is_checked_with_level_and_reasons(world, sign_in):
    client = sign_in(world.admin)
    page = client.get(address(world.shared), {"person": world.guest.email})
    assert context(page, "checked", "level") == (world.guest, 3)
    assert len(page.context["reasons"]) == 1
    nothing = client.get(address(world.shared), {"person": "Jelle"})
    assert context(nothing, "checked", "level") == (world.other_guest, None)
    for asked in ("", "Zzz"):
        page = client.get(address(world.shared), {"person": asked})
        assert page.context["person_form"].errors
        assert "checked" not in page.context
    assert not client.get(address(world.shared)).context["person_form"].is_bound


def test_lifting_says_what_it_opens_and_then_how_much_it_did(world, sign_in):
    make_article(world.prices, world.admin, "Inner")
    client = sign_in(world.admin)
    where = address(world.prices, "access/lift")
    page = client.get(where)
    assert page.context["gained"] == 3
    assert page.context["content"].pages == 2
    done = client.post(where)
    assert (done.status_code, done.url) == (302, address(world.prices))
    assert told(done) == ["Opened 2 pages."]


def test_who_reads_a_restriction_without_managing_above_does_not_lift_it(
    world, sign_in
):
    root = root_of(world.prices)
    save_restriction_entry(root=root, subject=world.meridian, level=3, by=world.admin)
    client = sign_in(world.guest)
    assert client.get(address(world.prices)).status_code == 200
    for send in (client.get, client.post):
        assert send(address(world.prices, "access/lift")).status_code == 404
    assert PolicyRoot.objects.filter(pk=root.pk).exists()
    assert in_days(30) == root.group_grants.get().ends_on
