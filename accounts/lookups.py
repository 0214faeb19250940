"""Find what an address of the people pages names, or answer as for nothing."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from accounts.models import Membership, Organisation, User
from accounts.rights import may_see_people

Right = Callable[[User, Organisation], object]


def acting(request: HttpRequest) -> User:
    """Give the signed-in person. Raises Http404 for nobody (the door comes first)."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def organisation_for(
    request: HttpRequest, organisation_id: str, right: Right = may_see_people
) -> Organisation:
    """Find an organisation whose people the person may see.

    Raises Http404 otherwise, and PermissionDenied when only `right` is missing.
    """
    user = acting(request)
    organisation = get_object_or_404(Organisation, public_id=organisation_id)
    if right(user, organisation):
        return organisation
    if may_see_people(user, organisation):
        raise PermissionDenied
    raise Http404


def organisation_with(
    request: HttpRequest, organisation_id: str, right: Right
) -> Organisation:
    """Find an organisation for which the person has a right. Raises Http404 otherwise."""
    organisation = get_object_or_404(Organisation, public_id=organisation_id)
    if not right(acting(request), organisation):
        raise Http404
    return organisation


def membership_for(
    request: HttpRequest, organisation_id: str, person_id: str
) -> Membership:
    """Find a membership the person may see. Raises Http404."""
    organisation = organisation_for(request, organisation_id)
    found = organisation.memberships.select_related("user", "sponsor", "organisation")
    return get_object_or_404(found, user__public_id=person_id)
