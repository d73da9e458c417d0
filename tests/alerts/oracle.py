"""The rules once more, written to be obvious: whole lists at once, no state carried from sample to sample."""

from __future__ import annotations

import math
from dataclasses import dataclass

LAPSE_MS = 2 * 3600 * 1000


@dataclass(frozen=True)
class Found:
    """What the oracle says of one excursion; ``peak`` and ``mean`` in the mirrored sense for low limits.

    ``span``: its samples by number, the first and the one at its end; the last has held nothing yet.
    """

    onset: int
    raised: int
    ended: int | None
    closed: int | None
    peak: float
    exposed: int
    area: float
    hole: int
    samples: int
    excused: int
    levels: tuple[int, ...]
    mean: float | None
    span: slice


@dataclass(frozen=True)
class Step:
    """A level's limit; samples one after another and held time that it takes."""

    limit: float
    on_ms: int
    samples: int


def excursions(
    t: list[int],
    x: list[float],
    steps: list[Step],
    deadband: float,
    off_ms: int,
    hold_ms: int,
    windows: list[bool] | None = None,
    *,
    cut: bool = False,
) -> list[Found]:
    """Return the excursions of samples ``x`` at ``t``, already mirrored for a low limit; ``steps`` rise.

    Args:
        windows: samples that lie in a window that excuses.
        cut: what is open behind the last sample ends there, or where it came back in.
    """
    windows = windows or [False] * len(t)
    enter, leave = steps[0].limit, steps[0].limit - deadband
    found: list[Found] = []
    begin = 0
    while begin < len(t):
        stretch = _stretch(t, [value >= enter for value in x], begin, hold_ms)
        decided = next((n for n in stretch if _reached(t, x, n, steps, stretch[0], hold_ms, windows) is not None), None)
        if decided is None:
            begin = stretch[-1] + 1 if stretch else begin + 1
            continue
        onset = stretch[0]
        back = closed = waits = None
        search = decided + 1
        while search < len(t):
            inside = _stretch(t, [value <= leave and value < enter for value in x], search, hold_ms)
            closed = _held_long_enough(t, inside, off_ms, hold_ms)
            if closed is not None:
                back = inside[0]
                break
            if inside and inside[-1] == len(t) - 1:
                waits = inside[0]
            search = inside[-1] + 1 if inside else search + 1
        if cut and back is None:
            back = len(t) - 1 if waits is None else waits
        last = len(t) - 1 if back is None else back
        gaps = [(t[n + 1] - t[n], x[n]) for n in range(onset, last)]
        held = [(min(t[n + 1] - t[n], hold_ms), x[n]) for n in range(onset, last) if x[n] >= enter]
        out = [x[n] for n in range(onset, last + 1) if x[n] >= enter]
        known = sum(min(gap, hold_ms) for gap, _ in gaps)
        found.append(
            Found(
                onset=t[onset],
                raised=t[decided],
                ended=None if back is None else t[back],
                closed=None if closed is None else t[closed],
                peak=max(x[onset : last + 1]),
                exposed=sum(min(gap, hold_ms) for gap, value in gaps if value >= enter),
                hole=sum(gap - hold_ms for gap, _ in gaps if gap > hold_ms),
                area=sum(ms * (value - enter) for ms, value in held),
                samples=len(out),
                levels=_levels(t, x, steps, deadband, range(decided, last + 1), onset, hold_ms, windows),
                excused=sum(min(t[n + 1] - t[n], hold_ms) for n in range(onset, last) if x[n] >= enter and windows[n]),
                mean=sum(min(gap, hold_ms) * value for gap, value in gaps) / known if known else None,
                span=slice(onset, last + 1),
            )
        )
        if closed is None:
            break
        begin = closed + 1
    return found


RESTART_MS = 12 * 3600 * 1000


def product(t: list[int], air: list[float], tau_ms: float, hold_ms: int) -> list[float]:
    """Return the product behind the air: each number from nothing, from the start of the older filter on."""
    told: list[float] = []
    for n in range(len(t)):
        shift = 0 if t[n] % RESTART_MS >= RESTART_MS // 2 else RESTART_MS // 2
        begin = n
        while begin > 0 and (t[begin - 1] + shift) // RESTART_MS == (t[n] + shift) // RESTART_MS:
            if t[begin] - t[begin - 1] >= LAPSE_MS:
                break
            begin -= 1
        estimate = air[begin]
        for m in range(begin + 1, n + 1):
            share = math.exp(-min(t[m] - t[m - 1], hold_ms) / tau_ms)
            estimate = air[m - 1] + (estimate - air[m - 1]) * share
        told.append(estimate)
    return told


HOUR_MS = 3600 * 1000


def grades(t: list[int], v: list[float], least: float, most: float, jump: float) -> tuple[list[int], list[int]]:
    """Return what each sample is (0 good, 1 the eighth of the same or later, 3 doubtful), and which are good."""
    told: list[int] = []
    good: list[int] = []
    odd: list[float] = []
    same = 0
    for n in range(len(t)):
        near = good and t[n] - t[good[-1]] < LAPSE_MS
        step = abs(v[n] - v[good[-1]]) if near else 0.0
        doubtful = not least <= v[n] <= most
        if v[n] == 85.0:
            doubtful = doubtful or not near or step > 25.0
        elif not doubtful and near and step > jump * (t[n] - t[good[-1]]) / 60_000:
            believed = odd and abs(v[n] - odd[-1]) <= 5.0 and t[n] - t[n - 1] < LAPSE_MS
            doubtful = not believed
            if doubtful:
                odd.append(v[n])
        if doubtful:
            told.append(3)
            continue
        if v[n] != 85.0:
            odd = []
        same = same + 1 if near and v[n] == v[good[-1]] else 0
        told.append(1 if same >= 8 else 0)
        good.append(n)
    return told, good


def shares(
    t: list[int], felt: list[float], high: float, high_ms: int, low: float, low_ms: int, hold_ms: int
) -> list[float]:
    """Return for each sample the larger share of the minutes allowed in its hour and the 23 before."""
    told = []
    for n in range(len(t)):
        known = [m for m in range(n) if t[m] // HOUR_MS > t[n] // HOUR_MS - 24]
        hot = sum(min(t[m + 1] - t[m], hold_ms) for m in known if felt[m] >= high)
        cold = sum(min(t[m + 1] - t[m], hold_ms) for m in known if felt[m] <= low)
        told.append(max(hot / high_ms, cold / low_ms))
    return told


def stretches(t: list[int], v: list[float], wash: float, rinsed: float, cold: float) -> list[slice]:
    """Return the stretches of samples, by number, in which a tank is neither washed nor empty behind a washing."""

    def is_milk(n: int, hot: int) -> bool:
        before = [v[k] for k in range(hot + 1, n) if t[k] // 600_000 >= t[n] // 600_000 - 1]
        before += [v[n - 1]] if t[n] - t[n - 1] < LAPSE_MS else []
        fell = bool(before) and v[n] <= max(before) - 4.0
        return v[n] <= cold or (fell and (v[n] <= rinsed or t[n] - t[hot] > 30 * 60_000))

    judged = []
    for n in range(len(t)):
        hot = [k for k in range(n + 1) if v[k] >= wash]
        empty = bool(hot) and t[n] - t[hot[-1]] <= 12 * HOUR_MS
        judged.append(not empty or any(is_milk(k, hot[-1]) for k in range(hot[-1] + 1, n + 1)))
    begins = [n for n in range(len(t)) if judged[n] and (n == 0 or not judged[n - 1])]
    return [slice(n, next((m for m in range(n, len(t)) if not judged[m]), len(t))) for n in begins]


def lives(
    t: list[int],
    felt: list[float],
    high: float,
    high_ms: int,
    low: float,
    low_ms: int,
    hold_ms: int,
    begins: list[int],
    *,
    cut: bool = False,
) -> list[Found]:
    """Return the lives that used up their minutes.

    Args:
        begins: when each began, rising, the first before all samples. A life ends where that of the next sample begins.
        cut: what is open behind the last sample ends there.
    """
    found = []
    for life, begin in enumerate(begins):
        end = begins[life + 1] if life + 1 < len(begins) else None
        mine = [n for n in range(len(t)) if begin <= t[n] and (end is None or t[n] < end)]
        out = [n for n in mine if felt[n] >= high or felt[n] <= low]
        if not out:
            continue
        mine = [n for n in mine if n >= out[0]]
        share = {
            n: max(
                sum(min(t[m + 1] - t[m], hold_ms) for m in out if m < n and felt[m] >= high) / high_ms,
                sum(min(t[m + 1] - t[m], hold_ms) for m in out if m < n and felt[m] <= low) / low_ms,
            )
            for n in mine
        }
        raised = [n for n in mine if share[n] >= 1]
        if not raised:
            continue
        over = mine[-1] + 1 if mine[-1] + 1 < len(t) else None
        until = t[mine[-1]] if over is None else max(each for each in begins if each <= t[over])
        gaps = {n: (until if n == mine[-1] else t[n + 1]) - t[n] for n in mine}
        far = {n: max(felt[n] - high, low - felt[n]) for n in out}
        found.append(
            Found(
                onset=t[out[0]],
                raised=t[raised[0]],
                ended=until if over is not None or cut else None,
                closed=None if over is None else t[over],
                peak=share[mine[-1]],
                exposed=sum(min(gaps[n], hold_ms) for n in out),
                area=sum(min(gaps[n], hold_ms) * far[n] for n in out),
                hole=sum(max(gaps[n] - hold_ms, 0) for n in mine),
                samples=len(out),
                excused=0,
                levels=(0,),
                mean=None,
                span=slice(0, 0),
            )
        )
    return found


def rises(t: list[int], v: list[float]) -> list[float]:
    """Return for each sample how far it lies above the lowest one of its 5 minutes and the six before."""
    told = []
    for n in range(len(t)):
        lowest = min(v[m] for m in range(n + 1) if t[m] // 300_000 > t[n] // 300_000 - 7)
        told.append(v[n] - lowest)
    return told


def _reached(
    t: list[int], x: list[float], n: int, steps: list[Step], first: int, hold_ms: int, windows: list[bool]
) -> int | None:
    """Return the highest level that the samples up to ``n`` prove, looking back no further than ``first``."""
    for level in reversed(range(len(steps))):
        step = steps[level]
        begin = n
        if x[n] < step.limit or windows[n]:
            continue
        while (
            begin > first
            and x[begin - 1] >= step.limit
            and not windows[begin - 1]
            and not _ends_waiting(t[begin] - t[begin - 1], hold_ms)
        ):
            begin -= 1
        held = sum(min(t[m + 1] - t[m], hold_ms) for m in range(begin, n))
        if n - begin + 1 >= step.samples and held >= step.on_ms:
            return level
    return None


def _levels(
    t: list[int],
    x: list[float],
    steps: list[Step],
    deadband: float,
    span: range,
    first: int,
    hold_ms: int,
    windows: list[bool],
) -> tuple[int, ...]:
    """Return the levels that an episode had, one after another; samples that are back in say nothing of them."""
    had: list[int] = []
    for n in span:
        if x[n] <= steps[0].limit - deadband and x[n] < steps[0].limit:
            continue
        reached = _reached(t, x, n, steps, first, hold_ms, windows)
        now = had[-1] if had else -1
        if reached is not None and reached > now:
            now = reached
        elif now > 0 and x[n] <= steps[now].limit - deadband and x[n] < steps[now].limit:
            now = max(level for level in range(now) if level == 0 or x[n] >= steps[level].limit)
        if not had or now != had[-1]:
            had.append(now)
    return tuple(had)


def _ends_waiting(gap: int, hold_ms: int) -> bool:
    return gap > hold_ms and gap >= LAPSE_MS


def _stretch(t: list[int], wanted: list[bool], begin: int, hold_ms: int) -> list[int]:
    """Return the samples from ``begin`` on that are all as wanted, up to a hole that ends what only waits."""
    stretch: list[int] = []
    for n in range(begin, len(t)):
        gap = t[n] - t[n - 1] if stretch else 0
        if not wanted[n] or _ends_waiting(gap, hold_ms):
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
