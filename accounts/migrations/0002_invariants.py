"""What the database holds of people: guests end, the audit log only grows."""

from django.db import migrations

GUESTS = """
CREATE FUNCTION accounts_guest_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.sponsor_id IS NULL OR NEW.ends_on IS NULL) AND EXISTS (
    SELECT 1 FROM accounts_organisation o
    WHERE o.id = NEW.organisation_id AND o.kind <> 'host'
  ) THEN
    RAISE EXCEPTION 'A guest needs a sponsor and an end date.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_guest_ends';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER membership_guest_ends BEFORE INSERT OR UPDATE ON accounts_membership
  FOR EACH ROW EXECUTE FUNCTION accounts_guest_ends();
"""
GUESTS_BACK = """
DROP TRIGGER membership_guest_ends ON accounts_membership;
DROP FUNCTION accounts_guest_ends();
"""

AUDIT = """
CREATE FUNCTION accounts_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The audit log only grows.'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_append_only';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON accounts_auditevent
  FOR EACH ROW EXECUTE FUNCTION accounts_audit_append_only();
"""
AUDIT_BACK = """
DROP TRIGGER audit_append_only ON accounts_auditevent;
DROP FUNCTION accounts_audit_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(GUESTS, GUESTS_BACK),
        migrations.RunSQL(AUDIT, AUDIT_BACK),
    ]
