"""Writes of the access rule: grants, reach, restrictions. The only code that writes them."""

import datetime

from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from wagtail.models import Page

from accounts.audit import record
from accounts.models import Organisation, Team, User
from accounts.selectors import principals_of
from knowledge.access.changes import (
    Change,
    ChangeSet,
    StaleStateError,
    stored_grants,
    version_of,
)
from knowledge.access.levels import Level
from knowledge.access.locks import change_shape
from knowledge.access.models import (
    GroupGrant,
    PageAccess,
    PolicyRoot,
    Trash,
    UserGrant,
)
from knowledge.access.roots import policy_root_for, rebuild_subtree
from knowledge.access.rule import (
    decide_on_root,
    grants_of,
    may_manage_restriction,
    require,
    standing,
)
from knowledge.access.selectors import highest_level
from knowledge.access.signals import access_changed
from knowledge.access.subjects import Subject, organisation_of

Grant = GroupGrant | UserGrant


def _group_of(subject: Organisation | Team) -> Group:
    return subject.group


def _permission(level: int) -> Permission:
    return Permission.objects.get(
        content_type__app_label="access",
        content_type__model="policyroot",
        codename=Level(level).codename,
    )


def find_grant(root: PolicyRoot, subject: Subject) -> Grant | None:
    """Find the grant of a subject on a root, in force or not."""
    if isinstance(subject, User):
        return UserGrant.objects.filter(content_object=root, user=subject).first()
    group = _group_of(subject)
    return GroupGrant.objects.filter(content_object=root, group=group).first()


@transaction.atomic
def save_grant(
    *,
    root: PolicyRoot,
    subject: Subject,
    level: int,
    by: User | None,
    ends_on: datetime.date | None = None,
    reason: str = "",
) -> Grant:
    """Give a subject a level on a project or in a restriction, or change what it has.

    Raises ValidationError for another organisation without end date, an end in the
    past, or an unknown level.
    """
    root = PolicyRoot.objects.select_for_update().get(pk=root.pk)
    other = organisation_of(subject, root.owner)
    foreign = other != root.owner
    _check_grant(level=level, ends_on=ends_on, foreign=foreign)
    model = UserGrant if isinstance(subject, User) else GroupGrant
    key = (
        {"user": subject}
        if isinstance(subject, User)
        else {"group": _group_of(subject)}
    )
    grant, created = model.objects.update_or_create(
        content_object=root,
        **key,
        defaults={
            "permission": _permission(level),
            "giver": by,
            "reason": reason,
            "ends_on": ends_on,
        },
    )
    record(
        "grant.create" if created else "grant.change",
        by=by,
        organisation=root.owner_id,
        other=other if foreign else None,
        target=str(root.pk),
        outside=foreign and other is not None,
        subject=subject.public_id,
        level=Level(level).name.lower(),
        ends_on=ends_on.isoformat() if ends_on else None,
        reason=reason,
    )
    access_changed.send(PolicyRoot, root_id=root.pk)
    return grant


def _check_grant(*, level: int, ends_on: datetime.date | None, foreign: bool) -> None:
    if level not in Level.values:
        raise ValidationError({"level": _("Choose one of the levels.")})
    if foreign and ends_on is None:
        text = _("A grant to another organisation needs an end date.")
        raise ValidationError({"ends_on": text})
    if ends_on and ends_on < timezone.localdate():
        raise ValidationError({"ends_on": _("The end date lies in the past.")})


@transaction.atomic
def withdraw_grant(*, root: PolicyRoot, subject: Subject, by: User | None) -> bool:
    """Take a grant away; holds at the next request. Returns whether there was one."""
    root = PolicyRoot.objects.select_for_update().get(pk=root.pk)
    grant = find_grant(root, subject)
    if grant is None:
        return False
    grant.delete()
    _record_withdrawal(root, subject, by)
    access_changed.send(PolicyRoot, root_id=root.pk)
    return True


def _record_withdrawal(root: PolicyRoot, subject: Subject, by: User | None) -> None:
    other = organisation_of(subject, root.owner)
    record(
        "grant.withdraw",
        by=by,
        organisation=root.owner_id,
        other=other,
        target=str(root.pk),
        outside=other not in (None, root.owner),
        subject=subject.public_id,
    )


@transaction.atomic
def set_reach(*, root: PolicyRoot, reach: str, by: User | None) -> PolicyRoot:
    """Change who sees a project without a grant. Raises ValidationError."""
    root = PolicyRoot.objects.select_for_update().get(pk=root.pk)
    was, root.reach = root.reach, reach
    root.full_clean(exclude=["page"])
    root.save(update_fields=["reach"])
    record(
        "reach.change",
        by=by,
        organisation=root.owner_id,
        target=str(root.pk),
        was=was,
        now=reach,
    )
    access_changed.send(PolicyRoot, root_id=root.pk)
    return root


@transaction.atomic
def restrict_page(*, page: Page, entries: dict[Subject, int], by: User) -> PolicyRoot:
    """Narrow a page and everything below it to the named subjects.

    An end date is taken from the subject's grant on the project. Raises ValidationError
    without any entry or on a project, Http404 or PermissionDenied without *manage*.
    """
    change_shape(page)
    # Asked anew after the lock: the right may have gone while this waited.
    require(User.objects.get(pk=by.pk), "restrict", page)
    page = Page.objects.get(pk=page.pk)
    above = policy_root_for(page)
    if not entries or above is None:
        raise ValidationError(_("Name at least one organisation, team or person."))
    if above.page_id == page.pk:
        raise ValidationError(_("This page is a project or restricted already."))
    root = PolicyRoot(
        page=page,
        kind=PolicyRoot.Kind.RESTRICTION,
        owner=above.owner,
        reach=PolicyRoot.Reach.RESTRICTED,
        parent=above,
        project=above.project or above,
    )
    root.full_clean(exclude=["page"])
    root.save()
    rebuild_subtree(page)
    record("restriction.create", by=by, organisation=root.owner_id, target=str(root.pk))
    for subject, level in entries.items():
        save_restriction_entry(root=root, subject=subject, level=level, by=by)
    access_changed.send(PolicyRoot, root_id=root.pk, path=page.path)
    return root


def save_restriction_entry(
    *, root: PolicyRoot, subject: Subject, level: int, by: User
) -> Grant:
    """Name a subject in a restriction, until its grant on the project ends."""
    project = root.project or root
    given = find_grant(project, subject)
    # One whose last day has passed gives nothing, and no day to end on either.
    ends_on = given.ends_on if given and not given.has_ended else None
    if ends_on is None and organisation_of(subject, root.owner) != root.owner:
        last_days = _project_end_dates(project, subject)
        if not last_days:
            text = _("Share the project with %(subject)s first.")
            raise ValidationError(text % {"subject": subject})
        ends_on = max(last_days)
    return save_grant(root=root, subject=subject, level=level, by=by, ends_on=ends_on)


def _project_end_dates(project: PolicyRoot, subject: Subject) -> list[datetime.date]:
    """List the last days of the grants by which a foreign subject reaches a project."""
    if isinstance(subject, User):
        groups = list(principals_of(subject).group_ids)
    elif isinstance(subject, Team):
        groups = [subject.organisation.group_id]
    else:
        teams = subject.teams.values_list("group_id", flat=True)
        groups = list(teams)
    grants = GroupGrant.objects.in_force().filter(
        content_object=project, group_id__in=groups
    )
    return [day for day in grants.values_list("ends_on", flat=True) if day]


@transaction.atomic
def lift_restriction(*, root: PolicyRoot, by: User) -> int:
    """Open a restricted page to all who see what is above. Returns the pages opened.

    Raises PermissionDenied, or ValidationError when there is no restriction any more.
    """
    if root.kind != PolicyRoot.Kind.RESTRICTION:
        raise ValidationError(_("Only a restriction can be lifted."))
    change_shape(root.page)
    found = PolicyRoot.objects.select_for_update(of=("self",)).filter(pk=root.pk)
    locked = found.select_related("page", "parent").first()
    if locked is None:
        raise ValidationError(_("Somebody has lifted this restriction already."))
    if not may_share(User.objects.get(pk=by.pk), locked):
        raise PermissionDenied(_("You cannot change who sees this."))
    root, page = locked, locked.page
    opened = PageAccess.objects.filter(root=root).count()
    named = stored_grants(root)
    PolicyRoot.objects.filter(parent=root).update(parent=root.parent)
    record(
        "restriction.lift",
        by=by,
        organisation=root.owner_id,
        target=str(root.pk),
        pages=opened,
        named=[given.key for given in named],
    )
    for given in named:
        # The other organisations read what ended for them, and nothing of the rest.
        if given.organisation not in (None, root.owner):
            _record_withdrawal(root, given.subject, by)
    # The access rows go with the root and are written anew; the trash has none.
    Trash.objects.filter(root=root).update(root=root.parent)
    root.delete()
    rebuild_subtree(page)
    access_changed.send(PolicyRoot, root_id=page.pk, path=page.path)
    return opened


def may_share(user: User, root: PolicyRoot) -> bool:
    """Say whether a person may change who sees what hangs on a root."""
    if root.kind == PolicyRoot.Kind.RESTRICTION:
        return may_manage_restriction(user, root)
    return bool(decide_on_root(user, "share", root.pk))


@transaction.atomic
def apply_changes(
    *, root: PolicyRoot, changes: ChangeSet, by: User, expected_version: str
) -> int:
    """Make all changes that wait for Save, or none. Returns how many.

    Raises StaleStateError when the grants are not what `expected_version` says,
    PermissionDenied without *manage* at this very moment, ValidationError for a change
    that cannot be.
    """
    root = PolicyRoot.objects.select_for_update().get(pk=root.pk)
    # Asked anew after the lock: the right may have gone while this waited.
    asked = User.objects.get(pk=by.pk)
    if not may_share(asked, root):
        raise PermissionDenied(_("You cannot change who sees this."))
    if version_of(root, stored_grants(root)) != expected_version:
        raise StaleStateError
    last_day = last_day_to_give(asked, root)
    if changes.reach is not None:
        if not may_change_reach(asked, root):
            raise PermissionDenied(_("The reach is for the owner to choose."))
        set_reach(root=root, reach=changes.reach, by=by)
    for change in changes.changes:
        if change.level is not None and last_day:
            _check_last_day(change, last_day)
        _apply(root, change, by)
    return len(changes)


def may_change_reach(user: User, root: PolicyRoot) -> bool:
    """Say whether a person who manages a project may open or close it as a whole.

    That is for people of its owner: a guest who manages shares name by name.
    """
    own = standing(user)
    return own.superuser or root.owner_id in own.principals.organisation_ids


def last_day_to_give(user: User, root: PolicyRoot) -> datetime.date | None:
    """Give the last day of what a person may give on a root; None = no bound.

    Who belongs to the owner is not bound. Others cannot outlive their own grant, or
    nobody would have to prolong it.
    """
    if may_change_reach(user, root):
        return None
    managing = {"content_object": root.project or root, "level": Level.MANAGE}
    days = [
        day
        for grants in grants_of(standing(user).principals)
        for day in grants.filter(**managing).values_list("ends_on", flat=True)
        if day
    ]
    return max(days, default=timezone.localdate())


def _check_last_day(change: Change, last_day: datetime.date) -> None:
    if change.ends_on is None or change.ends_on > last_day:
        text = _("Your own access ends on %(day)s: give nothing beyond that day.")
        words = {"day": date_format(last_day, "j F Y")}
        raise ValidationError(text % words)


def _apply(root: PolicyRoot, change: Change, by: User) -> None:
    if change.level is None:
        withdraw_grant(root=root, subject=change.subject, by=by)
    elif root.parent is not None:
        check_entry(root.parent, change.subject, change.level)
        save_restriction_entry(
            root=root, subject=change.subject, level=change.level, by=by
        )
    else:
        save_grant(
            root=root,
            subject=change.subject,
            level=change.level,
            by=by,
            ends_on=change.ends_on,
            reason=change.reason,
        )


def check_entry(above: PolicyRoot, subject: Subject, level: int) -> None:
    """Refuse an entry in a restriction that gives more than there is above it.

    Raises ValidationError.
    """
    if isinstance(subject, User):
        person = User.objects.get(pk=subject.pk)
        highest = standing(person).levels.get(above.pk, 0)
    else:
        organisation = (
            subject if isinstance(subject, Organisation) else subject.organisation
        )
        highest = highest_level(above, organisation)
    words = {"subject": str(subject)}
    if not highest:
        raise ValidationError(_("%(subject)s does not see what is above.") % words)
    if level > highest:
        words["level"] = str(Level(highest).label)
        text = _("%(subject)s has at most the level %(level)s above.")
        raise ValidationError(text % words)
