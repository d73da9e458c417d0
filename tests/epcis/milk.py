"""A load of raw milk and what became of it, as facts; every step of it as an event."""

from __future__ import annotations

from coldchain.epcis.conditions import excursion, reporting, sensor_fault, transporting
from coldchain.epcis.facts import (
    Amount,
    Equipment,
    Excursion,
    Goods,
    Lot,
    Note,
    Occasion,
    Position,
    Sample,
    Site,
    Summary,
    Unit,
)
from coldchain.epcis.naming import Names
from coldchain.epcis.states import (
    holding,
    inspecting,
    installing,
    recall_lifted,
    recalling,
    removing,
    transforming,
)
from coldchain.epcis.steps import arriving, departing, handing_over, loading, receiving, storing, unloading
from coldchain.epcis.structs import AnyEvent
from coldchain.epcis.writing import corrected

NAMES = Names("https://dairy.example.org")
MORNING_MS = 1_772_323_200_000
"""2026-03-01T00:00:00Z, 08:00 in China."""
MINUTE_MS = 60_000

STATION = Site("station-1")
PLANT = Site("plant", gln="4012345000054")
DOCK = Site("plant", gln="4012345000054", part="dock/2")
TANKER = Equipment("vehicle", "京A12345")
COOLER = Equipment("asset", "cold-room", giai="4000001111")
PROBE = Equipment("probe", "urn:coldchain:plain:t-1")
MILK = Lot("milk-0301-1")
YOGHURT = Lot("yoghurt-9", gtin="4012345123456", number="L/9")
RAW = Goods((Amount(MILK, 3200.5, "LTR"),))
PRODUCT = Goods((Amount(YOGHURT, 960),), (Unit("pallet-3", sscc="106141412345678908"),))
NOTE = Note("bol", "JJD-2026-0301")


def at(minutes: int, site: Site | None = None, **more: object) -> Occasion:
    return Occasion(MORNING_MS + minutes * MINUTE_MS, site, **more)  # type: ignore[arg-type]


SUMMARY = Summary(
    PROBE,
    MORNING_MS + 30 * MINUTE_MS,
    MORNING_MS + 60 * MINUTE_MS,
    3.1,
    4.25,
    3.6,
    "https://dairy.example.org/api/v1/readings?from=30&to=60",
)
WARM = Excursion(PROBE, MORNING_MS + 40 * MINUTE_MS, MORNING_MS + 55 * MINUTE_MS, 6.5, True, "sha256:ab12")
COLD = Excursion(PROBE, MORNING_MS + 40 * MINUTE_MS, MORNING_MS + 55 * MINUTE_MS, -0.8, False, "sha256:ab12")
LASTING = Excursion(PROBE, MORNING_MS + 40 * MINUTE_MS, None, 6.5, True, "sha256:ab12")


def events() -> dict[str, AnyEvent]:
    """Return one event of each function, by the function's name."""
    wrong = receiving(NAMES, at(95, DOCK), Goods((Amount(MILK, 3300.0, "LTR"),)))
    right = receiving(NAMES, at(95, DOCK, notes=(NOTE,)), RAW, STATION)
    return {
        "loading": loading(
            NAMES, at(10, STATION, notes=(NOTE,), measured=(Sample(PROBE, MORNING_MS, 3.0),)), TANKER, RAW
        ),
        "handing_over": handing_over(NAMES, at(12, STATION, notes=(NOTE,)), RAW),
        "departing": departing(NAMES, at(20, STATION), TANKER, RAW, PLANT),
        "transporting": transporting(
            NAMES, at(60, measured=(SUMMARY, Position(MORNING_MS + 60 * MINUTE_MS, 39.9, 116.4))), TANKER, RAW
        ),
        "excursion": excursion(NAMES, at(55), WARM, TANKER, RAW),
        "excursion below": excursion(NAMES, at(55), COLD, TANKER, RAW),
        "excursion that lasts": excursion(NAMES, at(40), LASTING, TANKER, RAW),
        "excursion in a cooler": excursion(NAMES, at(55, PLANT), WARM, COOLER, PRODUCT),
        "sensor_fault": sensor_fault(NAMES, at(70), PROBE, "no-probe", TANKER),
        "arriving": arriving(NAMES, at(90, PLANT), TANKER),
        "unloading": unloading(NAMES, at(94, DOCK), TANKER, RAW),
        "receiving": right,
        "receiving, corrected": corrected(wrong, MORNING_MS + 200 * MINUTE_MS, [right]),
        "receiving, withdrawn": corrected(wrong, MORNING_MS + 200 * MINUTE_MS),
        "receiving, wrong": wrong,
        "inspecting": inspecting(NAMES, at(100, PLANT, notes=(Note("testres", "t-1"),)), RAW, conformant=True),
        "inspecting, failed": inspecting(NAMES, at(100, PLANT), PRODUCT, conformant=False),
        "transforming": transforming(NAMES, at(300, PLANT), RAW.amounts, PRODUCT.amounts),
        "transforming in a run": transforming(NAMES, at(300, PLANT), RAW.amounts, (), "run-5"),
        "storing": storing(NAMES, at(400, PLANT), PRODUCT, "sellable_not_accessible"),
        "reporting": reporting(NAMES, at(60, PLANT, measured=(SUMMARY,))),
        "reporting of goods": reporting(NAMES, at(60, PLANT, measured=(SUMMARY,)), PRODUCT),
        "holding": holding(NAMES, at(500, PLANT), PRODUCT),
        "recalling": recalling(NAMES, at(600, PLANT), PRODUCT),
        "recall_lifted": recall_lifted(NAMES, at(700, PLANT), PRODUCT),
        "installing": installing(NAMES, at(-60, STATION), PROBE, COOLER),
        "removing": removing(NAMES, at(800, STATION), PROBE, COOLER),
    }
