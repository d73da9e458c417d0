"""Trips over the API: told by people and dispatch systems, refused whole, signed, the same answer twice, shown."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.readmodel import AlarmReader
from alerts.store import AlertStore
from alerts.transit.reader import TripReader
from coldchain.batches import BatchDecoder
from coldchain.cli.trips_month import carrier_table, milk_tables
from coldchain.cli.trips_show import lines_of
from coldchain.clock import parse_rfc3339, rfc3339
from coldchain.custody import Lot, LotPlaced, Milking, Trip, TripMoment, TripVehicle
from coldchain.errors import ConfigError
from coldchain.geo import from_wgs84
from coldchain.projection import catch_up
from coldchain.registry import Asset, Binding, Carrier, CurrentRegistry, Node, Point, Probe, Put, Vehicle, decode_change
from coldchain.series.duck import DuckSeries
from coldchain.trips.asking import Asking
from dashboards.app import create_app
from dashboards.signing import SHORTEST_SECRET, SIGNED_WITHIN_S, secret_in, signature_of
from ingest.projections import GoodsProjection, SeriesProjection
from tests.alerts.support import Reading
from tests.alerts.transit.fleet import Fleet, driven, registered
from tests.alerts.transit.road import ON_TIME, PLACES, PLANT, STATION, at
from tests.alerts.transit.road import TRIP as RAW
from tests.dashboards.test_api import House
from tests.dashboards.web import TestClient
from tests.support import put
from tests.trips.worlds import NOW_MS, TRIP
from tests.trips.worlds import PLACES as DAIRY

COUNT = itertools.count(2)
TURN = b'{"put": "trip-vehicle", "trip": "D", "vehicle": "truck-1", "from_ms": 1}'
SECRET = b"a secret of this dispatch desk"


class Desk:
    """The API over a house with the dairy's vehicles and shops."""

    def __init__(self, house: House, client: TestClient) -> None:
        self.house, self.client = house, client
        self._seen = house.ledger.end()

    def tell(self, *entries: Any, status: int = 200, headers: dict[str, str] | None = None, **more: Any) -> Any:
        answer = self.client.post("/api/v1/trips", content=self.body(*entries, **more), headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    def body(self, *entries: Any, **more: Any) -> bytes:
        return msgspec.json.encode({"who": "dispatch", "why": "tour", "entries": entries, **more})

    def written(self) -> list[object]:
        before, self._seen = self._seen, self.house.ledger.end()
        return [decode_change(entry.raw).change for entry in self.house.ledger.changes(before, self._seen)]


@contextmanager
def made_desk(folder: Path, secret: bytes | None = None) -> Iterator[Desk]:
    house = House(folder)
    house.clock.step_wall(NOW_MS - house.clock.now_ms())
    put(house.ledger, *DAIRY)
    with TestClient(create_app(replace(house.sources, trips_secret=secret))) as client:
        yield Desk(house, client)
    house.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with made_desk(tmp_path) as made:
        yield made


def moment(name: str, minutes: float | None, stop: int | None = None, trip: str = "D-1") -> TripMoment:
    return TripMoment(trip, name, None if minutes is None else NOW_MS + round(minutes * 60_000), stop)


def test_a_dispatch_system_may_send_again_what_it_is_not_sure_of(desk: Desk) -> None:
    entries = [TRIP, moment("departed", -5, 0), TripVehicle("D-1", "truck-2", NOW_MS - 60_000)]

    first = desk.tell(*entries)

    assert first == {"trips": ["D-1"], "entries": 3, "unrouted": [], "overtaken": []}
    assert desk.written() == entries
    assert desk.tell(*entries) == first
    assert desk.tell(entries[1]) == {"trips": ["D-1"], "entries": 1, "unrouted": [], "overtaken": []}
    assert desk.written() == []


def planned(driver: str, **more: Any) -> Trip:
    return msgspec.structs.replace(TRIP, driver=driver, **more)


def test_a_plan_of_an_older_version_that_comes_late_changes_nothing_and_the_sender_is_told(desk: Desk) -> None:
    desk.tell(planned("王", version=3))
    desk.tell(planned("李", version=7))
    desk.written()

    late = desk.tell(planned("王", version=3), moment("departed", -5, 0))
    other = desk.tell(planned("赵", version=7))
    same = desk.tell(planned("李", version=7), delivery="another")

    assert late["overtaken"] == [{"entry": 0, "trip": "D-1", "version": 3, "known": 7}]
    assert other["overtaken"] == [{"entry": 0, "trip": "D-1", "version": 7, "known": 7}]
    assert same["overtaken"] == []
    assert desk.written() == [moment("departed", -5, 0)]


def test_a_plan_by_hand_stands_until_the_dispatch_system_has_a_newer_one(desk: Desk) -> None:
    desk.tell(planned("王", version=3))
    desk.written()

    desk.tell(planned("by hand"))
    desk.tell(planned("by hand"))
    desk.tell(planned("王", version=3))
    desk.tell(planned("李", version=4))

    assert [one.driver for one in desk.written() if isinstance(one, Trip)] == ["by hand", "李"]


def test_what_a_message_said_once_it_does_not_say_again(desk: Desk) -> None:
    first = (planned("王"), moment("departed", -5, 0))
    desk.tell(*first, delivery="m-1")
    desk.tell(planned("李"), moment("departed", -4, 0), delivery="m-2")
    assert len(desk.written()) == 4

    late = desk.tell(*first, delivery="m-1")

    assert [one["entry"] for one in late["overtaken"]] == [0, 1]
    assert desk.written() == []
    desk.tell(*first, delivery="m-3")  # the dispatch system changed it back
    assert [one.delivery for one in desk.written()] == ["m-3", "m-3"]  # type: ignore[attr-defined]


def test_what_a_message_said_is_known_over_a_restart_of_everything(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, *DAIRY, planned("王", delivery="m-1"), planned("李", delivery="m-2"))
    fleet.store.close()

    asking = Asking(fleet.ledger, TripReader(AlertStore.open(tmp_path / "alerts.sqlite").engine), NOW_MS)

    assert asking.of("D-1").deliveries == {"m-1", "m-2"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations([1, 2, 3, 4]), st.lists(st.integers(1, 4), max_size=8), st.booleans())
def test_in_any_order_with_any_repetition_the_newest_plan_stands(
    desk: Desk, order: list[int], repeated: list[int], versions: bool
) -> None:
    """By version the highest; by message the one that was first received last."""
    trip = f"D-{next(COUNT)}"
    for number in (*order, *repeated):
        more = {"version": number} if versions else {}
        desk.tell(planned(f"driver {number}", id=trip, **more), delivery=f"{trip}-{number}")

    plan = Asking(desk.house.ledger, None, NOW_MS).of(trip).plan
    assert plan is not None
    assert plan.driver == f"driver {4 if versions else order[-1]}"


def test_other_words_replace_and_a_word_may_be_taken_back(desk: Desk) -> None:
    desk.tell(TRIP, moment("departed", -5, 0))
    desk.written()

    changed = msgspec.structs.replace(TRIP, driver="李")
    desk.tell(changed, moment("departed", -4, 0))
    desk.tell(moment("departed", None, 0))
    desk.tell(moment("arrived", None, 1))  # nobody said it arrived

    assert desk.written() == [changed, moment("departed", -4, 0), moment("departed", None, 0)]


def test_what_cannot_be_is_refused_with_everything_else_of_the_request(desk: Desk) -> None:
    stops = TRIP.stops
    bad_stop = msgspec.structs.replace(stops[1], site="shop-9", purpose="sell")
    back = msgspec.structs.replace(stops[2], arrives_ms=(stops[1].arrives_ms or 0) - 60_000)

    answer = desk.tell(
        TRIP,
        msgspec.structs.replace(TRIP, id="D-2", vehicle="shop-1", stops=(stops[0], bad_stop)),
        msgspec.structs.replace(TRIP, id="D-3", kind="sea", stops=stops[:1]),
        msgspec.structs.replace(TRIP, id="D-4", stops=(stops[0], stops[1], back)),
        moment("departed", -5, 0, trip="D-9"),
        moment("arrived", -5, 3),
        moment("arrived", -5),
        moment("ended", -5, 1),
        moment("vanished", -5, 1),
        moment("accepted", 10, 1),
        TripVehicle("D-1", "shop-1", NOW_MS),
        status=422,
    )

    said = answer["detail"].split("; entries.")
    assert [one.removeprefix("entries.").split(": ")[:2] for one in said] == [
        ["1", "unknown-vehicle"],
        ["1", "unknown-site"],
        ["1", "unknown-purpose"],
        ["2", "unknown-kind"],
        ["2", "stop-count"],
        ["3", "time-order"],
        ["4", "unknown-trip"],
        ["5", "unknown-stop"],
        ["6", "unknown-stop"],
        ["7", "unknown-stop"],
        ["8", "unknown-moment"],
        ["9", "in-future"],
        ["10", "unknown-vehicle"],
    ]
    assert "did you mean 'shop-" in said[1]
    assert desk.written() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[", 422),
        (b'{"who": "x", "why": "y", "entries": []}', 422),
        (b'{"who": " ", "why": "y", "entries": [%s]}' % TURN, 422),
        (b'{"who": "x", "why": "y", "entries": [{"put": "lot-gone"}]}', 422),
        (b'{"who": "x", "why": "y", "coordinates": "UTM", "entries": [%s]}' % TURN, 422),
        (b" " * 4_000_001, 413),
    ],
)
def test_what_is_no_such_request_is_a_problem_and_writes_nothing(desk: Desk, body: bytes, status: int) -> None:
    assert desk.client.post("/api/v1/trips", content=body).status_code == status
    assert desk.written() == []


def test_a_page_from_elsewhere_may_not_write(desk: Desk) -> None:
    desk.tell(TRIP, status=403, headers={"Origin": "http://elsewhere"})

    assert desk.written() == []


def test_routes_of_a_chinese_map_are_converted_once(desk: Desk) -> None:
    way = ((31.2, 121.4), (31.3, 121.5))
    shown = tuple((float(north), float(east)) for north, east in (from_wgs84(*place, "GCJ-02") for place in way))
    sent = msgspec.structs.replace(TRIP, route=shown)

    for _ in range(2):
        desk.tell(sent, coordinates="GCJ-02")

    [trip] = desk.written()
    assert trip == msgspec.structs.replace(TRIP, route=way)


def test_a_route_without_its_coordinate_system_is_refused(desk: Desk) -> None:
    sent = msgspec.structs.replace(TRIP, route=((31.2, 121.4), (31.3, 121.5)))

    for system in ("", "CGCS2000"):
        assert "coordinates" in desk.tell(sent, status=422, coordinates=system)["detail"]
    assert desk.written() == []


# -- signed ---------------------------------------------------------------------------------------------------


def signed(body: bytes, at_ms: int = NOW_MS, secret: bytes = SECRET) -> dict[str, str]:
    timestamp = str(at_ms // 1000)
    return {"Coldchain-Timestamp": timestamp, "Coldchain-Signature": signature_of(secret, timestamp, body)}


def test_with_a_secret_only_what_is_signed_now_and_whole_counts(tmp_path: Path) -> None:
    with made_desk(tmp_path, SECRET) as desk:
        body = desk.body(TRIP)
        late, early = NOW_MS - SIGNED_WITHIN_S * 1000, NOW_MS + SIGNED_WITHIN_S * 1000

        desk.tell(TRIP, headers=signed(body, late))  # at the window's edges it still counts
        desk.tell(TRIP, headers=signed(body, early))
        assert desk.written() == [TRIP]
        for headers in (
            {},
            signed(body, late - 1000),
            signed(body, early + 1000),
            signed(body + b" "),
            signed(body, secret=SECRET + b"!"),
            {**signed(body), "Coldchain-Timestamp": str(NOW_MS // 1000 + 1)},
            {**signed(body), "Coldchain-Timestamp": "now"},
            {**signed(body), "Coldchain-Signature": "é"},
        ):
            raw = {name: value.encode() for name, value in headers.items()}
            answer = desk.client.post("/api/v1/trips", content=desk.body(TRIP), headers=raw)
            assert answer.status_code == 401, headers
            assert SECRET.decode() not in answer.text
        assert desk.written() == []


def test_a_signature_is_what_rfc_2104_makes_of_time_and_body() -> None:
    block = SECRET.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + b"1700000000.{}").digest()

    expected = hashlib.sha256(bytes(byte ^ 0x5C for byte in block) + inner).hexdigest()

    assert signature_of(SECRET, "1700000000", b"{}") == expected


def test_a_secret_that_cannot_be_read_or_is_too_short_is_told_and_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(SECRET + b"\n")
    assert secret_in(file) == SECRET
    file.write_bytes(SECRET[: SHORTEST_SECRET - 1])
    with pytest.raises(ConfigError, match="a secret of 15 bytes") as fault:
        secret_in(file)
    assert SECRET[: SHORTEST_SECRET - 1].decode() not in str(fault.value)
    with pytest.raises(ConfigError, match="cannot be read"):
        secret_in(tmp_path / "none")


# -- shown ----------------------------------------------------------------------------------------------------


@contextmanager
def on_the_road(folder: Path, readings: Sequence[Reading], *more: Put) -> Iterator[TestClient]:
    """The API over a fleet that sent some readings as they were measured.

    Args:
        more: what is said beside the road's registry and trip.
    """
    (folder / "fleet").mkdir()
    (folder / "house").mkdir()
    fleet, house = Fleet(folder / "fleet", *registered(), RAW, *more), House(folder / "house")
    fleet.live(readings)
    fleet.settle()
    series = DuckSeries(folder / "fleet" / "series.duckdb")
    catch_up(SeriesProjection(fleet.ledger, series, BatchDecoder()), fleet.ledger)
    sources = replace(
        house.sources,
        ledger=fleet.ledger,
        series=series,
        registry=CurrentRegistry(fleet.ledger, fleet.clock),
        trips=TripReader(fleet.store.engine),
        alarms=AlarmReader(fleet.store.engine),
        clock=fleet.clock,
    )
    with TestClient(create_app(sources)) as client:
        yield client
    series.close()
    house.close()


def test_a_trip_under_way_is_listed_and_shown_with_what_is_expected(tmp_path: Path) -> None:
    with on_the_road(tmp_path, driven(ON_TIME)[: 4 * 60]) as client:
        [short] = client.get("/api/v1/trips?state=on").json()["items"]
        trip = client.get(f"/api/v1/trips/{RAW.id}").json()
        others = client.get("/api/v1/trips?state=ended").json()["items"]

    assert others == []
    assert (short["state"], short["vehicle"], short["next_site"]) == ("under-way", "tanker-1", PLANT)
    assert (short["stops_total"], short["stops_done"], short["at_site"]) == (2, 1, "")
    assert short["driven_m"] == pytest.approx(29_000, abs=2_000)
    assert short["planned_m"] == 60_000
    assert {name: trip[name] for name in short} == short
    first, second = trip["stops"]
    assert (first["site"], first["left_by"], second["site"]) == (STATION, "positions", PLANT)
    assert second["planned_arrival"] == rfc3339(at(60))
    assert (second["latitude"], second["longitude"]) == pytest.approx(PLACES[PLANT])
    assert second["expected"] == short["expected"]
    assert second["chance"] == pytest.approx(0, abs=0.01)
    assert [step["state"] for step in trip["steps"]] == ["at-stop", "under-way"]
    assert trip["legs"] == [{"vehicle": "tanker-1", "vehicle_name": "tanker-1", "from": None}]
    assert trip["alarms"] == []


@pytest.mark.parametrize(("minutes", "site"), [(20, STATION), (115, PLANT), (125, "")], ids=["before", "there", "over"])
def test_a_trip_says_at_which_site_it_is_now(tmp_path: Path, minutes: int, site: str) -> None:
    over = (TripMoment(RAW.id, "ended", at(94)),) if not site else ()
    with on_the_road(tmp_path, driven(ON_TIME)[: 4 * minutes], *over) as client:
        [short] = client.get("/api/v1/trips").json()["items"]

    assert short["at_site"] == site


def test_a_late_trip_says_since_when_and_what_is_wrong_and_how_it_is_printed(tmp_path: Path) -> None:
    with on_the_road(tmp_path, driven(((0, 30), (60, 30), (5, 40)))) as client:
        [short] = client.get("/api/v1/trips?at_risk=true").json()["items"]
        trip = client.get(f"/api/v1/trips/{RAW.id}").json()

    assert short["at_risk"]
    assert [one["rule"] for one in short["troubles"]] == [one["rule"] for one in trip["alarms"]] == ["late-arrival"]
    assert trip["stops"][1]["chance"] > 0.68
    printed = "\n".join(lines_of(trip, "en"))
    assert "raw milk  under way  tanker-1" in printed
    assert "late-arrival  " in printed
    assert f"plant ({PLANT})" in printed
    assert "late-arrival" not in "\n".join(lines_of(trip, "zh"))


def test_the_track_is_that_of_the_trip_with_its_holes_and_nothing_of_before(tmp_path: Path) -> None:
    lost = [one for one in driven(ON_TIME) if not at(20) <= one[1] < at(35)]
    with on_the_road(tmp_path, lost) as client:
        whole = client.get(f"/api/v1/trips/{RAW.id}/track").json()
        thin = client.get(f"/api/v1/trips/{RAW.id}/track?fixes=10").json()

    fixes = whole["items"]
    assert whole["from"] == fixes[0]["at"]  # it stood there for half an hour before
    assert abs(parse_rfc3339(whole["from"]) - at(0)) <= 2 * 60_000
    assert [one["at"] for one in fixes if one["gap"]] == [rfc3339(at(35))]
    assert fixes[10]["longitude"] == pytest.approx(PLACES[PLANT][1])
    assert fixes[0]["latitude"] < fixes[10]["latitude"] < fixes[-1]["latitude"]
    assert [one["point"] for one in whole["points"]] == ["tanker-1.milk"]
    assert len(thin["items"]) == 10
    assert (thin["items"][0], thin["items"][-1]["at"]) == (fixes[0], fixes[-1]["at"])
    assert sum(one["gap"] for one in thin["items"]) == 1


def milked(*minutes: int) -> list[Reading]:
    return [("urn:tank:milk", at(minute), 3.5) for minute in minutes]


TANK: tuple[Put, ...] = (
    Node("gw-tanker-1", "tanker-1", (), grants=("urn:tank:milk",)),  # one gateway tells all of this world
    Asset("tank", "Tank", "station-tank", STATION),
    Point("tank.milk", "tank", "milk", "temperature", 60, "Cel"),
    Probe("urn:tank:milk"),
    Binding("urn:tank:milk", "tank.milk", 0),
    Milking("tank", at(-60), 9000.0, "farm 7"),
    Carrier("swift", "Swift Ltd"),
    Vehicle("tanker-1", "沪A·1", carrier="Swift Ltd"),
    TripMoment(RAW.id, "accepted", at(70), 1),
    msgspec.structs.replace(RAW, stops=(msgspec.structs.replace(RAW.stops[0], quantity=9.0, unit="t"), *RAW.stops[1:])),
)


@pytest.fixture(scope="module")
def november(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A month with one trip: the tank was silent for its last half hour, the tanker for 36 min on the way."""
    folder = tmp_path_factory.mktemp("november")
    tanker = [one for one in driven(ON_TIME) if not at(15) <= one[1] < at(50)]
    with on_the_road(folder, [*milked(*range(-60, -29)), *tanker], *TANK) as client:
        yield client


def test_the_share_of_time_watched_counts_tank_and_tanker_from_milking_to_unloading(november: TestClient) -> None:
    milk = november.get("/api/v1/trip-months/2026-11/milk").json()
    [load] = milk["longest"]
    left_min = (parse_rfc3339(load["loaded"]) - at(0)) / 60_000

    assert left_min == pytest.approx(0, abs=2)
    assert load["unloaded"] == rfc3339(at(70))
    assert milk["unsaid_milkings"] == 0
    assert milk["custody_h"] * 60 == pytest.approx(60 + 70, abs=1)
    unknown_min = (30 + left_min) + 36  # from the tank's last reading on; from 14 to 50 on the way
    assert milk["monitored_h"] * 60 == pytest.approx(130 - unknown_min, abs=1)
    assert milk["monitored_share"] == pytest.approx((130 - unknown_min) / 130, abs=0.01)


def test_a_farms_silo_is_watched_as_its_tank_is(tmp_path: Path) -> None:
    silo = [msgspec.structs.replace(put, kind="plant-silo") if isinstance(put, Asset) else put for put in TANK]
    with on_the_road(tmp_path, [*milked(*range(-60, 1)), *driven(ON_TIME)], *silo) as client:
        milk = client.get("/api/v1/trip-months/2026-11/milk").json()

    assert milk["unsaid_milkings"] == 0
    assert milk["custody_h"] * 60 == pytest.approx(60 + 70, abs=1)
    assert milk["monitored_share"] == pytest.approx(1, abs=0.03)


def test_a_month_of_milk_has_its_ways_and_the_months_before(november: TestClient) -> None:
    milk = november.get("/api/v1/trip-months/2026-11/milk").json()

    [station], [plant] = milk["by_station"], milk["by_plant"]
    assert (station["site"], plant["site"]) == (STATION, PLANT)
    assert (station["loads"], station["tonnes"], station["unweighed"]) == (1, 9.0, 0)
    assert station["km"] == pytest.approx(60, abs=2)
    assert [one["month"] for one in milk["trend"]] == [f"2026-{month:02}" for month in range(6, 12)]
    assert [one["loads"] for one in milk["trend"]] == [0, 0, 0, 0, 0, 1]
    january = november.get("/api/v1/trip-months/2027-01/milk").json()
    assert [(one["month"], one["loads"]) for one in january["trend"]][-3:] == [
        ("2026-11", 1),
        ("2026-12", 0),
        ("2027-01", 0),
    ]
    assert january["monitored_share"] is None


def test_a_carriers_month_is_that_of_its_vehicles_where_the_plan_names_none(november: TestClient) -> None:
    [sheet] = november.get("/api/v1/trip-months/2026-11/carriers").json()["items"]

    assert (sheet["carrier"], sheet["carrier_name"]) == ("swift", "Swift Ltd")
    assert (sheet["trips"], sheet["ended"], sheet["in_time"], sheet["late"]) == (1, 1, 1, 0)
    assert sheet["in_time_share"] == 1.0
    assert [one["rule"] for one in sheet["delays"]] == ["position-gap"]
    assert november.get("/api/v1/trip-months/2026-13/carriers").status_code == 422
    assert november.get("/api/v1/trip-months/2026-10/carriers").json()["items"] == []


def test_a_trip_that_was_taken_over_is_printed_with_who_said_what(november: TestClient) -> None:
    printed = "\n".join(lines_of(november.get(f"/api/v1/trips/{RAW.id}").json(), "en"))

    assert "raw milk  ended" in printed
    assert "accepted 11-18 " in printed
    assert "left 11-18 " in printed


def test_a_month_is_printed_with_its_words(november: TestClient) -> None:
    month = "/api/v1/trip-months/2026-11"
    head, row = carrier_table(november.get(f"{month}/carriers").json(), "zh")
    (_, ways), (watched, _), (_, loads) = milk_tables(november.get(f"{month}/milk").json(), "zh")

    assert dict(zip(head, row, strict=True))["准时率"] == "100.0%"
    assert "位置中断 1 次" in row[-1]
    assert [line[:3] for line in ways[1:3]] == [("奶站", STATION, "1"), ("工厂", PLANT, "1")]
    assert "全时段监控率 " in watched
    assert loads[1][:3] == (RAW.id, STATION, PLANT)


def loaded(desk: Desk, *bodies: Asset) -> None:
    """Let a lot of 40 lie in the first truck's body, and be known."""
    at_ms = NOW_MS - 3_600_000
    put(
        desk.house.ledger, Asset("body-1", "B", "reefer", "truck-1"), *bodies, TRIP,
        Lot("L1", "pasteurized", 40, "件", number="B1"),
        LotPlaced("L1", "asset:body-1", at_ms, "trip", trip="D-1"),
    )  # fmt: skip
    catch_up(GoodsProjection(desk.house.goods), desk.house.ledger)
    desk.written()


TURNED = TripVehicle("D-1", "truck-2", NOW_MS)
MOVED = LotPlaced("L1", "asset:body-2", NOW_MS, "trip", None, 40, "asset:body-1", "D-1")


def test_a_change_of_truck_takes_the_lots_along_whoever_says_it(desk: Desk) -> None:
    loaded(desk, Asset("body-2", "B", "reefer", "truck-2"))

    desk.tell(TURNED)

    assert desk.written() == [TURNED, MOVED]


def test_what_was_loaded_a_moment_ago_moves_and_what_was_taken_out_stays(desk: Desk) -> None:
    loaded(desk, Asset("body-2", "B", "reefer", "truck-2"), Asset("room", "R", "walk-in-room", "dc"))
    put(
        desk.house.ledger, Lot("L2", "pasteurized", 10, "件"),
        LotPlaced("L2", "asset:body-1", NOW_MS - 2, "scan"),
        LotPlaced("L1", "asset:room", NOW_MS - 1, "scan", taken_from="asset:body-1"),
    )  # fmt: skip
    desk.written()

    desk.tell(TURNED)

    assert desk.written() == [
        TURNED, LotPlaced("L2", "asset:body-2", NOW_MS, "trip", None, 10, "asset:body-1", "D-1"),
    ]  # fmt: skip


def test_a_page_shows_what_moves_before_it_says_so_and_says_it_without_a_secret(tmp_path: Path) -> None:
    with made_desk(tmp_path, SECRET) as desk:
        loaded(desk, Asset("body-2", "B", "reefer", "truck-2"))
        path = "/api/v1/trips/D-1/vehicle-change"

        shown = desk.client.get(f"{path}?vehicle=truck-2").json()

        assert desk.written() == []
        assert (shown["before"], shown["before_name"], shown["vehicle_name"]) == ("truck-1", "沪A·D12345", "沪A·D67890")
        assert shown["lots"] == [
            {
                "lot": "L1", "number": "B1", "product": "pasteurized", "quantity": 40, "unit": "件",
                "from": "asset:body-1", "to": "asset:body-2",
            }
        ]  # fmt: skip
        assert shown["nowhere"] == []

        answer = desk.client.post(path, content=desk.body(TURNED))

        assert (answer.status_code, desk.written()) == (200, [TURNED, MOVED])
        assert desk.client.post(path, content=desk.body(TURNED)).status_code == 200
        assert desk.written() == []  # said again it is nothing new
        other = desk.client.post(path, content=desk.body(moment("ended", 0)))
        assert (other.status_code, desk.written()) == (422, [])


def test_a_change_of_truck_is_refused_while_goods_would_find_no_place(desk: Desk) -> None:
    loaded(desk, Asset("box-2", "B", "box", "truck-2"))

    shown = desk.client.get("/api/v1/trips/D-1/vehicle-change?vehicle=truck-2").json()
    answer = desk.tell(TURNED, status=422)

    assert "1 lots lie in body-1 (reefer), and truck-2 has 0 bodies of that kind" in shown["nowhere"][0]["en"]
    assert shown["nowhere"][0]["en"] in answer["detail"]
    assert desk.written() == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/trips/nobody", 404),
        ("/trips?state=lost", 422),
        ("/trips?kind=sea", 422),
        ("/trips?from=yesterday", 422),
        ("/trips?cursor=x", 422),
        ("/trips?from=2023-11-15T00:00:00%2B08:00&vehicle=truck-1", 200),
    ],
)
def test_what_cannot_be_asked_is_a_problem(desk: Desk, path: str, status: int) -> None:
    answer = desk.client.get(f"/api/v1{path}")

    assert answer.status_code == status
    assert json.loads(answer.text)["items" if status == 200 else "detail"] is not None
