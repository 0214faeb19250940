"""The embedded PostgreSQL, with real servers in folders of their own."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from kbsite.postgres import django_database

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = """
import sys
from pathlib import Path
from kbsite.postgres import embedded_url
print(embedded_url(Path(sys.argv[1])), flush=True)
sys.stdin.readline()
"""


def start_user(data_dir):
    """A process that uses the server until its standard input closes."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(data_dir)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    return process, process.stdout.readline().strip()


def end_user(process):
    process.communicate("\n", timeout=60)


def answers(url):
    try:
        with psycopg.connect(url) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def test_processes_starting_at_once_share_one_server(tmp_path):
    with ThreadPoolExecutor(3) as pool:
        users = list(pool.map(lambda _: start_user(tmp_path), range(3)))
    (first, url), *others = users
    assert {address for _, address in users} == {url}
    assert url.endswith("/deelplein")
    end_user(first)
    assert answers(url)
    for process, _ in others:
        end_user(process)
    assert not answers(url)


def test_data_outlives_the_server(tmp_path):
    process, url = start_user(tmp_path)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE note AS SELECT 'kept' AS text")
    end_user(process)
    process, url = start_user(tmp_path)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT text FROM note").fetchone() == ("kept",)
    end_user(process)


def test_killed_user_does_not_keep_the_server_alive(tmp_path):
    killed, url = start_user(tmp_path)
    killed.kill()
    killed.communicate()
    assert answers(url)
    process, _ = start_user(tmp_path)
    users = json.loads((tmp_path / "postgres" / ".handle_pids.json").read_text())
    assert users == [process.pid]
    end_user(process)
    assert not answers(url)


def test_server_comes_back_after_it_was_killed(tmp_path):
    process, url = start_user(tmp_path)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE note AS SELECT 'kept' AS text")
    pid_file = tmp_path / "postgres" / "postmaster.pid"
    os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
    process.kill()
    process.communicate()
    process, url = start_user(tmp_path)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT text FROM note").fetchone() == ("kept",)
    end_user(process)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql://postgres@%2Frun%2FWith%20Case:5432/deelplein",
            {"HOST": "/run/With Case", "PORT": "5432", "USER": "postgres"},
        ),
        (
            "postgres://anna:p%40ss@db.example.org/wiki?sslmode=require",
            {
                "HOST": "db.example.org",
                "PORT": "",
                "USER": "anna",
                "PASSWORD": "p@ss",
                "NAME": "wiki",
                "OPTIONS": {"sslmode": "require"},
            },
        ),
        ("postgresql://anna@[::1]:5433/wiki", {"HOST": "::1", "PORT": "5433"}),
    ],
)
def test_address_becomes_an_entry_of_databases(url, expected):
    entry = django_database(url)
    assert {name: entry[name] for name in expected} == expected


def test_parameters_of_the_address_win_over_ours():
    url = "postgresql://db/wiki?sslmode=require&options=-c%20jit%3Don"
    entry = django_database(url, jit="off")
    assert entry["OPTIONS"] == {"sslmode": "require", "options": "-c jit=off -c jit=on"}
    assert django_database("postgresql://db/wiki")["OPTIONS"] == {}


@pytest.mark.parametrize("url", ["sqlite:///wiki.db", "mysql://localhost/wiki", ""])
def test_another_database_is_refused(url):
    with pytest.raises(ValueError, match="PostgreSQL"):
        django_database(url)
