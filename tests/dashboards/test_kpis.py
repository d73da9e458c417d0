"""KPIs over the API: what they come to in a small house, counted by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from alerts.corrective.rows import keep_said
from alerts.kpi.definitions import DEFINITIONS, By
from alerts.lifecycle import AlarmState
from coldchain.corrective import RiskReport
from coldchain.ledger.port import Entry, Kind
from coldchain.registry import Asset, Binding, Carrier, Change, LabelCondition, Point, Probe, Put, Region, Site, Vehicle
from coldchain.registry.changes import SiteState
from coldchain.senml import Row
from dashboards.app import create_app
from tests.alerts.kpi.rows import add_alarm, add_correction, add_episode
from tests.alerts.transit.fleet import driven
from tests.alerts.transit.road import ON_TIME, at
from tests.dashboards.test_api import CHANNEL, House
from tests.dashboards.test_carriers import SWIFT, WARM
from tests.dashboards.test_trips import on_the_road
from tests.dashboards.web import TestClient
from tests.support import HOUR_MS, MINUTE_MS, T0, put

BEGINS_MS = T0 - 8 * HOUR_MS
"""2023-11-15 00:00 in China; the house's clock stands 490 min later, its ten readings are those of the last ten."""
SO_FAR_MIN = 490


class Shop:
    """A house with its API; `figure` asks for one KPI."""

    def __init__(self, folder: Path) -> None:
        self.house = House(folder)
        self.client = TestClient(create_app(self.house.sources))

    def put(self, *puts: Put) -> None:
        put(self.house.ledger, *puts)

    def ask(self, query: str = "", status: int = 200) -> Any:
        answer = self.client.get(f"/api/v1/kpis?from=2023-11-15&to=2023-11-15&{query}")
        assert answer.status_code == status, answer.text
        return answer.json()

    def figure(self, key: str, query: str = "by=site&site=shop-1") -> tuple[float, float, float | None, float]:
        (item,) = self.ask(query)["items"]
        (kpi,) = (one for one in item["kpis"] if one["key"] == key)
        return kpi["numerator"], kpi["denominator"], kpi["rate"], kpi["left_out"]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    yield made
    made.house.close()


def test_the_monitored_share_is_minutes_with_data_of_the_day_so_far(shop: Shop) -> None:
    assert shop.figure("monitored_share") == (10, SO_FAR_MIN, 10 / SO_FAR_MIN, 0)


def test_data_that_comes_late_counts_on_the_day_on_which_it_was_measured(shop: Shop) -> None:
    shop.house.clock.step_wall(24 * HOUR_MS)
    before = shop.figure("monitored_share")
    shop.house.read([Row(CHANNEL, T0 - (60 - minute) * MINUTE_MS, 4.0, "Cel") for minute in range(60)])

    after = shop.figure("monitored_share")
    assert [before, after] == [(9, 1440, 9 / 1440, 0), (69, 1440, 69 / 1440, 0)]


def test_a_closed_shop_is_asked_for_nothing_and_the_denominator_says_so(shop: Shop) -> None:
    shop.put(SiteState("shop-1", "closed", BEGINS_MS), SiteState("shop-1", "open", T0 + 5 * MINUTE_MS))

    assert shop.figure("monitored_share") == (5, 5, 1.0, 485)
    assert shop.figure("flood_time") == (0, 5, 0.0, 485)
    assert shop.figure("alarms_per_site_day") == (0, 1, 0.0, 0)


def test_a_shop_that_was_closed_all_day_has_no_rate(shop: Shop) -> None:
    shop.put(SiteState("shop-1", "closed", BEGINS_MS))

    assert shop.figure("monitored_share") == (0, 0, None, SO_FAR_MIN)
    assert shop.figure("temperature_compliance") == (0, 0, None, 0)
    assert shop.figure("alarms_per_site_day") == (0, 0, None, 1)
    assert shop.figure("acknowledged") == (0, 0, None, 0)


def test_compliance_is_known_time_outside_the_episodes_of_the_record(shop: Shop) -> None:
    shop.put(LabelCondition("p-1", 0, 2.0, 6.0))
    add_episode(shop.house.alerts, "p-1", "record-high", T0 - HOUR_MS, T0 + 3 * MINUTE_MS)
    add_episode(shop.house.alerts, "p-1", "record-low", T0 + 8 * MINUTE_MS, None)
    add_episode(shop.house.alerts, "p-1", "high", T0, T0 + 9 * MINUTE_MS)

    assert shop.figure("temperature_compliance") == (5, 10, 0.5, 0)


def test_a_day_is_that_of_the_sites_own_clock(shop: Shop) -> None:
    """In Berlin the day begins at 23:00 UTC, seven hours later than in China."""
    shop.put(Site("shop-1", "Shop", "shop", "dairy", timezone="Europe/Berlin"))
    add_alarm(shop.house.alerts, "before", T0 - HOUR_MS - 1)
    add_alarm(shop.house.alerts, "inside", T0 - HOUR_MS)

    assert shop.figure("monitored_share") == (10, 70, 10 / 70, 0)
    assert shop.figure("alarms_per_site_day") == (1, 1, 1.0, 0)


def test_what_was_retracted_later_is_gone_from_the_day(shop: Shop) -> None:
    add_alarm(shop.house.alerts, "a", T0)
    add_alarm(shop.house.alerts, "b", T0, state=AlarmState.RETRACTED)
    add_alarm(shop.house.alerts, "c", T0, state=AlarmState.MERGED)

    assert shop.figure("alarms_per_site_day") == (1, 1, 1.0, 0)
    assert [(one["rule"], one["alarms"], one["share"]) for one in shop.ask()["top_sources"]] == [("high", 1, 1.0)]


def test_regions_hold_their_sites_and_a_filter_goes_down_the_tree(shop: Shop) -> None:
    shop.put(
        Region("east", "华东"),
        Region("sh", "上海", "east"),
        Site("shop-1", "Shop", "shop", "dairy", region="sh"),
        Site("shop-2", "Shop", "shop", "dairy", region="east"),
    )
    for place, site in enumerate(("shop-1", "shop-1", "shop-2", "shop-3")):
        add_alarm(shop.house.alerts, f"a-{place}", T0, site=site)

    def alarms(query: str) -> list[tuple[str, int, float]]:
        items = shop.ask(query)["items"]
        return [
            (item["name"], item["sites"], kpi["numerator"])
            for item in items
            for kpi in item["kpis"]
            if kpi["key"] == "alarms_per_site_day"
        ]

    assert alarms("by=region") == [("", 1, 1), ("华东", 1, 1), ("上海", 1, 2)]
    assert alarms("by=region&region=sh") == [("上海", 1, 2)]
    assert alarms("by=all&region=east") == [("", 2, 3)]
    assert alarms("by=all") == [("", 3, 4)]


def test_each_answer_has_the_definitions_of_what_it_shows(shop: Shop) -> None:
    for by in By:
        answer = shop.ask(f"by={by}")
        keys = [one.key for one in DEFINITIONS if by in one.by]
        assert [one["key"] for one in answer["definitions"]] == keys
        assert all([kpi["key"] for kpi in item["kpis"]] == keys for item in answer["items"])
    assert all(one.zh and one.en and one.name_zh and one.name_en for one in DEFINITIONS)


def test_a_vehicle_is_its_carriers_and_not_a_place(shop: Shop) -> None:
    shop.put(
        Carrier("swift", "Swift Ltd"),
        Site("truck", "Truck", "vehicle", "dairy"),
        Vehicle("truck", "沪A·1", carrier="Swift Ltd"),
        Asset("body", "Body", "reefer", "truck"),
        Point("body.air", "body", "air", "temperature", 60),
        Probe("urn:body"),
        Binding("urn:body", "body.air", 0),
    )
    add_alarm(shop.house.alerts, "a", T0, site="truck")

    (item,) = shop.ask("by=carrier")["items"]
    assert (item["group"], item["name"], item["sites"]) == ("swift", "Swift Ltd", 1)
    assert shop.figure("alarms_per_site_day", "by=carrier") == (1, 1, 1.0, 0)
    assert shop.figure("monitored_share", "by=site&site=truck") == (0, 0, None, 0)


def test_drills_count_as_a_whole(shop: Shop) -> None:
    with shop.house.notes.engine.execution_options(writing=True).begin() as connection:
        for key, confirmed_ms in (("a", T0 + 10 * MINUTE_MS), ("b", T0 + 10 * MINUTE_MS + 1), ("c", None)):
            connection.exec_driver_sql(
                "INSERT INTO drill VALUES (?, ?, ?, ?)", (key, f"person:{key}", T0, confirmed_ms)
            )

    assert shop.figure("drills_confirmed", "by=all") == (1, 3, 1 / 3, 0)


def test_the_table_has_a_row_a_kpi_with_its_definition(shop: Shop) -> None:
    answer = shop.client.get("/api/v1/kpis.csv?from=2023-11-15&to=2023-11-15&by=site&site=shop-1&language=en")

    note, head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert note[0].startswith("# ")
    assert head[:4] == ["id", "name", "KPI", "unit"]
    keys = [one.key for one in DEFINITIONS if By.SITE in one.by]
    assert len(rows) == len(keys)
    row = rows[keys.index("monitored_share")]
    assert row[:8] == ["shop-1", "Shop", "monitored share", "min", "10", "490", "0", "0.02040816327"]
    assert row[-1] == next(one.en for one in DEFINITIONS if one.key == "monitored_share")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("from=2023-11-31", 422),
        ("from=2023-11-15&to=2023-11-14", 422),
        ("from=2022-01-01&to=2023-11-15", 422),
        ("by=person", 422),
        ("site=nowhere", 404),
        ("region=nowhere", 404),
    ],
)
def test_what_cannot_be_answered_is_refused(shop: Shop, query: str, status: int) -> None:
    assert shop.client.get(f"/api/v1/kpis?{query}").status_code == status


def test_the_default_is_the_month_so_far(shop: Shop) -> None:
    answer = shop.client.get("/api/v1/kpis").json()

    assert (answer["from"], answer["to"], answer["by"]) == ("2023-11-01", "2023-11-15", "all")


def test_corrective_action_counts_when_it_is_due_or_closed(shop: Shop) -> None:
    """At 490 min of the day: closed in time, closed late, done and to verify, overdue; one that has time counts not."""
    now_ms = T0 + 10 * MINUTE_MS
    add_correction(shop.house.alerts, "in-time", T0 - HOUR_MS, due_ms=T0, done_ms=T0, state="closed")
    add_correction(shop.house.alerts, "late", T0 - HOUR_MS, due_ms=T0, done_ms=T0 + 1, state="closed")
    add_correction(shop.house.alerts, "early", T0, due_ms=now_ms + HOUR_MS, done_ms=T0 + 1, state="closed")
    add_correction(shop.house.alerts, "to-verify", T0 - HOUR_MS, due_ms=T0, done_ms=T0 - 1, state="to-verify")
    add_correction(shop.house.alerts, "overdue", T0 - HOUR_MS, due_ms=now_ms)
    add_correction(shop.house.alerts, "has-time", T0, due_ms=now_ms + 1)
    add_correction(shop.house.alerts, "void", T0 - HOUR_MS, due_ms=T0, state="void")
    add_correction(shop.house.alerts, "yesterday", BEGINS_MS - 1, due_ms=T0)

    assert shop.figure("corrected") == (3, 5, 3 / 5, 0)
    assert shop.figure("corrected_on_time") == (3, 5, 3 / 5, 0)


def test_a_risk_counts_as_reported_by_its_last_word(shop: Shop) -> None:
    sent = RiskReport("sent", "employee", "w", T0, "shop-1", to="county", sent_ms=T0)
    not_yet = RiskReport("not-yet", "employee", "w", T0, "shop-1")
    nowhere = RiskReport("nowhere", "employee", "w", T0, to="county", sent_ms=T0)
    before = msgspec.structs.replace(sent, sent_ms=None)
    puts = (before, sent, not_yet, nowhere)
    entries = [Entry(at, Kind.CHANGE, T0, Change(one, "t", "t").encode()) for at, one in enumerate(puts, start=1)]
    with shop.house.alerts.engine.execution_options(writing=True).begin() as connection:
        keep_said(connection, entries)

    assert shop.figure("risks_reported") == (1, 2, 0.5, 0)
    assert shop.figure("risks_reported", "by=all") == (2, 3, 2 / 3, 0)


def test_trips_are_counted_as_a_carriers_month_counts_them(tmp_path: Path) -> None:
    celsius = [5.0 if (when - at(0)) // MINUTE_MS in WARM else 3.0 for _, when, _ in driven(ON_TIME)[::4]]
    heard = [one for one in driven(ON_TIME, celsius=celsius) if not at(15) <= one[1] < at(50)]

    with on_the_road(tmp_path, heard, *SWIFT) as client:
        month = client.get("/api/v1/trip-months/2026-11/carrier?carrier=swift").json()["compliance"]
        milk = client.get("/api/v1/trip-months/2026-11/milk").json()
        items = client.get("/api/v1/kpis?from=2026-11-01&to=2026-11-30&by=carrier").json()["items"]
        (whole,) = client.get("/api/v1/kpis?from=2026-11-01&to=2026-11-30").json()["items"]

    swift = next(item for item in items if item["group"] == "swift")
    kpis = {kpi["key"]: kpi for kpi in swift["kpis"]}
    assert kpis["carrier_compliance"]["rate"] == pytest.approx(month["share"]) == pytest.approx(25 / 33)
    assert kpis["carrier_compliance"]["denominator"] == pytest.approx(60 * month["known_h"], abs=0.4)
    assert kpis["loaded_monitored_share"]["denominator"] == pytest.approx(60 * month["loaded_h"], abs=0.4)
    custody = next(kpi for kpi in whole["kpis"] if kpi["key"] == "custody_monitored_share")
    assert custody["rate"] == pytest.approx(milk["monitored_share"])
    assert custody["denominator"] == pytest.approx(60 * milk["custody_h"], abs=0.4)
