"""EPCIS over the API: documents out, page by page; a partner's document in, kept whole, or refused with every fault."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alerts.transit.reader import KnownTrip, TripReader
from alerts.transit.view import StopView, TripView
from coldchain.clock import rfc3339
from coldchain.custody import Trip, TripStop
from coldchain.custody.captures import EpcisCapture
from coldchain.custody.goods import LotChange, LotGone, LotPlaced, LotShare
from coldchain.epcis import Names, check
from coldchain.exchange.sent import SentEvents
from coldchain.registry import Site, decode_change
from dashboards.app import create_app
from dashboards.epcis_world import check_sent
from dashboards.sources import Epcis
from tests.dashboards.test_lots import LOT, Shop, delivered, made_shop
from tests.dashboards.web import TestClient
from tests.goods.stories import hour
from tests.support import put

OWN = "https://dairy.example.org"
CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    sent = SentEvents.open(tmp_path / "epcis.db")
    with made_shop(tmp_path, epcis=Epcis(Names(OWN), sent)) as made:
        yield made
    sent.close()


def events(shop: Shop, query: str) -> tuple[list[dict[str, Any]], str | None]:
    """Return the events of a document, and the address of the next page."""
    answer = shop.client.get(query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/ld+json"
    assert check(answer.json()) == []
    return answer.json()["epcisBody"]["eventList"], answer.links.get("next", {}).get("url")


def test_a_lots_events_come_as_one_document_or_page_by_page(shop: Shop) -> None:
    delivered(shop)
    shop.at(10)

    whole, following = events(shop, "/api/v1/epcis?lot=L1")
    paged, address = events(shop, "/api/v1/epcis?lot=L1&limit=1")
    pages = 1
    while address is not None:
        more, address = events(shop, address)
        paged, pages = paged + more, pages + 1

    assert following is None
    assert [one["bizStep"] for one in whole] in (
        ["storing", "loading", "unloading", "receiving"], ["storing", "loading", "receiving", "unloading"],
    )  # fmt: skip
    assert paged == whole
    assert pages == 4


@pytest.mark.parametrize(
    ("query", "status", "found"),
    [
        ("", 422, "one of them"),
        ("lot=L1&trip=t1", 422, "one of them"),
        ("lot=nobody", 404, "nobody"),
        ("trip=nobody", 404, "nobody"),
        ("site=nobody&from=2023-11-15T00:00:00Z&to=2023-11-16T00:00:00Z", 404, "nobody"),
        ("site=s1", 422, "needs from and to"),
        ("site=s1&from=2023-01-01T00:00:00Z&to=2023-11-16T00:00:00Z", 422, "31 days"),
        ("lot=L1&from=yesterday", 422, "from, to"),
        ("lot=L1&cursor=x", 422, "cursor"),
    ],
)
def test_what_is_asked_wrongly_is_said(shop: Shop, query: str, status: int, found: str) -> None:
    delivered(shop)

    answer = shop.client.get(f"/api/v1/epcis?{query}")

    assert answer.status_code == status
    assert found in answer.json()["detail"]


class OneTrip(TripReader):
    """Trip t7, judged: it left its first stop at hour 5 and came to the second at 7.5."""

    def trip(self, name: str) -> KnownTrip | None:
        stops = [stop(None, hour(5)), stop(hour(7.5), None)]
        view = TripView("at-stop", hour(5), None, hour(8), 0, None, None, None, "r", stops, [])
        return KnownTrip(TRIP, (), [("v1", None)], 0, 0, view, []) if name == "t7" else None


def stop(arrived_ms: int | None, left_ms: int | None) -> StopView:
    return StopView(
        *("s", "unload", None, None, None, None, None, arrived_ms, left_ms),
        *(None, None, "positions", "", False, None, None, None),
    )


TRIP = Trip("t7", "distribution", "v1", (TripStop("dc", "load"), TripStop("s1", "unload")))


def test_a_trips_stops_are_timed_as_the_judge_found_them(tmp_path: Path) -> None:
    sent = SentEvents.open(tmp_path / "epcis.db")
    with made_shop(tmp_path, epcis=Epcis(Names(OWN), sent)) as plain:
        trips = OneTrip(plain.house.alerts.engine)
        sources = dataclasses.replace(plain.house.sources, trips=trips, epcis=Epcis(Names(OWN), sent))
        put(plain.house.ledger, TRIP)
        delivered(plain)
        plain.at(10)
        with TestClient(create_app(sources)) as client:
            found, _ = events(Shop(plain.house, client), "/api/v1/epcis?trip=t7")
    sent.close()

    assert [(one["eventTime"], one["bizStep"]) for one in found if one["bizStep"] in ("departing", "arriving")] == [
        (rfc3339(hour(5)), "departing"),
        (rfc3339(hour(7.5)), "arriving"),
    ]


def test_without_an_address_of_ones_own_nothing_goes_out_or_in(tmp_path: Path) -> None:
    with made_shop(tmp_path) as shop:
        answers = [
            shop.client.get("/api/v1/epcis?lot=L1"),
            shop.client.post("/api/v1/epcis/capture?who=p", content=b"{}"),
        ]

    assert [(one.status_code, "epcis.own" in one.json()["detail"]) for one in answers] == [(409, True)] * 2


def test_while_the_stores_catch_up_nothing_is_told_or_taken_back(shop: Shop, tmp_path: Path) -> None:
    delivered(shop)
    shop.at(10)
    sent = SentEvents.open(tmp_path / "epcis.db")
    sources = dataclasses.replace(shop.house.sources, epcis=Epcis(Names(OWN), sent), ready=lambda: False)
    with TestClient(create_app(sources)) as client:
        answer = client.get("/api/v1/epcis?lot=L1")
    sent.close()

    assert (answer.status_code, answer.json()["title"]) == (503, "catching up")


def test_what_was_wrong_comes_since_a_time_for_whoever_asks(shop: Shop, tmp_path: Path) -> None:
    delivered(shop)
    shop.at(10)
    events(shop, "/api/v1/epcis?lot=L1")
    put(shop.house.ledger, LotGone("L1", hour(9), "sold", 1, "site:s1"))
    put(shop.house.ledger, LotPlaced("L1", "asset:room", hour(0), "scan", quantity=0))
    shop.catch_up()
    shop.at(11)
    sent = SentEvents.open(tmp_path / "epcis.db")

    checked = [check_sent(shop.house.sources, Epcis(Names(OWN), sent)) for _ in range(2)]
    sent.close()

    found, following = events(shop, f"/api/v1/epcis/corrections?from={rfc3339(hour(10))}")
    assert checked[-1] == 0  # nobody is looked at twice in ten minutes
    assert {one["bizStep"] for one in found if "errorDeclaration" in one} >= {"storing"}
    assert following is None
    assert shop.client.get("/api/v1/epcis/corrections?from=noon").status_code == 422


# -- in -------------------------------------------------------------------------------------------------------


def document(*found: dict[str, Any]) -> dict[str, Any]:
    return {
        "@context": [CONTEXT],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": rfc3339(hour(20)),
        "epcisBody": {"eventList": list(found)},
    }


def event(kind: str, at: float, **more: Any) -> dict[str, Any]:
    return {"type": kind, "eventTime": rfc3339(hour(at)), "eventTimeZoneOffset": "+08:00", **more}


def some(lot: str, quantity: float) -> list[dict[str, Any]]:
    return [{"epcClass": lot, "quantity": quantity}]


def capture(shop: Shop, body: Any, **headers: str) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return shop.client.post("/api/v1/epcis/capture?who=partner&why=delivery", content=raw, headers=headers)


def said(shop: Shop, positions: list[int]) -> list[object]:
    ledger = shop.house.ledger
    return [decode_change(entry.raw).change for at in positions for entry in ledger.changes(at - 1, at)]


def test_a_partners_events_become_entries_and_the_rest_is_told(shop: Shop) -> None:
    put(shop.house.ledger, Site("s2", "Shop two", "shop", "dairy", gln="4012345000054"))
    shop.say({**LOT, "gtin": "9506000134352", "number": "A7"}, {**LOT, "id": "L2", "quantity": 40})
    shop.catch_up()
    printed = "https://id.gs1.org/01/09506000134352/10/A7"
    body = document(
        event("ObjectEvent", 1, action="OBSERVE", bizStep="receiving", quantityList=some(printed, 60),
              bizLocation={"id": "https://id.gs1.org/414/4012345000054"},
              bizTransactionList=[{"type": "bol", "bizTransaction": "https://partner.example.org/bol/D-7"}]),
        event("AggregationEvent", 2, action="ADD", bizStep="loading", parentID=f"{OWN}/vehicle/v1",
              childQuantityList=some("urn:epc:class:lgtin:950600.0013435.A7", 30)),
        event("AggregationEvent", 3, action="DELETE", bizStep="unloading", parentID=f"{OWN}/vehicle/v1",
              childQuantityList=some(f"{OWN}/lot/L1", 30), readPoint={"id": f"{OWN}/site/dc/room"}),
        event("TransformationEvent", 4, eventID="urn:uuid:1", bizLocation={"id": f"{OWN}/site/dc"},
              inputQuantityList=some(printed, 20), outputQuantityList=some(f"{OWN}/lot/L2", 20)),
        event("ObjectEvent", 5, action="OBSERVE", bizStep="destroying", quantityList=some(printed, 1),
              readPoint={"id": f"{OWN}/site/dc"}),
        event("ObjectEvent", 6, action="OBSERVE", bizStep="receiving", quantityList=some(f"{OWN}/lot/X", 1),
              readPoint={"id": f"{OWN}/site/dc"}),
        event("ObjectEvent", 6, action="OBSERVE", bizStep="receiving", quantityList=some(printed, 1),
              readPoint={"id": "https://elsewhere.example.org/dock"}),
        event("ObjectEvent", 6, action="OBSERVE", bizStep="inspecting", quantityList=some(printed, 1)),
        event("ObjectEvent", 6, action="OBSERVE", bizStep="receiving", readPoint={"id": f"{OWN}/site/dc"},
              quantityList=[{"epcClass": printed, "quantity": 1, "uom": "KGM"}]),
        event("TransactionEvent", 6, action="ADD", bizTransactionList=[{"type": "po", "bizTransaction": "urn:x:1"}],
              quantityList=some(printed, 1)),
    )  # fmt: skip

    answer = capture(shop, body)

    assert answer.status_code == 201, answer.text
    made = answer.json()
    kept, *entries = said(shop, made["positions"])
    assert isinstance(kept, EpcisCapture)
    assert (json.loads(kept.document), kept.id, kept.entries, kept.rest) == (body, made["document"], 5, 5)
    changed = entries.pop(3)
    assert entries == [
        LotPlaced("L1", "site:s2", hour(1), "api", quantity=60, paper="D-7"),
        LotPlaced("L1", "site:v1", hour(2), "api", quantity=30),
        LotPlaced("L1", "asset:room", hour(3), "api", quantity=30, taken_from="site:v1"),
        LotGone("L1", hour(5), "destroyed", 1, "site:dc"),
    ]
    assert isinstance(changed, LotChange)
    assert (changed.inputs, changed.outputs) == ((LotShare("L1", 20, "site:dc"),), (LotShare("L2", 20, "site:dc"),))
    assert [(one["event"], one["why_en"].split(":")[0]) for one in made["rest"]] == [
        (5, "https"), (6, "https"), (7, "step inspecting"), (8, "lot L1 is counted in 件, not in KGM"),
        (9, "TransactionEvent"),
    ]  # fmt: skip


def test_an_error_declaration_takes_back_what_an_event_had_said(shop: Shop) -> None:
    shop.say(LOT)
    shop.catch_up()
    wrong = event("ObjectEvent", 1, action="OBSERVE", bizStep="receiving", eventID="urn:uuid:1",
                  quantityList=some(f"{OWN}/lot/L1", 60), bizLocation={"id": f"{OWN}/site/s1"})  # fmt: skip
    capture(shop, document(wrong))
    declared = {"errorDeclaration": {"declarationTime": rfc3339(hour(2)), "reason": "did_not_occur"}}

    answer = capture(shop, document({**wrong, **declared}))
    shop.catch_up()

    assert answer.status_code == 201, answer.text
    assert shop.get("/lots/L1")["stays"] == []


def test_what_went_out_can_come_in_elsewhere(shop: Shop) -> None:
    delivered(shop)
    shop.at(10)
    raw = shop.client.get("/api/v1/epcis?lot=L1").content

    answer = capture(shop, raw)

    assert answer.status_code == 201, answer.text
    assert answer.json()["rest"] == []


@pytest.mark.parametrize(
    ("body", "status", "found"),
    [
        (b"{", 422, "no EPCIS document"),
        (b"\xff", 422, "no EPCIS document"),
        (b'{"type":"Other"}', 422, "no EPCIS document"),
        (b" " * 4_000_001, 413, "too large"),
    ],
)
def test_what_is_no_document_is_refused(shop: Shop, body: bytes, status: int, found: str) -> None:
    answer = capture(shop, body)

    assert (answer.status_code, answer.json()["title"]) == (status, found)


def test_a_faulty_document_is_refused_whole_and_every_fault_is_named(shop: Shop) -> None:
    shop.say(LOT)
    shop.catch_up()
    end = shop.house.ledger.end()
    good = event("ObjectEvent", 1, action="OBSERVE", bizStep="receiving", quantityList=some(f"{OWN}/lot/L1", 60),
                 bizLocation={"id": f"{OWN}/site/s1"})  # fmt: skip

    answer = capture(shop, document(good, {**good, "bizStep": "nonsense"}, {**good, "eventTime": "noon"}))

    assert answer.status_code == 422
    assert all(f"/epcisBody/eventList/{place}" in answer.json()["detail"] for place in ("1/bizStep", "2/eventTime"))
    assert shop.house.ledger.end() == end


def test_a_page_from_elsewhere_may_not_send_one(shop: Shop) -> None:
    assert capture(shop, document(), origin="https://elsewhere.example.org").status_code == 403
