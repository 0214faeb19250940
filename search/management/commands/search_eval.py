"""Judge the engines on questions whose answers are known: `search_eval FOLDER…`."""

import json
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from statistics import fmean
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from search import scratch
from search.evaluation import (
    MEASURES,
    Document,
    JudgedSet,
    JudgedSetError,
    interval,
    load,
    measure,
)

Ranker = Callable[
    [Sequence[Document], str], AbstractContextManager[Callable[[str], list[str]]]
]
BASELINE = "one field"
LANGUAGES = [code for code, _name in settings.CONTENT_LANGUAGES]
Scores = Mapping[str, list[float]]


class Command(BaseCommand):
    """Print each engine beside BM25 over one field; the last line is JSON."""

    help = "Judge each engine on a folder of corpus.jsonl, queries.jsonl, qrels.tsv."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the folders and their language."""
        parser.add_argument("folder", type=Path, nargs="+")
        parser.add_argument(
            "--language",
            choices=LANGUAGES,
            help="of documents and short questions; else SOURCE.json or the name tells",
        )

    def handle(self, *, folder: list[Path], language: str, **_options: Any) -> None:
        """Judge all folders."""
        if not settings.ELASTICSEARCH_URL:
            raise CommandError("Set ELASTICSEARCH_URL: the baseline needs a server.")
        try:
            sets = [load(one, language=language or language_of(one)) for one in folder]
        except JudgedSetError as error:
            raise CommandError(str(error)) from error
        figures = {one.name: self._judge(one) for one in sets}
        self.stdout.write(json.dumps(figures))

    def _judge(self, judged: JudgedSet) -> dict[str, Any]:
        rankers: dict[str, Ranker] = {
            BASELINE: scratch.in_one_field,
            "elasticsearch": scratch.in_elasticsearch,
            "postgres": scratch.in_postgres,
        }
        scores = {name: score(judged, ranker) for name, ranker in rankers.items()}
        self.stdout.write(
            f"{judged.name}: {len(judged.documents)} documents, "
            f"{len(judged.questions)} questions, {judged.language}"
        )
        figures = {name: summary(one, scores[BASELINE]) for name, one in scores.items()}
        for name, one in figures.items():
            low, high = one["ndcg@10 - baseline"]
            cells = "  ".join(f"{key} {one[key]:.3f}" for key in MEASURES)
            self.stdout.write(f"  {name:<14} {cells}  [{low:+.3f}, {high:+.3f}]")
        return figures


def language_of(folder: Path) -> str:
    """Find the language of a set: in its SOURCE.json, in its name, else English."""
    try:
        said = json.loads((folder / "SOURCE.json").read_text("utf-8"))["language"]
    except (OSError, ValueError, KeyError, TypeError):
        said = ""
    named = [part for part in folder.name.lower().split("-") if part in LANGUAGES]
    return next((code for code in (said, *named) if code in LANGUAGES), "en")


def score(judged: JudgedSet, ranker: Ranker) -> Scores:
    """Ask all questions of one engine; give each measure question by question."""
    scores: dict[str, list[float]] = {name: [] for name in MEASURES}
    with ranker(judged.documents, judged.language) as rank:
        for key, question in judged.questions.items():
            found = measure(rank(question), judged.judgements[key])
            for name in MEASURES:
                scores[name].append(found[name])
    return scores


def summary(scores: Scores, baseline: Scores) -> dict[str, Any]:
    """Give the means, and the 95 % interval of what is gained over the baseline."""
    pairs = zip(scores["ndcg@10"], baseline["ndcg@10"], strict=True)
    gained = [own - other for own, other in pairs]
    means = {name: round(fmean(scores[name]), 4) for name in MEASURES}
    low, high = interval(gained)
    return means | {"ndcg@10 - baseline": [round(low, 4), round(high, 4)]}
