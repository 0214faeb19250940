"""Wagtail's permission policy and page tester, answered by the access rule.

Wagtail asks the policy what to list and the tester which buttons to show. Both know
one permission here: *change*, which means the level *edit*.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from wagtail.models import Page
from wagtail.models.pages import PagePermissionTester
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.permissions import register_permission_policy

from accounts.models import User
from knowledge.access.rule import decide, visible_with
from knowledge.pages.models import HomePage, OrganisationPage

EDITING = frozenset({"change", "publish"})


class WikiPagePermissionPolicy(PagePermissionPolicy):
    """List for a host author what the rule lets the author edit, and the way there."""

    def user_has_any_permission(self, user: User, actions: Iterable[str]) -> bool:
        """Say whether there is anything at all to edit."""
        return bool(EDITING & set(actions)) and self._editable(user).exists()

    def user_has_any_permission_for_instance(
        self, user: User, actions: Iterable[str], instance: Page
    ) -> bool:
        """Ask the rule about one page."""
        return bool(EDITING & set(actions)) and bool(decide(user, "edit", instance))

    def instances_user_has_any_permission_for(
        self, user: User, actions: Iterable[str]
    ) -> QuerySet[Page]:
        """List the pages on which the person may do one of the actions."""
        return self._editable(user) if EDITING & set(actions) else Page.objects.none()

    def instances_with_direct_explore_permission(self, user: User) -> list[Page]:
        """Give the tops of what can be explored: the home page alone."""
        return [page for page in [self.explorable_root_instance(user)] if page]

    def explorable_root_instance(self, user: User) -> Page | None:
        """Start the explorer at home for whoever may edit something."""
        return (
            Page.objects.type(HomePage).first()
            if self._editable(user).exists()
            else None
        )

    def explorable_instances(self, user: User) -> QuerySet[Page]:
        """List what can be edited, and home and the organisations on the way to it."""
        editable = self._editable(user)
        paths = {
            path[: 3 * Page.steplen] for path in editable.values_list("path", flat=True)
        }
        way = Page.objects.type((HomePage, OrganisationPage)).filter(
            Q(depth=2) | Q(path__in=paths)
        )
        return Page.objects.filter(
            Q(pk__in=editable.values("pk")) | Q(pk__in=way.values("pk"))
        )

    def users_with_any_permission(
        self, actions: Iterable[str], include_superusers: bool = True
    ) -> QuerySet[User]:
        """List nobody: no mail of Wagtail's goes to people by page permission."""
        return User.objects.none()

    def users_with_any_permission_for_instance(
        self, actions: Iterable[str], instance: Page, include_superusers: bool = True
    ) -> QuerySet[User]:
        """List nobody, as above."""
        return User.objects.none()

    def get_all_permissions_for_user(self, user: User) -> list[Any]:
        """Give none: permissions are not rows here."""
        return []

    def _editable(self, user: User) -> QuerySet[Page]:
        if not user.is_active or user.is_anonymous:
            return Page.objects.none()
        return visible_with(user, Page.objects.all(), "edit")


class WikiPagePermissionTester(PagePermissionTester):
    """Offer editing, which leads to the editor on the page itself, and nothing else."""

    def __init__(self, user: User, page: Page) -> None:
        super().__init__(user, page)
        self._may_edit = bool(decide(user, "edit", page))

    def can_edit(self) -> bool:
        """Ask the rule."""
        return self._may_edit

    def can_publish(self) -> bool:
        """Ask the rule."""
        return self._may_edit

    def _refused(self, *args: Any, **kwargs: Any) -> bool:
        return False

    can_add_subpage = can_delete = can_unpublish = can_publish_subpage = _refused
    can_move = can_move_to = can_copy = can_copy_to = can_reorder_children = _refused
    can_set_view_restrictions = can_lock = can_unlock = can_unschedule = _refused
    can_submit_for_moderation = can_view_revisions = _refused


def register() -> None:
    """Register the policy with Wagtail, before Wagtail's own is used."""
    register_permission_policy(Page, WikiPagePermissionPolicy())
