"""An id, a name or a title of something hidden, put where one's own is asked for.

In a question after the address, in a form, or as the second part of an address whose
first part is one's own: it does what one that was never given out does.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

import pytest

from knowledge.pages.selectors_history import version_id
from tests.oracle.crawl import ask, client_of, first_difference
from tests.oracle.words import NEVER, NEVER_LONG, Stage

# What names nothing, in the shape of each kind.
NOTHING = {
    "page": NEVER,
    "slug": f"nothing-{NEVER}",
    "title": "Nothing at all",
    "tag": NEVER,
    "revision": NEVER_LONG,
    "organisation": NEVER,
    "person": NEVER,
    "team": NEVER,
    "invitation": NEVER,
    "synonym": NEVER,
    "promotion": NEVER,
    "name": "Nobody at all",
    "email": "nobody@example.org",
}


@dataclass(frozen=True)
class Place:
    """Where a thing of a kind can be named: `…` in the address or in the form."""

    kind: str
    address: str
    form: dict[str, str] = field(default_factory=dict)

    def asked(self, value: str) -> tuple[str, str, dict[str, str]]:
        """Give method, address and form with the value in it."""
        form = {
            key.replace("…", value): text.replace("…", value)
            for key, text in self.form.items()
        }
        return "POST" if form else "GET", self.address.replace("…", value), form


def _everywhere() -> Iterator[Place]:
    """List what is open to everybody."""
    yield Place("organisation", "/projects/?organisation=…")
    yield Place("organisation", "/search/?q=text&organisation=…")
    yield Place("organisation", "/search/?q=text&format=json&organisation=…")
    yield Place("page", "/search/?q=text&project=…")
    yield Place("page", "/search/?q=text&format=json&project=…")
    yield Place("person", "/search/?q=text&author=…")
    yield Place("person", "/search/?q=text&format=json&author=…")
    yield Place("tag", "/search/?q=text&tag=…")
    yield Place("tag", "/search/?q=text+tag:…")
    yield Place("slug", "/trash/?project=…")
    founding = {"title": "T", "language": "en", "reach": "network"}
    yield Place("organisation", "/projects/new", founding | {"owner": "…"})


def _on_page(slug: str) -> Iterator[Place]:
    """List what is open to who writes on a page."""
    text = {"title": "T", "language": "en"}
    yield Place("page", f"/{slug}/move?target=…")
    yield Place("page", f"/{slug}/move", {"target": "…"})
    yield Place("title", f"/{slug}/preview", {"body": "See [[…]]."})
    edit = text | {"body": "B", "action": "publish"}
    yield Place("revision", f"/{slug}/edit", edit | {"base": "…"})
    yield Place("revision", f"/{slug}/history/compare?from=…&to=…")


def _in_panel(slug: str) -> Iterator[Place]:
    """List what is open to who shares a project."""
    for kind, letter in (("organisation", "o"), ("person", "p"), ("team", "t")):
        row = {"row": f"{letter}-…", f"{letter}-…-level": "1", "do": "save"}
        yield Place(kind, f"/{slug}/access", row)
    for kind in ("name", "email"):
        added = {"add-who": "…", "add-level": "1", "do": "look"}
        yield Place(kind, f"/{slug}/access", added)
        yield Place(kind, f"/{slug}/access?person=…")


def _in_organisation(public_id: str) -> Iterator[Place]:
    """List what is open to who leads an organisation."""
    start = f"/organisation/{public_id}"
    for end in ("", "end", "suspend", "close"):
        yield Place("person", f"{start}/people/…/{end}")
    yield Place("team", f"{start}/teams/…/")
    yield Place("invitation", f"{start}/invitations/…/withdraw", {"x": "x"})
    yield Place("invitation", f"{start}/invitations/…/again", {"x": "x"})
    yield Place("organisation", "/organisations/…/search/")
    for end in ("", "&format=json"):
        yield Place("organisation", f"/search/?q=text&scope=…{end}")
        within = f"/search/?q=text&scope={public_id}"
        yield Place("organisation", f"{within}&partner=…{end}")
    search = f"/organisations/{public_id}/search"
    for end in ("", "delete"):
        yield Place("synonym", f"{search}/synonyms/…/{end}")
        yield Place("promotion", f"{search}/promoted/…/{end}")
        yield Place("promotion", f"{search}/promoted/…/{end}", {"x": "x"})
    promoted = {"add": "promotion", "promotion-words": "fire", "promotion-page": "…"}
    for kind in ("title", "slug", "page"):
        yield Place(kind, f"{search}/", promoted)


def places(stage: Stage, viewer: str) -> Iterator[Place]:
    """List where a viewer can name something."""
    pages = {"beta_writer": "past", "beta_own": "page in single"}
    yield from _everywhere()
    if viewer in pages:
        yield from _on_page(stage.pages[pages[viewer]].slug)
    if viewer == "beta_admin":
        own = stage.users[viewer].memberships.get().organisation
        yield from _in_panel(stage.pages["of beta"].slug)
        yield from _in_organisation(own.public_id)


def hidden(stage: Stage, viewer: str) -> dict[str, dict[str, str]]:
    """Give by kind what the viewer may not know of: the value, and what it is."""
    pages = [t for t in stage.of_kind("page") if viewer not in t.knowers]
    found = {
        "page": {str(t.arguments["address"])[-8:]: t.name for t in pages},
        "slug": {str(t.arguments["address"]): t.name for t in pages},
        "title": {str(stage.pages[t.name].title): t.name for t in pages},
        "revision": {
            str(t.arguments["public_id"]): t.name
            for t in stage.of_kind("revision")
            if viewer not in t.knowers
        },
    }
    for kind, argument in (
        ("organisation", "public_id"),
        ("member", "person_id"),
        ("team", "team_id"),
        ("invitation", "invitation_id"),
        ("synonym", "synonym_id"),
        ("promotion", "promotion_id"),
    ):
        things = [t for t in stage.of_kind(kind) if viewer not in t.knowers]
        name = "person" if kind == "member" else kind
        found[name] = {str(t.arguments[argument]): t.name for t in things}
    found["tag"] = {
        c.word: c.what for c in stage.forbidden(viewer) if c.what.startswith("tag of ")
    }
    people = [stage.users[name] for name in ("gamma_member", "host_member")]
    found["name"] = {person.name: person.name for person in people}
    found["name"] |= {
        c.word: c.what
        for c in stage.forbidden(viewer)
        if c.what in ("host", "beta", "gamma", "delta", "team")
    }
    found["email"] = {person.email: person.name for person in people}
    return found


@pytest.mark.parametrize("viewer", ["beta_admin", "beta_own", "beta_writer"])
def test_what_is_hidden_does_what_was_never_given_out_does(stage, viewer):
    client, found = client_of(stage, viewer), []
    foreign = hidden(stage, viewer)
    for place in places(stage, viewer):
        nothing = NOTHING[place.kind]
        none = ask(client, *place.asked(nothing))
        for value, what in foreign[place.kind].items():
            got = ask(client, *place.asked(value))
            texts = _plain(got.text, value), _plain(none.text, nothing)
            if texts[0] != texts[1]:
                where = f"{place.kind} {what} at {place.address} {place.form}"
                found.append(f"{where}: {first_difference(*texts)}")
    assert not found, "\n".join(found)


def _plain(text: str, typed: str) -> str:
    """Leave out what the asker typed, and the length that depends on it."""
    if typed.isdigit() and typed != NEVER:
        # Such a number may stand anywhere; as typed it stands in its field only.
        text = text.replace(f'value="{typed}"', 'value="…"')
    else:
        for written in (typed, quote(typed), quote_plus(typed)):
            text = text.replace(written, "…")
    lines = text.splitlines()
    return "\n".join(line for line in lines if not line.startswith("Content-Length"))


def test_what_one_may_name_does_something(stage):
    """The positive control: in the same places one's own does something."""
    own = {
        "page": str(stage.pages["shared"].slug)[-8:],
        "revision": version_id(stage.pages["past"].latest_revision_id),
        "title": stage.pages["shared"].title,
        "organisation": stage.users["beta_writer"]
        .memberships.get()
        .organisation.public_id,
    }
    client = client_of(stage, "beta_writer")
    for place in places(stage, "beta_writer"):
        if place.kind in own and "project=" not in place.address:
            got = ask(client, *place.asked(own[place.kind]))
            none = ask(client, *place.asked(NOTHING[place.kind]))
            assert _plain(got.text, own[place.kind]) != _plain(
                none.text, NOTHING[place.kind]
            ), place
