"""What held when: a default from the beginning, and later pieces laid over it."""

from __future__ import annotations

from collections.abc import Iterable

FOREVER_MS = 1 << 62

Held = tuple[str, int, int]
"""(what, from ms included, to ms excluded)."""


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


def _without(known: Held, from_ms: int, to_ms: int) -> list[Held]:
    what, known_from, known_to = known
    before, after = (known_from, min(known_to, from_ms)), (max(known_from, to_ms), known_to)
    return [(what, *part) for part in (before, after) if part[0] < part[1]]
