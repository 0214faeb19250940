"""The one access rule. Everything that shows or changes content derives from here.

    A person's level on a project is the highest of: its reach, the grants of the
    person's active organisations and teams, the person's own grants; *manage* for
    admins of the owner; at least *view* for managers of the owner. On a restricted
    page it is min(level on the parent root, own entry in the restriction). Expired,
    suspended, withdrawn = nothing.

`docs/permissions.md` states it as numbered scenarios.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import IntegerField, Model, Q, QuerySet, Value
from django.http import Http404
from django.utils.translation import gettext as _
from wagtail.models import Page

from accounts.models import Membership, Organisation
from accounts.selectors import Person, Principals, principals_of
from knowledge.access.levels import Level
from knowledge.access.models import GroupGrant, PageAccess, PolicyRoot, UserGrant

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
    sources: Mapping[int, frozenset[str]] = field(default_factory=dict)


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
    levels, sources = _project_levels(principals)
    managed: set[int] = set()
    # Topmost first: a root is always deeper in the tree than the one it narrows.
    for pk, parent, own in _restriction_entries(principals, levels):
        above = levels.get(parent, 0)
        if above == Level.MANAGE:
            managed.add(pk)
        if own and above:
            levels[pk] = min(above, own)
    return Standing(principals, levels, frozenset(managed), sources=sources)


def _active_roots(**kwargs: str) -> QuerySet[PolicyRoot]:
    return PolicyRoot.objects.filter(
        owner__status=Organisation.Status.ACTIVE, **kwargs
    ).order_by()


def grants_of(principals: Principals) -> tuple[QuerySet[Any], QuerySet[Any]]:
    """Give the grants that count for a person today: to groups, and to the person."""
    return (
        GroupGrant.objects.in_force()
        .with_level()
        .filter(group_id__in=principals.group_ids),
        UserGrant.objects.in_force()
        .with_level()
        .of_person(principals.user_id, principals.organisation_ids),
    )


def _project_levels(
    principals: Principals,
) -> tuple[dict[int, int], dict[int, frozenset[str]]]:
    """Collect every way into a project, in one query; the highest level counts."""
    roles = Membership.Role
    projects = _active_roots(kind=PolicyRoot.Kind.PROJECT)

    def rows(
        queryset: QuerySet[PolicyRoot], level: Level, why: str
    ) -> QuerySet[Any, Any]:
        return queryset.values_list(
            "pk", Value(int(level), output_field=IntegerField()), Value(why)
        )

    reach = PolicyRoot.Reach
    parts: list[QuerySet[Any, Any]] = [
        rows(projects.filter(reach=reach.NETWORK), Level.VIEW, "network"),
        rows(
            projects.filter(
                reach=reach.ORGANISATION, owner_id__in=principals.organisation_ids
            ),
            Level.VIEW,
            "organisation",
        ),
        rows(
            projects.filter(owner_id__in=principals.ids_with_role(roles.MANAGER)),
            Level.VIEW,
            "manager",
        ),
        rows(
            projects.filter(owner_id__in=principals.ids_with_role(roles.ADMIN)),
            Level.MANAGE,
            "admin",
        ),
    ]
    active = Q(
        content_object__kind=PolicyRoot.Kind.PROJECT,
        content_object__owner__status=Organisation.Status.ACTIVE,
    )
    to_groups, to_user = grants_of(principals)
    parts += [
        grants.filter(active)
        .order_by()
        .values_list("content_object_id", "level", Value(why))
        for grants, why in ((to_groups, "grant"), (to_user, "own grant"))
    ]
    levels: dict[int, int] = {}
    sources: dict[int, set[str]] = {}
    for pk, level, why in parts[0].union(*parts[1:], all=True):
        levels[pk] = max(level, levels.get(pk, 0))
        sources.setdefault(pk, set()).add(why)
    return levels, {pk: frozenset(why) for pk, why in sources.items()}


def _restriction_entries(
    principals: Principals, projects: Mapping[int, int]
) -> list[tuple[int, int, int]]:
    """List (root, parent, own level or 0) of restrictions, topmost first, in one query.

    Lists those that name the person or a group of the person's, and all in projects
    that the person manages.
    """
    to_groups, to_user = grants_of(principals)
    restriction = Q(content_object__kind=PolicyRoot.Kind.RESTRICTION)
    named = [
        grants.filter(restriction)
        .order_by()
        .values_list(
            "content_object_id",
            "content_object__parent_id",
            "content_object__page__path",
            "level",
        )
        for grants in (to_groups, to_user)
    ]
    managed = [pk for pk, level in projects.items() if level == Level.MANAGE]
    unnamed = (
        PolicyRoot.objects.filter(project_id__in=managed)
        .order_by()
        .values_list(
            "pk", "parent_id", "page__path", Value(0, output_field=IntegerField())
        )
    )
    best: dict[int, tuple[str, int, int]] = {}
    for pk, parent, path, level in named[0].union(named[1], unnamed, all=True):
        _path, _parent, known = best.get(pk, (path, parent, 0))
        best[pk] = (path, parent, max(level, known))
    ordered = sorted(
        (path, pk, parent, own) for pk, (path, parent, own) in best.items()
    )
    return [(pk, parent, own) for _path, pk, parent, own in ordered]


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
    if level < needed:
        text = _("You have the level %(level)s here; this needs %(needed)s.")
        return Decision(False, text % {"level": name, "needed": needed.label})
    if own.superuser:
        return Decision(True, _("Operators see everything; each view is recorded."))
    return Decision(True, _("You have the level %(level)s here.") % {"level": name})


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
