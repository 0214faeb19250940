"""Mails that tell what changed among the results of a saved search.

Two steps. In the morning `take_due` notes which searches are due and from when on, and
in the same transaction the worker is asked to send. Who may see what is decided when
the mail is written: between the two steps a right may have gone.
"""

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Min, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import may_come_in
from accounts.second_step import lacks_second_step
from search.keeping import form_of
from search.models import Outbox, SavedSearch
from search.saving import stop_token
from search.selectors import find
from search.showing import Found

MAX_HITS = 20
# A change is in the index within minutes. What is younger is told the next time.
SETTLED = datetime.timedelta(minutes=5)
Alert = SavedSearch.Alert


@dataclass(frozen=True)
class Due:
    """The saved searches of one person that are due, by public id, and from when on."""

    person: str
    since: Mapping[str, str]
    until: str


@transaction.atomic
def take_due() -> list[Due]:
    """List what is due, each search once: whoever asks next gets no row of it.

    Call inside the transaction that asks for the mails.
    """
    now = timezone.now()
    midnight = timezone.localtime(now).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    monday = midnight - datetime.timedelta(days=midnight.weekday())
    due = (
        SavedSearch.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(
            Q(alert=Alert.DAILY, last_checked__lt=midnight)
            | Q(alert=Alert.WEEKLY, last_checked__lt=monday)
        )
        .select_related("owner")
        .order_by("owner", "pk")
    )
    until = _indexed_until(now)
    taken = []
    for owner, rows in groupby(due, key=lambda saved: saved.owner):
        since = {}
        for saved in rows:
            since[saved.public_id] = saved.last_checked.isoformat()
            saved.last_checked = max(until, saved.last_checked)
            saved.save(update_fields=["last_checked"])
        taken.append(Due(owner.public_id, since, until.isoformat()))
    return taken


def _indexed_until(now: datetime.datetime) -> datetime.datetime:
    """Give the moment up to which all changes are in the index."""
    # A gap only says that Elasticsearch is not believed: then PostgreSQL answers.
    waiting = Outbox.objects.exclude(kind=Outbox.Kind.GAP)
    oldest: datetime.datetime | None = waiting.aggregate(at=Min("created"))["at"]
    return min(now, oldest or now) - SETTLED


@dataclass(frozen=True)
class News:
    """What changed among the results of one saved search, for its owner."""

    name: str
    hits: tuple[Found, ...]
    address: str
    stop: str


def mail_alert(*, due: Due) -> bool:
    """Write and send one mail, if there is something to tell. Returns whether it was.

    Operators get none: they see everything, and what they see is recorded.
    """
    user = User.objects.filter(public_id=due.person).first()
    if user is None or user.is_superuser or not may_come_in(user):
        return False
    if lacks_second_step(user):
        return False
    with translation.override(user.language or settings.LANGUAGE_CODE):
        news = [one for one in _news(user, due) if one.hits]
        if not news:
            return False
        subject = _("New in your saved searches on Deelplein")
        context = {
            "news": news,
            "base": settings.BASE_URL,
            "saved": settings.BASE_URL + reverse("search:saved"),
        }
        body = render_to_string("search/mail/alert.txt", context)
    send_mail(subject, body, None, [user.email])
    return True


def _news(user: User, due: Due) -> Iterator[News]:
    """Ask again as the owner. Mails that were stopped meanwhile are not sent."""
    found = SavedSearch.objects.filter(owner=user, public_id__in=list(due.since))
    until = datetime.datetime.fromisoformat(due.until)
    for saved in found.exclude(alert=Alert.NONE):
        since = datetime.datetime.fromisoformat(due.since[saved.public_id])
        form = form_of(saved)
        answer = find(
            user,
            form.query,
            form.choices,
            sort="newest",
            size=MAX_HITS,
            within=form.within,
        )
        # A correction answers another question than the one that was kept.
        hits = () if answer.is_better else answer.hits
        path = reverse("search:stop_alert", args=[stop_token(saved)])
        yield News(
            name=saved.name,
            hits=tuple(_between(hits, since, until)),
            address=settings.BASE_URL
            + reverse("search:results")
            + form.address(sort="newest"),
            stop=settings.BASE_URL + path,
        )


def _between(
    hits: Iterable[Found], since: datetime.datetime, until: datetime.datetime
) -> Iterator[Found]:
    return (hit for hit in hits if hit.updated and since < hit.updated <= until)
