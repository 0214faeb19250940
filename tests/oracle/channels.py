"""A project that guests of another organisation see, and every channel it comes by."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone
from wagtail.models import Page, Revision

from knowledge.access.models import PolicyRoot
from knowledge.access.services import save_grant
from knowledge.files.services import add_file
from knowledge.pages.models import PageFacts
from knowledge.pages.services import Text, save_page
from tests.factories import (
    make_article,
    make_organisation,
    make_person,
    make_project,
    root_of,
)
from tests.oracle.stage import EDIT, PIXELS
from tests.oracle.words import new_word

GUESTS = 3
# A word that a page of the guests' own has as well: totals and facets count both.
COMMON = "zandbank"


@dataclass(frozen=True)
class Channel:
    """One way to ask."""

    name: str
    address: str
    method: str = "GET"
    form: tuple[tuple[str, str], ...] = ()

    @property
    def typed(self) -> str:
        """Give what the asker typed, which an answer may repeat."""
        return f"{self.address} {self.form}"


class Place:
    """Vaartkade's project with a page, its history and files; guests with one of their own."""

    def __init__(self) -> None:
        word = self.words = {
            what: new_word()
            for what in ("project", "page", "body", "old", "note", "below", "file")
        }
        self.host = make_organisation("Vaartkade", "host")
        self.meridian = make_organisation("Meridian")
        self.admin = make_person("Anouk Admin", self.host, "admin")
        self.guests = [
            make_person(f"Guest {number}", self.meridian, sponsor=self.admin)
            for number in range(GUESTS)
        ]
        closed = PolicyRoot.Reach.RESTRICTED
        title = f"Project {word['project']}"
        self.project = make_project(self.host, self.admin, title, reach=closed)
        self.closed = make_project(self.host, self.admin, "Closed", reach=closed)
        self.own = make_project(self.meridian, self.guests[0], "Of our own")
        save_grant(root=root_of(self.own), subject=self.meridian, level=EDIT, by=None)
        self.own_page = make_article(
            self.own, self.guests[0], "Page of our own", body=f"Our {COMMON}."
        )
        self._write(word)
        self._age()

    def _write(self, word: dict[str, str]) -> None:
        self.page = make_article(
            self.project,
            self.admin,
            f"Page {word['page']}",
            body=f"## Heading\n\nThe {COMMON}, {word['body']}, {word['old']}.",
        )
        self.page.refresh_from_db()
        save_page(
            page=self.page,
            text=Text(self.page.title, f"## Heading\n\n{COMMON} {word['body']}", "en"),
            base_revision_id=self.page.latest_revision_id,
            by=self.admin,
            publish=True,
            note=f"Note {word['note']}",
        )
        self.page.refresh_from_db()
        self.below = make_article(
            self.page, self.admin, f"Below {word['below']}", body=COMMON
        )
        self.file = self._file(f"{word['file']}.txt", word["file"].encode())
        self.image = self._file(f"{word['file']}.png", PIXELS)

    def _file(self, name: str, content: bytes) -> Any:
        upload = ContentFile(content, name=name)
        return add_file(page=self.page, upload=upload, by=self.admin)

    def _age(self) -> None:
        """Let everything have been written long ago: no text changes while we ask."""
        long_ago = timezone.now() - datetime.timedelta(days=400)
        PageFacts.objects.update(changed_at=long_ago)
        Revision.objects.update(created_at=long_ago)
        Page.objects.update(latest_revision_created_at=long_ago)

    def channels(self) -> list[Channel]:
        """List every way by which a guest could come across the page."""
        return [*self._by_address(), *self._by_lists(), *self._by_search()]

    def _by_address(self) -> Iterator[Channel]:
        slug = self.page.slug
        newest, oldest = self.page.revisions.order_by("-pk").values_list(
            "note__public_id", flat=True
        )[:2]
        preview = (("body", f"[[{self.page.title}]] text"),)
        yield Channel("project", f"/{self.project.slug}/")
        yield Channel("page", f"/{slug}/")
        yield Channel("page below", f"/{self.below.slug}/")
        yield Channel("permalink", f"/go/{slug[-8:]}")
        for rest in ("history", "files", "children", "access", "edit", "new", "move"):
            yield Channel(rest, f"/{slug}/{rest}")
        yield Channel("delete", f"/{slug}/delete")
        yield Channel("revision", f"/{slug}/history/{oldest}")
        compare = f"/{slug}/history/compare?from={oldest}&to={newest}"
        yield Channel("compare", compare)
        yield Channel("preview", f"/{slug}/preview", "POST", preview)
        yield Channel("original", self.file.get_absolute_url())
        yield Channel("picture", self.image.get_absolute_url())
        yield Channel("thumb", f"/files/{self.image.public_id}/thumb/400")

    def _by_lists(self) -> Iterator[Channel]:
        own = self.own_page.slug
        link = (("body", f"[[{self.page.title}]] and text"),)
        yield Channel("home", "/")
        yield Channel("recent", "/recent/")
        yield Channel("projects", "/projects/")
        yield Channel("projects by word", f"/projects/?q={self.words['project']}")
        yield Channel("organisation", f"/organisations/{self.host.public_id}/")
        yield Channel("trash", "/trash/")
        yield Channel("move targets", f"/{own}/move?q={self.words['page']}")
        yield Channel("tree", f"/{self.project.slug}/children")
        yield Channel("link in a preview", f"/{own}/preview", "POST", link)

    def _by_search(self) -> Iterator[Channel]:
        project = root_of(self.project).page.access.public_id
        for what in ("body", "page", "file", "below", "project"):
            yield Channel(f"search {what}", f"/search/?q={self.words[what]}")
        yield Channel("search, common", f"/search/?q={COMMON}")
        yield Channel("totals", f"/search/?q={COMMON}&format=json")
        yield Channel("facets", f"/search/?q={COMMON}&project={project}")
        yield Channel("facet of owner", f"/search/?q={COMMON}&type=page&format=json")
        yield Channel("suggestions", f"/search/suggest?q={self.words['page']}")
        yield Channel("links", f"/search/suggest?format=json&q={self.words['page']}")
