"""What is easily forgotten: partners who left, nested projects, pages below drafts.

Added to the stage. As there, the right answers are written down by hand.
"""

import time_machine
from django.core.files.base import ContentFile
from wagtail.models import Page

from accounts.services import end_membership, save_membership
from knowledge.access.models import PolicyRoot
from knowledge.access.rule import forget
from knowledge.access.services import restrict_page, save_grant
from knowledge.files.services import add_file
from knowledge.pages.models import PageFacts
from knowledge.pages.selectors_history import version_id
from knowledge.pages.services import Text, save_page
from knowledge.pages.services_structure import trash_page
from search.saving import note_recent, save_search
from search.services_steering import add_promotion, add_synonym
from tests.factories import (
    in_days,
    make_article,
    make_organisation,
    make_person,
    make_project,
    root_of,
)
from tests.oracle.words import BETA, BOTH, GAMMA, HOST, NOBODY, Stage

VIEW, EDIT, MANAGE = 1, 3, 4
LEADS = frozenset({"host_admin", "host_manager"})
WRITERS = frozenset({"host_admin", "host_author", "beta_writer"})
READERS = LEADS | {"host_author"} | BETA | BOTH


def add_corners(stage: Stage) -> None:
    """Add all of them."""
    partner_who_left(stage)
    # Search narrows down by who changed what they see.
    writer = stage.users["gamma_member"].public_id
    stage.add("author", "gamma_member", GAMMA | BOTH, person_id=writer)
    nested_project(stage)
    page_below_a_draft(stage)
    draft_that_was_overwritten(stage)
    page_below_a_deleted_one(stage)
    deleted_project(stage)
    kept_searches(stage)
    steered_searches(stage)
    founder_who_left(stage)
    tagged_pages(stage)


def _remember(stage: Stage, name: str, page: Page, knowers: frozenset[str]) -> None:
    stage.pages[name] = page
    stage.add("page", name, knowers, address=page.slug)
    stage.things[-1].more["latest"] = version_id(page.latest_revision_id)
    stage.add("permalink", name, knowers, public_id=page.slug.rpartition("-")[2])


def _organisation(stage: Stage, viewer: str):
    return stage.users[viewer].memberships.get().organisation


def partner_who_left(stage: Stage) -> None:
    """Let somebody of Gamma write, upload and delete while Gamma had a grant."""
    shared, gamma = stage.pages["shared"], _organisation(stage, "gamma_member")
    # The host's people, who may name everybody, and colleagues; Beta knows no Gamma.
    name = stage.word("name of a partner who left", HOST | GAMMA | BOTH)
    writer = make_person(f"Writer {name}", gamma)
    with time_machine.travel(in_days(-30)):
        save_grant(
            root=root_of(shared),
            subject=gamma,
            level=EDIT,
            by=None,
            ends_on=in_days(10),
        )
        page = make_article(
            shared, writer, stage.word("title by a partner who left", READERS)
        )
        upload = ContentFile(b"left behind", name="left.txt")
        add_file(page=page, upload=upload, by=writer)
        gone = make_article(
            shared, writer, stage.word("title deleted by a partner who left", WRITERS)
        )
        trash_page(page=gone, by=writer)
    page.refresh_from_db()
    _remember(stage, "left by a partner", page, READERS)
    _remember(stage, "deleted by a partner", gone, NOBODY)
    stage.add("trash", "deleted by a partner", WRITERS, address=gone.slug)


def founder_who_left(stage: Stage) -> None:
    """Share a project with Beta whose founder works for somebody else by now."""
    host, admin = _organisation(stage, "host_admin"), stage.users["host_admin"]
    elsewhere = make_organisation(stage.word("name of where a founder went", HOST))
    founder = make_person("Former founder", host)
    project = make_project(host, founder, "Project left behind")
    save_grant(
        root=root_of(project),
        subject=_organisation(stage, "beta_member"),
        level=VIEW,
        by=admin,
        ends_on=in_days(30),
    )
    end_membership(membership=founder.memberships.get(), by=admin)
    save_membership(
        user=founder,
        organisation=elsewhere,
        sponsor=admin,
        ends_on=in_days(60),
        by=admin,
    )
    _remember(stage, "left behind", project, HOST | BETA | BOTH)


def nested_project(stage: Stage) -> None:
    """Share a project with Beta that stands in one of which Beta knows nothing."""
    admin = stage.users["host_admin"]
    readers = LEADS | BETA | BOTH
    inner = make_project(
        _organisation(stage, "host_admin"),
        admin,
        f"Project {stage.word('title of a nested project', readers)}",
        body=f"Text {stage.word('body of a nested project', readers)}",
        reach=PolicyRoot.Reach.RESTRICTED,
        parent=stage.pages["closed"],
    )
    save_grant(
        root=root_of(inner),
        subject=_organisation(stage, "beta_member"),
        level=VIEW,
        by=admin,
        ends_on=in_days(30),
    )
    _remember(stage, "nested", inner, readers)


def page_below_a_draft(stage: Stage) -> None:
    """Restrict a page that was never published; below it stands one that was."""
    admin = stage.users["host_admin"]
    named = frozenset({"host_admin"}) | BETA | BOTH
    draft = make_article(
        stage.pages["shared"],
        admin,
        stage.word("title of an unpublished restriction", {"host_admin"}),
        publish=False,
    )
    below = make_article(draft, admin, stage.word("title below a draft", named))
    beta = _organisation(stage, "beta_member")
    restrict_page(page=draft, entries={admin: MANAGE, beta: VIEW}, by=admin)
    _remember(stage, "unpublished restriction", draft, frozenset({"host_admin"}))
    _remember(stage, "below a draft", below, named)


def draft_that_was_overwritten(stage: Stage) -> None:
    """Write a draft, and publish another text over it."""
    admin = stage.users["host_admin"]
    page = make_article(stage.pages["shared"], admin, "Past", body="First text")
    draft = f"First text\n\n{stage.word('draft that was overwritten', WRITERS)}"
    drafts = []
    for body, publish in ((draft, False), ("First text\n\nSecond", True)):
        page.refresh_from_db()
        revision = save_page(
            page=page,
            text=Text("Past", body, "en"),
            base_revision_id=page.latest_revision_id,
            by=admin,
            publish=publish,
        )
        drafts.append(version_id(revision.pk))
    page.refresh_from_db()
    _remember(stage, "past", page, READERS)
    stage.add("revision", "past", READERS, address=page.slug, public_id=drafts[1])
    stage.add(
        "revision", "overwritten", WRITERS, address=page.slug, public_id=drafts[0]
    )


def page_below_a_deleted_one(stage: Stage) -> None:
    """Delete a page with one below it."""
    admin = stage.users["host_admin"]
    top = make_article(
        stage.pages["shared"], admin, stage.word("title of a deleted tree", WRITERS)
    )
    below = make_article(top, admin, stage.word("title in a deleted tree", NOBODY))
    trash_page(page=top, by=admin)
    _remember(stage, "deleted tree", top, NOBODY)
    _remember(stage, "in a deleted tree", below, NOBODY)
    stage.add("trash", "deleted tree", WRITERS, address=top.slug)


def deleted_project(stage: Stage) -> None:
    """Delete a project that Gamma had shared with Beta, which knew Gamma by it."""
    founder = stage.users["gamma_member"]
    gamma = _organisation(stage, "gamma_member")
    word = stage.word("title of a deleted project", {"gamma_member"})
    project = make_project(gamma, founder, f"Project {word}")
    save_grant(
        root=root_of(project),
        subject=_organisation(stage, "beta_member"),
        level=EDIT,
        by=founder,
        ends_on=in_days(30),
    )
    trash_page(page=project, by=founder)
    _remember(stage, "deleted project", project, NOBODY)
    stage.add("trash", "deleted project", {"gamma_member"}, address=project.slug)


def kept_searches(stage: Stage) -> None:
    """Let two people save a search and ask something: nobody else knows of that."""
    for viewer in ("beta_member", "host_manager"):
        own = {viewer}
        user = stage.users[viewer]
        saved = save_search(
            by=user,
            name=stage.word(f"name of a search of {viewer}", own),
            address=f"q={stage.word(f'saved words of {viewer}', own)}",
            alert="none",
        )
        stage.add("saved", viewer, own, public_id=saved.public_id)
        note_recent(by=user, text=stage.word(f"recent words of {viewer}", own))


def steered_searches(stage: Stage) -> None:
    """Let host and Beta say what is searched and shown first when one of them asks.

    The page that the host promotes is closed to all of its people but one.
    """
    for name, viewer, people, leads, promoted, readers in (
        ("host", "host_admin", HOST, LEADS, "closed page", {"host_admin"}),
        ("beta", "beta_admin", BETA | BOTH, {"beta_admin"}, "page in shared", None),
    ):
        organisation, by = _organisation(stage, viewer), stage.users[viewer]
        forget(by)
        forms = [stage.word(f"{which} of {name}", people) for which in ("one", "other")]
        synonym = add_synonym(organisation=organisation, words=["text", *forms], by=by)
        promotion = add_promotion(
            organisation=organisation,
            words=["text"],
            page=stage.pages[promoted],
            note=stage.word(f"note of what {name} promotes", readers or people),
            by=by,
        )
        own = {"organisation_id": organisation.public_id}
        stage.add("steering", name, leads, **own)
        synonym_id, promotion_id = synonym.public_id, promotion.public_id
        stage.add("synonym", name, leads, **own, synonym_id=synonym_id)
        knowers = readers or leads
        stage.add("promotion", name, knowers, **own, promotion_id=promotion_id)
    gamma = _organisation(stage, "gamma_member")
    stage.add("steering", "gamma", NOBODY, organisation_id=gamma.public_id)


def tagged_pages(stage: Stage) -> None:
    """Give each page that was ever published a tag that only its readers may know."""
    for thing in stage.of_kind("page"):
        facts = PageFacts.objects.filter(page=stage.pages[thing.name]).first()
        if facts is not None:
            facts.tags = [stage.word(f"tag of {thing.name}", thing.knowers)]
            facts.save()
