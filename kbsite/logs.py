"""What the log says: lines for people or JSON, and no secrets in either."""

import re
from typing import Any

import structlog
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware
from structlog.typing import EventDict

# Whoever reads one of these in a log could use it: invitations, links in mails.
SECRET = re.compile(
    r"(/invitation/|/search/alerts/off/|/accounts/(?:password/reset/key|confirm-email)/)[^/\s]+"
)


def hide_secrets(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Blot out tokens in addresses, whoever logs them."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = SECRET.sub(r"\1…", value)
    return event


SHARED: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso"),
]


class RequestLogMiddleware(RequestMiddleware):
    """Log method and path: no search words."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Say which request it is without what the person asked."""
        return f"{request.method} {request.path}"


def configure_structlog() -> None:
    """Send structlog's events through the standard library: one level, one format."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def line_formatter(*, as_json: bool) -> dict[str, Any]:
    """Give the formatter for LOGGING. Tracebacks never show the values of variables."""
    last: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        hide_secrets,
    ]
    if as_json:
        last += [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    else:
        plain = structlog.dev.plain_traceback
        last.append(
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain)
        )
    return {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": last,
        "foreign_pre_chain": SHARED,
    }
