"""Databases for the suite: one migrated template, and a copy of it per process.

Migrating takes tens of seconds, copying a database less than one. The template
carries a hash of all migrations in its name, so a later run finds it ready.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psutil
import psycopg
from django.apps import apps
from django.core.management import call_command
from django.db import connection, connections
from django.test import TransactionTestCase
from psycopg import sql

TEMPLATE_PREFIX = "deelplein_template_"
COPY_PREFIX = "deelplein_test_"
BUILD_LOCK = 0x6465656C  # any number that nothing else here locks


@cache
def migrations_key() -> str:
    """Return a short hash of every migration of every installed app.

    Once per process: its database stays that of the migrations it began with.
    """
    sha = hashlib.sha256()
    for config in sorted(apps.get_app_configs(), key=lambda app: app.label):
        for path in sorted(Path(config.path).glob("migrations/*.py")):
            sha.update(f"{config.label}/{path.name}".encode())
            sha.update(path.read_bytes())
    return sha.hexdigest()[:12]


def use_copy() -> str:
    """Point Django's connection at a fresh copy of the template; return its name."""
    template = f"{TEMPLATE_PREFIX}{migrations_key()}"
    name = f"{COPY_PREFIX}{os.getpid()}"
    with _server() as server:
        server.execute("SELECT pg_advisory_lock(%s)", [BUILD_LOCK])
        _drop_leftovers(server, keep=template)
        if not _exists(server, template):
            _build_template(server, template)
        server.execute("SELECT pg_advisory_unlock(%s)", [BUILD_LOCK])
        _copy(server, template, name)
    _point_at(name)
    TransactionTestCase._fixture_teardown = _copy_instead_of_flush
    return name


def drop_copy(name: str) -> None:
    """Remove this process's database."""
    connections.close_all()
    with _server() as server:
        _drop(server, name)


def _copy_instead_of_flush(test_case: TransactionTestCase) -> None:
    start_over()


def start_over() -> None:
    """Start over from the template after a test that really committed.

    Django's way, emptying all tables, would also lose what migrations put there
    (the root page, the organisation of the host) and sends post_migrate to refill
    permissions, which takes longer than a copy.
    """
    name = connection.settings_dict["NAME"]
    connections.close_all()
    with _server() as server:
        _copy(server, f"{TEMPLATE_PREFIX}{migrations_key()}", name)


@contextmanager
def _server() -> Iterator[psycopg.Connection]:
    """Connect to the server outside any of our databases."""
    entry = connection.settings_dict
    with psycopg.connect(
        host=entry["HOST"],
        port=entry["PORT"],
        user=entry["USER"],
        password=entry["PASSWORD"],
        dbname="postgres",
        autocommit=True,
        **{k: v for k, v in entry["OPTIONS"].items() if k == "sslmode"},
    ) as server:
        yield server


def _build_template(server: psycopg.Connection, template: str) -> None:
    """Migrate an empty database; it gets its name when that is done, not before."""
    unfinished = f"{template}_unfinished"
    _drop(server, unfinished)
    _run(server, "CREATE DATABASE {}", unfinished)
    # These tests ask for no durability; the setting travels with each copy's name,
    # not with the template, and is repeated in `_copy`.
    _run(server, "ALTER DATABASE {} SET synchronous_commit = off", unfinished)
    _point_at(unfinished)
    call_command("migrate", verbosity=0, interactive=False)
    connections.close_all()
    _run(server, "ALTER DATABASE {} RENAME TO {}", unfinished, template)


def _copy(server: psycopg.Connection, template: str, name: str) -> None:
    _drop(server, name)
    _run(server, "CREATE DATABASE {} TEMPLATE {}", name, template)
    _run(server, "ALTER DATABASE {} SET synchronous_commit = off", name)


def _drop(server: psycopg.Connection, name: str) -> None:
    _run(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _drop_leftovers(server: psycopg.Connection, keep: str) -> None:
    """Drop templates of other migrations and copies of processes that were killed."""
    rows = server.execute("SELECT datname FROM pg_database").fetchall()
    for (name,) in rows:
        is_old_template = name.startswith(TEMPLATE_PREFIX) and name != keep
        owner = name.removeprefix(COPY_PREFIX)
        is_orphan = owner.isdigit() and not psutil.pid_exists(int(owner))
        if is_old_template or is_orphan:
            _drop(server, name)


def _exists(server: psycopg.Connection, name: str) -> bool:
    found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    return found.fetchone() is not None


def _point_at(name: str) -> None:
    connections.close_all()
    connection.settings_dict["NAME"] = name


def _run(server: psycopg.Connection, statement: str, *names: str) -> None:
    identifiers = [sql.Identifier(name) for name in names]
    server.execute(sql.SQL(statement).format(*identifiers))
