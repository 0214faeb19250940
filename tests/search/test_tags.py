"""Searching by tags, on both engines."""

from knowledge.access.services import withdraw_grant
from knowledge.pages.tags import set_tags
from tests.factories import root_of
from tests.search.asking import ask, counts, found


def tag(page, by, *tags):
    set_tags(page=page, tags=tags, was=(), by=by)


def tagged(world):
    tag(world.plan, world.admin, "fire safety", "sand")
    tag(world.detail, world.admin, "sand")
    tag(world.prices, world.admin, "sand", "secret")


def test_a_tag_in_a_question_and_as_a_choice(world, indexed, engine):
    tagged(world)
    indexed()
    answer = ask(world.admin, "tag:sand")
    assert (answer.engine, answer.total) == (engine, 3)
    assert counts(answer, "tag") == {"sand": 3, "fire safety": 1, "secret": 1}
    assert found(world.guest, "tag:sand") == {"Plan", "Detail"}
    assert found(world.guest, 'tag:"Fire  Safety"') == {"Plan"}
    assert found(world.guest, "etiket:sand -tag:sand") == set()
    assert found(world.guest, "lang:en -tag:sand") == {"Shared"}
    chosen = ask(world.guest, "lang:en", tag=("sand",))
    assert chosen.total == 2
    assert counts(chosen, "tag") == {"sand": 2, "fire safety": 1}
    assert [value.value for value in chosen.facets["tag"] if value.chosen] == ["sand"]
    both = ask(world.guest, "lang:en", tag=("sand", "fire safety"))
    assert both.total == 2


def test_a_word_of_a_tag_finds_its_page(world, indexed):
    tagged(world)
    indexed()
    assert found(world.guest, "safety") == {"Plan"}


def test_a_hidden_tag_is_as_unknown_as_one_that_nobody_gave(world, indexed):
    tagged(world)
    indexed()
    for text in ("tag:secret", "tag:never"):
        answer = ask(world.guest, f"plan {text}")
        value = text.removeprefix("tag:")
        assert answer.notes == (f"Nothing that you see has the tag “{value}”.",)
        assert found(world.guest, f"plan {text}") == found(world.guest, "plan")
    assert "secret" not in counts(ask(world.guest, "tag:sand"), "tag")


def test_what_changes_in_tags_is_found_so_and_what_is_withdrawn_is_not(world, indexed):
    tagged(world)
    indexed()
    set_tags(
        page=world.plan, tags=["clay"], was=["fire safety", "sand"], by=world.admin
    )
    indexed()
    assert found(world.guest, "tag:clay") == {"Plan"}
    assert found(world.guest, "tag:sand") == {"Detail"}
    withdraw_grant(root=root_of(world.shared), subject=world.meridian, by=world.admin)
    assert ask(world.guest, "tag:clay").notes != ()
    assert counts(ask(world.guest, "lang:en"), "tag") == {}


def test_the_address_keeps_a_tag_and_ignores_what_is_none(world, sign_in, indexed):
    tagged(world)
    indexed()
    client = sign_in(world.guest)
    there = "/search/?q=lang:en&tag=fire+safety"
    page = client.get(there).content.decode()
    assert page.count('<li class="hit') == 1
    assert "tag=fire+safety" in page
    data = client.get("/search/?q=lang:en&format=json&tag=a%0Ab&tag=%22x").json()
    assert data["total"] == 3
