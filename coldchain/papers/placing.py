"""A complete delivery puts goods into the shop: what was accepted lies there from the last signature on.

What was refused stays where it was, on the truck. A delivery that corrects an older one says the presence of its goods
anew from the time at which the first one began it, and takes back what the older one had and it has not.
"""

from __future__ import annotations

from collections.abc import Callable

from coldchain.custody.goods import LotPlaced
from coldchain.custody.papers import Delivery
from coldchain.goods.places import SITE
from coldchain.papers.fold import PaperBook, signature_of

HOW = "delivery"

Books = Callable[[str], PaperBook]
"""Paper → what is said of it."""


def placements(book: PaperBook, books: Books) -> list[LotPlaced]:
    """Return what a complete delivery says of the places of lots, by lot; nothing for any other paper.

    Lines that name no lot are left out: nobody knows which goods they are.
    """
    paper = book.paper
    if book.closed is None or not isinstance(paper, Delivery):
        return []
    older = corrected(book, books)
    quantities = {name: 0.0 for one in older for name in _accepted(one)} | _accepted(book)
    from_ms = _complete_ms(older[-1] if older else book)
    return [
        LotPlaced(
            lot, SITE + paper.site, from_ms, HOW, quantity=quantity, trip=paper.trip, stop=paper.stop, paper=paper.id
        )
        for lot, quantity in sorted(quantities.items())
        if quantity or older
    ]


def corrected(book: PaperBook, books: Books) -> list[PaperBook]:
    """Return the complete papers that a paper corrects, one after another, the newest first."""
    found: list[PaperBook] = []
    seen = set()
    paper = book.paper
    while paper is not None and paper.replaces and paper.replaces not in seen:
        seen.add(paper.replaces)
        older = books(paper.replaces)
        if older.closed is None:
            break
        found.append(older)
        paper = older.paper
    return found


def _accepted(book: PaperBook) -> dict[str, float]:
    """Return lot → how much of it was accepted, over all its lines."""
    found: dict[str, float] = {}
    if isinstance(book.paper, Delivery):
        for line in book.paper.lines:
            if line.lot:
                found[line.lot] = found.get(line.lot, 0.0) + (line.accepted or 0.0)
    return found


def _complete_ms(book: PaperBook) -> int:
    """Return when the last signature was given; a device whose clock runs ahead puts no goods into the future."""
    assert book.closed is not None
    given_ms = max(signature_of(said).at_ms for said in book.counting().values())
    return min(given_ms, book.closed.received_ms)
