"""Ask for an address as somebody, and compare what comes back, byte by byte."""

import copy
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest

from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from tests.oracle import tally
from tests.oracle.surfaces import Surface
from tests.oracle.words import NEVER, NEVER_LONG, Stage, Thing

# Where a word can be searched for.
SEARCHES = (
    "/search/?q={}",
    "/search/?q={}&format=json",
    "/search/suggest?q={}",
    "/search/?q={}&tab=people",
)
# How a word can name something in a question, or stand in it otherwise. Beside it stands
# one that every page has.
NAMING = ("in:{}", "org:{}", "author:{}", "tag:{}")
QUESTIONS = (
    *NAMING,
    "title:{}",
    "{}*",
    '"{}"',
    "text OR {}",
    "text -{}",
    "text in:{}",
    "text -in:{}",
    "text org:{}",
    "text author:{}",
    "text -author:{}",
    "text tag:{}",
    "text title:{} OR nobody",
)

# What differs at every call, whoever asks: reviewed, and nothing else.
TOKENS = re.compile(
    r'(name="csrfmiddlewaretoken" value="|csrftoken=|"X-CSRFToken": "|"CSRF_TOKEN": "'
    # A digest with the site's secret in it, for who manages what it is of.
    r'|name="version" value=")\w+'
)
EXPIRES = re.compile(r"expires=[^;]+")
# A text with a backslash in it is written E'…', after one more space.
LITERALS = re.compile(r"(?: E)?'(?:[^']|'')*'|\bs\d+_x\d+\b|\b\d+\b")
LISTS = re.compile(r"\((?:\?(?:, )?)+\)")


@dataclass(frozen=True)
class Received:
    """All bytes that somebody received, and what the database was asked for it."""

    status: int
    head: str
    body: str
    queries: tuple[str, ...]

    @property
    def text(self) -> str:
        """Give everything that can be read."""
        return f"{self.status}\n{self.head}\n\n{self.body}"


def client_of(stage: Stage, viewer: str) -> Client:
    """Sign a viewer in; who may not come in is signed in all the same."""
    client = Client(raise_request_exception=False)
    client.viewer = viewer
    if viewer != "anonymous":
        client.force_login(User.objects.get(pk=stage.users[viewer].pk))
    return client


@contextmanager
def rolled_back() -> Iterator[None]:
    """Undo whatever is done inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(client: Client, method: str, address: str, form: dict[str, str]) -> Received:
    """Ask, and undo what the asking did, a sign-out too."""
    connection.queries_log.clear()
    cookies = copy.deepcopy(client.cookies)
    with rolled_back(), CaptureQueriesContext(connection) as captured:
        send = getattr(client, method.lower())
        if method == "POST":
            upload = ContentFile(b"text", name="upload.txt")
            response = send(address, form | {"file": upload, "files": upload})
        else:
            response = send(address)
        body = _body(response)
    match = response.wsgi_request.resolver_match
    tally.count("by elasticsearch", '"engine": "elasticsearch"' in body)
    viewer = getattr(client, "viewer", "somebody")
    tally.note_probe(viewer, match.view_name if match else "nowhere")
    client.cookies = cookies
    head = "\n".join(f"{k}: {v}" for k, v in sorted(response.headers.items()))
    baked = "\n".join(morsel.OutputString() for morsel in response.cookies.values())
    return Received(
        response.status_code,
        _plain(f"{head}\n{baked}"),
        _plain(body),
        tuple(_shape(query["sql"]) for query in captured.captured_queries),
    )


def _body(response: HttpResponse) -> str:
    if response.streaming:
        content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    else:
        content = response.content
    return content.decode("utf-8", "replace")


def _plain(text: str) -> str:
    return EXPIRES.sub("expires=…", TOKENS.sub(r"\1…", text))


def _shape(statement: str) -> str:
    """Leave of a statement what does not depend on values."""
    return LISTS.sub("(?)", LITERALS.sub("?", statement))


def address_of(surface: Surface, arguments: dict[str, object]) -> str:
    """Write the address of a surface."""
    if surface.name == "wagtail_serve":
        return f"/{arguments['address']}/"
    return reverse(surface.name, kwargs=arguments)


# The same arguments with ids that were never given out.
MISSING: dict[str, dict[str, object]] = {
    "page": {"address": f"nothing-{NEVER}"},
    "permalink": {"public_id": NEVER},
    "revision": {"address": f"nothing-{NEVER}", "public_id": NEVER_LONG},
    "trash": {"address": f"nothing-{NEVER}"},
    "file": {"address": f"nothing-{NEVER}", "public_id": NEVER},
    "original": {"public_id": NEVER, "name": "nothing.txt"},
    "thumb": {"public_id": NEVER, "spec": 400},
    "organisation": {"public_id": NEVER},
    "people": {"organisation_id": NEVER},
    "inviting": {"organisation_id": NEVER},
    "member": {"organisation_id": NEVER, "person_id": NEVER},
    "team": {"organisation_id": NEVER, "team_id": NEVER},
    "invitation": {"organisation_id": NEVER, "invitation_id": NEVER},
    "saved": {"public_id": NEVER},
    "steering": {"organisation_id": NEVER},
    "synonym": {"organisation_id": NEVER, "synonym_id": NEVER},
    "promotion": {"organisation_id": NEVER, "promotion_id": NEVER},
}


def without(received: Received, arguments: dict[str, object]) -> tuple[object, ...]:
    """Give what was received, without the arguments that the asker typed itself."""
    text = received.text
    typed = [value for value in arguments.values() if isinstance(value, str)]
    for value in sorted(typed, key=len, reverse=True):
        text = text.replace(value, "…")
    return re.sub(r"(?m)^Content-Length: \d+$", "", text), received.queries


def things_for(stage: Stage, surface: Surface) -> list[Thing]:
    """List what a surface can be asked about."""
    return list(stage.of_kind(surface.kind)) if surface.kind else []


def first_difference(one: str, other: str) -> tuple[str, str]:
    """Give the first pair of lines that are not the same; empty where all are."""
    pairs = zip_longest(one.splitlines(), other.splitlines(), fillvalue="")
    return next(((a, b) for a, b in pairs if a != b), ("", ""))
