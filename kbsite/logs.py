"""What a line in the log says of a request."""

import re

from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware

# Whoever reads one of these in a log could use it: invitations, links in mails.
SECRET = re.compile(
    r"^(/invitation/|/accounts/(?:password/reset/key|confirm-email)/)[^/]+"
)


class RequestLogMiddleware(RequestMiddleware):
    """Log method and path: no search words, no tokens."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Say which request it is without what the person asked or carries."""
        path = SECRET.sub(r"\1…", request.path)
        return f"{request.method} {path}"
