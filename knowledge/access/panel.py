"""The sharing panel: what it shows to who manages a root, and what it was sent.

The whole state stands in the form: each row carries what it was and what it shall be.
So the panel works without JavaScript, and nothing holds before Save.
"""

import dataclasses
from collections.abc import Iterable
from functools import cached_property

from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import Page

from accounts.models import Membership, Organisation, User
from knowledge.access.changes import (
    Change,
    ChangeSet,
    StoredGrant,
    stored_grants,
    version_of,
)
from knowledge.access.forms import AddForm, ReachForm, RowForm
from knowledge.access.levels import Level
from knowledge.access.models import PageAccess, PolicyRoot
from knowledge.access.preview import Content, Difference, count_content, difference
from knowledge.access.reasons import day, knows_givers
from knowledge.access.rows import Group, Row
from knowledge.access.rule import standing
from knowledge.access.services import (
    apply_changes,
    may_change_reach,
    restrict_page,
)
from knowledge.access.subjects import (
    Subject,
    get_subjects,
    key_of,
    nameable_organisations,
    nameable_teams,
    organisation_of,
    people_through,
)

OFFERED_NAMES = 300
NAMED_IN_ROW = 5


class Panel:
    """The panel of one root in one request, perhaps with what was sent."""

    def __init__(
        self,
        *,
        user: User,
        page: Page,
        root: PolicyRoot,
        data: QueryDict | None = None,
        pending: ChangeSet | None = None,
    ) -> None:
        self.user, self.page, self.root, self.data = user, page, root, data
        self.stored = stored_grants(root)
        self.version = version_of(root, self.stored)
        self.pending = pending or ChangeSet()
        self.row_forms: dict[str, RowForm] = {}
        self.add_form = AddForm(user=user, root=root)
        self.is_valid = True
        if data is not None:
            self._read(data)

    # --- What was sent ---------------------------------------------------------------

    def _read(self, data: QueryDict) -> None:
        subjects: dict[str, Subject] = {row.key: row.subject for row in self.stored}
        missing = [key for key in data.getlist("row") if key not in subjects]
        subjects |= get_subjects(self.user, missing)
        rows = {
            key: RowForm(root=self.root, subject=subject, data=data)
            for key, subject in subjects.items()
            if f"{key}-level" in data
        }
        reach_form = self._reach_form(data)
        self.add_form = AddForm(user=self.user, root=self.root, data=data)
        valid = [
            form.is_valid() for form in (*rows.values(), reach_form, self.add_form)
        ]
        self.is_valid = all(valid)
        if not all(form.is_valid() for form in rows.values()):
            self.row_forms = rows
        changes = {
            key: change
            for key, form in rows.items()
            if form.is_valid() and (change := form.change())
        }
        added = self.add_form.change() if self.add_form.is_valid() else None
        if added is not None:
            changes[added.key] = added
            self.add_form = AddForm(user=self.user, root=self.root)
        reach = reach_form.change() if reach_form.is_valid() else None
        self.pending = ChangeSet(
            tuple(changes.values()), reach if self.may_choose_reach else None
        )

    def _reach_form(self, data: QueryDict | None = None) -> ReachForm:
        if not self.may_choose_reach:
            data = QueryDict(f"reach={self.root.reach}")
        now = self.pending.reach or self.root.reach
        return ReachForm(
            owner=self.root.owner, initial=now, was=self.root.reach, data=data
        )

    @property
    def is_stale(self) -> bool:
        """Say whether somebody else saved since this form was shown."""
        return self.data is not None and self.data.get("version") != self.version

    def save(self) -> int:
        """Do what is asked for. Raises what `apply_changes` and `restrict_page` raise."""
        if self.is_new:
            entries = {c.subject: int(c.level) for c in self.pending.changes if c.level}
            restrict_page(page=self.page, entries=entries, by=self.user)
            return len(entries)
        return apply_changes(
            root=self.root,
            changes=self.pending,
            by=self.user,
            expected_version=self.data.get("version", "") if self.data else "",
        )

    # --- What is shown ---------------------------------------------------------------

    @property
    def is_restriction(self) -> bool:
        """Say whether this narrows what is above."""
        return self.root.kind == PolicyRoot.Kind.RESTRICTION

    @property
    def is_new(self) -> bool:
        """Say whether the page is not restricted yet."""
        return self.root._state.adding

    @property
    def has_reach(self) -> bool:
        """Say whether there is a reach to choose."""
        return not self.is_restriction

    @property
    def may_choose_reach(self) -> bool:
        """Say whether this person may choose it."""
        return self.has_reach and may_change_reach(self.user, self.root)

    @cached_property
    def reach_form(self) -> ReachForm:
        """Give the choice of the reach, as it will be."""
        return self._reach_form()

    @cached_property
    def content(self) -> Content:
        """Count what hangs on the root, or will."""
        if not self.is_new:
            return count_content(PageAccess.objects.filter(root_id=self.root.pk))
        below = PageAccess.objects.filter(page__path__startswith=self.page.path)
        return count_content(below.filter(root_id=self.root.parent_id))

    @cached_property
    def difference(self) -> Difference:
        """Say what Save will do."""
        return difference(
            self.root, self.stored, self.pending, self.content, user=self.user
        )

    @cached_property
    def not_included(self) -> list[PolicyRoot]:
        """List the restricted pages below that the person knows: they keep their readers."""
        own = standing(self.user)
        inner = PolicyRoot.objects.filter(
            Q(pk__in=list(own.levels)) | Q(pk__in=list(own.managed), page__live=True),
            parent_id=self.root.pk,
            page__access__isnull=False,
        )
        return list(inner.select_related("page").order_by("page__title"))

    @cached_property
    def offered_names(self) -> list[str]:
        """List names to choose from, organisations before teams."""
        organisations = nameable_organisations(self.user)[:OFFERED_NAMES]
        teams = nameable_teams(self.user)[:OFFERED_NAMES]
        names = [found.name for found in organisations] + [
            found.name for found in teams
        ]
        return names[:OFFERED_NAMES]

    @cached_property
    def groups(self) -> list[Group]:
        """Arrange all rows by organisation, the owner's first."""
        pending = {change.key: change for change in self.pending.changes}
        stored = {given.key: given for given in self.stored}
        subjects = {key: given.subject for key, given in stored.items()}
        subjects |= {key: change.subject for key, change in pending.items()}
        subjects |= {key: form.subject for key, form in self.row_forms.items()}
        people = people_through(subjects.values())
        owner = self.root.owner
        groups = {
            owner.pk: Group(owner, True, [] if self.is_restriction else self._fixed())
        }
        for key, subject in subjects.items():
            organisation = organisation_of(subject, owner)
            pk = organisation.pk if organisation else 0
            group = groups.setdefault(pk, Group(organisation, False))
            group.rows.append(
                self._row(subject, people[key], stored.get(key), pending.get(key))
            )
        return [group for group in groups.values() if group.rows]

    @property
    def partner_groups(self) -> list[Group]:
        """List the groups of other organisations than the owner."""
        return [
            group for group in self.groups if group.organisation and not group.is_owner
        ]

    @property
    def is_open(self) -> bool:
        """Say whether the whole network will see this."""
        return (self.pending.reach or self.root.reach) == PolicyRoot.Reach.NETWORK

    @property
    def crosses(self) -> bool:
        """Say whether anybody across a company boundary takes part, or will."""
        return self.is_open or bool(self.partner_groups)

    def _row(
        self,
        subject: Subject,
        people: frozenset[int],
        stored: StoredGrant | None,
        pending: Change | None,
    ) -> Row:
        form = self.row_forms.get(key_of(subject)) or RowForm(
            root=self.root, subject=subject, stored=stored, pending=pending
        )
        return Row(
            title=_title(subject),
            why=_why(stored, pending, giver=self._giver(stored)),
            people=people,
            person=subject if isinstance(subject, User) else None,
            form=form,
            stored=stored,
            pending=pending,
        )

    def _giver(self, stored: StoredGrant | None) -> str:
        """Name who gave it, to those who may know that person."""
        if stored is None or stored.giver is None:
            return _("the installation")
        known = stored.giver_is_ours or stored.giver.pk == self.user.pk
        if known or knows_givers(self.user, self.root):
            return stored.giver.name
        return _("somebody you do not know")

    def _fixed(self) -> list[Row]:
        """List what follows from reach and roles: it can be seen here, not changed."""
        owner, reach = self.root.owner, PolicyRoot.Reach
        members = list(
            Membership.objects.in_force()
            .filter(organisation=owner)
            .order_by("user__name", "pk")
            .values_list("user_id", "user__name", "role")
        )
        everyone = frozenset(pk for pk, _name, _role in members)
        rows = []
        if (self.pending.reach or self.root.reach) != reach.RESTRICTED:
            title = _("Everyone at %(owner)s") % {"owner": owner}
            why = _("Reach: open inside the company")
            rows.append(Row(title, why, everyone, level=Level.VIEW))
        roles = Membership.Role
        for role, title, level in (
            (roles.ADMIN, _("Admins of %(owner)s"), Level.MANAGE),
            (roles.MANAGER, _("Managers of %(owner)s"), Level.VIEW),
        ):
            held = [(pk, name) for pk, name, has in members if has == role]
            if held:
                rows.append(_role_row(title % {"owner": owner}, held, level))
        return rows


def _role_row(title: str, held: list[tuple[int, str]], level: Level) -> Row:
    return Row(
        title=title,
        why=_("By their role at the owner"),
        people=frozenset(pk for pk, _name in held),
        level=level,
        note=_names(name for _pk, name in held),
    )


def _names(names: Iterable[str]) -> str:
    listed = list(names)
    shown = ", ".join(listed[:NAMED_IN_ROW])
    more = len(listed) - NAMED_IN_ROW
    if more <= 0:
        return shown
    return _("%(names)s and %(more)d more") % {"names": shown, "more": more}


def _title(subject: Subject) -> str:
    if isinstance(subject, Organisation):
        return _("Everyone at %(organisation)s") % {"organisation": subject}
    if isinstance(subject, User):
        return subject.name
    return _("Team %(team)s") % {"team": subject}


def _why(stored: StoredGrant | None, pending: Change | None, *, giver: str) -> str:
    """Say by whom a grant was given, when and why; and what it was before the change."""
    if stored is None:
        reason = pending.reason if pending else ""
        return ": ".join(
            part for part in (_("Your grant, not saved yet"), reason) if part
        )
    words = {
        "giver": giver,
        "day": day(timezone.localtime(stored.created).date()),
    }
    text = _("Grant by %(giver)s, %(day)s") % words
    if stored.reason:
        text = f"{text}: {stored.reason}"
    if not stored.in_force:
        text = _("%(text)s. Has ended") % {"text": text}
    if pending is not None and pending.level != stored.level:
        text = _("%(text)s. Was %(level)s") % {
            "text": text,
            "level": stored.level.label,
        }
    return text


def new_restriction(page: Page, above: PolicyRoot) -> PolicyRoot:
    """Give the restriction that a page would get, unsaved."""
    return PolicyRoot(
        page=page,
        kind=PolicyRoot.Kind.RESTRICTION,
        owner=above.owner,
        reach=PolicyRoot.Reach.RESTRICTED,
        parent=above,
        project=above.project or above,
    )


def after_conflict(panel: Panel) -> Panel:
    """Give the panel on the new state, with what was asked for still waiting."""
    stored = {given.key: given for given in panel.stored}
    waiting = tuple(
        change
        for change in panel.pending.changes
        if (change.key in stored or change.level is not None)
        and not _is_met(stored.get(change.key), change)
    )
    reach = panel.pending.reach if panel.pending.reach != panel.root.reach else None
    pending = dataclasses.replace(panel.pending, changes=waiting, reach=reach)
    return Panel(user=panel.user, page=panel.page, root=panel.root, pending=pending)


def _is_met(stored: StoredGrant | None, change: Change) -> bool:
    given = (stored.level, stored.ends_on) if stored else (None, None)
    return given == (change.level, change.ends_on)
