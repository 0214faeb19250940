"""Steps of a measurement that run in a process with settings of their own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parent.parent.parent


def empty(url: str) -> None:
    """Empty a database."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def run_step(environment: dict[str, str], *command: str) -> Any:
    """Run a step with the settings of one installation; return what it answers."""
    ended = subprocess.run(
        [sys.executable, "-m", "scripts.bench.worker", *command],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
    )
    return json.loads(ended.stdout.splitlines()[-1])
