"""The deny-by-default gate in front of the Wagtail admin.

Wagtail has no *view* permission: many of its addresses show any page to any editor. So
an address is refused unless it is listed here, and a page in it unless the rule says
that the person may edit it. Refused = 404, the same as for an id that does not exist.
"""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from wagtail.models import Page
from wagtail.permissions import policy_registry

from accounts.models import User
from knowledge.access.backends import may_enter_admin

PREFIX = "/cms/"

# Shown as they are: they name no page, person or organisation of anybody.
OPEN = frozenset(
    {
        "wagtailadmin_home",
        "wagtailadmin_logout",
        "wagtailadmin_sprite",
        "wagtailadmin_javascript_catalog",
        "wagtailadmin_explore_root",
    }
)
# Shown when the page of their first argument is explorable by the person.
BY_PAGE = frozenset({"wagtailadmin_explore", "wagtailadmin_explore_results"})
# Wagtail's editor overwrites a colleague's newer text silently; ours refuses (ADR 0008).
TO_EDITOR = frozenset({"wagtailadmin_pages:edit"})
ELSEWHERE = {"wagtailadmin_account": "/me/", "wagtailadmin_login": "/accounts/login/"}


class AdminGateMiddleware:
    """Let host authors through to what is listed; answer everything else with 404."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse the whole admin, known and unknown addresses alike, to who may not enter."""
        if request.path.startswith(PREFIX) and not may_enter_admin(request.user):
            raise Http404
        response = self.get_response(request)
        if request.path.startswith(PREFIX) and response.status_code == 404:
            # Wagtail answers unknown addresses with a page of its own.
            raise Http404
        return response

    def process_view(
        self,
        request: HttpRequest,
        _view: Callable[..., HttpResponse],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        """Look the address up in the lists."""
        if not request.path.startswith(PREFIX):
            return None
        match = request.resolver_match
        name = match.view_name if match else ""
        if name in ELSEWHERE:
            return redirect(ELSEWHERE[name])
        if name in OPEN:
            return None
        if name in BY_PAGE | TO_EDITOR and isinstance(request.user, User):
            page = _explorable_or_404(request.user, _page_id(args, kwargs))
            return redirect(f"/{page.slug}/edit") if name in TO_EDITOR else None
        raise Http404


def _page_id(args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
    return int(next(iter([*args, *kwargs.values()]), 0))


def _explorable_or_404(user: User, page_id: int) -> Page:
    """Find a page that the explorer may open: nothing hidden is on the way to it."""
    policy: Any = policy_registry.get_by_type(Page)
    explorable = policy.explorable_instances(user)
    page: Page | None = explorable.filter(pk=page_id).first()
    if page is None:
        raise Http404
    ancestors = page.get_ancestors().filter(depth__gt=1)
    if ancestors.exclude(pk__in=explorable.values("pk")).exists():
        raise Http404
    return page
