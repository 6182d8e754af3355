"""The environment of our own pages (`templates/pages`), which are in Jinja2's language.

Templates are compiled once a language, and what is the same on every page in it (texts, icons,
plain addresses) becomes part of the text around it: a timeline has hundreds of them.
"""

from collections.abc import Callable, MutableMapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, QueryDict
from django.middleware.csrf import get_token
from django.template import Context, defaulttags
from django.template.defaultfilters import filesizeformat
from django.templatetags.static import static
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.utils.text import capfirst
from django.utils.translation.trans_real import translation as catalogue_of
from django_htmx.jinja import htmx_script
from jinja2 import Environment, StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from config.icons import icon
from leads.addresses import url
from timeline import times
from timeline.drawn import drawn
from timeline.rich_text import breakable, rich_text

_FILTERS: dict[str, Callable[..., object]] = {
    "ago": times.ago,
    "breakable": breakable,
    "capfirst": capfirst,
    "clock": times.clock,
    "day_date": times.day_date,
    "day_heading": times.day_heading,
    "day_name": times.day_name,
    "drawn": drawn,
    "duration": times.duration,
    "exactly": times.exactly,
    "filesizeformat": filesizeformat,
    "how_far": times.how_far,
    "moment": times.moment,
    "rich": rich_text,
    "seconds": times.seconds,
    "since": times.since,
    "timespan": times.timespan,
    "when": times.when,
}


class PageTemplates(Environment):
    """Hands out each template in the language that is spoken just now."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._options = options
        self._spoken: dict[str, _InOneLanguage] = {}

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - Jinja2's
    ) -> Template:
        """Return the template; the ones that it extends and includes are of its language too."""
        return self._now_spoken().get_template(name, parent, globals)

    def from_string(self, source: str | nodes.Template, *args: Any, **kwargs: Any) -> Template:
        """Return the source as a template, in the language too."""
        return self._now_spoken().from_string(source, *args, **kwargs)

    def _now_spoken(self) -> Environment:
        language = translation.get_language() or settings.LANGUAGE_CODE
        if language not in self._spoken:
            self._spoken[language] = _InOneLanguage(language, self._options)
        return self._spoken[language]


class _InOneLanguage(Environment):
    def __init__(self, language: str, options: dict[str, Any]) -> None:
        super().__init__(
            **{
                **options,
                "extensions": ["jinja2.ext.i18n"],
                # A misspelt name is an error, not nothing.
                "undefined": StrictUndefined,
                "trim_blocks": True,
                "lstrip_blocks": True,
            }
        )
        self.language = language
        # Of the language, not of whichever is active, which is looked up at each text.
        texts = catalogue_of(language)
        self.install_gettext_callables(  # type: ignore[attr-defined] # the extension's
            lru_cache(2_000)(texts.gettext),
            lru_cache(2_000)(texts.ngettext),
            newstyle=True,
            pgettext=texts.pgettext,
            npgettext=texts.npgettext,
        )
        self.filters.update(_FILTERS)
        self.globals.update(
            _of(language),
            htmx_script=htmx_script,
            icon=icon,
            messages=get_messages,
            querystring=querystring,
            static=static,
            url=url,
        )

    def _generate(self, source: nodes.Template, *args: Any, **kwargs: Any) -> str:
        """Compile the template: the place that Jinja2 has for changing it before."""
        with translation.override(self.language):
            _Constants().visit(source)
        return super()._generate(source, *args, **kwargs)


class _Constants(NodeTransformer):
    """Puts what a call of a function of constants returns in the place of the call."""

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:  # noqa: N802 - Jinja2's
        self.generic_visit(node)
        function = _CONSTANT.get(node.node.name) if isinstance(node.node, nodes.Name) else None
        if function is None:
            return node
        if function in {_text, _text_in_context}:
            _refuse_made(node)
        try:
            given, named = nodes.args_as_const(node, None)
        except nodes.Impossible:
            return node
        value = function(*given, **named)
        # A constant is compiled as its `repr`, and that of Jinja2's own class alone is safe again.
        safe = Markup(value) if hasattr(value, "__html__") else value  # noqa: S704 - it says so
        return nodes.Const(safe, lineno=node.lineno, environment=node.environment)


def _refuse_made(node: nodes.Call) -> None:
    """Raise TemplateSyntaxError for a text that is made: nobody finds it, and it is not escaped."""
    if not all(isinstance(argument, nodes.Const) for argument in node.args):
        raise TemplateSyntaxError("a text to translate must be a constant", node.lineno)


def _text(text: str, **filled_in: object) -> Markup:
    return Markup(translation.gettext(text)) % filled_in  # noqa: S704 - a text of ours


def _text_in_context(context: str, text: str) -> Markup:
    return Markup(translation.pgettext(context, text))  # noqa: S704 - a text of ours


_CONSTANT: dict[str, Callable[..., str]] = {
    "_": _text,
    "gettext": _text,
    "pgettext": _text_in_context,
    "htmx_script": htmx_script,
    "icon": icon,
    "static": static,
    "url": url,
}


def _of(language: str) -> dict[str, Any]:
    """Return what templates know of the language, and of the others."""
    others = [
        (code, capfirst(translation.get_language_info(code)["name_local"]))
        for code, _name in settings.LANGUAGES
        if code != language
    ]
    direction = "rtl" if translation.get_language_info(language)["bidi"] else "ltr"
    return {"language": language, "direction": direction, "other_languages": others}


def querystring(query: QueryDict, **changes: str | None) -> str:
    """Return the query with the changes, beginning with "?"; None takes a name out."""
    if not query and not any(changes.values()):
        return ""
    changed: str = defaulttags.querystring(Context(), query, **changes)
    return changed


def csrf_once(request: HttpRequest) -> dict[str, Any]:
    """Return the token of a page's forms, made once for all of them, and only if there is one."""
    token = SimpleLazyObject(lambda: get_token(request))
    field = SimpleLazyObject(
        lambda: Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(token)
    )
    return {"csrf_token": token, "csrf_input": field}
