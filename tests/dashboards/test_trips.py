"""Trips over the API: told by people and dispatch systems, refused whole, signed, the same answer twice, shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from alerts.readmodel import AlarmReader
from alerts.transit.reader import TripReader
from coldchain.batches import BatchDecoder
from coldchain.cli.trips_show import lines_of
from coldchain.clock import parse_rfc3339, rfc3339
from coldchain.custody import TripMoment, TripVehicle
from coldchain.errors import ConfigError
from coldchain.geo import from_wgs84
from coldchain.projection import catch_up
from coldchain.registry import CurrentRegistry, decode_change
from coldchain.series.duck import DuckSeries
from dashboards.app import create_app
from dashboards.signing import SHORTEST_SECRET, SIGNED_WITHIN_S, secret_in, signature_of
from ingest.projections import SeriesProjection
from tests.alerts.support import Reading
from tests.alerts.transit.fleet import Fleet, driven
from tests.alerts.transit.road import ON_TIME, PLACES, PLANT, STATION, at
from tests.alerts.transit.road import TRIP as RAW
from tests.dashboards.test_api import House
from tests.dashboards.web import TestClient
from tests.support import put
from tests.trips.worlds import NOW_MS, TRIP
from tests.trips.worlds import PLACES as DAIRY

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

    assert first == {"trips": ["D-1"], "entries": 3, "unrouted": []}
    assert desk.written() == entries
    assert desk.tell(*entries) == first
    assert desk.tell(entries[1]) == {"trips": ["D-1"], "entries": 1, "unrouted": []}
    assert desk.written() == []


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
def on_the_road(folder: Path, readings: Sequence[Reading]) -> Iterator[TestClient]:
    """The API over a fleet that sent some readings as they were measured."""
    (folder / "fleet").mkdir()
    (folder / "house").mkdir()
    fleet, house = Fleet(folder / "fleet"), House(folder / "house")
    fleet.live(readings)
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
    assert (short["stops_total"], short["stops_done"]) == (2, 1)
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
