"""Ask for something in a world as somebody, and judge the answer by the model alone."""

from dataclasses import dataclass, field
from random import Random
from urllib.parse import quote

from django.test import Client
from wagtail.models import Page

from tests.oracle import tally
from tests.oracle.acts import Town
from tests.oracle.crawl import (
    MISSING,
    SEARCHES,
    Received,
    address_of,
    ask,
    client_of,
    first_difference,
    without,
)
from tests.oracle.surfaces import FORM, SURFACES, Surface
from tests.oracle.words import Stage, Thing, spell
from tests.oracle.world import VIEWERS

# What hangs on a page: hidden with it.
ON_PAGES = ("page", "permalink", "revision", "trash", "original", "thumb", "file")
NOBODYS = spell("nobody", 9)


def snapshot(town: Town) -> Stage:
    """Write down who may read which word and ask for what, as the model has it now."""
    stage = Stage()
    stage.users = {name: town.person(name) for name in town.users}
    readable = {name: _readable(town, name) for name in VIEWERS}
    for word, what in town.words.items():
        readers = [name for name in VIEWERS if word in readable[name]]
        stage.remember(word, what, readers)
    slugs = dict(
        Page.objects.filter(pk__in=town.pages.values()).values_list("pk", "slug")
    )
    for name, pk in town.pages.items():
        _add_page(town, stage, name, slugs[pk])
    for name, file in town.files.items():
        _add_file(town, stage, name, slugs[town.pages[file.page]])
    return stage


def _readable(town: Town, viewer: str) -> set[str]:
    """Give the words of pages that somebody may read, and all names.

    Names of people and organisations are judged in paired worlds (`test_pairs.py`).
    """
    names = {w for w, what in town.words.items() if what.startswith("name of ")}
    if viewer == "anonymous" or not town.model.comes_in(viewer):
        return set()
    return names | town.model.readable(viewer)


def _who(town: Town, action: str, page: str) -> set[str]:
    return {
        v
        for v in town.users
        if town.model.comes_in(v) and town.model.may(v, action, page)
    }


def _add_page(town: Town, stage: Stage, name: str, slug: str) -> None:
    viewers, writers = _who(town, "view", name), _who(town, "drafts", name)
    stage.add("page", name, viewers, address=slug)
    stage.add("permalink", name, viewers, public_id=slug.rpartition("-")[2])
    texts = town.model.pages[name].texts
    for number, version in enumerate(town.versions[name]):
        knowers = viewers if texts[number].published else writers
        stage.add("revision", name, knowers, address=slug, public_id=version.key)
    latest = town.versions[name][-1].key
    for thing in stage.things[-len(texts) - 2 :]:
        thing.more["latest"] = latest
    restorers = {
        v for v in town.users if town.model.comes_in(v) and name in town.model.trash(v)
    }
    stage.add("trash", name, restorers, address=slug)


def _add_file(town: Town, stage: Stage, name: str, slug: str) -> None:
    stored = town.files[name]
    file = town.model.pages[stored.page].files[name]
    viewers = _who(town, "delete" if file.deleted else "view", stored.page)
    stage.add("file", name, viewers, address=slug, public_id=stored.public_id)
    present = set() if file.deleted else viewers
    arguments = {"public_id": stored.public_id, "name": f"{stored.name}.txt"}
    stage.add("original", name, present, **arguments)
    if stored.content not in file.words:
        stage.add("thumb", name, present, public_id=stored.public_id, spec=400)


def leaks(stage: Stage, viewer: str, received: Received, typed: str) -> list[str]:
    """Name words and ids in what somebody received who may know neither.

    `typed` is the address, which the way to the sign-in repeats.
    """
    words = {canary.word: canary.what for canary in stage.forbidden(viewer)}
    return _found(words | stage.hidden_ids(viewer), received, typed)


def _found(what: dict[str, str], received: Received, typed: str) -> list[str]:
    text = received.text.replace(typed, "…").replace(quote(typed), "…").lower()
    return [f"{name} ({word})" for word, name in what.items() if word in text]


@dataclass
class Prober:
    """Somebody with a browser for each viewer, who asks at random."""

    town: Town
    random: Random
    clients: dict[str, Client] = field(default_factory=dict)

    def client(self, viewer: str) -> Client:
        """Give the session that the viewer has had since the world began."""
        if viewer not in self.clients:
            users = {} if viewer == "anonymous" else {viewer: self.town.person(viewer)}
            self.clients[viewer] = client_of(Stage(users=users), viewer)
        return self.clients[viewer]

    def ask(self, viewer: str, method: str, address: str) -> Received:
        """Ask; who was signed out meanwhile and may come in signs in again."""
        received = ask(self.client(viewer), method, address, FORM)
        turned_away = received.status == 302 and "/accounts/login/" in received.head
        if (
            turned_away
            and viewer in self.town.users
            and self.town.model.comes_in(viewer)
        ):
            del self.clients[viewer]
            received = ask(self.client(viewer), method, address, FORM)
        return received

    def probe(self, number: int) -> None:
        """Ask for some things. Raises AssertionError with what was wrong."""
        stage = snapshot(self.town)
        for _probe in range(number):
            viewer = self.random.choice(VIEWERS)
            if self.random.random() < 0.2:
                self._search(stage, viewer)
            else:
                self._surface(stage, viewer, self.random.choice(SURFACES))

    def crawl(self, viewer: str) -> None:
        """Ask for every surface once, about something at random."""
        stage = snapshot(self.town)
        for surface in SURFACES:
            self._surface(stage, viewer, surface)

    def _surface(self, stage: Stage, viewer: str, surface: Surface) -> None:
        things = list(stage.of_kind(surface.kind)) if surface.kind else [None]
        if not things:
            return
        thing = self.random.choice(things)
        address = address_of(surface, thing.arguments if thing else {})
        query = self.random.choice(surface.queries).format(
            **(thing.more if thing else {})
        )
        method = "POST" if surface.writes and self.random.random() < 0.3 else "GET"
        received = self.ask(viewer, method, address + query)
        where = f"{method} {surface.name}{query} {thing and thing.name} as {viewer}"
        self._judge(stage, viewer, received, where, address + query)
        if thing is None:
            return
        if viewer not in thing.knowers:
            self._compare_with_missing(stage, viewer, surface, thing, method, where)
        elif surface.name == "wagtail_serve" and method == "GET":
            self._control(thing, received, where)

    def _judge(
        self, stage: Stage, viewer: str, received: Received, where: str, typed: str
    ) -> None:
        assert received.status < 500, where
        assert "Cache-Control: no-store, private" in received.head, where
        words = {canary.word: canary.what for canary in stage.forbidden(viewer)}
        there = _found(words, received, typed)
        assert not there, f"{where}: {there}\n{told(self.town)}"

    def _compare_with_missing(
        self,
        stage: Stage,
        viewer: str,
        surface: Surface,
        thing: Thing,
        method: str,
        where: str,
    ) -> None:
        """Ask once more for what never was: the same answer, from the same questions."""
        if self._is_known_otherwise(stage, viewer, thing):
            return
        hidden = self.ask(viewer, method, address_of(surface, thing.arguments))
        never = MISSING[surface.kind]
        missing = self.ask(viewer, method, address_of(surface, never))
        one, other = without(hidden, thing.arguments), without(missing, never)
        self._same(one[0], other[0], where)
        self._same("\n".join(one[1]), "\n".join(other[1]), f"statements of {where}")

    def _same(self, one: str, other: str, where: str) -> None:
        difference = first_difference(one, other)
        assert one == other, (
            f"{where} is not like missing: {difference}\n{told(self.town)}"
        )

    def _is_known_otherwise(self, stage: Stage, viewer: str, thing: Thing) -> bool:
        """Say whether the page of a part is known, or its restriction is managed."""
        address = thing.arguments.get("address")
        if thing.kind in ("revision", "file"):
            pages = stage.of_kind("page")
            return any(
                page.arguments["address"] == address and viewer in page.knowers
                for page in pages
            )
        known = viewer in self.town.users and self.town.model.knows_of(viewer)
        return thing.kind == "page" and bool(known) and thing.name in known

    def _control(self, thing: Thing, received: Received, where: str) -> None:
        """See what must be seen, so that silence proves something."""
        row = self.town.model.pages[thing.name]
        if row.live:
            version = max(n for n, text in enumerate(row.texts) if text.published)
            text = self.town.versions[thing.name][version]
            shown = received.text.lower()
            for word in {row.title, *text.body.split()} & set(self.town.words):
                assert word in shown, (
                    f"{where}: {self.town.words[word]} is missing\n{told(self.town)}"
                )
            tally.count("controls")

    def _search(self, stage: Stage, viewer: str) -> None:
        """Search one word: a hidden one like one that nobody wrote."""
        canary = self.random.choice(stage.canaries)
        path = self.random.choice(SEARCHES)
        received = self.ask(viewer, "GET", path.format(canary.word))
        where = f"search {canary.what} as {viewer}"
        if viewer not in canary.readers:
            nothing = self.ask(viewer, "GET", path.format(NOBODYS))
            one = received.text.replace(canary.word, "…")
            other = nothing.text.replace(NOBODYS, "…")
            self._same(one, other, where)
            return
        self._judge(stage, viewer, received, where, canary.word)
        is_text = canary.what.startswith("text of ")
        page = self._page_with(canary.word) if is_text else ""
        shows_hits = "suggest" not in path and "tab=people" not in path
        if page and self.town.worker and shows_hits:
            assert f"-{page}" in received.text, f"{where}: not found\n{told(self.town)}"
            tally.count("controls")

    def _page_with(self, word: str) -> str:
        """Give the id of a page in whose published text a word stands, or nothing."""
        for name, row in self.town.model.pages.items():
            if row.live and not self.town.model.in_trash(name):
                last = max(n for n, text in enumerate(row.texts) if text.published)
                if word in self.town.versions[name][last].body:
                    slug = Page.objects.values_list("slug", flat=True)
                    return str(slug.get(pk=self.town.pages[name])).rpartition("-")[2]
        return ""


def told(town: Town) -> str:
    """Tell a history, to do it again."""
    return "\n".join(f"  {name}{arguments}" for name, arguments in town.log)
