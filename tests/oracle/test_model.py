"""The rule of the code against the rule of the document, over random worlds."""

import datetime
import os

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from wagtail.models import Page

from accounts.models import Membership as MembershipRow
from accounts.models import Organisation, Team, User
from accounts.services import (
    add_to_team,
    create_team,
    save_membership,
    set_membership_suspended,
    set_organisation_status,
    set_person_active,
)
from knowledge.access.models import GroupGrant, PolicyRoot, UserGrant
from knowledge.access.roots import find_problems
from knowledge.access.rule import ACTIONS, decide, forget, standing, visible_to
from knowledge.access.services import restrict_page, save_grant
from knowledge.pages.services_structure import trash_page
from tests.factories import in_days, make_article, make_organisation, make_person
from tests.factories import make_project as found_project
from tests.oracle.crawl import rolled_back
from tests.oracle.model import NEEDS, Grant, Membership, Reference
from tests.oracle.model import Page as ModelPage
from tests.oracle.model import Person as ModelPerson

ORGANISATIONS = ("host", "beta", "gamma")
PEOPLE = ("anna", "bert", "cora", "dirk", "emma")
ROLES = ("member", "manager", "admin")
# A world takes seconds to build. `make oracle` draws many more.
EXAMPLES = int(os.environ.get("ORACLE_EXAMPLES", "8"))
LEVELS = st.integers(1, 4)
# Days from today, both sides of the edge; None is without end.
DAYS = st.sampled_from([-1, 0, 1, 30, None])
REACHES = ("organisation", "network", "restricted")


class Pair:
    """The same world twice: in the database and in the reference model."""

    def __init__(self) -> None:
        self.model = Reference(timezone.localdate())
        self.root = make_person("Operator Root")
        User.objects.filter(pk=self.root.pk).update(is_superuser=True)
        self.root.refresh_from_db()
        self.organisations: dict[str, Organisation] = {}
        self.teams: dict[str, Team] = {}
        self.people: dict[str, User] = {}
        self.pages: dict[str, Page] = {}
        for name in ORGANISATIONS:
            kind = "host" if name == "host" else "partner"
            self.organisations[name] = make_organisation(name.title(), kind)
            self.model.active[name] = True
            team = create_team(
                organisation=self.organisations[name], name="Crew", by=None
            )
            self.teams[f"crew {name}"] = team
            self.model.teams[f"crew {name}"] = name
        for name in PEOPLE:
            self.people[name] = make_person(name.title())
            self.model.people[name] = ModelPerson()

    def join(self, person: str, organisation: str, role: str, days: int | None) -> None:
        guest = organisation != "host"
        days = 30 if guest and days is None else days
        save_membership(
            user=self.people[person],
            organisation=self.organisations[organisation],
            by=None,
            role=role,
            sponsor=self.root if guest else None,
            ends_on=self._day(days),
        )
        known = self.model.people[person].memberships.get(organisation)
        today = self.model.today
        if known and known.ends_on and known.ends_on < today:
            self.model.people[person].teams.discard(f"crew {organisation}")
        self.model.people[person].memberships[organisation] = Membership(
            role, self._day(days)
        )

    def pause(self, person: str, organisation: str) -> None:
        """Suspend a membership."""
        rows = self.people[person].memberships
        row = rows.get(organisation=self.organisations[organisation])
        set_membership_suspended(membership=row, suspended=True, by=None)
        self.model.people[person].memberships[organisation].suspended = True

    def seat(self, person: str, organisation: str) -> None:
        """Join a team, when the rule allows it."""
        if organisation in self.model.roles(person):
            team = f"crew {organisation}"
            add_to_team(team=self.teams[team], user=self.people[person], by=None)
            self.model.people[person].teams.add(team)

    def found(self, name: str, owner: str, reach: str) -> None:
        page = found_project(self.organisations[owner], self.root, name, reach=reach)
        UserGrant.objects.filter(content_object_id=page.pk).delete()
        self.pages[name] = page
        self.model.pages[name] = ModelPage(owner=owner, reach=reach, title=name)

    def write(self, name: str, parent: str, *, live: bool) -> None:
        forget(self.root)
        page = make_article(self._fresh(parent), self.root, name, publish=live)
        self.pages[name] = page
        self.model.pages[name] = ModelPage(parent=parent, live=live, title=name)

    def grant(self, root: str, subject: tuple[str, str], level: int, days) -> None:
        """Give a level; the past and the endless are written as time makes them."""
        who = self._subject(subject)
        owner = self.model.owner(root)
        inside = {
            "organisation": lambda: subject[1] == owner,
            "team": lambda: self.model.teams[subject[1]] == owner,
            "person": lambda: owner in self.model.roles(subject[1]),
        }[subject[0]]()
        days = 30 if days is None and not inside else days
        row = save_grant(
            root=PolicyRoot.objects.get(pk=self.pages[root].pk),
            subject=who,
            level=level,
            by=None,
            ends_on=in_days(max(days, 0)) if days is not None else None,
        )
        type(row).objects.filter(pk=row.pk).update(ends_on=self._day(days))
        self.model.pages[root].grants[subject] = Grant(level, self._day(days))

    def restrict(self, page: str, entries) -> None:
        row = self.model.pages[page]
        if row.owner or row.restricted or self.model.in_trash(page):
            return
        # Named by somebody first, then as the entries say.
        owner = self.organisations[self.model.owner(page)]
        forget(self.root)
        restrict_page(page=self._fresh(page), entries={owner: 4}, by=self.root)
        GroupGrant.objects.filter(content_object_id=self.pages[page].pk).delete()
        row.restricted = True
        for subject, level, days in entries:
            self.grant(page, subject, level, days)

    def throw(self, page: str) -> None:
        if self.model.in_trash(page):
            return
        forget(self.root)
        trash_page(page=self._fresh(page), by=self.root)
        self.model.put_in_trash(page)

    def _fresh(self, name: str) -> Page:
        return Page.objects.get(pk=self.pages[name].pk).specific

    def _day(self, days: int | None) -> datetime.date | None:
        return None if days is None else in_days(days)

    def _subject(self, subject: tuple[str, str]):
        kind, name = subject
        found = {
            "organisation": self.organisations,
            "team": self.teams,
            "person": self.people,
        }
        return found[kind][name]


SUBJECTS = st.one_of(
    st.tuples(st.just("organisation"), st.sampled_from(ORGANISATIONS)),
    st.tuples(st.just("team"), st.sampled_from([f"crew {o}" for o in ORGANISATIONS])),
    st.tuples(st.just("person"), st.sampled_from(PEOPLE)),
)
GRANTS = st.tuples(SUBJECTS, LEVELS, DAYS)
PAGES = ("p0", "p1", "a0", "a1", "a2", "a3", "a4")


def _some(call: str, names) -> st.SearchStrategy:
    chosen = st.sets(st.sampled_from(names), max_size=1)
    return chosen.map(lambda found: [(call, name) for name in found])


ENDS = st.tuples(
    _some("throw", PAGES), _some("suspend", ORGANISATIONS[1:]), _some("close", PEOPLE)
).map(lambda parts: [call for part in parts for call in part])


@st.composite
def _joined(draw):
    calls = []
    for person in PEOPLE:
        for organisation in draw(st.sets(st.sampled_from(ORGANISATIONS), max_size=2)):
            role = draw(st.sampled_from(ROLES))
            calls.append(("join", person, organisation, role, draw(DAYS)))
            if draw(st.booleans()):
                calls.append(("seat", person, organisation))
            if draw(st.integers(0, 7)) == 0:
                calls.append(("pause", person, organisation))
    return calls


@st.composite
def worlds(draw):
    """Draw what happens, as a list of calls on a pair."""
    calls = draw(_joined())
    for name in ("p0", "p1"):
        owner, reach = (
            draw(st.sampled_from(ORGANISATIONS)),
            draw(st.sampled_from(REACHES)),
        )
        calls.append(("found", name, owner, reach))
        grants = draw(st.lists(GRANTS, max_size=4))
        calls += [("grant", name, *grant) for grant in grants]
    above = ["p0", "p1"]
    for name in PAGES[2:]:
        parent = draw(st.sampled_from(above))
        calls.append(("write", name, parent, draw(st.integers(0, 3)) > 0))
        above.append(name)
        if draw(st.integers(0, 2)) == 0:
            calls.append(("restrict", name, draw(st.lists(GRANTS, max_size=3))))
    for name in draw(st.sets(st.sampled_from(PAGES), max_size=1)):
        calls.append(("throw", name))
    return calls + draw(ENDS)


def play(pair: Pair, calls) -> None:
    for name, *arguments in calls:
        if name == "write":
            pair.write(arguments[0], arguments[1], live=arguments[2])
        elif name == "suspend":
            organisation = pair.organisations[arguments[0]]
            set_organisation_status(
                organisation=organisation, status="suspended", by=None
            )
            pair.model.active[arguments[0]] = False
        elif name == "close":
            set_person_active(user=pair.people[arguments[0]], active=False, by=None)
            pair.model.people[arguments[0]].active = False
        else:
            getattr(pair, name)(*arguments)


@pytest.mark.django_db
@seed(int(os.environ["ORACLE_SEED"]))
@settings(
    max_examples=EXAMPLES,
    derandomize=False,
    database=None,
    suppress_health_check=[*HealthCheck],
)
@given(worlds())
def test_code_and_document_agree_on_everybody_and_everything(calls):
    with rolled_back():
        pair = Pair()
        play(pair, calls)
        assert not find_problems()
        _compare(pair)


def _compare(pair: Pair) -> None:
    titles = {page.pk: name for name, page in pair.pages.items()}
    for name, person in pair.people.items():
        fresh = User.objects.get(pk=person.pk)
        seen = visible_to(fresh, Page.objects.filter(pk__in=titles))
        assert {titles[page.pk] for page in seen} == pair.model.visible(name)
        for page, row in pair.pages.items():
            for action in ACTIONS:
                allowed = bool(decide(fresh, action, Page.objects.get(pk=row.pk)))
                assert allowed == pair.model.may(name, action, page), (
                    name,
                    action,
                    page,
                )
        managed = {titles[pk] for pk in standing(fresh).managed if pk in titles}
        shown = {page for page in managed if not pair.model.in_trash(page)}
        assert shown == pair.model.knows_of(name)
        forget(fresh)


def test_the_document_and_the_code_name_the_same_levels():
    assert {action: int(level) for action, level in ACTIONS.items()} == NEEDS


def test_the_worlds_are_not_all_empty(db):
    """The positive control: among the drawn worlds somebody sees something."""
    pair = Pair()
    calls = [
        ("join", "anna", "host", "member", None),
        ("join", "bert", "beta", "member", None),
        ("found", "p0", "host", "organisation"),
        ("grant", "p0", ("organisation", "beta"), 3, None),
        ("write", "a0", "p0", True),
        ("restrict", "a0", [(("person", "bert"), 2, None)]),
    ]
    play(pair, calls)
    assert pair.model.visible("anna") == {"p0"}
    assert pair.model.visible("bert") == {"p0", "a0"}
    assert pair.model.visible("cora") == set()
    assert GroupGrant.objects.count() == 1
    assert MembershipRow.objects.count() == 2
