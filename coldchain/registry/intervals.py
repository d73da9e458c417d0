"""What held when: a default from the beginning, and later pieces laid over it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

FOREVER_MS = 1 << 62

Held = tuple[str, int, int]
"""(what, from ms included, to ms excluded)."""

Piece = tuple[int, int]
"""[from, to), measured ms."""


def laid_over(default: str, pieces: Iterable[tuple[str, int, int | None]]) -> list[Held]:
    """Return what held when, without overlaps, from the beginning of time to its end; equal neighbours are one.

    Args:
        default: what held where no piece lies; empty: nothing, and those stretches are left out.
        pieces: (what, from, to); of overlapping ones the later start counts, of equal starts the last.

    >>> laid_over("A", [("B", 10, 20)])[1:]
    [('B', 10, 20), ('A', 20, 4611686018427387904)]
    """
    held: list[Held] = [(default, -FOREVER_MS, FOREVER_MS)]
    for what, from_ms, until_ms in sorted(pieces, key=lambda piece: piece[1]):
        to_ms = FOREVER_MS if until_ms is None else until_ms
        if from_ms < to_ms:
            held = [rest for known in held for rest in _without(known, from_ms, to_ms)] + [(what, from_ms, to_ms)]
    joined: list[Held] = []
    for what, from_ms, to_ms in sorted(held, key=lambda known: known[1]):
        if joined and joined[-1][0] == what and joined[-1][2] == from_ms:
            joined[-1] = (what, joined[-1][1], to_ms)
        else:
            joined.append((what, from_ms, to_ms))
    return [known for known in joined if known[0]]


def at(held: Iterable[Held], at_ms: int) -> str:
    """Return what held at a time; empty when nothing did."""
    return next((what for what, from_ms, to_ms in held if from_ms <= at_ms < to_ms), "")


def common(some: Sequence[Piece], others: Sequence[Piece]) -> Iterator[Piece]:
    """Yield what two lists of pieces have in common; each in order and apart.

    >>> list(common([(0, 10), (20, 30)], [(5, 25)]))
    [(5, 10), (20, 25)]
    """
    for begin, end in some:
        for other_begin, other_end in others:
            if max(begin, other_begin) < min(end, other_end):
                yield max(begin, other_begin), min(end, other_end)


def joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yield pieces in order and apart, those that touch as one.

    >>> list(joined([(5, 9), (0, 4), (8, 12)]))
    [(0, 4), (5, 12)]
    """
    last: Piece | None = None
    for begin, end in sorted(pieces):
        if last is not None and begin <= last[1]:
            last = last[0], max(last[1], end)
            continue
        if last is not None:
            yield last
        last = begin, end
    if last is not None:
        yield last


def between(pieces: Sequence[Piece], from_ms: int, to_ms: int) -> Iterator[Piece]:
    """Yield what of [from, to) lies in none of some pieces, which are in order and apart.

    >>> list(between([(2, 4), (8, 10)], 0, 10))
    [(0, 2), (4, 8)]
    """
    for begin, end in pieces:
        if from_ms < begin:
            yield from_ms, begin
        from_ms = end
    if from_ms < to_ms:
        yield from_ms, to_ms


def _without(known: Held, from_ms: int, to_ms: int) -> list[Held]:
    what, known_from, known_to = known
    before, after = (known_from, min(known_to, from_ms)), (max(known_from, to_ms), known_to)
    return [(what, *part) for part in (before, after) if part[0] < part[1]]
