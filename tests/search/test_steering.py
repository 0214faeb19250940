"""Synonyms and promoted results: of one's own organisations, and never past the rule."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accounts.models import AuditEvent, Membership
from accounts.services import save_membership
from knowledge.access.services import restrict_page, withdraw_grant
from knowledge.pages.services_structure import trash_page
from search import services_steering
from search.models import Promotion, Synonym
from search.services_steering import (
    change_promotion,
    change_synonym,
    delete_promotion,
    delete_synonym,
)
from tests.factories import make_article, root_of, share
from tests.search.asking import ask, counts, found, titles
from tests.search.steering import promote, promoted, synonyms

Role = Membership.Role


@pytest.fixture
def quay(world, indexed):
    """One page for each way to call a battery, shared with Meridian."""
    for title, body in (
        ("First", "The accu on the quay."),
        ("Second", "A battery near the crane."),
        ("Third", "The power pack of a crane."),
        ("Fourth", "A pack of wolves."),
    ):
        make_article(world.shared, world.admin, title, body=body)
    indexed()
    return world


# --- Synonyms -------------------------------------------------------------------------


def test_any_form_counts_for_a_word_whatever_its_case_and_accents(quay):
    synonyms(quay.host, quay.admin, "Battery", "accu", "power pack")
    for text in ("battery", "ACCU", "Àccu", "batterý"):
        assert found(quay.admin, text) == {"First", "Second", "Third"}, text


def test_a_synonym_of_two_words_stands_where_they_stand_side_by_side(quay):
    synonyms(quay.host, quay.admin, "battery", "power pack")
    assert "Second" in found(quay.admin, "power pack crane")
    assert "Second" not in found(quay.admin, "pack power")
    # What has all words comes first, by whatever name.
    assert set(titles(ask(quay.admin, "quay crane power pack"))[:2]) == {
        "Second",
        "Third",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"battery"', {"Second"}),
        ("title:battery", set()),
        ("batter*", {"Second"}),
        ("crane -battery", {"Third"}),
        ("wolves OR battery", {"First", "Second", "Third", "Fourth"}),
        ('wolves OR "battery"', {"Second", "Fourth"}),
        ("quay NOT battery", {"First"}),
    ],
)
def test_only_words_are_widened(quay, text, expected):
    synonyms(quay.host, quay.admin, "battery", "accu", "power pack")
    assert found(quay.admin, text) == expected


def test_a_question_is_widened_by_the_synonyms_of_the_own_organisations_only(
    quay, leader
):
    synonyms(quay.host, quay.admin, "battery", "accu")
    assert found(quay.guest, "battery") == {"Second"}
    assert ask(quay.guest, "battery").also == ()
    synonyms(quay.meridian, leader, "battery", "power pack")
    assert found(quay.guest, "battery") == {"Second", "Third"}
    assert found(quay.admin, "battery") == {"Second", "First"}
    save_membership(
        user=quay.guest, organisation=quay.host, by=quay.admin, role=Role.MEMBER
    )
    assert found(quay.guest, "battery") == {"First", "Second", "Third"}


def test_a_synonym_does_not_count_double(world, indexed):
    for title, body in (
        ("Both", "accu battery dock"),
        ("Twice", "accu accu dock"),
        ("Neither", "wolves wolves dock"),
    ):
        make_article(world.open, world.admin, title, body=body)
    indexed()
    synonyms(world.host, world.admin, "battery", "accu")
    assert titles(ask(world.admin, "accu")) == ["Twice", "Both"]
    assert titles(ask(world.admin, "accu OR battery"))[0] in {"Twice", "Both"}


def test_what_was_found_by_a_synonym_is_marked(quay):
    synonyms(quay.host, quay.admin, "battery", "accu", "power pack")
    marked = {
        piece.text.lower()
        for hit in ask(quay.admin, "battery").hits
        for piece in hit.snippet
        if piece.marked
    }
    assert {"battery", "accu"} <= marked
    assert {"power", "pack"} <= marked or "power pack" in marked


def test_the_page_tells_what_else_was_searched(quay, sign_in):
    synonyms(quay.host, quay.admin, "battery", "accu", "<b>pack</b>")
    page = sign_in(quay.admin).get("/search/?q=battery").content.decode()
    assert "Also searched: accu, b&gt;pack&lt;/b" in page
    data = sign_in(quay.admin).get("/search/?q=battery&format=json").json()
    assert data["also_searched"] == ["accu", "b>pack</b"]
    other = sign_in(quay.guest).get("/search/?q=battery").content.decode()
    assert "Also searched" not in other
    # What was asked anyway is not named again.
    assert ask(quay.admin, "battery accu").also == ("b>pack</b",)


def test_a_corrected_word_is_widened_too(quay):
    synonyms(quay.host, quay.admin, "battery", "accu")
    answer = ask(quay.admin, "battery")
    assert found(quay.admin, "battexy") == {"First", "Second"}
    assert answer.also == ("accu",)


def test_no_number_of_synonyms_makes_a_question_endless(quay):
    for number in range(20):
        more = [f"w{number}x{each}" for each in range(9)]
        synonyms(quay.host, quay.admin, "battery", *more)
    answer = ask(quay.admin, " ".join(["battery", "crane"]))
    assert len(answer.also) == 32
    assert {"Second", "Third"} <= set(titles(answer))


@pytest.mark.parametrize(
    "words",
    [
        ["one"],
        ["one", "ONE", "Óne"],
        ["one", "-", "  "],
        [f"w{number}" for number in range(11)],
        ["one", "a name of five words"],
        ["one", "x" * 61],
    ],
)
def test_synonyms_that_make_no_sense_are_refused(world, words):
    with pytest.raises(ValidationError):
        synonyms(world.host, world.admin, *words)
    assert not Synonym.objects.exists()


def test_the_same_synonyms_are_there_once_for_each_organisation(world, leader):
    first = synonyms(world.host, world.admin, "accu", "battery")
    with pytest.raises(ValidationError):
        synonyms(world.host, world.admin, "Battery", "accu")
    synonyms(world.meridian, leader, "accu", "battery")
    change_synonym(synonym=first, words=["battery", "accu"], by=world.admin)
    other = synonyms(world.host, world.admin, "accu", "pile")
    with pytest.raises(ValidationError):
        change_synonym(synonym=other, words=["accu", "battery"], by=world.admin)


def test_there_are_at_most_so_many(world, monkeypatch):
    monkeypatch.setattr(services_steering, "MAX_SYNONYMS", 1)
    monkeypatch.setattr(services_steering, "MAX_PROMOTIONS", 1)
    synonyms(world.host, world.admin, "accu", "battery")
    with pytest.raises(ValidationError):
        synonyms(world.host, world.admin, "accu", "pile")
    promote(world.host, world.admin, "fire", world.plan)
    with pytest.raises(ValidationError):
        promote(world.host, world.admin, "water", world.plan)


def test_the_limit_of_promotions_counts_none_that_the_manager_may_not_know_of(
    world, monkeypatch
):
    monkeypatch.setattr(services_steering, "MAX_PROMOTIONS", 1)
    promote(world.host, world.admin, "fire", world.prices)
    promote(world.host, world.manager, "fire", world.plan)
    with pytest.raises(ValidationError):
        promote(world.host, world.manager, "water", world.plan)


def test_the_database_refuses_what_the_services_do(world):
    page, by = world.plan, world.admin
    promote(world.host, by, "fire", page)
    synonyms(world.host, by, "accu", "battery")
    own = {"organisation": world.host}
    for wrong in (
        Synonym(**own, words=["a", "b"], folded=["accu", "battery"]),
        Synonym(**own, words=["a"], folded=["a"]),
        Promotion(**own, words=["fire"], page=page, by=by),
        Promotion(**own, words=[], page=page, by=by),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong.save()


# --- Promoted results -----------------------------------------------------------------


def test_a_promoted_page_stands_above_the_results_and_changes_none_of_them(quay):
    before = ask(quay.admin, "the crane")
    promote(quay.host, quay.admin, "Crane", quay.plan, note="Read this first.")
    after = ask(quay.admin, "the crane")
    (shown,) = after.promoted
    assert (shown.page.title, shown.note) == ("Plan", "Read this first.")
    assert (shown.organisation, shown.owner) == (quay.host, quay.host)
    assert titles(after) == titles(before)
    assert (after.total, after.pages) == (before.total, before.pages)
    for facet in before.facets:
        assert counts(after, facet) == counts(before, facet)


def test_all_its_words_must_be_in_the_question(quay):
    promote(quay.host, quay.admin, "Crane rules", quay.plan)
    for text in ("crane rules", "the RULES of a crane", '"crane rules"', "rules crane"):
        assert promoted(quay.admin, text) == ["Plan"], text
    for text in ("crane", "rules", "rules -crane", "cranes rules", "org:vaartkade"):
        assert promoted(quay.admin, text) == [], text


def test_it_is_shown_on_the_first_page_of_all_and_of_pages(quay):
    promote(quay.host, quay.admin, "crane", quay.plan)
    assert promoted(quay.admin, "crane", type=("article",)) == ["Plan"]
    assert promoted(quay.admin, "crane", page=2) == []
    for choices in (
        {"type": ("file",)},
        {"type": ("project",)},
        {"language": ("en",)},
        {"type": ("article",), "updated": ("week",)},
    ):
        assert promoted(quay.admin, "crane", **choices) == [], choices
    assert promoted(quay.admin, "crane lang:en") == []
    # Also where nothing else is found.
    promote(quay.host, quay.admin, "whalebone", quay.plan)
    assert promoted(quay.admin, "whalebone") == ["Plan"]


def test_at_most_three_are_shown_the_closest_first_and_each_page_once(quay):
    pages = [make_article(quay.open, quay.admin, f"P{number}") for number in range(4)]
    for page in pages:
        promote(quay.host, quay.admin, "crane", page)
    promote(quay.host, quay.admin, "crane rules", pages[3])
    assert promoted(quay.admin, "crane rules") == ["P3", "P0", "P1"]
    assert promoted(quay.admin, "crane") == ["P0", "P1", "P2"]


def test_only_people_of_the_organisation_are_shown_it(quay, leader):
    promote(quay.host, quay.admin, "crane", quay.plan)
    assert promoted(quay.guest, "crane") == []
    promote(quay.meridian, leader, "crane", quay.detail)
    assert promoted(quay.guest, "crane") == ["Detail"]
    assert promoted(quay.admin, "crane") == ["Plan"]
    assert promoted(quay.other_guest, "crane") == []


def test_a_page_is_promoted_only_to_who_may_view_it_now(quay, leader):
    promote(quay.host, quay.admin, "crane", quay.prices)
    assert promoted(quay.admin, "crane") == ["Prices"]
    for reader in (quay.manager, quay.member, quay.guest):
        assert promoted(reader, "crane") == []
    promote(quay.meridian, leader, "crane", quay.plan)
    assert promoted(quay.guest, "crane") == ["Plan"]
    withdraw_grant(root=root_of(quay.shared), subject=quay.meridian, by=quay.admin)
    assert promoted(quay.guest, "crane") == []
    share(quay.shared, quay.meridian, 1, quay.admin)
    assert promoted(quay.guest, "crane") == ["Plan"]
    restrict_page(page=quay.plan, entries={quay.admin: 4}, by=quay.admin)
    assert promoted(quay.guest, "crane") == []


def test_what_is_not_published_or_in_the_trash_is_not_promoted(quay):
    promote(quay.host, quay.admin, "crane", quay.detail)
    assert promoted(quay.admin, "crane") == ["Detail"]
    quay.detail.refresh_from_db()
    quay.detail.unpublish()
    assert promoted(quay.admin, "crane") == []
    promote(quay.host, quay.admin, "crane", quay.plan)
    trash_page(page=quay.plan, by=quay.admin)
    assert promoted(quay.admin, "crane") == []
    quay.plan.refresh_from_db()
    quay.plan.delete()
    assert not Promotion.objects.exists()


def test_the_page_marks_who_promotes(quay, sign_in):
    promote(quay.host, quay.admin, "crane", quay.plan, note="<i>First</i>")
    page = sign_in(quay.admin).get("/search/?q=crane").content.decode()
    _head, _mark, rest = page.partition("hit-promoted")
    promotion = rest.partition("</li>")[0]
    assert "Plan" in promotion
    assert "&lt;i&gt;First" in promotion
    assert "Promoted by" in promotion
    assert "Vaartkade" in promotion.partition("Promoted by")[2]
    data = sign_in(quay.admin).get("/search/?q=crane&format=json").json()
    assert data["promoted"] == [
        {
            "title": "Plan",
            "url": f"/{quay.plan.slug}/",
            "organisation": "Vaartkade",
            "promoted_by": "Vaartkade",
            "note": "<i>First</i>",
        }
    ]


def test_nobody_promotes_what_they_may_not_view_or_steers_another_company(
    world, leader
):
    with pytest.raises(PermissionDenied):
        promote(world.meridian, leader, "crane", world.closed)
    with pytest.raises(PermissionDenied):
        promote(world.host, world.manager, "crane", world.prices)
    for by in (world.member, world.guest, leader):
        with pytest.raises(PermissionDenied):
            promote(world.host, by, "crane", world.plan)
        with pytest.raises(PermissionDenied):
            synonyms(world.host, by, "accu", "battery")
    with pytest.raises(PermissionDenied):
        synonyms(world.meridian, world.admin, "accu", "battery")


def test_each_write_is_recorded(world):
    by, host = world.admin, world.host
    one = synonyms(host, by, "accu", "battery")
    change_synonym(synonym=one, words=["accu", "pile"], by=by)
    delete_synonym(synonym=one, by=by)
    two = promote(host, by, "fire", world.plan)
    change_promotion(promotion=two, words=["water"], page=world.detail, by=by)
    delete_promotion(promotion=two, by=by)
    events = AuditEvent.objects.filter(action__regex="^(synonym|promotion)[.]")
    assert list(events.order_by("pk").values_list("action", "target")) == [
        ("synonym.create", one.public_id),
        ("synonym.change", one.public_id),
        ("synonym.delete", one.public_id),
        ("promotion.create", str(world.plan.pk)),
        ("promotion.change", str(world.detail.pk)),
        ("promotion.delete", str(world.detail.pk)),
    ]
    assert {(event.actor, event.organisation) for event in events} == {(by, host)}
    assert not Synonym.objects.exists()
    assert not Promotion.objects.exists()


def test_the_log_tells_of_a_promotion_to_who_may_view_the_page(world, sign_in):
    synonyms(world.host, world.admin, "accu", "battery")
    promote(world.host, world.admin, "fire", world.prices)
    log = f"/organisation/{world.host.public_id}/log?kind=search"
    admins = sign_in(world.admin).get(log).content.decode()
    assert "Prices" in admins
    managers = sign_in(world.manager).get(log).content.decode()
    assert "Synonyms added" in managers
    assert "Result promoted" not in managers
