"""Partners suspend memberships, the host suspends accounts."""

from django.db import migrations, models

# Whom a partner suspended, belonged nowhere else: now the membership is suspended.
FORWARD = """
UPDATE accounts_membership m SET is_suspended = true FROM accounts_user u
  WHERE u.id = m.user_id AND NOT u.is_active AND NOT u.suspended_by_host;
UPDATE accounts_user u SET is_active = true
  WHERE NOT u.is_active AND NOT u.suspended_by_host
    AND EXISTS (SELECT 1 FROM accounts_membership m WHERE m.user_id = u.id);
SET CONSTRAINTS ALL IMMEDIATE;
"""
BACK = """
UPDATE accounts_user u SET is_active = false
  WHERE EXISTS (SELECT 1 FROM accounts_membership m WHERE m.user_id = u.id)
    AND NOT EXISTS (
      SELECT 1 FROM accounts_membership m WHERE m.user_id = u.id AND NOT m.is_suspended
    );
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_names_and_sessions")]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="is_suspended",
            field=models.BooleanField(
                default=False, editable=False, verbose_name="suspended"
            ),
        ),
        migrations.RunSQL(FORWARD, BACK),
        migrations.RemoveField(model_name="user", name="suspended_by_host"),
    ]
