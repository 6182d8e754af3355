"""All settings, from the environment; `docs/operations.md` lists every variable.

Nothing needs to be set to try Leadline on one's own machine. Whatever is set is checked: a value
that does not parse, or a LEADLINE_ variable nobody reads, stops the boot.
"""

import logging
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env, validate

from config.databases import POOLERS, databases
from config.environment import PREFIX, kept_secret, refuse_unknown
from leads.networks import parse_network

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env(prefix=PREFIX)
refuse_unknown(
    [
        "ALLOWED_HOSTS",
        "BEHIND_PROXY",
        "DEBUG",
        "EMAIL_FROM",
        "EMAIL_URL",
        "ENCRYPTION_KEYS",
        "INBOX_DAYS",
        "FILES_S3_ACCESS_KEY",
        "FILES_S3_BUCKET",
        "FILES_S3_ENDPOINT",
        "FILES_S3_PREFIX",
        "FILES_S3_REGION",
        "FILES_S3_SECRET_KEY",
        "LOG_LEVEL",
        "OIDC_CLIENT_ID",
        "OIDC_CLIENT_SECRET",
        "OIDC_ISSUER",
        "OIDC_NAME",
        "POOLER",
        "PUBLIC_URL",
        "RATE_PER_MINUTE",
        "REDIS_URL",
        "SECRET_KEY",
        "THREADS",
        "TIME_ZONE",
        "TRUSTED_PROXIES",
        "VAR_DIR",
        "WORKERS",
    ]
)

DEBUG = env.bool("DEBUG", False)
VAR_DIR: Path = env.path("VAR_DIR", BASE_DIR / "var")
SECRET_KEY = env.str("SECRET_KEY", "") or kept_secret(VAR_DIR / "secret_key")
# What channels' secrets are encrypted with; see leads/encrypted.py.
ENCRYPTION_KEYS: list[str] = env.list("ENCRYPTION_KEYS", [])
if any(len(key) < 32 for key in ENCRYPTION_KEYS):
    raise ImproperlyConfigured(f"{PREFIX}ENCRYPTION_KEYS must have 32 characters or more each")

# --- Where it is reached ---------------------------------------------------------------------

# One address says it all: which host may be asked for, and whether cookies need HTTPS.
PUBLIC_URL = env.str(
    "PUBLIC_URL",
    f"http://localhost:{Env().int('PORT', 8000)}",
    validate=validate.URL(
        schemes={"http", "https"}, require_tld=False, error="must be like https://leads.example.com"
    ),
).rstrip("/")
_public = urlsplit(PUBLIC_URL)

_own_machine = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = [_public.hostname, *env.list("ALLOWED_HOSTS", [])]
if _public.hostname in _own_machine:
    ALLOWED_HOSTS += _own_machine
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]

HTTPS = _public.scheme == "https"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "leadline_session"
CSRF_COOKIE_NAME = "leadline_csrf"
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_NAME = "leadline_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
# Two weeks without a visit end a session; `config.pages.Sessions` renews it.
SESSION_COOKIE_AGE = 14 * 24 * 3600
SECURE_SSL_REDIRECT = HTTPS
# The API never redirects: a client that follows would already have sent its key in the clear.
SECURE_REDIRECT_EXEMPT = [r"^api/"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
if env.bool("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Attempts to sign in are counted by the address that the proxy saw, not one a client claims.
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
# Whose X-Forwarded-For is believed, for the networks that an API key is held to.
try:
    TRUSTED_PROXIES = [*map(parse_network, env.list("TRUSTED_PROXIES", []))]
except ValueError as error:
    raise ImproperlyConfigured(f"{PREFIX}TRUSTED_PROXIES: {error}") from None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF, "https:"],
        "frame-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- The application -------------------------------------------------------------------------

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

INSTALLED_APPS = [
    "config.admin_site.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "config",
    "timeline",
    "leads",
]

MIDDLEWARE = [
    "config.request_id.RequestIdMiddleware",
    "config.errors.JsonErrorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "config.data.DataMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.pages.Sessions",
    "config.pages.Locale",
    "config.pages.Zone",
    "config.pages.Common",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.pages.Authentication",
    # allauth insists on the name, so this one cannot step aside; it costs the API microseconds.
    "allauth.account.middleware.AccountMiddleware",
    "config.pages.Messages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.pages.Htmx",
]

# Our own pages, in Jinja2's language, then what libraries bring and what we put in its place, in
# Django's. Neither finds the other's: no name of the one is in the other's folders.
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates" / "pages"],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "config.page_templates.PageTemplates",
            "context_processors": ["config.page_templates.csrf_once"],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]

# --- Data --------------------------------------------------------------------------------------

POOLER = env.str("POOLER", "", validate=validate.OneOf(POOLERS))
DATABASES = databases(VAR_DIR, POOLER)
if "replica" in DATABASES:
    DATABASE_ROUTERS = ["config.replica.Router"]
    MIDDLEWARE[MIDDLEWARE.index("config.data.DataMiddleware")] = (
        "config.replica.ReplicaDataMiddleware"
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "leads.User"

# Rate limits live in the cache. In-process memory serves one worker; several need Redis.
REDIS_URL = env.str(
    "REDIS_URL",
    "",
    validate=validate.Regexp(
        r"(rediss?|unix)://.|\Z", error="must be like redis://localhost:6379/0"
    ),
)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "leadline",
    }
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

WORKERS = env.int("WORKERS", 1, validate=validate.Range(min=1))
THREADS = env.int("THREADS", 4, validate=validate.Range(min=1))
if WORKERS > 1 and not REDIS_URL:
    raise ImproperlyConfigured(
        f"{PREFIX}WORKERS above 1 needs {PREFIX}REDIS_URL: each worker would count rates alone"
    )

# --- Signing in --------------------------------------------------------------------------------

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "lead-list"
AUTHENTICATION_BACKENDS = ["leads.backends.Backend"]
SESSION_ENGINE = "leads.sessions"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

ACCOUNT_ADAPTER = "leads.sign_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# Who has an account was invited by its address; there is nothing to verify.
ACCOUNT_EMAIL_VERIFICATION = "none"
MFA_ALLOW_UNVERIFIED_EMAIL = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _public.scheme
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Leadline"
# A clock half a minute wrong is common among phones.
MFA_TOTP_TOLERANCE = 1
# Browsers know passkeys under https and on localhost.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

# Single sign-on, by OpenID Connect: on with an issuer, and for the users there are.
OIDC_ISSUER = env.str("OIDC_ISSUER", "").rstrip("/")
SOCIALACCOUNT_ADAPTER = "leads.sign_in.SingleSignOnAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
if OIDC_ISSUER:
    if not OIDC_ISSUER.startswith("https://"):
        raise ImproperlyConfigured(f"{PREFIX}OIDC_ISSUER must be like https://id.example.com")
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": env.str("OIDC_NAME", urlsplit(OIDC_ISSUER).netloc),
                "client_id": env.str("OIDC_CLIENT_ID"),
                "secret": env.str("OIDC_CLIENT_SECRET"),
                "settings": {"server_url": OIDC_ISSUER},
            }
        ],
    }
    # The form that leads there is redirected, which browsers hold against the policy too.
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append(
        f"https://{urlsplit(OIDC_ISSUER).netloc}"
    )

# --- Mail --------------------------------------------------------------------------------------

# Without a mail server, mails are printed where the server runs.
_mail = env.dj_email_url("EMAIL_URL", "console:")
if "EMAIL_BACKEND" not in _mail:
    raise ImproperlyConfigured(
        f"{PREFIX}EMAIL_URL must be like submission://user:password@mail.example.com:587"
    )
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST = _mail["EMAIL_HOST"]
EMAIL_PORT = _mail["EMAIL_PORT"]
EMAIL_HOST_USER = _mail["EMAIL_HOST_USER"]
EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS = _mail["EMAIL_USE_TLS"]
EMAIL_USE_SSL = _mail["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", f"Leadline <leadline@{_public.hostname}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Language, time, files ---------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
# Compiled from locale/ by config/translations.py.
LOCALE_PATHS = [VAR_DIR / "locale"]
TIME_ZONE = env.str(
    "TIME_ZONE",
    "UTC",
    validate=validate.OneOf(available_timezones(), error="must be like America/Santiago"),
)
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# What came attached to messages: in a folder here, or in a bucket.
_files: dict[str, Any] = {
    "BACKEND": "timeline.local_files.LocalFiles",
    "OPTIONS": {
        "location": VAR_DIR / "media",
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    },
}
if _bucket := env.str("FILES_S3_BUCKET", ""):
    _files = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": _bucket,
            "region_name": env.str("FILES_S3_REGION", "") or None,
            "endpoint_url": env.str("FILES_S3_ENDPOINT", "") or None,
            # Without these, whatever boto3 finds: the machine's role, ~/.aws, AWS_….
            "access_key": env.str("FILES_S3_ACCESS_KEY", "") or None,
            "secret_key": env.str("FILES_S3_SECRET_KEY", "") or None,
            "location": env.str("FILES_S3_PREFIX", ""),
            # No ACL is private, and what a bucket of today takes.
            "default_acl": None,
            # Contents are named by their digest: the same name is the same content.
            "file_overwrite": True,
            "max_memory_size": 2**20,
        },
    }
STORAGES = {
    "default": _files,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# --- The API -----------------------------------------------------------------------------------

RATE_PER_MINUTE = env.int("RATE_PER_MINUTE", 600, validate=validate.Range(min=1))

# How long the bodies of deliveries are kept.
INBOX_DAYS = env.int("INBOX_DAYS", 90, validate=validate.Range(min=1))

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["leads.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["leads.authentication.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.errors.exception_handler",
    "UNAUTHENTICATED_USER": None,
}

SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.1",
    "TITLE": "Leadline API",
    "DESCRIPTION": "One timeline for every lead: WhatsApp, email, calls and system activity.",
    "VERSION": "0.1.0",
    "PREPROCESSING_HOOKS": ["config.api_docs.as_documented"],
    "POSTPROCESSING_HOOKS": ["config.api_docs.with_components"],
}

# --- Logs --------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "config.request_id.RequestIdFilter"}},
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"}
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["request_id"],
            "formatter": "line",
        }
    },
    "root": {"handlers": ["console"], "level": env.log_level("LOG_LEVEL", logging.WARNING)},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # What it warns of when statements in flight fail is raised as well.
        "psycopg": {"level": "ERROR"},
    },
}
