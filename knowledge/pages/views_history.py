"""History: what a page was, what changed, and going back."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from knowledge.access.rule import allowed_actions
from knowledge.markup import line_diff
from knowledge.pages.addresses import on_page, reader
from knowledge.pages.forms import CompareForm
from knowledge.pages.models import ContentPage
from knowledge.pages.selectors_history import (
    find_base,
    get_revision_or_404,
    known_version,
    revision_before,
    version_id,
    versions,
    visible_revisions,
)
from knowledge.pages.selectors_reading import text_for
from knowledge.pages.services import EditConflict, restore_revision

VERSIONS_PAGE = 30


@require_safe
@on_page()
def history(request: HttpRequest, page: ContentPage) -> HttpResponse:
    """List the versions of a page."""
    user = reader(request)
    part = Paginator(visible_revisions(user, page), VERSIONS_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "page": page,
        "part": part,
        "versions": versions(user, page, part.object_list),
        "allowed": allowed_actions(user, page.access.root_id),
    }
    return render(request, "pages/history.html", context)


@require_safe
@on_page()
def revision(request: HttpRequest, page: ContentPage, public_id: str) -> HttpResponse:
    """Show one version, and what it changed."""
    user = reader(request)
    found = get_revision_or_404(user, page, public_id)
    old = found.as_object()
    before = revision_before(user, page, found)
    before_body = before.as_object().body if before else ""
    context = {
        "page": page,
        "old": old,
        "text": text_for(user, page, old.body),
        "version": known_version(user, page, found),
        "rows": line_diff(before_body, old.body),
        "allowed": allowed_actions(user, page.access.root_id),
    }
    return render(request, "pages/revision.html", context)


@require_safe
@on_page()
def compare(request: HttpRequest, page: ContentPage) -> HttpResponse:
    """Compare two versions, the older one first."""
    user = reader(request)
    form = CompareForm(request.GET)
    if not form.is_valid():
        raise Http404
    asked = (form.cleaned_data["old"], form.cleaned_data["new"])
    found = [get_revision_or_404(user, page, public_id) for public_id in asked]
    first, second = sorted(found, key=lambda one: one.pk)
    old, new = first.as_object(), second.as_object()
    context = {
        "page": page,
        "old": old,
        "new": new,
        "versions": versions(user, page, [first, second]),
        "rows": line_diff(old.body, new.body),
    }
    return render(request, "pages/compare.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@on_page("edit")
def restore(request: HttpRequest, page: ContentPage, public_id: str) -> HttpResponse:
    """Ask once, then publish an earlier version again."""
    user = reader(request)
    found = get_revision_or_404(user, page, public_id)
    if request.method != "POST":
        context = {
            "page": page,
            "version": known_version(user, page, found),
            "base_id": version_id(page.latest_revision_id),
        }
        return render(request, "pages/restore.html", context)
    base = find_base(page, request.POST.get("base", ""))
    try:
        restore_revision(
            page=page,
            revision=found,
            by=user,
            base_revision_id=base.pk if base else None,
        )
    except EditConflict:
        text = _(
            "Somebody saved this page meanwhile. Look at the newest version first."
        )
        messages.error(request, text)
        return redirect("page_history", page.slug)
    messages.success(request, _("The earlier version is published again."))
    return redirect(f"/{page.slug}/")
