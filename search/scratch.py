"""Rankings of documents that are in no wiki, for the evaluation.

Elasticsearch gets an index of its own, deleted afterwards. PostgreSQL writes into its
real table inside a transaction that is rolled back, so nobody else ever sees it.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from secrets import token_hex

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from elasticsearch.dsl import Search
from elasticsearch.helpers import bulk

from search.engines.base import Entry
from search.engines.client import Server
from search.engines.elasticsearch import ElasticsearchEngine
from search.engines.postgres import PostgresEngine
from search.engines.postgres_query import matching, ranked
from search.evaluation import DEPTH, Document
from search.languages import guess_language
from search.models import SearchDocument
from search.query import parse_query

Rank = Callable[[str], list[str]]
Kind = SearchDocument.Kind
# Above all keys of real rows, so that theirs are not met.
FIRST_ID = 2**62


def _entries(documents: Sequence[Document]) -> list[Entry]:
    return [
        Entry(
            kind=Kind.PAGE,
            object_id=FIRST_ID + number,
            page_id=number,
            path="",
            root_id=0,
            owner_id=0,
            organisation="",
            project="",
            type=SearchDocument.Type.ARTICLE,
            language=document.language,
            title=document.title,
            headings="",
            body=document.text,
            updated=timezone.now(),
            digest=hashlib.sha256(document.text.encode()).hexdigest(),
        )
        for number, document in enumerate(documents)
    ]


@contextmanager
def in_postgres(documents: Sequence[Document], _language: str) -> Iterator[Rank]:
    """Rank with PostgreSQL."""
    with transaction.atomic():
        PostgresEngine().write(_entries(documents), [], refresh=True)
        scratch = SearchDocument.objects.filter(object_id__gte=FIRST_ID)

        def rank(question: str) -> list[str]:
            query = parse_query(question)
            found = ranked(scratch.filter(matching(query)), query)
            keys = found.values_list("object_id", flat=True)[:DEPTH]
            return [documents[key - FIRST_ID].id for key in keys]

        yield rank
        transaction.set_rollback(True)


@contextmanager
def in_elasticsearch(documents: Sequence[Document], language: str) -> Iterator[Rank]:
    """Rank with Elasticsearch, by the real mapping and the real question."""
    engine = ElasticsearchEngine(
        server=Server.from_settings(), prefix=_scratch_name()
    ).begin_rebuild()
    try:
        engine.write(_entries(documents), [], refresh=True)

        def rank(question: str) -> list[str]:
            query = parse_query(question)
            asked_in = guess_language(query.words, default=language)
            found = engine.rank(query, asked_in, DEPTH)
            return [documents[number].id for number in found]

        yield rank
    finally:
        engine.drop()


@contextmanager
def in_one_field(documents: Sequence[Document], _language: str) -> Iterator[Rank]:
    """Rank as Elasticsearch does without settings: BM25 over one field."""
    client = Server.from_settings().connect()
    name = _scratch_name()
    texts = (f"{document.title}\n{document.text}" for document in documents)
    actions = [{"_id": str(n), "text": text} for n, text in enumerate(texts)]
    try:
        bulk(client, actions, index=name, refresh=True)

        def rank(question: str) -> list[str]:
            found = Search(using=client, index=name).query("match", text=question)
            hits = found.source(False)[:DEPTH].execute()
            return [documents[int(hit.meta.id)].id for hit in hits]

        yield rank
    finally:
        client.indices.delete(index=name, ignore_unavailable=True)


def _scratch_name() -> str:
    return f"{settings.ELASTICSEARCH_INDEX_PREFIX}-scratch-{token_hex(4)}"
