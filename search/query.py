"""What a person typed, taken apart. Nothing that is typed is an error."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

MAX_CHARS = 400
MAX_WORDS = 32
# What keyboards and word processors put for '
OTHER_APOSTROPHES = "\u2019\u2018\u02bc\u00b4"
QUOTES = str.maketrans(
    dict.fromkeys("“”„«»", '"') | dict.fromkeys(OTHER_APOSTROPHES, "'")
)
CONTROL = re.compile(r"[\x00-\x1f\x7f\ue000\ue001\ud800-\udfff]+")
PART = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')
# Endings as in auto's and collega': PostgreSQL and Elasticsearch keep them otherwise.
APOSTROPHE_S = re.compile(r"(?<=\w)'s?(?!\w)", re.IGNORECASE)

# Short frequent words that only one of the three languages has.
TELLING_WORDS = {
    "nl": frozenset(
        [
            "de",
            "het",
            "een",
            "en",
            "van",
            "voor",
            "niet",
            "wij",
            "hoe",
            "wat",
            "waar",
            "wie",
            "wordt",
            "worden",
            "zijn",
            "naar",
            "ook",
            "bij",
            "moet",
            "kan",
            "ik",
            "deze",
            "dit",
            "onze",
        ]
    ),
    "de": frozenset(
        [
            "der",
            "die",
            "das",
            "ein",
            "eine",
            "und",
            "von",
            "für",
            "nicht",
            "wir",
            "wie",
            "was",
            "wo",
            "wer",
            "wird",
            "werden",
            "sind",
            "nach",
            "auch",
            "bei",
            "muss",
            "kann",
            "ich",
            "diese",
            "dieser",
            "unsere",
        ]
    ),
    "en": frozenset(
        [
            "the",
            "a",
            "an",
            "and",
            "of",
            "for",
            "not",
            "we",
            "how",
            "what",
            "where",
            "who",
            "is",
            "are",
            "to",
            "also",
            "with",
            "must",
            "can",
            "does",
            "do",
            "this",
            "these",
            "our",
        ]
    ),
}
# Below this many words the person's own language is the better guess (measured).
MIN_WORDS_TO_GUESS = 4


@dataclass(frozen=True)
class Query:
    """Words (any may match), phrases (all must) and what must not occur."""

    text: str = ""
    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.words or self.phrases)


def normalise(text: str) -> str:
    """Give text as the indexes hold it: plain quotes and no apostrophe endings."""
    return APOSTROPHE_S.sub("", text.translate(QUOTES))


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
    if "*" in source or "?" in source.rstrip("?"):
        notes.append(
            _(
                "Signs like * stand for nothing here: words are found in all their forms."
            )
        )
    words, phrases, excluded = _parts(source)
    if len(words) > MAX_WORDS:
        words = words[:MAX_WORDS]
        notes.append(_("Only the first %(n)d words are used.") % {"n": MAX_WORDS})
    if excluded and not (words or phrases):
        notes.append(_("Name something to find besides what to leave out."))
    return Query(text, tuple(words), tuple(phrases), tuple(excluded), tuple(notes))


def _parts(source: str) -> tuple[list[str], list[str], list[str]]:
    words: list[str] = []
    phrases: list[str] = []
    excluded: list[str] = []
    for match in PART.finditer(source):
        part = match["phrase"] if match["word"] is None else match["word"]
        part = normalise(part).strip(" *?!.,;:()[]{}<>|&\\/^~'-")
        if not any(letter.isalnum() for letter in part):
            continue
        if match["minus"]:
            target = excluded
        else:
            target = words if match["word"] is not None else phrases
        if part not in target:
            target.append(part)
    return words, phrases[:MAX_WORDS], excluded[:MAX_WORDS]


def guess_language(words: tuple[str, ...], *, default: str) -> str:
    """Guess in which language a question is; `default` for few words or a tie."""
    if len(words) < MIN_WORDS_TO_GUESS:
        return default
    lower = [word.lower() for word in words]
    score = {
        language: sum(word in telling for word in lower)
        for language, telling in TELLING_WORDS.items()
    }
    best = max(score.values())
    winners = [language for language, count in score.items() if count == best]
    return default if default in winners else winners[0]
