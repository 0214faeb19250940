"""Pages and answers about files."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST, require_safe
from wagtail.models import Page

from accounts.models import User
from knowledge.files import selectors, services
from knowledge.files.forms import RenameForm, ReplaceForm, UploadForm
from knowledge.files.models import Attachment
from knowledge.files.names import clean_name
from knowledge.files.serving import original_response, rendition_response
from knowledge.files.signatures import signed

FILES_PER_PAGE = 50


def _reader(request: HttpRequest) -> User:
    """Give the signed-in person. The door lets nobody else come this far."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


@require_safe
def original(request: HttpRequest, public_id: str, **_name: str) -> HttpResponseBase:
    """Send a file. The name is for people; the id decides."""
    user = _reader(request)
    file = selectors.get_file(user, public_id)
    services.note_operator_view(file=file, by=user)
    return original_response(request, file)


@require_safe
def thumb(request: HttpRequest, public_id: str, spec: int) -> HttpResponseBase:
    """Send the small version of an image."""
    file = selectors.get_image(_reader(request), public_id, spec)
    return rendition_response(request, services.make_rendition(file=file, spec=spec))


@require_GET
def panel(request: HttpRequest, address: str) -> HttpResponse:
    """Show the files of a page, with what the reader may do with them."""
    return _panel(request, selectors.page_at(_reader(request), address), address)


def _panel(
    request: HttpRequest, page: Page, address: str, status: int = 200, **extra: Any
) -> HttpResponse:
    user = _reader(request)
    files = Paginator(selectors.files_of(user, page), FILES_PER_PAGE)
    shown = files.get_page(request.GET.get("page"))
    context = {
        "page": page,
        "address": address,
        "files": shown,
        "signed": signed(user, page, shown),
        "deleted": selectors.deleted_files_of(user, page)[:FILES_PER_PAGE],
        "acts": selectors.acts_on(user, page),
        "form": UploadForm(),
        "replace_form": ReplaceForm(),
        **extra,
    }
    return render(request, "files/panel.html", context, status=status)


@require_POST
def upload(request: HttpRequest, address: str) -> HttpResponse:
    """Add files to a page: an answer in JSON for the editor, a page for a form."""
    page = selectors.page_at(_reader(request), address)
    form = UploadForm(files=request.FILES)
    added: list[Attachment] = []
    if form.is_valid():
        added = _add_each(request, page, form)
    if request.accepts("text/html"):
        return _after_upload(request, page, address, form, added)
    if form.errors or not added:
        error = " ".join(str(text) for text in form.errors.get("file", []))
        return JsonResponse({"error": error}, status=400)
    file = added[0]
    answer = {
        "markdown": file.markdown,
        "name": file.name,
        "url": file.get_absolute_url(),
    }
    return JsonResponse(answer, status=201)


def _add_each(request: HttpRequest, page: Page, form: UploadForm) -> list[Attachment]:
    """Add what can be added; say for each other file why not."""
    added = []
    for sent in form.cleaned_data["file"]:
        try:
            added.append(services.add_file(page=page, upload=sent, by=_reader(request)))
        except ValidationError as error:
            form.errors.setdefault("file", form.error_class()).append(
                f"{clean_name(sent.name or '')}: {' '.join(error.messages)}"
            )
    return added


def _after_upload(
    request: HttpRequest,
    page: Page,
    address: str,
    form: UploadForm,
    added: list[Attachment],
) -> HttpResponse:
    if added:
        text = ngettext("%(count)s file added.", "%(count)s files added.", len(added))
        messages.success(request, text % {"count": len(added)})
    if form.errors:
        return _panel(request, page, address, 422, form=form)
    return redirect("page_files", address)


@require_POST
def rename(request: HttpRequest, address: str, public_id: str) -> HttpResponse:
    """Give a file another name."""
    user = _reader(request)
    file = selectors.get_file_of(user, address, public_id)
    form = RenameForm(request.POST)
    if not form.is_valid():
        extra = {"renaming": file.public_id, "rename_form": form}
        return _panel(request, file.page, address, 422, **extra)
    file = services.rename_file(file=file, name=form.cleaned_data["name"], by=user)
    messages.success(
        request, _("The file is now called %(name)s.") % {"name": file.name}
    )
    return redirect("page_files", address)


@require_POST
def replace(request: HttpRequest, address: str, public_id: str) -> HttpResponse:
    """Put a new version of a file under its address."""
    user = _reader(request)
    file = selectors.get_file_of(user, address, public_id)
    form = ReplaceForm(files=request.FILES)
    if form.is_valid():
        try:
            services.replace_file(file=file, upload=form.cleaned_data["file"], by=user)
        except ValidationError as error:
            form.add_error("file", error)
    if form.errors:
        extra = {"replacing": file.public_id, "replace_form": form}
        return _panel(request, file.page, address, 422, **extra)
    messages.success(
        request, _("The new version of %(name)s is in place.") % {"name": file.name}
    )
    return redirect("page_files", address)


@require_POST
def delete(request: HttpRequest, address: str, public_id: str) -> HttpResponse:
    """Take a file off its page; it can be brought back from the same screen."""
    user = _reader(request)
    file = selectors.get_file_of(user, address, public_id)
    services.delete_file(file=file, by=user)
    messages.success(
        request,
        _("%(name)s is deleted. You can restore it below.") % {"name": file.name},
    )
    return redirect("page_files", address)


@require_POST
def restore(request: HttpRequest, address: str, public_id: str) -> HttpResponse:
    """Bring a deleted file back."""
    user = _reader(request)
    file = selectors.get_file_of(user, address, public_id, deleted=True)
    services.restore_file(file=file, by=user)
    messages.success(request, _("%(name)s is back.") % {"name": file.name})
    return redirect("page_files", address)
