"""All addresses. What is not named here is a page, found by the id in its slug."""

from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls

from kbsite import health

urlpatterns = [
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("", include("accounts.urls")),
    path("cms/", include(wagtailadmin_urls)),
    path("search/", include("search.urls")),
    path("", include("knowledge.files.urls")),
    path("", include("knowledge.access.urls")),
    path("", include("knowledge.pages.urls")),
    path("", include(wagtail_urls)),
]
