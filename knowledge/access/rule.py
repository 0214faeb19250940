"""The one access rule. Everything that shows or changes content derives from here.

    A person's level on a project is the highest of: its reach, the grants of the
    person's active organisations and teams, the person's own grants; *manage* for
    admins of the owner; at least *view* for managers of the owner. On a restricted
    page it is min(level on the parent root, own entry in the restriction). Expired,
    suspended, withdrawn = nothing.

`docs/permissions.md` states it as numbered scenarios.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import (
    Case,
    Model,
    PositiveSmallIntegerField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.http import Http404
from django.utils.translation import gettext as _
from wagtail.models import Page

from accounts.models import Membership, Organisation
from accounts.prepared import STAND_IN, Prepared, prepare
from accounts.selectors import Person, Principals, principals_of
from knowledge.access.levels import Level
from knowledge.access.models import (
    GrantQuerySet,
    GroupGrant,
    PageAccess,
    PolicyRoot,
    UserGrant,
)

M = TypeVar("M", bound=Model)

# The level that each act needs. Templates and views name acts, never levels.
ACTIONS: Mapping[str, Level] = {
    "view": Level.VIEW,
    "comment": Level.COMMENT,
    "edit": Level.EDIT,
    "create": Level.EDIT,
    "upload": Level.EDIT,
    "drafts": Level.EDIT,
    "move": Level.EDIT,
    "delete": Level.EDIT,
    "share": Level.MANAGE,
    "restrict": Level.MANAGE,
}


@dataclass(frozen=True)
class Decision:
    """The answer to one question, with the reason for people who may read it."""

    allowed: bool
    reason: str

    def __bool__(self) -> bool:
        return self.allowed


@dataclass(frozen=True)
class Standing:
    """What one person may see in one request: levels by root, and as whom.

    `levels` holds every root the person may view. `managed` holds the restricted roots
    whose parent root the person manages: their existence is known, not their text.
    """

    principals: Principals
    levels: Mapping[int, int]
    managed: frozenset[int] = frozenset()
    superuser: bool = False

    @property
    def knows_all(self) -> bool:
        """Say whether the person may know of every organisation: guests may not."""
        return self.superuser or self.principals.is_employee


def root_levels(user: Person) -> Mapping[int, int]:
    """Give the level (1 to 4) of a person on each root; absent = nothing."""
    return standing(user).levels


def standing(user: Person) -> Standing:
    """Work out what a person may see today, in at most three queries.

    Kept on the user object of the request and never beyond, so that a withdrawal holds
    at the next request. `forget(user)` drops it after a write in the same request.
    """
    kept = getattr(user, "_standing", None)
    if isinstance(kept, Standing):
        return kept
    result = _work_out(user)
    user._standing = result  # type: ignore[union-attr]
    return result


def forget(user: Person) -> None:
    """Drop what was worked out for this request, after access was changed in it."""
    # Not vars(user): the user of a request is a lazy object around the real one.
    for name in ("_standing", "principals"):
        if hasattr(user, name):
            delattr(user, name)


def _work_out(user: Person) -> Standing:
    principals = getattr(user, "principals", None) or principals_of(user)
    if user.is_active and user.is_superuser:
        everything = dict.fromkeys(
            PolicyRoot.objects.values_list("pk", flat=True), int(Level.MANAGE)
        )
        return Standing(principals, everything, frozenset(everything), superuser=True)
    if not principals.roles:
        return Standing(principals, {})
    levels: dict[int, int] = {}
    narrowed: dict[int, _Entry] = {}
    for pk, kind, parent, path, level in _run(principals):
        if kind == PolicyRoot.Kind.PROJECT:
            levels[pk] = max(level, levels.get(pk, 0))
        else:
            known = narrowed.get(pk, _Entry(path, parent, 0))
            narrowed[pk] = known._replace(level=max(level, known.level))
    for pk, parent, path in _restrictions_in(levels):
        narrowed.setdefault(pk, _Entry(path, parent, 0))
    managed = _narrow(levels, narrowed)
    return Standing(principals, levels, managed)


class _Entry(NamedTuple):
    """A restriction by its place in the tree: what it narrows, and what one has in it."""

    path: str
    parent: int
    level: int


def _narrow(levels: dict[int, int], entries: Mapping[int, _Entry]) -> frozenset[int]:
    """Add the restrictions to the levels. Returns those managed from above.

    Topmost first: a root is always deeper in the tree than the one it narrows.
    """
    managed: set[int] = set()
    for pk, (_path, parent, own) in sorted(entries.items(), key=lambda one: one[1]):
        above = levels.get(parent, 0)
        if above == Level.MANAGE:
            managed.add(pk)
        if own and above:
            levels[pk] = min(above, own)
    return frozenset(managed)


def grants_of(principals: Principals) -> tuple[GrantQuerySet, GrantQuerySet]:
    """Give the grants that count for a person today: to groups, and to the person."""
    return (
        GroupGrant.objects.in_force()
        .with_level()
        .filter(group_id__in=principals.group_ids),
        UserGrant.objects.in_force()
        .with_level()
        .of_person(principals.user_id, principals.organisation_ids),
    )


def _run(principals: Principals) -> list[tuple[Any, ...]]:
    """List the ways in of somebody. Prepared once for all who have as many of each."""
    ids = [principals.user_id or 0, *sorted(principals.group_ids)]
    roles = sorted(principals.roles.items(), key=lambda one: one[1])
    ids += [organisation for organisation, _role in roles]
    shape = tuple(role for _organisation, role in roles)
    prepared = _prepared(len(principals.group_ids), shape)
    stand_ins = range(STAND_IN, STAND_IN - len(ids), -1)
    return prepared.rows(dict(zip(stand_ins, ids, strict=True)))


@lru_cache(maxsize=1000)
def _prepared(groups: int, roles: tuple[str, ...]) -> Prepared:
    user, *others = range(STAND_IN, STAND_IN - 1 - groups - len(roles), -1)
    return prepare(
        _ways_in(
            Principals(
                user_id=user,
                group_ids=frozenset(others[:groups]),
                roles=dict(zip(others[groups:], roles, strict=True)),
            )
        )
    )


def _ways_in(principals: Principals) -> QuerySet[Any, Any]:
    """List root, its kind, what it narrows, its path and the level, in one query.

    By reach, by role and by grants; what is found twice is listed twice.
    """
    active = Q(content_object__owner__status=Organisation.Status.ACTIVE)
    given = (
        grants.filter(active)
        .order_by()
        .values_list(
            "content_object_id",
            "content_object__kind",
            "content_object__parent_id",
            "content_object__page__path",
            "level",
        )
        for grants in grants_of(principals)
    )
    return _open_projects(principals).union(*given, all=True)


def _open_projects(principals: Principals) -> QuerySet[Any, Any]:
    """List the projects that are open by reach or by role, as `_ways_in` does."""
    roles, reach = Membership.Role, PolicyRoot.Reach
    admin_of = principals.ids_with_role(roles.ADMIN)
    led = admin_of | principals.ids_with_role(roles.MANAGER)
    found = PolicyRoot.objects.order_by().filter(
        Q(reach=reach.NETWORK)
        | Q(reach=reach.ORGANISATION, owner_id__in=principals.organisation_ids)
        | Q(owner_id__in=led),
        kind=PolicyRoot.Kind.PROJECT,
        owner__status=Organisation.Status.ACTIVE,
    )
    level = Case(
        When(owner_id__in=admin_of, then=int(Level.MANAGE)),
        default=int(Level.VIEW),
        output_field=PositiveSmallIntegerField(),
    )
    return found.values_list("pk", "kind", "parent_id", Value(""), level)


def _restrictions_in(levels: Mapping[int, int]) -> Iterable[tuple[int, int, str]]:
    """List the restrictions in the projects that the person manages."""
    managed = [pk for pk, level in levels.items() if level == Level.MANAGE]
    if not managed:
        return ()
    found = PolicyRoot.objects.filter(project_id__in=managed).order_by()
    rows: Iterable[tuple[int, int, str]] = found.values_list(
        "pk", "parent_id", "page__path"
    )
    return rows


def visible_to(
    user: Person, queryset: QuerySet[M], *, through: str = ""
) -> QuerySet[M]:
    """Keep the rows whose page the person may view.

    `queryset` is of pages, or of rows that reach their page by the lookup `through`
    (for example `page__` for a file). An unpublished page exists only for people who
    may edit it.
    """
    levels = standing(user).levels
    drafts = [pk for pk, level in levels.items() if level >= ACTIONS["drafts"]]
    published = Q(**{f"{through}live": True})
    if drafts:
        published |= Q(**{f"{through}access__root_id__in": drafts})
    return queryset.filter(published, **{f"{through}access__root_id__in": list(levels)})


def visible_with(
    user: Person, queryset: QuerySet[M], action: str, *, through: str = ""
) -> QuerySet[M]:
    """Keep the rows on whose page the person may do `action`."""
    needed = ACTIONS[action]
    roots = [pk for pk, level in standing(user).levels.items() if level >= needed]
    return queryset.filter(**{f"{through}access__root_id__in": roots})


def get_visible_or_404(
    user: Person, queryset: QuerySet[M], *, through: str = "", **lookup: object
) -> M:
    """Fetch one row that the person may view.

    Raises Http404 alike for what is missing and for what is hidden.
    """
    found = visible_to(user, queryset, through=through).filter(**lookup).first()
    if found is None:
        raise Http404
    return found


def decide(user: Person, action: str, page: Page) -> Decision:
    """Say whether a person may do `action` (a key of ACTIONS) on a page, and why."""
    # Read anew: the object at hand may be older than its publication.
    row = (
        PageAccess.objects.filter(page_id=page.pk)
        .values_list("root_id", "page__live")
        .first()
    )
    if row is not None:
        root_id, live = row
        if decide_on_root(user, "view" if live else "drafts", root_id):
            return decide_on_root(user, action, root_id)
    return Decision(False, _("This page does not exist."))


def decide_on_root(user: Person, action: str, root_id: int) -> Decision:
    """Say whether a person may do `action` on what hangs on a root, and why."""
    needed = ACTIONS[action]
    own = standing(user)
    level = own.levels.get(root_id, 0)
    if not level:
        return Decision(False, _("This page does not exist."))
    name = Level(level).label
    if not is_allowed(user, action, root_id):
        text = _("You have the level %(level)s here; this needs %(needed)s.")
        return Decision(False, text % {"level": name, "needed": needed.label})
    if own.superuser:
        return Decision(True, _("Operators see everything; each view is recorded."))
    return Decision(True, _("You have the level %(level)s here.") % {"level": name})


def is_allowed(user: Person, action: str, root_id: int | None) -> bool:
    """Say whether a person may do `action` on what hangs on a root; without why.

    For rows that were read with their root: None, that of what lies in the trash, gives
    nothing.
    """
    level = standing(user).levels.get(root_id, 0) if root_id else 0
    return level >= ACTIONS[action]


def may_manage_restriction(user: Person, root: PolicyRoot) -> bool:
    """Say whether a person may see that a restriction exists and change who is named."""
    return root.pk in standing(user).managed


def require(user: Person, action: str, page: Page) -> None:
    """Refuse an act that a person may not do.

    Raises Http404 when the page does not exist for the person, PermissionDenied (with
    the reason) when it does.
    """
    if not decide(user, "view", page):
        raise Http404
    decision = decide(user, action, page)
    if not decision:
        raise PermissionDenied(decision.reason)


def allowed_actions(user: Person, root_id: int) -> frozenset[str]:
    """Give all acts that are open to a person on a root, for buttons and menus."""
    level = standing(user).levels.get(root_id, 0)
    return frozenset(action for action, needed in ACTIONS.items() if level >= needed)
