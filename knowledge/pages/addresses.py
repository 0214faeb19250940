"""The way from an address to a view: find the page, ask the rule, mend the words."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect

from accounts.audit import record
from accounts.models import User
from knowledge.access.rule import allowed_actions
from knowledge.pages.models import ContentPage
from knowledge.pages.selectors import get_page_or_404

PageView = Callable[Concatenate[HttpRequest, ContentPage, ...], HttpResponse]


def reader(request: HttpRequest) -> User:
    """Give the signed-in person. The door lets nobody else come this far."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def corrected(request: HttpRequest, address: str, page: ContentPage) -> str | None:
    """Give the right address when the words before the id are wrong, else None."""
    if address == page.slug or request.method not in {"GET", "HEAD"}:
        return None
    return request.get_full_path().replace(f"/{address}", f"/{page.slug}", 1)


def note_operator(user: User, page: ContentPage) -> None:
    """Record that an operator opened a page: operators see everything."""
    if user.is_superuser:
        owner_id = page.access.root.owner_id
        record("operator.view", by=user, organisation=owner_id, target=str(page.pk))


def at_hand(request: HttpRequest, page: ContentPage) -> None:
    """Let "New page" in the frame put a page below this one, where one may."""
    if "create" in allowed_actions(reader(request), page.access.root_id):
        request.page_at_hand = page  # type: ignore[attr-defined]


def on_page(action: str = "view") -> Callable[[PageView], Callable[..., HttpResponse]]:
    """Hand a view the page of its address, if the reader may do `action` there.

    What is hidden or missing is 404; wrong words before the id redirect to the right
    address, after the check.
    """

    def decorate(view: PageView) -> Callable[..., HttpResponse]:
        @wraps(view)
        def on_address(
            request: HttpRequest, address: str, **kwargs: Any
        ) -> HttpResponse:
            user = reader(request)
            page = get_page_or_404(user, address, action)
            right = corrected(request, address, page)
            if right is not None:
                return HttpResponsePermanentRedirect(right)
            note_operator(user, page)
            at_hand(request, page)
            return view(request, page, **kwargs)

        return on_address

    return decorate
