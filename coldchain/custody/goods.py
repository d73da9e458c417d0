"""Lots: what was made, where it was said to be, what became of it, and who held it back.

A place is ``asset:``, ``site:`` or ``trip:`` and an id; ``trip:`` is on board of the vehicle that drives the trip then.
Times are measured times, ms UTC, and may lie in the past in any order. Quantities are in the lot's own unit. Of entries
with the same key the last in the ledger counts; a quantity of 0 takes back what was said.
"""

from __future__ import annotations

import msgspec

PLACED_BY = ("scan", "api", "csv", "trip", "delivery")
"""How it is known where a lot was. ``delivery``: a shop took it over."""

GONE_BY = ("sold", "destroyed", "sampled", "lost")
"""卖出, 销毁, 抽样, 丢失."""

LOT_CHANGES = ("split", "merge", "transformation")
"""拆分, 合并, 加工 (milk becomes packed goods: another product, perhaps another unit)."""

DECISIONS = ("released", "downgraded", "written-off", "destroyed")
"""放行, 降级, 报损, 销毁: what a second person decides of goods that are held."""


class Lot(msgspec.Struct, frozen=True, tag="lot", tag_field="put"):
    """A lot of one product; another entry with the same id says all of it anew.

    Attributes:
        product: id of its product profile.
        quantity: how much was made, in ``unit`` (``件``, ``kg``, ``L`` …); more than 0.
        gtin: 8, 12, 13 or 14 digits. ``number``: 批号 as printed.
        produced, expires: 生产日期 and 保质期至 as printed: a day (``2026-11-30``: until its end in China), or a moment
            in RFC 3339; empty: not printed.
        low_celsius, high_celsius: 贮存条件 of its label, both inside; None where the label names no such end.
        label: its words, ``2-6℃ 冷藏``.
    """

    id: str
    product: str
    quantity: float
    unit: str
    gtin: str = ""
    number: str = ""
    produced: str = ""
    expires: str = ""
    low_celsius: float | None = None
    high_celsius: float | None = None
    label: str = ""


class LotPlaced(msgspec.Struct, frozen=True, tag="lot-placed", tag_field="put"):
    """So much of a lot came to a place; its key is lot, place and ``from_ms``.

    Attributes:
        to_ms: when it was no longer there; None: until it is somewhere else, or gone.
        quantity: None: all that was where it came from.
        how: one of `PLACED_BY`.
        taken_from: the place it came from; empty: where it lies, if that is one place only.
        trip, stop: the trip that it was loaded on or unloaded from, and the place in `Trip.stops`. It is on board at
            ``trip:``, at the vehicle's site, or in an asset named with a stop that loads; elsewhere it got off.
        paper: number of a hand-over note or delivery note.
    """

    lot: str
    place: str
    from_ms: int
    how: str
    to_ms: int | None = None
    quantity: float | None = None
    taken_from: str = ""
    trip: str = ""
    stop: int | None = None
    paper: str = ""


class LotGone(msgspec.Struct, frozen=True, tag="lot-gone", tag_field="put"):
    """So much of a lot is no more; its key is lot, place, ``at_ms`` and reason.

    Attributes:
        reason: one of `GONE_BY`.
        quantity: None: all that was there.
        place: empty: where it lies, if that is one place only.
    """

    lot: str
    at_ms: int
    reason: str
    quantity: float | None = None
    place: str = ""
    paper: str = ""


class LotShare(msgspec.Struct, frozen=True):
    """So much of a lot at a place."""

    lot: str
    quantity: float
    place: str = ""


class LotChange(msgspec.Struct, frozen=True, tag="lot-change", tag_field="put"):
    """Lots became other lots (EPCIS: TransformationEvent); another entry with the same id replaces it.

    Attributes:
        kind: one of `LOT_CHANGES`. What comes out of a split or a merge is as much as went in.
    """

    id: str
    kind: str
    at_ms: int
    inputs: tuple[LotShare, ...]
    outputs: tuple[LotShare, ...]


class LotHold(msgspec.Struct, frozen=True, tag="lot-hold", tag_field="put"):
    """暂停销售: a lot, or what of it lies at one place, is not to be sold until somebody else decides.

    Attributes:
        place: empty: all of it, wherever it is.
        alarm: id of the alarm that is the reason.
    """

    id: str
    lot: str
    at_ms: int
    place: str = ""
    alarm: str = ""


class LotRelease(msgspec.Struct, frozen=True, tag="lot-release", tag_field="put"):
    """What was decided of held goods, by another person than the one who held them.

    Attributes:
        hold: id of the `LotHold`.
        decision: one of `DECISIONS`.
    """

    hold: str
    lot: str
    decision: str
    at_ms: int


GOODS = (Lot, LotPlaced, LotGone, LotChange, LotHold, LotRelease)
"""What the store of goods folds."""

Goods = Lot | LotPlaced | LotGone | LotChange | LotHold | LotRelease


def lots_of(put: Goods) -> tuple[str, ...]:
    """Return every lot that an entry speaks of, each once.

    >>> lots_of(LotChange("c", "split", 0, (LotShare("a", 2),), (LotShare("a", 1), LotShare("b", 1))))
    ('a', 'b')
    """
    match put:
        case Lot():
            return (put.id,)
        case LotChange():
            return tuple(dict.fromkeys(share.lot for share in (*put.inputs, *put.outputs)))
        case _:
            return (put.lot,)


def time_of(put: Goods) -> int:
    """Return when an entry's matter happened, ms; 0 for a lot itself."""
    match put:
        case Lot():
            return 0
        case LotPlaced():
            return put.from_ms
        case _:
            return put.at_ms
