"""Keep the side table right: which root decides about which page."""

from dataclasses import dataclass

from django.db import transaction
from wagtail.models import Page

from accounts.audit import record
from accounts.models import Organisation, User
from knowledge.access.models import GroupGrant, PageAccess, PolicyRoot, Trash
from knowledge.access.selectors import acting_organisation


def public_id_of(page: Page) -> str:
    """Read the public id at the end of a slug."""
    return page.slug.rpartition("-")[2]


def _ancestor_paths(page: Page) -> list[str]:
    step = Page.steplen
    return [page.path[:end] for end in range(step, len(page.path) + 1, step)]


def policy_root_for(page: Page) -> PolicyRoot | None:
    """Find the nearest project or restricted page above or at a page, in the tree."""
    return (
        PolicyRoot.objects.filter(page__path__in=_ancestor_paths(page))
        .order_by("-page__depth")
        .first()
    )


@transaction.atomic
def rebuild_subtree(page: Page, *, by: User | None = None) -> int:
    """Write the access rows of a page and everything below it anew.

    Trashed subtrees inside stay without rows. Restrictions inside are told what they
    narrow now; what that ends is recorded as done by `by`. Returns the number of rows
    written; a page above any root gets none.
    """
    above = policy_root_for(page)
    trash = {
        entry.page.path: entry
        for entry in Trash.objects.filter(
            page__path__startswith=page.path
        ).select_related("page")
    }
    roots = {
        root.page.path: root
        for root in PolicyRoot.objects.filter(
            page__path__startswith=page.path
        ).select_related("page", "parent", "project")
    }
    _mend_restrictions(page, above, roots, by)
    PageAccess.objects.filter(page__path__startswith=page.path).delete()
    rows, thrown = [], tuple(trash)
    # (path, root id) from the top down to the page at hand
    stack: list[tuple[str, int | None]] = [("", above.pk if above else None)]
    pages = Page.objects.filter(path__startswith=page.path).order_by("path")
    for pk, path, slug in pages.values_list("pk", "path", "slug").iterator(2000):
        while not path.startswith(stack[-1][0]):
            stack.pop()
        if path in roots:
            stack.append((path, roots[path].pk))
        root_id = stack[-1][1]
        if root_id is None:
            continue
        if path in trash and trash[path].root_id != root_id:
            Trash.objects.filter(pk=pk).update(root_id=root_id)
        if path.startswith(thrown):
            continue
        public_id = slug.rpartition("-")[2]
        rows.append(PageAccess(page_id=pk, root_id=root_id, public_id=public_id))
    PageAccess.objects.bulk_create(rows, batch_size=2000)
    return len(rows)


def _mend_restrictions(
    page: Page,
    above: PolicyRoot | None,
    roots: dict[str, PolicyRoot],
    by: User | None,
) -> None:
    """Tell restrictions in a moved or restored subtree which root they narrow now."""
    if above is not None and above.page_id == page.pk:
        above = policy_root_for(page.get_parent()) if page.depth > 1 else None
    stack: list[tuple[str, PolicyRoot | None]] = [("", above)]
    for path in sorted(roots):
        while not path.startswith(stack[-1][0]):
            stack.pop()
        root, parent = roots[path], stack[-1][1]
        if root.kind == PolicyRoot.Kind.RESTRICTION:
            project = parent.project or parent if parent else None
            wanted = parent and project and (parent.pk, project.pk, parent.owner_id)
            is_now = (root.parent_id, root.project_id, root.owner_id)
            if parent and wanted != is_now:
                root.parent, root.project, root.owner = parent, project, parent.owner
                root.save(update_fields=["parent", "project", "owner"])
                _end_what_is_foreign_now(root, by)
        stack.append((path, root))


def _end_what_is_foreign_now(root: PolicyRoot, by: User | None) -> None:
    """Give entries of a restriction that got another owner the end that theirs needs."""
    endless = GroupGrant.objects.filter(content_object=root, ends_on=None)
    foreign = endless.exclude(group=root.owner.group).exclude(
        group__team__organisation=root.owner
    )
    for entry in foreign.select_related("group__organisation", "group__team"):
        above = GroupGrant.objects.filter(
            content_object=root.project, group_id=entry.group_id
        ).first()
        if above is None or above.ends_on is None:
            entry.delete()
            _record_entry("grant.withdraw", root, entry, by)
        else:
            entry.ends_on = above.ends_on
            entry.save(update_fields=["ends_on"])
            _record_entry("grant.change", root, entry, by, above.ends_on.isoformat())


def _record_entry(
    action: str, root: PolicyRoot, entry: GroupGrant, by: User | None, until: str = ""
) -> None:
    """Record what a move did to an entry, for the new owner and for who was named."""
    team = getattr(entry.group, "team", None)
    record(
        action,
        by=by,
        organisation=root.owner_id,
        other=team.organisation_id if team else entry.group.organisation,
        target=str(root.pk),
        subject=(team or entry.group.organisation).public_id,
        **({"ends_on": until} if until else {}),
    )


@transaction.atomic
def create_project_root(*, page: Page, owner: Organisation, reach: str) -> PolicyRoot:
    """Make a new project page decide about itself and what comes below."""
    root = PolicyRoot(page=page, kind=PolicyRoot.Kind.PROJECT, owner=owner, reach=reach)
    root.full_clean(exclude=["page"])
    root.save()
    rebuild_subtree(page)
    return root


@transaction.atomic
def add_page(page: Page) -> PageAccess | None:
    """Write the access row of a page that was just created. None above any root."""
    root = policy_root_for(page)
    if root is None:
        return None
    return PageAccess.objects.create(
        page_id=page.pk, root=root, public_id=public_id_of(page)
    )


@transaction.atomic
def put_in_trash(*, page: Page, by: User) -> Trash:
    """Take a subtree out of every surface at once; `restore` brings it back."""
    locked = PageAccess.objects.select_for_update(of=("self",))
    access = locked.select_related("root").get(page_id=page.pk)
    subtree = PageAccess.objects.filter(page__path__startswith=page.path)
    trash = Trash.objects.create(
        page_id=page.pk,
        root_id=access.root_id,
        page_count=subtree.count(),
        trashed_by=by,
        organisation_id=acting_organisation(by, root=access.root),
    )
    subtree.delete()
    return trash


@transaction.atomic
def take_from_trash(*, trash: Trash, by: User | None = None) -> int:
    """Give a trashed subtree its access rows back. Returns the number of pages."""
    page = trash.page
    trash.delete()
    return rebuild_subtree(page, by=by)


@dataclass(frozen=True)
class Problem:
    """One page whose access row is not what the tree says."""

    page_id: int
    text: str


def find_problems() -> list[Problem]:
    """Compare the side table with the tree. Empty = sound."""
    problems = []
    trashed = tuple(Trash.objects.values_list("page__path", flat=True))
    roots = dict(PolicyRoot.objects.values_list("page__path", "pk"))
    stack: list[tuple[str, int | None]] = [("", None)]
    pages = Page.objects.order_by("path").values_list(
        "pk", "path", "slug", "access__root_id", "access__public_id"
    )
    line: list[str] = []
    for pk, path, slug, root_id, public_id in pages.iterator(2000):
        while line and not path.startswith(line[-1]):
            line.pop()
        if len(path) != len(line[-1] if line else "") + Page.steplen:
            problems.append(Problem(pk, "the page above it is missing"))
        line.append(path)
        while not path.startswith(stack[-1][0]):
            stack.pop()
        if path in roots:
            stack.append((path, roots[path]))
        wanted = None if path.startswith(trashed) else stack[-1][1]
        if root_id != wanted:
            problems.append(Problem(pk, f"root is {root_id}, should be {wanted}"))
        elif wanted and public_id != slug.rpartition("-")[2]:
            problems.append(Problem(pk, f"public id {public_id} is not in slug {slug}"))
    return problems + _restriction_problems() + _trash_problems()


def _restriction_problems() -> list[Problem]:
    restrictions = PolicyRoot.objects.filter(kind=PolicyRoot.Kind.RESTRICTION)
    problems = []
    for root in restrictions.select_related("page", "parent", "project"):
        parent = policy_root_for(root.page.get_parent())
        project = parent.project_id or parent.pk if parent else None
        if parent is None or (root.parent_id, root.project_id) != (parent.pk, project):
            problems.append(Problem(root.pk, "restriction narrows the wrong root"))
        elif root.owner_id != parent.owner_id:
            problems.append(Problem(root.pk, "restriction has another owner"))
    return problems


def _trash_problems() -> list[Problem]:
    problems = []
    for entry in Trash.objects.select_related("page"):
        root = policy_root_for(entry.page)
        if root is None or root.pk != entry.root_id:
            problems.append(Problem(entry.page_id, "trash hangs on the wrong root"))
    return problems
