"""The suite: real PostgreSQL, fast hashing, mail in memory."""

from kbsite.settings.base import *

SECRET_KEY = "test-only"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
ELASTICSEARCH_INDEX_PREFIX = "deelplein-test"
ACCOUNT_RATE_LIMITS = False  # type: ignore[assignment] # allauth knows both
RATE_LIMITS = {}
SECOND_STEP_FOR = []
LOG_LEVEL = "WARNING"
LOGGING["root"]["level"] = LOG_LEVEL
