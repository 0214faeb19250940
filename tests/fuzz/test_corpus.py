"""The targets of the fuzzer, over what it is started with and what it once found."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz import extraction, files, importing, rendering

# Pillow warns of the damage that these inputs have on purpose.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")
TARGETS = {
    "rendering": rendering,
    "importing": importing,
    "files": files,
    "extraction": extraction,
}
CORPUS = Path(__file__).parent / "corpus"
KEPT = [
    (path.parent.name, path.name, path.read_bytes())
    for path in sorted(CORPUS.glob("*/*"))
    if path.parent.name in TARGETS
]
STARTED = [
    (name, f"seed {number}", seed)
    for name, target in TARGETS.items()
    for number, seed in enumerate(target.SEEDS)
]
INPUTS = [*KEPT, *STARTED]


@pytest.mark.parametrize(
    ("target", "data"),
    [(target, data) for target, _name, data in INPUTS],
    ids=[f"{target} {name}" for target, name, _data in INPUTS],
)
def test_a_known_input_breaks_nothing(target, data):
    TARGETS[target].check(data)


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus_is_there(name):
    assert TARGETS[name].SEEDS
    assert TARGETS[name].WORDS


@given(st.lists(st.sampled_from(importing.WORDS) | st.binary(max_size=12), max_size=25))
def test_no_folder_breaks_the_importer(parts):
    importing.check(b"".join(parts))


# What Pillow says of broken facts beside the pixels, which are not kept.
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@given(st.sampled_from(files.SEEDS), st.integers(0, 400), st.binary(max_size=8))
def test_no_damaged_file_breaks_an_upload(seed, place, bytes_):
    files.check(seed[:place] + bytes_ + seed[place + len(bytes_) :])


@given(st.sampled_from(extraction.SEEDS), st.integers(0, 900), st.binary(max_size=8))
def test_no_damaged_document_breaks_what_reads_it(seed, place, bytes_):
    extraction.check(seed[:place] + bytes_ + seed[place + len(bytes_) :])


def test_a_word_that_only_the_search_knows_is_noticed():
    shown = rendering.convert("two words", rendering.Labels())
    assert rendering.words_not_shown(shown) == []
    hidden = type(shown)(html=shown.html, text="two words more")
    assert rendering.words_not_shown(hidden) == ["more"]


def test_a_text_from_beside_the_folder_is_noticed(tmp_path):
    """The importer is given the wrong folder; the judge sees what came with it."""
    (tmp_path / f"{importing.OUTSIDE}.md").write_text(f"# {importing.OUTSIDE}")
    report = importing.Report()
    found = importing.scan(tmp_path, language="en", report=report)
    plan = importing.make_plan(found, project=None, takes_index=True, report=report)
    with pytest.raises(AssertionError):
        importing.judge(plan, typed=b"")
