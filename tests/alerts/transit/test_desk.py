"""Trips in the judge: alive, late, out of order, over restarts; always the same."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec
import pytest

from alerts.transit.states import TripState
from coldchain.clock import parse_rfc3339
from coldchain.custody import TripMoment, TripVehicle
from coldchain.registry import Fence
from tests.alerts.transit.fleet import Fleet, driven, registered
from tests.alerts.transit.road import ON_TIME, PLACES, PLANT, TRIP, at, minute

JAM = ((0, 30), (60, 30), (5, 60), (60, 25), (0, 10))
ACCEPTED = TripMoment(TRIP.id, "accepted", at(70), 1)


def told(fleet: Fleet) -> list[tuple[object, float, float | None, bool]]:
    """Return rule, minutes of onset and end, and whether it was discovered late, of each alarm."""
    return [
        (
            one["rule"],
            minute(parse_rfc3339(str(one["onset"]))),
            None if one["ended"] is None else minute(parse_rfc3339(str(one["ended"]))),
            bool(one["late_discovered"]),
        )
        for one in fleet.alarms()
    ]


def test_a_trip_on_time_rings_nobody_and_its_page_says_where_it_is(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.live(driven(ON_TIME)[: 4 * 60])  # half an hour under way

    view = fleet.view()
    assert view.state == TripState.UNDER_WAY
    assert view.next_stop == 1
    expected_ms = view.stops[1].expected_ms
    assert expected_ms is not None
    assert minute(expected_ms) == pytest.approx(60, abs=4)
    assert view.stops[1].chance == pytest.approx(0, abs=0.01)
    assert told(fleet) == []


def test_a_jam_rings_while_somebody_can_still_act(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.live(driven(JAM))

    [(rule, _, ended, late)] = told(fleet)
    assert (rule, ended, late) == ("late-arrival", 115, False)
    raised = minute(parse_rfc3339(str(fleet.alarms()[0]["raised_at"])))
    assert raised <= 90 - 20


def test_a_breakdown_gets_worse_with_the_milk_and_pages_again(tmp_path: Path) -> None:
    warming = [3.5] * 50 + [3.5 + 12.5 * minutes / 240 for minutes in range(240)]
    fleet = Fleet(tmp_path)
    seen: list[tuple[object, object]] = []
    readings = driven(((0, 30), (60, 20), (0, 240)), celsius=warming)
    for begin in range(0, len(readings), 40):  # ten minutes
        fleet.live(readings[begin : begin + 40])
        stood = [(one["severity"], one["telling_reason"]) for one in fleet.alarms() if one["rule"] == "stopped"]
        seen += [one for one in stood if one not in seen]

    assert [one for one in seen if one[1] != "paged-before"] == [
        ("notice", "open-now"),
        ("warning", "got-worse"),
        ("critical", "got-worse"),
    ]


def test_a_trip_heard_of_only_at_the_plant_is_the_same_and_discovered_late(tmp_path: Path) -> None:
    alive, replayed = Fleet(tmp_path / "alive"), Fleet(tmp_path / "replayed")
    alive.live(driven(JAM))
    alive.put(TripMoment(TRIP.id, "accepted", at(120), 1))
    replayed.pass_until(180)
    replayed.put(TripMoment(TRIP.id, "accepted", at(120), 1))
    replayed.arrive(driven(JAM))
    for fleet in (alive, replayed):
        fleet.settle()

    assert [one[:3] for one in told(replayed)] == [one[:3] for one in told(alive)]
    assert [one[3] for one in told(replayed)] == [True]
    assert replayed.view() == alive.view()
    assert replayed.view().state == TripState.ENDED
    assert {one["telling"] for one in replayed.alarms()} == {"digest"}


def test_a_clock_that_is_an_hour_ahead_says_nothing_of_the_trip(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    wrong = [(channel, when + 3_600_000, value) for channel, when, value in driven(ON_TIME)]
    for moment in sorted({when for _, when, _ in wrong}):
        fleet.clock.advance_sync((moment - 3_600_000 - fleet.clock.now_ms()) / 1000)
        fleet.received_ms = fleet.clock.now_ms()
        fleet.arrive([one for one in wrong if one[1] == moment])
        fleet.catch_up()
        fleet.judge.idle()

    view = fleet.view()
    assert view.state == TripState.PLANNED
    assert view.newest_ms is None
    assert "late-arrival" not in {rule for rule, *_ in told(fleet)}


def test_another_plan_another_fence_another_word_change_what_was_found(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    fleet.pass_until(200)
    fleet.arrive(driven(JAM))
    fleet.settle()
    assert [rule for rule, *_ in told(fleet)] == ["late-arrival"]

    later = msgspec.structs.replace(TRIP.stops[1], window_to_ms=at(240), arrives_ms=at(110))
    fleet.put(msgspec.structs.replace(TRIP, stops=(TRIP.stops[0], later)))
    fleet.settle()
    assert told(fleet) == []

    latitude, longitude = PLACES[PLANT]
    fleet.put(Fence(PLANT, 0, latitude, longitude, 6000, coordinates="WGS-84"))
    fleet.settle()
    arrived_ms = fleet.view().stops[1].arrived_ms
    assert arrived_ms is not None
    assert minute(arrived_ms) == pytest.approx(115 - 6, abs=1)

    fleet.put(TripMoment(TRIP.id, "arrived", at(100), 1))
    fleet.settle()
    assert fleet.view().stops[1].arrived_ms == at(100)


def test_another_truck_goes_on_with_the_trip(tmp_path: Path) -> None:
    """The first one breaks down after 20 km; the second one, which stood beside it, drives the rest."""
    fleet = Fleet(tmp_path)
    first, second = ((0, 30), (60, 20), (0, 100)), ((0, 30), (60, 20), (0, 20), (60, 40), (0, 20))
    fleet.pass_until(130)
    fleet.arrive(driven(first), "tanker-1")
    fleet.arrive(driven(second, "tanker-2", celsius=4.0), "tanker-2")
    fleet.put(TripVehicle(TRIP.id, "tanker-2", at(40)))
    fleet.settle()

    view = fleet.view()
    assert view.state == TripState.WAITING
    assert view.stops[1].arrived_ms == at(80)
    assert view.driven_m == pytest.approx(60_000, rel=0.02)
    assert told(fleet) == []


def test_a_terminal_that_is_claimed_afterwards_counts_from_then_on(tmp_path: Path) -> None:
    puts = registered()
    bindings = [put for put in puts if type(put).__name__ == "Binding"]
    fleet = Fleet(tmp_path, *(put for put in puts if put not in bindings), TRIP)
    fleet.pass_until(100)
    fleet.arrive(driven(ON_TIME))
    fleet.settle()
    assert fleet.view().state == TripState.PLANNED

    fleet.put(*bindings)
    fleet.settle()

    assert fleet.view().state == TripState.WAITING


@pytest.mark.parametrize("seed", range(6))
def test_any_order_any_restart_is_the_same_trip(tmp_path: Path, seed: int) -> None:
    """Pieces of two gateways, words of people and a new fence in any order, with the server doing anything between."""
    chance = random.Random(seed)
    readings = driven(JAM, celsius=[3.0] * 60 + [8.0] * 200)
    latitude, longitude = PLACES[PLANT]
    entries: list[object] = [readings[begin : begin + 60] for begin in range(0, len(readings), 60)]
    entries += [
        TripMoment(TRIP.id, "departed", at(3), 0),
        TripMoment(TRIP.id, "accepted", at(117), 1),
        Fence(PLANT, 0, latitude, longitude, 900, coordinates="WGS-84"),
        TRIP,
    ]
    once = Fleet(tmp_path / "once", *registered(), now_ms=at(200))
    other = Fleet(tmp_path / "other", *registered(), lag=chance.choice((0, 2)), now_ms=at(200))
    shuffled = chance.sample(entries, len(entries))
    for fleet, order in ((once, entries), (other, shuffled)):
        for entry in order:
            if isinstance(entry, list):
                fleet.arrive(entry)
            else:
                fleet.put(entry)  # type: ignore[arg-type]
            if fleet is other:
                fleet.server_does(chance.choice(("step", "idle", "settle", "restart", "commit", "wait")))
    other.history.lag = 0
    for fleet in (once, other):
        fleet.clock.advance_sync(60)
        fleet.settle()

    assert other.view() == once.view()
    assert [one[:3] for one in told(other)] == [one[:3] for one in told(once)]
    assert {rule for rule, *_ in told(once)} == {"late-arrival", "arrival-warm"}


def test_a_trip_of_which_nobody_planned_anything_yet_waits_for_its_plan(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, *registered())
    fleet.pass_until(200)
    fleet.put(ACCEPTED)
    fleet.arrive(driven(ON_TIME))
    fleet.settle()
    fleet.restart()
    fleet.put(TRIP)
    fleet.settle()

    assert fleet.view().state == TripState.ENDED
    assert fleet.view().stops[1].accepted_ms == at(70)
