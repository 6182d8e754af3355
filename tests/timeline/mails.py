"""Mails to test with, as they travel: lines of bytes."""

import sysconfig
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from timeline.mail_headers import AnyMail

NOW = datetime(2026, 5, 2, 12, 0, tzinfo=UTC)

MAIL = """\
Received: by mx.acme.example; Fri, 1 May 2026 09:00:07 +0000
From: =?utf-8?q?Ana_Mar=C3=ADa?= <ana@example.com>
To: Acme Solar <sales@acme.example>, info@acme.example
Subject: =?utf-8?b?wr9DdcOhbnRvIGN1ZXN0YT8=?=
Date: Fri, 1 May 2026 05:00:00 -0400
Message-ID: <1@example.com>
Content-Type: text/plain; charset=utf-8

¿Cuánto cuesta?

El lun, Acme escribió:
> Hola
"""


def mail_of(source: str | bytes) -> AnyMail:
    content = source.encode() if isinstance(source, str) else source
    return message_from_bytes(content, policy=policy.compat32)


def mail(body: str = "Hello", **headers: Any) -> bytes:
    """Return a mail with these headers (names with _ for -) besides, or instead of, its own."""
    given = {
        "From": "Ana <ana@example.com>",
        "To": "sales@acme.example",
        "Subject": "Roof",
        "Date": "Fri, 1 May 2026 09:00:00 +0000",
        "Message-ID": "<1@example.com>",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in given.items() if value is not None]
    return "\n".join([*lines, "", body]).encode(errors="surrogateescape")


def samples() -> list[Path]:
    """Return the mails in the interpreter's own tests of mail, malformed ones among them."""
    folder = Path(sysconfig.get_path("stdlib")) / "test" / "test_email" / "data"
    assert folder.is_dir(), (
        f"{folder} is not there: this Python came without its own tests, which have the mails that"
        " ours must read. Debian and Ubuntu have them in libpython3-testsuite."
    )
    return sorted(path for path in folder.iterdir() if path.is_file())
