"""Each scenario leaves its own signature in what sensors say, and tells what is expected of the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldchain.senml import decode
from firmware_sim.publish import pack_of
from firmware_sim.run import parts_of
from firmware_sim.scenario import Expect, Offline, RadioLoss, Scenario, Stuck
from firmware_sim.scenario_files import load_scenario, load_together, scenario_names
from firmware_sim.sensing import Reading
from firmware_sim.washing import PEAK_CELSIUS
from firmware_sim.world import World
from tests.firmware_sim.stories import FLEET, HOUR_MS, MINUTE_MS, NOON_MS, Story, fresh, play

EVERY_KIND = [name for name in scenario_names() if load_scenario(name).fleet == "every-kind"]
AIR, PRODUCT = "cooler-1.return-air", "cooler-1.product"


def values(readings: list[Reading]) -> list[float]:
    return [float(r.value) for r in readings if not isinstance(r.value, str)]


def truths(readings: list[Reading]) -> list[float]:
    return [r.here_celsius for r in readings if r.here_celsius is not None]


# -- the bodies -----------------------------------------------------------------------------------------------


def test_a_door_left_open_warms_the_air_at_once_and_the_goods_later_and_both_come_back() -> None:
    story = play("door-left-open")

    air, product = values(story.within(AIR, -3, -1.4)), values(story.within(PRODUCT, -3, -1.4))
    assert air[20] > 8 > product[20]
    assert 8 < product[-1] < air[-1]
    assert min(values(story.within(AIR, -1, 0))) < 4
    assert values(story.of(PRODUCT))[-1] < product[-1] - 2
    assert all(r.value for r in story.within("cooler-1.door", -2.99, -1.51))
    [state] = story.expects("state")
    assert (state.word, state.point) == ("door-open", "cooler-1.door")
    episodes = {item.point for item in story.expects("episode")}
    assert {AIR, PRODUCT} <= episodes


def test_a_dead_compressor_never_comes_back_and_a_weak_one_is_a_little_warm() -> None:
    story = play("refrigeration-failure", history_h=24)

    room = "room-1.return-air"
    dead, weak = values(story.within("deck-1.return-air", -3, 0)), values(story.within(room, -2, 0))
    usual = values(play("calm", history_h=24).within(room, -2, 0))
    assert all(later > sooner - 0.2 for sooner, later in pairwise(dead))
    assert dead[-1] > 15
    assert sum(usual) / len(usual) + 1.5 < sum(weak) / len(weak) < dead[-1]
    assert not any(r.state is not None and r.state.unit_on for r in story.within("deck-1.return-air", -3.9, 0))


def test_a_shop_without_mains_is_silent_and_warms_and_tells_it_afterwards_in_order() -> None:
    story = play("power-cut")

    of_shop = [r for r in story.said if r.node == "gw-shop"]
    cut, back = NOON_MS - 6 * HOUR_MS, NOON_MS - 3 * HOUR_MS
    assert not [r for r in of_shop if cut <= r.said_ms < back]
    late = [r for r in story.of(AIR) if cut <= r.t_ms < back]
    assert len(late) == 180
    assert {r.said_ms for r in late} == {back}
    assert [r.t_ms for r in story.of(AIR)] == sorted(r.t_ms for r in story.of(AIR))
    assert values(late)[-1] > 10
    assert max(values(story.within("room-1.return-air", -6, -3))) < 7
    assert {item.point for item in story.expects("late")} >= {AIR, "deck-1.return-air"}


def test_a_unit_switched_off_is_seen_at_its_switch_and_later_in_the_air() -> None:
    off, usual = play("unit-off-while-loaded"), play("calm")

    unit = [r.value for r in off.within("reefer-1.unit", -2.99, -1)]
    assert not any(unit)
    assert any(r.value for r in off.within("reefer-1.unit", -5, -3))
    product = "reefer-1.product"
    assert values(off.within(product, -1.1, -1))[-1] > max(values(usual.within(product, -3, -1))) + 0.5
    assert [item.word for item in off.expects("state")] == ["unit-off"]


def test_a_washing_rises_through_exactly_85_degrees_and_is_no_sentinel() -> None:
    story = play("tank-washing")

    for point in ("tanker-1.milk", "tank-1.milk"):
        washed = story.within(point, -5, -2.5)
        said = values(washed)
        assert 85.0 in said
        place = said.index(85.0)
        assert [round(said[place + step] - said[place], 1) for step in (-2, -1)] == [-2.0, -1.0]
        assert max(said) == pytest.approx(PEAK_CELSIUS, abs=0.1)
        assert {r.expect for r in washed} == {Expect.RECORDED}
        assert sum(value >= 75 for value in said) > 30
        after = values(story.within(point, -2.4, 0))
        assert max(after) < 6
    assert {item.point for item in story.expects("washing")} == {"tanker-1.milk", "tank-1.milk"}
    assert not story.expects("suspect")


def test_a_round_has_doors_at_its_stops_only_and_moves_between_them() -> None:
    story = play("multi-stop-round")

    doors, speeds = story.within("reefer-1.door", -6, 0), story.within("reefer-1.speed", -5, 0)
    standing = {r.t_ms for r in speeds if r.value == 0.0}
    opened = [sooner.t_ms for sooner, r in pairwise(doors) if r.value and not sooner.value]
    assert len(opened) == 4
    assert all(
        r.t_ms // MINUTE_MS * MINUTE_MS in standing or (r.t_ms // MINUTE_MS + 1) * MINUTE_MS in standing
        for r in doors
        if r.value
    )
    latitude = values(story.within("reefer-1.latitude", -5, 0))
    assert 31.17 < min(latitude) < 31.18
    assert latitude[0] == pytest.approx(latitude[-1], abs=2e-4)
    assert 3 < sum(values(speeds)) / len(speeds) < 10
    assert max(values(story.within("reefer-1.rear-door-top", -4, 0))) > max(
        values(story.within("reefer-1.product", -4, 0))
    )
    assert {r.unit for r in story.of("reefer-1.latitude")} == {"lat"}
    assert max(values(story.of("reefer-1.outside"))) > 30


# -- the road -------------------------------------------------------------------------------------------------


def latitudes_while(story: Story, asset: str, from_ms: int, to_ms: int) -> list[float]:
    return values([r for r in story.of(f"{asset}.latitude") if from_ms <= r.t_ms < to_ms])


def stays(story: Story, name: str) -> list[tuple[int, int]]:
    """Return (arrived, left) at the stops of a name, minutes from live."""
    spans = [item for item in story.expects("stop") if item.word == name]
    return [((item.from_ms - NOON_MS) // MINUTE_MS, ((item.to_ms or 0) - NOON_MS) // MINUTE_MS) for item in spans]


def test_a_tanker_collects_twice_and_is_in_time_and_milk_comes_in_as_cows_are_milked() -> None:
    story = play("collection-rounds")

    assert stays(story, "plant") == [(-470, -410), (-170, -110)]
    assert stays(story, "station") == [(-570, -530), (-270, -230)]
    # 04:30 to 06:00: 2.75 t at 33 °C bring 60 kW, the unit takes 48, so the tank warms by some 3 K until they end.
    milk = {round((r.t_ms - NOON_MS) / MINUTE_MS): float(r.value) for r in story.of("tank-1.milk")}
    assert milk[-451] < 4.0
    assert 5.5 < max(milk.values()) == max(milk[minute] for minute in range(-362, -357)) < 8
    assert max(milk[minute] for minute in range(-240, 0)) < 4.0  # cold within the two hours of the law
    [morning] = [m for m in story.expects("milking") if -12 * HOUR_MS < m.from_ms - NOON_MS < 0]
    assert ((morning.from_ms - NOON_MS) / MINUTE_MS, ((morning.to_ms or 0) - NOON_MS) / MINUTE_MS) == (-450, -360)
    assert not [item for item in story.expects("episode") if item.point.startswith("tanker-1")]


def test_in_a_jam_a_tanker_crawls_and_reaches_the_plant_late() -> None:
    story = play("road-jam")

    # 6 km at 6 km/h are an hour; planned for them were some ten minutes.
    [(arrived, left)] = stays(story, "plant")
    assert -140 + 45 < arrived < -140 + 55
    assert left - arrived == 60
    speeds = values([r for r in story.of("tanker-1.speed") if -165 < (r.t_ms - NOON_MS) / MINUTE_MS < -115])
    assert sum(speeds) / len(speeds) == pytest.approx(6 / 3.6, abs=0.3)


def test_a_truck_that_breaks_down_stands_and_warms_slowly_and_drives_on() -> None:
    story = play("road-breakdown")

    begins, ends = NOON_MS - 260 * MINUTE_MS, NOON_MS - 170 * MINUTE_MS
    stood = latitudes_while(story, "reefer-1", begins + MINUTE_MS, ends)
    assert max(stood) - min(stood) < 3e-4
    assert not any(r.value for r in story.of("reefer-1.unit") if begins < r.t_ms <= ends)
    assert not any(r.value for r in story.of("reefer-1.door") if begins < r.t_ms <= ends)
    air = values([r for r in story.of("reefer-1.return-air") if begins < r.t_ms <= ends])
    product = values([r for r in story.of("reefer-1.product") if begins < r.t_ms <= ends])
    assert air[-1] > air[0] + 1.5
    assert 0.2 < product[-1] - product[0] < 2.5
    assert [item.word for item in story.expects("state")] == ["unit-off"]
    assert [(item.from_ms, item.to_ms) for item in story.expects("breakdown")] == [(begins, ends)]
    assert stays(story, "shop A")[0][0] == -235 + 90


def test_around_a_closed_road_the_way_is_longer_and_elsewhere() -> None:
    story, direct = play("road-detour"), play("tanker-offline")

    east = max(values(story.of("tanker-1.longitude")))
    assert east == pytest.approx(121.5, abs=0.01)
    assert max(values(direct.of("tanker-1.longitude"))) == pytest.approx(121.45, abs=0.001)
    late = stays(story, "plant")[0][0] - stays(direct, "plant")[0][0]
    assert 10 < late < 25


def test_in_a_tunnel_no_place_is_heard_and_the_temperatures_go_on() -> None:
    story = play("road-tunnel")

    place = [r.t_ms for r in story.of("reefer-1.latitude")]
    holes = [(sooner, later) for sooner, later in pairwise(place) if later - sooner > MINUTE_MS]
    [hole] = [item for item in story.expects("hole") if item.point == "reefer-1.latitude"]
    assert len(holes) == 1
    assert holes[0][0] < hole.from_ms <= (hole.to_ms or 0) <= holes[0][1]
    assert 3.5 * MINUTE_MS < (hole.to_ms or 0) - hole.from_ms < 4.5 * MINUTE_MS
    assert {item.point for item in story.expects("hole")} == {
        f"reefer-1.{q}" for q in ("latitude", "longitude", "speed")
    }
    air = [r.t_ms for r in story.of("reefer-1.return-air")]
    assert all(later - sooner == MINUTE_MS for sooner, later in pairwise(air))


def test_a_tanker_that_was_offline_for_its_trip_tells_all_of_it_at_the_plant() -> None:
    story = play("tanker-offline")

    back = NOON_MS - 130 * MINUTE_MS
    kept = [r for r in story.of("tanker-1.latitude") if r.said_ms != r.t_ms]
    assert len(kept) == 75
    assert {r.said_ms for r in kept} == {back}
    assert stays(story, "plant")[0][0] < -130 < stays(story, "plant")[0][1]
    assert [r.t_ms for r in story.of("tanker-1.milk")] == sorted(r.t_ms for r in story.of("tanker-1.milk"))


def test_a_terminal_whose_clock_is_an_hour_ahead_says_so_of_everything_and_comes_right_again() -> None:
    story = play("terminal-clock-wrong", history_h=1, live_min=30)

    ahead = [r for r in story.said if r.expect is Expect.SENSOR_CLOCK]
    assert {r.t_ms - r.said_ms for r in ahead} == {HOUR_MS}
    assert {r.said_ms // MINUTE_MS - NOON_MS // MINUTE_MS for r in ahead} == set(range(5, 25))
    assert {"latitude", "temperature", "door"} <= {r.channel.rsplit(":")[-1] for r in ahead}
    assert {r.node for r in ahead} == {"gw-truck"}


# -- the probes -----------------------------------------------------------------------------------------------


def test_a_pulled_probe_says_a_word_and_an_old_one_a_number_that_is_no_temperature() -> None:
    story = play("sensor-unplugged")

    words = [r for r in story.of(AIR) if isinstance(r.value, str)]
    assert {(r.value, r.expect) for r in words} == {("no-probe", Expect.FAULT)}
    assert len(words) == 40
    old = values(story.within("deck-1.return-air", -5, -4.2))
    assert old.count(-127.0) == 40
    assert old.count(85.0) == 2
    assert old[old.index(85.0) - 1] == -127.0  # a jump, alone: no ramp leads to it
    assert {item.word for item in story.expects("suspect")} == {"sentinel"}
    assert [item.word for item in story.expects("fault")] == ["no-probe"]


def test_a_stuck_sensor_repeats_one_value_while_the_truth_moves_on() -> None:
    story = play("sensor-stuck")

    stuck = story.within(AIR, -8, -2)
    assert len(set(values(stuck))) == 1
    assert max(truths(stuck)) - min(truths(stuck)) > 1
    assert len(set(values(story.within(AIR, -2, 0)))) > 30


def test_a_spiking_sensor_is_far_off_now_and_then_and_right_between() -> None:
    said = play("sensor-spiking").within(AIR, -8, -2)

    off = [float(r.value) - r.here_celsius for r in said if not isinstance(r.value, str) and r.here_celsius is not None]
    spikes = [place for place, error in enumerate(off) if error > 20]
    assert 8 <= len(spikes) <= 30
    assert all(abs(error) < 0.2 for place, error in enumerate(off) if place not in spikes)


def test_a_swapped_probe_speaks_under_a_name_that_nobody_knows() -> None:
    story = play("probe-swapped")

    assert not story.within(PRODUCT, -4, 0)
    new = story.by_channel["urn:dev:mac:0024befffe8e0f01:temperature"]
    assert len(new) == 241
    assert {(r.expect, r.sensor) for r in new} == {(Expect.UNKNOWN_CHANNEL, "0024befffe8e0f01")}
    assert abs(values(new)[0] - values(story.of(PRODUCT))[-1]) < 0.5


# -- the clocks -----------------------------------------------------------------------------------------------


def test_a_clock_of_1970_gives_times_of_1970_and_goes_over_the_wire_as_such() -> None:
    story = play("clock-1970", history_h=1, live_min=5)

    said = story.of(PRODUCT)
    assert {datetime.fromtimestamp(r.t_ms / 1000, UTC).year for r in said} == {1970}
    assert {r.expect for r in said} == {Expect.SENSOR_CLOCK}
    assert [b.t_ms - a.t_ms for a, b in pairwise(said)] == [5000] * (len(said) - 1)
    pack = pack_of("p", said[-1:], history=False)
    heard = decode(pack.payload, 0)
    assert heard.readings.measured_at_ms.tolist() == [said[-1].t_ms]
    assert heard.relative.all()  # which a gateway gives the time of arrival


def test_a_clock_ten_years_ahead_is_ten_years_ahead() -> None:
    said = play("clock-ten-years-ahead", history_h=1, live_min=1).of(PRODUCT)

    assert {r.t_ms - r.said_ms for r in said} == {3652 * 86_400_000}
    assert {r.expect for r in said} == {Expect.SENSOR_CLOCK}


def test_a_drifting_clock_is_believed_until_it_is_two_minutes_off() -> None:
    live = [r for r in play("clock-drift", history_h=1, live_min=60).of(PRODUCT) if r.said_ms > NOON_MS]

    for r in live:
        off_s = (r.t_ms - r.said_ms) / 1000
        assert off_s == pytest.approx((r.said_ms - NOON_MS - 1000) / 1000 * 0.05, abs=0.01)
        assert (r.expect is Expect.RECORDED) == (off_s < 105)
        assert (r.expect is Expect.SENSOR_CLOCK) == (off_s > 135)


def test_a_clock_that_steps_comes_back() -> None:
    said = [r for r in play("clock-step", history_h=1, live_min=40).of(PRODUCT) if r.said_ms > NOON_MS]

    steps = [round((r.t_ms - r.said_ms) / 3_600_000) for r in said]
    assert [value for value, before in zip(steps, [None, *steps], strict=False) if value != before] == [0, -1, 0, 1, 0]


# -- the way --------------------------------------------------------------------------------------------------


def test_offline_for_eight_hours_nothing_is_said_and_then_everything_in_order() -> None:
    story, usual = play("offline-backlog"), play(Scenario(fleet="every-kind"))

    away, back = NOON_MS - 10 * HOUR_MS, NOON_MS - 2 * HOUR_MS
    truck = [r for r in story.said if r.node == "gw-truck"]
    assert not [r for r in truck if away <= r.said_ms < back]
    for channel in {r.channel for r in truck}:
        times = [r.t_ms for r in story.by_channel[channel]]
        assert times == sorted(times)
        assert [(r.t_ms, r.value) for r in story.by_channel[channel]] == [
            (r.t_ms, r.value) for r in usual.by_channel[channel]
        ]


def test_a_sensor_without_memory_leaves_a_hole() -> None:
    story = play("offline-hole")

    assert not story.within(AIR, -10, -8)
    [hole] = story.expects("hole")
    assert (hole.from_ms, hole.to_ms) == (NOON_MS - 10 * HOUR_MS, NOON_MS - 8 * HOUR_MS)
    assert max(b.t_ms - a.t_ms for a, b in pairwise(story.of(AIR))) == 2 * HOUR_MS + MINUTE_MS


def test_three_readings_of_a_hundred_are_lost_on_the_radio() -> None:
    story = play("radio-loss", history_h=24)

    shop = ("cooler-1.return-air", "cooler-1.product", "deck-1.product", "deck-1.return-air")
    lost = [1 - len(story.of(point)) / (24 * 60) for point in shop]
    assert 0.02 < sum(lost) / len(lost) < 0.04
    assert len(story.of("room-1.return-air")) == 24 * 60


def test_duplicates_are_the_same_pack_byte_for_byte() -> None:
    story, usual = play("duplicates", history_h=1), play(Scenario(fleet="every-kind"), history_h=1)

    said = story.of(AIR)
    assert {r.copies for r in said} == {3}
    part = next(iter(parts_of(said)))
    once = pack_of("p", usual.of(AIR)[: len(part)], history=True)
    assert pack_of("p", part, history=True).payload == once.payload
    assert {r.copies for r in story.of("room-1.return-air")} == {1}


def test_what_is_sent_twice_never_shares_a_pack_with_what_is_sent_once() -> None:
    said = play("duplicates", history_h=1).of(AIR)
    mixed = [replace(r, copies=1) if place % 10 < 5 else r for place, r in enumerate(said)]

    for part in parts_of(mixed):
        assert len({r.copies for r in part}) == 1


def test_a_moved_cooler_is_silent_on_the_way_and_then_heard_by_the_wrong_gateway() -> None:
    story = play("cooler-moved")

    assert not story.within(AIR, -6, -4)
    there = story.within(AIR, -4, 0)
    assert {(r.node, r.expect) for r in there} == {("gw-warehouse", Expect.FOREIGN_CHANNEL)}
    assert truths(there)[0] > 8
    assert truths(there)[-1] < 6


# -- all of them ----------------------------------------------------------------------------------------------


def told(story: Story) -> list[tuple[object, ...]]:
    return [(r.node, r.channel, r.t_ms, r.value, r.said_ms, r.copies, r.expect, r.state) for r in story.said]


@pytest.mark.parametrize("name", EVERY_KIND)
def test_the_same_seed_tells_the_same_and_another_seed_another_story(name: str) -> None:
    once, again, other = (fresh(name, seed, history_h=3, live_min=1) for seed in (7, 7, 8))

    assert told(once) == told(again)
    assert once.expected == again.expected
    assert told(once) != told(other)


def test_all_scenarios_at_once_tell_the_same_however_the_moments_are_cut() -> None:
    everything = load_together(EVERY_KIND)
    moments = range(NOON_MS - 12 * HOUR_MS + MINUTE_MS, NOON_MS + 1, MINUTE_MS)

    def cut(*edges: int) -> tuple[list[str], list[str]]:
        world = World(FLEET, everything, 7, NOON_MS, 12 * 3600)
        parts = [moments[a:b] for a, b in pairwise((0, *edges, len(moments)))]
        said = [str(reading) for part in parts for readings in world.advance(part) for reading in readings]
        return sorted(said), sorted(str(item) for item in world.expected())

    whole = cut()
    assert len(whole[0]) > 5_000
    assert cut(1, 2, 100, 361, 362, 500, 719) == whole


def test_scenarios_compose_without_touching_each_other() -> None:
    both = play(load_together(["sensor-stuck", "offline-backlog"]))
    stuck, backlog = play("sensor-stuck"), play("offline-backlog")

    assert both.of(AIR) == stuck.of(AIR)
    assert both.of("reefer-1.product") == backlog.of("reefer-1.product")


@settings(max_examples=15, deadline=None)
@given(
    start_h=st.integers(-5, -1),
    hours=st.integers(1, 5),
    keeps=st.booleans(),
    lost=st.sampled_from([0.0, 0.2, 1.0]),
    stuck=st.booleans(),
)
def test_whatever_happens_on_the_way_the_values_that_arrive_are_those_that_were_measured(
    start_h: int, hours: int, keeps: bool, lost: float, stuck: bool
) -> None:
    span = {"points": (AIR,), "start_s": start_h * 3600.0, "duration_s": hours * 3600.0}
    what = [Offline(keeps=keeps, **span), RadioLoss(lost_share=lost, points=(AIR,), start_s=-3600.0)]  # type: ignore[arg-type]
    if stuck:
        what.append(Stuck(**span))  # type: ignore[arg-type]
    usual = {r.t_ms: r for r in play(Scenario(fleet="every-kind"), history_h=5).of(AIR)}

    said = play(Scenario(tuple(what), fleet="every-kind"), history_h=5).of(AIR)

    assert all(usual[r.t_ms].here_celsius == r.here_celsius for r in said)
    assert all(r.said_ms >= r.t_ms for r in said)
    assert len({r.t_ms for r in said}) == len(said)
    if not stuck:
        assert all(usual[r.t_ms].value == r.value for r in said)
