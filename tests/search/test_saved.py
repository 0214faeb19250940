"""Saved searches: one's own, nobody else's, and no more than fifty."""

import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import User
from search.models import SavedSearch
from search.saving import MAX_SAVED, change_saved, delete_saved
from tests.search.asking import WORD, keep


def of(saved: SavedSearch, rest: str = "") -> str:
    return f"/search/saved/{saved.public_id}/{rest}"


def test_a_search_is_saved_as_its_address_with_all_that_was_chosen(world, sign_in):
    client = sign_in(world.member)
    address = f"?q={WORD}&language=nl&sort=newest&page=3&nonsense=1"
    results = client.get(f"/search/{address}").content.decode()
    link = re.search(r'href="(/search/saved/new\?[^"]+)"', results)[1]
    form = {"name": "Sandbanks", "alert": "daily"}
    link = link.replace("&amp;", "&")
    assert client.get(link).status_code == 200
    assert client.post(link, form).headers["Location"] == "/search/saved/"
    (saved,) = SavedSearch.objects.all()
    assert (saved.owner, saved.name, saved.alert) == (world.member, *form.values())
    assert saved.address == f"q={WORD}&language=nl&sort=newest"
    for path in ("/search/", "/search/saved/"):
        page = client.get(path).content.decode()
        assert f'href="/search/?q={WORD}&amp;language=nl&amp;sort=newest"' in page
        assert "Sandbanks" in page


def test_nothing_asked_is_nothing_to_save(world, sign_in):
    client = sign_in(world.member)
    form = {"name": "Empty", "alert": "none"}
    assert client.post("/search/saved/new?q=", form).headers["Location"] == "/search/"
    assert not SavedSearch.objects.exists()


def test_a_name_is_used_once_by_one_person_and_again_by_another(world, sign_in):
    kept = keep(world.member)
    client = sign_in(world.member)
    form = {"name": "Sand", "alert": "none"}
    page = client.post(f"/search/saved/new?q={WORD}", form).content.decode()
    assert "You have a search of this name already." in page
    assert keep(world.guest).name == kept.name


def test_no_name_forges_a_line_of_a_mail(world):
    with pytest.raises(ValidationError):
        keep(world.member, "Sand\nhttps://example.com")


def test_a_person_keeps_fifty_searches(world, sign_in):
    for number in range(MAX_SAVED):
        keep(world.member, f"Sand {number}")
    form = {"name": "One more", "alert": "none"}
    client = sign_in(world.member)
    page = client.post(f"/search/saved/new?q={WORD}", form).content.decode()
    assert "You can keep 50 searches. Delete one first." in page
    assert SavedSearch.objects.count() == MAX_SAVED
    assert keep(world.guest)


def test_a_saved_search_is_renamed_and_gets_mails(world, sign_in):
    saved, client = keep(world.member), sign_in(world.member)
    assert WORD in client.get(of(saved)).content.decode()
    client.post(of(saved), {"name": "Banks", "alert": "weekly"})
    saved.refresh_from_db()
    assert (saved.name, saved.alert) == ("Banks", "weekly")


def test_deleting_asks_once_and_names_what_it_hits(world, sign_in):
    saved, client = keep(world.member), sign_in(world.member)
    page = client.get(of(saved, "delete")).content.decode()
    assert "Delete “Sand”?" in page
    assert SavedSearch.objects.exists()
    client.post(of(saved, "delete"))
    assert not SavedSearch.objects.exists()


@pytest.mark.parametrize("rest", ["", "delete"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_somebody_elses_is_like_none_for_everybody(world, sign_in, rest, method):
    """For operators, too: what people look for is their own matter."""
    saved = keep(world.member)
    User.objects.filter(pk=world.manager.pk).update(is_superuser=True)
    form = {"name": "Mine", "alert": "none"}
    for stranger in (world.admin, world.manager, world.guest):
        ask = getattr(sign_in(stranger), method)
        hidden, missing = ask(of(saved, rest), form), ask("/search/saved/zzzzzzzz/")
        assert (hidden.status_code, hidden.content) == (404, missing.content)
        assert "Sand" not in sign_in(stranger).get("/search/saved/").content.decode()
    saved.refresh_from_db()
    assert saved.name == "Sand"


def test_a_service_refuses_who_does_not_own_it(world):
    saved = keep(world.member)
    with pytest.raises(PermissionDenied):
        change_saved(saved=saved, by=world.admin, name="Mine", alert="none")
    with pytest.raises(PermissionDenied):
        delete_saved(saved=saved, by=world.admin)
    assert SavedSearch.objects.get().name == "Sand"
