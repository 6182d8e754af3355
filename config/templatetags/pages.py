"""``{% page "entrance.html" %}``: the page of ours around what a library's templates say.

The blocks that stand in it, as the templates that extend it fill them, are what the page is given
by their names. So head, bar and menu are written once, in Jinja2's language.
"""

from django import template
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.template.loader import render_to_string
from django.template.loader_tags import BlockNode

register = template.Library()


class PageNode(template.Node):
    def __init__(self, name: str, nodelist: NodeList) -> None:
        self.name = name
        self.nodelist = nodelist

    def render(self, context: Context) -> str:
        blocks = [node for node in self.nodelist if isinstance(node, BlockNode)]
        given = {str(block.name): block.render_annotated(context) for block in blocks}
        return render_to_string(self.name, given, request=context["request"])


@register.tag
def page(parser: Parser, token: Token) -> PageNode:
    """Take the name of a template in `templates/pages`."""
    _tag, name = token.split_contents()
    nodelist = parser.parse(("endpage",))
    parser.delete_first_token()
    return PageNode(name.strip("\"'"), nodelist)
