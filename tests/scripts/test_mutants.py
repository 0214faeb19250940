"""Mutants: what is changed and what is left alone, how one is tried, what is counted."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from scripts.mutants import __main__ as command
from scripts.mutants.operators import mutants_of, mutate
from scripts.mutants.plugin import swap

ROOT = Path(__file__).resolve().parents[2]


def changes(body: str) -> set[tuple[str, str]]:
    """Give (was, now) of all mutants of a function with this body."""
    lines = "\n".join(f"    {line}" for line in dedent(body).strip().splitlines())
    return {(found.was, found.now) for found in mutants_of(f"def f():\n{lines}\n")}


@pytest.mark.parametrize(
    ("body", "was", "now"),
    [
        ("x(a < b)", "a < b", "a <= b"),
        ("x(a < b)", "a < b", "a >= b"),
        ("x(a == b)", "a == b", "a != b"),
        ("x(a in b)", "a in b", "a not in b"),
        ("x(a is None)", "a is None", "a is not None"),
        ("x(a and b)", "a and b", "a or b"),
        ("x(a and b)", "a and b", "b"),
        ("x(not a)", "not a", "a"),
        ("if a: x()", "a", "True"),
        ("if a: x()", "a", "False"),
        ("x([i for i in a if i])", "i", "True"),
        ("x(a + b)", "a + b", "a"),
        ("x(Q(a=1) | Q(b=2))", "Q(a=1) | Q(b=2)", "Q(a=1) & Q(b=2)"),
        ("x(Q(a=1) | Q(b=2))", "Q(a=1) | Q(b=2)", "Q(b=2)"),
        ("x(min(a, b))", "min(a, b)", "max(a, b)"),
        ("x(min(a, default=b))", "min(a, default=b)", "min(a)"),
        ("x(7)", "7", "8"),
        ("x(True)", "True", "False"),
        ("x(None)", "None", "1"),
        ("return a", "return a", "return None"),
        ("x(a)", "x(a)", "pass"),
        ("raise a", "raise a", "pass"),
        ("a.b = c", "a.b = c", "pass"),
        ("a = g(a)", "a = g(a)", "pass"),
        ("x(o.filter(a=b, c=d))", "o.filter(a=b, c=d)", "o.filter(c=d)"),
        ("x(o.exclude(a=b))", "o.exclude(a=b)", "o.exclude()"),
        ("x(o.get(pk=b))", "o.get(pk=b)", "o.get()"),
        ("x(o.order_by(a, b))", "o.order_by(a, b)", "o"),
        ("x(o.order_by(a, b))", "o.order_by(a, b)", "o.order_by(a)"),
        ("x(o.in_force())", "o.in_force()", "o"),
        ("x(Level.MANAGE)", "Level.MANAGE", "Level.EDIT"),
        ("x('share')", "'share'", "'view'"),
        ("x({'a': b, 'c': d})", "{'a': b, 'c': d}", "{'c': d}"),
        ("x(a in {b, c})", "{b, c}", "{c}"),
        ("x([*a, *b])", "[*a, *b]", "[*b]"),
    ],
)
def test_a_slip_is_made(body, was, now):
    assert (was, now) in changes(body)


@pytest.mark.parametrize(
    "body",
    [
        "'''A docstring.'''",
        "_('A text, %s')",
        "f'a {b + 1}'",
        "a: int | None",
        "a = first",
        "import a",
    ],
)
def test_texts_types_and_wiring_are_left_alone(body):
    assert changes(body) <= {(body, "pass")}


def test_a_decorator_is_taken_off_unless_it_is_wiring():
    source = "@property\ndef a(self): pass\n@atomic\ndef b(): pass\n"
    (found,) = mutants_of(source)
    assert "@atomic" in found.was
    assert "@atomic" not in found.now
    assert not found.place.in_function


def test_a_mutant_is_the_change_that_was_listed_and_no_other():
    source = "def f(a, b=1):\n    return a + b > 2\n"
    whole = {}
    for number, mutant in enumerate(mutants_of(source)):
        names: dict = {}
        exec(compile(mutate(source, number), "f", "exec"), names)  # noqa: S102
        whole[mutant.was, mutant.now] = names["f"](1)
    assert whole["a + b > 2", "a + b >= 2"] is True
    assert whole["a + b", "a"] is False
    assert whole["1", "2"] is True
    assert whole["return a + b > 2", "return None"] is None


SAMPLE = """
import functools

LIMIT = 3


def loud(function):
    @functools.wraps(function)
    def inner(*args):
        return function(*args)
    return inner


@loud
def is_small(number):
    return number < LIMIT


def count(number, step=1):
    while number < 10:
        number += step
    return number


def unseen(number):
    return number == 4
"""

SAMPLE_TESTS = """
import sample


def test_small():
    assert sample.is_small(2)
    assert not sample.is_small(3)


def test_count():
    assert sample.count(8) == 10
"""


@pytest.fixture
def sample(tmp_path, monkeypatch):
    (tmp_path / "sample.py").write_text(SAMPLE)
    (tmp_path / "test_sample.py").write_text(SAMPLE_TESTS)
    (tmp_path / "test_other.py").write_text("def test_other():\n    pass\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_change_reaches_a_loaded_function_behind_its_decorator(sample):
    spec = importlib.util.spec_from_file_location("sample", sample / "sample.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    numbers = {found.now: n for n, found in enumerate(mutants_of(SAMPLE))}
    swap("sample.py", numbers["number <= LIMIT"])
    assert module.is_small(3)
    assert module.count(8) == 10


ENDLESS = "number += step => pass"


def try_sample(folder: Path) -> dict[str, str]:
    """Try all mutants of the sample in a real pytest; give was => now: outcome."""
    line = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "scripts.mutants.plugin"]
    tests = ["test_sample.py::test_small", "test_sample.py::test_count"]
    rows = [
        {
            "file": "sample.py",
            "number": number,
            "tests": tests,
            "in_function": found.place.in_function,
            "what": (what := f"{found.was} => {found.now}"),
            # Less than nothing, so that one need not wait a minute for what never ends.
            "seconds": -9.5 if what == ENDLESS else 0,
        }
        for number, found in enumerate(mutants_of(SAMPLE))
    ]
    for number, what in ((-1, "nothing, in the fork"), (-2, "nothing, anew")):
        rows.append(
            rows[0] | {"number": number, "what": what, "in_function": number == -1}
        )
    plan = folder / "plan.json"
    plan.write_text(json.dumps(rows))
    told = {
        "MUTANTS_PLAN": str(plan),
        "MUTANTS_SLOT": "0/1",
        "MUTANTS_CONTROL": "test_other.py::test_other",
        "MUTANTS_COMMAND": json.dumps(line),
        "PYTHONPATH": str(ROOT),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DJANGO")}
    subprocess.run([*line, "."], cwd=folder, env=environment | told, check=True)
    found = (folder / "plan.json.0").read_text().splitlines()
    return {row["what"]: row["outcome"] for row in map(json.loads, found)}


def test_killed_survived_and_endless_mutants_are_told_apart(sample):
    outcomes = try_sample(sample)
    assert outcomes["nothing, in the fork"] == "survived"
    assert outcomes["nothing, anew"] == "survived"
    assert outcomes["number < LIMIT => number <= LIMIT"] == "killed"
    assert outcomes["number == 4 => number != 4"] == "survived"
    assert outcomes[ENDLESS] == "timeout"
    # What only a new import shows: a constant, a default, a decorator.
    assert outcomes["3 => 4"] == "killed"
    assert outcomes["1 => 2"] == "survived"
    assert [o for what, o in outcomes.items() if what.startswith("@loud")] == [
        "survived"
    ]


def test_a_run_whose_tests_fail_already_tells_nothing(sample):
    (sample / "test_other.py").write_text("def test_other():\n    assert 0\n")
    with pytest.raises(subprocess.CalledProcessError):
        try_sample(sample)


def row(number: int, outcome: str) -> dict:
    return {
        "file": "a.py", "number": number, "line": 1, "where": "f", "was": "a",
        "now": f"b{number}", "tests": [], "outcome": outcome,
    }  # fmt: skip


def test_the_last_line_counts_and_equivalent_mutants_stand_apart(capsys):
    outcomes = ["killed", "timeout", "survived", "killed", "equivalent"]
    command.report([row(n, o) for n, o in enumerate(outcomes)], 12.4)
    printed = capsys.readouterr().out
    assert "- a\n  + b2" in printed
    assert "+ b0" not in printed
    assert json.loads(printed.splitlines()[-1]) == {
        "mutants": 4, "killed": 3, "survived": 1, "timeouts": 1, "equivalent": 1,
        "score": 0.75, "seconds": 12,
    }  # fmt: skip


def test_every_equivalent_mutant_in_the_list_is_there_with_a_reason():
    listed = command.equivalent()
    found = {command.key(row) for row in command.list_mutants([])}
    assert set(listed) <= found
    assert all(len(reason) > 20 for reason in listed.values())
