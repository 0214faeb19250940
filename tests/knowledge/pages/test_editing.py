"""Writing on the page: saving, errors that keep the text, two writers at once."""

import re
import threading

import pytest
from django.db import connection
from django.test import Client

from knowledge.access.models import PolicyRoot
from knowledge.access.services import save_grant, withdraw_grant
from knowledge.markup import MAX_SOURCE_CHARS
from knowledge.pages.models import ArticlePage
from knowledge.pages.selectors_history import version_id
from tests.factories import World, in_days, make_article, root_of

LONG = "x" * (MAX_SOURCE_CHARS + 1)


def form_of(page, **changes):
    page.refresh_from_db()
    sent = {
        "title": page.title,
        "body": page.body,
        "language": page.language,
        "note": "",
        "base": version_id(page.latest_revision_id),
        "action": "publish",
    }
    return sent | changes


def fresh(page):
    return type(page).objects.get(pk=page.pk)


@pytest.fixture
def editor(world, sign_in):
    return sign_in(world.guest)


def address(page, action="edit"):
    return f"/{page.slug}/{action}"


def test_publishing_shows_the_new_text_to_all(world, sign_in, editor):
    sent = form_of(world.plan, body="New **words**", note="Better")
    response = editor.post(address(world.plan), sent)
    assert (response.status_code, response["Location"]) == (302, f"/{world.plan.slug}/")
    page = sign_in(world.member).get(f"/{world.plan.slug}/").content.decode()
    assert "<strong>words</strong>" in page
    assert "Nadia" in page


def test_a_draft_changes_nothing_for_readers(world, sign_in, editor):
    editor.post(address(world.plan), form_of(world.plan, body="Half", action="draft"))
    assert (
        "Half" not in sign_in(world.member).get(f"/{world.plan.slug}/").content.decode()
    )
    assert "Half" in editor.get(address(world.plan)).content.decode()


def test_a_reader_may_not_edit_and_is_told_why(world, sign_in):
    response = sign_in(world.member).get(address(world.plan))
    assert response.status_code == 403


def test_the_form_carries_where_to_preview_and_upload(world, editor):
    page = editor.get(address(world.plan)).content.decode()
    assert f'data-preview-url="/{world.plan.slug}/preview"' in page
    assert f'data-upload-url="/{world.plan.slug}/files/"' in page
    assert "Meridian" in page


def test_a_preview_without_scripts_shows_the_text_and_saves_nothing(world, editor):
    sent = form_of(world.plan, body="A *look*", action="preview")
    page = editor.post(address(world.plan), sent).content.decode()
    assert "<em>look</em>" in page
    assert "A *look*" in page
    assert fresh(world.plan).body == "The plan."


def test_a_preview_for_scripts_is_the_text_alone(world, editor):
    html = editor.post(
        address(world.plan, "preview"), {"body": "**b** <script>x</script>"}
    )
    assert html.content.decode().strip() == "<p><strong>b</strong> </p>"
    too_long = editor.post(address(world.plan, "preview"), {"body": LONG})
    assert too_long.status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": " "},
        {"title": "t" * 5000},
        {"title": "nul\0"},
        {"body": "My words\0"},
        {"body": "My words " + LONG},
        {"language": "xx"},
        {"note": "n" * 500},
    ],
    ids=lambda wrong: f"{next(iter(wrong))}-{len(next(iter(wrong.values())))}",
)
@pytest.mark.parametrize("action", ["edit", "new"])
def test_an_error_keeps_everything_typed(world, editor, wrong, action):
    sent = form_of(world.plan, body="My words", note="My note") | wrong
    response = editor.post(address(world.plan, action), sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert "My words" in page
    assert 'role="alert"' in page
    assert fresh(world.plan).body == "The plan."


@pytest.mark.parametrize(
    "base", ["", "garbled", "-1", "0", "9" * 40, "1", "2" * 12, "\0"]
)
def test_without_a_known_base_the_text_comes_back_as_a_conflict(world, editor, base):
    sent = form_of(world.plan, body="My words", base=base)
    response = editor.post(address(world.plan), sent)
    assert response.status_code == 409
    assert "My words" in response.content.decode()
    form = response.context["form"]
    assert form.initial["base"] == form_of(world.plan)["base"]
    assert fresh(world.plan).body == "The plan."


def test_two_writers_get_both_versions_and_a_proposal(world, sign_in, editor):
    start = "First line\n\nMiddle\n\nLast line"
    editor.post(address(world.plan), form_of(world.plan, body=start))
    mine = form_of(world.plan, body=start.replace("Last", "My last"), note="Mine")
    theirs = form_of(world.plan, body=start.replace("First", "Their first"))
    admin = sign_in(world.admin)
    assert admin.post(address(world.plan), theirs).status_code == 302

    response = editor.post(address(world.plan), mine)
    page = response.content.decode()

    assert response.status_code == 409
    assert "Anouk Admin" in page
    assert response.context["conflict"].places == 0
    form = response.context["form"]
    assert form.initial["body"] == "Their first line\n\nMiddle\n\nMy last line"
    assert form.initial["note"] == "Mine"
    assert "<ins>" in page
    again = mine | {"body": form.initial["body"], "base": form.initial["base"]}
    assert editor.post(address(world.plan), again).status_code == 302
    assert fresh(world.plan).body == form.initial["body"]


def test_where_both_changed_the_same_line_both_stand_in_the_proposal(
    world, sign_in, editor
):
    mine, theirs = (form_of(world.plan, body=b) for b in ("Mine.", "Theirs."))
    sign_in(world.admin).post(address(world.plan), theirs)
    response = editor.post(address(world.plan), mine)
    proposal = response.context["form"].initial["body"]
    assert response.context["conflict"].places == 1
    assert "Mine." in proposal
    assert "Theirs." in proposal


def test_a_place_left_open_is_kept_as_a_draft_but_never_published(
    world, sign_in, editor
):
    mine, theirs = (form_of(world.plan, body=b) for b in ("Mine.", "Theirs."))
    sign_in(world.admin).post(address(world.plan), theirs)
    merged = editor.post(address(world.plan), mine).context["form"].initial
    again = mine | {"body": merged["body"], "base": merged["base"]}

    refused = editor.post(address(world.plan), again)
    assert refused.status_code == 422
    assert "both versions still stand" in refused.content.decode()
    assert "&lt;&lt;&lt;&lt;&lt;&lt;&lt;" in refused.content.decode()
    assert fresh(world.plan).body == "Theirs."

    assert (
        editor.post(address(world.plan), again | {"action": "draft"}).status_code == 302
    )
    assert fresh(world.plan).body == "Theirs."
    assert fresh(world.plan).has_unpublished_changes


def test_the_editor_names_whose_draft_it_goes_on_with(world, sign_in, editor):
    started = form_of(world.plan, body="Half a thought", action="draft")
    sign_in(world.admin).post(address(world.plan), started)

    page = editor.get(address(world.plan)).content.decode()
    assert "a draft that somebody else has not published yet" in page
    assert "Anouk Admin" in page
    assert "Half a thought" in page
    assert "your draft, not published" in (
        sign_in(world.admin).get(address(world.plan)).content.decode()
    )
    discard = editor.get(address(world.plan, "discard-draft")).content.decode()
    assert "Anouk Admin" in discard


def test_one_may_begin_with_the_published_text_and_the_draft_stays_in_the_history(
    world, sign_in, editor
):
    started = form_of(world.plan, body="Half a thought", action="draft")
    sign_in(world.admin).post(address(world.plan), started)
    form = editor.get(f"{address(world.plan)}?from=published").context["form"]
    assert form.initial["body"] == "The plan."

    sent = form_of(world.plan, body="The plan!", base=form.initial["base"])
    assert editor.post(address(world.plan), sent).status_code == 302
    assert fresh(world.plan).body == "The plan!"
    bodies = [r.as_object().body for r in fresh(world.plan).revisions.order_by("pk")]
    assert bodies == ["The plan.", "Half a thought", "The plan!"]


def test_without_a_draft_the_editor_speaks_of_none(world, editor):
    for query in ("", "?from=published"):
        page = editor.get(address(world.plan) + query)
        assert page.context["draft"] is None
        assert page.context["form"].initial["body"] == "The plan."


def test_keeping_mine_overwrites_only_what_i_have_seen(world, sign_in, editor):
    mine, theirs = (form_of(world.plan, body=b) for b in ("Mine.", "Theirs."))
    sign_in(world.admin).post(address(world.plan), theirs)
    answer = editor.post(address(world.plan), mine)
    [seen] = re.findall(
        r'<input type="hidden" name="base" value="(\w+)">', answer.content.decode()
    )[-1:]
    sign_in(world.admin).post(address(world.plan), form_of(world.plan, body="Third."))
    keep = mine | {"base": seen}
    assert editor.post(address(world.plan), keep).status_code == 409
    assert fresh(world.plan).body == "Third."


def test_a_right_withdrawn_while_writing_gives_the_text_back(world, editor):
    sent = form_of(world.plan, body="Hours of <work>")
    save_grant(
        root=root_of(world.shared),
        subject=world.meridian,
        level=1,
        by=world.admin,
        ends_on=in_days(5),
    )
    response = editor.post(address(world.plan), sent)
    assert response.status_code == 403
    assert "Hours of &lt;work&gt;" in response.content.decode()
    withdraw_grant(root=root_of(world.shared), subject=world.meridian, by=world.admin)
    gone = editor.post(address(world.plan), sent)
    assert gone.status_code == 404
    assert "Hours of &lt;work&gt;" in gone.content.decode()
    assert b"Shared" not in gone.content


def test_a_new_page_stands_below_the_one_it_was_begun_on(world, editor):
    sent = {"title": "Fresh", "body": "Text", "language": "nl", "action": "publish"}
    response = editor.post(address(world.plan, "new"), sent)
    made = ArticlePage.objects.get(title="Fresh")
    assert response["Location"] == f"/{made.slug}/"
    assert made.get_parent().pk == world.plan.pk
    assert made.live


def test_a_new_draft_is_seen_by_editors_only(world, sign_in, editor):
    sent = {"title": "Soon", "body": "T", "language": "en", "action": "draft"}
    where = editor.post(address(world.plan, "new"), sent)["Location"]
    assert editor.get(where).status_code == 200
    assert sign_in(world.member).get(where).status_code == 404


def test_discarding_asks_once_and_goes_back_to_the_published_text(world, editor):
    editor.post(address(world.plan), form_of(world.plan, body="Half", action="draft"))
    assert (
        "Discard" in editor.get(address(world.plan, "discard-draft")).content.decode()
    )
    assert fresh(world.plan).has_unpublished_changes
    editor.post(address(world.plan, "discard-draft"))
    assert not fresh(world.plan).has_unpublished_changes
    assert fresh(world.plan).get_latest_revision_as_object().body == "The plan."


def test_a_text_is_stored_as_typed(world, editor):
    text = "  indented\r\n\r\nline  \r\nend\r\n"
    editor.post(address(world.plan), form_of(world.plan, body=text))
    assert fresh(world.plan).body == text.replace("\r\n", "\n")


def test_a_form_without_token_is_refused(world):
    client = Client(enforce_csrf_checks=True)
    client.force_login(
        world.guest, "allauth.account.auth_backends.AuthenticationBackend"
    )
    response = client.post(address(world.plan), form_of(world.plan, body="No token"))
    assert response.status_code == 403
    assert fresh(world.plan).body == "The plan."


@pytest.mark.django_db(transaction=True)
def test_of_two_writers_at_the_same_moment_exactly_one_saves():
    world = World()
    page = make_article(world.shared, world.admin, "Race", body="Start")
    people = [world.admin, world.guest]
    sent = [form_of(page, body=f"From {person.name}") for person in people]
    barrier = threading.Barrier(len(people))
    answers: dict[int, int] = {}

    def write(number: int) -> None:
        client = Client()
        client.force_login(
            people[number], "allauth.account.auth_backends.AuthenticationBackend"
        )
        barrier.wait()
        answers[number] = client.post(address(page), sent[number]).status_code
        connection.close()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(len(people))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers.values()) == [302, 409]
    winner = next(number for number, status in answers.items() if status == 302)
    assert fresh(page).body == f"From {people[winner].name}"


def test_a_project_is_founded_by_members_of_its_owner_only(world, sign_in):
    sent = {
        "owner": world.host.public_id,
        "title": "Founded",
        "summary": "",
        "language": "en",
        "reach": PolicyRoot.Reach.ORGANISATION,
    }
    refused = sign_in(world.guest).post("/projects/new", sent)
    assert refused.status_code == 200
    assert "owner" in refused.context["form"].errors
    made = sign_in(world.member).post("/projects/new", sent)
    assert made.status_code == 302
    assert sign_in(world.member).get(made["Location"]).status_code == 200


def test_the_address_does_not_tell_readers_the_title_of_a_draft(world, sign_in, editor):
    page = make_article(world.shared, world.guest, "Layoffs", publish=False)
    old = page.slug
    sent = form_of(page, title="Reorganisation")
    editor.post(f"/{old}/edit", sent)

    page.refresh_from_db()
    assert page.slug.startswith("reorganisation-")
    assert editor.get(f"/{old}/")["Location"] == f"/{page.slug}/"
    reading = sign_in(world.member).get(f"/{page.slug}/")
    assert reading.status_code == 200
    assert b"ayoffs" not in reading.content
