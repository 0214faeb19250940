"""Where Wagtail serves a page: what this reader then sees."""

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponsePermanentRedirect,
)
from django.template.response import TemplateResponse
from wagtail.models import Page

from knowledge.access.rule import decide_on_root
from knowledge.pages.addresses import at_hand, corrected, note_operator, reader
from knowledge.pages.models import ContentPage
from knowledge.pages.selectors_reading import read


def show_page(page: Page, request: HttpRequest) -> HttpResponse:
    """Ask the rule once more, then show the page. Raises Http404.

    Only what `lookup.find_visible` found for this reader comes here with its root.
    """
    user = reader(request)
    if not isinstance(page, ContentPage):
        raise Http404
    needed = "view" if page.live else "drafts"
    if not decide_on_root(user, needed, page.access.root_id):
        raise Http404
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    right = corrected(request, request.path.strip("/"), page)
    if right is not None:
        return HttpResponsePermanentRedirect(right)
    note_operator(user, page)
    at_hand(request, page)
    context = page.get_context(request) | {"reading": read(user, page), "page": page}
    return TemplateResponse(request, page.get_template(request), context)
