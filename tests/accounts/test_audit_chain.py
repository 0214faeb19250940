"""The audit log is a chain: whoever changes it behind our back is found out."""

import json
import threading

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from accounts.audit import record
from accounts.audit_chain import Head, current_head, verify
from accounts.models import AuditEvent, AuditLink


def write(number: int) -> None:
    """Record so many events, each in a transaction of its own, as requests do."""
    for index in range(number):
        with transaction.atomic():
            record("team.create", by=None, target=f"t{index}", nr=index, ü="✓ \"'")


def behind_our_back(statement: str) -> None:
    """Do what only who owns the database can do."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_auditevent DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE accounts_auditlink DISABLE TRIGGER USER")
        cursor.execute(statement)
        cursor.execute("ALTER TABLE accounts_auditevent ENABLE TRIGGER USER")
        cursor.execute("ALTER TABLE accounts_auditlink ENABLE TRIGGER USER")


def test_an_act_without_a_name_is_not_recorded(db):
    with pytest.raises(KeyError):
        record("something.new", by=None)


@pytest.mark.django_db(transaction=True)
class TestChain:
    def test_it_holds_and_covers_every_event(self):
        write(5)
        verdict = verify()
        assert not verdict.broken
        assert verdict.head.number == AuditEvent.objects.count() == 5
        assert verdict.head == current_head()

    @pytest.mark.parametrize(
        "change",
        [
            "target = 'x'",
            "action = 'team.add'",
            "at = at + interval '1 microsecond'",
            "details = '{}'",
            "actor_id = NULL, organisation_id = NULL, target = target || ''"
            ", other_organisation_id = NULL, details = details || '{\"a\": 1}'",
        ],
    )
    def test_a_changed_event_is_found(self, change):
        write(4)
        third = AuditEvent.objects.order_by("pk")[2].pk
        behind_our_back(
            f"UPDATE accounts_auditevent SET {change} WHERE id = {third}"  # noqa: S608
        )
        assert verify().broken.startswith("number 3:")

    def test_a_removed_event_is_found(self):
        write(4)
        behind_our_back(
            "DELETE FROM accounts_auditlink WHERE number = 2;"
            "DELETE FROM accounts_auditevent WHERE target = 't1'"
        )
        assert verify().broken == "number 2 is missing"

    def test_an_event_slipped_in_beside_the_chain_is_found(self):
        write(2)
        behind_our_back(
            "INSERT INTO accounts_auditevent (at, action, target, details)"
            " VALUES (now(), 'team.add', 'x', '{}')"
        )
        assert "is not in the chain" in verify().broken

    def test_events_cut_off_at_the_end_are_found_by_a_head_noted_before(self):
        write(4)
        head = current_head()
        behind_our_back(
            "DELETE FROM accounts_auditlink WHERE number = 4;"
            "DELETE FROM accounts_auditevent WHERE target = 't3'"
        )
        assert not verify().broken
        assert verify([head]).broken == "number 4 was noted, but is gone"

    def test_a_chain_made_anew_is_found_by_a_head_noted_before(self):
        write(2)
        assert verify([Head(1, "0" * 64)]).broken == "number 1 is not what was noted"

    def test_writers_at_once_make_one_chain(self):
        def writer() -> None:
            write(10)
            connection.close()

        threads = [threading.Thread(target=writer) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert verify().head.number == 40
        assert not verify().broken

    def test_what_was_rolled_back_leaves_no_gap(self):
        write(1)
        with transaction.atomic():
            record("team.create", by=None)
            transaction.set_rollback(True)
        write(1)
        assert [link.number for link in AuditLink.objects.order_by("number")] == [1, 2]
        assert not verify().broken

    def test_the_command_ends_with_1_when_the_chain_is_broken(self, capsys):
        write(2)
        call_command("verify_audit")
        figures = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert figures["ok"]
        assert figures["events"] == 2
        behind_our_back("UPDATE accounts_auditevent SET target = 'x'")
        with pytest.raises(SystemExit):
            call_command("verify_audit", head=[figures["head"]])
        assert not json.loads(capsys.readouterr().out.splitlines()[-1])["ok"]

    @pytest.mark.parametrize("table", ["accounts_auditevent", "accounts_auditlink"])
    @pytest.mark.parametrize(
        "statement",
        ["DELETE FROM {}", "TRUNCATE {} CASCADE", "UPDATE {} SET {} = {}"],
    )
    def test_the_database_refuses_what_does_not_add(self, table, statement):
        write(1)
        column = "action" if table.endswith("event") else "hash"
        text = statement.format(table, column, column)
        with (
            pytest.raises(IntegrityError, match="only grows"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(text)
