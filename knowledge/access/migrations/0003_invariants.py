"""What the database holds of grants: one to another organisation always ends."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION access_foreign_grant_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.ends_on IS NULL AND COALESCE(
    (SELECT o.id FROM accounts_organisation o WHERE o.group_id = NEW.group_id),
    (SELECT t.organisation_id FROM accounts_team t WHERE t.group_id = NEW.group_id),
    0
  ) <> (SELECT r.owner_id FROM access_policyroot r WHERE r.page_id = NEW.content_object_id)
  THEN
    RAISE EXCEPTION 'A grant to another organisation needs an end date.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'group_grant_foreign_ends';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER group_grant_foreign_ends BEFORE INSERT OR UPDATE ON access_groupgrant
  FOR EACH ROW EXECUTE FUNCTION access_foreign_grant_ends();

CREATE FUNCTION access_foreign_person_grant_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.ends_on IS NULL AND NOT EXISTS (
    SELECT 1 FROM accounts_membership m
    JOIN access_policyroot r ON r.owner_id = m.organisation_id
    WHERE m.user_id = NEW.user_id AND r.page_id = NEW.content_object_id
  ) THEN
    RAISE EXCEPTION 'A grant to another organisation needs an end date.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'user_grant_foreign_ends';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER user_grant_foreign_ends BEFORE INSERT OR UPDATE ON access_usergrant
  FOR EACH ROW EXECUTE FUNCTION access_foreign_person_grant_ends();
"""
BACK = """
DROP TRIGGER user_grant_foreign_ends ON access_usergrant;
DROP FUNCTION access_foreign_person_grant_ends();
DROP TRIGGER group_grant_foreign_ends ON access_groupgrant;
DROP FUNCTION access_foreign_grant_ends();
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0002_initial"), ("accounts", "0002_invariants")]

    operations = [migrations.RunSQL(FORWARD, BACK)]
