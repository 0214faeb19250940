"""Installations to measure: each a database and an index of its own, on shared servers."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from kbsite.postgres import embedded_url
from scripts import local_elasticsearch
from scripts.bench.steps import ROOT, empty, run_step

FOLDER = ROOT / ".cache/bench"
Environment = dict[str, str]


def environment(name: str) -> Environment:
    """Give the settings of the installation of a name."""
    return dict(os.environ) | {
        "DJANGO_SETTINGS_MODULE": "scripts.bench.endless",
        "DJANGO_DEBUG": "0",
        # A line for each request belongs on no terminal.
        "LOG_LEVEL": "WARNING",
        "DATA_DIR": str(FOLDER / name),
        "DATABASE_URL": embedded_url(FOLDER, f"bench_{name}"),
        "ELASTICSEARCH_URL": local_elasticsearch.ensure_running(os.getpid()),
        "ELASTICSEARCH_INDEX_PREFIX": f"bench-{name}",
    }


def has_corpus(corpus: Path) -> bool:
    """Say whether the pages to build of are there; tell where they are not."""
    if not corpus.is_file():
        print(
            f"{corpus} is missing. Give a file of JSON lines, gzipped, with source, "
            "path, title and markdown: make bench ARGS='--corpus FILE'",
            file=sys.stderr,
        )
    return corpus.is_file()


def build(
    size: int, settings: Environment, arguments: argparse.Namespace
) -> dict[str, Any]:
    """Build an installation of pages, or take what was built before."""
    kept = built_file(settings)
    if not (arguments.keep and kept.is_file()):
        say(f"Building {size:,} pages")
        empty(settings["DATABASE_URL"])
        _keep(kept, run_step(settings, "build", str(arguments.corpus), str(size)))
    else:
        index(settings)
    return read(kept)


def multiply(
    times: int, base: Environment, settings: Environment, *, keep: bool
) -> dict[str, Any]:
    """Copy an installation so that its pages are there so many times."""
    kept = built_file(settings)
    if not (keep and _is_newer(kept, built_file(base))):
        say(f"Copying everything, {times} times")
        kept.unlink(missing_ok=True)
        clone(base["DATABASE_URL"], settings["DATABASE_URL"])
        _keep(kept, run_step(settings, "copy", str(times)))
    else:
        index(settings)
    return read(kept)


def index(settings: Environment) -> None:
    """Index what was built before, if the server has no index of it any more."""
    if not run_step(settings, "has-index"):
        run_step(settings, "index")


def clone(source: str, target: str) -> None:
    """Make a database the copy of another one. Nobody may be connected to either."""
    names = [urlsplit(url).path.lstrip("/") for url in (target, source)]
    copied, template = map(sql.Identifier, names)
    server = urlunsplit(urlsplit(source)._replace(path="/postgres"))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(copied))
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(copied, template)
        )


def built_file(settings: Environment) -> Path:
    """Name the file that says what building took, for whoever keeps what was built."""
    return Path(settings["DATA_DIR"]) / "built.json"


def read(path: Path) -> dict[str, Any]:
    """Read what building took."""
    result: dict[str, Any] = json.loads(path.read_text())
    return result


def say(text: str) -> None:
    """Tell who waits what is going on."""
    print(text, file=sys.stderr, flush=True)


def _keep(path: Path, built: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(built))


def _is_newer(path: Path, other: Path) -> bool:
    return path.is_file() and path.stat().st_mtime > other.stat().st_mtime
