"""A person's grant without end needs a membership of the owner that is in force today."""

from django.db import migrations

FUNCTION = """
CREATE OR REPLACE FUNCTION access_foreign_person_grant_ends() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.ends_on IS NULL AND NOT EXISTS (
    SELECT 1 FROM accounts_membership m
    JOIN access_policyroot r ON r.owner_id = m.organisation_id
    WHERE m.user_id = NEW.user_id AND r.page_id = NEW.content_object_id
      {in_force}
  ) THEN
    RAISE EXCEPTION 'A grant to another organisation needs an end date.'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'user_grant_foreign_ends';
  END IF;
  RETURN NEW;
END $$;
"""
IN_FORCE = "AND (m.ends_on IS NULL OR m.ends_on >= current_date)"


class Migration(migrations.Migration):
    dependencies = [("access", "0003_invariants")]

    operations = [
        migrations.RunSQL(
            FUNCTION.format(in_force=IN_FORCE), FUNCTION.format(in_force="")
        )
    ]
