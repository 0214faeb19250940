"""What a person typed, taken apart. Nothing that is typed is an error.

    fire test               words: any may match, what has all of them comes first
    "fire test"             words side by side
    -lead   NOT lead        leaves out
    lead OR acid            one of them must be there
    batt*                   the beginning of a word
    title:fire              in the title
    in: org: author:        a project, an organisation, who changed it last
    tag:                    a tag of the page
    type: lang: updated:    the kind, the language, the day of the last change

`docs/search-language.md` tells it to readers. What a value names is looked up for one reader in
`search.narrowing`.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

MAX_CHARS = 400
MAX_WORDS = 32
FEWEST_LETTERS = 2
# What keyboards and word processors put for '
OTHER_APOSTROPHES = "\u2019\u2018\u02bc\u00b4"
QUOTES = str.maketrans(
    dict.fromkeys("“”„«»", '"') | dict.fromkeys(OTHER_APOSTROPHES, "'")
)
CONTROL = re.compile(r"[\x00-\x1f\x7f\ue000\ue001\ud800-\udfff]+")
# Endings as in auto's and collega': PostgreSQL and Elasticsearch keep them otherwise.
APOSTROPHE_S = re.compile(r"(?<=\w)'s?(?!\w)", re.IGNORECASE)
# Names as people of three languages type them.
FIELDS = {
    "title": "title",
    "titel": "title",
    "in": "project",
    "project": "project",
    "projekt": "project",
    "org": "organisation",
    "organisation": "organisation",
    "organization": "organisation",
    "organisatie": "organisation",
    "tag": "tag",
    "label": "tag",
    "etiket": "tag",
    "schlagwort": "tag",
    "author": "author",
    "by": "author",
    "auteur": "author",
    "autor": "author",
    "type": "type",
    "typ": "type",
    "lang": "language",
    "language": "language",
    "taal": "language",
    "sprache": "language",
    "updated": "updated",
    "changed": "updated",
    "gewijzigd": "updated",
}
PART = re.compile(
    r"(?P<minus>(?<!\S)-)?"
    rf"(?:(?:(?<=-)|(?<!\S))(?P<field>{'|'.join(FIELDS)}):\s*)?"
    r'(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))',
    re.IGNORECASE,
)
OR_SIGNS, AND_SIGNS, NOT_SIGN = ("OR", "|", "||"), ("AND", "&", "&&"), "NOT"
EDGES = " *?!.,;:()[]{}<>|&\\/^~'-"


@dataclass(frozen=True)
class Term:
    """A word, or words that stand side by side; `title`: in the title."""

    text: str
    phrase: bool = False
    prefix: bool = False
    title: bool = False


@dataclass(frozen=True)
class Filter:
    """What a document is, by values as they were typed: one of them, or none."""

    field: str
    values: tuple[str, ...]
    negative: bool = False


@dataclass(frozen=True)
class Query:
    """Words of which any may match, and what must and must not be there.

    Of each group in `required` one term must occur. `synonyms` are other forms of words
    that the reader's own organisations gave (`search.steering`): any of them counts for
    the word.
    """

    text: str = ""
    words: tuple[str, ...] = ()
    required: tuple[tuple[Term, ...], ...] = ()
    excluded: tuple[Term, ...] = ()
    filters: tuple[Filter, ...] = ()
    notes: tuple[str, ...] = ()
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.has_terms or self.filters)

    @property
    def has_terms(self) -> bool:
        """Say whether there are words to look for, not only what documents are."""
        return bool(self.words or self.required)

    @property
    def bare_words(self) -> tuple[str, ...]:
        """Give the words that stand for themselves, those beside OR included."""
        beside = [
            term.text for group in self.required for term in group if _is_word(term)
        ]
        return tuple(dict.fromkeys((*self.words, *beside)))

    @property
    def also(self) -> tuple[str, ...]:
        """Give the forms that are looked for besides what was typed."""
        forms = [form for found in self.synonyms.values() for form in found]
        return tuple(dict.fromkeys(forms))

    def forms(self, word: str) -> tuple[str, ...]:
        """Give all that counts for a word: itself first."""
        return (word, *self.synonyms.get(word, ()))


def normalise(text: str) -> str:
    """Give text as the indexes hold it: plain quotes and no apostrophe endings."""
    return APOSTROPHE_S.sub("", text.translate(QUOTES))


def fold(text: str) -> str:
    """Give text in small letters without accents, as unstemmed fields hold it."""
    apart = unicodedata.normalize("NFKD", normalise(text).casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def parse_query(raw: str) -> Query:
    """Take apart what was typed; `notes` tell the person what was left out."""
    notes = []
    text = " ".join(CONTROL.sub(" ", raw).translate(QUOTES).split())
    if len(text) > MAX_CHARS:
        text = text[:MAX_CHARS].strip()
        notes.append(_("Only the first %(n)d characters are used.") % {"n": MAX_CHARS})
    source = text
    if source.count('"') % 2:
        head, _quote, tail = source.rpartition('"')
        source = f"{head} {tail}"
        notes.append(_("A quotation mark without its other half was left out."))
    reader = _Reader()
    for match in PART.finditer(source):
        reader.take(match)
    reader.end()
    return reader.query(text, notes)


@dataclass
class _Reader:
    """Reads part by part, and remembers whether OR or NOT stood before it."""

    words: list[str] = field(default_factory=list)
    required: list[tuple[Term, ...]] = field(default_factory=list)
    excluded: list[Term] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # What OR would join the next part to.
    last: Term | Filter | None = None
    joins: bool = False
    negates: bool = False

    def take(self, match: re.Match[str]) -> None:
        """Read one part."""
        word, phrase = match["word"], match["phrase"]
        bare = word is not None and not match["minus"] and not match["field"]
        if bare and word in OR_SIGNS:
            self._join()
        elif bare and word in AND_SIGNS:
            self.joins = False
        elif bare and word == NOT_SIGN:
            self.negates = True
        else:
            negative = bool(match["minus"]) or self.negates
            self.negates = False
            name = FIELDS.get((match["field"] or "").lower(), "")
            text = phrase if word is None else word
            if name and name != "title":
                self._filter(name, text.strip(), negative)
            else:
                self._term(text, word is None, bool(name), negative)

    def end(self) -> None:
        """See that nothing was left open."""
        if self.joins:
            self._say_or()

    def _join(self) -> None:
        if self.last is None:
            self._say_or()
        else:
            self.joins = True

    def _say_or(self) -> None:
        self._say(_("OR stands between two words, or values of the same kind."))
        self.joins = False

    def _say(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def _filter(self, name: str, value: str, negative: bool) -> None:
        if not value:
            return
        made = Filter(name, (value,), negative)
        if self.joins:
            self.joins = False
            last = self.last
            if isinstance(last, Filter) and (last.field, last.negative) == (
                name,
                negative,
            ):
                made = replace(last, values=(*last.values, value))
                self.filters.remove(last)
            else:
                self._say_or()
        if made not in self.filters:
            self.filters.append(made)
        self.last = made

    def _term(self, text: str, phrase: bool, title: bool, negative: bool) -> None:
        term = self._read_term(text, phrase=phrase, title=title)
        if term is None:
            return
        joins, self.joins = self.joins, False
        if negative:
            if term not in self.excluded:
                self.excluded.append(term)
            self.last = None
        elif joins and isinstance(self.last, Term):
            self._widen(self.last, term)
        else:
            if joins:
                self._say_or()
            self._add(term)
            self.last = term

    def _read_term(self, text: str, *, phrase: bool, title: bool) -> Term | None:
        prefix = not phrase and text.endswith("*")
        kept = normalise(text).strip(EDGES)
        if not any(letter.isalnum() for letter in kept):
            return None
        if prefix and len(kept) < FEWEST_LETTERS:
            self._say(_("Before * stand at least two letters."))
            prefix = False
        if "*" in kept and not phrase:
            self._say(_("The sign * stands for the end of a word only."))
            kept = kept.replace("*", " ")
        # More words than one, as in e-mail or mail@address, still are one thing.
        return Term(kept, phrase=phrase, prefix=prefix, title=title)

    def _add(self, term: Term) -> None:
        if _is_word(term):
            if term.text not in self.words:
                self.words.append(term.text)
        elif (term,) not in self.required:
            self.required.append((term,))

    def _widen(self, last: Term, term: Term) -> None:
        """Put a term beside the last one: one of them must be there."""
        if _is_word(last) and last.text in self.words:
            self.words.remove(last.text)
            self.required.append((last,))
        group = next(group for group in reversed(self.required) if last in group)
        place = self.required.index(group)
        self.required[place] = tuple(dict.fromkeys((*group, term)))
        self.last = term

    def query(self, text: str, notes: list[str]) -> Query:
        """Give all that was read, no more of it than an engine is asked."""
        notes = [*notes, *self.notes]
        if len(self.words) > MAX_WORDS:
            limit = {"n": MAX_WORDS}
            notes.append(_("Only the first %(n)d words are used.") % limit)
        query = Query(
            text,
            words=tuple(self.words[:MAX_WORDS]),
            required=tuple(group[:MAX_WORDS] for group in self.required[:MAX_WORDS]),
            excluded=tuple(self.excluded[:MAX_WORDS]),
            filters=tuple(self.filters[:MAX_WORDS]),
        )
        if query.excluded and not query:
            notes.append(_("Name something to find besides what to leave out."))
        return replace(query, notes=tuple(notes))


def widened(query: Query, synonyms: Mapping[str, tuple[str, ...]]) -> Query:
    """Let other forms count for words. Phrases and what is left out stay as they are."""
    required = tuple(
        tuple(dict.fromkeys(form for term in group for form in _forms(term, synonyms)))
        for group in query.required
    )
    return replace(query, required=required, synonyms=synonyms)


def _forms(term: Term, synonyms: Mapping[str, tuple[str, ...]]) -> tuple[Term, ...]:
    more = synonyms.get(term.text, ()) if _is_word(term) else ()
    return (term, *map(Term, more))


def _is_word(term: Term) -> bool:
    return not (term.phrase or term.prefix or term.title)
