"""Django's settings, each taken from the environment or given a working default. Holds no secret and no locality.

`TONGXIN_ENV` is `demo` (default: everything in `var/`, plain HTTP on this machine), `production` (nothing insecure is
guessed: `SECRET_KEY`, `ALLOWED_HOSTS` and `DATABASE_URL` must be given) or `test`. `DATABASE_URL` points the same code
at any PostgreSQL ≥ 15; without it the built-in one of `tongxin.kernel.postgres` is used.
"""

import os
import secrets
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from tongxin.kernel import postgres

BASE_DIR = Path(__file__).resolve().parents[1]
DATA_DIR = Path(os.environ.get("TONGXIN_DATA_DIR") or BASE_DIR / "var").resolve()
ENVIRONMENT = os.environ.get("TONGXIN_ENV", "demo")
PRODUCTION = ENVIRONMENT == "production"
TESTING = ENVIRONMENT == "test"
if ENVIRONMENT not in {"demo", "production", "test"}:
    raise ImproperlyConfigured(f"TONGXIN_ENV={ENVIRONMENT}: 应为 demo、production 或 test · must be one of these")


def _given(name: str, default: str = "") -> str:
    """The value of an environment variable; in production an empty default means it must be there."""
    value = os.environ.get(name, default)
    if PRODUCTION and not value:
        raise ImproperlyConfigured(f"生产环境必须设置 {name} · {name} must be set in production")
    return value


def _words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def _flag(name: str, *, default: bool) -> bool:
    return os.environ.get(name, "1" if default else "0").lower() in {"1", "true", "yes", "on"}


def _secret_key() -> str:
    """The key given, else one made once and kept in the data folder, readable by its owner alone."""
    if TESTING:
        return "not a secret: tests only, " + "0123456789abcdef" * 3
    if given := _given("SECRET_KEY"):
        return given
    path = DATA_DIR / "secret_key"
    if not path.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o711)
        fresh = DATA_DIR / f".secret_key-{os.getpid()}"
        with open(os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(60))
        try:
            os.link(fresh, path)  # the first of two processes wins, the other reads its key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text()


def _database(address: str) -> dict[str, Any]:
    """Django's form of a PostgreSQL address (a URL or libpq's `key=value` words)."""
    # Statements prepared on the server cost the web process about a third less CPU; a pooler that shares sessions between
    # clients by transaction cannot keep them.
    prepared = _flag("DATABASE_PREPARED", default=True)
    binding = {"server_side_binding": True, "prepare_threshold": 2} if prepared else {}
    parts = {key: str(value) for key, value in conninfo_to_dict(address).items() if value is not None}
    return {
        "ENGINE": "tongxin.kernel.database",
        "NAME": parts.pop("dbname", "tongxin"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": "tongxin", **binding, **parts},
    }


DEBUG = False
SECRET_KEY = _secret_key()
ALLOWED_HOSTS = _words(
    "ALLOWED_HOSTS", "" if PRODUCTION else ".localhost,127.0.0.1,[::1]" + (",.test" if TESTING else "")
)
if PRODUCTION and not ALLOWED_HOSTS:
    raise ImproperlyConfigured("生产环境必须设置 ALLOWED_HOSTS · ALLOWED_HOSTS must be set in production")
CSRF_TRUSTED_ORIGINS = _words("CSRF_TRUSTED_ORIGINS")
DATABASES = {"default": _database(_given("DATABASE_URL") or postgres.url(DATA_DIR / "pg"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.postgres",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "tongxin.packs",
    "tongxin.accounts",
    "tongxin.notices",
    "tongxin.records",
    "tongxin.territory",
    "tongxin.organization",
    "tongxin.places",
    "tongxin.procedures",
    "tongxin.matters",
    "tongxin.callouts",
    "tongxin.lists",
    "tongxin.cadence",
    "tongxin.registers",
    "tongxin.exchange",
    "tongxin.affairs",
    "tongxin.learning",
    "tongxin.planning",
    "tongxin.screens",
    "tongxin.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "tongxin.web.middleware.programs.ProgramsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tongxin.web.middleware.headers.HeadersMiddleware",
    "tongxin.web.middleware.language.LanguageMiddleware",
    "tongxin.web.middleware.tenancy.TenancyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tongxin.web.sources.DeviceMiddleware",
    "tongxin.web.middleware.actors.ActorMiddleware",
    "tongxin.web.middleware.refusals.RefusalMiddleware",
]
ROOT_URLCONF = "tongxin.urls"
FORCE_SCRIPT_NAME = ""  # we stand at the root of our hosts; what is below a district's prefix is tenancy's to say
WSGI_APPLICATION = "tongxin.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "tongxin.web.context.platform",
            ],
            "builtins": ["tongxin.web.templatetags.tongxin"],
        },
    },
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["tongxin.accounts.backends.SessionBackend"]
LOGIN_URL = "sign_in"
IDLE_MINUTES = int(os.environ.get("TONGXIN_IDLE_MINUTES", "15"))  # norms 9.2 [K]
PASSWORD_DAYS = int(
    os.environ.get("TONGXIN_PASSWORD_DAYS", "0" if ENVIRONMENT == "demo" else "90")
)  # the same; 0: no limit
TWO_STEPS = os.environ.get(
    "TONGXIN_TWO_STEPS", ""
)  # who must sign in with a second step: all, operators, or as one wishes
if TWO_STEPS not in {"", "all", "operators"}:
    raise ImproperlyConfigured(f"TONGXIN_TWO_STEPS={TWO_STEPS}: 应为 all、operators 或空 · all, operators or empty")
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_FAILURE_VIEW = "tongxin.web.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
# A tile address such as 天地图's for maps; without one only the district's own polygons are drawn.
TILE_URL = os.environ.get("TONGXIN_TILE_URL", "")
BEHIND_PROXY = _flag("TONGXIN_BEHIND_PROXY", default=False)
WEB_THREADS = int(os.environ.get("TONGXIN_WEB_THREADS", "8"))  # of each web process; `manage.py serve --threads`
PIN_WEB_PROCESSES = _flag("TONGXIN_PIN", default=not TESTING)  # each web process stays on one core (kernel.cores)
LARGE_PAGES = _flag(
    "TONGXIN_LARGE_PAGES", default=not TESTING
)  # and keeps its memory in large pages (kernel.large_pages)
# scrypt is memory-hard and in the standard library; tests need no strength, only speed.
PASSWORD_HASHERS = [
    *(["django.contrib.auth.hashers.MD5PasswordHasher"] if TESTING else []),
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
# Compiled there at start from tongxin/locale/*/LC_MESSAGES/django.po (web/words.py).
LOCALE_PATHS = [DATA_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# Built files of others are put there by `make assets`, never committed; our own lie in `static/` of each package.
ASSETS_DIR = BASE_DIR / "var" / "assets"  # with the code, wherever the data lie
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [ASSETS_DIR] if ASSETS_DIR.is_dir() else []
MEDIA_ROOT = Path(os.environ.get("TONGXIN_MEDIA_DIR") or DATA_DIR / "media")
_PLAIN_STATIC = "django.contrib.staticfiles.storage.StaticFilesStorage"
_SERVED_STATIC = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _PLAIN_STATIC if TESTING else _SERVED_STATIC},
}

SESSION_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = _flag("SECURE_SSL_REDIRECT", default=True)
    SECURE_HSTS_SECONDS = int(os.environ.get("SECURE_HSTS_SECONDS", str(365 * 24 * 3600)))
    SECURE_HSTS_INCLUDE_SUBDOMAINS = _flag("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=True)
    SECURE_HSTS_PRELOAD = _flag("SECURE_HSTS_PRELOAD", default=True)
    # Only behind a proxy that sets the header itself: otherwise any client could claim to have come by HTTPS.
    if BEHIND_PROXY:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "tongxin.kernel.logs.PlainFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "filters": {"pauses": {"()": "tongxin.web.pauses.InOneLine"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["pauses"]}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "django.db.backends": {"level": "WARNING"},  # statements carry values: never in the log
    },
}
