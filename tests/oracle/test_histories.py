"""Random histories: whatever people do, nobody is shown what the document does not allow.

After each step some surfaces are asked as somebody; at the end all of them as three
people. `ORACLE_SEED` repeats a run, `ORACLE_HISTORIES` makes it longer.
"""

import itertools
import logging
import os
from random import Random

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import transaction
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from procrastinate.contrib.django.models import ProcrastinateJob
from wagtail.models import Page

from accounts.models import User
from knowledge.access.roots import find_problems
from knowledge.access.rule import decide, visible_to
from search import checking, indexing
from search.engines import registry
from tests.oracle import tally
from tests.oracle.acts import Town
from tests.oracle.hearing import Heard
from tests.oracle.probes import Prober, told
from tests.oracle.world import CANARY, ORGANISATIONS, PEOPLE
from tests.support.jobs import run_jobs

SEED = int(os.environ["ORACLE_SEED"])
HISTORIES = int(os.environ.get("ORACLE_HISTORIES", "20"))
STEPS = 30
PROBES = 6
MAILS = ("accounts.send_invitation", "accounts.send_notice")
BELONGING = ("leave", "seat", "unseat", "suspend", "resume")
_numbers = itertools.count(1)

people = st.sampled_from(tuple(PEOPLE))
# Who usually may: otherwise most steps of a history would be refusals.
writers = st.one_of(people, st.sampled_from(("host_admin", "host_author", "operator")))
organisations = st.sampled_from(ORGANISATIONS)
partners = st.sampled_from(ORGANISATIONS[1:])
roles = st.sampled_from(("member", "manager", "admin"))
reaches = st.sampled_from(("organisation", "network", "restricted"))
subjects = st.one_of(
    st.tuples(st.just("organisation"), organisations),
    st.tuples(st.just("team"), organisations.map("crew {}".format)),
    st.tuples(st.just("person"), people),
)
levels = st.integers(1, 4)
numbers = st.integers(0, 10_000)


class History(RuleBasedStateMachine):
    """One history in a world of its own, undone at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.random = Random()  # noqa: S311 - seeded by `begin`
        self.heard = Heard()
        logging.getLogger().addHandler(self.heard)
        mail.outbox.clear()
        self.enter(Town())
        self._begin_with_something()

    def enter(self, town: Town) -> None:
        """Begin a world whose traces are all undone by `undo`."""
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.town = town.__enter__()
        self.prober = Prober(town, self.random)

    def undo(self) -> None:
        """Undo the world."""
        self.town.__exit__()
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    def _begin_with_something(self) -> None:
        self._do("found_project", "host_admin", "p0", "host", "restricted")
        self._do("share", "host_admin", "p0", ("organisation", "beta"), 3, 60)
        self._do("write", "host_admin", "a1", "p0", live=True)
        self._do("upload", "host_admin", "f2", "a1", picture=False)
        self._do("found_project", "beta_admin", "p3", "beta", "organisation")
        self._do("write", "beta_admin", "a4", "p3", live=True)
        self._do("write", "beta_author", "a5", "a1", live=True)
        self.number = 6
        for viewer in self.town.users:
            if self.town.model.comes_in(viewer):
                self.prober.client(viewer)

    def _do(self, name: str, *arguments: object, **options: object) -> None:
        town = self.town
        town.log.append((name, (*arguments, options)))
        town.begin(f"step {len(town.log)}")
        getattr(town, name)(*arguments, **options)
        town.settle()
        tally.count("steps")

    def _act(self, name: str, *arguments: object, **options: object) -> None:
        self._do(name, *arguments, **options)
        assert not find_problems(), told(self.town)
        self.prober.probe(PROBES)

    def _new(self, letter: str) -> str:
        self.number += 1
        return f"{letter}{self.number}"

    def _pick(self, number: int, *, trashed: bool = False, **wanted: object) -> str:
        """Choose one of the pages that are like this; the first project when none is."""
        rows = self.town.model.pages
        found = [
            name
            for name, row in rows.items()
            if all(getattr(row, key) == value for key, value in wanted.items())
            and (row.trashed if trashed else not self.town.model.in_trash(name))
        ]
        return found[number % len(found)] if found else ""

    def teardown(self) -> None:
        """Look at everything once more, then undo it all."""
        try:
            self._look_at_everything()
            tally.count("histories")
        finally:
            logging.getLogger().removeHandler(self.heard)
            self.undo()

    @initialize(number=numbers)
    def begin(self, number):
        self.random.seed(f"{SEED} {number}")

    # --- What may happen ----------------------------------------------------------------

    @rule(by=writers, owner=organisations, reach=reaches)
    def found(self, by, owner, reach):
        self._act("found_project", by, self._new("p"), owner, reach)

    @rule(by=writers, owner=organisations, reach=reaches, number=numbers)
    def found_inside(self, by, owner, reach, number):
        parents = [n for n, row in self.town.model.pages.items() if row.owner]
        parent = parents[number % len(parents)]
        if not self.town.model.in_trash(parent):
            self._act("found_project", by, self._new("p"), owner, reach, parent)

    @rule(by=writers, number=numbers, live=st.booleans())
    def write(self, by, number, live):
        if page := self._pick(number):
            self._act("write", by, self._new("a"), page, live=live)

    @rule(by=writers, number=numbers, publish=st.booleans(), retitle=st.booleans())
    def edit(self, by, number, publish, retitle):
        if page := self._pick(number):
            self._act("edit", by, page, publish=publish, retitle=retitle)

    @rule(by=writers, number=numbers, other=numbers)
    def link(self, by, number, other):
        page, target = self._pick(number), self._pick(other)
        if page and target:
            self._act("edit", by, page, publish=True, retitle=False, link=target)

    @rule(by=writers, number=numbers)
    def tag(self, by, number):
        if page := self._pick(number):
            self._act("tag", by, page)

    @rule(by=writers, number=numbers)
    def discard(self, by, number):
        if page := self._pick(number):
            self._act("discard", by, page)

    @rule(by=writers, number=numbers, version=numbers)
    def restore_version(self, by, number, version):
        if page := self._pick(number):
            self._act("restore_version", by, page, version)

    @rule(by=writers, number=numbers, other=numbers)
    def move(self, by, number, other):
        page, target = self._pick(number, owner=""), self._pick(other)
        if page and target:
            self._act("move", by, page, target)

    @rule(by=writers, number=numbers)
    def throw(self, by, number):
        if page := self._pick(number):
            self._act("throw", by, page)

    @rule(by=writers, number=numbers)
    def bring_back(self, by, number):
        if page := self._pick(number, trashed=True):
            self._act("bring_back", by, page)

    @rule(
        by=writers, number=numbers, to=subjects, level=levels, days=st.integers(0, 40)
    )
    def share(self, by, number, to, level, days):
        roots = [n for n, row in self.town.model.pages.items() if row.decides]
        roots = [n for n in roots if not self.town.model.in_trash(n)]
        if roots:
            self._act("share", by, roots[number % len(roots)], to, level, days)

    @rule(by=writers, number=numbers)
    def withdraw(self, by, number):
        given = [
            (name, subject)
            for name, row in self.town.model.pages.items()
            for subject in row.grants
            if not self.town.model.in_trash(name)
        ]
        if given:
            self._act("withdraw", by, *given[number % len(given)])

    @rule(by=writers, number=numbers, reach=reaches)
    def change_reach(self, by, number, reach):
        found = [n for n, row in self.town.model.pages.items() if row.owner]
        found = [n for n in found if not self.town.model.in_trash(n)]
        if found:
            self._act("set_reach", by, found[number % len(found)], reach)

    @rule(
        by=writers, number=numbers, named=st.dictionaries(subjects, levels, max_size=2)
    )
    def restrict(self, by, number, named):
        page = self._pick(number, owner="", restricted=False)
        if page:
            self._act("restrict", by, page, {("person", by): 4} | named)

    @rule(by=writers, number=numbers)
    def lift(self, by, number):
        if page := self._pick(number, restricted=True):
            self._act("lift", by, page)

    @rule(by=writers, number=numbers, picture=st.booleans())
    def upload(self, by, number, picture):
        if page := self._pick(number):
            self._act("upload", by, self._new("f"), page, picture=picture)

    @rule(
        by=writers,
        number=numbers,
        act=st.sampled_from(("rename", "replace", "delete", "undelete")),
    )
    def change_file(self, by, number, act):
        rows = self.town.model.pages
        found = [
            name
            for name, file in self.town.files.items()
            if rows[file.page].files[name].deleted == (act == "undelete")
            and not self.town.model.in_trash(file.page)
        ]
        if found:
            self._act(act, by, found[number % len(found)])

    @rule()
    def purge(self):
        self._act("purge")

    @rule(
        person=people, organisation=organisations, role=roles, days=st.integers(0, 60)
    )
    def join(self, person, organisation, role, days):
        self._act("join", person, organisation, role, days or None)

    @rule(person=people, organisation=organisations, act=st.sampled_from(BELONGING))
    def belong_otherwise(self, person, organisation, act):
        self._act(act, person, organisation)

    @rule(person=people, active=st.booleans())
    def suspend_person(self, person, active):
        if person not in ("operator", "host_admin"):
            self._act("set_active", person, active)

    @rule(organisation=partners, active=st.booleans())
    def suspend_organisation(self, organisation, active):
        self._act("set_status", organisation, active)

    @rule(days=st.integers(1, 20))
    def wait(self, days):
        self._act("pass_days", days)

    @rule()
    @precondition(lambda self: self.town.worker)
    def stop_worker(self):
        self._act("set_worker", False)

    @rule()
    @precondition(lambda self: not self.town.worker)
    def start_worker(self):
        self._act("set_worker", True)

    @rule()
    def reindex(self):
        self._act("reindex")

    @rule(organisation=partners)
    def invite(self, organisation):
        self._act("invite", self._new("i"), organisation)

    # --- The end ------------------------------------------------------------------------

    def _look_at_everything(self) -> None:
        self._compare_rule()
        for viewer in self.random.sample(sorted(PEOPLE), 3):
            self.prober.crawl(viewer)
        self._look_at_the_index()
        self._look_at_what_left_otherwise()

    def _compare_rule(self) -> None:
        model, names = self.town.model, {pk: n for n, pk in self.town.pages.items()}
        pages = Page.objects.in_bulk(names)
        for name in self.town.users:
            user = User.objects.get(pk=self.town.users[name])
            seen = {
                names[p.pk] for p in visible_to(user, Page.objects.filter(pk__in=names))
            }
            assert seen == model.visible(name), f"{name}\n{told(self.town)}"
            for pk, page in names.items():
                for action in ("view", "edit", "share"):
                    allowed = bool(decide(user, action, pages[pk]))
                    expected = model.may(name, action, page)
                    assert allowed == expected, (
                        f"{name} {action} {page}\n{told(self.town)}"
                    )

    def _look_at_the_index(self) -> None:
        """After the worker ran, the indexes hold what is published and nothing else."""
        indexing.drain_all()
        for engine in registry.all_engines():
            assert not checking.find_problems(engine), told(self.town)

    def _look_at_what_left_otherwise(self) -> None:
        """No word of a page is in a mail, in the queue or in the log."""
        run_jobs(*MAILS)
        queue = [
            str(args)
            for args in ProcrastinateJob.objects.values_list("args", flat=True)
        ]
        mails = [f"{sent.subject}\n{sent.body}" for sent in mail.outbox]
        own = ("title of ", "text of ", "note of ", "file content of ")
        for text in (*queue, *mails):
            told_there = [
                self.town.words.get(word, "") for word in CANARY.findall(text)
            ]
            assert not [what for what in told_there if what.startswith(own)], text
        for line in self.heard.lines:
            # Addresses that were asked for stand in it, with words of titles.
            told_there = [
                self.town.words.get(word, "") for word in CANARY.findall(line)
            ]
            assert not [what for what in told_there if what.startswith(own[1:])], line


def play(machine: type[History], examples: int, *, steps: int, part: int) -> None:
    """Play histories, others in each part, that all follow from the run's seed."""
    run_state_machine_as_test(
        seed(SEED * 10 + part)(machine),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=False,
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=[*HealthCheck],
            print_blob=False,
            report_multiple_bugs=False,
        ),
    )


@pytest.mark.django_db
@pytest.mark.parametrize("part", [1, 2])
def test_no_history_shows_anybody_what_is_not_theirs(part):
    play(History, HISTORIES // 2, steps=STEPS, part=part)


@pytest.mark.django_db
@pytest.mark.search_engine
def test_no_history_shows_it_with_elasticsearch_either(search_engine, settings):
    settings.ELASTICSEARCH_INDEX_PREFIX += f"-history-{next(_numbers)}"
    cache.clear()
    before = tally.numbers["by elasticsearch"]
    play(History, max(HISTORIES // 10, 1), steps=STEPS, part=3)
    # The positive control: it did answer.
    assert tally.numbers["by elasticsearch"] > before
