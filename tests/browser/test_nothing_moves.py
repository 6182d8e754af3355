"""Nothing moves on a page while it loads, however slowly it comes."""

import re
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from leads.models import Lead, Membership
from tests.browser.conftest import Visit

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
TABLET = {"viewport": {"width": 800, "height": 900}}
DEVICES = pytest.mark.parametrize("options", [{}, TABLET, PHONE], ids=["wide", "tablet", "phone"])

# Which parts moved, and by how much of the screen.
_NOTE_MOVES = """
window.moves = [];
new PerformanceObserver((list) => {
  for (const move of list.getEntries()) {
    const nodes = move.sources.map(({node, currentRect: {x, y}}) =>
      [x, y, (node?.outerHTML ?? node?.textContent ?? "a pseudo-element").slice(0, 100)]);
    window.moves.push([move.value, ...nodes]);
  }
}).observe({type: "layout-shift", buffered: true});
"""
_FRAMES = """
const frame = () => new Promise(requestAnimationFrame);
await frame();
await frame();
"""
# Each piece is drawn before the next one comes.
_WRITE_BY_PIECES = (
    """async ([head, pieces]) => {"""
    + _FRAMES
    + """
  document.open();
  document.write(head);
  while (!document.styleSheets.length) await frame();
"""
    + _NOTE_MOVES
    + """
  for (const piece of pieces) {
    document.write(piece);
    await frame();
  }
  document.close();
  await frame();
  await frame();
  return window.moves;
}"""
)


# So many tags fill a screen; what comes after them is not seen, and may come faster.
ONE_BY_ONE = 600


def moves_by_pieces(page: Page, address: str) -> Any:
    """Write the page anew, tag by tag, a frame each; return what moved."""
    html = re.sub(r"<script[^>]*></script>", "", page.request.get(address).text())
    head, body = html.split("<body", 1)
    tags = re.findall(r"<[^<]*", "<body" + body)
    rest = ["".join(tags[at : at + 50]) for at in range(ONE_BY_ONE, len(tags), 50)]
    return page.evaluate(_WRITE_BY_PIECES, [head, [*tags[:ONE_BY_ONE], *rest]])


@DEVICES
def test_nothing_moves_while_a_lead_loads(
    visit: Visit, owner: Membership, lead: Lead, history: list[UUID], options: dict[str, Any]
) -> None:
    page = visit(owner, f"/leads/{lead.pk}/", **options)
    expect(page.locator("#timeline > .entry").first).to_be_visible()
    moves = page.evaluate("async () => {" + _NOTE_MOVES + _FRAMES + "return window.moves; }")
    assert moves == []


@DEVICES
@pytest.mark.parametrize("place", ["lead", "list"])
def test_nothing_moves_while_a_page_comes_by_pieces(
    visit: Visit,
    owner: Membership,
    lead: Lead,
    history: list[UUID],
    options: dict[str, Any],
    place: str,
) -> None:
    # So long that it goes onto a second line beside the button that comes after it.
    lead.first_name, lead.company = "María José Antonieta", "Vidal & Hijos"
    lead.save()
    page = visit(owner, "/leads/", **options)
    address = f"/leads/{lead.pk}/" if place == "lead" else "/leads/"
    assert moves_by_pieces(page, address) == []
