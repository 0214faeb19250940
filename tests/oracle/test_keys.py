"""No key of the database leaves the house: keys are counters, and counters talk.

A key tells how much all organisations together write, invite or grant, and who came
first. Addresses, forms and answers name things by random ids (`accounts.public_ids`).

Not asked here: the Wagtail admin below /cms/. Its addresses are Wagtail's own, with
keys; its gate lets in host authors only, who see what they may edit
(`knowledge.pages.admin_gate`).
"""

import os

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils.http import int_to_base36
from wagtail.models import Page, Revision

from accounts.models import AuditEvent, Invitation, Membership, Organisation, User
from knowledge.files.models import Attachment
from search.models import SavedSearch
from search.saving import stop_token
from tests.oracle.crawl import address_of, ask, client_of, rolled_back, things_for
from tests.oracle.surfaces import FORM, SURFACES, WAIVED, Surface
from tests.oracle.words import NOBODY, VIEWERS, Stage, Thing
from tests.support.jobs import run_jobs

# Whoever sees most, and a few things of each kind, in every run: the same templates show
# them all. `make oracle` asks as everybody for everything.
FEW = ("anonymous", "beta_admin", "both", "host_admin")
ASKED = VIEWERS if os.environ.get("ORACLE") == "all" else FEW
THINGS = None if os.environ.get("ORACLE") == "all" else 2

COUNTED = (
    Page,
    Revision,
    Attachment,
    User,
    Organisation,
    Membership,
    Invitation,
    AuditEvent,
)


def asked_of(stage: Stage, surface: Surface, viewer: str):
    """Yield what to ask: address, method and form, of all that the viewer knows."""
    known = [one for one in things_for(stage, surface) if viewer in one.knowers]
    # The shared project has everything: a draft over a page, files, a restriction.
    known.sort(key=lambda thing: "shared" not in thing.name)
    nothing = [] if surface.kind else [Thing("", "", {}, NOBODY)]
    for thing in nothing + known[:THINGS]:
        address = address_of(surface, thing.arguments)
        more = thing.more
        for query in surface.queries:
            yield address + query.format(**more), "GET", {}
        if surface.writes:
            forms = [FORM, FORM | {"action": "preview"}]
            if "latest" in more:
                forms.append(FORM | {"base": more["latest"]})
            for form in forms:
                yield address, "POST", form


@pytest.mark.parametrize("viewer", ASKED)
def test_no_answer_holds_a_key_of_the_database(stage, viewer):
    client, found = client_of(stage, viewer), set()
    for surface in SURFACES:
        for address, method, form in asked_of(stage, surface, viewer):
            told = stage.keys.found_in(ask(client, method, address, form).text)
            found |= {f"{method} {surface.name}: {key}" for key in told}
    assert not found, "\n".join(sorted(found))


def test_no_page_about_oneself_holds_a_key_of_the_database(stage):
    client, found = client_of(stage, "host_admin"), []
    saved = SavedSearch.objects.order_by("pk")[0]
    tokens = {"invitation": stage.tokens[0], "search:stop_alert": stop_token(saved)}
    asked = [name for name in WAIVED if "key" not in name.split("_")]
    for name in asked:
        token = tokens.get(name)
        address = reverse(name, kwargs={"token": token} if token else None)
        told = stage.keys.found_in(ask(client, "GET", address, {}).text)
        found += [f"{name}: {key}" for key in told]
    assert not found, "\n".join(found)


def test_no_mail_holds_a_key_of_the_database(stage):
    member = stage.users["beta_member"]
    form = {"email": member.email}
    with rolled_back():
        Client().post(reverse("account_reset_password"), form)
        assert run_jobs("accounts.send_password_reset") == 1
        assert run_jobs("accounts.send_invitation")
    texts = [f"{one.subject}\n{one.body}\n{one.message()}" for one in mail.outbox]
    assert any(member.public_id in text for text in texts)
    assert not [key for text in texts for key in stage.keys.found_in(text)]


def test_the_keys_of_this_world_can_be_told_from_all_other_numbers(stage):
    for model in COUNTED:
        one = model.objects.order_by("-pk").first()
        table = model._meta.db_table
        for written in (str(one.pk), int_to_base36(one.pk), f"{one.pk:x}"):
            text = f'<a href="/x/{written}">1</a>'
            assert stage.keys.found_in(text) == [f"{table} {written}"]
    assert stage.keys.found_in("1790000000 2026 12 2147483647 a2000000000000") == []
