"""Lists of trips: a row a stop, every faulty line named, nothing half taken, the same file twice adds nothing."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from alerts.store import AlertStore
from coldchain.cli.trips import import_trips
from coldchain.custody import Trip, TripStop
from coldchain.errors import ConfigError
from coldchain.geo import from_wgs84
from tests.trips.worlds import TRIP, Desk, local

HEAD = "运单编号,运输类型,车辆,司机,网点编码,作业,计划到达,计划离开,时间窗起,时间窗止,数量,单位\n"
LIST = HEAD + (
    "D-1,配送,沪A·D12345,王,dc,装货,,2023-11-16 05:00,,,,\n"
    "D-1,,,,shop-1,卸货,2023-11-16 06:00,2023-11-16 06:20,,,40,件\n"
    "D-1,,,,shop-2,卸货,2023-11-16 07:00,,2023-11-16 06:30,2023-11-16 07:30,,\n"
)


class Importing(Desk):
    def run(self, text: str | bytes, routes: str = "", *, yes: bool = True, language: str = "en") -> list[object]:
        """Import a list; return what was written."""
        file, way = self.folder / "trips.csv", self.folder / "routes.csv"
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        way.write_text(routes, "utf-8")
        import_trips(
            self.folder, file, way if routes else None, self.clock,
            routing=None, who="desk", why="list", yes=yes, language=language,
        )  # fmt: skip
        return self.written()

    def faults(self, text: str, routes: str = "", language: str = "en") -> list[str]:
        """Return what is told of a faulty list; nothing of it may be written."""
        with pytest.raises(ConfigError) as told:
            self.run(text, routes, language=language)
        assert self.written() == []
        return told.value.faults


@pytest.fixture
def desk(tmp_path: Path) -> Importing:
    return Importing(tmp_path)


def only(written: list[object]) -> Trip:
    [trip] = written
    assert isinstance(trip, Trip)
    return trip


def test_a_chinese_list_as_a_spreadsheet_writes_it_becomes_a_plan(desk: Importing) -> None:
    trip = only(desk.run(LIST.encode("gb18030")))

    first, second, third = TRIP.stops
    assert trip == msgspec.structs.replace(
        TRIP,
        stops=(
            first,
            msgspec.structs.replace(second, quantity=40, unit="件"),
            msgspec.structs.replace(
                third, window_from_ms=local("2023-11-16 06:30"), window_to_ms=local("2023-11-16 07:30")
            ),
        ),
    )


def test_an_english_list_says_the_same_and_times_are_those_of_the_stop_unless_they_carry_a_zone(
    desk: Importing,
) -> None:
    trip = only(
        desk.run(
            "trip id;trip kind;vehicle;planned distance (km);site id;purpose;planned arrival\n"
            "M-1;raw milk;truck-2;85.5;far;load;2023-11-16 06:00\n"
            "M-1;;;;dc;unload;2023-11-16T13:00:00+00:00\n"
        )
    )

    assert trip.distance_m == 85_500
    assert trip.stops == (
        TripStop("far", "load", local("2023-11-16 08:00")),  # Almaty was at UTC+6 then, China is at UTC+8
        TripStop("dc", "unload", local("2023-11-16 21:00")),
    )


def test_stops_stand_in_the_order_of_their_numbers(desk: Importing) -> None:
    head, first, second, third = LIST.splitlines()
    rows = [f"{head},站序", f"{third},3", f"{first},1", f"{second},2"]

    trip = only(desk.run("\n".join(rows)))

    assert [stop.site for stop in trip.stops] == ["dc", "shop-1", "shop-2"]


def test_every_faulty_line_is_listed_with_its_place_and_nothing_is_half_imported(desk: Importing) -> None:
    faults = desk.faults(
        HEAD
        + "D-1,配送,沪A·D12345,王,dc,装货,,2023-11-16 05:00,,,,\n"
        + "D-1,,,,shop-l,卸货,gestern,,,,40,件\n"
        + "D-1,海运,,,shop-2,倒掉,2023-11-16 07:00,,,,-3,\n"
        + "D-2,配送,truck-9,李,dc,装货,,2023-11-16 09:00,,,,\n"
        + "D-2,,,张,shop-7,卸货,2023-11-16 08:00,,2023-11-16 10:00,2023-11-16 09:00,,\n"
        + "D-3,配送,truck-2,,dc,装货,,2062-11-16 05:00,,,,\n"
        + "D-3,,,,,卸货,,,,,,\n"
        + ",配送,truck-2,,dc,装货,,,,,,\n"
        + "D-4,配送,truck-2,,dc,装货,,,,,,\n"
        + "D-4,,,,shop-1,卸货,,,,,,\n"
        + "D-5,,,,dc,装货,,2023-11-16 05:00,,,,\n"
    )

    said = "\n".join(faults)
    for line, word in (
        (3, ", 计划到达: 'gestern' found"),
        (3, ", 网点编码: no such site is registered: 'shop-l'; did you mean 'shop-"),
        (4, ", 运输类型: '海运' found, one of raw-milk, distribution expected"),
        (4, ", 作业: '倒掉' found, one of load, unload, return expected"),
        (4, ", 数量: '-3' found"),
        (5, ", 车辆: 'truck-9' is no known vehicle; did you mean 'truck-2'?"),
        (6, ", 司机: line 5 says '李' of the same trip D-2"),
        (6, ", 网点编码: no such site is registered: 'shop-7'"),
        (6, ", 时间窗止: times in the wrong order"),
        (7, ", 计划离开: a time that cannot be (mistyped year?)"),
        (8, ", 网点编码: lacks the site id"),
        (9, ", 运单编号: lacks the trip id"),
        (10, ": the plan names no time at all"),
        (12, ": new trip D-5 lacks trip kind, vehicle"),
    ):
        assert f"trips.csv: line {line}{word}" in said, (line, word, said)
    assert faults[-1] == "14 faults; nothing was written"


def test_faults_are_told_in_chinese_too(desk: Importing) -> None:
    faults = desk.faults(HEAD + "D-1,配送,truck-9,王,dc,装货,,2023-11-16 05:00,,,,\n", language="zh")

    assert faults[0] == "trips.csv: 第 2 行“车辆”列: truck-9 未登记;是否为 truck-2?"
    assert faults[-1] == "共 1 处错误,没有写入任何内容。"


def test_without_yes_it_is_a_preview(desk: Importing, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.run(LIST, yes=False, language="zh") == []

    said = capsys.readouterr().out
    assert "运单:新 1,更改 0,已知 0;共 3 站。" in said
    assert "没有写入" in said


@pytest.mark.parametrize("with_store", [False, True])
def test_the_same_list_again_is_nothing_new_and_another_one_replaces_what_it_names(
    desk: Importing, capsys: pytest.CaptureFixture[str], with_store: bool
) -> None:
    before = only(desk.run(LIST))
    if with_store:  # one that has not heard of the trip yet
        AlertStore.open(desk.folder / "alarms.db").close()

    assert desk.run(LIST) == []
    later = only(desk.run("trip id,driver,site id,purpose,planned departure\nD-1,李,dc,load,2023-11-16 05:30\n"
                          "D-1,,shop-2,unload,\n"))  # fmt: skip

    assert "0 changed, 1 known" in capsys.readouterr().out
    assert (later.kind, later.vehicle, later.driver) == (before.kind, before.vehicle, "李")
    assert [stop.site for stop in later.stops] == ["dc", "shop-2"]


def routed(name: str, system: str) -> str:
    shown = [from_wgs84(*place, system) for place in ((31.2, 121.4), (31.3, 121.5))]
    pairs = "; ".join(f"{float(latitude)},{float(longitude)}" for latitude, longitude in shown)
    return f'运单编号,路线,坐标系\n{name},"{pairs}",高德\n'


def test_routes_come_in_a_second_list_in_the_system_that_it_names(desk: Importing) -> None:
    trip = only(desk.run(LIST, routed("D-1", "GCJ-02")))

    assert trip.route == ((31.2, 121.4), (31.3, 121.5))


@pytest.mark.parametrize(
    ("routes", "said"),
    [
        (routed("D-7", "GCJ-02"), "routes.csv: line 2, 运单编号: D-7 is not in the list; did you mean 'D-1'?"),
        ('trip id,route\nD-1,"31,121; 32,121"\n', "routes.csv: line 2, coordinate system: lacks the coordinate system"),
        ("trip id,route,coordinate system\nD-1,north,GPS\n", "routes.csv: line 2, route: a route is a GeoJSON"),
    ],
)
def test_a_route_that_cannot_be_is_told_with_its_line(desk: Importing, routes: str, said: str) -> None:
    assert desk.faults(LIST, routes)[0].startswith(said)


def test_a_route_stands_in_the_list_itself_as_well(desk: Importing) -> None:
    head, first, *others = LIST.splitlines()
    line = '"{""type"": ""LineString"", ""coordinates"": [[121.4, 31.2], [121.5, 31.3]]}"'

    trip = only(desk.run("\n".join([f"{head},路线,坐标系", f"{first},{line},GPS", *others])))

    assert trip.route == ((31.2, 121.4), (31.3, 121.5))
