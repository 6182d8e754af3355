"""What an address of media is, as far as its name tells."""

from mimetypes import guess_type
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Media(NamedTuple):
    """Media of a message. `is_ours` says that it is served by this installation."""

    url: str
    kind: str
    name: str
    is_ours: bool

    @property
    def is_playable(self) -> bool:
        """Whether the policy of the pages (`media-src`) lets a player have it."""
        return self.is_ours or self.url[:6].lower() == "https:"

    @property
    def icon(self) -> str:
        return _ICONS.get(self.kind, "file-text")

    @property
    def label(self) -> str | Promise:
        return _LABELS.get(self.kind, _("File"))


_ICONS = {"image": "image", "audio": "mic", "video": "video"}
_LABELS = {"image": _("Photo"), "audio": _("Voice message"), "video": _("Video")}


def media_of(url: str) -> Media | None:
    """Return what the address leads to; None for none, or for one that a browser must not open."""
    parts = _parts(url) if url else None
    if parts is None:
        return None
    # To a browser a backslash is a slash, and two of them begin the name of another host.
    is_ours = not parts.scheme and not parts.netloc and url[:1] == "/" and url[1:2] != "\\"
    if not is_ours and parts.scheme not in {"http", "https"}:
        return None
    name = PurePosixPath(unquote(parts.path)).name
    kind = (guess_type(name)[0] or "").partition("/")[0]
    return Media(url, kind, name, is_ours)


def _parts(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None
