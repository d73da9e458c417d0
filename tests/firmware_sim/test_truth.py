"""The comparison finds what it must: every clean case has a damaged twin that fails."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from firmware_sim.scenario import Expect
from firmware_sim.sensing import Reading
from firmware_sim.truth import Truth, TruthLog, read_truth
from firmware_sim.verdict import Quarantined, Row, compare

T0 = 1_760_000_000_000


def reading(number: int, value: float | bool | str, expect: Expect = Expect.RECORDED, channel: str = "t") -> Reading:
    return Reading("gw-1", "s", channel, T0 + number * 60_000, value, "Cel", expect)


@pytest.fixture
def truth(tmp_path: Path) -> Truth:
    with TruthLog(tmp_path / "truth.jsonl") as log:
        log.sent("a-0", [reading(0, 4.0), reading(1, 4.5), reading(1, True, channel="door")], T0)
        log.sent("a-1", [reading(2, "no-probe", Expect.FAULT)], T0)
        log.sent("a-2", [reading(3, 22.0, Expect.UNKNOWN_CHANNEL, "stray")], T0)
        log.sent("a-3", [replace(reading(0, 5.25, Expect.SENSOR_CLOCK, "lost-clock"), t_ms=946_684_805_000)], T0)
        log.sent("a-4", [reading(9, 4.9)], T0)
        for pack in ("a-0", "a-1", "a-2", "a-3"):
            log.taken(pack, T0 + 1)
    return read_truth(tmp_path / "truth.jsonl")


ROWS = [
    Row("t", T0, 4.0),
    Row("t", T0 + 60_000, 4.5),
    Row("door", T0 + 60_000, 1.0),
    Row("t", T0 + 120_000, word="no-probe"),
    Row("lost-clock", T0 + 35, 5.25, by_arrival=True),
]
WAITING = [Quarantined("stray", T0 + 180_000, "unknown-channel")]


def test_a_record_that_tells_the_truth_is_clean(truth: Truth) -> None:
    verdict = compare(truth, ROWS, WAITING)

    assert verdict.clean
    assert (verdict.produced, verdict.recorded) == (6, 5)
    assert verdict.quarantined_by_reason == {"unknown-channel": 1}


def test_a_lost_reading_is_found(truth: Truth) -> None:
    for missing in range(len(ROWS)):
        verdict = compare(truth, ROWS[:missing] + ROWS[missing + 1 :], WAITING)

        assert verdict.lost == 1
        assert not verdict.clean


def test_a_reading_lost_from_quarantine_is_found(truth: Truth) -> None:
    assert compare(truth, ROWS).lost == 1


def test_a_duplicated_reading_is_found(truth: Truth) -> None:
    verdict = compare(truth, [*ROWS, ROWS[1]], WAITING)

    assert verdict.duplicated == 1
    assert not verdict.clean


@pytest.mark.parametrize("altered", [Row("t", T0, 4.01), Row("t", T0, word="short"), Row("t", T0)])
def test_an_altered_reading_is_found(truth: Truth, altered: Row) -> None:
    verdict = compare(truth, [altered, *ROWS[1:]], WAITING)

    assert verdict.mismatched == 1
    assert not verdict.clean


def test_a_reading_moved_in_time_is_lost_and_invented(truth: Truth) -> None:
    verdict = compare(truth, [Row("t", T0 + 1, 4.0), *ROWS[1:]], WAITING)

    assert (verdict.lost, verdict.invented) == (1, 1)


def test_a_stray_reading_in_the_record_is_misplaced(truth: Truth) -> None:
    verdict = compare(truth, [*ROWS, Row("stray", T0 + 180_000, 22.0)], WAITING)

    assert verdict.misplaced == 1
    assert not verdict.clean


def test_a_good_reading_in_quarantine_is_misplaced(truth: Truth) -> None:
    verdict = compare(truth, ROWS[1:], [*WAITING, Quarantined("t", T0, "foreign-channel")])

    assert verdict.misplaced == 1
    assert not verdict.clean


def test_a_reading_that_was_sent_and_not_taken_may_be_there_or_not(truth: Truth) -> None:
    verdict = compare(truth, [*ROWS, Row("t", T0 + 9 * 60_000, 4.9)], WAITING)

    assert verdict.clean
    assert verdict.untaken == 1


def test_an_arrival_before_its_sending_is_no_proof(truth: Truth) -> None:
    verdict = compare(truth, [*ROWS[:-1], Row("lost-clock", T0 - 60_000, 5.25, by_arrival=True)], WAITING)

    assert verdict.lost == 1


def test_a_second_arrival_of_a_reading_without_time_is_allowed(truth: Truth) -> None:
    verdict = compare(truth, [*ROWS, Row("lost-clock", T0 + 99, 5.25, by_arrival=True)], WAITING)

    assert verdict.clean
    assert verdict.repeated == 1


def test_a_reading_taken_twice_is_produced_once(tmp_path: Path) -> None:
    with TruthLog(tmp_path / "t") as log:
        log.sent("a", [reading(0, 4.0)], T0)
        log.sent("b", [reading(0, 4.0)], T0)
        log.taken("a", T0)
        log.taken("b", T0)

    verdict = compare(read_truth(tmp_path / "t"), [Row("t", T0, 4.0)])

    assert (verdict.produced, verdict.recorded, verdict.clean) == (1, 1, True)


def test_a_torn_last_line_is_skipped_and_a_damaged_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    with TruthLog(path) as log:
        log.sent("a", [reading(0, 4.0)], T0)
    whole = path.read_bytes()

    path.write_bytes(whole + whole[:20])
    assert len(read_truth(path).sent) == 1
    path.write_bytes(whole[:20] + b"\n" + whole)
    with pytest.raises(ValueError, match=r"truth\.jsonl:1: no line"):
        read_truth(path)
