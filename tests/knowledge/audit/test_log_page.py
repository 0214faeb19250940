"""The log on the screen and as a file: who may, how much, and what it costs."""

import csv
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from accounts.acts import ACTS
from accounts.audit import record
from accounts.models import AuditEvent, Membership, Organisation
from accounts.spreadsheets import safe_cell
from knowledge.audit.kinds import (
    FILE_ACTS,
    KINDS,
    OTHER_ACTS,
    PAGE_ACTS,
    acts_of,
)
from knowledge.audit.views import PER_PAGE
from knowledge.files.services import add_file
from tests.factories import in_days, make_article, make_person, share

Role = Membership.Role


@pytest.fixture
def boss(world):
    return make_person("Berta Boss", world.meridian, Role.ADMIN, sponsor=world.admin)


def text_file(name: str) -> ContentFile:
    return ContentFile(b"x", name=name)


def address(organisation: Organisation, query: str = "") -> str:
    return f"/organisation/{organisation.public_id}/log{query}"


def rows_of(response) -> list[list[str]]:
    text = response.content.decode("utf-8-sig")
    return list(csv.reader(StringIO(text)))


def shown(client: Client, organisation: Organisation, query: str = "") -> str:
    response = client.get(address(organisation, query))
    assert response.status_code == 200
    return response.content.decode()


def test_who_leads_the_organisation_reads_its_log_and_nobody_else(world, boss, sign_in):
    def answers(user) -> list[int]:
        client = sign_in(user)
        return [
            client.get(address(organisation)).status_code
            for organisation in (world.host, world.meridian)
        ]

    # An admin of the host knows the partner's people, not its log.
    assert answers(world.admin) == [200, 403]
    assert answers(world.manager) == [200, 404]
    assert answers(world.member) == [404, 404]
    assert answers(boss) == [404, 200]
    assert answers(world.guest) == [404, 404]


def test_an_admin_of_the_host_does_not_read_the_log_of_a_partner_without_admin(
    world, sign_in
):
    assert sign_in(world.admin).get(address(world.noord)).status_code == 403


def test_a_hidden_log_answers_like_one_that_never_was(world, sign_in):
    client = sign_in(world.guest)
    hidden = client.get(address(world.host))
    missing = client.get("/organisation/zzzzzzzz/log")
    assert (hidden.status_code, hidden.content) == (404, missing.content)


def test_the_tab_is_for_who_may_read_the_log(world, boss, sign_in):
    own, partner = address(world.host), address(world.meridian)
    client = sign_in(world.admin)
    for list_ in ("people", "teams", "invitations"):
        page = f"/organisation/{{}}/{list_}/"
        text = client.get(page.format(world.host.public_id)).content.decode()
        assert f'href="{own}"' in text
        text = client.get(page.format(world.meridian.public_id)).content.decode()
        assert f'href="{partner}"' not in text


def test_no_key_of_the_database_is_on_the_screen_or_in_the_file(world, sign_in):
    client = sign_in(world.admin)
    # No number of a screen is this long by chance.
    make_article(world.shared, world.admin, "Numbered")
    AuditEvent.objects.bulk_create(
        AuditEvent(
            action=act,
            organisation=world.host,
            target=str(world.shared.pk),
            details={"was": 987654321, "now": 987654322, "page": 987654323},
        )
        for act in ("page.move", "page.trash", "file.add")
    )
    for query in ("", "?format=csv"):
        text = shown(client, world.host, query)
        assert "98765432" not in text
        assert f">{world.shared.pk}<" not in text
        assert f",{world.shared.pk}," not in text


def test_events_that_nobody_can_read_any_more_break_nothing(world, sign_in):
    strange = {"level": "king", "role": 7, "named": ["x"], "subject": "zzzzzzzz"}
    for act in ACTS:
        record(act, by=None, organisation=world.host, target="nothing", **strange)
    record("grant.create", by=None, organisation=world.host, target="9" * 30)
    record("page.trash", by=None, organisation=world.host, target="2147483649")
    client = sign_in(world.admin)
    assert shown(client, world.host)
    assert client.get(address(world.host, "?format=csv")).status_code == 200


def test_the_filter_asks_for_kind_person_and_period(world, sign_in):
    client = sign_in(world.admin)
    assert "Page restricted" in shown(client, world.host, "?kind=access")
    assert "Page restricted" not in shown(client, world.host, "?kind=people")
    member = f"?person={world.member.public_id}"
    found = shown(client, world.host, member)
    assert "Added to a team" in found
    assert "Page restricted" not in found
    tomorrow, yesterday = in_days(1), in_days(-1)
    assert "No events" in shown(client, world.host, f"?since={tomorrow}")
    assert "No events" in shown(client, world.host, f"?until={yesterday}")
    assert "Page restricted" in shown(client, world.host, f"?since={yesterday}")


def test_a_filter_that_makes_no_sense_is_said_at_its_field(world, sign_in):
    text = shown(sign_in(world.admin), world.host, "?since=yesterday&kind=nothing")
    assert text.count("field-error") >= 2 or text.count("aria-invalid") >= 2


def test_nobody_is_found_by_what_was_given_to_them(world, sign_in):
    """To whom a project was given is not told to managers: neither by the filter."""
    share(world.shared, world.member, 1, world.admin)
    query = f"?kind=access&person={world.member.public_id}"
    assert "No events" in shown(sign_in(world.manager), world.host, query)


def test_managers_cannot_ask_for_sign_ins(world, sign_in):
    option, query = 'value="sign-in"', "?kind=sign-in"
    assert option in shown(sign_in(world.admin), world.host)
    assert "Signed in" in shown(sign_in(world.admin), world.host, query)
    assert option not in shown(sign_in(world.manager), world.host)
    assert "Signed in" not in shown(sign_in(world.manager), world.host, query)


def test_many_events_come_in_parts_without_a_gap(world, boss, sign_in):
    client = sign_in(boss)
    for number in range(PER_PAGE + 5):
        record("team.create", by=None, organisation=world.meridian, target=f"t{number}")
    first = shown(client, world.meridian, "?kind=people")
    assert first.count("Team created") == PER_PAGE
    assert "?kind=people&amp;page=2" in first
    second = shown(client, world.meridian, "?kind=people&page=2")
    assert second.count("Team created") == 5
    assert 'rel="next"' not in second
    for wild in ("0", "-1", "x", "99999999999999999999"):
        assert client.get(address(world.meridian, f"?page={wild}")).status_code == 200


def test_the_log_costs_the_same_however_much_there_is(
    world, sign_in, django_assert_max_num_queries
):
    client = sign_in(world.admin)
    for number in range(8):
        page = make_article(world.plan, world.admin, f"Page {number}")
        person = make_person("", world.host)
        add_file(page=page, upload=text_file(f"f{number}.txt"), by=world.admin)
        share(world.shared, person, 1, world.admin)
    with django_assert_max_num_queries(26):
        client.get(address(world.host))


# --- The file --------------------------------------------------------------------------


def test_an_admin_takes_the_shown_log_away_and_that_is_recorded(world, sign_in):
    client = sign_in(world.admin)
    response = client.get(address(world.host, "?format=csv&kind=access"))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in response["Content-Disposition"]
    heading, *rows = rows_of(response)
    assert heading == ["When", "Who", "For", "What", "About", "Whose", "Details"]
    assert {len(row) for row in rows} == {7}
    assert ["Anouk Admin", "Vaartkade", "Page restricted", "Prices"] in [
        row[1:5] for row in rows
    ]
    (event,) = AuditEvent.objects.filter(action="log.export")
    assert (event.actor, event.organisation) == (world.admin, world.host)
    assert "Log exported" in shown(client, world.host)


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_manager_takes_nothing_away_and_nothing_is_recorded(world, sign_in, method):
    ask = getattr(sign_in(world.manager), method)
    assert ask(address(world.host, "?format=csv")).status_code == 403
    assert "Save as CSV" not in shown(sign_in(world.manager), world.host)
    assert not AuditEvent.objects.filter(action="log.export").exists()


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_cell_is_never_a_formula(begin):
    assert safe_cell(f"{begin}1+1") == f"'{begin}1+1"


def test_a_name_that_looks_like_a_formula_is_written_as_a_text(world, sign_in):
    make_article(world.shared, world.admin, "=HYPERLINK(1)")
    page = make_article(world.shared, world.admin, "Files")
    add_file(page=page, upload=text_file("@SUM(1).txt"), by=world.admin)
    rows = rows_of(sign_in(world.admin).get(address(world.host, "?format=csv")))
    cells = [cell for row in rows for cell in row]
    assert "'@SUM(1).txt" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_the_file_ends_where_it_says_so(world, sign_in, monkeypatch):
    monkeypatch.setattr("knowledge.audit.services.MAX_ROWS", 3)
    rows = rows_of(sign_in(world.admin).get(address(world.host, "?format=csv")))
    assert len(rows) == 5
    assert rows[-1][0] == "Older events follow: choose a period."


def test_every_act_is_of_one_kind():
    listed = [act for kind in KINDS for act in acts_of(kind)]
    assert sorted(listed) == sorted(ACTS)


def test_every_act_is_shown_by_one_rule_or_to_nobody():
    """A new act is hidden until somebody decides who may know what it is about."""
    ruled = [*PAGE_ACTS, *FILE_ACTS, *OTHER_ACTS]
    assert len(ruled) == len(set(ruled))
    # The screens of operators belong to no organisation; pages and files they open do.
    assert set(ACTS) - set(ruled) == {"operator.request"}
