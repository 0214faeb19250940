"""How Elasticsearch weighs a hit: by the document and by what its reader may see.

Okapi BM25 (Robertson and Zaragoza 2009) with two changes. How rare a word is counts
over the documents that this reader may find, not over everybody's: the server's own
counts would show in the order of hits what hidden documents are about (Wang et al.,
"Side-channel attacks on shared search indexes", IEEE S&P 2017). And the length of a
text is held against a fixed one, for the same reason. So nothing hidden moves a hit,
and a small company's own words stay rare in a large network.
"""

from collections.abc import Mapping, Sequence
from math import log
from typing import Any

from elasticsearch.dsl import A, Q, Search
from elasticsearch.dsl.query import Bool, DisMax, MatchAll
from elasticsearch.dsl.query import Query as Clause

from search.engines.mapping import LANGUAGES, PARTS
from search.query import Query, Term, fold

# Measured on five judged sets: own language 1, others 0.2, unstemmed 0.5.
OWN_WEIGHT, OTHER_WEIGHT = 1.0, 0.2
PART_WEIGHTS = {"title": 1.5, "headings": 0.5, "body": 1.0}
PLAIN_FIELDS = ["body^0.5", "title^0.5"]


def matching(query: Query, language: str, weights: Mapping[str, float]) -> Clause:
    """Match any of the words in any language, and one of each required group.

    Fields of other languages count little: most of what is read there is in another.
    """
    must = [
        Bool(should=list(map(occurs, group)), minimum_should_match=1)
        for group in query.required
    ]
    if query.words:
        words = [
            _any_form(query.forms(word), language, weights[word])
            for word in query.words
        ]
        must.append(Bool(should=words, minimum_should_match=1))
    return Bool(must=must) if must else MatchAll()


def occurs(term: Term) -> Clause:
    """Match a term, its words side by side, stemmed or not."""
    parts = ["title"] if term.title else list(PARTS)
    if term.prefix:
        beginnings = [Q("prefix", **{part: fold(term.text)}) for part in parts]
        return Bool(should=beginnings, minimum_should_match=1)
    stemmed = [f"{part}_{code}" for part in parts for code in LANGUAGES]
    return Q("multi_match", query=term.text, type="phrase", fields=[*parts, *stemmed])


def count_words(search: Search[Any], query: Query, language: str) -> Search[Any]:
    """Ask how many of the documents in `search` there are, and with each word."""
    counted = search.extra(size=0, track_total_hits=True)
    filters = {
        str(number): _any_form(query.forms(word), language)
        for number, word in enumerate(query.words)
    }
    counted.aggs.bucket("words", A("filters", filters=filters))
    return counted


def weigh_words(words: Sequence[str], answer: Mapping[str, Any]) -> dict[str, float]:
    """Give the weight of each word from the answer to `count_words`."""
    total = answer["hits"]["total"]["value"]
    buckets = answer["aggregations"]["words"]["buckets"]
    return {
        word: _rarity(buckets[str(number)]["doc_count"], total)
        for number, word in enumerate(words)
    }


def _rarity(found: int, total: int) -> float:
    """Give the inverse document frequency; never negative."""
    return log(1 + (total - found + 0.5) / (found + 0.5))


def _any_form(forms: Sequence[str], language: str, weight: float = 1.0) -> Clause:
    """Match a word in any of its forms. The best one counts, not their sum."""
    clauses = [_word(form, language, weight) for form in forms]
    return DisMax(queries=clauses) if len(clauses) > 1 else clauses[0]


def _word(word: str, language: str, weight: float = 1.0) -> Clause:
    fields = list(PLAIN_FIELDS)
    for code in LANGUAGES:
        own = OWN_WEIGHT if code == language else OTHER_WEIGHT
        fields += [f"{part}_{code}^{PART_WEIGHTS[part] * own:g}" for part in PARTS]
    # Of synonyms some are more words than one: they stand side by side.
    kind = "phrase" if " " in word else "most_fields"
    return Q("multi_match", query=word, type=kind, fields=fields, boost=weight)
