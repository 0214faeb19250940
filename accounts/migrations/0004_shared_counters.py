"""Counters that all processes share: our own, and a cache table for allauth's.

Unlogged: a crash of the database empties them, which no limit minds, and a count
never waits for the disk.
"""

from django.db import migrations

COUNTERS = """
CREATE UNLOGGED TABLE accounts_counter (
  key varchar(64) PRIMARY KEY,
  until timestamptz NOT NULL,
  hits integer NOT NULL
);
CREATE UNLOGGED TABLE accounts_shared_cache (
  cache_key varchar(255) PRIMARY KEY,
  value text NOT NULL,
  expires timestamptz NOT NULL
);
CREATE INDEX accounts_shared_cache_expires ON accounts_shared_cache (expires);
"""
COUNTERS_BACK = """
DROP TABLE accounts_shared_cache;
DROP TABLE accounts_counter;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_audit_chain")]

    operations = [migrations.RunSQL(COUNTERS, COUNTERS_BACK)]
