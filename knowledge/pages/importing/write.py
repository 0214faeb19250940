"""Write a plan: new pages in batches, changed ones as revisions, files with them."""

from collections.abc import Callable, Iterator
from typing import BinaryIO

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _
from wagtail.models import Page

from accounts.audit import record
from accounts.models import User
from knowledge.access.models import PageAccess
from knowledge.files.models import Attachment
from knowledge.files.names import clean_name
from knowledge.files.services import add_file, replace_file
from knowledge.pages.bulk import NewArticle, create_articles
from knowledge.pages.importing.opening import open_file, reason
from knowledge.pages.importing.plan import Plan, PlannedFile, PlannedPage
from knowledge.pages.importing.report import Report
from knowledge.pages.models import (
    ArticlePage,
    ContentPage,
    ImportedFile,
    ImportedPage,
    ProjectPage,
)
from knowledge.pages.services import Text, save_page

# Pages written in one transaction.
BATCH = 500
# Called with the number of pages that are done.
Progress = Callable[[int], object]


def write_plan(
    plan: Plan, *, project: ProjectPage, by: User, report: Report, progress: Progress
) -> None:
    """Write what is new or changed. Each batch is whole or absent; a second run goes on.

    Raises PermissionDenied or Http404 when `by` may not write in the project.
    """
    _Writer(plan, project, by, report).run(progress)


class _Writer:
    def __init__(
        self, plan: Plan, project: ProjectPage, by: User, report: Report
    ) -> None:
        self.plan = plan
        self.project = project
        self.by = by
        self.report = report
        self.slugs: dict[str, str | None] = {"": project.slug}

    def run(self, progress: Progress) -> None:
        new = list(self._place())
        known = [page for page in self.plan.pages.values() if page.known]
        for start in range(0, len(new), BATCH):
            batch = new[start : start + BATCH]
            self._write_new(batch)
            progress(len(batch))
        for page in known:
            self._write_known(page)
            progress(1)

    def _record(self, page_id: int, **counts: int) -> None:
        owner = PageAccess.objects.values_list("root__owner_id", flat=True)
        record(
            "page.import",
            by=self.by,
            organisation=owner.get(page_id=page_id),
            target=str(page_id),
            **counts,
        )

    def _place(self) -> Iterator[PlannedPage]:
        """Go through the new pages whose place exists, from the top down."""
        for key, page in self.plan.pages.items():
            if key == self.plan.index_key:
                self.slugs[key] = self.project.slug
                self._adopt_project(page)
            elif page.known:
                self.slugs[key] = None if page.is_gone else page.slug
            elif self.slugs.get(page.source.parent) is None:
                self.slugs[key] = None
                self.report.note("skipped", key, _("the page above it is in the trash"))
            else:
                self.slugs[key] = page.slug
                yield page

    def _adopt_project(self, page: PlannedPage) -> None:
        """Let the project page have the text of the folder's own page."""
        if page.known is None:
            page.known = ImportedPage.objects.create(
                page_id=self.project.pk,
                project_id=self.project.pk,
                key=page.source.key,
                sha256="",
                revision_id=self.project.latest_revision_id,
            )

    @transaction.atomic
    def _write_new(self, batch: list[PlannedPage]) -> None:
        articles = [
            NewArticle(page.slug, self.slugs[page.source.parent] or "", _text(page))
            for page in batch
        ]
        written = create_articles(articles=articles, by=self.by, note=_("Imported"))
        rows = ImportedPage.objects.bulk_create(
            ImportedPage(
                page_id=written[page.slug].page_id,
                project_id=self.project.pk,
                key=page.source.key,
                sha256=page.sha256,
                revision_id=written[page.slug].revision_id,
                front_matter=page.source.front_matter,
            )
            for page in batch
        )
        for page, row in zip(batch, rows, strict=True):
            self._write_files(page, row)
        if batch:
            self._record(self.project.pk, new=len(batch))
        self.report.counts["pages new"] += len(batch)

    def _write_known(self, page: PlannedPage) -> None:
        row = page.known
        if row is None or page.is_gone:
            self.report.note("skipped", page.source.key, _("the page is in the trash"))
            return
        if row.sha256 == page.sha256 and not _open_files(page):
            self.report.counts["pages unchanged"] += 1
            return
        found = row.page.specific
        if found.latest_revision_id != row.revision_id:
            text = _("somebody edited the page since; not overwritten")
            self.report.note("conflict", page.source.key, text)
            return
        try:
            self._update(page, row, found)
        except (ValidationError, PermissionDenied, Http404) as error:
            self.report.note("refused", page.source.key, str(error) or "404")

    @transaction.atomic
    def _update(self, page: PlannedPage, row: ImportedPage, found: ContentPage) -> None:
        if row.sha256 != page.sha256:
            keeps_title = page.source.key == self.plan.index_key
            revision = save_page(
                page=found,
                text=_text(page, found if keeps_title else None),
                base_revision_id=row.revision_id,
                by=self.by,
                publish=True,
                note=_("Imported"),
            )
            row.revision = revision
            row.sha256 = page.sha256
            row.front_matter = page.source.front_matter
            row.save()
        self._write_files(page, row)
        self._record(found.pk, changed=1)
        self.report.counts["pages changed"] += 1

    def _write_files(self, page: PlannedPage, row: ImportedPage) -> None:
        for file in _open_files(page):
            try:
                handle = open_file(self.plan.top, file.key)
            except OSError as error:
                self.report.note("refused", file.key, reason(error))
                continue
            with handle:
                self._write_checked(file, handle, row)

    def _write_checked(
        self, file: PlannedFile, handle: BinaryIO, row: ImportedPage
    ) -> None:
        """Write a file unless it became one since it was planned that is refused."""
        upload = File(handle, name=clean_name(file.key))
        try:
            self._write_file(file, upload, row)
        except ValidationError as error:
            self.report.note("refused", file.key, " ".join(error.messages))
        else:
            self.report.counts["files written"] += 1

    def _write_file(
        self, file: PlannedFile, upload: File[bytes], row: ImportedPage
    ) -> None:
        if file.attachment_id is None:
            target = Page.objects.get(pk=row.page_id)
            attachment = add_file(
                page=target, upload=upload, by=self.by, public_id=file.public_id
            )
        else:
            former = Attachment.objects.get(pk=file.attachment_id)
            attachment = replace_file(file=former, upload=upload, by=self.by)
        ImportedFile.objects.update_or_create(
            attachment=attachment,
            defaults={"page": row, "key": file.key, "sha256": file.sha256},
        )


def _open_files(page: PlannedPage) -> list[PlannedFile]:
    """List the files of a page that are new or changed."""
    files = page.files.values()
    return [file for file in files if file.attachment_id is None or file.changed]


def _text(page: PlannedPage, keep: ContentPage | None = None) -> Text:
    """Give what is written; a project keeps its own title and summary."""
    source = page.source
    summary = source.summary
    if isinstance(keep, ArticlePage | ProjectPage):
        summary = getattr(keep, "summary", "") or summary
    return Text(
        title=keep.title if keep else source.title,
        body=page.body,
        language=source.language,
        summary=summary[:200],
    )
