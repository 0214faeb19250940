"""What the documents on security say is tested is tested: each test they name exists."""

import ast
import re

import pytest

from tests.architecture.sources import ROOT, tree_of

DOCUMENTS = ("security.md", "hardening.md", "leaks.md", "threat-model.md")
TEST = re.compile(r"`(?:tests/)?((?:\w+/)*test_\w+\.py)(?:::(test_\w+))?`")
NOT_YET = re.compile(r"not (?:built )?yet")


def named(text: str) -> list[tuple[str, str]]:
    return TEST.findall(text)


def exists(file: str, test: str) -> bool:
    path = ROOT / "tests" / file
    if not path.is_file():
        return False
    defined = {n.name for n in tree_of(path).body if isinstance(n, ast.FunctionDef)}
    return test in defined if test else True


def read(document: str) -> str:
    return (ROOT / "docs" / document).read_text()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_test_that_is_named_exists(document):
    # In running text a file of the oracle is named without its folder.
    missing = [
        f"{file}::{test}"
        for file, test in named(read(document))
        if not exists(file, test) and not exists(f"oracle/{file}", test)
    ]
    assert missing == []


@pytest.mark.parametrize(
    ("document", "letter", "last"), [("leaks.md", "L", 50), ("hardening.md", "H", 27)]
)
def test_every_row_has_a_test_or_says_why_not(document, letter, last):
    rows = re.findall(rf"^\| ({letter}\d+) \|(.*)$", read(document), re.MULTILINE)
    assert [name for name, _row in rows] == [f"{letter}{n}" for n in range(1, last + 1)]
    bare = [name for name, row in rows if not named(row) and not NOT_YET.search(row)]
    assert bare == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_tour_leads_to_every_document(document):
    assert f"({document})" in read("tour.md")


def test_a_test_that_is_not_there_is_noticed():
    assert named("see `accounts/test_sessions.py::test_nothing` there") == [
        ("accounts/test_sessions.py", "test_nothing")
    ]
    assert not exists("accounts/test_sessions.py", "test_nothing")
    assert not exists("accounts/test_no_such_file.py", "")
    assert exists(
        "architecture/test_documents.py", "test_every_test_that_is_named_exists"
    )
