"""The deny-by-default gate in front of the Wagtail admin."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse


class AdminGateMiddleware:
    """Refuse every admin address that is not on the list."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on what is not the admin."""
        if request.path.startswith("/cms/"):
            raise Http404
        return self.get_response(request)
