"""Viewers, words that stand nowhere else, and what can be asked for."""

import hashlib
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from wagtail.models import Page

from accounts.models import User
from tests.oracle.keys import Keys

# A public id that was never given out: the alphabet has it, chance will not.
NEVER = "22222222"
NEVER_LONG = NEVER + "2222"

HOST = frozenset(
    {"host_admin", "host_manager", "host_member", "host_team", "host_author"}
)
BETA = frozenset({"beta_admin", "beta_member", "beta_own", "beta_writer"})
GAMMA = frozenset({"gamma_member", "gamma_expired"})
# A member of Beta and of Gamma.
BOTH = frozenset({"both"})
OUTSIDE = frozenset(
    {"anonymous", "ended", "suspended", "of_suspended", "without_organisation"}
)
VIEWERS = tuple(sorted(HOST | BETA | GAMMA | BOTH | OUTSIDE))
NOBODY: frozenset[str] = frozenset()
# No vowels: no stemmer, no name of a month and no word of a language meets them.
CONSONANTS = "bcdfghjklmnpqrtv"
_numbers = itertools.count()


def new_word() -> str:
    """Make a word that stands nowhere else and is like no other."""
    return spell(f"word {next(_numbers)}", 8)


def spell(seed: str, letters: int) -> str:
    """Make a word that survives slugs, cases and stemmers, another for each seed."""
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:16])
    word = ""
    for _letter in range(letters):
        number, digit = divmod(number, len(CONSONANTS))
        word += CONSONANTS[digit]
    return f"zq{word}xk"


@dataclass(frozen=True)
class Canary:
    """One word, what it is, and who may read it."""

    word: str
    what: str
    readers: frozenset[str]


@dataclass
class Thing:
    """Something that an address can name: the arguments, and who may know of it."""

    kind: str
    name: str
    arguments: dict[str, object]
    knowers: frozenset[str]
    more: dict[str, object] = field(default_factory=dict)


@dataclass
class Stage:
    """The world: people by viewer name, canaries, and things to ask for."""

    users: dict[str, User] = field(default_factory=dict)
    canaries: list[Canary] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)
    pages: dict[str, Page] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    keys: Keys = field(default_factory=lambda: Keys([]))
    _hidden: dict[str, dict[str, str]] = field(default_factory=dict)

    def word(self, what: str, readers: Iterable[str]) -> str:
        """Make a canary and remember who may read it."""
        word = new_word()
        self.remember(word, what, readers)
        return word

    def remember(self, word: str, what: str, readers: Iterable[str]) -> None:
        """Remember who may read a word that was made elsewhere."""
        self.canaries.append(Canary(word, what, frozenset(readers)))

    def add(
        self, kind: str, name: str, knowers: Iterable[str], /, **arguments: object
    ) -> None:
        """Remember something to ask for."""
        self.things.append(Thing(kind, name, arguments, frozenset(knowers)))

    def of_kind(self, kind: str) -> Iterator[Thing]:
        """List the things of a kind."""
        return (thing for thing in self.things if thing.kind == kind)

    def forbidden(self, viewer: str) -> list[Canary]:
        """List the canaries that a viewer must never receive."""
        return [canary for canary in self.canaries if viewer not in canary.readers]

    def hidden_ids(self, viewer: str) -> dict[str, str]:
        """Give the public ids of what a viewer may not know of, and what each is."""
        if viewer not in self._hidden:
            self._hidden[viewer] = self._find_hidden(viewer)
        return self._hidden[viewer]

    def _find_hidden(self, viewer: str) -> dict[str, str]:
        knowers: dict[str, set[str]] = {}
        what: dict[str, str] = {}
        for thing in self.things:
            for found in map(_public_id, thing.arguments.values()):
                if found:
                    # Of a person: everybody may read their own.
                    knowers.setdefault(found, {thing.name}).update(thing.knowers)
                    what.setdefault(found, f"id of {thing.kind} {thing.name}")
        return {one: what[one] for one, who in knowers.items() if viewer not in who}


def _public_id(argument: object) -> str:
    """Read the id at the end of an argument, if it is one: names of files are none."""
    found = str(argument).rpartition("-")[2]
    drawn = len(found) in (8, 12, 16) and found.isalnum() and not found.isdigit()
    return found if isinstance(argument, str) and drawn else ""
