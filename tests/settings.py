"""The product's settings, with what only tests want: cheap passwords, static files unhashed.

And a replica, which is the primary by another connection: it never lags.
"""

from config.settings import *  # noqa: F403 - this file is the settings, less a few lines

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

_mirror = {**DATABASES["default"], "TEST": {"MIRROR": "default"}}  # noqa: F405 - of the star
DATABASES.setdefault("replica", _mirror)  # noqa: F405 - of the star
