"""When milk came into tanks: the first one in a time, whatever order people say it in."""

from __future__ import annotations

from pathlib import Path

from coldchain.custody import Milking
from coldchain.trips.milkings import Milkings
from tests.support import HOUR_MS, put
from tests.trips.worlds import NOW_MS, Desk


def hour(at: float) -> int:
    return NOW_MS + round(at * HOUR_MS)


def test_the_first_milking_in_a_time_is_found_in_whatever_order_it_was_said(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Milking("tank-1", hour(5)), Milking("tank-2", hour(3)), Milking("tank-1", hour(1), 900.0))
    milkings = Milkings(desk.ledger)

    assert milkings.first(["tank-1", "tank-2"], hour(2), hour(6)) == ("tank-2", hour(3))
    assert milkings.first(["tank-1"], hour(1), hour(6)) == ("tank-1", hour(1))
    assert milkings.first(["tank-1"], hour(2), hour(5)) is None
    assert milkings.first(["tank-3"], hour(0), hour(9)) is None


def test_what_is_said_later_counts_at_once_and_a_newer_programs_entry_stops_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    milkings = Milkings(desk.ledger)
    assert milkings.first(["tank-1"], hour(0), hour(9)) is None

    desk.ledger.change([b'{"change":{"put":"milking","asset":7},"who":"","why":""}'], NOW_MS)
    put(desk.ledger, Milking("tank-1", hour(4)), Milking("tank-1", hour(4), 800.0))

    assert milkings.first(["tank-1"], hour(0), hour(9)) == ("tank-1", hour(4))
