"""What both engines find, count and show."""

import json
from collections import Counter

import pytest
from django.core.files.base import ContentFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge.files.services import add_file, delete_file
from knowledge.pages.services import Text, save_page
from search.engines.base import FACETS
from tests.factories import make_article, make_project, share
from tests.search.asking import WORD, ask, counts, found, titles


def test_words_are_found_in_all_their_forms(world, engine, indexed):
    by, parent = world.admin, world.open
    bodies = {
        "Wagenpark": ("nl", "Alle auto's staan op de kade. De kosten zijn berekend."),
        "Haus": ("de", "Die Häuser am Kai wurden gestern besichtigt."),
        "Fleet": ("en", "Two engines were tested while running."),
    }
    for title, (language, body) in bodies.items():
        make_article(parent, by, title, body=body, language=language)
    indexed()
    for text in ("auto", "auto's", "auto\u2019s", "AUTO"):
        assert found(by, text) == {"Wagenpark"}, text
    assert found(by, "berekende kost") == {"Wagenpark"}
    assert found(by, "Haus") == {"Haus"}
    assert found(by, "engine test") == {"Fleet"}
    assert found(by, "runs") == {"Fleet"}
    assert ask(by, "runs").engine == engine


def test_titles_and_complete_matches_come_first(world, indexed):
    by, parent = world.admin, world.open
    make_article(parent, by, "Aside", body=f"{'Other words. ' * 40} A {WORD}.")
    make_article(parent, by, f"The {WORD}", body="Short.")
    make_article(parent, by, "Both", body=f"A {WORD} with a lighthouse.")
    indexed()
    assert titles(ask(by))[0] == f"The {WORD}"
    assert titles(ask(by, f"{WORD} lighthouse"))[0] == "Both"
    assert found(by, f"{WORD} lighthouse") == {"Aside", f"The {WORD}", "Both"}


def test_phrases_must_and_excluded_words_must_not_occur(world, indexed):
    by, parent = world.admin, world.open
    make_article(parent, by, "Side", body="The fire test went well.")
    make_article(parent, by, "Apart", body="A test of what fire does.")
    indexed()
    assert found(by, "fire test") == {"Side", "Apart"}
    assert found(by, '"fire test"') == {"Side"}
    assert found(by, "fire -well") == {"Apart"}


def test_what_matched_is_marked_and_html_is_text(world, indexed, client):
    title = f"<script>alert(1)</script> {WORD}"
    body = f"Use `<img src=x onerror=alert(1)>` near the {WORD} & more."
    make_article(world.open, world.admin, title, body=body)
    indexed()
    (hit,) = ask(world.admin).hits
    assert [piece.text for piece in hit.title if piece.marked] == [WORD]
    assert [piece.text for piece in hit.snippet if piece.marked] == [WORD]
    client.force_login(world.admin)
    page = client.get("/search/", {"q": WORD}).content.decode()
    assert f"&lt;script&gt;alert(1)&lt;/script&gt; <mark>{WORD}</mark>" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    data = client.get("/search/", {"q": WORD, "format": "json"}).json()
    marked = data["hits"][0]["highlight"]
    assert marked["title"].endswith(f"<mark>{WORD}</mark>")
    assert "<img" not in marked["text"]
    assert "<" not in marked["text"].replace("<mark>", "").replace("</mark>", "")


def test_a_changed_text_is_found_by_its_new_words_only(world, indexed):
    page = make_article(world.open, world.admin, "Change", body=f"A {WORD}.")
    indexed()
    page.refresh_from_db()
    save_page(
        page=page,
        text=Text(title="Change", body="An eendenkooi."),
        base_revision_id=page.latest_revision_id,
        by=world.admin,
        publish=True,
    )
    indexed()
    assert found(world.admin) == set()
    assert found(world.admin, "eendenkooi") == {"Change"}


def test_files_are_found_by_name_and_text_where_their_page_is_seen(world, indexed):
    upload = ContentFile(f"Depth of the {WORD}.".encode(), name="soundings.txt")
    file = add_file(page=world.plan, upload=upload, by=world.admin)
    indexed()
    (hit,) = ask(world.guest, "soundings").hits
    assert (hit.type, hit.page.title) == ("file", "Plan")
    assert found(world.guest) == {"soundings.txt"}
    assert found(world.other_guest) == set()
    delete_file(file=file, by=world.admin)
    answer = ask(world.guest)
    assert (answer.total, answer.hits) == (0, ())


def test_paging_shows_every_hit_once(world, indexed):
    names = {f"Page {number:02}" for number in range(23)}
    for name in sorted(names):
        make_article(world.open, world.admin, name, body=f"The {WORD}.")
    indexed()
    pages = [ask(world.admin, page=page) for page in (1, 2, 3)]
    assert {(page.total, page.pages) for page in pages} == {(23, 3)}
    shown = [title for page in pages for title in titles(page)]
    assert [len(page.hits) for page in pages] == [10, 10, 3]
    assert set(shown) == names
    assert len(shown) == len(names)


@pytest.fixture
def varied(world, indexed):
    """Pages of several projects, owners, kinds and languages, with a common word."""
    by = world.admin
    other = make_project(world.meridian, world.guest, "Partner work")
    share(other, world.host, 1, world.guest)
    projects = {"Open": world.open, "Shared": world.shared, "Closed": world.closed}
    made = []
    for number, (name, parent) in enumerate(projects.items()):
        for language in ("nl", "de", "en")[: number + 1]:
            make_article(parent, by, f"{name} {language}", body=WORD, language=language)
            made.append((name, "Vaartkade", language))
    make_article(other, world.guest, "Partner de", body=WORD, language="de")
    made.append(("Partner work", "Meridian", "de"))
    indexed()
    hidden = {
        world.admin.pk: set(),
        world.member.pk: {"Closed"},
        world.guest.pk: {"Open", "Closed"},
    }
    return world, made, hidden


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_facets_count_what_the_reader_sees(varied, data):
    """An oracle in plain Python over the visible pages gives the same counts."""
    world, made, hidden = varied
    user = data.draw(st.sampled_from([world.admin, world.member, world.guest]))
    seen = [row for row in made if row[0] not in hidden[user.pk]]
    languages = tuple(data.draw(st.sets(st.sampled_from(["nl", "de", "en"]))))
    organisations = data.draw(
        st.sets(st.sampled_from([world.host, world.meridian]), max_size=2)
    )
    answer = ask(
        user,
        language=languages,
        organisation=tuple(one.public_id for one in organisations),
    )
    names = {one.name for one in organisations}
    in_language = [row for row in seen if not languages or row[2] in languages]
    in_organisation = [row for row in seen if not names or row[1] in names]
    both = [row for row in in_language if row in in_organisation]
    assert answer.total == len(both)
    assert counts(answer, "organisation") == Counter(row[1] for row in in_language)
    assert {v.value: v.count for v in answer.facets["language"] if v.count} == Counter(
        row[2] for row in in_organisation
    )
    assert counts(answer, "project") == Counter(row[0] for row in both)
    assert counts(answer, "type") == ({"Article": len(both)} if both else {})


@pytest.mark.parametrize(
    "text",
    [
        '"half',
        "*",
        "zand*",
        "a" * 10_000,
        "zand\x00bank",
        "((",
        "-",
        "'",
        "~^%:&|!<>",
        "\ud800",
        "\ue000zandbank\ue001",
        "zandbank AND OR NOT",
        "-zandbank",
        '""',
        "é",
    ],
)
def test_no_text_is_an_error(world, engine, indexed, client, text):
    make_article(world.open, world.admin, "Sand", body=f"A {WORD}.")
    indexed()
    client.force_login(world.admin)
    query = {"q": text.encode("utf-8", "replace").decode()}
    assert client.get("/search/", query).status_code == 200
    data = client.get("/search/", query | {"format": "json"}).json()
    assert data["engine"] in (engine, "")


def test_odd_addresses_are_no_error(world, indexed, client):
    indexed()
    client.force_login(world.admin)
    for rest in (
        "page=0",
        "page=-1",
        "page=99999999999999999999",
        "page=%C2%B2",
        "page=100",
        "organisation=%00&project=x&type=nonsense&language=fr",
        "&".join(f"project=aaaa{number:04}" for number in range(500)),
    ):
        assert client.get(f"/search/?q={WORD}&{rest}").status_code == 200, rest


@pytest.mark.parametrize("who", ["admin", "guest"])
def test_a_search_needs_at_most_sixteen_queries(
    world, indexed, client, django_assert_max_num_queries, who
):
    for number in range(8):
        project = make_project(world.host, world.admin, f"Depth {number}")
        share(project, world.meridian, 1, world.admin)
        first = make_article(project, world.admin, f"Sand {number}", body=WORD)
        make_article(first, world.admin, f"More {number}", body=WORD)
    indexed()
    user = getattr(world, who)
    client.force_login(user)
    with django_assert_max_num_queries(14):
        page = client.get(f"/search/?q={WORD}&organisation={world.host.public_id}")
    assert page.content.count(b'<li class="hit') == 10
    # What was typed and sent off is remembered for its author, in one more.
    with django_assert_max_num_queries(16):
        client.get(f"/search/?q={WORD}")
    with django_assert_max_num_queries(15):
        data = client.get(f"/search/?q={WORD}&format=json").json()
    assert data["total"] == 16
    assert set(data["facets"]) == set(FACETS)
    assert json.dumps(data).count("score") == 0
