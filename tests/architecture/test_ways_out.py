"""Ways by which something could leave that no rule of access would see."""

import ast

import pytest

from tests.architecture.sources import (
    ROOT,
    attributes,
    dotted,
    imported_modules,
    name_of,
    python_files,
    templates,
    tree_of,
)

SITE = python_files("accounts", "kbsite", "knowledge", "search")
# What opens connections to elsewhere. Elasticsearch's client has a test of its own.
CLIENTS = {
    *("aiohttp", "ftplib", "http.client", "httpx", "pycurl", "requests", "smtplib"),
    *("socket", "telnetlib", "urllib.request", "urllib3", "websockets", "xmlrpc"),
}
# Answers kept for whoever asks next.
ANSWER_CACHES = {
    *("cache_page", "UpdateCacheMiddleware", "FetchFromCacheMiddleware"),
    *("cache_control", "vary_on_cookie", "make_template_fragment_key"),
}
# Who keeps something from one request to the next, and why nobody's right is in it.
KEEPERS = {
    "kbsite/caches.py": "is the cache",
    "knowledge/markup/rendering.py": "the HTML of a text, the same for every reader",
    "search/engines/elasticsearch.py": "that the server is away",
}
# Statements written by hand, and what they read.
RAW_SQL = {
    "accounts/audit_chain.py": "the audit log, for its verification",
    "accounts/limits.py": "counters",
    "accounts/prepared.py": "what the ORM wrote before, with other values",
    "knowledge/pages/bulk.py": "the next numbers of rows, for an import",
}


def of_module(name: str, modules: set[str]) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def test_nobody_calls_another_server():
    callers = {
        name_of(path)
        for path in SITE
        if any(of_module(module, CLIENTS) for module in imported_modules(path))
    }
    # It looks for a free port of this machine.
    assert callers <= {"kbsite/postgres.py"}


def test_no_answer_is_kept_for_the_next_who_asks():
    found = {
        (name_of(path), name)
        for path in SITE
        for name in {n.split(".")[-1] for n in attributes(path)} & ANSWER_CACHES
    }
    assert found == set()
    assert not [name_of(path) for path in templates() if "{% cache" in path.read_text()]


def test_who_keeps_something_between_requests_is_known():
    keepers = {
        name_of(path)
        for path in SITE
        if any(m.startswith("django.core.cache") for m in imported_modules(path))
    }
    assert keepers == set(KEEPERS)


def executes(path) -> bool:
    names = [
        dotted(node.func).split(".")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
    ]
    return any("cursor" in name or name[-1] == "raw" for name in names)


def test_statements_written_by_hand_are_few_and_known():
    """The search engines ask with the reader's filter; their tests are in tests/search."""
    found = {name_of(path) for path in SITE if executes(path)}
    engines = {name for name in found if name.startswith("search/")}
    commands = {name for name in found if "/management/" in name}
    assert found - engines - commands - {"kbsite/health.py"} <= set(RAW_SQL) | LOCKS


# They take a lock and read nothing.
LOCKS = {"knowledge/access/locks.py", "kbsite/postgres.py"}


@pytest.mark.parametrize(
    ("module", "is_client"),
    [("urllib.request", True), ("urllib.parse", False), ("socketserver", False)],
)
def test_the_list_of_clients_knows_modules_by_name(module, is_client):
    assert of_module(module, CLIENTS) == is_client


def test_every_dependency_is_pinned_with_a_hash():
    lines = (ROOT / "requirements.txt").read_text().replace("\\\n", " ").splitlines()
    packages = [line for line in lines if line and not line.lstrip().startswith("#")]
    assert len(packages) > 40
    loose = [
        line.split()[0]
        for line in packages
        if "==" not in line.split()[0] or "--hash=sha256:" not in line
    ]
    assert loose == []
