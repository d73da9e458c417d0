"""Where a vehicle stood, by what it says and by where it is."""

from __future__ import annotations

import numpy as np
import pytest

from alerts.transit.halts import halts_of, holes, speeds, standing
from tests.alerts.transit.drives import SILENT, At, fixes, s_of, track_of


def test_speed_is_what_was_said_else_the_way_since_the_last_fix() -> None:
    drive = [At(0, 0), At(30, 300), At(60, 300, kmh=36), At(90, 330), At(151, 330), At(211, 330)]

    assert speeds(track_of(drive)) == pytest.approx([np.nan, 10.0, 10.0, 1.0, np.nan, 0.0], nan_ok=True, rel=1e-3)
    assert holes(track_of(drive)).tolist() == [False, False, False, False, True, False]
    assert standing(track_of(drive)).tolist() == [False, False, False, True, False, True]


@pytest.mark.parametrize("kmh", [0.0, SILENT])
def test_a_halt_is_where_it_stands_however_its_receiver_wavers(kmh: float) -> None:
    drive = [*fixes(0, [-900, -400], 50), *fixes(60, [0, 0, 20, -15, -15], kmh), *fixes(210, [400, 900], 50)]

    (halt,) = halts_of(track_of(drive))

    assert s_of(halt.to_ms) == 180
    assert s_of(halt.from_ms) == (60 if kmh == 0 else 90)  # without a speed the second fix shows it


def test_shunting_and_a_hole_do_not_end_a_halt_and_driving_off_does() -> None:
    yard = [*fixes(0, [0, 0], 0), *fixes(60, [30], 8), *fixes(90, [40, 40], 0), *fixes(7200, [40, 40], 0)]
    drive = [*yard, *fixes(7260, [600], 40), *fixes(7290, [1200, 1200], 0)]

    halts = halts_of(track_of(drive))

    assert [(s_of(halt.from_ms), s_of(halt.to_ms), len(halt.latitude)) for halt in halts] == [
        (0, 7230, 6),
        (7290, 7320, 2),
    ]


def test_who_comes_back_to_the_same_place_has_halted_there_twice() -> None:
    drive = [*fixes(0, [0, 0], 0), *fixes(60, [500], 40), *fixes(90, [0, 0], 0)]

    assert [(s_of(halt.from_ms), s_of(halt.to_ms)) for halt in halts_of(track_of(drive))] == [(0, 30), (90, 120)]


def test_who_never_stands_has_no_halt() -> None:
    assert halts_of(track_of(fixes(0, [0, 500, 1000], 60))) == []
    assert halts_of(track_of([])) == []
