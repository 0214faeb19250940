"""Judging the engines on questions whose answers are known."""

import json
from io import StringIO
from math import log2

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from search.engines import registry
from search.evaluation import JudgedSetError, interval, load, measure
from search.models import SearchDocument

keys = st.lists(st.sampled_from("abcdefghijklmnop"), unique=True, max_size=16)
relevance = st.dictionaries(
    st.sampled_from("abcdefghijklmnop"), st.integers(1, 3), min_size=1
)
DOCUMENTS = [
    ("1", "Getijdentafel", "De sluiswachter kijkt elk uur naar de getijden.", "nl"),
    ("2", "Kraan", "De kraandrijver hijst alleen bij weinig wind.", "nl"),
    ("3", "Schleuse", "Der Schleusenwärter öffnet die Häuser der Pumpen.", "de"),
    ("4", "Kran", "Der Kranführer hebt nur bei wenig Wind.", "de"),
    ("5", "Lock", "The lock keeper opened both gates at noon.", "en"),
    ("6", "Crane", "The crane driver hoists in calm weather only.", "en"),
]
QUESTIONS = [("q1", "sluiswachters", "1"), ("q2", "Haus Pumpe", "3")]


@pytest.fixture
def folder(tmp_path):
    def lines(rows):
        return "".join(json.dumps(row) + "\n" for row in rows)

    rows = [
        {"_id": key, "title": title, "text": text, "language": language}
        for key, title, text, language in DOCUMENTS
    ]
    (tmp_path / "corpus.jsonl").write_text(lines(rows))
    asked = [{"_id": key, "text": text} for key, text, _found in QUESTIONS]
    (tmp_path / "queries.jsonl").write_text(lines(asked))
    judged = "".join(f"{key}\t{found}\t1\n" for key, _text, found in QUESTIONS)
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + judged)
    return tmp_path


def test_measures_by_hand():
    found = measure(["x", "b", "a"], {"a": 2, "b": 1})
    gained = 1 / log2(3) + 3 / log2(4)
    best = 3 / log2(2) + 1 / log2(3)
    assert found["ndcg@10"] == pytest.approx(gained / best)
    assert found["recall@100"] == 1
    assert found["mrr"] == 1 / 2
    late = ["x"] * 10 + ["a"]
    assert measure(late, {"a": 1}) == {
        "ndcg@10": 0,
        "recall@100": 1,
        "mrr": pytest.approx(1 / 11),
    }


@given(keys, relevance)
def test_measures_are_shares_and_the_best_order_is_one(ranking, judged):
    found = measure(ranking, judged)
    assert all(0 <= value <= 1 for value in found.values())
    best = measure(sorted(judged, key=judged.__getitem__, reverse=True), judged)
    assert best == pytest.approx({"ndcg@10": 1, "recall@100": 1, "mrr": 1})
    assert found["ndcg@10"] <= best["ndcg@10"] + 1e-9


def test_an_interval_holds_the_mean_and_is_the_same_each_time():
    differences = [0.1, -0.05, 0.2, 0.0, 0.15] * 20
    low, high = interval(differences)
    assert low < 0.08 < high
    assert interval(differences) == (low, high)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("corpus.jsonl", "not json"),
        ("corpus.jsonl", '{"_id": "1"}'),
        ("corpus.jsonl", ""),
        ("qrels.tsv", "query-id\tcorpus-id\tscore\n"),
        ("queries.jsonl", "[]"),
    ],
)
def test_a_folder_that_is_no_judged_set_is_refused(folder, name, content):
    (folder / name).write_text(content)
    with pytest.raises(JudgedSetError, match=folder.name):
        load(folder, language="en")


@pytest.mark.django_db
@pytest.mark.search_engine
def test_engines_are_judged_beside_the_baseline_and_leave_nothing(folder, elastic):
    out = StringIO()
    call_command("search_eval", str(folder), language="nl", stdout=out)
    lines = out.getvalue().splitlines()
    figures = json.loads(lines[-1])[folder.name]

    assert f"{folder.name}: 6 documents, 2 questions, nl" in lines
    # Forms of words are found by the stemmers only: the baseline finds nothing.
    assert figures["one field"]["ndcg@10"] == 0
    for engine in ("elasticsearch", "postgres"):
        assert figures[engine]["recall@100"] == 1
        assert figures[engine]["ndcg@10 - baseline"][0] > 0
    assert not SearchDocument.objects.exists()
    names = registry.elasticsearch()._client.indices.get(index="*scratch*").body
    assert not names


@pytest.mark.django_db
def test_without_a_server_there_is_no_baseline(folder):
    with pytest.raises(CommandError, match="ELASTICSEARCH_URL"):
        call_command("search_eval", str(folder))
