"""Chain the audit log: each event carries a hash over itself and the one before it.

The link is made when the transaction of the event ends. So the lock that keeps two
writers from forking the chain is held for the commit only, not while they work.
"""

import django.db.models.deletion
from django.db import migrations, models

# Every field with its length before it: no two events read the same.
HASH = """
CREATE FUNCTION accounts_audit_field(value text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN value IS NULL THEN '-' ELSE octet_length(value) || ':' || value END
$$;
CREATE FUNCTION accounts_audit_hash(before text, number bigint, e accounts_auditevent)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT encode(sha256(convert_to(
    before
    || accounts_audit_field(number::text)
    || accounts_audit_field(e.id::text)
    || accounts_audit_field(
         to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'))
    || accounts_audit_field(e.actor_id::text)
    || accounts_audit_field(e.action)
    || accounts_audit_field(e.organisation_id::text)
    || accounts_audit_field(e.other_organisation_id::text)
    || accounts_audit_field(e.target)
    || accounts_audit_field(e.details::text),
    'UTF8')), 'hex')
$$;
"""
HASH_BACK = """
DROP FUNCTION accounts_audit_hash(text, bigint, accounts_auditevent);
DROP FUNCTION accounts_audit_field(text);
"""

# The number is any that nothing else locks.
CHAIN = """
CREATE FUNCTION accounts_audit_link(e accounts_auditevent) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  last accounts_auditlink;
  next bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(7310304912);
  SELECT * INTO last FROM accounts_auditlink ORDER BY number DESC LIMIT 1;
  next := coalesce(last.number, 0) + 1;
  INSERT INTO accounts_auditlink (number, event_id, hash) VALUES (
    next, e.id, accounts_audit_hash(coalesce(last.hash, repeat('0', 64)), next, e));
END $$;
CREATE FUNCTION accounts_audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM accounts_audit_link(NEW);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit_chain AFTER INSERT ON accounts_auditevent
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION accounts_audit_chain();
CREATE TRIGGER audit_keeps_all BEFORE TRUNCATE ON accounts_auditevent
  EXECUTE FUNCTION accounts_audit_append_only();
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON accounts_auditlink
  FOR EACH ROW EXECUTE FUNCTION accounts_audit_append_only();
CREATE TRIGGER audit_keeps_all BEFORE TRUNCATE ON accounts_auditlink
  EXECUTE FUNCTION accounts_audit_append_only();
"""
CHAIN_BACK = """
DROP TRIGGER audit_keeps_all ON accounts_auditlink;
DROP TRIGGER audit_append_only ON accounts_auditlink;
DROP TRIGGER audit_keeps_all ON accounts_auditevent;
DROP TRIGGER audit_chain ON accounts_auditevent;
DROP FUNCTION accounts_audit_chain();
DROP FUNCTION accounts_audit_link(accounts_auditevent);
"""

# What was recorded before there was a chain is its beginning.
BEGINNING = """
DO $$
DECLARE e accounts_auditevent;
BEGIN
  FOR e IN SELECT * FROM accounts_auditevent ORDER BY id LOOP
    PERFORM accounts_audit_link(e);
  END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_invariants")]

    operations = [
        migrations.CreateModel(
            name="AuditLink",
            fields=[
                (
                    "number",
                    models.BigIntegerField(primary_key=True, serialize=False),
                ),
                ("hash", models.CharField(max_length=64)),
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="link",
                        to="accounts.auditevent",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["target"], name="audit_target"),
        ),
        migrations.RunSQL(HASH, HASH_BACK),
        migrations.RunSQL(CHAIN, CHAIN_BACK),
        migrations.RunSQL(BEGINNING, migrations.RunSQL.noop),
    ]
