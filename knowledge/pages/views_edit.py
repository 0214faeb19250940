"""Writing: new pages, edits, conflicts, previews, drafts."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from wagtail.models import Revision

from accounts.models import User
from knowledge.access.selectors import audience
from knowledge.markup import SourceTooLong
from knowledge.pages.addresses import on_page, reader
from knowledge.pages.editing import conflict_of
from knowledge.pages.forms import EditForm, NewForm, TextForm
from knowledge.pages.models import ContentPage, ProjectPage
from knowledge.pages.selectors_history import (
    find_base,
    known_version,
    open_draft,
    version_id,
)
from knowledge.pages.selectors_reading import text_for
from knowledge.pages.services import (
    EditConflict,
    create_article,
    discard_draft,
    save_page,
)

View = Callable[..., HttpResponse]


def keeps_text(view: View) -> View:
    """Give the author's own text back when the page was closed while they wrote.

    An address that never was answers the same, so nothing is told by it.
    """

    @wraps(view)
    def keeping(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (Http404, PermissionDenied) as error:
            text = request.POST.get("body", "")
            if request.method != "POST" or not text:
                raise
            gone = isinstance(error, Http404)
            context = {
                "title": request.POST.get("title", ""),
                "body": text,
                "gone": gone,
                "reason": "" if gone else str(error),
            }
            status = 404 if gone else 403
            return render(request, "pages/kept_text.html", context, status=status)

    return keeping


def _writing(
    request: HttpRequest, page: ContentPage, form: TextForm, **more: Any
) -> dict[str, Any]:
    """Give what the screen for writing needs; `page` is where the text will stand."""
    user = reader(request)
    root = page.access.root
    context = {
        "page": page,
        "form": form,
        "audience": audience(user, root),
        "root": root,
    }
    if "is_new" not in more:
        context["upload_url"] = reverse("file_upload", args=[page.slug])
    if request.POST.get("action") == "preview":
        context["preview"] = _preview(user, page, request.POST.get("body", ""))
    return context | more


def _preview(user: User, page: ContentPage, source: str) -> str:
    try:
        return text_for(user, page, source.replace("\r\n", "\n")).html
    except SourceTooLong:
        return ""


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_text
@on_page("create")
def new(request: HttpRequest, page: ContentPage) -> HttpResponse:
    """Write a new page below this one."""
    form = NewForm(
        request.POST or None,
        user=reader(request),
        initial={"title": request.GET.get("title", ""), "language": page.language},
    )
    action = request.POST.get("action")
    saving = request.method == "POST" and action != "preview"
    if saving and form.is_valid():
        try:
            made = create_article(
                parent=page,
                text=form.text,
                by=reader(request),
                publish=action == "publish",
                note=form.cleaned_data["note"],
                public_id=form.public_id,
            )
            return redirect(f"/{made.slug}/")
        except ValidationError as error:
            form.add_error(None, error.messages)
    status = 422 if saving else 200
    context = _writing(request, page, form, is_new=True)
    return render(request, "pages/edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@keeps_text
@on_page("edit")
def edit(request: HttpRequest, page: ContentPage) -> HttpResponse:
    """Edit the latest text of a page, or its published text with `?from=published`."""
    if request.method != "POST":
        draft = open_draft(reader(request), page)
        again = draft and request.GET.get("from") == "published"
        begun = page if again else page.get_latest_revision_as_object()
        form = EditForm.of(begun, version_id(page.latest_revision_id))
        more: dict[str, Any] = {"draft": draft, "from_published": again}
        if draft:
            more["live_id"] = version_id(page.live_revision_id)
        context = _writing(request, page, form, **more)
        return render(request, "pages/edit.html", context)
    form = EditForm(request.POST, is_project=isinstance(page, ProjectPage))
    if request.POST.get("action") == "preview" or not form.is_complete():
        status = 200 if form.is_complete() else 422
        context = _writing(request, page, form)
        return render(request, "pages/edit.html", context, status=status)
    return _save(request, page, form)


def _save(request: HttpRequest, page: ContentPage, form: EditForm) -> HttpResponse:
    publish = request.POST.get("action") == "publish"
    base = find_base(page, form.base_id)
    try:
        save_page(
            page=page,
            text=form.text,
            base_revision_id=base.pk if base else None,
            by=reader(request),
            publish=publish,
            note=form.cleaned_data.get("note", ""),
        )
    except EditConflict as error:
        return _conflict(request, page, form, error, base)
    except ValidationError as error:
        form.add_error(None, error.messages)
        context = _writing(request, page, form)
        return render(request, "pages/edit.html", context, status=422)
    messages.success(request, _("Published.") if publish else _("Draft saved."))
    return redirect(f"/{page.slug}/" if publish else f"/{page.slug}/edit")


def _conflict(
    request: HttpRequest,
    page: ContentPage,
    form: EditForm,
    error: EditConflict,
    base: Revision | None,
) -> HttpResponse:
    conflict = conflict_of(error, form.text, base)
    note = form.cleaned_data.get("note", "")
    saved = known_version(reader(request), page, conflict.latest)
    merged = EditForm(
        initial=vars(conflict.merged) | {"note": note, "base": saved.public_id},
        is_project=isinstance(page, ProjectPage),
    )
    context = _writing(
        request,
        page,
        merged,
        conflict=conflict,
        saved=saved,
    )
    return render(request, "pages/conflict.html", context, status=409)


@require_POST
@on_page("edit")
def preview(request: HttpRequest, page: ContentPage) -> HttpResponse:
    """Render a text as it would stand on this page or below it."""
    html = _preview(reader(request), page, request.POST.get("body", ""))
    return render(request, "pages/includes/preview.html", {"html": html})


@require_http_methods(["GET", "HEAD", "POST"])
@on_page("edit")
def discard(request: HttpRequest, page: ContentPage) -> HttpResponse:
    """Ask once, then go back to the published text."""
    if request.method != "POST":
        context = {"page": page, "draft": open_draft(reader(request), page)}
        return render(request, "pages/discard.html", context)
    discard_draft(page=page, by=reader(request))
    messages.success(request, _("Draft discarded. It stays in the history."))
    return redirect(f"/{page.slug}/")
