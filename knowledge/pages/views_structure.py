"""The tree: branches, moving, deleting, the trash, permanent links."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from knowledge.pages.addresses import on_page, reader
from knowledge.pages.forms import FilterForm
from knowledge.pages.models import ArticlePage, ContentPage, ProjectPage
from knowledge.pages.selectors import (
    get_page_or_404,
    get_trash_or_404,
    move_targets,
    pages_below,
)
from knowledge.pages.selectors_move import destinations, find_move
from knowledge.pages.selectors_trash import deleted, trash_in
from knowledge.pages.selectors_tree import branch
from knowledge.pages.services_structure import move_page, restore_page, trash_page

TARGETS = 12
BRANCH_PAGE = 200
TRASH_PAGE = 30


@require_safe
@on_page()
def children(request: HttpRequest, page: ContentPage) -> HttpResponse:
    """List all pages below a page; for htmx only the branch of the tree."""
    part = Paginator(branch(reader(request), page), BRANCH_PAGE).get_page(
        request.GET.get("page")
    )
    context = {"page": page, "part": part, "nodes": part.object_list}
    fragment = request.headers.get("HX-Request") == "true"
    template = "pages/includes/branch.html" if fragment else "pages/children.html"
    return render(request, template, context)


@require_safe
def permalink(request: HttpRequest, public_id: str) -> HttpResponse:
    """Lead from a page's id to its address, after the check."""
    page = get_page_or_404(reader(request), public_id)
    return redirect(f"/{page.slug}/")


@require_http_methods(["GET", "HEAD", "POST"])
@on_page("move")
def move(request: HttpRequest, page: ContentPage) -> HttpResponse:
    """Choose where an article goes, see who reads it there, move it."""
    user = reader(request)
    if not isinstance(page, ArticlePage):
        raise PermissionDenied(_("A project stays with its organisation."))
    asked = request.POST if request.method == "POST" else request.GET
    words = FilterForm(asked).value("q")
    planned = find_move(user, page, asked.get("target", ""))
    context = {"page": page, "words": words, "planned": planned}
    if planned:
        [context["place"]] = destinations(user, [planned.target])
    if request.method == "POST" and planned:
        try:
            move_page(page=page, target=planned.target, by=user)
            messages.success(request, _("Moved. The address stays the same."))
            return redirect(f"/{page.slug}/")
        except (PermissionDenied, ValidationError) as error:
            context["error"] = getattr(error, "message", str(error))
    context["targets"] = destinations(user, move_targets(user, page, words)[:TARGETS])
    fragment = request.headers.get("HX-Request") == "true"
    template = "pages/includes/move_targets.html" if fragment else "pages/move.html"
    status = 422 if "error" in context else 200
    return render(request, template, context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@on_page("delete")
def delete(request: HttpRequest, page: ContentPage) -> HttpResponse:
    """Ask once, naming what is hit; then put it into the trash."""
    user = reader(request)
    if request.method != "POST":
        context = {"page": page, "count": pages_below(user, page)}
        return render(request, "pages/delete.html", context)
    try:
        trash_page(page=page, by=user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(f"/{page.slug}/")
    undo = reverse("trash_restore", args=[page.slug])
    text = _("“%(title)s” is in the trash.") % {"title": page.title}
    messages.success(
        request, format_html('{} <a href="{}">{}</a>', text, undo, _("Undo"))
    )
    return redirect(_place_above(request, page))


def _place_above(request: HttpRequest, page: ContentPage) -> str:
    """Find the nearest page that the reader still sees."""
    above = page.get_parent()
    slug = above.slug if above else ""
    try:
        return f"/{get_page_or_404(reader(request), slug).slug}/"
    except Http404:
        return reverse("projects")


@require_safe
def trash(request: HttpRequest) -> HttpResponse:
    """List what can be brought back: everything, or with `?project=` of one project."""
    user = reader(request)
    project = _project(user, request.GET.get("project", ""))
    part = Paginator(trash_in(user, project), TRASH_PAGE).get_page(
        request.GET.get("page")
    )
    entries = deleted(user, part.object_list)
    context = {"part": part, "entries": entries, "project": project}
    return render(request, "pages/trash.html", context)


def _project(user: User, address: str) -> ProjectPage | None:
    """Fetch the project whose trash is asked for. Raises Http404."""
    if not address:
        return None
    page = get_page_or_404(user, address, "delete")
    if not isinstance(page, ProjectPage):
        raise Http404
    return page


@require_http_methods(["GET", "HEAD", "POST"])
def trash_restore(request: HttpRequest, address: str) -> HttpResponse:
    """Ask once, then bring a page back from the trash."""
    user = reader(request)
    found = get_trash_or_404(user, address)
    if request.method != "POST":
        return render(request, "pages/trash_restore.html", {"entry": found})
    try:
        page = restore_page(trash=found, by=user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("trash")
    messages.success(request, _("Restored, with everything below it."))
    return redirect(f"/{page.slug}/")
