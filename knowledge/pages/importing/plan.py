"""Compare a folder with what an earlier import wrote, before anything is written."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.files import File

from knowledge.access.models import PageAccess
from knowledge.files.models import address_of, new_file_id
from knowledge.files.names import clean_name
from knowledge.files.services import check_upload, sha256_of
from knowledge.markup import MAX_SOURCE_CHARS
from knowledge.pages.importing.links import Kind, Places, rewrite
from knowledge.pages.importing.opening import open_file, reason
from knowledge.pages.importing.report import Report
from knowledge.pages.importing.scan import Folder
from knowledge.pages.importing.texts import SourcePage
from knowledge.pages.models import ImportedFile, ImportedPage, ProjectPage, new_slug


@dataclass
class PlannedFile:
    """A file that a page shows or links: from where, and under which id."""

    key: str
    public_id: str
    sha256: str
    attachment_id: int | None = None
    changed: bool = False


@dataclass
class PlannedPage:
    """A page as it shall be. `known` is what an earlier import wrote for its key."""

    source: SourcePage
    slug: str
    known: ImportedPage | None = None
    is_gone: bool = False
    body: str = ""
    files: dict[str, PlannedFile] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """Give the hash of what is written, to find out whether it changed."""
        parts = (self.source.title, self.source.language, self.body)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@dataclass
class Plan:
    """All pages of the folder `top`, parents before their children."""

    top: Path
    project: ProjectPage | None
    pages: dict[str, PlannedPage]
    # The page of the folder itself, when the project page takes its text.
    index_key: str | None = None


def make_plan(
    folder: Folder, *, project: ProjectPage | None, takes_index: bool, report: Report
) -> Plan:
    """Plan the import of a folder into a project, or into one that is still to be.

    `takes_index`: the page of the folder itself becomes the project's text.
    """
    index_key = folder.index_key if takes_index else None
    known = _known(project)
    keys = _in_order(folder)
    page_ids = [row.page_id for row in known.values()]
    present = PageAccess.objects.filter(page_id__in=page_ids)
    ids = set(present.values_list("page_id", flat=True))
    pages = {key: _planned(folder.pages[key], known.get(key), ids) for key in keys}
    if project is not None and index_key in pages:
        pages[index_key].slug = project.slug
    for row in known.values():
        if row.key not in pages:
            report.note("vanished from the folder", row.key, "the page is kept")
    texts = _Texts(folder, pages, report)
    for page in pages.values():
        texts.write(page)
    report.counts["files in the folder not linked"] += len(folder.files) - len(
        {key for page in pages.values() for key in page.files}
    )
    return Plan(folder.path, project, pages, index_key)


def _known(project: ProjectPage | None) -> dict[str, ImportedPage]:
    if project is None:
        return {}
    rows = ImportedPage.objects.filter(project_id=project.pk)
    found = rows.select_related("page").prefetch_related("files__attachment")
    return {row.key: row for row in found}


def _planned(
    source: SourcePage, row: ImportedPage | None, present: set[int]
) -> PlannedPage:
    if row is None:
        return PlannedPage(source, new_slug(source.title))
    return PlannedPage(source, row.page.slug, row, row.page_id not in present)


def _in_order(folder: Folder) -> list[str]:
    """List the keys from the top down; siblings by their order, then by their title."""
    below: dict[str, list[SourcePage]] = {}
    for page in folder.pages.values():
        below.setdefault(page.parent, []).append(page)
    keys: list[str] = []
    waiting = _sorted(below.get("", []))
    while waiting:
        page = waiting.pop()
        keys.append(page.key)
        waiting += _sorted(below.get(page.key, []))
    return keys


def _sorted(siblings: list[SourcePage]) -> list[SourcePage]:
    """Sort the last one first, as a stack wants it."""
    return sorted(
        siblings,
        key=lambda page: (page.order, page.title.casefold(), page.key),
        reverse=True,
    )


class _Texts:
    """Rewrites the texts of all pages, with the files that they use."""

    def __init__(
        self, folder: Folder, pages: dict[str, PlannedPage], report: Report
    ) -> None:
        self._folder = folder
        self._pages = pages
        self._report = report
        self._places = Places(folder.pages.values(), folder.files)
        # Hash of each usable file, None for one that was refused.
        self._checked: dict[str, str | None] = {}

    def write(self, page: PlannedPage) -> None:
        """Rewrite one text, unless that makes it longer than a page may be."""
        page.body = rewrite(
            page.source.body, lambda address: self._address(page, address)
        )
        if len(page.body) > MAX_SOURCE_CHARS:
            page.body = page.source.body
            page.files.clear()
            why = f"it would be longer than {MAX_SOURCE_CHARS} characters"
            self._report.note("links not rewritten", page.source.key, why)

    def _address(self, page: PlannedPage, address: str) -> str | None:
        target = self._places.find(page.source, address)
        if target.kind in {Kind.OUTSIDE, Kind.MISSING}:
            self._report.note(target.kind.value, page.source.key, address[:200])
            return None
        if target.kind is Kind.FOREIGN:
            return None
        if target.kind is Kind.HEADING:
            return target.fragment or None
        self._report.counts["links"] += 1
        if target.kind is Kind.FILE:
            return self._file_address(page, target.key)
        return f"/{self._pages[target.key].slug}/{target.fragment}"

    def _file_address(self, page: PlannedPage, key: str) -> str | None:
        file = page.files.get(key)
        if file is None:
            sha256 = self._check(key)
            if sha256 is None:
                return None
            file = page.files[key] = self._planned_file(page, key, sha256)
        return address_of(file.public_id, clean_name(key))

    def _planned_file(self, page: PlannedPage, key: str, sha256: str) -> PlannedFile:
        row = self._known_file(page, key)
        if row is None:
            return PlannedFile(key, new_file_id(), sha256)
        changed = row.sha256 != sha256 and row.attachment.deleted_at is None
        return PlannedFile(
            key, row.attachment.public_id, sha256, row.attachment_id, changed
        )

    def _known_file(self, page: PlannedPage, key: str) -> ImportedFile | None:
        rows = page.known.files.all() if page.known else ()
        return next((row for row in rows if row.key == key), None)

    def _check(self, key: str) -> str | None:
        """Check once whether a file can be kept; say why when it cannot."""
        if key not in self._checked:
            self._checked[key] = self._hash_if_usable(key)
        return self._checked[key]

    def _hash_if_usable(self, key: str) -> str | None:
        try:
            with open_file(self._folder.path, key) as handle:
                file = File(handle, name=clean_name(key))
                check_upload(file, clean_name(key))
                return sha256_of(file)
        except ValidationError as error:
            self._report.note("refused", key, " ".join(error.messages))
        except OSError as error:
            self._report.note("refused", key, reason(error))
        return None
