"""An import from beginning to end, for the commands."""

from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from accounts.models import Organisation, User
from knowledge.access.models import PolicyRoot
from knowledge.pages.importing.plan import Plan, make_plan
from knowledge.pages.importing.report import Report
from knowledge.pages.importing.scan import FolderRefusedError, scan
from knowledge.pages.importing.write import write_plan
from knowledge.pages.models import ImportedPage, ProjectPage
from knowledge.pages.services import Text, create_project


@dataclass(frozen=True)
class NewProject:
    """A project that an import founds unless an earlier one did."""

    owner: Organisation
    title: str
    reach: str = PolicyRoot.Reach.ORGANISATION

    def find(self) -> ProjectPage | None:
        """Find the project that an earlier import founded."""
        found = ProjectPage.objects.filter(
            title=self.title,
            access__root__owner=self.owner,
            pk__in=ImportedPage.objects.values("project_id"),
        )
        return found.order_by("pk").first()


def import_folder(
    path: Path,
    *,
    target: ProjectPage | NewProject,
    by: User,
    language: str,
    dry_run: bool = False,
) -> tuple[Plan, Report]:
    """Import a folder into a project.

    Raises FolderRefusedError, PermissionDenied, Http404 or ValidationError.
    """
    report = Report()
    folder = scan(path, language=language, report=report)
    if not folder.pages:
        raise FolderRefusedError(f"there is no Markdown in {path}")
    is_new = isinstance(target, NewProject)
    project = target.find() if isinstance(target, NewProject) else target
    takes_index = is_new or _took_index(project, folder.index_key)
    plan = make_plan(folder, project=project, takes_index=takes_index, report=report)
    if dry_run:
        new = sum(page.known is None for page in plan.pages.values())
        report.counts["pages that would be new"] = new
        return plan, report
    if project is None and isinstance(target, NewProject):
        project = _found(target, plan, by, language)
    if project is not None:
        with tqdm(total=len(plan.pages), unit="page", disable=None) as bar:
            write_plan(plan, project=project, by=by, report=report, progress=bar.update)
    return plan, report


def _took_index(project: ProjectPage | None, index_key: str | None) -> bool:
    """Say whether an earlier import gave the folder's own text to the project page."""
    if project is None or index_key is None:
        return False
    return ImportedPage.objects.filter(page_id=project.pk, key=index_key).exists()


def _found(target: NewProject, plan: Plan, by: User, language: str) -> ProjectPage:
    text = Text(title=target.title, language=language)
    project = create_project(owner=target.owner, text=text, by=by, reach=target.reach)
    if plan.index_key:
        # Links to the folder's own page lead to the project.
        own = plan.pages[plan.index_key]
        for page in plan.pages.values():
            page.body = page.body.replace(f"/{own.slug}/", f"/{project.slug}/")
        own.slug = project.slug
    project.refresh_from_db()
    return project
