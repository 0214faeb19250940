"""Answers that carry the bytes of a file. Whether to give one was decided before."""

from urllib.parse import quote

from django.conf import settings
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from knowledge.files.content import PDF
from knowledge.files.models import Attachment, Rendition

# The file is a document of its own that may do nothing: run nothing, load nothing.
SANDBOX = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
)
# Browsers refuse to start their PDF viewer in a sandbox. It runs apart from our site,
# and `nosniff` keeps a PDF from being read as anything else.
PDF_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
RENDITION_TYPE = "image/webp"


def original_response(request: HttpRequest, file: Attachment) -> HttpResponseBase:
    """Send a file as it was uploaded: images and PDF to look at, all else to save."""
    response = _response(request, file.file, file.content_type, file.size)
    response["Content-Disposition"] = (
        content_disposition_header(not file.is_inline, file.name) or "inline"
    )
    if file.content_type == PDF:
        response["Content-Security-Policy"] = PDF_POLICY
    return response


def rendition_response(request: HttpRequest, rendition: Rendition) -> HttpResponseBase:
    """Send the small version of an image."""
    response = _response(request, rendition.file, RENDITION_TYPE, rendition.file.size)
    response["Content-Disposition"] = "inline"
    return response


def _response(
    request: HttpRequest, stored: FieldFile, content_type: str, size: int
) -> HttpResponseBase:
    response: HttpResponseBase
    if settings.FILES_ACCEL_PREFIX:
        # The web server reads the bytes: from a place that no address leads to.
        response = HttpResponse(content_type=content_type)
        path = f"{settings.FILES_ACCEL_PREFIX.rstrip('/')}/{quote(stored.name or '')}"
        response["X-Accel-Redirect"] = path
    elif request.method == "HEAD":
        response = HttpResponse(content_type=content_type)
        response["Content-Length"] = str(size)
    else:
        response = FileResponse(_open(stored), content_type=content_type)
        response["Content-Length"] = str(size)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SANDBOX
    return response


def _open(stored: FieldFile) -> FieldFile:
    try:
        stored.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    return stored
