"""Judged questions, and how well a ranking answers them.

A set is a folder of `corpus.jsonl` (`_id`, `title`, `text`, perhaps `language`),
`queries.jsonl` (`_id`, `text`) and `qrels.tsv` (question, document, relevance), the form
of BEIR (Thakur et al. 2021, arXiv:2104.08663).
"""

import csv
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum, log2
from pathlib import Path
from statistics import fmean
from typing import Any

DEPTH = 100
CUT = 10
SAMPLES = 1000
SEED = 11
MEASURES = ("ndcg@10", "recall@100", "mrr")
Judgements = Mapping[str, Mapping[str, int]]


class JudgedSetError(Exception):
    """The folder is not a judged set; the message says what is wrong."""


@dataclass(frozen=True)
class Document:
    """One document of a set."""

    id: str
    title: str
    text: str
    language: str


@dataclass(frozen=True)
class JudgedSet:
    """Documents, questions by id, and for each question the relevant documents."""

    name: str
    documents: Sequence[Document]
    questions: Mapping[str, str]
    judgements: Judgements
    language: str


def load(folder: Path, *, language: str) -> JudgedSet:
    """Read a judged set. `language` is that of documents that do not say it.

    Raises JudgedSetError.
    """
    try:
        documents = [
            Document(
                str(row["_id"]),
                str(row.get("title", "")),
                str(row["text"]),
                str(row.get("language") or language),
            )
            for row in _rows(folder / "corpus.jsonl")
        ]
        asked = {
            str(row["_id"]): str(row["text"]) for row in _rows(folder / "queries.jsonl")
        }
        judgements = _judgements(folder / "qrels.tsv")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise JudgedSetError(f"{folder}: {error}") from error
    questions = {key: text for key, text in asked.items() if key in judgements}
    if not (documents and questions):
        raise JudgedSetError(f"{folder} has no judged questions")
    return JudgedSet(folder.name, documents, questions, judgements, language)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def _judgements(path: Path) -> Judgements:
    """Read the relevant documents of each question; a heading line is passed over."""
    found: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.reader(lines, delimiter="\t"):
            if len(row) >= 3 and row[-1].lstrip("-").isdigit() and int(row[-1]) > 0:
                found.setdefault(row[0], {})[row[-2]] = int(row[-1])
    return found


def measure(ranking: Sequence[str], relevant: Mapping[str, int]) -> dict[str, float]:
    """Judge one ranking: nDCG@10 (Järvelin and Kekäläinen 2002), recall@100, MRR."""
    gains = [relevant.get(key, 0) for key in ranking[:CUT]]
    ideal = sorted(relevant.values(), reverse=True)[:CUT]
    places = (place for place, key in enumerate(ranking, start=1) if key in relevant)
    first = next(places, None)
    return {
        "ndcg@10": _discounted(gains) / _discounted(ideal),
        "recall@100": len(set(ranking[:DEPTH]) & set(relevant)) / len(relevant),
        "mrr": 1 / first if first else 0.0,
    }


def _discounted(gains: Sequence[int]) -> float:
    return fsum((2.0**gain - 1) / log2(place + 2) for place, gain in enumerate(gains))


def interval(differences: Sequence[float]) -> tuple[float, float]:
    """Give the 95 % bootstrap interval of a mean of paired differences."""
    chance = random.Random(SEED)  # noqa: S311 - a repeatable sample, no secret
    means = sorted(
        fmean(chance.choices(differences, k=len(differences))) for _ in range(SAMPLES)
    )
    return means[int(SAMPLES * 0.025)], means[int(SAMPLES * 0.975) - 1]
