"""The rules once more, written to be obvious: whole lists at once, no state carried from sample to sample."""

from __future__ import annotations

from dataclasses import dataclass

LAPSE_MS = 2 * 3600 * 1000


@dataclass(frozen=True)
class Found:
    """What the oracle says of one excursion; ``peak`` in the mirrored sense for low limits."""

    onset: int
    raised: int
    ended: int | None
    closed: int | None
    peak: float
    exposed: int
    hole: int
    samples: int


def excursions(
    t: list[int], x: list[float], enter: float, leave: float, on_ms: int, off_ms: int, hold_ms: int
) -> list[Found]:
    """Return the excursions of samples ``x`` at ``t``, already mirrored for a low limit."""
    found: list[Found] = []
    begin = 0
    while begin < len(t):
        stretch = _stretch(t, [value >= enter for value in x], begin, hold_ms)
        decided = _held_long_enough(t, stretch, on_ms, hold_ms)
        if decided is None:
            begin = stretch[-1] + 1 if stretch else begin + 1
            continue
        onset = stretch[0]
        back = closed = None
        search = decided + 1
        while search < len(t):
            inside = _stretch(t, [value <= leave and value < enter for value in x], search, hold_ms)
            closed = _held_long_enough(t, inside, off_ms, hold_ms)
            if closed is not None:
                back = inside[0]
                break
            search = inside[-1] + 1 if inside else search + 1
        last = len(t) - 1 if back is None else back
        gaps = [(t[n + 1] - t[n], x[n]) for n in range(onset, last)]
        out = [x[n] for n in range(onset, last + 1) if x[n] >= enter]
        found.append(
            Found(
                onset=t[onset],
                raised=t[decided],
                ended=None if back is None else t[back],
                closed=None if closed is None else t[closed],
                peak=max(x[onset : last + 1]),
                exposed=sum(min(gap, hold_ms) for gap, value in gaps if value >= enter),
                hole=sum(gap - hold_ms for gap, _ in gaps if gap > hold_ms),
                samples=len(out),
            )
        )
        if closed is None:
            break
        begin = closed + 1
    return found


def _stretch(t: list[int], wanted: list[bool], begin: int, hold_ms: int) -> list[int]:
    """Return the samples from ``begin`` on that are all as wanted, up to a hole that ends what only waits."""
    stretch: list[int] = []
    for n in range(begin, len(t)):
        gap = t[n] - t[n - 1] if stretch else 0
        if not wanted[n] or (gap > hold_ms and gap >= LAPSE_MS):
            break
        stretch.append(n)
    return stretch


def _held_long_enough(t: list[int], stretch: list[int], delay_ms: int, hold_ms: int) -> int | None:
    held = 0
    for place, n in enumerate(stretch):
        held += min(t[n] - t[n - 1], hold_ms) if place else 0
        if held >= delay_ms:
            return n
    return None
