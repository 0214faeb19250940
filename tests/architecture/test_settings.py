"""The environment is read in one place, and each value of it is documented."""

import ast
import re

from tests.architecture.sources import (
    ROOT,
    dotted,
    imported_modules,
    name_of,
    python_files,
    tree_of,
)

EXAMPLE = ROOT / ".env.example"
# They start Django, so they must say which settings before there are settings.
ENTRY_POINTS = {"kbsite/wsgi.py", "kbsite/asgi.py"}
# An installer without a terminal gives the first password this way, once.
COMMANDS = {"accounts/management/commands/create_host.py"}
# It takes nothing from the environment: it hands a narrowed one to a process.
PROCESS_STARTERS = {"knowledge/markup/pool.py"}


def read_by_settings() -> set[str]:
    """The first argument of every `env.…(…)` in kbsite/settings."""
    return {
        str(node.args[0].value)
        for path in python_files("kbsite/settings")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and (dotted(node.func) == "env" or dotted(node.func).startswith("env."))
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def test_example_lists_exactly_what_the_settings_read():
    listed = set(re.findall(r"^([A-Z][A-Z_]*)=", EXAMPLE.read_text(), re.MULTILINE))
    assert len(read_by_settings()) > 10
    assert listed == read_by_settings()


def test_each_setting_of_the_example_is_named_once():
    listed = re.findall(r"^([A-Z][A-Z_]*)=", EXAMPLE.read_text(), re.MULTILINE)
    assert sorted(set(listed)) == sorted(listed)


def test_only_settings_read_the_environment():
    code = python_files("accounts", "kbsite", "knowledge", "search")
    readers = {
        name_of(path)
        for path in code
        if {"os.environ", "environ", "os.getenv"} & set(imported_modules(path))
        or any(
            isinstance(node, ast.Attribute)
            and dotted(node) in {"os.environ", "os.getenv"}
            for node in ast.walk(tree_of(path))
        )
    }
    strangers = {name for name in readers if not name.startswith("kbsite/settings/")}
    assert strangers <= ENTRY_POINTS | COMMANDS | PROCESS_STARTERS
