"""An export as it lies on a disk: a text, or a zip with the text and the media.

Nothing is written to a disk here, and no name in a zip or a chat is looked for outside of the zip.
"""

import codecs
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from mimetypes import guess_type
from pathlib import Path, PurePosixPath
from typing import Protocol

from timeline.importing.whatsapp_chat.parsing import ChatError
from timeline.reports import File

# Bytes. The app exports at most 40,000 messages; a million characters each would still be none.
TEXT_LIMIT = 256_000_000
# Of one attached file, and of all together: each is held in memory once, and kept.
FILE_LIMIT = 100_000_000
TOTAL_LIMIT = 20_000_000_000
# Pictures, sounds and documents are packed already; what shrinks this much is made to burst.
_RATIO_LIMIT = 200
_RATIO_COUNTS_FROM = 1_000_000

_TYPES = {".opus": "audio/ogg", ".webp": "image/webp", ".m4a": "audio/mp4", ".vcf": "text/vcard"}
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError)


class FileRefusedError(ValueError):
    """An attached file cannot be read, or must not be; the text says why."""


class Export(Protocol):
    """An export that is open: its text, and the files in it by their names."""

    @property
    def names(self) -> frozenset[str]:
        """The names that messages call the files by."""

    def text(self) -> bytes:
        """Return the chat's text; raise ChatError if there is none."""

    def file(self, name: str) -> File:
        """Return one of `names`; raise FileRefusedError."""


@contextmanager
def opened(path: Path) -> Iterator[Export]:
    """Open an export; raise OSError, and ChatError for a broken one."""
    if not zipfile.is_zipfile(path):
        yield _Text(path)
        return
    try:
        with zipfile.ZipFile(path) as archive:
            yield _Zip(archive)
    except _BROKEN as error:
        raise ChatError(f"the zip is broken: {error}") from error


def decoded(content: bytes) -> tuple[str, list[int]]:
    """Return the text, and the lines with bytes that are none: "�" stands for each.

    UTF-8 or UTF-16, with or without a BOM.
    """
    encoding = _encoding(content)
    text = content.decode(encoding, errors="replace").removeprefix("\ufeff").replace("\0", "\ufffd")
    if "\ufffd" not in text:
        return text, []
    return text, [number for number, line in enumerate(text.split("\n"), 1) if "\ufffd" in line]


def _encoding(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = content[:1_000]
    # A date, a time and brackets, which every chat begins with, are ASCII: every other byte is 0.
    if head.count(b"\0") * 4 < len(head):
        return "utf-8"
    return "utf-16-be" if head[::2].count(0) > head[1::2].count(0) else "utf-16-le"


class _Text:
    names: frozenset[str] = frozenset()

    def __init__(self, path: Path) -> None:
        self._path = path

    def text(self) -> bytes:
        with self._path.open("rb") as stream:
            return _bounded(stream.read(TEXT_LIMIT + 1))

    def file(self, name: str) -> File:
        raise FileRefusedError(f"{name} is not in the export")


class _Zip:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        infos = [info for info in archive.infolist() if not info.is_dir()]
        # By the last part of their names alone: folders within a zip lead nowhere.
        self._files = {
            PurePosixPath(re.sub(r"\\", "/", info.filename)).name: info for info in infos
        }
        self._taken = 0

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._files)

    def text(self) -> bytes:
        with self._archive.open(self._chat()) as stream:
            return _bounded(stream.read(TEXT_LIMIT + 1))

    def _chat(self) -> zipfile.ZipInfo:
        texts = {name: info for name, info in self._files.items() if name.lower().endswith(".txt")}
        if "_chat.txt" in texts:
            return texts["_chat.txt"]
        named = {name: info for name, info in texts.items() if "whatsapp" in name.lower()}
        chosen = list((named or texts).values())
        if len(chosen) != 1:
            found = ", ".join(sorted(named or texts)) or "none"
            raise ChatError(
                f"the zip must have one chat, _chat.txt or another .txt; it has {found}"
            )
        return chosen[0]

    def file(self, name: str) -> File:
        info = self._files[name]
        if info.file_size > FILE_LIMIT:
            raise FileRefusedError(f"{name} is larger than {FILE_LIMIT:,} bytes")
        shrunk = info.file_size > _RATIO_LIMIT * max(1, info.compress_size)
        if shrunk and info.file_size > _RATIO_COUNTS_FROM:
            raise FileRefusedError(f"{name} is packed to burst")
        try:
            with self._archive.open(info) as stream:
                content = stream.read(FILE_LIMIT + 1)
        except (*_BROKEN, OSError) as error:
            raise FileRefusedError(f"{name} is broken in the zip: {error}") from error
        self._taken += len(content)
        if len(content) > FILE_LIMIT or self._taken > TOTAL_LIMIT:
            raise FileRefusedError(f"{name} is too much")
        return File(name, _type_of(name), content)


def _bounded(content: bytes) -> bytes:
    if len(content) > TEXT_LIMIT:
        raise ChatError(f"the text is longer than {TEXT_LIMIT:,} bytes")
    return content


def _type_of(name: str) -> str:
    suffix = PurePosixPath(name).suffix.lower()
    return _TYPES.get(suffix) or guess_type(name)[0] or "application/octet-stream"
