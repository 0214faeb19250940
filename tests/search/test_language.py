"""The language of questions, as both engines answer it."""

import datetime

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from knowledge.access.services import withdraw_grant
from knowledge.files.services import add_file
from knowledge.pages.models import PageFacts
from knowledge.pages.services import Text, save_page
from search.narrowing import read_days
from tests.factories import make_article, make_project, root_of, share
from tests.search.asking import WORD, ask, counts, found, titles


@pytest.fixture
def quay(world, indexed):
    """Pages of both companies in three languages, and a file."""
    by, parent = world.admin, world.open
    make_article(parent, by, "Fire drill", body="A battery and the hose.")
    make_article(parent, by, "Batteries", body="Lead or acid. Fire in the drill hall.")
    make_article(parent, by, "Brandoefening", body="Vuur en accu.", language="nl")
    world.joint = make_project(world.meridian, world.guest, "Joint work")
    share(world.joint, world.host, 3, world.guest)
    make_article(world.joint, world.guest, "Löschen", body="Feuer!", language="de")
    upload = ContentFile(b"The fire plan.", name="fire.txt")
    add_file(page=world.plan, upload=upload, by=by)
    indexed()
    return world


def touch(page, days: int) -> None:
    """Say that a page was changed so many days ago."""
    moment = timezone.now() - datetime.timedelta(days=days)
    PageFacts.objects.filter(page_id=page.pk).update(changed_at=moment)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("batt*", {"Fire drill", "Batteries"}),
        ("title:batt*", {"Batteries"}),
        ("title:drill", {"Fire drill"}),
        ('title:"fire drill"', {"Fire drill"}),
        ('"fire drill" OR accu', {"Fire drill", "Brandoefening"}),
        ("hose | accu", {"Fire drill", "Brandoefening"}),
        ("drill -title:fire", {"Batteries"}),
        ("drill NOT hose", {"Batteries"}),
        ("drill -hos*", {"Batteries"}),
        ("drill AND lead", {"Fire drill", "Batteries"}),
        ("losch*", {"Löschen"}),
        ("fire type:file", {"fire.txt"}),
        ("fire -type:file", {"Fire drill", "Batteries"}),
        ("lang:nl", {"Brandoefening"}),
        ("lang:nederlands OR lang:de", {"Brandoefening", "Löschen"}),
        ("org:meridian type:page", {"Löschen"}),
        ("Taal: de", {"Löschen"}),
        ('in:"Joint work"', {"Joint work", "Löschen"}),
        ("in:joint -type:project", {"Löschen"}),
        ("author:nadia type:page", {"Löschen"}),
        ('-author:"Anouk Admin" -type:project', {"Löschen"}),
        ("title:fire OR title:batteries", {"Fire drill", "Batteries"}),
    ],
)
def test_what_each_part_of_a_question_means(quay, text, expected):
    assert found(quay.admin, text) == expected
    assert ask(quay.admin, text).notes == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("drill OR", {"Fire drill", "Batteries"}),
        ("OR drill", {"Fire drill", "Batteries"}),
        ("drill a*", {"Fire drill", "Batteries"}),
        ("dr*ll lead", {"Batteries"}),
        ("hose org:nobody", {"Fire drill"}),
        ("hose in:nowhere", {"Fire drill"}),
        ("hose author:nobody", {"Fire drill"}),
        ("hose type:letter", {"Fire drill"}),
        ("hose lang:fr", {"Fire drill"}),
        ("hose updated:yesterday", {"Fire drill"}),
        ("hose updated:2026-02-31", {"Fire drill"}),
        ("hose org:meridian OR drill", {"Fire drill", "Batteries"}),
    ],
)
def test_a_mistake_is_told_and_the_rest_is_answered(quay, text, expected):
    answer = ask(quay.admin, text)
    assert answer.notes
    if "meridian" not in text:
        assert set(titles(answer)) == expected


@pytest.mark.parametrize("name", ["org:{}", "in:{}", "author:{}"])
def test_a_hidden_name_is_answered_like_one_that_never_was(quay, name):
    hidden = {"org:{}": "Meridian", "in:{}": "Closed", "author:{}": "Nadia"}[name]
    one = ask(quay.other_guest, f"fire {name.format(hidden)}")
    other = ask(quay.other_guest, f"fire {name.format('Nowhere')}")
    assert [n.replace(hidden, "…") for n in one.notes] == [
        n.replace("Nowhere", "…") for n in other.notes
    ]
    assert (one.total, one.facets) == (other.total, other.facets)
    assert ask(quay.admin, f"fire {name.format(hidden)}").notes == ()


def test_a_day_is_read_with_its_sign():
    def day(text):
        span = read_days(text)
        return span and tuple(one and one.date().isoformat() for one in span)

    assert day("2026-01-31") == ("2026-01-31", "2026-02-01")
    assert day(">2026-01-31") == ("2026-02-01", None)
    assert day(">=2026-01-31") == ("2026-01-31", None)
    assert day("<2026-01-31") == (None, "2026-01-31")
    assert day("<=2026-12") == (None, "2027-01-01")
    assert day("2026-2") == ("2026-02-01", "2026-03-01")
    assert day("2026") == ("2026-01-01", "2027-01-01")
    for text in ("2026-13", "26-01-01", "soon", "9999", ">", "0000"):
        assert day(text) is None, text


def test_pages_are_narrowed_by_the_day_of_their_last_change(world, indexed):
    for days in (1, 20, 200, 900):
        page = make_article(world.open, world.admin, f"{days} days", body=WORD)
        touch(page, days)
    indexed()
    today = timezone.localdate()
    since = today - datetime.timedelta(days=30)
    assert found(world.admin, f"{WORD} updated:>{since}") == {"1 days", "20 days"}
    assert found(world.admin, f"{WORD} updated:<{since}") == {"200 days", "900 days"}
    answer = ask(world.admin, updated=("month",))
    assert set(titles(answer)) == {"1 days", "20 days"}
    # A longer period includes the shorter ones; the facet heeds all choices but its own.
    assert [value.count for value in answer.facets["updated"]] == [1, 2, 3]
    assert counts(answer, "project") == {"Open": 2}


def test_results_are_sorted_as_chosen(world, indexed):
    for title, days in (("Beta", 3), ("alpha", 9), ("Gamma", 1)):
        touch(make_article(world.open, world.admin, title, body=WORD), days)
    make_article(world.open, world.admin, f"The {WORD}", body=f"{WORD} " * 9)
    indexed()
    assert titles(ask(world.admin))[0] == f"The {WORD}"
    by_title = ["alpha", "Beta", "Gamma", f"The {WORD}"]
    assert titles(ask(world.admin, sort="title")) == by_title
    newest = [f"The {WORD}", "Gamma", "Beta", "alpha"]
    assert titles(ask(world.admin, sort="newest")) == newest
    assert titles(ask(world.admin, "lang:en type:page in:open")) == newest


def test_who_changed_it_last_is_a_facet(world, indexed):
    make_article(world.open, world.admin, "By Anouk", body=WORD)
    make_article(world.shared, world.guest, "By Nadia", body=WORD)
    indexed()
    answer = ask(world.admin)
    assert counts(answer, "author") == {"Anouk Admin": 1, "Nadia Guest": 1}
    chosen = (world.guest.public_id,)
    narrowed = ask(world.admin, author=chosen)
    assert titles(narrowed) == ["By Nadia"]
    assert counts(narrowed, "author") == {"Anouk Admin": 1, "Nadia Guest": 1}
    assert counts(ask(world.guest), "author") == {"Nadia Guest": 1}


def test_nobody_learns_through_search_who_wrote_for_a_company_they_may_not_know(
    world, indexed
):
    share(world.shared, world.noord, 1, world.admin)
    page = make_article(world.shared, world.guest, "By Nadia", body=WORD)
    indexed()
    assert counts(ask(world.other_guest), "author") == {"Nadia Guest": 1}
    withdraw_grant(root=root_of(world.shared), subject=world.meridian, by=world.admin)
    # Meridian takes part no more: Noord need not know that it did.
    after = ask(world.other_guest, author=(world.guest.public_id,))
    assert (after.total, counts(after, "author")) == (0, {})
    assert ask(world.other_guest, f"{WORD} author:Nadia").notes
    assert counts(ask(world.admin), "author") == {"Nadia Guest": 1}
    page.refresh_from_db()
    save_page(
        page=page,
        text=Text(title="By Anouk", body=WORD),
        base_revision_id=page.latest_revision_id,
        by=world.admin,
        publish=True,
    )
    indexed()
    assert counts(ask(world.other_guest), "author") == {"Anouk Admin": 1}


def test_a_question_of_filters_only_lists_what_is_so_newest_first(quay):
    answer = ask(quay.guest, "org:vaartkade")
    assert set(titles(answer)) == {"fire.txt", "Plan", "Detail", "Shared"}
    assert [hit.snippet[0].text for hit in answer.hits if hit.type == "file"] == [
        "The fire plan."
    ]
