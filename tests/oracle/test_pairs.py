"""Paired worlds: one history twice, differing only in what somebody may not see.

Words, lengths and numbers of everything hidden differ, hidden pages are full of the
words that the reader searches, and there are more of them, in more organisations. All
that this reader receives must be the same to the byte, from as many statements.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import pytest
from django.core.cache import cache

from tests.oracle import tally
from tests.oracle.acts import Town
from tests.oracle.crawl import SEARCHES, address_of, ask, client_of, first_difference
from tests.oracle.probes import snapshot, told
from tests.oracle.surfaces import FORM, SURFACES
from tests.oracle.test_histories import History, play
from tests.oracle.words import Stage, Thing
from tests.oracle.world import PEOPLE
from tests.support.indices import bring_up_to_date

PAIRS = int(os.environ.get("ORACLE_PAIRS", "8"))
STEPS = 25
REQUESTS = 120
# Words of every page: what is hidden must not count, nor change an order.
COMMON = ("text", "heading", "page", "project", "zq*", "text heading", '"text"')
# Asked where all words are: names, days, kinds, orders and choices.
QUESTIONS = (
    "te* -heading",
    "title:page OR title:project",
    "text in:project",
    "text -in:project",
    "text org:a",
    "text author:a",
    "-author:o lang:en",
    "type:file updated:>2020-01-01",
    "text&sort=newest",
    "text&sort=title",
    "text&updated=week&type=article",
    "a&tab=people",
)
# These two see all people and organisations, or everything.
ALL_SEEING = ("operator", "host_admin")
READERS = tuple(name for name in PEOPLE if name != "operator")


@dataclass(frozen=True)
class Asked:
    """One request: what it is about, to tell, and what is sent."""

    about: str
    method: str
    address: str


def untold(town: Town, reader: str) -> set[str]:
    """Name the pages of which a reader may learn nothing, as the model has it."""
    model = town.model
    known = model.knows_of(reader) | model.trash(reader)
    return {
        page
        for page in model.pages
        if model.level_on(reader, model.root(page)) == 0
        and not known & set(model.above(page))
    }


def strangers(town: Town, reader: str) -> set[str]:
    """Name the organisations a guest may not know of: no part in what the guest sees."""
    model = town.model
    if "host" in model.people[reader].memberships:
        return set()
    known = set(model.people[reader].memberships)
    for root, row in model.pages.items():
        if row.decides and model.level_on(reader, root):
            known |= {model.owner(root)}
            for kind, name in row.grants:
                places = {
                    "organisation": [name],
                    "team": [model.teams.get(name, "")],
                    "person": model.people[name].memberships
                    if kind == "person"
                    else [],
                }
                known |= set(places[kind])
    return set(town.organisations) - known


class Pair(History):
    """A history that is played again with other secrets."""

    def _act(self, name: str, *arguments: object, **options: object) -> None:
        self._do(name, *arguments, **options)

    def teardown(self) -> None:
        """Ask as somebody, undo it all, play it again with other secrets, ask again."""
        town, reader = self.town, self.random.choice(READERS)
        hidden, foreign = untold(town, reader), strangers(town, reader)
        asked = list(self._questions(town, hidden))
        first = self._answers(town, reader, asked)
        self.undo()
        differing = hidden | foreign
        self.enter(Town(lambda place: "b" if place in differing else "", town.literals))
        try:
            self._replay(town, Noise(self.town, hidden, foreign, self.random))
            second = self._answers(self.town, reader, asked)
        finally:
            self.undo()
        for question, one, other in zip(asked, first, second, strict=True):
            where = f"{question} as {reader}: {first_difference(one, other)}"
            assert one == other, f"{where}\n{told(town)}"
        tally.count("paired worlds")

    def _replay(self, town: Town, noise: "Noise") -> None:
        """Do the same again, and more where the reader cannot see it."""
        twin = self.town
        for number, (name, arguments) in enumerate(town.log, 1):
            *positional, options = arguments
            twin.log.append((name, arguments))
            twin.begin(f"step {number}")
            getattr(twin, name)(*positional, **options)
            twin.settle()
            if number > 7:
                noise.make(number)
        noise.found()
        if twin.worker:
            bring_up_to_date()

    def _questions(self, town: Town, hidden: set[str]) -> Iterator[Asked]:
        stage, found = snapshot(town), []
        for surface in SURFACES:
            things = list(stage.of_kind(surface.kind)) if surface.kind else [None]
            for thing in things:
                address = _neutral(surface, thing, town, hidden)
                more = thing.more if thing else {}
                about = f"{surface.name} {thing and thing.name}"
                for query in surface.queries:
                    asked = address + query.format(**more)
                    found.append(Asked(about, "GET", asked))
                if surface.writes:
                    found.append(Asked(about, "POST", address))
        for word in (*COMMON, *[canary.word for canary in stage.canaries]):
            path = self.random.choice(SEARCHES)
            found.append(Asked(f"search {word}", "GET", path.format(word)))
        yield from self.random.sample(found, min(REQUESTS, len(found)))
        yield from (
            Asked("search", "GET", p.format(w)) for w in COMMON for p in SEARCHES
        )
        yield from (
            Asked("question", "GET", path.format(question))
            for question in QUESTIONS
            for path in SEARCHES[:2]
        )

    def _answers(self, town: Town, reader: str, asked: list[Asked]) -> list[str]:
        users = {reader: town.person(reader)}
        client, answers = client_of(Stage(users=users), reader), []
        for number, question in enumerate(asked):
            town.draw_from(f"question {number}")
            got = ask(client, question.method, question.address, FORM)
            answers.append(f"{got.text}\n\n{len(got.queries)} statements")
        return answers


def _neutral(surface, thing: Thing | None, town: Town, hidden: set[str]) -> str:
    """Write an address without words of a hidden title: those differ between the two."""
    arguments = dict(thing.arguments) if thing else {}
    if "address" in arguments:
        public_id = str(arguments["address"]).rpartition("-")[2]
        if thing.name in hidden or town.place_of(thing.name) in hidden:
            arguments["address"] = f"nothing-{public_id}"
    if "name" in arguments and town.place_of(thing.name) in hidden:
        arguments["name"] = "nothing.txt"
    return address_of(surface, arguments)


@dataclass
class Noise:
    """What else happens where a reader cannot see it."""

    town: Town
    hidden: set[str]
    foreign: set[str]
    random: Random
    made: int = 0

    def make(self, number: int) -> None:
        """Do something more, often."""
        places = [name for name in self.hidden if name in self.town.pages]
        if self.random.random() < 0.5 or not places:
            return
        place = self.random.choice(sorted(places))
        if self.town.model.in_trash(place):
            return
        self.made += 1
        self.town.begin(f"noise {number}", minutes=0)
        act = self.random.choice((self._write, self._edit, self._upload))
        act(f"n{self.made}", place)
        self.town.settle()

    def found(self) -> None:
        """Add what nobody told of: an organisation, its people, its projects."""
        if not self.foreign:
            return
        self.town.found_organisation("unknown", minutes=0)
        self.town.admit("stranger", minutes=0)
        self.town.begin("noise", minutes=0)
        self.town.join("stranger", "unknown", "admin", None)
        self.town.found_project("stranger", "np", "unknown", "organisation")
        for number in range(5):
            self.town.begin(f"noise page {number}", minutes=0)
            self.town.write("stranger", f"np{number}", "np", live=True)
            self._edit("", f"np{number}")

    def _write(self, name: str, place: str) -> None:
        self.town.write("operator", name, place, live=True)

    def _edit(self, _name: str, place: str) -> None:
        """Write all words that the reader searches, many times."""
        loud = " ".join(COMMON[:4] * 40)
        self.town.edit("operator", place, publish=True, retitle=True, more=loud)

    def _upload(self, name: str, place: str) -> None:
        self.town.upload("operator", f"nf{name}", place, picture=False)


@pytest.mark.django_db
@pytest.mark.parametrize("part", [1, 2])
def test_what_is_hidden_changes_no_byte_of_what_somebody_receives(part):
    play(Pair, PAIRS // 2, steps=STEPS, part=part + 3)


@pytest.mark.django_db
@pytest.mark.search_engine
def test_what_is_hidden_changes_no_byte_with_elasticsearch(search_engine, settings):
    settings.ELASTICSEARCH_INDEX_PREFIX += "-pair"
    cache.clear()
    before = tally.numbers["by elasticsearch"]
    play(Pair, max(PAIRS // 8, 1), steps=STEPS, part=6)
    # The positive control: it did answer.
    assert tally.numbers["by elasticsearch"] > before
