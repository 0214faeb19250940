"""One machine, one developer or one curious newcomer: `make run`."""

from kbsite.settings.base import *

DEBUG = env.bool("DJANGO_DEBUG", default=True)
# Known to everyone: this file is not for a server that others can reach.
SECRET_KEY = SECRET_KEY or "development-only-not-a-secret"
ALLOWED_HOSTS = ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]"]
# The sign-ins of the demo are printed with their passwords.
SECOND_STEP_FOR = env.list("SECOND_STEP_FOR", default=[])
ROOT_URLCONF = "kbsite.urls_development"
STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
WHITENOISE_USE_FINDERS = True
# The front end may be built anew while the site runs.
WHITENOISE_AUTOREFRESH = True
