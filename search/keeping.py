"""Reads: what a person keeps. Somebody else's is found by nobody, whoever asks."""

from django.db.models import QuerySet
from django.http import QueryDict

from accounts.models import User
from search.forms import SearchForm
from search.models import RecentSearch, SavedSearch
from search.saving import MAX_RECENT


def saved_of(user: User) -> QuerySet[SavedSearch]:
    """List a person's own saved searches, by name."""
    return SavedSearch.objects.filter(owner=user)


def recent_of(user: User) -> QuerySet[RecentSearch]:
    """List what a person asked lately, the last first."""
    return RecentSearch.objects.filter(owner=user)[:MAX_RECENT]


def form_of(saved: SavedSearch) -> SearchForm:
    """Read a saved search as its address would be read now."""
    return SearchForm.of(QueryDict(saved.address))
