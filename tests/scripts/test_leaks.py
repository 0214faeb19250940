"""The seeded leaks still fit the code; whether they are caught, `make leaks` says."""

import ast
import re
import shutil

import pytest

from scripts.leaks import ROOT, Leak, Replacement, read_leaks

LEAKS = read_leaks()


def test_there_are_enough_leaks_and_each_has_a_name_of_its_own():
    names = [leak.name for leak in LEAKS]
    assert len(names) >= 70
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.name)
def test_a_leak_can_be_planted_and_is_gone_afterwards(leak: Leak, tmp_path):
    for file in {replacement.file for replacement in leak.replacements}:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / file, tmp_path / file)
    with leak.planted(tmp_path):
        for replacement in leak.replacements:
            text = (tmp_path / replacement.file).read_text()
            assert text != (ROOT / replacement.file).read_text()
            if replacement.file.endswith(".py"):
                ast.parse(text)
    for replacement in leak.replacements:
        assert (tmp_path / replacement.file).read_text() == (
            ROOT / replacement.file
        ).read_text()


@pytest.mark.parametrize("leak", LEAKS, ids=lambda leak: leak.name)
def test_a_leak_names_its_class_its_reason_and_a_test_of_the_oracle(leak: Leak):
    assert re.fullmatch(r"L([1-9]|[1-4]\d|50)", leak.kind)
    assert leak.why.endswith(".")
    assert re.fullmatch(r"[a-z-']+", leak.name)
    file, _colons, test = leak.aim.partition("::")
    assert re.fullmatch(r"test_\w+\.py", file)
    path = ROOT / "tests" / "oracle" / file
    if path.exists() and test:
        assert f"def {test.partition('[')[0]}(" in path.read_text()


@pytest.mark.parametrize("text", ["nothing of it", "twice, twice"])
def test_a_leak_that_does_not_fit_any_more_is_refused_loudly(tmp_path, text):
    (tmp_path / "code.py").write_text(text)
    with pytest.raises(ValueError, match="not once"):
        Replacement("code.py", "twice", "once").apply(tmp_path)
