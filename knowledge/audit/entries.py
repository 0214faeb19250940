"""The log in words: who did what, when, to what, as far as this reader may know."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.acts import ACTS
from accounts.models import AuditEvent, Membership, Organisation, Team, User
from accounts.rights import may_see_people
from knowledge.access.levels import Level
from knowledge.access.models import PolicyRoot
from knowledge.access.reasons import day
from knowledge.access.signatures import Signature, sign
from knowledge.audit.kinds import FILE_ACTS, MOVES, PAGE_ACTS, PERSON_ACTS
from knowledge.audit.names import Names, collect
from knowledge.audit.selectors import Reader


@dataclass(frozen=True)
class Entry:
    """One line of the log."""

    at: datetime.datetime
    act: str
    by: Signature
    # Who did it where `by` names nobody.
    by_words: str
    about: str
    # The address of the page that it is about, if the reader may open it.
    address: str
    # Whose it is, when it is not the organisation's own and may be known.
    owner: Organisation | None
    details: tuple[str, ...]


def entries(reader: Reader, events: Iterable[AuditEvent]) -> list[Entry]:
    """Put events that were found for this reader into words, in constant queries."""
    events = list(events)
    names = collect(reader, events)
    return [_Line(event, names).entry() for event in events]


class _Line:
    """One event, read by one person."""

    def __init__(self, event: AuditEvent, names: Names) -> None:
        self.event, self.names, self.reader = event, names, names.reader
        self.is_own = event.organisation_id == self.reader.organisation.pk
        self.page_id: int | None = getattr(event, "page_ref", None)
        self.page = names.pages.get(self.page_id or 0)
        self.details = event.details
        self.manages = names.manages(self.page_id)

    def entry(self) -> Entry:
        """Write the line."""
        by = self._by()
        owner = self.event.organisation
        known = owner is not None and owner.pk in self.reader.known
        return Entry(
            at=self.event.at,
            act=str(ACTS[self.event.action]),
            by=by,
            by_words="" if by.person or by.organisation else self._nobody(),
            about=self._about(),
            address=self.page.address if self.page else "",
            owner=owner if known and not self.is_own else None,
            details=tuple(text for text in self._details() if text),
        )

    def _by(self) -> Signature:
        """Name who did it: in the own half always, elsewhere as far as it may be known."""
        actor, side = self.event.actor, self._side()
        if actor and side is None and not self.is_own:
            return Signature()
        return sign(
            self.reader.user,
            person=actor,
            organisation=side or (None if self.is_own else self.event.organisation),
            owner_id=self.event.organisation_id or 0,
            known=self.reader.known,
        )

    def _side(self) -> Organisation | None:
        """Tell for which side somebody acted, as far as that can still be told."""
        event, actor = self.event, self.event.actor
        if actor is None:
            return None
        if not self.is_own and self._is_by_us():
            return event.other_organisation
        sides = (event.organisation, event.other_organisation)
        for side in sides if self.is_own else reversed(sides):
            if side and self.names.belongs_to(actor, side.pk):
                return side
        return None

    def _is_by_us(self) -> bool:
        """Say whether the other side of the event is only there because it acted."""
        named = self.event.action in (*FILE_ACTS, *MOVES)
        given = "subject" in self.details and self.details.get("outside", True)
        return not (named or given)

    def _nobody(self) -> str:
        if self.event.action == "session.refused":
            return _("Somebody who is not signed in")
        if self.event.actor_id is None:
            return pgettext("audit", "The installation")
        return _("Somebody you do not know")

    # --- What it is about ------------------------------------------------------------

    def _about(self) -> str:
        action = self.event.action
        if action in FILE_ACTS:
            return self._file_name()
        if action in PAGE_ACTS:
            return self._title()
        if action in PERSON_ACTS:
            return self._target_person()
        if action.startswith("team."):
            return self._team(self.event.target)
        if action.startswith("invitation."):
            return self._invited()
        if action.startswith("organisation.") and self.event.organisation:
            return self.event.organisation.name
        return ""

    def _title(self) -> str:
        if self.page is None:
            return _("A project you cannot see")
        # The title of a page that was never published is for its editors.
        if not (self.page.live or self.page.address):
            return _("Unpublished page")
        return self.page.title

    def _file_name(self) -> str:
        """Give the name of a file: the one of that day is for editors of its page."""
        then = str(self.details.get("name", ""))
        if then and self.names.edits(self.page_id):
            return then
        file = self.names.files.get(self.event.target)
        return file.name if file else ""

    def _target_person(self) -> str:
        found = self.names.people.get(self.event.target)
        return found.name if found else _("An unknown address")

    def _team(self, public_id: str) -> str:
        found = self.names.teams.get(public_id)
        return found.name if found else ""

    def _invited(self) -> str:
        """Give the invited address to who may list the invitations, and to who sent it."""
        user, organisation = self.reader.user, self.event.organisation
        leads = organisation is not None and may_see_people(user, organisation)
        if leads or self.event.actor_id == user.pk:
            return self.names.addresses.get(self.event.target, "")
        return ""

    # --- In detail -------------------------------------------------------------------

    def _details(self) -> list[str]:
        action, details = self.event.action, self.details
        found = [self._for_whom(), self._level(), self._role(), self._until()]
        if action == "reach.change":
            found.append(self._change(PolicyRoot.Reach))
        if action == "restriction.lift" and self.manages:
            found.append(", ".join(self._named()))
        if action == "page.move":
            found += [self._place(_("from “%(title)s”"), "was")]
            found += [self._place(_("to “%(title)s”"), "now")]
        if action in FILE_ACTS and self.page:
            found.append(_("on “%(title)s”") % {"title": self.page.title})
        if action == "file.rename" and self.names.edits(self.page_id):
            found.append(_("before: %(name)s") % {"name": details.get("was", "")})
        if self.manages and details.get("reason"):
            found.append(str(details["reason"]))
        return [*found, *self._counts(), *self._taken_away(), *self._states()]

    def _for_whom(self) -> str:
        details = self.details
        if person := self.names.people.get(str(details.get("person", ""))):
            return person.name
        if "subject" not in details:
            return ""
        return _("for %(subject)s") % {"subject": self._subject(details["subject"])}

    def _subject(self, public_id: str) -> str:
        """Name who was given something: to who manages it, and to the subject's own side."""
        names, event = self.names, self.event
        found: User | Team | Organisation | None = (
            names.people.get(public_id)
            or names.teams.get(public_id)
            or names.organisations.get(public_id)
        )
        given_to_us = not self.is_own and self.details.get("outside", True)
        if found and (self.manages or given_to_us or found == self.reader.user):
            return found.name
        side = event.other_organisation if self.details.get("outside") else None
        side = side or event.organisation
        if side and side.pk in self.reader.known:
            return _("somebody of %(organisation)s") % {"organisation": side.name}
        return _("somebody of another organisation")

    def _named(self) -> list[str]:
        return [self._subject(str(key)[2:]) for key in self.details.get("named", ())]

    def _level(self) -> str:
        name = str(self.details.get("level", "")).upper()
        return str(Level[name].label) if name in Level.__members__ else ""

    def _role(self) -> str:
        role = self.details.get("role", "")
        known = role in Membership.Role.values
        return str(Membership.Role(role).label) if known else ""

    def _until(self) -> str:
        until = self.details.get("ends_on")
        if not until:
            return ""
        words = {"day": day(datetime.date.fromisoformat(until))}
        return _("until %(day)s") % words

    def _change(self, choices: type[PolicyRoot.Reach]) -> str:
        was, now = self.details.get("was"), self.details.get("now")
        words = {"was": choices(was).label, "now": choices(now).label}
        return _("from “%(was)s” to “%(now)s”") % words

    def _place(self, words: str, key: str) -> str:
        page = self.names.pages.get(self.details.get(key) or 0)
        return words % {"title": page.title} if page and page.address else ""

    def _counts(self) -> list[str]:
        """Count pages for who manages them all: a count tells of hidden ones."""
        if not self.manages:
            return []
        found = []
        for key in ("pages", "new", "changed"):
            if count := self.details.get(key):
                text = ngettext("%(count)d page", "%(count)d pages", count)
                found.append(text % {"count": count})
        return found

    def _taken_away(self) -> list[str]:
        """Count the results that somebody took away as a table."""
        if (count := self.details.get("hits")) is None:
            return []
        text = ngettext("%(count)d result", "%(count)d results", count)
        return [text % {"count": count}]

    def _states(self) -> list[str]:
        """Put into words what became of a person, an organisation, a second step."""
        details = self.details
        yes_and_no = {
            "active": (_("can sign in"), _("suspended")),
            "operator": (_("is an operator"), _("is no operator any more")),
        }
        found = [
            yes if details[key] else no
            for key, (yes, no) in yes_and_no.items()
            if key in details
        ]
        if details.get("status") in Organisation.Status.values:
            found.append(str(Organisation.Status(details["status"]).label))
        if details.get("step") == "code":
            found.append(_("wrong code"))
        factors = {
            "totp": _("authenticator app"),
            "recovery_codes": _("recovery codes"),
        }
        for key, words in (
            ("added", _("added: %(what)s")),
            ("removed", _("removed: %(what)s")),
            ("reset", _("new: %(what)s")),
        ):
            if key in details:
                what = factors.get(details[key], _("second step"))
                found.append(words % {"what": what})
        return found
