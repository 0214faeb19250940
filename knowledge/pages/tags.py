"""Tags of pages: read as people type them, set, and those that somebody sees in use.

A tag is a word or two on a page, in small letters. There is no list of tags apart from
the pages, so nobody's tag is known where its pages are not.
"""

import unicodedata
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import CharField, Count, F, Func
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.selectors import Person
from accounts.validators import no_tricks
from knowledge.access.rule import require, visible_to
from knowledge.pages.models import MAX_TAG_CHARS, MAX_TAGS, ContentPage, PageFacts
from knowledge.pages.signals import page_changed

MAX_SUGGESTED = 100


def clean_tag(text: str) -> str:
    """Bring a tag into the form in which tags are compared and kept: without quotes.

    Questions put them around it.
    """
    plain = unicodedata.normalize("NFKC", text).replace('"', " ")
    return " ".join(plain.lower().split())


def read_tags(text: str) -> list[str]:
    """Read tags with commas between them, each once, in their order.

    Raises ValidationError for too many, too long ones and invisible characters.
    """
    no_tricks(text)
    tags = list(dict.fromkeys(filter(None, map(clean_tag, text.split(",")))))
    if len(tags) > MAX_TAGS:
        limit = {"n": MAX_TAGS}
        raise ValidationError(_("A page has at most %(n)d tags.") % limit)
    long = next((tag for tag in tags if len(tag) > MAX_TAG_CHARS), None)
    if long:
        values = {"tag": long, "n": MAX_TAG_CHARS}
        message = _("“%(tag)s” has more than %(n)d characters.")
        raise ValidationError(message % values)
    return tags


@transaction.atomic
def set_tags(
    *, page: ContentPage, tags: Sequence[str], was: Sequence[str], by: User
) -> list[str]:
    """Take over what somebody changed in the tags that a page had (`was`).

    Two people at once lose nothing: what the other one added stays. `tags` come from
    `read_tags`. Raises PermissionDenied, Http404, or ValidationError for a page that is
    not published and when all of them together are too many.
    """
    require(by, "edit", page)
    facts = PageFacts.objects.select_for_update(of=("self",)).filter(page=page).first()
    if facts is None:
        raise ValidationError(_("Publish the page first; then it can have tags."))
    kept = [tag for tag in facts.tags if tag in tags or tag not in was]
    merged = list(dict.fromkeys((*kept, *(tag for tag in tags if tag not in was))))
    if len(merged) > MAX_TAGS:
        limit = {"n": MAX_TAGS}
        raise ValidationError(_("A page has at most %(n)d tags.") % limit)
    if merged != facts.tags:
        facts.tags = merged
        facts.save(update_fields=["tags"])
        page_changed.send(type(page), page_id=page.pk)
    return merged


def tags_in_use(user: Person) -> list[str]:
    """List the tags on pages that a person may view, the most frequent first."""
    facts = visible_to(user, PageFacts.objects.exclude(tags=[]), through="page__")
    tag = Func(F("tags"), function="unnest", output_field=CharField())
    found = facts.order_by().annotate(tag=tag).values("tag").annotate(n=Count("pk"))
    return [row["tag"] for row in found.order_by("-n", "tag")[:MAX_SUGGESTED]]


def known_tags(user: Person, tags: Sequence[str]) -> tuple[str, ...]:
    """Pick out the tags that stand on some page the person may view."""
    facts = PageFacts.objects.filter(tags__overlap=list(tags))
    found = visible_to(user, facts, through="page__").values_list("tags", flat=True)
    present = {tag for row in found for tag in row}
    return tuple(tag for tag in tags if tag in present)
