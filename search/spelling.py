"""Words that somebody may have meant. Each was found in what that person may see.

A dictionary of all words would tell of hidden pages, so it is never shown: it only names
candidates, and those count that stand in a document which the person may view. Both
engines share it. Words one letter apart are found by what is left of both when a letter
is taken out (W. Garbe, "Symmetric delete spelling correction", 2012).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.contrib.postgres.aggregates import BoolOr
from django.contrib.postgres.search import SearchQuery
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.selectors import Person
from search.engines.base import Entry
from search.engines.postgres_query import any_of, present
from search.models import SearchDocument, Word
from search.query import Query, Term, fold

SHORTEST, LONGEST = 4, 30
# Of a question: more are hardly typing mistakes.
MAX_CORRECTED = 4
WORDS = re.compile(rf"[^\W\d_]{{{SHORTEST},{LONGEST}}}")


@dataclass(frozen=True)
class Correction:
    """A question with other words: as text to search for, and taken apart."""

    text: str
    query: Query


def learn(entries: Iterable[Entry]) -> None:
    """Take the words of documents into the dictionary."""
    texts = (f"{one.title} {one.headings} {one.body}".lower() for one in entries)
    words = {word for text in texts for word in WORDS.findall(text)}
    known = Word.objects.filter(text__in=words).values_list("text", flat=True)
    new = sorted(words - set(known))
    rows = (Word(text=word, folded=fold(word), keys=keys_of(word)) for word in new)
    Word.objects.bulk_create(rows, batch_size=2000, ignore_conflicts=True)


def forget() -> int:
    """Delete the words that stand in no document any more. Returns their number."""
    documents = SearchDocument.objects.filter(plain=_itself())
    count, _by_model = Word.objects.filter(~Exists(documents)).delete()
    return count


def keys_of(word: str) -> list[str]:
    """Give a word without accents, and what is left when one letter is taken out."""
    whole = fold(word)
    return sorted({whole, *(whole[:n] + whole[n + 1 :] for n in range(len(whole)))})


def correct(user: Person, query: Query) -> Correction | None:
    """Replace words that stand in nothing the person sees by such that do.

    None when there is nothing to replace. One query, and two more for each word that
    is replaced.
    """
    documents = present(user)
    found = {
        word: better
        for word in _missing(documents, query.words)[:MAX_CORRECTED]
        if (better := _nearest(documents, word))
    }
    if not found:
        return None
    text = query.text
    for word, better in found.items():
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", better, text)
    words = tuple(dict.fromkeys(found.get(word, word) for word in query.words))
    return Correction(text, replace(query, text=text, words=words))


def _missing(documents: QuerySet[SearchDocument], words: Sequence[str]) -> list[str]:
    """Name the words of which no document has any form."""
    tried = [word for word in words if WORDS.fullmatch(word)]
    if not tried:
        return []
    forms = {str(n): any_of([Term(word)]) for n, word in enumerate(tried)}
    matching = documents.filter(vector=any_of(map(Term, tried))).order_by()
    seen = matching.aggregate(
        **{f"has_{n}": BoolOr(Q(vector=form)) for n, form in forms.items()}
    )
    return [word for n, word in enumerate(tried) if not seen[f"has_{n}"]]


def _nearest(documents: QuerySet[SearchDocument], word: str) -> str:
    """Give the word most like this one that stands in one of the documents, or nothing.

    The dictionary names it without accents. How it is written is read in a document that
    the person may view: another spelling may stand in hidden ones only.
    """
    candidates = Word.objects.filter(keys__overlap=keys_of(word))
    seen = candidates.filter(Exists(documents.filter(plain=_itself())))
    wanted = fold(word)
    order = sorted(
        (_distance(wanted, folded), folded)
        for folded in set(seen.values_list("folded", flat=True))
        if folded != wanted
    )
    return _as_written(documents, order[0][1]) if order else ""


def _as_written(documents: QuerySet[SearchDocument], folded: str) -> str:
    """Give a word as the first of the documents has it."""
    wanted = SearchQuery(folded, config="simple", search_type="plain")
    having = documents.filter(plain=wanted).order_by("kind", "object_id")
    texts = having.values_list("title", "headings", "body").first() or ()
    words = WORDS.findall(" ".join(texts).lower())
    return next((word for word in words if fold(word) == folded), "")


def _itself() -> SearchQuery:
    """Match documents that have the word of the row outside."""
    return SearchQuery(OuterRef("folded"), config="simple", search_type="plain")


def _distance(one: str, other: str) -> int:
    """Count the letters to put in, take out, replace or swap (Damerau 1964)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        row = [i]
        for j, its in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != its))
            swapped = i > 1 and j > 1 and one[i - 2] == its and letter == other[j - 2]
            row.append(min(cost, before[j - 2] + 1) if swapped else cost)
        before, last = last, row
    return last[-1]
