"""Tags: set by who may edit, seen where their pages are, and lost by nobody."""

import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.http import Http404

from knowledge.access.services import restrict_page
from knowledge.pages.models import PageFacts
from knowledge.pages.services import Text, restore_revision, save_page
from knowledge.pages.services_structure import trash_page
from knowledge.pages.tags import (
    MAX_TAGS,
    known_tags,
    read_tags,
    set_tags,
    tags_in_use,
)
from tests.factories import World, make_article, make_person, share


def tags_of(page):
    return PageFacts.objects.get(page=page).tags


def tag(page, by, *tags, was=()):
    return set_tags(page=page, tags=tags, was=was, by=by)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("Fire  Safety, battery", ["fire safety", "battery"]),
        ("a,, ,A ,a", ["a"]),
        ('say "cheese"', ["say cheese"]),
        ("\ufb01re", ["fire"]),
        ("één, Öl", ["één", "öl"]),
    ],
)
def test_tags_are_read_as_people_type_them(text, expected):
    assert read_tags(text) == expected


@pytest.mark.parametrize(
    "text", ["x" * 41, ",".join(map(str, range(MAX_TAGS + 1))), "a\u202eb", "a\nb"]
)
def test_what_is_no_tag_is_refused_with_a_reason(text):
    with pytest.raises(ValidationError):
        read_tags(text)


def test_who_may_edit_sets_them_and_nobody_else(world):
    assert tag(world.plan, world.guest, "fire", "sand") == ["fire", "sand"]
    viewer = make_person("Vera Viewer", world.noord, sponsor=world.admin)
    share(world.shared, viewer, 1, world.admin)
    with pytest.raises(PermissionDenied):
        tag(world.plan, viewer, "clay")
    with pytest.raises(Http404):
        tag(world.plan, world.other_guest, "clay")
    with pytest.raises(Http404):
        tag(world.prices, world.guest, "clay")
    assert tags_of(world.plan) == ["fire", "sand"]


def test_two_people_at_once_lose_nothing(world):
    tag(world.plan, world.admin, "fire", "sand")
    tag(world.plan, world.guest, "fire", "sand", "clay", was=("fire", "sand"))
    merged = tag(world.plan, world.admin, "sand", "loam", was=("fire", "sand"))
    assert merged == ["sand", "clay", "loam"]


@pytest.mark.django_db(transaction=True)
def test_of_many_at_the_same_moment_every_tag_is_kept():
    world = World()

    def work(number: int) -> None:
        try:
            tag(world.plan, world.admin, f"tag {number}")
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(tags_of(world.plan)) == [f"tag {number}" for number in range(10)]


def test_there_are_never_too_many_whoever_adds_them(world):
    half = [f"a{number}" for number in range(12)]
    tag(world.plan, world.admin, *half)
    with pytest.raises(ValidationError, match="at most"):
        tag(world.plan, world.guest, *(f"b{number}" for number in range(12)))
    assert tags_of(world.plan) == half
    too_many = [str(number) for number in range(MAX_TAGS + 1)]
    with pytest.raises(IntegrityError), transaction.atomic():
        PageFacts.objects.filter(page=world.plan).update(tags=too_many)


def test_a_new_version_and_an_old_one_put_back_leave_the_tags(world):
    first = world.plan.latest_revision
    tag(world.plan, world.admin, "fire")
    text = Text(title="Plan", body="New.")
    world.plan.refresh_from_db()
    save_page(
        page=world.plan,
        text=text,
        base_revision_id=world.plan.latest_revision_id,
        by=world.admin,
        publish=True,
    )
    world.plan.refresh_from_db()
    restore_revision(
        page=world.plan,
        revision=first,
        by=world.admin,
        base_revision_id=world.plan.latest_revision_id,
    )
    assert tags_of(world.plan) == ["fire"]


def test_nobody_is_offered_or_told_of_a_tag_on_pages_they_do_not_see(world):
    tag(world.plan, world.admin, "shared")
    tag(world.detail, world.admin, "shared", "second")
    tag(world.prices, world.admin, "secret")
    gone = make_article(world.shared, world.admin, "Gone")
    tag(gone, world.admin, "gone")
    trash_page(page=gone, by=world.admin)
    assert tags_in_use(world.admin) == ["shared", "second", "secret"]
    assert tags_in_use(world.guest) == ["shared", "second"]
    assert tags_in_use(world.other_guest) == []
    everything = ("shared", "secret", "gone", "never")
    assert known_tags(world.guest, everything) == ("shared",)


def test_a_draft_has_none_until_it_is_published(world, sign_in):
    draft = make_article(world.shared, world.admin, "Draft", publish=False)
    client, there = sign_in(world.admin), f"/{draft.slug}/tags"
    assert "Add tags" not in client.get(f"/{draft.slug}/").content.decode()
    answer = client.post(there, {"tags": "fire", "was": ""}).content.decode()
    assert "Publish the page first" in answer
    assert 'value="fire"' in answer


def test_the_page_shows_them_and_leads_to_all_with_the_tag(world, sign_in):
    client, there = sign_in(world.guest), f"/{world.plan.slug}/tags"
    page = client.get(f"/{world.plan.slug}/").content.decode()
    assert "Add tags" in page
    refused = client.post(there, {"tags": "x" * 41, "was": ""}).content.decode()
    assert "more than 40 characters" in refused
    assert "x" * 41 in refused
    sent = client.post(there, {"tags": "Fire Safety, sand", "was": ""})
    assert sent["Location"] == f"/{world.plan.slug}/"
    page = client.get(f"/{world.plan.slug}/").content.decode()
    assert '/search/?q=tag:%22fire%20safety%22">fire safety</a>' in page
    assert "Change tags" in page
    member = sign_in(world.member).get(f"/{world.plan.slug}/")
    assert member.status_code == 200
    assert "fire safety" in member.content.decode()
    assert "Change tags" not in member.content.decode()
    assert "fire safety, sand" in client.get(there).content.decode()


def test_a_page_that_is_hidden_answers_as_one_that_is_not_there(world, sign_in):
    client = sign_in(world.guest)
    for method in (client.get, client.post):
        hidden = method(f"/{world.prices.slug}/tags")
        missing = method("/nothing-aaaaaaaa/tags")
        assert hidden.status_code == missing.status_code == 404
        assert len(hidden.content) == len(missing.content)


def test_a_restriction_takes_its_tags_out_of_sight(world):
    tag(world.detail, world.admin, "shared")
    restrict_page(page=world.detail, entries={world.admin: 4}, by=world.admin)
    assert tags_in_use(world.guest) == []
