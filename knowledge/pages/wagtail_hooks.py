"""What the Wagtail admin shows: the way to the pages one may edit, and nothing else."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.api.views import PagesAdminAPIViewSet
from wagtail.admin.menu import MenuItem
from wagtail.models import Page

from knowledge.pages.admin_explorer import ExplorerViewSet
from knowledge.pages.serving import show_page


@hooks.register("before_serve_page", order=-1000)
def ask_the_rule_again(
    page: Page, request: HttpRequest, args: list[Any], kwargs: dict[str, Any]
) -> HttpResponse:
    """Stand behind `WikiPage.route` as a second line, and show the page."""
    return show_page(page, request)


@hooks.register("register_admin_viewset")
def own_explorer() -> ExplorerViewSet:
    """Replace Wagtail's explorer, which tells of people and pages that are hidden."""
    return ExplorerViewSet()


@hooks.register("construct_admin_api")
def name_what_the_frame_asks_for(router: Any) -> None:
    """Name two addresses that every admin page reverses. The gate refuses them.

    They belong to wagtail.images and wagtail.documents, which are not installed
    (ADR 0005).
    """
    for name in ("images", "documents"):
        router.register_endpoint(name, PagesAdminAPIViewSet)


@hooks.register("construct_main_menu")
def only_pages(request: HttpRequest, items: list[Any]) -> None:
    """Replace the menu, whose explorer asks an API that the gate refuses."""
    items[:] = [
        MenuItem(_("Pages"), reverse_lazy("wagtailadmin_explore_root"), name="pages")
    ]


@hooks.register("construct_homepage_panels")
def no_panels(request: HttpRequest, panels: list[Any]) -> None:
    """Drop the panels: they list other people's work."""
    panels.clear()


@hooks.register("construct_homepage_summary_items")
def no_totals(request: HttpRequest, items: list[Any]) -> None:
    """Drop the totals: they count what one may not see."""
    items.clear()


@hooks.register("construct_search")
def no_search(request: HttpRequest, areas: list[Any]) -> None:
    """Drop the search box: searching is done on the site."""
    areas.clear()
