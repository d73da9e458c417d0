"""What every series driver promises. A driver's test module imports these tests and gives the fixture ``series``.

Rows are written as text that a person can read: ``channel minute value`` (``no-probe`` for a fault).
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from coldchain.projection import CursorMoved
from coldchain.readings import Quality
from coldchain.series.port import Quarantined, Rows, Series, Span, Window
from tests.support import DAY_MS, MINUTE_MS, T0

EVER = (-(1 << 60), 1 << 60)

Told = tuple[int, int, float | None, int, str | None]


def rows_of(position: int, *lines: str, quality: int = 0) -> Rows:
    """Build rows: ``"7 0 4.5"`` is channel 7 at minute 0 with 4.5 °C."""
    parts = [line.split() for line in lines]
    words = {row: part[2] for row, part in enumerate(parts) if not _number(part[2])}
    bits = [quality | (int(Quality.FAULT) if row in words else 0) for row in range(len(parts))]
    return Rows(
        channel=np.array([int(part[0]) for part in parts], np.int32),
        measured_at_ms=np.array([T0 + round(float(part[1]) * MINUTE_MS) for part in parts], np.int64),
        value=np.array([math.nan if row in words else float(part[2]) for row, part in enumerate(parts)]),
        quality=np.array(bits, np.uint8),
        position=np.full(len(parts), position, np.int64),
        words=words,
    )


def _number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()


def told(window: Window) -> list[Told]:
    """Return a window as (channel, minute, value or None, quality, word)."""
    return [
        (
            int(window.channel[row]),
            int((window.measured_at_ms[row] - T0) // MINUTE_MS),
            None if np.isnan(window.value[row]) else float(window.value[row]),
            int(window.quality[row]),
            window.words.get(row),
        )
        for row in range(len(window))
    ]


def everything(series: Series, *channels: int, upto: int | None = None) -> list[Told]:
    return told(series.window([Span(channel, *EVER) for channel in channels], *EVER, upto=upto))


def test_a_new_store_is_empty_and_stands_at_zero(series: Series) -> None:
    assert series.cursor() == 0
    assert everything(series, 1) == []
    assert len(series.rollup([Span(1, *EVER)], *EVER, 60_000).start_ms) == 0
    assert len(series.latest(1)) == 0
    assert series.counts(*EVER) == {}
    assert series.positions_of([(1, "a")]) == []
    assert series.quarantine() == []
    assert series.quarantine_counts() == {}
    assert series.tidy(T0) == 0


def test_rows_and_cursor_move_together(series: Series) -> None:
    series.write(0, 3, rows_of(3, "1 0 4.5", "1 1 4.6", "2 0 no-probe"))

    assert series.cursor() == 3
    assert everything(series, 1, 2) == [(1, 0, 4.5, 0, None), (2, 0, None, 16, "no-probe"), (1, 1, 4.6, 0, None)]


def test_moments_are_those_of_sound_readings_of_every_channel(series: Series) -> None:
    series.write(0, 1, rows_of(1, "1 0 4.5", "2 1 4.0", "2 2 no-probe", "1 5 4.5"))
    series.write(1, 2, rows_of(2, "1 3 4.5", quality=int(Quality.CLOCK)))

    found = series.moments(T0, T0 + 5 * MINUTE_MS)

    moments = zip(found.channel.tolist(), found.measured_at_ms.tolist(), strict=True)
    assert sorted(moments) == [(1, T0), (2, T0 + MINUTE_MS)]


def test_a_second_owner_is_told_and_writes_nothing(series: Series) -> None:
    series.write(0, 3, rows_of(3, "1 0 4.5"))

    with pytest.raises(CursorMoved):
        series.write(0, 4, rows_of(4, "1 1 9"), [Quarantined(4, 0, "gw", "x", "unknown-channel")], [(1, "a")])

    assert series.cursor() == 3
    assert everything(series, 1) == [(1, 0, 4.5, 0, None)]
    assert series.quarantine() == []


def test_the_largest_value_of_an_identity_stands_and_all_are_listed(series: Series) -> None:
    series.write(0, 1, rows_of(1, "1 0 4.5", "1 1 3.0"))
    series.write(1, 2, rows_of(2, "1 0 4.9", "1 0 4.9", "1 1 2.9"))
    series.write(2, 3, rows_of(3, "1 0 4.9"))

    window = series.window([Span(1, *EVER)], *EVER)

    assert told(window) == [(1, 0, 4.9, 0, None), (1, 1, 3.0, 0, None)]
    assert window.position.tolist() == [2, 1]
    assert window.others == {0: [4.5, 4.9], 1: [2.9, 3.0]}


@pytest.mark.parametrize(("other", "conflict"), [("4.0", False), ("3.9", True)])
def test_a_spread_over_half_a_kelvin_is_a_conflict(series: Series, other: str, conflict: bool) -> None:
    series.write(0, 2, rows_of(1, "1 0 4.5", f"1 0 {other}"))

    (row,) = everything(series, 1)

    assert row == (1, 0, 4.5, int(Quality.CONFLICT) if conflict else 0, None)


def test_a_spread_of_exactly_half_a_kelvin_in_floats_is_none(series: Series) -> None:
    series.write(0, 1, rows_of(1, "1 0 8.3", "1 0 7.8"))

    assert everything(series, 1) == [(1, 0, 8.3, 0, None)]


def test_a_value_beats_a_fault_and_a_good_clock_beats_a_bad_one(series: Series) -> None:
    series.write(0, 1, rows_of(1, "1 0 short", "1 1 4.5"))
    series.write(1, 2, rows_of(2, "1 0 -3", "1 0 no-probe"))
    series.write(2, 3, rows_of(3, "1 1 9.5", quality=int(Quality.CLOCK)))

    assert everything(series, 1) == [(1, 0, -3.0, 0, None), (1, 1, 4.5, int(Quality.CONFLICT), None)]


def test_of_two_words_the_first_of_the_alphabet_stands_whichever_came_first(series: Series) -> None:
    series.write(0, 1, rows_of(1, "1 0 short", "1 1 no-probe"))
    series.write(1, 2, rows_of(2, "1 0 no-probe", "1 1 short"))

    assert [row[4] for row in everything(series, 1)] == ["no-probe", "no-probe"]


def test_copies_keep_only_the_doubts_that_they_share(series: Series) -> None:
    series.write(0, 1, rows_of(1, "1 0 4.5", "1 1 4.5", quality=int(Quality.ESTIMATED)))
    series.write(1, 2, rows_of(2, "1 0 4.5"))

    assert [row[3] for row in everything(series, 1)] == [0, int(Quality.ESTIMATED)]


def test_spans_and_window_are_half_open(series: Series) -> None:
    series.write(0, 1, rows_of(1, *(f"{channel} {minute} {minute}" for channel in (1, 2) for minute in range(6))))
    moved = [Span(1, T0, T0 + 3 * MINUTE_MS), Span(2, T0 + 3 * MINUTE_MS, 1 << 60)]

    window = series.window(moved, T0 + MINUTE_MS, T0 + 5 * MINUTE_MS)

    assert [row[:2] for row in told(window)] == [(1, 1), (1, 2), (2, 3), (2, 4)]


def test_a_limit_counts_readings_and_not_their_duplicates(series: Series) -> None:
    for position in (1, 2, 3):
        series.write(position - 1, position, rows_of(position, *(f"1 {minute} 4" for minute in range(5))))

    window = series.window([Span(1, *EVER)], *EVER, limit=2)

    assert [row[1] for row in told(window)] == [0, 1]


def test_a_window_as_of_a_position_ignores_what_came_later(series: Series) -> None:
    series.write(0, 5, rows_of(5, "1 0 4.0"))
    series.write(5, 9, rows_of(9, "1 0 4.2", "1 1 4.0"))

    assert everything(series, 1, upto=5) == [(1, 0, 4.0, 0, None)]
    assert everything(series, 1, upto=4) == []


def test_a_rollup_never_loses_a_peak_and_never_counts_a_copy(series: Series) -> None:
    series.write(0, 1, rows_of(1, "1 0 4", "1 1 6", "1 2 5", "1 20 7", "1 21 short"))
    series.write(1, 2, rows_of(2, "1 1 6", "1 1 9.5", "1 2 5"))
    series.write(2, 3, rows_of(3, "1 3 80", quality=int(Quality.CLOCK)))

    buckets = series.rollup([Span(1, *EVER)], *EVER, 10 * MINUTE_MS)

    assert ((buckets.start_ms - T0) // MINUTE_MS).tolist() == [0, 20]
    assert buckets.count.tolist() == [3, 1]
    assert buckets.minimum.tolist() == [4.0, 7.0]
    assert buckets.maximum.tolist() == [9.5, 7.0]
    assert buckets.mean.tolist() == pytest.approx([18.5 / 3, 7.0])


def test_a_rollup_of_overlapping_spans_counts_once(series: Series) -> None:
    series.write(0, 1, rows_of(1, "1 0 4", "2 0 5"))

    buckets = series.rollup([Span(1, *EVER), Span(1, T0, T0 + DAY_MS), Span(2, *EVER)], *EVER, MINUTE_MS)

    assert buckets.count.tolist() == [2]


def test_the_latest_is_the_newest_measured_whatever_came_last(series: Series) -> None:
    series.write(0, 1, rows_of(1, "1 9 5"))
    series.write(1, 2, rows_of(2, "1 3 9", "1 4 short"))
    series.write(2, 3, rows_of(3, "1 9999 80", quality=int(Quality.CLOCK)))

    assert told(series.latest(1)) == [(1, 9, 5.0, 0, None)]
    assert told(series.latest(1, before_ms=T0 + 9 * MINUTE_MS)) == [(1, 4, None, 16, "short")]
    assert told(series.latest(1, before_ms=T0)) == []


def test_counts_are_readings_not_rows(series: Series) -> None:
    series.write(0, 1, rows_of(1, "1 0 4", "1 0 4", "1 0 5", "1 1 4", "2 0 short"))

    assert series.counts(*EVER) == {1: 2, 2: 1}
    assert series.counts(T0, T0 + 1) == {1: 1, 2: 1}


def test_quarantine_is_told_in_ledger_order_and_never_splits_a_position(series: Series) -> None:
    records = [
        Quarantined(5, 1, "gw", "a", "unknown-channel"),
        Quarantined(5, 0, "gw", "b", "foreign-channel", "why"),
        Quarantined(7, -1, "gw", "", "bad-senml", "JSON: no"),
    ]
    series.write(0, 7, rows_of(7), records)

    assert series.quarantine() == [records[1], records[0], records[2]]
    assert series.quarantine(limit=1) == [records[1], records[0]]
    assert series.quarantine(after=5) == [records[2]]
    assert series.quarantine(reason="unknown-channel") == [records[0]]
    assert series.quarantine_counts() == {"bad-senml": 1, "foreign-channel": 1, "unknown-channel": 1}


def test_forgotten_channels_are_gone_from_series_and_quarantine_before_the_new_rows_come(series: Series) -> None:
    series.write(0, 2, rows_of(2, "1 0 4", "2 0 5"), [Quarantined(2, 2, "gw", "c", "unknown-channel")])
    assert series.positions_of([(1, "a"), (3, "c")]) == [2]

    series.write(2, 3, rows_of(2, "3 0 7"), forget=[(1, "a"), (3, "c"), (-1, "")])

    assert everything(series, 1, 2, 3) == [(2, 0, 5.0, 0, None), (3, 0, 7.0, 0, None)]
    assert series.quarantine() == []
    assert series.positions_of([(1, "a"), (-1, "c")]) == []
    assert series.positions_of([(2, "b"), (3, "c")]) == [2]


def test_tidying_changes_nothing_that_anybody_reads(series: Series) -> None:
    day = 24 * 60
    series.write(0, 1, rows_of(1, "2 5 4", "1 5 4", f"1 {day} 4", "1 4 short", "2 1 -0.0"))
    series.write(1, 2, rows_of(2, "1 5 4", "1 5 4.9", "2 5 4", "1 -1 3", "2 1 0.0"))
    series.write(2, 3, rows_of(3, "1 5 4.9", "1 5 4", "1 4 short", "1 4 no-probe", f"1 {day} 4"))
    series.write(3, 4, rows_of(4, "1 5 4", quality=int(Quality.ESTIMATED)))
    before = _all_reads(series)

    assert series.tidy(T0 + DAY_MS) == 2
    assert _all_reads(series) == before
    assert series.tidy(T0 + DAY_MS) == 0, "nothing came since"

    series.write(4, 5, rows_of(5, "1 6 4", "1 5 4.9"))
    before = _all_reads(series)
    assert series.tidy(T0 + DAY_MS) == 1
    assert _all_reads(series) == before


def test_tidying_leaves_the_open_day_alone(series: Series) -> None:
    series.write(0, 1, rows_of(1, "1 0 4"))

    assert series.tidy(T0 + DAY_MS - 1) == 0
    assert series.tidy(T0 + DAY_MS) == 1


def test_tidying_takes_a_wild_clock_as_one_day(series: Series) -> None:
    wild = rows_of(1, *(f"1 {-(minute * 1440 + 6_000_000 * 4)} 4" for minute in range(500)))
    series.write(0, 1, wild)

    assert series.tidy(T0) == 1
    assert len(everything(series, 1)) == 500


def _all_reads(series: Series) -> list[object]:
    spans = [Span(1, *EVER), Span(2, *EVER)]
    reads: list[object] = []
    for upto in (None, 1, 2, 3, 4, 5):
        window = series.window(spans, *EVER, upto=upto)
        reads += [told(window), window.position.tolist(), window.others]
    buckets = series.rollup(spans, *EVER, 7 * MINUTE_MS)
    reads += [buckets.start_ms.tolist(), buckets.count.tolist(), buckets.minimum.tolist(), buckets.maximum.tolist()]
    reads += [np.round(buckets.mean, 9).tolist(), series.counts(*EVER), told(series.latest(1)), told(series.latest(2))]
    reads += [series.positions_of([(1, "a")]), series.positions_of([(2, "b")]), series.cursor()]
    return reads
