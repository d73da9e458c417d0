"""The API over real stores: every route, its pages, its refusals, its headers, and the live push."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.websockets import WebSocketDisconnect

from alerts.corrective.reader import CorrectiveReader
from alerts.kpi.reader import KpiReader
from alerts.notify.confirming import Confirming
from alerts.notify.reader import NotifyReader
from alerts.notify.store import NotifyStore
from alerts.readmodel import AlarmReader
from alerts.store import AlertStore
from alerts.transit.reader import TripReader
from coldchain.batches import BatchDecoder
from coldchain.clock import TestClock, parse_rfc3339, rfc3339
from coldchain.goods.reader import GoodsReader
from coldchain.goods.store import GoodsStore
from coldchain.latest import LatestStore
from coldchain.ledger.sql import SqlLedger
from coldchain.papers.photos import Photos
from coldchain.papers.reader import PaperReader
from coldchain.papers.store import PaperStore
from coldchain.projection import catch_up
from coldchain.registry import Activity, Binding, CurrentRegistry, LimitRule, Node, Operator, Point, Probe, Site
from coldchain.registry.changes import Asset
from coldchain.senml import Row
from coldchain.series.duck import DuckSeries
from dashboards.app import HEADERS, create_app
from dashboards.sources import ProjectionState, Sources
from ingest.projections import LatestProjection, SeriesProjection
from tests.dashboards.web import TestClient
from tests.support import MINUTE_MS, T0, SealingNode, put

CHANNEL = "urn:dev:t-1:temperature"
READINGS = 10


class House:
    """Stores in a folder, one shop with two points, ten readings, one quarantined record."""

    def __init__(self, folder: Path) -> None:
        self.clock = TestClock(T0 + READINGS * MINUTE_MS)
        self.ledger = SqlLedger.open(folder / "ledger.db", synchronous="OFF")
        self.series = DuckSeries(folder / "series.duckdb")
        self.latest = LatestStore.open(folder / "latest.db")
        self.alerts = AlertStore.open(folder / "alarms.db")
        self.notes = NotifyStore.open(folder / "notify.db")
        self.goods = GoodsStore.open(folder / "goods.db")
        self.papers = PaperStore.open(folder / "papers.db")
        self.node = SealingNode("gw-1")
        put(
            self.ledger,
            Operator("dairy", "Dairy"),
            *(Site(f"shop-{number}", "Shop", "shop", "dairy") for number in (1, 2, 3)),
            Asset("cooler-1", "Cooler", "cooler", "shop-1"),
            Node("gw-1", "shop-1", (self.node.public_key.hex(),)),
            *(Point(f"p-{number}", "cooler-1", "product", "temperature", 60) for number in (1, 2)),
            Probe(CHANNEL),
            Binding(CHANNEL, "p-1", 0),
            LimitRule("p-1", 0, 6.0, 2.0),
        )
        self.read([Row(CHANNEL, T0 + place * MINUTE_MS, 4.0 + place / 10, "Cel") for place in range(READINGS)])
        self.read([Row("urn:nobody:knows", T0, 1.0)])
        self.ready = True
        self.statuses: dict[str, dict[str, Any]] = {
            "gw-1": {"online": True, "version": "1", "heard_at_ms": T0, "behind_batches": 2}
        }
        self.sources = Sources(
            ledger=self.ledger,
            series=self.series,
            latest=self.latest,
            corrective=CorrectiveReader(self.alerts.engine),
            alarms=AlarmReader(self.alerts.engine),
            messages=NotifyReader(self.notes.engine),
            kpis=KpiReader(self.alerts.engine, self.notes.engine),
            confirming=Confirming(self.notes, self.ledger),
            goods=GoodsReader(self.goods.engine),
            trips=TripReader(self.alerts.engine),
            papers=PaperReader(self.papers.engine),
            photos=Photos(folder / "photos"),
            registry=CurrentRegistry(self.ledger, self.clock),
            clock=self.clock,
            demo=True,
            statuses=lambda: self.statuses,
            projections=lambda: [ProjectionState("series", self.series.cursor(), 0)],
            counters=lambda: {"ingest": {"received": 12}},
            ready=lambda: self.ready,
        )

    def read(self, rows: list[Row]) -> None:
        """Seal readings, append and project them."""
        self.node.append(self.ledger, rows, T0 + READINGS * MINUTE_MS)
        decoder = BatchDecoder()
        catch_up(SeriesProjection(self.ledger, self.series, decoder), self.ledger)
        catch_up(LatestProjection(self.ledger, self.latest, decoder, self.series), self.ledger)

    def close(self) -> None:
        for store in (self.series, self.latest, self.alerts, self.notes, self.goods, self.papers, self.ledger):
            store.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.close()


@pytest.fixture
def client(house: House, tmp_path: Path) -> TestClient:
    return TestClient(create_app(house.sources, tmp_path / "no-page"), raise_server_exceptions=False)


ROUTES = [
    "/api/v1/drills",
    "/api/v1/kpis",
    "/api/v1/health",
    "/api/v1/messages",
    "/api/v1/sites",
    "/api/v1/sites/s-1/assets",
    "/api/v1/assets",
    "/api/v1/assets/cooler-1/activities",
    "/api/v1/points",
    "/api/v1/points/p-1/readings",
    "/api/v1/points/p-1/rollups",
    "/api/v1/gateways",
    "/api/v1/quarantine",
    "/api/v1/inbox",
    "/api/v1/alarms",
    "/api/v1/lots",
    "/api/v1/goods/refused",
    "/api/v1/recalls",
    "/api/v1/papers",
    "/api/v1/papers/refused",
]

FILES = {"/api/v1/photos/{sha256}": "image/jpeg", "/api/v1/papers/{paper}/pdf": "application/pdf"}
"""Address → a type of what it answers; no JSON."""

OTHERS = {
    "/api/v1/corrections",
    "/api/v1/corrections/{about}",
    "/api/v1/holds",
    "/api/v1/leads",
    "/api/v1/leads/{lead}",
    "/api/v1/risk-reports",
    "/api/v1/risk-reports/{report}",
    "/api/v1/alarms/{alarm}",
    "/api/v1/alarms/{alarm}/actions",
    "/api/v1/alarms/{alarm}/messages",
    "/api/v1/drills/{key}/confirmation",
    "/api/v1/alarms/{alarm}/lots",
    "/api/v1/alarms/{alarm}/consignees",
    "/api/v1/epcis/capture",
    "/api/v1/goods",
    "/api/v1/lots/{lot}",
    "/api/v1/products",
    "/api/v1/recalls/{recall}/sites/{site}",
    "/api/v1/papers/{paper}",
    "/api/v1/photos",
    "/api/v1/trips/{trip}/drafts",
    *FILES,
    "/api/v1/lots/{lot}/history",
    "/api/v1/lots/{lot}/trace",
    "/api/v1/recalls/{recall}",
    "/api/v1/recalls/{recall}/forms",
    "/api/v1/sites/{site}/first-expired",
    "/api/v1/trips",
    "/api/v1/trips/{trip}",
    "/api/v1/trips/{trip}/track",
    "/api/v1/trips/{trip}/vehicle-change",
    "/api/v1/trip-months/{month}/carrier",
    "/api/v1/trip-months/{month}/carriers",
    "/api/v1/trip-months/{month}/milk",
}
"""Of one thing that this house does not have, or written to: tested with what they show."""

SAID = {"/api/v1/papers"}
"""Read, and said to by POST."""

DOCUMENTS = {
    "/api/v1/alarms/{alarm}/lots.csv": "text/csv",
    "/api/v1/epcis": "application/ld+json",
    "/api/v1/epcis/corrections": "application/ld+json",
    "/api/v1/kpis.csv": "text/csv",
    "/api/v1/recalls/{recall}/sites.csv": "text/csv",
    "/api/v1/recalls/{recall}/forms/{form}.txt": "text/plain",
}
"""The same, whose answer has the shape of others."""


@pytest.mark.parametrize("route", [*ROUTES, "/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"])
def test_every_route_answers_with_the_strict_headers(client: TestClient, route: str) -> None:
    answer = client.get(route)

    assert answer.status_code == 200
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert (answer.headers.get("Cache-Control") == "no-store") == route.startswith("/api/")


def test_health_says_that_a_demo_is_no_record(client: TestClient, house: House) -> None:
    health = client.get("/api/v1/health").json()

    assert (health["status"], health["demo"], health["position"]) == ("ok", True, house.ledger.end())
    assert health["quarantine"] == {"unknown-channel": 1}
    assert health["counters"] == {"ingest": {"received": 12}}


def test_a_server_that_still_catches_up_is_live_and_not_ready(client: TestClient, house: House) -> None:
    house.ready = False

    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    assert client.get("/api/v1/health").json()["status"] == "catching-up"


def test_points_say_where_they_are_and_which_limits_hold(client: TestClient) -> None:
    first, second = client.get("/api/v1/points").json()["items"]

    assert (first["id"], first["asset"], first["node"], first["channels"]) == ("p-1", "cooler-1", "gw-1", [CHANNEL])
    assert (first["rule"]["high_celsius"], first["rule"]["low_celsius"]) == (6.0, 2.0)
    assert (second["id"], second["rule"], second["channels"]) == ("p-2", None, [])


def test_readings_come_in_measured_order_with_everything_known_of_them(client: TestClient) -> None:
    items = client.get("/api/v1/points/p-1/readings").json()["items"]

    assert [item["value"] for item in items] == [pytest.approx(4.0 + place / 10) for place in range(READINGS)]
    assert items[0]["measured_at"] == "2023-11-15T00:00:00.000Z"
    assert (items[0]["fault"], items[0]["quality"], items[0]["values"]) == (None, [], [4.0])


def test_a_period_is_from_included_to_excluded_whatever_its_offset(client: TestClient) -> None:
    query = {"from": "2023-11-15T08:02:00+08:00", "to": "2023-11-15T00:05:00Z"}

    items = client.get("/api/v1/points/p-1/readings", params=query).json()["items"]

    assert [item["measured_at"][14:16] for item in items] == ["02", "03", "04"]


@pytest.mark.parametrize(
    ("route", "number"),
    [("/api/v1/sites", 3), ("/api/v1/points", 2), ("/api/v1/points/p-1/readings", READINGS), ("/api/v1/quarantine", 1)],
)
@pytest.mark.parametrize("limit", [1, 2, 3, 1000])
def test_following_the_cursor_gives_everything_once(client: TestClient, route: str, number: int, limit: int) -> None:
    found: list[Any] = []
    cursor: dict[str, str] = {}
    for _ in range(number + 2):
        page = client.get(route, params={"limit": str(limit), **cursor}).json()
        assert len(page["items"]) <= limit
        found += page["items"]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}

    assert len(found) == len({json.dumps(item) for item in found}) == number


def test_rollups_keep_the_peak_and_show_the_hole(client: TestClient, house: House) -> None:
    house.clock.advance_sync(20 * 60)

    rollups = client.get("/api/v1/points/p-1/rollups", params={"from": "2023-11-15T00:00:00Z", "buckets": "3"}).json()

    assert max(bucket["max"] for bucket in rollups["items"]) == pytest.approx(4.9)
    assert sum(bucket["count"] for bucket in rollups["items"]) == READINGS
    assert [hole["from"] for hole in rollups["holes"]] == ["2023-11-15T00:09:00.000Z"]
    assert rollups["limits"] == [{"from": "2023-11-15T00:00:00.000Z", "high_celsius": 6.0, "low_celsius": 2.0}]


def test_what_a_vehicle_was_doing_is_said_or_found(client: TestClient, house: House) -> None:
    start_ms = T0 - 100 * MINUTE_MS
    signals = {"unit": [0.0] * 60 + [1.0] * 40, "speed": [0.0] * 100, "door": [0.0] * 70 + [1.0] * 30}
    put(house.ledger, Asset("body", "Body", "reefer", "shop-1"))
    for quantity, said in signals.items():
        channel = f"urn:dev:t-9:{quantity}"
        put(house.ledger, Point(f"body.{quantity}", "body", quantity, quantity, 60), Probe(channel))
        put(house.ledger, Binding(channel, f"body.{quantity}", 0))
        house.read([Row(channel, start_ms + place * MINUTE_MS, value) for place, value in enumerate(said)])
    put(house.ledger, Activity("body", "loaded", start_ms + 90 * MINUTE_MS))
    period = f"from={rfc3339(start_ms)}&to={rfc3339(T0)}".replace("+", "%2B")

    items = client.get(f"/api/v1/assets/body/activities?{period}").json()["items"]

    told = [((parse_rfc3339(item["to"]) - start_ms) // MINUTE_MS, item["activity"], item["said"]) for item in items]
    assert told == [
        (30, "in-use", True),
        (60, "parked", False),
        (70, "pre-cooling", False),
        (90, "loading", False),
        (100, "loaded", True),
    ]


def test_the_quarantine_says_what_waits_and_why(client: TestClient) -> None:
    (record,) = client.get("/api/v1/quarantine").json()["items"]

    assert (record["channel"], record["reason"], record["node"]) == ("urn:nobody:knows", "unknown-channel", "gw-1")
    assert record["measured_at"] == "2023-11-15T00:00:00.000Z"
    assert client.get("/api/v1/quarantine", params={"reason": "untimed"}).json()["items"] == []


@pytest.mark.parametrize(
    ("route", "status"),
    [
        ("/api/v1/points/none/readings", 404),
        ("/api/v1/points/none/rollups", 404),
        ("/api/v1/assets/none/activities", 404),
        ("/api/v1/alarms/none", 404),
        ("/api/v1/nowhere", 404),
        ("/nowhere", 404),
        ("/api/v1/points/p-1/readings?from=yesterday", 422),
        ("/api/v1/points/p-1/readings?from=2023-11-15T00:00:00", 422),
        ("/api/v1/points/p-1/readings?from=2023-11-16T00:00:00Z&to=2023-11-15T00:00:00Z", 422),
        ("/api/v1/points/p-1/readings?cursor=rubbish", 422),
        ("/api/v1/points/p-1/readings?cursor=--5", 422),
        ("/api/v1/points/p-1/readings?limit=0", 422),
        ("/api/v1/points?limit=5001", 422),
        ("/api/v1/points/p-1/rollups?buckets=0", 422),
        ("/api/v1/quarantine?cursor=1.5", 422),
        ("/api/v1/alarms?cursor=rubbish", 422),
        ("/api/v1/alarms?state=some", 422),
    ],
)
def test_a_refusal_is_a_problem_document_with_a_remedy(client: TestClient, route: str, status: int) -> None:
    answer = client.get(route)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.json()["detail"]
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_nothing_can_be_written_through_a_reading_route(client: TestClient) -> None:
    for route in ROUTES:
        for method in ("PUT", "DELETE") if route in SAID else ("POST", "PUT", "DELETE"):
            answer = client.request(method, route)
            assert answer.status_code == 405
            assert answer.headers["content-type"] == "application/problem+json"


def test_a_crash_is_told_without_its_traceback_and_with_the_strict_headers(house: House, tmp_path: Path) -> None:
    def broken() -> Any:
        raise ZeroDivisionError("secret detail")

    app = create_app(dataclasses.replace(house.sources, statuses=broken), tmp_path / "no-page")
    answer = TestClient(app, raise_server_exceptions=False).get("/api/v1/gateways")

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_the_document_of_the_api_names_every_route(client: TestClient) -> None:
    document = client.get("/api/v1/openapi.json").json()

    names = {"p-1": "{point}", "s-1": "{site}", "cooler-1": "{asset}"}
    wanted = (
        OTHERS | DOCUMENTS.keys() | {"/".join(names.get(part, part) for part in route.split("/")) for route in ROUTES}
    )
    assert set(document["paths"]) == wanted
    for path, operation in ((path, one) for path, ones in document["paths"].items() for one in ones.values()):
        answer = next(one for code, one in operation["responses"].items() if code.startswith("2"))
        assert operation["description"]
        if path in DOCUMENTS:
            assert list(answer["content"]) == [DOCUMENTS[path]]
        elif path in FILES:
            assert FILES[path] in answer["content"]
        else:
            assert "$ref" in answer["content"]["application/json"]["schema"]


def test_a_page_that_is_not_built_says_how_to_build_it(client: TestClient) -> None:
    answer = client.get("/")

    assert answer.status_code == 503
    assert "make page" in answer.text


# -- the live push --------------------------------------------------------------------------------------------------


@pytest.fixture
def live(house: House, tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(create_app(house.sources, tmp_path / "no-page")) as made:
        yield made


def moved(client: TestClient, house: House, seconds: float) -> None:
    """Let time pass in the server's own loop."""
    assert client.portal is not None
    client.portal.call(house.clock.advance, seconds)


def test_the_first_frame_is_full_and_the_next_has_only_what_changed(live: TestClient, house: House) -> None:
    with live.websocket_connect("/api/v1/live") as socket:
        first = socket.receive_json()
        house.read([Row(CHANNEL, T0 + READINGS * MINUTE_MS, 7.5, "Cel")])
        moved(live, house, 0.5)
        second = socket.receive_json()

    assert first["full"] is True
    assert [row[0] for row in first["latest"]] == ["p-1"]
    assert [gateway["node"] for gateway in first["gateways"]] == ["gw-1"]
    assert second["full"] is False
    assert second["latest"] == [["p-1", T0 + READINGS * MINUTE_MS, 7.5, 0]]
    assert second["position"] == house.ledger.end()


def test_a_page_hears_a_heartbeat_when_nothing_happens(live: TestClient, house: House) -> None:
    with live.websocket_connect("/api/v1/live") as socket:
        socket.receive_json()
        moved(live, house, 0.5)
        socket.receive_json()
        before = house.clock.now_ms()
        for _ in range(100):  # each look ends in a thread, so time passes in steps
            moved(live, house, 0.5)
            live.portal.call(asyncio.to_thread, int)  # type: ignore[union-attr]
        beat = socket.receive_json()

    assert (beat["full"], beat["latest"]) == (False, [])
    assert parse_rfc3339(beat["server_time"]) - before >= 5_000


def test_a_page_that_returns_gets_only_what_changed_since(live: TestClient, house: House) -> None:
    with live.websocket_connect("/api/v1/live") as socket:
        position = socket.receive_json()["position"]
    with live.websocket_connect(f"/api/v1/live?since={position}") as socket:
        unchanged = socket.receive_json()
    house.read([Row(CHANNEL, T0 + READINGS * MINUTE_MS, 7.5, "Cel")])

    with live.websocket_connect(f"/api/v1/live?since={position}") as socket:
        changed = socket.receive_json()

    assert (unchanged["full"], unchanged["latest"]) == (False, [])
    assert [row[2] for row in changed["latest"]] == [7.5]


@pytest.mark.parametrize("since", ["999999", "-1", "0"])
def test_a_page_that_knows_more_than_the_server_gets_everything(live: TestClient, since: str) -> None:
    with live.websocket_connect(f"/api/v1/live?since={since}") as socket:
        frame = socket.receive_json()

    assert frame["full"] is True
    assert len(frame["latest"]) == 1


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [("http://testserver", True), ("https://testserver", True), ("http://evil.example", False), ("null", False)],
)
def test_a_page_from_elsewhere_may_not_listen(live: TestClient, origin: str, welcome: bool) -> None:
    headers = {"origin": origin, "host": "testserver"}

    if welcome:
        with live.websocket_connect("/api/v1/live", headers=headers) as socket:
            assert socket.receive_json()["full"]
        return
    with pytest.raises(WebSocketDisconnect) as refused, live.websocket_connect("/api/v1/live", headers=headers):
        pass
    assert refused.value.code == 1008
