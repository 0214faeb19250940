"""Synonyms and promoted results: of one's own organisations, and never past the rule."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accounts.models import AuditEvent, Membership, User
from accounts.services import save_membership
from knowledge.access.rule import forget
from knowledge.access.services import restrict_page, withdraw_grant
from knowledge.pages.services import trash_page
from search import services_steering
from search.models import Promotion, Synonym
from search.services_steering import (
    add_promotion,
    add_synonym,
    change_promotion,
    change_synonym,
    delete_promotion,
    delete_synonym,
)
from tests.factories import make_article, make_person, root_of, share
from tests.search.asking import ask, counts, found, titles

Role = Membership.Role


def synonyms(organisation, by, *words):
    return add_synonym(organisation=organisation, words=words, by=by)


def promote(organisation, by, words, page, note=""):
    forget(by)
    return add_promotion(
        organisation=organisation, words=words.split(), page=page, by=by, note=note
    )


def promoted(user, text, **kwargs):
    return [one.page.title for one in ask(user, text, **kwargs).promoted]


@pytest.fixture
def leader(world):
    """Who leads Meridian."""
    return make_person("Leo Leader", world.meridian, Role.ADMIN, sponsor=world.admin)


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


# --- The page that keeps them ---------------------------------------------------------


def address(organisation, rest=""):
    return f"/organisations/{organisation.public_id}/search/{rest}"


def body(response):
    return response.content.decode()


def test_the_page_is_for_who_leads_the_organisation_and_missing_to_others(
    world, leader, sign_in
):
    for who, organisation in (
        (world.admin, world.host),
        (world.manager, world.host),
        (leader, world.meridian),
    ):
        assert sign_in(who).get(address(organisation)).status_code == 200
    one = synonyms(world.meridian, leader, "accu", "battery")
    two = promote(world.meridian, leader, "fire", world.plan)
    for who in (world.admin, world.member, world.guest, world.other_guest):
        client = sign_in(who)
        for rest in (
            "",
            f"synonyms/{one.public_id}/",
            f"synonyms/{one.public_id}/delete",
            f"promoted/{two.public_id}/",
            f"promoted/{two.public_id}/delete",
        ):
            there = address(world.meridian, rest)
            nowhere = there.replace(world.meridian.public_id, "zzzzzzzz")
            for method in (client.get, client.post):
                hidden, missing = method(there), method(nowhere)
                assert hidden.status_code == missing.status_code == 404
                assert body(hidden).replace(there, "") == body(missing).replace(
                    nowhere, ""
                )
    assert Synonym.objects.get() == one
    assert Promotion.objects.get() == two


def test_people_of_the_organisation_are_led_there_when_they_lead_it(
    world, leader, sign_in
):
    people = f"/organisation/{world.meridian.public_id}/people/"
    assert address(world.meridian) in body(sign_in(leader).get(people))
    # Admins of the host see the people of a partner, and not its words.
    admins = sign_in(world.admin).get(people)
    assert admins.status_code == 200
    assert address(world.meridian) not in body(admins)


def test_a_manager_adds_changes_and_deletes_synonyms(world, sign_in):
    client, there = sign_in(world.manager), address(world.host)
    assert "None yet." in body(client.get(there))
    sent = {"add": "synonym", "synonym-words": "accu, Battery"}
    assert client.post(there, sent)["Location"] == there
    one = Synonym.objects.get()
    assert one.words == ["accu", "Battery"]
    assert "accu, Battery" in body(client.get(there))
    own = f"{there}synonyms/{one.public_id}/"
    assert "accu, Battery" in body(client.get(own))
    refused = body(client.post(own, {"synonym-words": "lonely"}))
    assert "lonely" in refused
    assert "different words" in refused
    client.post(own, {"synonym-words": "accu, power pack"})
    one.refresh_from_db()
    assert one.words == ["accu", "power pack"]
    assert "accu, power pack" in body(client.get(f"{own}delete"))
    assert Synonym.objects.exists()
    client.post(f"{own}delete")
    assert not Synonym.objects.exists()


def test_a_manager_promotes_a_page_by_its_title_or_its_address(world, sign_in):
    client, there = sign_in(world.manager), address(world.host)

    def add(words, page):
        sent = {"add": "promotion", "promotion-words": words, "promotion-page": page}
        return client.post(there, sent)

    slug = world.detail.slug
    for number, name in enumerate(
        ("detail", f"/{slug}/", slug, f"https://wiki.example/{slug}/?x=1#top")
    ):
        assert add(f"fire{number}", name).status_code == 302, name
    assert set(Promotion.objects.values_list("page", flat=True)) == {world.detail.pk}
    one = Promotion.objects.earliest("pk")
    own = f"{there}promoted/{one.public_id}/"
    assert slug in body(client.get(own))
    sent = {"promotion-words": "Water", "promotion-page": "Plan"}
    assert client.post(own, sent).status_code == 302
    one.refresh_from_db()
    assert (one.words, one.page_id) == (["water"], world.plan.pk)
    assert "Plan" in body(client.get(f"{own}delete"))
    client.post(f"{own}delete")
    assert not Promotion.objects.filter(pk=one.pk).exists()


def test_an_unknown_hidden_or_ambiguous_title_is_refused_and_kept(world, sign_in):
    client, there = sign_in(world.manager), address(world.host)
    draft = make_article(world.open, world.admin, "Draft", publish=False)
    for parent in (world.open, world.plan):
        make_article(parent, world.admin, "Twin")

    def refused(name):
        sent = {
            "add": "promotion",
            "promotion-words": "fire",
            "promotion-page": name,
            "promotion-note": "kept",
        }
        page = body(client.post(there, sent))
        assert f'value="{name}"' in page
        assert 'value="fire"' in page
        assert 'value="kept"' in page
        return page.replace(name, "…")

    unknown = refused("Nowhere")
    assert "no published page" in unknown
    hidden = [refused("Prices"), refused("Draft"), refused(draft.slug)]
    hidden.append(refused(world.prices.slug))
    for page in hidden:
        assert "no published page" in page
    assert "Several pages" in refused("Twin")
    assert not Promotion.objects.exists()


def test_nothing_tells_a_manager_of_a_promoted_page_that_is_hidden(world, sign_in):
    hidden = promote(world.host, world.admin, "fire", world.prices, note="whisper")
    client, there = sign_in(world.manager), address(world.host)
    page = body(client.get(there))
    assert "Prices" not in page
    assert "whisper" not in page
    assert hidden.public_id not in page
    assert "Prices" in body(sign_in(world.admin).get(there))
    for rest in ("", "delete"):
        own = f"{there}promoted/{hidden.public_id}/{rest}"
        missing = f"{there}promoted/zzzzzzzz/{rest}"
        for method in (client.get, client.post):
            answer, nothing = method(own), method(missing)
            assert answer.status_code == nothing.status_code == 404
            assert body(answer).replace(own, "") == body(nothing).replace(missing, "")
    assert Promotion.objects.filter(pk=hidden.pk).exists()


def test_what_keeps_them_costs_the_same_however_many_there_are(
    world, sign_in, django_assert_max_num_queries
):
    for number in range(12):
        synonyms(world.host, world.admin, f"one{number}", f"two{number}")
        promote(world.host, world.admin, f"fire{number}", world.plan)
    client = sign_in(User.objects.get(pk=world.admin.pk))
    with django_assert_max_num_queries(9):
        page = body(client.get(address(world.host)))
    assert page.count("→") >= 12
