"""Read the committed, published state of pages and files for the engines.

Drafts never come here: Wagtail keeps them in revisions, and what is read is the row of
the page. It is read past the rule on purpose, since an index holds what all readers
may see together; who sees what is asked at each question.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone, translation
from wagtail.models import Page

from accounts.models import User
from knowledge.files.models import Attachment
from knowledge.markup import MAX_SOURCE_CHARS, render
from knowledge.pages.models import ArticlePage, ContentPage, PageFacts, ProjectPage
from search.engines.base import Entry, Gone
from search.extraction import text_of_file
from search.models import SearchDocument
from search.query import CONTROL

MAX_BODY_CHARS = 100_000
MAX_HEADINGS_CHARS = 10_000
Kind = SearchDocument.Kind
Type = SearchDocument.Type
RELATED = (
    "access__root__owner",
    "access__root__page__access",
    "access__root__project__page__access",
    "facts__changed_by",
)


def load_pages(page_ids: Iterable[int]) -> tuple[list[Entry], list[Gone]]:
    """Give what is to be indexed of these pages, and which must not be found."""
    wanted = set(page_ids)
    entries = []
    for model, type_ in ((ArticlePage, Type.ARTICLE), (ProjectPage, Type.PROJECT)):
        found = model.objects.filter(
            pk__in=wanted, live=True, access__isnull=False
        ).select_related(*RELATED)
        entries += [_page_entry(page, type_) for page in found]
    known = {entry.object_id for entry in entries}
    return entries, [Gone(Kind.PAGE, pk) for pk in sorted(wanted - known)]


def load_files(file_ids: Iterable[int]) -> tuple[list[Entry], list[Gone]]:
    """Give what is to be indexed of these files, and which must not be found."""
    wanted = set(file_ids)
    found = _present_files().filter(pk__in=wanted)
    pages = _owning_pages({file.page_id for file in found})
    entries = [
        _file_entry(file, pages[file.page_id])
        for file in found
        if file.page_id in pages
    ]
    known = {entry.object_id for entry in entries}
    return entries, [Gone(Kind.FILE, pk) for pk in sorted(wanted - known)]


def file_ids_on(page_ids: Iterable[int]) -> list[int]:
    """List the files that hang on pages, deleted ones too."""
    files = Attachment.objects.filter(page_id__in=list(page_ids))
    return list(files.order_by("pk").values_list("pk", flat=True))


def page_ids_below(paths: Iterable[str]) -> Iterator[int]:
    """Go through the pages at and below treebeard paths, once each, in tree order."""
    last = None
    for path in sorted(filter(None, paths)):
        if last is None or not path.startswith(last):
            below = Page.objects.filter(path__startswith=path).order_by("path")
            yield from below.values_list("pk", flat=True).iterator(2000)
            last = path


def load(kind: str, ids: Iterable[int]) -> tuple[list[Entry], list[Gone]]:
    """Give what is to be indexed of one kind, and which must not be found."""
    return load_files(ids) if kind == Kind.FILE else load_pages(ids)


def all_ids(kind: str) -> "QuerySet[Page, int] | QuerySet[Attachment, int]":
    """List everything of one kind that could have a document, in the order of ids."""
    if kind == Kind.FILE:
        return _present_files().order_by("pk").values_list("pk", flat=True)
    pages = Page.objects.filter(access__isnull=False, live=True).order_by("pk")
    return pages.values_list("pk", flat=True)


def ids_after(kind: str, last_id: int, number: int) -> list[int]:
    """List the next ones after an id."""
    return list(all_ids(kind).filter(pk__gt=last_id)[:number])


def digest_of(entry: Entry) -> str:
    """Sum up all that an entry says; the check compares it."""
    fields = asdict(replace(entry, digest=""))
    data = json.dumps(fields, sort_keys=True, default=str)
    return hashlib.sha256(data.encode()).hexdigest()


def _present_files() -> QuerySet[Attachment]:
    return Attachment.objects.present().select_related("uploaded_by")


def _owning_pages(page_ids: set[int]) -> dict[int, ContentPage]:
    pages: dict[int, ContentPage] = {}
    for model in (ArticlePage, ProjectPage):
        found = model.objects.filter(pk__in=page_ids, live=True, access__isnull=False)
        pages.update({page.pk: page for page in found.select_related(*RELATED)})
    return pages


def _page_entry(page: ContentPage, type_: str) -> Entry:
    with translation.override("en"):
        rendered = render(page.body[:MAX_SOURCE_CHARS])
    summary = getattr(page, "summary", "")
    facts = getattr(page, "facts", None)
    return _finish(
        kind=Kind.PAGE,
        object_id=page.pk,
        type=type_,
        title=page.title,
        headings="\n".join((summary, *_tags(facts), *rendered.headings)),
        body=rendered.text,
        updated=facts.changed_at if facts else page.last_published_at or timezone.now(),
        author=_person(facts.changed_by) if facts else "",
        author_organisation_id=facts.organisation_id if facts else None,
        tags=_tags(facts),
        page=page,
    )


def _tags(facts: PageFacts | None) -> tuple[str, ...]:
    return tuple(facts.tags) if facts else ()


def _file_entry(file: Attachment, page: ContentPage) -> Entry:
    return _finish(
        kind=Kind.FILE,
        object_id=file.pk,
        type=Type.FILE,
        title=file.name,
        # An index takes soundings.txt for one word.
        headings=re.sub(r"[\W_]+", " ", file.name),
        body=text_of_file(file),
        updated=file.changed_at,
        author=_person(file.uploaded_by),
        author_organisation_id=file.organisation_id,
        page=page,
    )


def _finish(*, page: ContentPage, **own: Any) -> Entry:
    """Add where the document stands, clean its texts and sum it up."""
    root = page.access.root
    project = root.project or root
    entry = Entry(
        page_id=page.pk,
        path=page.path,
        root_id=root.pk,
        owner_id=root.owner_id,
        organisation=root.owner.public_id,
        project=_public_id(project),
        language=page.language,
        **own,
    )
    entry = replace(
        entry,
        title=_clean(entry.title, 1000),
        headings=_clean(entry.headings, MAX_HEADINGS_CHARS),
        body=_clean(entry.body, MAX_BODY_CHARS),
    )
    return replace(entry, digest=digest_of(entry))


def _person(user: User | None) -> str:
    return user.public_id if user else ""


def _public_id(project: Any) -> str:
    access = getattr(project.page, "access", None)
    return access.public_id if access else ""


def _clean(text: str, limit: int) -> str:
    return " ".join(CONTROL.sub(" ", text[:limit]).split())
