"""Translations without gettext's programs: collected from the sources, compiled by Babel.

`locale/` holds what people translate and what git knows. Django reads the compiled form, which is
made in VAR_DIR when a process starts and finds it missing or old: no build step to forget, and the
code's own folder may be read-only. (Compiled files in git would conflict at every merge.)
"""

from __future__ import annotations

import ast
import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.utils.translation import templatize
from jinja2.ext import babel_extract

SOURCES = settings.BASE_DIR / "locale"
TEMPLATES = settings.BASE_DIR / "templates"
PAGES = TEMPLATES / "pages"

_CODE = ("config", "leads", "timeline")
_KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
# Of pages: what cannot be read is an error, and "%" in a text stands for itself.
_OPTIONS = {"silent": "false", "newstyle_gettext": "true"}


def compile_if_changed() -> None:
    """Compile each catalog whose compiled form is not of this very file."""
    for source in SOURCES.glob("*/LC_MESSAGES/*.po"):
        target = settings.LOCALE_PATHS[0] / source.relative_to(SOURCES).with_suffix(".mo")
        written = source.stat().st_mtime_ns
        if not target.exists() or target.stat().st_mtime_ns != written:
            _compile(source, target)
            os.utime(target, ns=(written, written))


def _compile(source: Path, target: Path) -> None:
    # Babel is slow to import, and seldom needed.
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    with source.open("rb") as file:
        catalog = read_po(file, abort_invalid=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    # Processes that start at once each make it, and it appears whole.
    draft = target.with_name(f"{target.name}.{uuid4().hex}")
    with draft.open("wb") as file:
        write_mo(file, catalog)
    draft.replace(target)


def collect(language: str) -> tuple[str, int]:
    """Return the language's catalog brought up to the sources, and how many texts it lacks.

    Translations that are there stay; those that nothing asks for any more are left out.
    """
    from babel.messages.catalog import Catalog  # noqa: PLC0415
    from babel.messages.pofile import read_po, write_po  # noqa: PLC0415

    template = Catalog(charset="utf-8")
    for place, text, comments, context in _texts():
        template.add(text, locations=[(place, 0)], auto_comments=comments, context=context)
    path = catalog_path(language)
    known = io.BytesIO(path.read_bytes() if path.exists() else b"")
    catalog = read_po(known, locale=language)
    catalog.update(template, no_fuzzy_matching=True)
    out = io.BytesIO()
    write_po(
        out, catalog, width=100, omit_header=True, sort_by_file=True,
        ignore_obsolete=True, include_lineno=False,
    )  # fmt: skip
    missing = sum(not _is_translated(message.string) for message in catalog if message.id)
    return _header(language, catalog.plural_forms) + out.getvalue().decode(), missing


def catalog_path(language: str) -> Path:
    """Return where the language's translations are written."""
    return SOURCES / language / "LC_MESSAGES" / "django.po"


def templates() -> Iterator[Path]:
    """Give every template of our own, in order."""
    return (path for path in sorted(TEMPLATES.rglob("*")) if path.suffix in {".html", ".txt"})


def is_page(template: Path) -> bool:
    """Whether it is in Jinja2's language; the others are in Django's."""
    return template.is_relative_to(PAGES)


def _texts() -> Iterator[tuple[str, Any, list[str], str | None]]:
    """Give every text marked in the code and the templates: where, what, comments, context."""
    from babel.messages.extract import extract  # noqa: PLC0415

    for path, method, source in _sources():
        place = path.relative_to(settings.BASE_DIR).as_posix()
        found = extract(method, io.BytesIO(source.encode()), _KEYWORDS, ["Translators:"], _OPTIONS)
        for _line, text, comments, context in found:
            yield place, text, comments, context


def _sources() -> Iterator[tuple[Path, Any, str]]:
    """Give every source with Babel's method of reading it."""
    for app in _CODE:
        for path in sorted((settings.BASE_DIR / app).rglob("*.py")):
            if "migrations" not in path.parts:
                source = path.read_text()
                refuse_hidden(source, path.name)
                yield path, "python", source
    for path in templates():
        if is_page(path):
            yield path, babel_extract, path.read_text()
        else:
            marked = templatize(path.read_text(), origin=str(path))
            # It reads as Python but for its indentation.
            yield path, "python", "\n".join(line.strip() for line in marked.splitlines())


def refuse_hidden(source: str, name: str) -> None:
    """Raise SyntaxError for a text that is marked within an f-string: Babel would not find it."""
    strings = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.JoinedStr))
    for node in (node for string in strings for node in ast.walk(string)):
        if isinstance(node, ast.Call) and _name_of(node.func) in _KEYWORDS:
            raise SyntaxError(f"{name}, line {node.lineno}: a text to translate in an f-string")


def _name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _is_translated(string: str | Iterable[str] | None) -> bool:
    return bool(string) if string is None or isinstance(string, str) else all(string)


def _header(language: str, plural_forms: str) -> str:
    return (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {language}\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Plural-Forms: {plural_forms}\\n"\n\n'
    )
