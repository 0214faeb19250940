"""What changes who may do what is recorded: no service that writes forgets the log.

Read from the source: a service records when it calls `record`, or another service that
does, in the same transaction.
"""

import ast

from accounts.acts import ACTS
from tests.architecture.sources import dotted, name_of, python_files, tree_of

# Where writes are. What else writes the tables of the others is not our style.
SERVICES = [
    path
    for path in python_files("accounts", "knowledge", "search")
    if path.stem
    in {
        *("services", "services_steering", "invitations", "bulk", "roots", "write"),
        *("signals", "editing", "saving", "exporting", "alerts"),
    }
    and "tests" not in path.parts
]
RECORDS = {"record", "record_person"}
# Records what it ends for others, not what it was called for.
PARTLY = {"rebuild_subtree"}

# Public services that write and record nothing, each with the reason.
SILENT = {
    "knowledge/access/roots.py: create_project_root": "a part of create_project",
    "knowledge/access/roots.py: add_page": "a part of create_article",
    "knowledge/access/roots.py: put_in_trash": "a part of trash_page",
    "knowledge/access/roots.py: take_from_trash": "a part of restore_page",
    "knowledge/pages/services.py: create_article": "the history of the page has it",
    "knowledge/pages/services.py: save_page": "the history of the page has it",
    "knowledge/pages/services.py: restore_revision": "the history of the page has it",
    "knowledge/pages/services.py: discard_draft": "the history of the page has it",
    "knowledge/pages/bulk.py: create_articles": "the history of each page has it",
    "knowledge/files/services.py: make_rendition": "a smaller copy, made from a file",
    "search/saving.py: save_search": "nobody else's matter",
    "search/saving.py: change_saved": "nobody else's matter",
    "search/saving.py: delete_saved": "nobody else's matter",
    "search/saving.py: note_recent": "nobody else's matter",
    "search/saving.py: forget_recent": "nobody else's matter",
    "search/alerts.py: take_due": "notes what the mails were looked through for",
}


def functions():
    """Every function of the services by `file: name`; of methods, by their name."""
    return {
        f"{name_of(path)}: {node.name}": node
        for path in SERVICES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef)
    }


FUNCTIONS = functions()


def calls(node: ast.FunctionDef) -> set[str]:
    """The last names of all that a function calls."""
    return {
        dotted(inner.func).rpartition(".")[2]
        for inner in ast.walk(node)
        if isinstance(inner, ast.Call)
    }


def is_atomic(node: ast.FunctionDef) -> bool:
    names = {
        dotted(d.func if isinstance(d, ast.Call) else d) for d in node.decorator_list
    }
    return "transaction.atomic" in names


def is_receiver(node: ast.FunctionDef) -> bool:
    return any(
        isinstance(d, ast.Call) and dotted(d.func) == "receiver"
        for d in node.decorator_list
    )


def writes(node: ast.FunctionDef) -> bool:
    """A service that writes acts for somebody or keeps a transaction together."""
    arguments = {argument.arg for argument in node.args.kwonlyargs}
    public = not node.name.startswith("_")
    return public and ("by" in arguments or is_atomic(node))


def recording() -> set[str]:
    """The names of all functions that record, by themselves or through another."""
    found = set(RECORDS)
    while True:
        through = found - PARTLY
        more = {node.name for node in FUNCTIONS.values() if calls(node) & through}
        if more <= found:
            return found
        found |= more


def test_every_service_that_writes_records_or_is_silent_for_a_reason():
    records = recording()
    silent = {
        name
        for name, node in FUNCTIONS.items()
        if writes(node) and node.name not in records
    }
    assert silent == set(SILENT)


def test_an_event_is_written_in_the_transaction_of_its_act():
    """Who records stands inside a transaction: its own, or the one of who calls it."""
    outside = {
        name
        for name, node in FUNCTIONS.items()
        if calls(node) & RECORDS
        and not is_atomic(node)
        and not node.name.startswith("_")
        and not is_receiver(node)
    }
    # Nothing is changed there: the view itself is what is recorded.
    assert outside == {"knowledge/files/services.py: note_operator_view"}


def test_every_act_that_the_log_knows_is_recorded_somewhere():
    texts = {
        node.value
        for path in python_files("accounts", "knowledge", "kbsite", "search")
        if path.name not in {"acts.py", "kinds.py"}
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(ACTS) - texts == set()


def test_the_rules_above_notice():
    node = ast.parse("@transaction.atomic\ndef give(*, by):\n    thing.save()").body[0]
    assert isinstance(node, ast.FunctionDef)
    assert writes(node)
    assert not calls(node) & recording()
