"""Writes: the searches that a person keeps, and those asked lately.

Each is its owner's alone, so a service that is given one checks nothing else than that
`by` owns it.
"""

import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from search.models import RecentSearch, SavedSearch

MAX_SAVED = 50
# As many recent questions are shown; older ones are deleted in the night.
MAX_RECENT = 10
KEPT_FOR = datetime.timedelta(days=90)
Alert = SavedSearch.Alert


@transaction.atomic
def save_search(*, by: User, name: str, address: str, alert: str) -> SavedSearch:
    """Keep a search as `SearchForm.address` writes it.

    Raises ValidationError when the name is taken or there are MAX_SAVED already.
    """
    # One after the other: two at once must not both be the last that fits.
    User.objects.select_for_update().get(pk=by.pk)
    if by.saved_searches.count() >= MAX_SAVED:
        raise ValidationError(
            _("You can keep %(n)d searches. Delete one first.") % {"n": MAX_SAVED}
        )
    saved = SavedSearch(owner=by, address=address)
    return _fill(saved, name, alert)


@transaction.atomic
def change_saved(*, saved: SavedSearch, by: User, name: str, alert: str) -> SavedSearch:
    """Give a saved search another name or other mails. Raises ValidationError."""
    _own(saved, by)
    saved = SavedSearch.objects.select_for_update().get(pk=saved.pk)
    if saved.alert == Alert.NONE:
        # What changed before mails were asked for is not news.
        saved.last_checked = timezone.now()
    return _fill(saved, name, alert)


def _fill(saved: SavedSearch, name: str, alert: str) -> SavedSearch:
    saved.name, saved.alert = name.strip(), alert
    same = SavedSearch.objects.filter(owner=saved.owner_id, name=saved.name)
    if same.exclude(pk=saved.pk).exists():
        raise ValidationError({"name": _("You have a search of this name already.")})
    saved.full_clean()
    saved.save()
    return saved


def delete_saved(*, saved: SavedSearch, by: User) -> None:
    """Delete a saved search. Its mails stop."""
    _own(saved, by)
    saved.delete()


def _own(saved: SavedSearch, by: User) -> None:
    if saved.owner_id != by.pk:
        raise PermissionDenied


# --- Mails of a saved search can be stopped without signing in -----------------------

_signer = Signer(salt="search.alert")


def stop_token(saved: SavedSearch) -> str:
    """Give what the link in a mail carries: it stops these mails and opens nothing."""
    return _signer.sign(saved.public_id)


def read_stop_token(token: str) -> str:
    """Give the public id that a token is for. Raises BadSignature for any other text."""
    public_id = _signer.unsign(token)
    if not public_id:
        raise BadSignature
    return public_id


def stop_alert(*, token: str) -> None:
    """Stop the mails of one saved search; of a deleted one there are none to stop.

    Raises BadSignature.
    """
    found = SavedSearch.objects.filter(public_id=read_stop_token(token))
    found.update(alert=Alert.NONE)


# --- Recent searches ------------------------------------------------------------------


def note_recent(*, by: User, text: str) -> None:
    """Remember that a person asked this now, in one statement."""
    RecentSearch.objects.bulk_create(
        [RecentSearch(owner=by, text=text)],
        update_conflicts=True,
        unique_fields=["owner", "text"],
        update_fields=["asked"],
    )


def forget_recent(*, by: User, public_id: str = "") -> None:
    """Forget one question of a person, or without an id all of them."""
    found = RecentSearch.objects.filter(owner=by)
    if public_id:
        found = found.filter(public_id=public_id)
    found.delete()


def forget_old_searches() -> None:
    """Delete questions that were asked long ago, and those that are shown no more."""
    RecentSearch.objects.filter(asked__lt=timezone.now() - KEPT_FOR).delete()
    people = RecentSearch.objects.order_by().values_list("owner", flat=True).distinct()
    for owner in people.iterator():
        own = RecentSearch.objects.filter(owner=owner)
        own.exclude(pk__in=list(own.values_list("pk", flat=True)[:MAX_RECENT])).delete()
