"""Corrective action on a phone: one tap without a line, a core temperature that holds goods, a second person."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import pytest
from playwright.async_api import FilePayload, Page, expect

from coldchain.custody import Lot, LotPlaced
from coldchain.ledger.sql import SqlLedger
from coldchain.registry import Asset, Binding, LimitRule, Point, Probe
from coldchain.senml import Row
from tests.browser.conftest import PHONE, Visit, World
from tests.papers.pictures import png
from tests.support import HOUR_MS, MINUTE_MS, put

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

expect.set_options(timeout=15_000)


def warm(world: World) -> None:
    """Give the shop a cooler that has been at 9 °C for 25 minutes, and a lot that came this morning."""
    now_ms = int(time.time() * 1000)
    ledger = SqlLedger.open(world.settings.data / "ledger.db")
    put(
        ledger, Asset("cooler-9", "鲜奶柜 9", "glass-door-cooler", "shop"),
        Point("cooler-9.air", "cooler-9", "return-air", "temperature", 60, profile="pasteurized"),
        Probe("cooler-9"), Binding("cooler-9", "cooler-9.air", 0),
        LimitRule("cooler-9.air", 0, 8.0, 0.0, 600, 0.5, 300),
        Lot("L9", "pasteurized", 40, "件", number="B9"),
        LotPlaced("L9", "site:shop", now_ms - 3 * HOUR_MS, "delivery", quantity=40),
        at_ms=now_ms - HOUR_MS,
    )  # fmt: skip
    rows = [Row("cooler-9", now_ms - minute * MINUTE_MS, 9.1, "Cel") for minute in range(25, -1, -1)]
    world.nodes["shop"].append(ledger, rows, now_ms)
    ledger.close()


async def correction(world: World) -> dict[str, Any]:
    async with httpx.AsyncClient() as client:
        found = (await client.get(f"{world.url}/api/v1/corrections?state=all")).json()["items"]
    (one,) = [item for item in found if item["asset"] == "cooler-9" and item["rule"] == "high"]
    return dict(one)


async def closed(world: World) -> None:
    """Wait until the projection has what the page wrote: the ledger answers first."""
    for _ in range(300):
        if (await correction(world))["state"] == "closed":
            return
        await asyncio.sleep(0.1)
    raise AssertionError(await correction(world))


async def named(page: Page, name: str) -> None:
    await page.get_by_label("我是").fill(name)


async def test_one_tap_on_a_cause_is_kept_without_a_line_and_closes_it(world: World, visit: Visit) -> None:
    warm(world)
    async with world.serving(), visit(world, "/asset/cooler-9", language="zh", size=PHONE) as (page, watch):
        await expect(page.get_by_role("link", name="测中心温度")).to_be_visible()
        watch.line_may_fail = True
        await page.context.set_offline(True)
        await named(page, "小王")
        await page.get_by_role("button", name="正在补货").click()

        await expect(page.locator(".strip.said")).to_have_text("已记录:正在补货")
        assert (await correction(world))["state"] == "open"
        await page.context.set_offline(False)

        await closed(world)
        assert (await correction(world))["cause"] == "restocking"


async def test_a_warm_pack_holds_the_lot_and_a_second_person_verifies_and_decides(world: World, visit: Visit) -> None:
    warm(world)
    async with world.serving():
        async with visit(world, "/asset/cooler-9", language="zh", size=PHONE) as (page, _):
            await page.get_by_role("link", name="测中心温度").click()
            await named(page, "小王")
            await page.get_by_label("温度计读数").fill("8,6")
            await page.get_by_role("button", name="记录").click()
            await expect(page.locator(".verdict.held")).to_contain_text("先不要卖,等品管决定")
            await expect(page.locator("h1")).to_contain_text("严重")

            await page.get_by_role("button", name="柜子坏了,报修").click()
            await page.get_by_label("我做了什么").fill("移到 2 号柜")
            picture = FilePayload(name="p.png", mimeType="image/png", buffer=png())
            await page.locator("input[type=file]").set_input_files(picture)
            await page.get_by_label("责任人").fill("老李")
            done = page.get_by_role("button", name="已完成,交复核")
            await expect(done).to_be_disabled()  # no due time, no disposition
            await page.get_by_label("完成期限").fill(time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() + 86_400)))
            await page.get_by_label("完成期限").blur()
            await page.get_by_role("button", name="销毁").click()
            await done.click()
            await expect(page.get_by_text("由另一人复核")).to_be_visible()
            await expect(page.get_by_role("button", name="复核通过")).to_be_disabled()  # who did it

        async with visit(world, "/todo", language="zh") as (page, _):
            await named(page, "品管")
            await page.get_by_role("button", name="全选").click()
            await page.get_by_role("button", name="复核通过 1 项").click()
            lot = page.locator(".todo-item", has_text="L9")
            await lot.get_by_role("button", name="销毁").click()
            await expect(page.locator(".todo-item", has_text="L9")).to_have_count(0)
            await closed(world)
            async with httpx.AsyncClient() as client:
                (hold,) = (await client.get(f"{world.url}/api/v1/lots/L9")).json()["holds"]
            assert (hold["decision"], hold["decided_by"]) == ("destroyed", "品管")
