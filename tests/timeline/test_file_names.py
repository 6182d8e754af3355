"""What a sent file may be called, and be said to be: nothing that leads elsewhere or deceives."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.file_names import NAME_LIMIT, UNKNOWN_TYPE, is_shown, safe_name, safe_type

BMP_AND_MORE = st.characters(codec=None)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Plan of the roof.pdf", "Plan of the roof.pdf"),
        ("Cotización ñandú 屋根.pdf", "Cotización ñandú 屋根.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\Windows\\win.ini", "win.ini"),
        ("/etc/", "file"),
        ("C:\\plan.pdf", "plan.pdf"),
        ("C:plan.pdf", "C_plan.pdf"),
        ("..", "file"),
        (".", "file"),
        ("", "file"),
        (" \t\r\n", "file"),
        (".htaccess", "htaccess"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie_ x.pdf"),
        ("plan\0.pdf", "plan.pdf"),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("\ufeffplan\u200b.pdf", "plan.pdf"),
        ("half \ud800.pdf", "half .pdf"),
        ("con", "_con"),
        ("NUL.txt", "_NUL.txt"),
        ("com1.tar.gz", "_com1.tar.gz"),
        ("console.log", "console.log"),
        ('a<b>:"|?*.txt', "a_b______.txt"),
        ("plan.pdf. . ", "plan.pdf"),
        ("e\u0301.txt", "\u00e9.txt"),
    ],
)
def test_a_name_leads_nowhere_and_looks_like_what_it_is(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.parametrize("letter", ["a", "ñ", "屋", "🙂"])
def test_a_long_name_is_cut_and_keeps_its_ending(letter: str) -> None:
    name = safe_name(letter * 500 + ".pdf")
    assert name.endswith(f"{letter}.pdf")
    assert len(name) <= NAME_LIMIT
    assert len(name.encode()) <= 200


def test_a_long_ending_is_none() -> None:
    assert len(safe_name("a." + "b" * 500)) == NAME_LIMIT - 1


@given(st.text(BMP_AND_MORE, max_size=300))
def test_any_name_becomes_a_safe_one_that_stays_as_it_is(name: str) -> None:
    safe = safe_name(name)
    assert safe_name(safe) == safe
    assert 0 < len(safe) <= NAME_LIMIT
    assert len(safe.encode()) <= 200
    assert not set(safe) & set('/\\<>:"|?*')
    assert safe not in {".", ".."}
    assert not {unicodedata.category(each) for each in safe} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("given_type", "safe"),
    [
        ("application/pdf", "application/pdf"),
        ("Image/PNG", "image/png"),
        (' text/plain; charset="x"', "text/plain"),
        ("application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
        ("message/rfc822", "message/rfc822"),
        *(
            (active, UNKNOWN_TYPE)
            for active in (
                "", "pdf", "/", "a/", "image/png/x", "image/png x", "image/pn\u0131", "x" * 200,
                f"a/{'b' * 100}", "image/png\r\nX: y", "text/html", "TEXT/HTML; charset=utf-8",
                "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml",
                "application/mathml+xml", "text/javascript", "application/javascript",
                "application/x-javascript", "application/ecmascript", "text/vbscript", "text/css",
                "application/x-shockwave-flash", "multipart/related", "multipart/x-mixed-replace",
            )
        ),
    ],
)  # fmt: skip
def test_a_type_is_well_formed_and_not_one_that_a_browser_runs(given_type: str, safe: str) -> None:
    assert safe_type(given_type) == safe


@given(st.text(BMP_AND_MORE, max_size=150))
def test_any_type_becomes_a_safe_one_that_stays_as_it_is(given_type: str) -> None:
    safe = safe_type(given_type)
    assert safe_type(safe) == safe
    assert len(safe) <= 127
    assert safe.isascii()


def test_only_pictures_sounds_and_films_are_shown_in_place() -> None:
    assert all(map(is_shown, ("image/png", "audio/ogg", "video/mp4")))
    assert not any(map(is_shown, ("application/pdf", "text/plain", UNKNOWN_TYPE, "image/svg+xml")))
