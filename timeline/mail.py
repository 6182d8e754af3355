"""HTML mail, made harmless: what is left of it can show text, tables and pictures, nothing more.

A sanitised mail is shown in a frame whose own policy (`timeline.views.mail`) forbids all of it
again: script, forms, navigation, and every load from elsewhere but, when asked for, pictures.
"""

import re
from collections.abc import Iterator
from email.utils import parseaddr
from html import unescape
from itertools import islice

import nh3

_TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup",
    "dd", "del", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i",
    "img", "ins", "li", "ol", "p", "pre", "q", "s", "small", "span", "strike", "strong", "sub",
    "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul",
}  # fmt: skip
_DROPPED_WHOLE = {"script", "style", "title", "template", "noscript", "svg", "math", "textarea"}
_LAYOUT = {"align", "valign", "width", "height", "bgcolor", "dir", "lang", "style"}
_ATTRIBUTES = {
    "*": {"align", "dir", "lang", "style"},
    "a": {"href", "title"},
    "font": {"color", "size"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start", "type"},
    "table": _LAYOUT | {"border", "cellpadding", "cellspacing"},
    "td": _LAYOUT | {"colspan", "rowspan"},
    "th": _LAYOUT | {"colspan", "rowspan"},
    "tr": _LAYOUT,
}
# Nothing that loads (background, list-style-image) or leaves its place (position, z-index).
_STYLES = {
    "background-color", "border", "border-bottom", "border-collapse", "border-color", "border-left",
    "border-radius", "border-right", "border-spacing", "border-style", "border-top", "border-width",
    "color", "direction", "display", "font-family", "font-size", "font-style", "font-weight",
    "height", "letter-spacing", "line-height", "list-style-type", "margin", "margin-bottom",
    "margin-left", "margin-right", "margin-top", "max-width", "padding", "padding-bottom",
    "padding-left", "padding-right", "padding-top", "text-align", "text-decoration",
    "text-transform", "vertical-align", "white-space", "width", "word-break",
}  # fmt: skip
# Building a document costs up to the square of how many elements are open at once: so many tags
# that may stay open are looked at. Parts of a table nest in no other way than with their table, but
# in drawings and formulas they are elements like any other.
TAGS_LIMIT = 3_000
_OPENS = re.compile(r"<(?!(?:td|th|tr|tbody|thead|tfoot|col|br|hr|img)[\s/>])[a-z]", re.IGNORECASE)
_OPENS_ANYWHERE = re.compile(r"<[a-z]", re.IGNORECASE)
_FOREIGN = re.compile(r"<(?:svg|math)", re.IGNORECASE)
_REMOTE = re.compile(r"https?://", re.IGNORECASE)
_INLINE_IMAGE = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,", re.IGNORECASE)


def _allowed(tag: str, attribute: str, value: str) -> str | None:
    if "url(" in value.lower() and attribute == "style":
        return None
    if tag == "img" and attribute == "src":
        return value if _REMOTE.match(value) or _INLINE_IMAGE.match(value) else None
    if attribute == "href" and value.lower().startswith("data:"):
        return None
    return value


def _without_remote(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src" and not _INLINE_IMAGE.match(value):
        return None
    return _allowed(tag, attribute, value)


def _cleaner(*, images: bool) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=_DROPPED_WHOLE,
        attributes=_ATTRIBUTES,
        attribute_filter=_allowed if images else _without_remote,
        url_schemes={"http", "https", "mailto", "tel", "data"},
        url_relative="deny",
        filter_style_properties=_STYLES,
        set_tag_attribute_values={"a": {"target": "_blank"}},
        link_rel="noopener noreferrer nofollow",
    )


_WITH_IMAGES, _WITHOUT_IMAGES = _cleaner(images=True), _cleaner(images=False)


def sanitised(html: str, *, images: bool = False) -> str:
    """Return the mail's body made harmless; pictures from elsewhere only with `images`.

    A body that `is_too_long` ends where it gets so.
    """
    return (_WITH_IMAGES if images else _WITHOUT_IMAGES).clean(_bounded(html, TAGS_LIMIT))


def is_too_long(html: str) -> bool:
    """Tell whether the mail has more tags than are shown."""
    return len(_bounded(html, TAGS_LIMIT)) < len(html)


def _bounded(html: str, tags: int) -> str:
    opens = _OPENS_ANYWHERE if _FOREIGN.search(html) else _OPENS
    beyond = next(islice(opens.finditer(html), tags, None), None)
    return html if beyond is None else html[: beyond.start()]


# In what was sanitised, where no attribute holds a bare <, > or ".
_REMOTE_IMAGE = re.compile(r'<img [^<>]*\bsrc="https?://', re.IGNORECASE)


def has_remote_images(html: str) -> bool:
    """Tell whether `sanitised` with images shows more than without."""
    return _REMOTE_IMAGE.search(sanitised(html, images=True)) is not None


# --- Quoted text ---------------------------------------------------------------------------------

_BLOCKQUOTE = re.compile(r"<(/?)blockquote\b[^>]*>")


def folded(sanitised_html: str, summary: str) -> str:
    """Fold every outermost quotation of the sanitised mail; `summary` is HTML, to click on."""
    return "".join(_folded(sanitised_html, summary))


def _folded(html: str, summary: str) -> Iterator[str]:
    depth, end = 0, 0
    for tag in _BLOCKQUOTE.finditer(html):
        closing = tag[1] == "/"
        yield html[end : tag.start()]
        if not closing and depth == 0:
            yield f"<details><summary>{summary}</summary>"
        yield tag[0]
        if closing and depth == 1:
            yield "</details>"
        depth += -1 if closing else 1
        end = tag.end()
    yield html[end:]


# Where a reply begins to quote, as mail programs write it: > lines, or a line that says who wrote.
_QUOTE_BEGINS = re.compile(
    r"^(?:>.*|-{2,} ?(?:Original Message|Mensaje original|Mensagem original) ?-{2,}"
    r"|[^\n>][^\n]{0,300}:)$(?=\n+>)|^>.*$|^-{2,} ?(?:Original Message|Mensaje original) ?-{2,}$",
    re.MULTILINE,
)


def split_quote(text: str) -> tuple[str, str]:
    """Cut a mail's text into what was written and what was quoted below it, "" for nothing."""
    begins = _QUOTE_BEGINS.search(text)
    if begins is None:
        return text.strip(), ""
    return text[: begins.start()].strip(), text[begins.start() :].strip()


_BREAKS = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/blockquote)\b[^>]*>", re.IGNORECASE)


# What is read of a mail for its words: far more than a timeline shows, at no cost to its page.
_CHARACTERS_READ = 100_000
_TAGS_READ = 500


def text_of(html: str) -> str:
    """Return the words of a mail that came without a text of its own."""
    read = _bounded(html[:_CHARACTERS_READ], _TAGS_READ)
    lines = _BREAKS.sub("\n", sanitised(read))
    words = unescape(nh3.clean(lines, tags=set()))
    stripped = "\n".join(line.strip() for line in words.split("\n"))
    return re.sub(r"\n{2,}", "\n\n", stripped).strip()


# --- Parties -------------------------------------------------------------------------------------

# What is longer names nobody, and reading it could go too deep.
_PARTY_LIMIT = 500


def name_of(party: str) -> str:
    """Return who "Ann Lee <ann@example.com>" is; the address of those without a name."""
    if len(party) > _PARTY_LIMIT:
        return f"{party[:_PARTY_LIMIT]}…"
    try:
        return parseaddr(party)[0] or party
    except (RecursionError, IndexError):
        return party
