"""Every address of the Wagtail admin, filled with ids of what is hidden, shown, or not."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from django.urls import URLPattern, get_resolver

from tests.oracle.crawl import Received
from tests.oracle.words import NEVER, Stage

MISSING = f"/cms/nothing-{NEVER}/"
NEVER_PK = 2**31 - 1
# What an argument that is no number may be: names of kinds and acts, no ids.
WORDS = {
    "app_label": "wagtailcore",
    "app_name": "pages",
    "model_name": "page",
    "content_type_app_name": "pages",
    "content_type_model_name": "articlepage",
    "action": "delete",
    "action_name": "approve",
    "uidb64": "MQ",
    "token": "set-password",
}
ARGUMENT = re.compile(
    r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>|\(\?P<(?P<group>\w+)>[^)]*\)"
)
# All that Wagtail's screens read from the question, in one.
EVERYTHING = (
    "?q={word}&p=1&per_page=100&page_type=pages.articlepage&choose=1&multiple=1"
    "&parent_page_id={first}&id={first}&id={second}&object_id={second}&childOf={first}"
    "&next=/cms/&ordering=-title&owner={second}&user={second}&edited_by={second}"
    "&has_child_pages=true&search_all=1&export=csv&fields=*"
)
# The same one by one, for the few screens that answer.
QUESTIONS = (
    "",
    "?q={word}",
    "?q={word}&search_all=1",
    "?p=2",
    "?per_page=1",
    "?ordering=title",
    "?ordering=-latest_revision_created_at",
    "?ordering=ord",
    "?ordering=owner",
    "?has_child_pages=true",
    "?has_child_pages=false",
    "?owner={second}",
    "?edited_by={second}",
    "?site=1",
    "?content_type=1&search_all=1",
    "?latest_revision_created_at_from=2020-01-01&search_all=1",
    "?parent_page_id={first}",
    "?_w_filter_fragment=1",
    "?export=csv",
    "?export=xlsx",
    "?id={first}&id={second}",
)


@dataclass(frozen=True)
class Ids:
    """Two numbers to fill an address with: a page first, or something of any kind."""

    what: str
    first: int
    second: int
    word: str = "text"

    def into(self, text: str) -> str:
        """Write them into a question."""
        return text.format(first=self.first, second=self.second, word=self.word)


NOTHING = Ids("never given out", NEVER_PK, NEVER_PK)


def routes() -> list[tuple[str, str]]:
    """List name and route of every address below /cms/."""
    return [
        (name, "/" + re.sub(r"[\^$\\]", "", route))
        for route, name in _walk(get_resolver(), "", "")
        if route.startswith("cms/")
    ]


def _walk(resolver, prefix: str, space: str) -> Iterator[tuple[str, str]]:
    for pattern in resolver.url_patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLPattern):
            yield route, f"{space}{pattern.name}"
        else:
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from _walk(pattern, route, f"{space}{inner}")


def fill(route: str, ids: Ids) -> str:
    """Put a page's id for the first number of a route and the other for the rest."""
    numbers = iter((ids.first, *[ids.second] * 9))

    def value(match: re.Match[str]) -> str:
        name = match["name"] or match["group"]
        return WORDS.get(name) or str(next(numbers))

    return ARGUMENT.sub(value, route).replace(".*/", f"nothing-{NEVER}/")


def takes_ids(route: str) -> bool:
    """Say whether an address names anything that could be hidden."""
    return fill(route, NOTHING) != fill(route, Ids("other", 1, 1))


def hidden_ids(stage: Stage, viewer: str) -> list[Ids]:
    """Give ids of pages, revisions, people and groups that a viewer must not know."""
    unknown = {t.arguments["address"] for t in stage.of_kind("page")}
    unknown -= {
        t.arguments["address"] for t in stage.of_kind("page") if viewer in t.knowers
    }
    pages = [page for page in stage.pages.values() if page.slug in unknown]
    person = stage.users["gamma_member"]
    group = person.memberships.get().organisation.group
    return [
        *(Ids(page.title, page.pk, page.latest_revision_id) for page in pages),
        Ids("a person", person.pk, person.pk),
        Ids("a group", group.pk, group.pk),
    ]


def told(received: Received, address: str) -> tuple[str, tuple[str, ...]]:
    """Give what was received, without the address that the asker typed itself."""
    text = received.text
    for typed in sorted({address, quote(address), quote(address, "")}, key=len):
        text = text.replace(typed, "…")
    return re.sub(r"(?m)^Content-Length: \d+$", "", text), received.queries
