"""What a document looks like in Elasticsearch, and how each language is read.

One document fills the fields of its own language only; `title` and `body` without
language hold every document's words unstemmed.
"""

from elasticsearch.dsl import (
    Date,
    Keyword,
    Long,
    Mapping,
    Text,
    analyzer,
    char_filter,
    token_filter,
)
from elasticsearch.dsl.utils import DslBase

from search.query import OTHER_APOSTROPHES

# Raise it when the mapping changes: the next drain builds the index anew.
SCHEMA = 4
KEYWORDS = (
    "key",
    "kind",
    "type",
    "language",
    "organisation",
    "project",
    "author",
    "tag",
    "path",
    "sort_title",
)
NUMBERS = ("object_id", "page_id", "root_id", "owner_id", "author_organisation_id")
LANGUAGES = ("nl", "de", "en")
PARTS = ("title", "headings", "body")
# Words in a usual one of each, measured over handbooks: what is longer counts less.
USUAL_LENGTH = {"title": 4, "headings": 20, "body": 250}

APOSTROPHES = char_filter(
    "apostrophes", type="mapping", mappings=[f"{sign}=>'" for sign in OTHER_APOSTROPHES]
)
# The server's Dutch analyser keeps the ending of auto's.
APOSTROPHE_S = token_filter(
    "apostrophe_s", type="pattern_replace", pattern="'s$|'$", replacement=""
)


def _stop(language: str) -> DslBase:
    return token_filter(f"stop_{language}", type="stop", stopwords=f"_{language}_")


def _stemmer(language: str) -> DslBase:
    return token_filter(f"stemmer_{language}", type="stemmer", language=language)


DUTCH_OVERRIDES = token_filter(
    "override_dutch",
    type="stemmer_override",
    rules=["fiets=>fiets", "bromfiets=>bromfiets", "ei=>eier", "kind=>kinder"],
)
POSSESSIVE = token_filter(
    "possessive_english", type="stemmer", language="possessive_english"
)

PLAIN = analyzer(
    "plain",
    tokenizer="standard",
    char_filter=[APOSTROPHES],
    filter=["lowercase", APOSTROPHE_S, "asciifolding"],
)
BY_LANGUAGE = {
    "nl": analyzer(
        "own_nl",
        tokenizer="standard",
        char_filter=[APOSTROPHES],
        filter=[
            "lowercase",
            APOSTROPHE_S,
            _stop("dutch"),
            DUTCH_OVERRIDES,
            _stemmer("dutch"),
            "asciifolding",
            "remove_duplicates",
        ],
    ),
    "de": analyzer(
        "own_de",
        tokenizer="standard",
        char_filter=[APOSTROPHES],
        filter=[
            "lowercase",
            APOSTROPHE_S,
            _stop("german"),
            "german_normalization",
            _stemmer("light_german"),
            "remove_duplicates",
        ],
    ),
    "en": analyzer(
        "own_en",
        tokenizer="standard",
        char_filter=[APOSTROPHES],
        filter=[
            POSSESSIVE,
            "lowercase",
            APOSTROPHE_S,
            _stop("english"),
            _stemmer("english"),
            "asciifolding",
        ],
    ),
}


def similarities() -> dict[str, dict[str, object]]:
    """Give the settings that score a word in a text by that text alone (`ranking`)."""
    return {
        f"own_{part}": {
            "type": "scripted",
            "script": {
                "source": "double k = 1.2; double b = 0.75; return query.boost"
                " * doc.freq * (k + 1)"
                f" / (doc.freq + k * (1 - b + b * doc.length / {length}.0));"
            },
        }
        for part, length in USUAL_LENGTH.items()
    }


def build_mapping() -> Mapping:
    """Give the mapping; what it does not name is refused."""
    mapping = Mapping()
    mapping.meta("dynamic", "strict")
    mapping.meta("_meta", schema=SCHEMA)
    for name in KEYWORDS:
        mapping.field(name, Keyword())
    mapping.field("digest", Keyword(index=False))
    # Numbers beat keywords for many terms (measured).
    for name in NUMBERS:
        mapping.field(name, Long())
    mapping.field("updated", Date())
    for part in PARTS:
        mapping.field(part, Text(analyzer=PLAIN, similarity=f"own_{part}"))
        for language in LANGUAGES:
            mapping.field(
                f"{part}_{language}",
                Text(
                    analyzer=BY_LANGUAGE[language],
                    similarity=f"own_{part}",
                    # With offsets a highlight does not read the text again.
                    index_options="offsets",
                    copy_to=part,
                ),
            )
    return mapping
