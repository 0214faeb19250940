"""What the frame around every page needs."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import Organisation
from accounts.rights import leads_people
from knowledge.access.backends import may_enter_admin


class Shell:
    """The person's organisations, read only when a template asks."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._organisations: list[Organisation] | None = None

    @property
    def organisations(self) -> list[Organisation]:
        """List the organisations the person acts for, the host first."""
        if self._organisations is None:
            principals = getattr(self._request.user, "principals", None)
            ids = principals.organisation_ids if principals else frozenset()
            found = Organisation.objects.filter(pk__in=ids) if ids else ()
            self._organisations = sorted(found, key=lambda o: (o.kind, o.name))
        return self._organisations

    @property
    def organisation(self) -> Organisation | None:
        """Give the organisation shown beside the person's face."""
        return next(iter(self.organisations), None)

    @property
    def is_guest(self) -> bool:
        """Say whether the person belongs to partners only."""
        principals = getattr(self._request.user, "principals", None)
        return not (principals and principals.is_employee)

    @property
    def leads_people(self) -> bool:
        """Say whether to offer the people pages."""
        return leads_people(self._request.user)

    @property
    def may_enter_admin(self) -> bool:
        """Say whether to offer the Wagtail admin."""
        return may_enter_admin(self._request.user)

    @property
    def can_create(self) -> bool:
        """Say whether to offer a new project: every member may found one at home."""
        return bool(self.organisations)

    @property
    def new_url(self) -> str:
        """Give where "New page" leads: below the page at hand, else to a choice."""
        page = getattr(self._request, "page_at_hand", None)
        return f"/{page.slug}/new" if page else reverse("new")


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give templates `shell`."""
    return {"shell": Shell(request)}
