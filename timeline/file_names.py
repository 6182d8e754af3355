"""What a file that somebody sent may be called here, and be said to be.

Pure: no ORM. Names and types come from senders, so neither is trusted: a name must not lead
elsewhere on whose disk it is saved, nor look like another; a type must not make a browser run it.
"""

import re
import unicodedata

NAME_LIMIT = 150  # characters
# Bytes in UTF-8: file systems take 255, and a browser adds " (1)".
_NAME_BYTES = 200
_SUFFIX_LIMIT = 20
UNNAMED = "file"
UNKNOWN_TYPE = "application/octet-stream"

# Control characters, those that turn the direction of writing or are not seen at all, halves of
# characters, ends of lines.
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_RESERVED_MARKS = re.compile(r'[<>:"|?*]')
_RESERVED_NAMES = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|\Z)", re.IGNORECASE)

# RFC 6838, 4.2: how a type is spelled.
_PART = r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}"
_TYPE = re.compile(rf"{_PART}/{_PART}", re.ASCII)
# What a browser may run, or draw with scripts in it, were it shown as what it says it is.
_ACTIVE = re.compile(
    r"text/(?:html|xml|javascript|ecmascript|jscript|livescript|x-\w+script|vbscript|cache-manifest"
    r"|css|xsl|x-component|webviewhtml).*"
    r"|application/(?:x-)?(?:javascript|ecmascript|xml|xslt|hta|shockwave-flash|wasm|xhtml).*"
    r"|image/svg.*|.*[+/-]xml|.*html.*|.*script|multipart/.*|message/(?:http|partial|external-body)"
)
# What a browser shows by itself, as pictures and sounds and nothing else.
_SHOWN = {
    "audio/aac", "audio/amr", "audio/flac", "audio/m4a", "audio/mp3", "audio/mp4", "audio/mpeg",
    "audio/ogg", "audio/opus", "audio/wav", "audio/webm", "audio/x-m4a", "audio/x-wav",
    "image/avif", "image/bmp", "image/gif", "image/jpeg", "image/png", "image/webp", "video/3gpp",
    "video/mp4", "video/ogg", "video/quicktime", "video/webm",
}  # fmt: skip


def safe_name(name: str) -> str:
    """Return the name without folders and without what could deceive; `UNNAMED` for none.

    At most `NAME_LIMIT` characters, its ending kept. What is safe comes back as it is.
    """
    last = re.split(r"[/\\]", name.replace("\0", ""))[-1]
    seen = "".join(" " if one in "\t\r\n" else one for one in last if not _is_unseen(one))
    marked = _RESERVED_MARKS.sub("_", unicodedata.normalize("NFC", seen))
    words = re.sub(r"\s+", " ", marked)
    cut = _cut(words.strip(" ."))
    return _RESERVED_NAMES.sub(r"_\g<0>", cut, count=1) if _RESERVED_NAMES.match(cut) else cut


def _is_unseen(character: str) -> bool:
    return character not in "\t\r\n" and unicodedata.category(character) in _UNSEEN


def _cut(name: str) -> str:
    """Cut the name to what a file system takes, with its ending if it has one."""
    if len(name) < NAME_LIMIT and len(name.encode()) < _NAME_BYTES:
        return name or UNNAMED
    stem, dot, suffix = name.rpartition(".")
    ending = f"{dot}{suffix}" if stem and len(suffix.encode()) <= _SUFFIX_LIMIT else ""
    room = _NAME_BYTES - len(ending.encode()) - 1
    kept = (stem if ending else name)[: NAME_LIMIT - len(ending) - 1]
    return kept.encode()[:room].decode(errors="ignore").rstrip(" .") + ending


def safe_type(content_type: str) -> str:
    """Return the type, less its parameters, if it is one and no browser runs it; else unknown."""
    said = content_type.partition(";")[0].strip().lower()
    if not _TYPE.fullmatch(said) or _ACTIVE.fullmatch(said):
        return UNKNOWN_TYPE
    return said


def is_shown(content_type: str) -> bool:
    """Tell whether a browser may show what has this type, rather than save it."""
    return content_type in _SHOWN
