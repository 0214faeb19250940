"""What is hidden from a guest, and as many addresses of the same form that never were."""

import random
import string
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.test import Client

from accounts.models import Membership, User
from accounts.public_ids import new_public_id
from accounts.services import create_organisation, create_person
from knowledge.access.models import PolicyRoot
from knowledge.files.services import add_file
from knowledge.pages.models import ProjectPage, new_slug
from knowledge.pages.services import Text, create_article, create_project
from scripts.bench.world import join
from search import indexing, rebuilding
from search.engines import registry

# Enough that no single row, cached or not, decides.
THINGS = 200
SEED = 20261124


def build() -> dict[str, Any]:
    """Fill an empty, migrated database; give addresses and the guest's cookie."""
    chance = random.Random(SEED)  # noqa: S311 - a repeatable world, no secret
    with transaction.atomic():
        guest, kinds = _build(chance)
    for engine in registry.all_engines():
        rebuilding.rebuild(engine)
    indexing.drain_all()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    client = Client(headers={"host": "localhost"})
    client.force_login(guest)
    name = settings.SESSION_COOKIE_NAME
    return {"kinds": kinds, "cookie": f"{name}={client.cookies[name].value}"}


def _build(chance: random.Random) -> tuple[User, dict[str, dict[str, list[str]]]]:
    """Write a closed project of the host, and draw as many names of nothing."""
    host = create_organisation(name="The host", kind="host", by=None)
    company = create_organisation(name="Company of the guest", by=None)
    admin = create_person(email="admin@bench.example", name="The admin", by=None)
    guest = create_person(email="guest@bench.example", name="The guest", by=None)
    join(admin, host, Membership.Role.ADMIN, admin)
    join(guest, company, Membership.Role.MEMBER, admin)
    own = create_project(owner=company, text=Text("Of our own", "Text."), by=guest)
    for number in range(THINGS):
        create_article(parent=own, text=Text(f"Page {number}", "Some text."), by=guest)
    closed = create_project(
        owner=host,
        text=Text("Closed", "Text."),
        by=admin,
        reach=PolicyRoot.Reach.RESTRICTED,
    )
    hidden = [_names_of_a_page(closed, admin, _word(chance)) for _ in range(THINGS)]
    missing = [_names_of_nothing(_word(chance)) for _ in range(THINGS)]
    kinds = {
        kind: {
            "hidden": [names[kind] for names in hidden],
            "missing": [names[kind] for names in missing],
        }
        for kind in hidden[0]
    }
    return guest, kinds


def _word(chance: random.Random) -> str:
    """Draw a word that nobody else wrote; all are of one length."""
    return "".join(chance.choices(string.ascii_lowercase, k=12))


def _names_of_a_page(closed: ProjectPage, admin: User, word: str) -> dict[str, str]:
    text = Text(f"Page {word}", f"The text says {word}. " * 20)
    page = create_article(parent=closed, text=text, by=admin)
    upload = ContentFile(b"content", name=f"{word}.txt")
    file = add_file(page=page, upload=upload, by=admin)
    return _names(page.slug, file.public_id, word)


def _names_of_nothing(word: str) -> dict[str, str]:
    return _names(new_slug(f"Page {word}"), new_public_id() + new_public_id(), word)


def _names(slug: str, file_id: str, word: str) -> dict[str, str]:
    """Write every kind of address that is measured."""
    return {
        "page": f"/{slug}/",
        "file": f"/files/{file_id}/{word}.txt",
        "permalink": f"/go/{slug[-8:]}",
        "word, in PostgreSQL": f"/search/?q={word}",
    }
