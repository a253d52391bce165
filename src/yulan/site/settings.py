"""Settings, all from the environment.

YULAN_DATABASE_URL  sqlite:///path or postgres://user:password@host/name; default VAR/yulan.sqlite3
YULAN_VAR           folder of all data (database, files, keys); default ./var
YULAN_SECRET_KEY    signing key; default: made once and kept in VAR/keys/secret
YULAN_HOSTS         host names served, comma-separated; default this machine only
YULAN_TLS=1         a TLS proxy stands in front (sets X-Forwarded-Proto, adds to X-Forwarded-For): HSTS, secure cookies,
                    redirect
YULAN_DEMO=1        demonstration mode: one-click sign-in as each role, and a day of its own
YULAN_TODAY         that day; default 2010-12-31, the last of the demonstration world
YULAN_DEBUG=1       Django's debug pages; never on a public machine
"""

import os
import secrets
from datetime import date
from pathlib import Path
from typing import Any

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from yulan.site.database import database

PACKAGE = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("YULAN_VAR") or "var").absolute()


def _flag(name: str) -> bool:
    return os.environ.get(name, "").lower() in ("1", "true", "yes", "on")


def _secret() -> str:
    """Give the kept signing key; the first process to ask makes it, whole or not at all."""
    kept = VAR / "keys" / "secret"
    if not kept.exists():
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = kept.with_name(f"secret.{os.getpid()}")
        new.touch(mode=0o600)
        new.write_text(secrets.token_urlsafe(48))
        try:
            os.link(new, kept)
        except FileExistsError:
            pass
        finally:
            new.unlink()
    return kept.read_text()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ImproperlyConfigured(f"YULAN_TODAY is {text!r}: write a day as 2010-12-31, or leave it out") from None


DEBUG = _flag("YULAN_DEBUG")
DEMO = _flag("YULAN_DEMO")
TODAY = _day(os.environ.get("YULAN_TODAY") or "2010-12-31") if DEMO else None
TLS = _flag("YULAN_TLS")
SECRET_KEY = os.environ.get("YULAN_SECRET_KEY") or _secret()
ALLOWED_HOSTS = [host for host in os.environ.get("YULAN_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if host]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "yulan.kernel",
    "yulan.registry.regions",
    "yulan.registry.parties",
    "yulan.registry.records",
    "yulan.plan",
    "yulan.engines.funds",
    "yulan.engines.projects",
    "yulan.insight.forms",
    "yulan.portal",
    "yulan.demo",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "yulan.kernel.pages.reader.KeptByNobody",
    "yulan.kernel.feed.Delivering",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "yulan.kernel.pages.reader.CsrfForSessions",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "yulan.kernel.pages.refusals.Refusals",
    "yulan.kernel.pages.policy.DenyByDefault",
]
ROOT_URLCONF = "yulan.site.urls"
WSGI_APPLICATION = "yulan.site.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "yulan.site.chrome.chrome",
            ]
        },
    }
]

# Data
DATABASES = {"default": database(os.environ.get("YULAN_DATABASE_URL") or f"sqlite:///{VAR / 'yulan.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
FILES_ROOT = VAR / "files"
KEYS_ROOT = VAR / "keys"

# Where the kernel finds what the rooms above it know
YULAN_TOKEN_READER = "yulan.registry.parties.services.actor_of_token"
YULAN_ACTOR_BY_NAME = "yulan.registry.parties.services.actor_of_account"
YULAN_SYNONYMS = (("对口支援", "对口帮扶", "东西部协作"), ("前方工作组", "援建组"), ("受援地", "对口地区"))
YULAN_ACTORS_HOLDING = "yulan.registry.parties.services.actors_holding"
YULAN_ACTOR_NAMES = "yulan.registry.parties.accounts.names_of"
YULAN_ROLE_LABELS = "yulan.registry.parties.rules.ROLE_LABELS"

# Who signs in
AUTH_USER_MODEL = "parties.Account"
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# Language and time
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]

# Files of the pages: hashed and compressed once `yulan serve` has gathered them, else served as they lie
STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "site" / "static"]
STATIC_ROOT = VAR / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_MAX_AGE = 3600
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": FILES_ROOT},
    },
    "staticfiles": {"BACKEND": "yulan.site.gathering.Gathered"},
}

# Limits and guards
MAX_BODY = 100 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_PERMISSIONS = 0o600
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = TLS
if TLS:  # browsers take these names only over TLS, for this host alone
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_FAILURE_VIEW = "yulan.kernel.pages.refusals.csrf_failure"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_SSL_REDIRECT = TLS
SECURE_HSTS_SECONDS = 365 * 86400 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = TLS
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # preloading binds the whole domain for years: for its owner to decide
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TLS else None
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"django": {"handlers": ["stderr"], "level": "INFO", "propagate": False}},
}
