"""Which lots are called back: those that a recall names, and everything that came out of them."""

from __future__ import annotations

from dataclasses import dataclass

from coldchain.custody.recalls import Recall
from coldchain.goods.reader import GoodsReader


@dataclass(frozen=True, slots=True)
class Called:
    """A recall that a lot is called back by, and since when, measured ms."""

    id: str
    at_ms: int


def called(goods: GoodsReader, now_ms: int) -> dict[str, list[Called]]:
    """Return lot → the recalls of it up to now; a drill calls nothing back."""
    found: dict[str, list[Called]] = {}
    for name in goods.recalls():
        began = goods.recall(name).began
        if began is None or not isinstance(began.put, Recall) or began.put.drill or began.put.at_ms > now_ms:
            continue
        for lot in sorted({*began.put.lots, *goods.descendants(began.put.lots)}):
            found.setdefault(lot, []).append(Called(name, began.put.at_ms))
    return found
