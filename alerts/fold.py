"""Limits over samples in measured order, of the probe and of the product: on-delay, deadband, return, holes.

One scalar loop.

::

    NORMAL ──x ≥ limit──▶ PENDING ──held ≥ on-delay──▶ ACTIVE ──x ≤ limit - deadband──▶ RETURNING
       ▲ ◀──x < limit, or 2 h of hole──┘                 ▲ ◀──x > limit - deadband, or 2 h of hole──┘ │
       └───────────────────────held ≥ return delay: CLOSED, ended = first sample back in─────────────┘

The product's temperature follows the air's by a first-order filter over held time; a hole of 2 h starts it again.

While an episode is open it has a level: up when a sample (``confirm`` of them, held for the level's own on-delay) is
at or beyond a higher level's limit, down at limit - deadband of its own level, to the highest level that the sample
itself reaches. A level may raise the episode before the lowest level's on-delay is over.

Boundaries (each has a test): a sample exactly at the limit is out; exactly at limit - deadband is back in; the first
sample at or after the delay decides and must itself be out (or in): there are no timers. Between two samples the
earlier value is held for at most two intervals (``hold_ms``); what is longer is a hole, which stops both delays,
adds to ``hole`` and to nothing else. A hole of 2 h or more from the last sample on ends a pending state and starts a
return again. An open episode stays open through any hole. A lane whose limit is gone in the version of a sample ends
its episode at that version's start (or at the first sample back in, if it was returning).

The function is compiled by numba (13 M readings/s over 100,000 points, 27 M on one) and runs as plain Python with the
same result. Nothing else imports numba, and not before the first fold: import and loading the cached code cost 0.7 s,
compiling for the first time 5 s.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from alerts.records import (
    DAY_MS,
    ESTIMATED,
    LANES,
    LAPSE_MS,
    LEVELS,
    LONGEST_MS,
    MOST_SAMPLES,
    MOVE,
    NIGHT,
    RESTART_MS,
    SIGN,
    STATE,
    EndReason,
    Folded,
    MoveKind,
    Phase,
    Records,
)

ROOM = 4096
"""Moves and nights that one call may write before it hands back; 0.6 MB."""

_LANES, _LEVELS = len(LANES), LEVELS
_SIGN, _ESTIMATED = np.array(SIGN), np.array(ESTIMATED)
"""As arrays: a tuple with a computed index costs the compiled loop a third of its speed."""
_NORMAL, _PENDING, _ACTIVE, _RETURNING = (int(phase) for phase in Phase)
_RAISED, _CLOSED, _ROSE, _EASED = (
    int(kind) for kind in (MoveKind.RAISED, MoveKind.CLOSED, MoveKind.ROSE, MoveKind.EASED)
)
_RETURNED, _REMOVED = int(EndReason.RETURNED), int(EndReason.RULE_REMOVED)

Fold = Callable[..., tuple[int, int, int]]


def fold_python(
    slot: NDArray[np.int32],
    t: NDArray[np.int64],
    v: NDArray[np.float64],
    row: NDArray[np.int32],
    parameters: Records,
    points: Records,
    states: Records,
    start: int,
    moves: Records,
    moved: Records,
    nights: Records,
    kept: Records,
) -> tuple[int, int, int]:
    """Fold samples into points and states from row ``start`` on; stop early when the room for answers is used up.

    Args:
        slot: shape (n,); place of the sample's point in ``points`` and ``states``.
        t: shape (n,), measured ms, rising within a slot and later than ``points[slot].t``.
        v: shape (n,), °C, finite.
        row: shape (n,); the rule version in force at ``t``.
        parameters: shape (versions, LANES), PARAMETERS.
        points, states: changed in place; shapes (slots,) and (slots, LANES).
        moves, moved, nights, kept: written from 0 on.

    Returns:
        The row to go on from (n when done), and how many moves and nights were written.
    """
    n_moves = 0
    n_nights = 0
    for i in range(start, len(t)):
        if n_moves + _LANES > len(moves) or n_nights + 1 > len(nights):
            return i, n_moves, n_nights
        c = slot[i]
        now = t[i]
        point = points[c]
        last = point["t"]
        if point["loud"] and now // DAY_MS != last // DAY_MS:
            nights[n_nights]["slot"] = c
            nights[n_nights]["first"] = (last // DAY_MS + 1) * DAY_MS
            nights[n_nights]["last"] = now // DAY_MS * DAY_MS
            nights[n_nights]["newest"] = last
            for lane in range(_LANES):
                kept[n_nights, lane] = states[c, lane]
            n_nights += 1
        product = v[i]
        tau_ms = parameters[row[i], 0]["tau_ms"]
        if tau_ms > 0:
            gone_ms = now - last
            kept_share = math.exp(-min(gone_ms, parameters[row[i], 0]["hold_ms"]) / tau_ms)
            for k in range(2):
                shift = k * (RESTART_MS // 2)
                known = not math.isnan(point["product"][k])
                if not known or gone_ms >= LAPSE_MS or (now + shift) // RESTART_MS != (last + shift) // RESTART_MS:
                    point["product"][k] = v[i]
                else:
                    point["product"][k] = point["v"] + (point["product"][k] - point["v"]) * kept_share
            product = point["product"][0 if now % RESTART_MS >= RESTART_MS // 2 else 1]
        point["t"] = now
        point["v"] = v[i]
        for lane in range(_LANES):
            p = parameters[row[i], lane]
            x = _SIGN[lane] * (product if _ESTIMATED[lane] else v[i])
            out = x >= p["enter"]
            loud = point["loud"] & (1 << lane)
            if not loud and not out:
                continue
            s = states[c, lane]
            if math.isnan(p["enter"]):  # the limit was taken away at from_ms
                if s["phase"] >= _ACTIVE:
                    ended = s["back"]
                    if s["phase"] == _ACTIVE:
                        ended = min(max(p["from_ms"], last), now)
                        held = min(ended - last, p["hold_ms"])
                        s["hole"] += ended - last - held
                        if s["out"]:
                            s["exposed"] += held
                            s["area"] += held * s["excess"]
                    else:
                        s["hole"] = s["hole_back"]
                    moves[n_moves]["slot"] = c
                    moves[n_moves]["lane"] = lane
                    moves[n_moves]["kind"] = _CLOSED
                    moves[n_moves]["reason"] = _REMOVED
                    moves[n_moves]["at"] = now
                    moves[n_moves]["ended"] = ended
                    moved[n_moves] = states[c, lane]
                    n_moves += 1
                s["phase"] = _NORMAL
                s["out"] = 0
                point["loud"] &= ~(1 << lane)
                continue
            held = 0
            if s["phase"] != _NORMAL:
                gap = now - last
                held = min(gap, p["hold_ms"])
                lapsed = gap > held and gap >= LAPSE_MS
                if lapsed:
                    for k in range(_LEVELS):
                        s["count"][k] = 0
                        s["stayed"][k] = 0
                if lapsed and s["phase"] == _PENDING:
                    s["phase"] = _NORMAL
                    s["out"] = 0
                    if not out:
                        point["loud"] &= ~(1 << lane)
                        continue
                else:
                    s["hole"] += gap - held
                    s["held"] = min(s["held"] + held, LONGEST_MS)
                    if s["out"]:
                        s["exposed"] += held
                        s["area"] += held * s["excess"]
                    if lapsed and s["phase"] == _RETURNING:
                        s["phase"] = _ACTIVE
            if s["phase"] == _NORMAL:
                s["phase"] = _PENDING
                s["onset"] = now
                s["samples"] = 0
                s["exposed"] = 0
                s["area"] = 0.0
                s["hole"] = 0
                s["peak"] = x
                s["peak_t"] = now
                for k in range(_LEVELS):
                    s["count"][k] = 0
                    s["stayed"][k] = 0
            if out:
                s["out"] = 1
                s["excess"] = x - p["enter"]
                s["samples"] += 1
                if x > s["peak"]:
                    s["peak"] = x
                    s["peak_t"] = now
            else:
                s["out"] = 0
            reached = -1
            for k in range(s["level"] + 1 if s["phase"] >= _ACTIVE else 0, p["highest"] + 1):
                if x >= p["rise"][k]:
                    if s["count"][k] > 0:
                        s["stayed"][k] = min(s["stayed"][k] + held, LONGEST_MS)
                    s["count"][k] = min(s["count"][k] + 1, MOST_SAMPLES)
                    if s["count"][k] >= p["confirm"][k] and s["stayed"][k] >= p["on_ms"][k]:
                        reached = k
                else:
                    s["count"][k] = 0
                    s["stayed"][k] = 0
            kind = 0
            if s["phase"] == _PENDING:
                if not out:
                    s["phase"] = _NORMAL
                elif reached >= 0:
                    s["phase"] = _ACTIVE
                    s["raised"] = now
                    s["limit"] = p["enter"]
                    s["rule_from"] = p["from_ms"]
                    s["level"] = reached
                    s["top"] = reached
                    kind = _RAISED
            else:
                inside = x <= p["leave"] and not out
                if s["phase"] == _RETURNING and not inside:
                    s["phase"] = _ACTIVE
                elif s["phase"] == _ACTIVE and inside:
                    s["phase"] = _RETURNING
                    s["back"] = now
                    s["held"] = 0
                    s["hole_back"] = s["hole"]
                if s["phase"] == _ACTIVE:
                    level = s["level"]
                    if reached > level:
                        s["level"] = reached
                        s["top"] = max(s["top"], reached)
                        kind = _ROSE
                    elif level > p["base"] and not (x > p["ease"][level] or x >= p["rise"][level]):
                        lower = p["base"]
                        s["count"][level] = 0
                        s["stayed"][level] = 0
                        for k in range(p["base"] + 1, level):
                            if x >= p["rise"][k]:
                                lower = k
                        s["level"] = lower
                        kind = _EASED
                elif s["held"] >= p["off_ms"]:
                    s["hole"] = s["hole_back"]
                    kind = _CLOSED
            if kind:
                moves[n_moves]["slot"] = c
                moves[n_moves]["lane"] = lane
                moves[n_moves]["kind"] = kind
                moves[n_moves]["reason"] = _RETURNED if kind == _CLOSED else 0
                moves[n_moves]["at"] = now
                moves[n_moves]["ended"] = s["back"] if kind == _CLOSED else 0
                moved[n_moves] = states[c, lane]
                n_moves += 1
            if kind == _CLOSED:
                s["phase"] = _NORMAL
                s["out"] = 0
            if s["phase"] == _NORMAL:
                point["loud"] &= ~(1 << lane)
            else:
                point["loud"] |= 1 << lane
    return len(t), n_moves, n_nights


@functools.cache
def fold_compiled() -> Fold:
    """Return the same function through numba; cached beside the source, or with the user if that is read-only."""
    from numba import njit

    compiled: Fold = njit(cache=True)(fold_python)
    return compiled


def run(
    slot: NDArray[np.int32],
    t: NDArray[np.int64],
    v: NDArray[np.float64],
    row: NDArray[np.int32],
    parameters: Records,
    points: Records,
    states: Records,
    *,
    fold: Fold | None = None,
    room: int = ROOM,
) -> Folded:
    """Fold samples into ``points`` and ``states`` (changed in place) and return what happened.

    Args:
        slot, t, v, row, parameters, points, states: see `fold_python`.
        fold: `fold_compiled` when None, or `fold_python` for the same answer 300 times slower.
        room: answers a call, at least one a lane; only tests need another.
    """
    moves, moved = np.empty(room, MOVE), np.empty(room, STATE)  # not zeroed: pages that nobody writes cost nothing
    nights, kept = np.empty(room, NIGHT), np.empty((room, len(LANES)), STATE)
    parts: list[Folded] = []
    fold = fold or fold_compiled()
    done = 0
    while True:
        done, m, k = fold(slot, t, v, row, parameters, points, states, done, moves, moved, nights, kept)
        parts.append(Folded(moves[:m].copy(), moved[:m].copy(), nights[:k].copy(), kept[:k].copy()))
        if done >= len(t):
            break
    if len(parts) == 1:
        return parts[0]
    return Folded(
        np.concatenate([part.moves for part in parts]),
        np.concatenate([part.moved for part in parts]),
        np.concatenate([part.nights for part in parts]),
        np.concatenate([part.kept for part in parts]),
    )
