"""The tags of a page."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from knowledge.pages.addresses import on_page, reader
from knowledge.pages.forms import TagsForm
from knowledge.pages.models import ContentPage
from knowledge.pages.tags import set_tags, tags_in_use


@require_http_methods(["GET", "HEAD", "POST"])
@on_page("edit")
def tags(request: HttpRequest, page: ContentPage) -> HttpResponse:
    """Show the tags of a page in a field, and save them."""
    user = reader(request)
    form = TagsForm(request.POST) if request.method == "POST" else TagsForm.of(page)
    if form.is_bound and form.is_valid():
        data = form.cleaned_data
        try:
            set_tags(page=page, tags=data["tags"], was=data["was"], by=user)
        except ValidationError as error:
            form.add_error("tags", error)
        else:
            messages.success(request, _("The tags were saved."))
            return redirect(f"/{page.slug}/")
    context = {"page": page, "form": form, "in_use": tags_in_use(user)}
    return render(request, "pages/tags.html", context)
