"""Policy roots, grants and the side table that says which page hangs on which root."""

from collections.abc import Collection
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase
from wagtail.models import Page

from accounts.models import Membership, Organisation, active_on
from knowledge.access.levels import Level


class PolicyRoot(models.Model):
    """A page on which access is decided: a project, or a restricted page.

    Owner and reach stand here and not on the page, because publishing an old revision
    of a page restores old columns. A restriction only narrows: `parent` is the root
    that it narrows, `project` the project both belong to, `reach` is *restricted*.
    """

    class Kind(models.TextChoices):
        PROJECT = "project", _("Project")
        RESTRICTION = "restriction", _("Restriction")

    class Reach(models.TextChoices):
        NETWORK = "network", _("Everyone in the network")
        ORGANISATION = "organisation", _("Everyone in the owning organisation")
        RESTRICTED = "restricted", _("Only who is named")

    page = models.OneToOneField(
        Page, on_delete=models.CASCADE, primary_key=True, related_name="policy_root"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    owner = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="policy_roots"
    )
    reach = models.CharField(
        _("reach"), max_length=12, choices=Reach, default=Reach.ORGANISATION
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="restrictions",
    )
    project = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="all_restrictions",
    )
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("policy root")
        verbose_name_plural = _("policy roots")
        default_permissions = ()
        permissions = tuple(
            (level.codename, f"{level.name.capitalize()} what hangs on a root")
            for level in Level
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind="project", parent=None, project=None)
                | models.Q(
                    kind="restriction",
                    parent__isnull=False,
                    project__isnull=False,
                    reach="restricted",
                ),
                name="policy_root_restriction_narrows",
                violation_error_message=_(
                    "A restriction only narrows a root above it."
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.page_id}"


class PageAccess(models.Model):
    """Which root decides about a page, and the page's public id.

    A page without a row is invisible to everyone: new, trashed or foreign to us.
    """

    page = models.OneToOneField(
        Page, on_delete=models.CASCADE, primary_key=True, related_name="access"
    )
    root = models.ForeignKey(PolicyRoot, on_delete=models.CASCADE, related_name="pages")
    public_id = models.CharField(max_length=8, unique=True)

    class Meta:
        verbose_name = _("page access")
        verbose_name_plural = _("page access")
        indexes = (models.Index(fields=("root", "page"), name="page_access_root"),)

    def __str__(self) -> str:
        return f"{self.page_id} → {self.root_id}"


def _is_of_owner(column: str) -> models.Exists:
    """Say whether the person in a column of grants belongs to the owner today."""
    return models.Exists(
        Membership.objects.in_force().filter(
            user_id=models.OuterRef(column),
            organisation_id=models.OuterRef("content_object__owner_id"),
        )
    )


class GrantQuerySet(models.QuerySet[Any]):
    """Grants in force."""

    def of_person(
        self, user_id: int | None, organisation_ids: Collection[int]
    ) -> "GrantQuerySet":
        """Keep a person's own grants that count for the organisations of today.

        One without end counts only while the person belongs to the owner: who leaves
        and comes back as somebody's guest has what was given to the guest.
        """
        kept: GrantQuerySet = self.filter(
            models.Q(ends_on__isnull=False)
            | models.Q(content_object__owner_id__in=organisation_ids),
            user_id=user_id,
        )
        return kept

    def that_count(self) -> "GrantQuerySet":
        """Keep the grants of people that count today, as `of_person` does for one."""
        kept: GrantQuerySet = self.filter(
            models.Q(ends_on__isnull=False) | _is_of_owner("user_id")
        )
        return kept

    def with_giver(self) -> "GrantQuerySet":
        """Annotate `giver_is_ours`: whether who gave belongs to the owner today."""
        annotated: GrantQuerySet = self.select_related("giver").annotate(
            giver_is_ours=_is_of_owner("giver_id")
        )
        return annotated

    def in_force(self) -> "GrantQuerySet":
        """Keep those whose last day has not passed."""
        kept: GrantQuerySet = self.filter(active_on(timezone.localdate()))
        return kept

    def with_level(self) -> "GrantQuerySet":
        """Annotate `level` (1 to 4) from guardian's permission."""
        annotated: GrantQuerySet = self.annotate(
            level=models.Case(
                *(
                    models.When(permission__codename=level.codename, then=level.value)
                    for level in Level
                ),
                output_field=models.PositiveSmallIntegerField(),
            )
        )
        return annotated


class GrantBase(models.Model):
    """What a guardian row says here beyond guardian: by whom, why, until when."""

    giver = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("given by"),
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True

    @property
    def has_ended(self) -> bool:
        """Say whether the last day has passed."""
        return self.ends_on is not None and self.ends_on < timezone.localdate()


class GroupGrant(GrantBase, GroupObjectPermissionBase):
    """A level for an organisation or a team: one row of guardian's.

    A trigger in the database demands an end when the group is of another organisation
    than the owner's.
    """

    content_object = models.ForeignKey(
        PolicyRoot, on_delete=models.CASCADE, related_name="group_grants"
    )

    # Instead of guardian's manager, whose shortcuts know no end dates.
    objects: ClassVar[Any] = GrantQuerySet.as_manager()  # type: ignore[assignment]

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False
        verbose_name = _("grant to a group")
        verbose_name_plural = _("grants to groups")
        constraints = (
            models.UniqueConstraint(
                fields=("group", "content_object"), name="group_grant_once"
            ),
        )

    def __str__(self) -> str:
        return f"group {self.group_id} on {self.content_object_id}"


class UserGrant(GrantBase, UserObjectPermissionBase):
    """A level for one person: one row of guardian's."""

    content_object = models.ForeignKey(
        PolicyRoot, on_delete=models.CASCADE, related_name="user_grants"
    )

    # Instead of guardian's manager, whose shortcuts know no end dates.
    objects: ClassVar[Any] = GrantQuerySet.as_manager()  # type: ignore[assignment]

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        verbose_name = _("grant to a person")
        verbose_name_plural = _("grants to people")
        constraints = (
            models.UniqueConstraint(
                fields=("user", "content_object"), name="user_grant_once"
            ),
        )

    def __str__(self) -> str:
        return f"user {self.user_id} on {self.content_object_id}"


class Trash(models.Model):
    """The top of a subtree that was deleted. Its pages have no access row meanwhile."""

    page = models.OneToOneField(
        Page, on_delete=models.CASCADE, primary_key=True, related_name="trash"
    )
    # Not CASCADE: what is in the trash must not come back because a root goes.
    root = models.ForeignKey(
        PolicyRoot, on_delete=models.RESTRICT, related_name="trashed"
    )
    page_count = models.PositiveIntegerField(default=1)
    trashed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # For whom that person acted.
    organisation = models.ForeignKey(
        "accounts.Organisation",
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )
    trashed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-trashed_at", "pk")
        verbose_name = _("page in the trash")
        verbose_name_plural = _("pages in the trash")

    def __str__(self) -> str:
        return f"trash {self.page_id}"

    @property
    def is_project(self) -> bool:
        """Say whether a whole project was deleted, not a page of one."""
        own_root = self.root_id == self.page_id
        return own_root and self.root.kind == PolicyRoot.Kind.PROJECT
