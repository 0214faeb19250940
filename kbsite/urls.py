"""All addresses. What is not named here is a page, found by the id in its slug."""

from django.urls import include, path, re_path
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.urls import serve_pattern
from wagtail.views import serve

from kbsite import health

urlpatterns = [
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("", include("accounts.urls")),
    path("cms/", include(wagtailadmin_urls)),
    path("search/", include("search.urls")),
    path(
        "organisations/<slug:organisation_id>/search/", include("search.urls_steering")
    ),
    path("", include("knowledge.audit.urls")),
    path("", include("knowledge.files.urls")),
    path("", include("knowledge.access.urls")),
    path("", include("knowledge.pages.urls")),
    # Not wagtail.urls: they bring a second sign-in with them, without limits and code.
    re_path(serve_pattern, serve, name="wagtail_serve"),
]

handler429 = "kbsite.errors.too_many"
handler500 = "kbsite.errors.server_error"
