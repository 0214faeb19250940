"""One installation twice: in the database, and as the sets of the reference model.

`acts.py` says what people do in it, `probes.py` what they are shown. The right answers
come from the model alone.
"""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from unittest import mock

import time_machine
from django.utils import timezone
from wagtail.models import Page

from accounts.invitations import invite
from accounts.models import Membership, Organisation, Team, User
from accounts.services import (
    add_to_team,
    create_team,
    end_membership,
    remove_from_team,
    save_membership,
    set_membership_suspended,
    set_organisation_status,
    set_person_active,
)
from knowledge.access.changes import stored_grants
from knowledge.access.models import PolicyRoot
from search.engines import registry
from search.indexing import rebuild
from tests.factories import make_organisation, make_person
from tests.oracle import model
from tests.oracle.model import Reference, Subject
from tests.oracle.words import CONSONANTS, spell
from tests.support.indices import bring_up_to_date, drop_indices

START = datetime.datetime(2027, 3, 1, 9, tzinfo=datetime.UTC)
ORGANISATIONS = ("host", "beta", "gamma", "delta")
# Everybody who acts and is asked; who belongs where changes in a history.
PEOPLE: dict[str, dict[str, str]] = {
    "host_admin": {"host": "admin"},
    "host_manager": {"host": "manager"},
    "host_author": {"host": "member"},
    "host_member": {"host": "member"},
    "beta_admin": {"beta": "admin"},
    "beta_author": {"beta": "member"},
    "beta_member": {"beta": "member"},
    "gamma_manager": {"gamma": "manager"},
    "gamma_member": {"gamma": "member"},
    "both": {"beta": "member", "gamma": "member"},
    "delta_member": {"delta": "member"},
    "floating": {},
    "operator": {},
}
VIEWERS = ("anonymous", *PEOPLE)
CANARY = re.compile(f"zq[{CONSONANTS}]+xk")
DAY = datetime.timedelta(days=1)
MINUTE = datetime.timedelta(minutes=1)


def nothing_differs(_place: str) -> str:
    """Write the same words everywhere: the variant of a world that stands alone."""
    return ""


@dataclass
class Version:
    """One revision of a page: its texts, and the id of its address."""

    title: str
    body: str
    note: str
    key: str

    @property
    def words(self) -> set[str]:
        """Give every canary in it."""
        return set(CANARY.findall(f"{self.title} {self.body} {self.note}"))


@dataclass
class StoredFile:
    """A file of a page, with what was put into it last."""

    page: str
    public_id: str
    pk: int
    name: str
    content: str


class _Drawn:
    """Stands in for `secrets` where public ids are drawn: the same ids in both worlds."""

    def __init__(self) -> None:
        self.random = Random(0)  # noqa: S311

    def choice(self, letters: str) -> str:
        return self.random.choice(letters)


@dataclass
class World:
    """People, pages and files by name. `variant` says what is written differently where.

    Use as a context manager: it holds the clock and the source of public ids.
    """

    variant: Callable[[str], str] = nothing_differs
    # What links say literally, by step: given to the twin of a world.
    literals: dict[int, str] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)
    organisations: dict[str, int] = field(default_factory=dict)
    teams: dict[str, int] = field(default_factory=dict)
    pages: dict[str, int] = field(default_factory=dict)
    versions: dict[str, list[Version]] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    log: list[tuple[str, tuple[object, ...]]] = field(default_factory=list)
    step: str = "base"
    worker: bool = True

    def __post_init__(self) -> None:
        self.model = Reference(timezone.localdate(START))
        self._ids, self._count = _Drawn(), 0
        self._clock = time_machine.travel(START, tick=False)
        self._secrets = mock.patch("accounts.public_ids.secrets", self._ids)

    def __enter__(self) -> "World":
        self._time = self._clock.start()
        self._secrets.start()
        self._people()
        return self

    def __exit__(self, *_error: object) -> None:
        drop_indices()
        self._secrets.stop()
        self._clock.stop()

    # --- Steps ------------------------------------------------------------------------

    def begin(self, step: str, *, minutes: int = 1) -> None:
        """Begin a step: ids and words depend on its name alone, not on what came before."""
        self.step, self._count = step, 0
        self.draw_from(step)
        self._time.shift(minutes * MINUTE)

    def draw_from(self, seed: str) -> None:
        """Draw the next public ids from a seed."""
        self._ids.random.seed(seed)

    def settle(self) -> None:
        """End a step: a running worker brings the indexes up to date."""
        if self.worker:
            bring_up_to_date()

    def word(self, place: str, what: str) -> str:
        """Make a canary for something at a place; remember what it is."""
        self._count += 1
        variant = self.variant(place)
        word = spell(f"{self.step} {self._count} {variant}", 12 if variant else 9)
        self.words[word] = f"{what} of {place} ({self.step})"
        return word

    # --- What there is ------------------------------------------------------------------

    def person(self, name: str) -> User:
        """Read somebody anew, as each request does."""
        return User.objects.get(pk=self.users[name])

    def organisation(self, name: str) -> Organisation:
        """Read an organisation anew."""
        return Organisation.objects.get(pk=self.organisations[name])

    def page(self, name: str) -> Page:
        """Read a page anew, of its own kind."""
        return Page.objects.get(pk=self.pages[name]).specific

    def root(self, name: str) -> PolicyRoot:
        """Read a root anew."""
        return PolicyRoot.objects.get(pk=self.pages[name])

    def subject(self, subject: Subject) -> Organisation | Team | User:
        """Read anew what something can be given to."""
        kind, name = subject
        if kind == "team":
            return Team.objects.get(pk=self.teams[name])
        return self.person(name) if kind == "person" else self.organisation(name)

    def read_grants(self, name: str) -> None:
        """Take over who has what on a root, and until when, from the database.

        Whether that may be given is asked before; what it gives is the model's to say.
        """
        names = {
            **{("organisation", pk): n for n, pk in self.organisations.items()},
            **{("team", pk): n for n, pk in self.teams.items()},
            **{("person", pk): n for n, pk in self.users.items()},
        }
        kinds = {Organisation: "organisation", Team: "team", User: "person"}
        found = {}
        for given in stored_grants(self.root(name)):
            kind = kinds[type(given.subject)]
            subject = (kind, names[kind, given.subject.pk])
            found[subject] = model.Grant(int(given.level), given.ends_on)
        self.model.pages[name].grants = found

    def place_of(self, name: str) -> str:
        """Give the page on which a file hangs; a page is its own place."""
        return self.files[name].page if name in self.files else name

    # --- People -------------------------------------------------------------------------

    def _people(self) -> None:
        for name in ORGANISATIONS:
            self.found_organisation(name)
        for name in PEOPLE:
            self.admit(name)
        User.objects.filter(pk=self.users["operator"]).update(is_superuser=True)
        self.model.people["operator"].operator = True
        for name, places in PEOPLE.items():
            for organisation, role in places.items():
                self.join(name, organisation, role, None)
        self.seat("host_author", "host")
        self.seat("beta_author", "beta")

    def found_organisation(self, name: str, *, minutes: int = 1) -> None:
        """Add an organisation with one team."""
        self.begin(f"found {name}", minutes=minutes)
        kind = "host" if name == "host" else "partner"
        made = make_organisation(f"Org {self.word(name, 'name')}", kind)
        self.organisations[name] = made.pk
        self.model.active[name] = True
        team = create_team(organisation=made, name=f"Crew {name}", by=None)
        self.teams[f"crew {name}"] = team.pk
        self.model.teams[f"crew {name}"] = name

    def invite(self, address: str, organisation: str) -> None:
        """Invite somebody into a partner, for the worker to mail."""
        if self.model.active[organisation]:
            invite(
                email=f"{address}@example.org",
                organisation=self.organisation(organisation),
                by=self.person("operator"),
                membership_ends_on=self.model.today + 30 * DAY,
            )

    def admit(self, name: str, *, minutes: int = 1) -> None:
        """Add somebody who belongs nowhere yet."""
        self.begin(f"admit {name}", minutes=minutes)
        person = make_person(f"{name} {self.word(name, 'name')}")
        User.objects.filter(pk=person.pk).update(email=f"{name}@example.com")
        self.users[name] = person.pk
        self.model.people[name] = model.Person()

    def join(self, person: str, organisation: str, role: str, days: int | None) -> None:
        """Give or change a membership until some day; guests always get one."""
        guest = organisation != "host"
        days = 300 if guest and days is None else days
        ends_on = None if days is None else self.model.today + days * DAY
        save_membership(
            user=self.person(person),
            organisation=self.organisation(organisation),
            by=None,
            role=role,
            sponsor=self.person("operator") if guest else None,
            ends_on=ends_on,
        )
        own = self.model.people[person]
        known = own.memberships.get(organisation)
        if known and known.ends_on and known.ends_on < self.model.today:
            own.teams.discard(f"crew {organisation}")
        kept = bool(known and known.suspended)
        own.memberships[organisation] = model.Membership(role, ends_on, kept)

    def suspend(self, person: str, organisation: str) -> None:
        """Close the door of one organisation for somebody."""
        self._set_suspended(person, organisation, True)

    def resume(self, person: str, organisation: str) -> None:
        """Open the door of one organisation for somebody again."""
        self._set_suspended(person, organisation, False)

    def _set_suspended(self, person: str, organisation: str, suspended: bool) -> None:
        if found := self.model.people[person].memberships.get(organisation):
            row = self.person(person).memberships.get(
                organisation=self.organisation(organisation)
            )
            set_membership_suspended(membership=row, suspended=suspended, by=None)
            found.suspended = suspended

    def leave(self, person: str, organisation: str) -> None:
        """End a membership at once."""
        own = self.model.people[person]
        if own.memberships.pop(organisation, None) is None:
            return
        own.teams.discard(f"crew {organisation}")
        key = {
            "user_id": self.users[person],
            "organisation_id": self.organisations[organisation],
        }
        end_membership(membership=Membership.objects.get(**key), by=None)

    def seat(self, person: str, organisation: str) -> None:
        """Join a team, when one may."""
        if organisation not in self.model.roles(person):
            return
        team = f"crew {organisation}"
        found = Team.objects.get(pk=self.teams[team])
        add_to_team(team=found, user=self.person(person), by=None)
        self.model.people[person].teams.add(team)

    def unseat(self, person: str, organisation: str) -> None:
        """Leave a team."""
        team = Team.objects.get(pk=self.teams[f"crew {organisation}"])
        remove_from_team(team=team, user=self.person(person), by=None)
        self.model.people[person].teams.discard(f"crew {organisation}")

    def set_active(self, person: str, active: bool) -> None:
        """Suspend or reactivate somebody."""
        set_person_active(user=self.person(person), active=active, by=None)
        self.model.people[person].active = active

    def set_status(self, organisation: str, active: bool) -> None:
        """Suspend or reactivate a partner."""
        status = Organisation.Status.ACTIVE if active else Organisation.Status.SUSPENDED
        found = self.organisation(organisation)
        set_organisation_status(organisation=found, status=status, by=None)
        self.model.active[organisation] = active

    # --- Time and the worker ------------------------------------------------------------

    def pass_days(self, days: int) -> None:
        """Let time go by: grants and memberships end by themselves."""
        self._time.shift(days * DAY)
        self.model.today = timezone.localdate()

    def now(self) -> datetime.datetime:
        """Tell the time in this world."""
        return timezone.now()

    def set_worker(self, running: bool) -> None:
        """Stop or start who brings the indexes up to date."""
        self.worker = running

    def reindex(self) -> None:
        """Build every index anew."""
        for engine in registry.all_engines():
            rebuild(engine)
