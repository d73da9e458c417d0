"""Limits over samples in measured order: of the probe, the product, minutes, a rise; on-delay, deadband, return, holes.

One scalar loop.

::

    NORMAL ──x ≥ limit──▶ PENDING ──held ≥ on-delay──▶ ACTIVE ──x ≤ limit - deadband──▶ RETURNING
       ▲ ◀──x < limit, or 2 h of hole──┘                 ▲ ◀──x > limit - deadband, or 2 h of hole──┘ │
       └───────────────────────held ≥ return delay: CLOSED, ended = first sample back in─────────────┘

A sample is first asked whether it is a temperature (in range, no sentinel, no impossible step); what is not only
counts for ``sensor-fault``. The product's temperature follows the air's by a first-order filter over held time; a
hole of 2 h starts it again.

While a tank is washed, and from then on until milk is filled in, nothing else of it is judged. Milk is there when
somebody says so, at the product's upper limit and below, and behind a fast fall (`alerts.records.FILL_KELVIN`), which
in the first half hour must end below what rinses leave.

Where a vehicle's signals say that it is empty (`alerts.records.EMPTY`), nothing but sensor faults and washings is
judged either; an excursion that is open goes on, because that is a guess.

While an episode is open it has a level: up when a sample (``confirm`` of them, held for the level's own on-delay) is
at or beyond a higher level's limit, down at limit - deadband of its own level, to the highest level that the sample
itself reaches. A level may raise the episode before the lowest level's on-delay is over. In a window that excuses
(defrost, door) nothing is raised and no level rises; the minutes count, and the delays start behind the window.

Boundaries (each has a test): a sample exactly at the limit is out; exactly at limit - deadband is back in; the first
sample at or after the delay decides and must itself be out (or in): there are no timers. Between two samples the
earlier value is held for at most two intervals (``hold_ms``); what is longer is a hole, which stops both delays,
adds to ``hole`` and to nothing else. A hole of 2 h or more from the last sample on ends a pending state and starts a
return again. An open episode stays open through any hole. A lane whose limit is gone in the version of a sample ends
its episode at that version's start (or at the first sample back in, if it was returning).

The lane ``life`` is pending from the first sample beyond its limit on and until the life is over, whatever comes back
in: its STATE holds the minutes used up. It is raised when they are all the minutes allowed, and never returns.

The function is compiled by numba and runs as plain Python with the same result. Nothing else imports numba, and not
before the first fold: import and loading the cached code cost 0.7 s, compiling for the first time 8 s.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from alerts.records import (
    AGREE_KELVIN,
    APART,
    COOLING_MS,
    DAY_MS,
    EMPTY,
    EMPTY_MS,
    EXCUSED,
    FILL_BIN_MS,
    GOODS,
    HOUR_MS,
    INSIDE,
    JUMP_KELVIN,
    LANES,
    LEVELS,
    LONGEST_MS,
    MOST_SAMPLES,
    MOVE,
    NEVER_MS,
    NIGHT,
    OUTSIDE,
    RECORDED,
    RISE_BIN_MS,
    RISE_BINS,
    SAME_SAMPLES,
    SENTINEL_CELSIUS,
    SIGN,
    STATE,
    SUBJECT,
    WINDOW_H,
    EndReason,
    Folded,
    Grade,
    Lane,
    MoveKind,
    Phase,
    Records,
    States,
    Subject,
    Sum,
)
from coldchain.kinetics import ACTIVATION_KELVIN, LAPSE_MS, RESTART_MS, SPOILERS, ZERO_CELSIUS_KELVIN

ROOM = 4096
"""Moves and nights that one call may write before it hands back; 0.6 MB."""

EXACT = 1e4
"""A rise is rounded to 1/EXACT K: its bins have single precision."""

_LANES, _LEVELS, _SUBJECTS = len(LANES), LEVELS, len(Subject)
_SIGN, _SUBJECT = np.array(SIGN), np.array(SUBJECT, np.int64)
"""As arrays: a tuple with a computed index costs the compiled loop a third of its speed."""
_NORMAL, _PENDING, _ACTIVE, _RETURNING = (int(phase) for phase in Phase)
_RAISED, _CLOSED, _ROSE, _EASED = (
    int(kind) for kind in (MoveKind.RAISED, MoveKind.CLOSED, MoveKind.ROSE, MoveKind.EASED)
)
_RETURNED, _NOT_IN_USE, _BY_HAND, _WASHED, _LIFE_OVER = (
    int(reason)
    for reason in (
        *(EndReason.RETURNED, EndReason.NOT_IN_USE, EndReason.BY_HAND),
        *(EndReason.WASHED, EndReason.LIFE_OVER),
    )
)
_SAME, _APART, _DOUBTFUL = int(Grade.SAME), int(Grade.APART), int(Grade.DOUBTFUL)
_FAULT, _RATE, _WASHING, _LIFE = (LANES.index(lane) for lane in (Lane.FAULT, Lane.RATE, Lane.WASHING, Lane.LIFE))
_PRODUCT, _SHARE, _RISE, _GRADE, _BEYOND = (
    int(each) for each in (Subject.PRODUCT, Subject.SHARE, Subject.RISE, Subject.GRADE, Subject.LIFE)
)
_EVER = (1 << _FAULT) | (1 << _WASHING)
"""Lanes that are judged though no goods are there."""
_PAGES = sum(1 << number for number, lane in enumerate(LANES) if lane not in (*RECORDED, Lane.FAULT))
_GOODS = sum(1 << LANES.index(lane) for lane in GOODS)
_SUMS, _HELD, _VALUE, _GROWTH, _AGEING = len(Sum), *(int(each) for each in Sum)
_TMIN, _TREF = SPOILERS.tmin_celsius, SPOILERS.tref_celsius
_ZERO, _ACTIVATION = ZERO_CELSIUS_KELVIN, ACTIVATION_KELVIN
"""`coldchain.kinetics` says what growth and ageing are; a test holds both equal."""

Fold = Callable[..., tuple[int, int, int]]


def fold_python(
    slot: NDArray[np.int32],
    t: NDArray[np.int64],
    v: NDArray[np.float64],
    row: NDArray[np.int32],
    excused: NDArray[np.int32],
    heads: Records,
    parameters: Records,
    points: Records,
    states: Records,
    free: NDArray[np.int32],
    start: int,
    moves: Records,
    moved: Records,
    nights: Records,
    kept: Records,
) -> tuple[int, int, int]:
    """Fold samples into points and states from row ``start`` on; stop early when the room for answers is used up.

    Args:
        slot: shape (n,); place of the sample's point in ``points``.
        t: shape (n,), measured ms, rising within a slot and later than ``points[slot].t``.
        v: shape (n,), in the point's unit; NaN: no sample, a person ended here whatever is open.
        row: shape (n,); the rule version in force at ``t``.
        excused: shape (n,); a bit for each lane that lies in a window that excuses, `EMPTY` and `APART`.
        heads, parameters: shapes (versions,), HEAD, and (versions, LANES), PARAMETERS.
        points: shape (slots,), POINT, changed in place.
        states, free: of `States`, changed in place; with less than LANES places free it stops, too.
        moves, moved, nights, kept: written from 0 on.

    Returns:
        The row to go on from (n when done), and how many moves and nights were written.
    """
    n_moves = 0
    n_nights = 0
    subject = np.zeros(_SUBJECTS)
    for i in range(start, len(t)):
        if n_moves + _LANES > len(moves) or n_nights + 1 > len(nights) or free[0] < _LANES:
            return i, n_moves, n_nights
        c = slot[i]
        now = t[i]
        value = v[i]
        point = points[c]
        head = heads[row[i]]
        last = point["t"]
        good = point["good"]
        loud = point["loud"]
        if loud and now // DAY_MS != last // DAY_MS:
            nights[n_nights]["slot"] = c
            nights[n_nights]["loud"] = loud
            nights[n_nights]["first"] = (last // DAY_MS + 1) * DAY_MS
            nights[n_nights]["last"] = now // DAY_MS * DAY_MS
            nights[n_nights]["newest"] = last
            nights[n_nights]["good"] = good
            for lane in range(_LANES):
                if loud & (1 << lane):
                    kept[n_nights, lane] = states[point["place"][lane]]
            n_nights += 1
        point["t"] = now
        gap_ms = now - good  # since the newest temperature; without one beyond any hole
        fresh = gap_ms < LAPSE_MS
        wrong = False
        closing = 0
        if math.isnan(value):
            closing = _BY_HAND
            wrong = True
        else:
            moved_kelvin = abs(value - point["v"])
            wrong = value < head["least"] or value > head["most"]
            odd = point["odd"]
            if value == SENTINEL_CELSIUS and not math.isnan(head["least"]):
                wrong = wrong or not fresh or moved_kelvin > JUMP_KELVIN
            elif not wrong and fresh and moved_kelvin * 60_000.0 > head["jump"] * gap_ms:
                wrong = math.isnan(odd) or abs(value - odd) > AGREE_KELVIN or now - last >= LAPSE_MS
                point["odd"] = value if wrong else math.nan
            elif not wrong and not math.isnan(odd):
                point["odd"] = math.nan
        grade = 0
        if wrong:
            grade = _DOUBTFUL
        elif fresh and value == point["v"]:
            point["same"] = min(point["same"] + 1, SAME_SAMPLES)
            if point["same"] == SAME_SAMPLES:
                grade = _SAME
        elif point["same"]:
            point["same"] = 0
        if excused[i] & APART and not wrong:
            grade = _APART

        product = value
        if not wrong:
            held = min(gap_ms, head["hold_ms"])
            if head["tau_ms"] > 0:
                share = math.exp(-held / head["tau_ms"])
                for k in range(2):
                    shift = k * (RESTART_MS // 2)
                    known = not math.isnan(point["product"][k])
                    if not known or not fresh or (now + shift) // RESTART_MS != (good + shift) // RESTART_MS:
                        point["product"][k] = value
                    else:
                        point["product"][k] = point["v"] + (point["product"][k] - point["v"]) * share
                product = point["product"][0 if now % RESTART_MS >= RESTART_MS // 2 else 1]
            subject[_SHARE] = 0.0
            if head["window"][0] or head["window"][1]:
                hour = now // HOUR_MS
                if good != NEVER_MS:
                    begun = good // HOUR_MS
                    if begun <= point["hour"] and hour - begun < WINDOW_H:
                        for k in range(2):
                            beyond = (
                                point["felt"] >= head["bounds"][0] if k == 0 else point["felt"] <= head["bounds"][1]
                            )
                            if head["window"][k] and beyond:
                                point["outside"][k * WINDOW_H + begun % WINDOW_H] += held
                                point["total"][k] += held
                for passed in range(max(point["hour"] + 1, hour - WINDOW_H + 1), hour + 1):
                    for k in range(2):
                        point["total"][k] -= point["outside"][k * WINDOW_H + passed % WINDOW_H]
                        point["outside"][k * WINDOW_H + passed % WINDOW_H] = 0
                point["hour"] = hour
                for k in range(2):
                    if head["window"][k]:
                        subject[_SHARE] = max(subject[_SHARE], point["total"][k] / head["window"][k])
            if not math.isnan(head["enter"][_LIFE]):
                subject[_BEYOND] = -math.inf
                if head["life"][0]:
                    subject[_BEYOND] = product - head["bounds"][0]
                if head["life"][1]:
                    subject[_BEYOND] = max(subject[_BEYOND], head["bounds"][1] - product)
            if not math.isnan(head["enter"][_RATE]):
                bin_ = now // RISE_BIN_MS
                for passed in range(max(point["bin"] + 1, bin_ - RISE_BINS + 1), bin_ + 1):
                    point["lowest"][passed % RISE_BINS] = math.nan
                point["bin"] = bin_
                lowest = value
                for k in range(RISE_BINS):
                    if point["lowest"][k] < lowest:
                        lowest = point["lowest"][k]
                subject[_RISE] = math.floor((value - lowest) * EXACT + 0.5) / EXACT
                if not point["lowest"][bin_ % RISE_BINS] <= value:
                    point["lowest"][bin_ % RISE_BINS] = value
            if not math.isnan(head["wash"]):
                if value >= head["wash"]:
                    point["hot"] = now
                    point["highest"][0] = -math.inf
                    point["highest"][1] = -math.inf
                elif now - point["hot"] <= EMPTY_MS:
                    bin_ = now // FILL_BIN_MS
                    if bin_ != point["fill"]:
                        point["highest"][1] = point["highest"][0] if bin_ == point["fill"] + 1 else -math.inf
                        point["highest"][0] = -math.inf
                        point["fill"] = bin_
                    highest = max(point["highest"][0], point["highest"][1])
                    if fresh:
                        highest = max(highest, point["v"])
                    fell = value <= highest - head["fall"]
                    said = point["hot"] < head["filled"]
                    cooled = now - point["hot"] > COOLING_MS or value <= head["rinsed"]
                    if said or value <= head["cold"] or (fell and cooled):
                        point["hot"] = NEVER_MS
                    else:
                        point["highest"][0] = max(point["highest"][0], value)
                if now - point["hot"] <= EMPTY_MS:
                    closing = _WASHED
            if excused[i] & EMPTY and closing == 0:
                closing = _NOT_IN_USE
                for lane in range(_LANES):  # an open excursion is not ended by a guess
                    if loud & _PAGES & (1 << lane) and states[point["place"][lane]]["phase"] >= _ACTIVE:
                        closing = 0
            if closing:  # what is filled in or loaded next does not go on from what was there before
                for k in range(RISE_BINS):
                    point["lowest"][k] = math.nan
                for k in range(2):
                    point["product"][k] = math.nan
                product = value
        subject[0] = value
        subject[_PRODUCT] = product
        subject[_GRADE] = grade

        todo = loud
        if wrong:
            if closing == 0:
                todo &= 1 << _FAULT
                if grade >= head["enter"][_FAULT]:
                    todo |= 1 << _FAULT
        else:
            for lane in range(_LANES):
                if _SIGN[lane] * subject[_SUBJECT[lane]] >= head["enter"][lane]:
                    todo |= 1 << lane
            if closing:
                todo &= loud | _EVER
        growth = 0.0
        ageing = 0.0
        if todo & _GOODS and closing == 0 and head["goods"]:
            if product > _TMIN:
                growth = ((product - _TMIN) / (_TREF - _TMIN)) ** 2
            ageing = math.exp(_ACTIVATION / _ZERO - _ACTIVATION / (product + _ZERO))
        for lane in range(_LANES if todo else 0):
            if not todo & (1 << lane):
                continue
            p = parameters[row[i], lane]
            enter = head["enter"][lane]
            x = _SIGN[lane] * subject[_SUBJECT[lane]]
            far = x - enter
            before = last if lane == _FAULT else good
            begun = head["from_ms"]
            end = closing
            if end != _BY_HAND and _EVER & (1 << lane):
                end = 0
            if end == 0 and math.isnan(enter):  # the limit was taken away at from_ms
                end = head["closing"]
            lives = lane == _LIFE and end == 0 and loud & (1 << lane)
            if lives and states[point["place"][lane]]["onset"] < head["life_from"]:
                end = _LIFE_OVER
                begun = head["life_from"]
            if end:
                s = states[point["place"][lane]]
                if s["phase"] >= _ACTIVE:
                    ended = s["back"]
                    if s["phase"] == _ACTIVE:
                        ended = now
                        if end == _WASHED:
                            ended = before
                        elif end != _BY_HAND:
                            ended = min(max(begun, before), now)
                        held = min(ended - before, head["hold_ms"])
                        s["hole"] += ended - before - held
                        if s["out"]:
                            s["exposed"] += held
                            s["area"] += held * s["excess"]
                            if s["out"] == EXCUSED:
                                s["excused"] += held
                        for k in range(_SUMS):
                            s["sums"][k] += held * s["rates"][k]
                    else:
                        s["hole"] = s["hole_back"]
                        for k in range(_SUMS):
                            s["sums"][k] = s["sums_back"][k]
                    moves[n_moves]["slot"] = c
                    moves[n_moves]["lane"] = lane
                    moves[n_moves]["kind"] = _CLOSED
                    moves[n_moves]["reason"] = end
                    moves[n_moves]["at"] = now
                    moves[n_moves]["ended"] = ended
                    moved[n_moves] = s
                    n_moves += 1
                loud &= ~(1 << lane)
                free[0] += 1
                free[free[0]] = point["place"][lane]
                if end != _LIFE_OVER or far < 0.0:
                    continue
            out = far >= 0.0
            excuse = excused[i] & (1 << lane)
            held = 0
            if loud & (1 << lane):
                s = states[point["place"][lane]]
                gap = now - before
                held = min(gap, head["hold_ms"])
                lapsed = gap > held and gap >= LAPSE_MS
                if lapsed:
                    for k in range(_LEVELS):
                        s["count"][k] = 0
                        s["stayed"][k] = 0
                if lapsed and s["phase"] == _PENDING and lane != _LIFE:
                    if not out:
                        loud &= ~(1 << lane)
                        free[0] += 1
                        free[free[0]] = point["place"][lane]
                        continue
                    s["phase"] = _NORMAL
                else:
                    s["hole"] += gap - held
                    s["held"] = min(s["held"] + held, LONGEST_MS)
                    if s["out"]:
                        s["exposed"] += held
                        s["area"] += held * s["excess"]
                        if s["out"] == EXCUSED:
                            s["excused"] += held
                    if lane != _LIFE:
                        for k in range(_SUMS):
                            s["sums"][k] += held * s["rates"][k]
                    if lapsed and s["phase"] == _RETURNING:
                        s["phase"] = _ACTIVE
            else:
                place = free[free[0]]
                free[0] -= 1
                point["place"][lane] = place
                loud |= 1 << lane
                s = states[place]
                s["phase"] = _NORMAL
            if lane == _LIFE and s["phase"] == _NORMAL:
                x = 0.0
            elif lane == _LIFE:
                if not out and not s["beyond"]:
                    continue
                x = s["peak"]  # of a share that never falls
                for k in range(2):
                    if s["beyond"] & (1 << k):
                        s["used"][k] += held
                        x = max(x, s["used"][k] / head["life"][k])
            if s["phase"] == _NORMAL:
                s["phase"] = _PENDING
                s["onset"] = now
                s["level"] = 0
                s["held"] = 0
                s["samples"] = 0
                s["exposed"] = 0
                s["excused"] = 0
                s["area"] = 0.0
                s["hole"] = 0
                s["peak"] = x
                s["peak_t"] = now
                s["beyond"] = 0
                s["used"][0] = 0
                s["used"][1] = 0
                for k in range(_LEVELS):
                    s["count"][k] = 0
                    s["stayed"][k] = 0
                for k in range(_SUMS):
                    s["sums"][k] = 0.0
            s["rates"][_HELD] = 0.0 if lane == _LIFE else 1.0  # the mean of a sum says nothing
            s["rates"][_VALUE] = 0.0 if lane == _LIFE else x
            s["rates"][_GROWTH] = growth if _GOODS & (1 << lane) else 0.0
            s["rates"][_AGEING] = ageing if _GOODS & (1 << lane) else 0.0
            if out:
                s["out"] = EXCUSED if excuse else OUTSIDE
                s["excess"] = far
                s["samples"] += 1
            else:
                s["out"] = INSIDE
            if x > s["peak"] and (out or lane == _LIFE):  # a life's last minutes out are known when it is back in
                s["peak"] = x
                s["peak_t"] = now
            if lane == _LIFE:
                s["beyond"] = 0
                if head["life"][0] and product >= head["bounds"][0]:
                    s["beyond"] |= 1
                if head["life"][1] and product <= head["bounds"][1]:
                    s["beyond"] |= 2
            reached = -1
            open_ = s["phase"] >= _ACTIVE
            for k in range(1 if open_ else 0, p["levels"]):
                if x >= p["rise"][k] and not excuse:
                    if s["count"][k] > 0:
                        s["stayed"][k] = min(s["stayed"][k] + held, LONGEST_MS)
                    s["count"][k] = min(s["count"][k] + 1, MOST_SAMPLES)
                    if s["count"][k] >= p["confirm"][k] and s["stayed"][k] >= p["on_ms"][k]:
                        reached = k  # of an open episode it counts beyond where that stands
                else:
                    s["count"][k] = 0
                    s["stayed"][k] = 0
            kind = 0
            if s["phase"] == _PENDING:
                if not out and lane != _LIFE:
                    s["phase"] = _NORMAL
                elif reached >= 0:
                    s["phase"] = _ACTIVE
                    s["raised"] = now
                    s["limit"] = p["rise"][0]
                    s["rule_from"] = head["from_ms"]
                    s["level"] = reached
                    s["step"] = p["step"][reached]
                    s["severity"] = p["severity"][reached]
                    s["top"] = s["severity"]
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
                    for k in range(_SUMS):
                        s["sums_back"][k] = s["sums"][k]
                if s["phase"] == _ACTIVE:
                    level = s["level"]
                    if reached > level:
                        s["level"] = reached
                        s["step"] = max(s["step"], p["step"][reached])
                        s["severity"] = p["severity"][reached]
                        s["top"] = max(s["top"], s["severity"])
                        kind = _ROSE
                    elif level > 0 and not (x > p["ease"][level] or x >= p["rise"][level]):
                        lower = 0
                        for k in range(1, level):
                            if x >= p["rise"][k]:
                                lower = k
                        s["level"] = lower
                        s["severity"] = p["severity"][lower]
                        kind = _EASED
                elif s["held"] >= p["off_ms"]:
                    s["hole"] = s["hole_back"]
                    for k in range(_SUMS):
                        s["sums"][k] = s["sums_back"][k]
                    kind = _CLOSED
            if kind:
                moves[n_moves]["slot"] = c
                moves[n_moves]["lane"] = lane
                moves[n_moves]["kind"] = kind
                moves[n_moves]["reason"] = _RETURNED if kind == _CLOSED else 0
                moves[n_moves]["at"] = now
                moves[n_moves]["ended"] = s["back"] if kind == _CLOSED else 0
                moved[n_moves] = s
                n_moves += 1
            if kind == _CLOSED or s["phase"] == _NORMAL:
                loud &= ~(1 << lane)
                free[0] += 1
                free[free[0]] = point["place"][lane]
        point["loud"] = loud
        if not wrong:
            point["good"] = now
            point["v"] = value
            point["felt"] = math.nan if closing == _NOT_IN_USE else product
        elif closing:
            point["good"] = NEVER_MS
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
    rules: tuple[Records, Records],
    points: Records,
    states: States,
    *,
    excused: NDArray[np.int32] | None = None,
    fold: Fold | None = None,
    room: int = ROOM,
) -> Folded:
    """Fold samples into ``points`` and ``states`` (changed in place) and return what happened.

    Args:
        slot, t, v, row, points, excused: see `fold_python`; without ``excused`` nothing is.
        rules: HEAD and PARAMETERS of each version.
        states: grows as needed.
        fold: `fold_compiled` when None, or `fold_python` for the same answer 300 times slower.
        room: answers a call, at least one a lane; only tests need another.
    """
    moves, moved = np.empty(room, MOVE), np.empty(room, STATE)  # not zeroed: pages that nobody writes cost nothing
    nights, kept = np.empty(room, NIGHT), np.empty((room, len(LANES)), STATE)
    parts: list[Folded] = []
    fold = fold or fold_compiled()
    excused = np.zeros(len(t), np.int32) if excused is None else excused
    heads, lanes = rules
    done = 0
    while True:
        if states.free[0] < len(LANES):
            states.grow()
        done, m, k = fold(
            *(slot, t, v, row, excused, heads, lanes, points, states.records, states.free),
            *(done, moves, moved, nights, kept),
        )
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
