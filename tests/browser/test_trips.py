"""Trips in a real browser: another truck goes on and takes the lots along; a month of carriers, as a file, too."""

from __future__ import annotations

import time
from datetime import datetime

import pytest
from playwright.async_api import expect

from coldchain.custody import Lot, LotPlaced, Trip, TripStop, TripVehicle
from coldchain.ledger.sql import SqlLedger
from coldchain.registry import Asset, Carrier, Site, Vehicle, decode_change
from coldchain.registry.forms import HOME
from tests.browser.conftest import PHONE, Visit, World, trip_is_known
from tests.support import MINUTE_MS, put

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

expect.set_options(timeout=15_000)


def planned(world: World) -> str:
    """Plan a trip of today with a lot on board; return its month."""
    now_ms = int(time.time() * 1000)
    ledger = SqlLedger.open(world.settings.data / "ledger.db")
    put(
        ledger, Carrier("swift", "=Swift"),
        Site("truck-1", "沪A·11111", "vehicle", "dairy"), Vehicle("truck-1", "沪A·11111", carrier="swift"),
        Site("truck-2", "沪A·22222", "vehicle", "dairy"), Site("truck-3", "沪A·33333", "vehicle", "dairy"),
        Asset("body-1", "一号车厢", "reefer", "truck-1"), Asset("body-2", "二号车厢", "reefer", "truck-2"),
        Trip("t7", "distribution", "truck-1", (
            TripStop("evil", "load", None, now_ms - 30 * MINUTE_MS),
            TripStop("shop", "unload", now_ms + 60 * MINUTE_MS),
        )),
        Lot("L1", "pasteurized", 40, "件", number="B1"),
        LotPlaced("L1", "asset:body-1", now_ms - 40 * MINUTE_MS, "trip", trip="t7"),
        at_ms=now_ms,
    )  # fmt: skip
    ledger.close()
    return datetime.fromtimestamp(now_ms / 1000 - 1800, HOME).strftime("%Y-%m")


async def test_another_truck_goes_on_and_what_moves_is_shown_before(world: World, visit: Visit) -> None:
    planned(world)
    async with world.serving() as server, visit(world, "/inbox", language="zh", size=PHONE) as (page, _):
        await trip_is_known(world, page, "t7")
        await page.goto(f"{world.url}/#/trip/t7")
        await page.get_by_role("button", name="换车…").click()
        card = page.locator(".change-vehicle")
        await card.get_by_label("接替的车辆").select_option("truck-3")
        await expect(card.locator(".problem")).to_contain_text("body-1(reefer)中有 1 个批次,而 truck-3 有 0 个同类车厢")
        await card.get_by_label("姓名").fill("调度")
        await card.get_by_label("原因").fill("抛锚")
        await expect(card.get_by_role("button", name="确认换车")).to_be_disabled()

        await card.get_by_label("接替的车辆").select_option("truck-2")

        await expect(card.locator(".moves")).to_contain_text("沪A·11111 → 沪A·22222")
        await expect(card.locator(".moves li")).to_contain_text("B1 40 件 一号车厢 → 二号车厢")
        assert _written(server.ledger) == []
        await card.get_by_role("button", name="确认换车").click()
        await expect(card.get_by_role("status")).to_contain_text("已由 沪A·22222 继续")
        turned, moved = _written(server.ledger)
        assert isinstance(turned, TripVehicle)
        assert isinstance(moved, LotPlaced)
        assert (turned.trip, turned.vehicle, moved.from_ms) == ("t7", "truck-2", turned.from_ms)
        assert (moved.lot, moved.place, moved.taken_from) == ("L1", "asset:body-2", "asset:body-1")


async def test_a_carriers_month_is_reached_from_the_trips_and_kept_as_a_file(world: World, visit: Visit) -> None:
    month = planned(world)
    async with world.serving(), visit(world, "/trips", language="zh", size=PHONE) as (page, _):
        await trip_is_known(world, page, "t7")
        await page.get_by_role("link", name="承运商与月报").click()
        await page.get_by_label("月份").select_option(month)
        await page.get_by_role("link", name="=Swift").click()

        await expect(page.locator(".compliance")).to_contain_text("温控合规率 = 合规时长 ÷ 有数据时长")
        await expect(page.locator(".compliance-share")).to_have_text("–")
        await expect(page.get_by_role("cell", name="沪A·11111").first).to_be_visible()
        async with page.expect_download() as waiting:
            await page.get_by_role("button", name="下载 CSV").first.click()
        file = await waiting.value
        text = (await file.path()).read_bytes().decode("utf-8-sig")
        assert file.suggested_filename == f"carriers-{month}.csv"
        assert text.splitlines()[0] == '"模拟数据,不得作为记录"'
        assert "'=Swift,1,0,0,0," in text
        assert await page.evaluate("document.documentElement.scrollWidth") == PHONE[0]

        await page.get_by_role("link", name="生鲜乳").click()
        await expect(page.get_by_role("heading", name="全时段监控率")).to_be_visible()


def _written(ledger: object) -> list[TripVehicle | LotPlaced]:
    """Return the words on trips and goods behind the plan's."""
    assert isinstance(ledger, SqlLedger)
    changes = [decode_change(entry.raw).change for entry in ledger.changes(0, ledger.end())]
    said = [one for one in changes if isinstance(one, TripVehicle | LotPlaced)]
    return said[1:]
