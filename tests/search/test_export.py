"""The results as a table: for who leads people, by the same rule, and recorded."""

import csv
import re
from io import StringIO

import pytest

from accounts.models import AuditEvent, Membership
from accounts.services import save_membership
from knowledge.access.services import withdraw_grant
from knowledge.files.services import add_file
from search import exporting
from search.selectors import find
from tests.factories import in_days, make_article, make_person, root_of
from tests.knowledge.audit.test_log_page import text_file
from tests.search.asking import WORD
from tests.support.indices import bring_up_to_date

Role = Membership.Role
HEADING = [
    *("Title", "Address", "Type", "Project", "Organisation", "Language"),
    *("Last change", "Changed by"),
]


@pytest.fixture
def boss(world):
    return make_person("Berta Boss", world.meridian, Role.ADMIN, sponsor=world.admin)


def rows_of(client, rest: str = "") -> list[list[str]]:
    response = client.get(f"/search/export.csv?q={WORD}{rest}")
    assert response.status_code == 200
    return list(csv.reader(StringIO(response.content.decode("utf-8-sig"))))


def titles(client, rest: str = "") -> list[str]:
    return [row[0] for row in rows_of(client, rest)[1:]]


def exports() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action="search.export"))


def test_the_table_has_what_the_page_shows_and_says_who_changed_it(
    world, indexed, sign_in
):
    page = make_article(world.shared, world.guest, "Banks", body=f"The {WORD}.")
    file = add_file(page=page, upload=text_file(f"{WORD}.txt"), by=world.admin)
    indexed()
    client = sign_in(world.manager)
    heading, *rows = rows_of(client, "&sort=title")
    assert heading == HEADING
    first, second = rows
    assert first[0] == "Banks"
    assert re.fullmatch(rf"http://\S+/{page.slug}/", first[1])
    assert first[2:6] == ["Page", "Shared", "Vaartkade", "en"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+\d\d:\d\d", first[6])
    assert first[7] == "Nadia Guest"
    assert second[0] == f"{WORD}.txt"
    assert second[1].endswith(file.get_absolute_url())
    assert second[2:5] == ["File", "Shared", "Vaartkade"]
    assert second[7] == "Anouk Admin"


def test_all_hits_come_in_the_order_of_the_page_with_what_was_chosen(
    world, indexed, sign_in, monkeypatch
):
    monkeypatch.setattr(exporting, "BATCH", 10)
    names = [f"Page {number:02}" for number in range(23)]
    for name in names:
        make_article(world.open, world.admin, name, body=WORD, language="nl")
    make_article(world.open, world.admin, "Other", body=WORD, language="de")
    indexed()
    client = sign_in(world.admin)
    assert titles(client, "&sort=title&language=nl&page=2") == names
    assert sorted(titles(client)) == ["Other", *names]


def test_the_table_ends_after_a_thousand(world, indexed, sign_in, monkeypatch):
    monkeypatch.setattr(exporting, "BATCH", 2)
    monkeypatch.setattr(exporting, "MAX_RESULTS", 4)
    for number in range(6):
        make_article(world.open, world.admin, f"Page {number}", body=WORD)
    indexed()
    assert len(titles(sign_in(world.admin))) == 4


def test_each_reader_takes_away_what_that_reader_sees(world, boss, indexed, sign_in):
    make_article(world.open, world.admin, "Open sand", body=WORD)
    make_article(world.shared, world.admin, "Shared sand", body=WORD)
    make_article(world.closed, world.admin, "Closed sand", body=WORD)
    make_article(world.prices, world.admin, "Price of sand", body=WORD)
    indexed()
    assert set(titles(sign_in(boss))) == {"Shared sand"}
    assert set(titles(sign_in(world.manager))) == {
        "Open sand",
        "Shared sand",
        "Closed sand",
    }


def test_who_changed_it_is_empty_where_the_page_does_not_say_it(
    world, boss, indexed, sign_in
):
    """Meridian does not know of Noord, whose person wrote in a project of the host."""
    save_membership(
        user=world.other_guest,
        organisation=world.noord,
        by=None,
        sponsor=world.admin,
        ends_on=in_days(30),
    )
    page = make_article(world.shared, world.admin, "Sand", body=WORD)
    page.facts.changed_by, page.facts.organisation = world.other_guest, world.noord
    page.facts.save()
    indexed()
    assert rows_of(sign_in(boss))[1][7] == ""
    assert rows_of(sign_in(world.admin))[1][7] == "Jelle Other"


def test_a_right_that_goes_while_it_is_written_ends_it(
    world, boss, indexed, sign_in, monkeypatch
):
    monkeypatch.setattr(exporting, "BATCH", 2)
    for number in range(5):
        make_article(world.shared, world.admin, f"Sand {number}", body=WORD)
    indexed()

    def find_and_withdraw(*args, **kwargs):
        answer = find(*args, **kwargs)
        if kwargs["page"] == 1:
            project = root_of(world.shared)
            withdraw_grant(root=project, subject=world.meridian, by=world.admin)
        return answer

    monkeypatch.setattr(exporting, "find", find_and_withdraw)
    assert len(titles(sign_in(boss))) == 2


def test_a_title_that_looks_like_a_formula_is_written_as_a_text(
    world, indexed, sign_in
):
    make_article(world.open, world.admin, f"=HYPERLINK({WORD})", body=WORD)
    indexed()
    assert titles(sign_in(world.admin)) == [f"'=HYPERLINK({WORD})"]


def test_the_logs_of_those_the_person_leads_tell_of_it_without_the_words(
    world, boss, sign_in
):
    rows_of(sign_in(world.manager))
    (event,) = exports()
    assert (event.actor, event.organisation) == (world.manager, world.host)
    assert event.details == {"hits": 0}
    assert WORD not in str(event.__dict__)
    log = sign_in(world.admin).get(f"/organisation/{world.host.public_id}/log")
    assert "Search results exported" in log.content.decode()
    rows_of(sign_in(boss))
    assert [event.organisation for event in exports() if event.actor == boss] == [
        world.meridian
    ]


@pytest.mark.parametrize("who", ["member", "guest"])
@pytest.mark.parametrize("method", ["get", "post", "head", "options"])
def test_for_others_there_is_no_such_page(world, sign_in, who, method):
    ask = getattr(sign_in(getattr(world, who)), method)
    refused = ask(f"/search/export.csv?q={WORD}")
    missing = ask("/nothing-zzzzzzzz/")
    assert refused.status_code == 404
    if method in ("get", "post"):
        assert refused.content == missing.content
    assert exports() == []


def test_asking_for_the_headers_takes_nothing_away_and_is_not_recorded(world, sign_in):
    address = f"/search/export.csv?q={WORD}"
    assert sign_in(world.admin).head(address).status_code == 403
    assert exports() == []


def test_nobody_keeps_the_table(world, sign_in):
    response = sign_in(world.admin).get(f"/search/export.csv?q={WORD}")
    assert response["Cache-Control"] == "no-store, private"
    assert response["Content-Disposition"] == 'attachment; filename="search.csv"'


def test_who_may_take_the_results_away_is_offered_it(world, indexed, sign_in):
    make_article(world.open, world.admin, "Sand", body=WORD)
    indexed()
    link = f'href="/search/export.csv?q={WORD}"'
    assert link in sign_in(world.admin).get(f"/search/?q={WORD}").content.decode()
    page = sign_in(world.member).get(f"/search/?q={WORD}").content.decode()
    assert "Sand" in page
    assert "export.csv" not in page


def test_no_title_begins_a_cell_where_lists_are_separated_by_semicolons(world, sign_in):
    """In Dutch and German a spreadsheet ends a cell at `;`, unless it is quoted."""
    for title in ("Kade;=1+1;x", "Kade; \t-2+3"):
        make_article(world.shared, world.admin, title, body=WORD)
    bring_up_to_date()
    table = sign_in(world.manager).get(f"/search/export.csv?q={WORD}")
    lines = table.content.decode().removeprefix("\ufeff").splitlines()
    assert all(line.startswith('"') for line in lines)
    cells = [cell.strip() for line in lines for cell in line.split(";")]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
