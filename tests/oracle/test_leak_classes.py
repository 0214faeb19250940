"""Leaks of other wikis for which no other test stands (docs/leaks.md has them all)."""

import pytest
from django.urls import reverse

from knowledge.access.models import PolicyRoot
from knowledge.pages.models import ArticlePage
from knowledge.pages.selectors_history import version_id
from search.indexing import drain_all
from tests.factories import make_article, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def guest(world, sign_in):
    """Nadia of Meridian, who edits Shared and knows neither Prices nor Closed."""
    return sign_in(world.guest)


def hidden_and_missing(world) -> tuple[str, str]:
    return world.prices.slug, "prices-22222222"


TRICKS = [
    "/{slug}",
    "/x//{slug}/",
    "/./{slug}/",
    "/x/../{slug}/",
    "/{slug}/;x=1",
    "/{slug}//",
    "/{slug}/%2e",
    "/{slug}/%00/",
    "/{upper}/",
    "/%2f{slug}/",
    "/{parent}/{slug}/",
    "/{slug}/edit/",
    "/{slug}.json",
    "/{slug}/?format=json&preview=1&mode=draft",
    "/go/{id}",
    "/cms/pages/{slug}/",
    "/documents/1/{slug}",
]


def test_no_spelling_of_an_address_tells_a_hidden_page_from_none(world, guest):
    told = {}
    for trick in TRICKS:
        hidden, missing = (
            spelled(world, guest, trick, slug) for slug in hidden_and_missing(world)
        )
        if hidden != missing or hidden[0] not in (301, 302, 404):
            told[trick] = (hidden, missing)
    assert told == {}


def spelled(world, guest, trick: str, slug: str) -> tuple[int, str]:
    """The answer to one spelling, without the words that were asked."""
    words = {"slug": slug, "upper": slug.upper(), "id": slug[-8:]}
    answer = guest.get(trick.format(parent=world.shared.slug, **words))
    text = answer.content.decode() + answer.headers.get("Location", "")
    for word in (slug, slug.upper(), slug[-8:]):
        text = text.replace(word, "…")
    return answer.status_code, text


def plain(answer) -> tuple[int, dict, bytes]:
    return answer.status_code, dict(answer.headers), answer.content


CONDITIONS = (
    {"if-none-match": "*"},
    {"if-match": "*"},
    {"if-modified-since": "Sat, 01 Jan 2050 00:00:00 GMT"},
    {"range": "bytes=0-10"},
    {"x-http-method-override": "PUT"},
    {"accept": "application/json"},
    {"hx-request": "true"},
    {"x-requested-with": "XMLHttpRequest"},
)


def test_no_condition_tells_a_hidden_page_from_none(world, guest):
    told = []
    for condition in CONDITIONS:
        for act in ("", "history", "edit"):
            hidden, missing = (
                plain(guest.get(f"/{slug}/{act}", headers=condition))
                for slug in hidden_and_missing(world)
            )
            if hidden != missing or hidden[0] != 404:
                told.append((condition, act))
    assert told == []


def test_a_title_that_a_hidden_page_has_is_as_free_as_any(world, guest):
    """The message "already in use" told of hidden neighbours elsewhere."""
    answers = []
    for title in (world.prices.title, "Never used"):
        form = {"title": title, "body": "x", "language": "en", "action": "publish"}
        before = set(ArticlePage.objects.values_list("pk", flat=True))
        answer = guest.post(f"/{world.shared.slug}/new", form)
        made = ArticlePage.objects.exclude(pk__in=before).get()
        text = answer.headers["Location"].replace(made.slug, "…")
        answers.append((answer.status_code, text, made.title == title))
    assert answers[0] == answers[1]
    assert answers[0][2]


def test_fields_that_no_form_has_change_nothing(world, guest):
    page = world.plan
    page.refresh_from_db()
    form = {"title": "Plan", "body": "new", "language": "en", "action": "publish"}
    fields = {field.name: "1" for field in ArticlePage._meta.get_fields()}
    rights = {"owner": world.meridian.pk, "reach": "network", "root": "1", "live": ""}
    access = PolicyRoot.objects.order_by("pk").values()
    roots = list(access)
    kept = {
        name: getattr(page, name)
        for name in ("path", "depth", "slug", "url_path", "owner_id", "live", "locked")
    }
    base = {"base": version_id(page.latest_revision_id)}
    answer = guest.post(f"/{page.slug}/edit", fields | rights | form | base)
    assert answer.status_code == 302
    page.refresh_from_db()
    assert page.body == "new"
    assert {name: getattr(page, name) for name in kept} == kept
    assert list(access.all()) == roots


def test_profile_fields_that_no_form_has_make_nobody_an_operator(world, guest):
    form = {"name": "Nadia", "language": "en", "is_superuser": "on", "is_active": ""}
    assert guest.post(reverse("profile"), form | {"email": "x@y.nl"}).status_code == 302
    before = world.guest.email
    world.guest.refresh_from_db()
    assert not world.guest.is_superuser
    assert world.guest.is_active
    assert world.guest.email == before


def test_the_order_of_hits_tells_nothing_of_hidden_pages(world, guest):
    """In PostgreSQL; how Elasticsearch weighs words is told in docs/leaks.md."""
    make_article(world.shared, world.admin, "Buoy", body="mooring mooring rope")
    make_article(world.shared, world.admin, "Rope", body="mooring once")
    make_article(world.shared, world.admin, "Quay", body="rope rope mooring")
    drain_all()
    address = "/search/?q=mooring+rope&format=json"
    before = guest.get(address).content
    assert before.count(b"/buoy-") == 1
    closed = make_project(
        world.host, world.admin, "Ropes", reach=PolicyRoot.Reach.RESTRICTED
    )
    for number in range(15):
        make_article(closed, world.admin, f"Rope {number}", body="rope " * 50)
    drain_all()
    assert guest.get(address).content == before
    assert b"score" not in before
