"""The explorer of the Wagtail admin, with what the access rule can answer for.

Wagtail's own offers, to everybody who may enter, the names of all people who own or
edited any page, and finds and marks pages that have children, hidden ones counted.
"""

from typing import Any

from django.db.models import Count, F
from django.db.models.functions import Left, Length
from django.forms import CheckboxSelectMultiple
from django.utils.translation import gettext_lazy as _
from django_filters.filters import DateFromToRangeFilter
from wagtail.admin.filters import (
    DateRangePickerWidget,
    MultipleContentTypeFilter,
    WagtailFilterSet,
)
from wagtail.admin.ui.components import MediaContainer
from wagtail.admin.ui.tables import DateColumn
from wagtail.admin.ui.tables.pages import (
    PageStatusColumn,
    PageTitleColumn,
    PageTypeColumn,
)
from wagtail.admin.views.pages.listing import ExplorableIndexView
from wagtail.admin.viewsets.pages import PageViewSet
from wagtail.models import Page, get_page_content_types


class ExplorerFilters(WagtailFilterSet):
    """Filter by what a page shows of itself; no filter names people or counts."""

    latest_revision_created_at = DateFromToRangeFilter(
        label=_("Date updated"), widget=DateRangePickerWidget
    )
    content_type = MultipleContentTypeFilter(
        label=_("Page type"),
        queryset=lambda _request: get_page_content_types(include_base_page_type=False),
        widget=CheckboxSelectMultiple,
    )

    class Meta:
        model = Page
        fields: list[str] = []


class ExplorerView(ExplorableIndexView):
    """List the children of a page that the author may edit, or that lead there."""

    # Searching is done on the site. A hit here would name the page above it.
    is_searchable = False  # type: ignore[assignment] # Wagtail declares it None
    # No spreadsheets of the list: nobody asked for them, and each is one more way out.
    FORMATS = ()  # type: ignore[assignment] # Wagtail declares two
    base_columns = [
        PageTitleColumn("title", label=_("Title"), sort_key="title", classname="title"),
        DateColumn(
            "latest_revision_created_at",
            label=_("Updated"),
            sort_key="latest_revision_created_at",
            width="12%",
        ),
        PageTypeColumn(
            "type",
            label=_("Type"),
            accessor="page_type_display_name",
            sort_key="content_type__model",
            width="12%",
        ),
        PageStatusColumn("status", label=_("Status"), sort_key="live", width="12%"),
    ]

    def get_side_panels(self) -> Any:
        """Show none: it names who published, and the gate refuses all it leads to."""
        return MediaContainer()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Let each listed page have the children that this author may explore."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        listed = context["object_list"]
        numbers = self._count_children({page.path for page in listed})
        for page in listed:
            # Wagtail's templates ask it for the arrow and the sign of a folder.
            page.numchild = numbers.get(page.path, 0)
        return context

    def _count_children(self, paths: set[str]) -> dict[str, int]:
        """Count the explorable children below each path, in one query."""
        explorable = self.permission_policy.explorable_instances(self.request.user)
        below = explorable.annotate(above=Left("path", Length("path") - Page.steplen))
        counted = below.filter(above__in=paths).order_by().values_list("above")
        return dict(counted.annotate(number=Count(F("pk"))))


class ExplorerViewSet(PageViewSet):
    """Puts the explorer above in the place of Wagtail's, for pages of every kind."""

    model = Page
    index_view_class = ExplorerView
    filterset_class = ExplorerFilters
