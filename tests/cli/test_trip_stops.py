"""The judge's view of a trip, as events need it."""

from __future__ import annotations

from pathlib import Path

import msgspec
from sqlalchemy import insert

from alerts.store import open_alerts
from alerts.tables import trip
from alerts.transit.view import StopView, TripView
from coldchain.cli.trip_stops import judged_stops
from coldchain.exchange.world import StopTimes


def stop(arrived_ms: int | None, left_ms: int | None) -> StopView:
    return StopView(
        "s",
        "unload",
        None,
        None,
        None,
        None,
        None,
        arrived_ms,
        left_ms,
        None,
        None,
        "positions",
        "",
        False,
        None,
        None,
        None,
    )


def test_stops_are_timed_as_the_judge_found_them(tmp_path: Path) -> None:
    store = open_alerts(tmp_path / "alarms.db", 0)
    view = TripView("at-stop", 1, None, 5, 0, None, None, None, "r", [stop(None, 10), stop(20, None)], [])
    row = {
        "kind": "distribution",
        "vehicle": "v",
        "begins_ms": 0,
        "ends_ms": 0,
        "over": False,
        "due": False,
        "changed": 0,
    }
    with store.engine.begin() as connection:
        said = {"said": b"{}"}
        connection.execute(insert(trip), [
            {"id": "judged", "judged": msgspec.json.encode(view), **row, **said},
            {"id": "planned", "judged": None, **row, **said},
        ])  # fmt: skip
    stops = judged_stops(store.engine)

    assert [list(stops(name)) for name in ("judged", "planned", "unknown")] == [
        [StopTimes(None, 10), StopTimes(20, None)],
        [],
        [],
    ]
    store.close()
