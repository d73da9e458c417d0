"""Goods on the page: from an alarm to its lots, held, called back in a drill, taken off sale on a phone."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from playwright.async_api import FilePayload, Page, expect

from coldchain.cli.server import Server
from coldchain.custody import Lot, LotPlaced
from coldchain.ledger.sql import SqlLedger
from tests.browser.conftest import PHONE, SILENT, Visit, World
from tests.papers.pictures import png
from tests.support import MINUTE_MS, put

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

expect.set_options(timeout=15_000)


def stocked(world: World) -> None:
    """Put one lot into the cooler whose alarm comes, deliver another to its shop, lay a third elsewhere."""
    now_ms = int(time.time() * 1000)
    hour_ago = now_ms // MINUTE_MS * MINUTE_MS - 60 * MINUTE_MS
    today = time.strftime("%Y-%m-%d", time.gmtime(now_ms / 1000))
    soon, later = (time.strftime("%Y-%m-%d", time.gmtime(now_ms / 1000 + days * 86_400)) for days in (3, 9))
    ledger = SqlLedger.open(world.settings.data / "ledger.db")
    put(
        ledger,
        Lot("L1", "pasteurized", 40, "件", "2000000000015", "B-1", today, later, 2.0, 6.0, "2-6℃ 冷藏"),
        Lot("L2", "fermented", 20, "件", "2000000000039", "B-2", today, soon),
        Lot("L3", "pasteurized", 10, "件", number="B-3"),
        LotPlaced("L1", f"asset:{SILENT}", hour_ago, "scan"),
        LotPlaced("L2", "site:shop", hour_ago, "delivery", paper="D-7"),
        LotPlaced("L3", "asset:freezer", hour_ago, "scan"),
        at_ms=now_ms,
    )
    ledger.close()


def warm(world: World, server: Server) -> None:
    """Let the cooler stand at 11.3 °C for longer than its on-delay."""
    world.say(server.ledger, *[(SILENT, float(ago), 11.3) for ago in range(790, 0, -60)])


async def signed(page: Page, title: str, why: str, who: str, does: str, *, reason: str = "原因") -> None:
    form = page.get_by_role("form", name=title)
    await form.get_by_label(reason, exact=True).fill(why)
    await form.get_by_label("姓名").fill(who)
    await form.get_by_role("button", name=does).click()


async def get(world: World, path: str) -> Any:
    async with httpx.AsyncClient() as client:
        return (await client.get(f"{world.url}/api/v1/{path}")).json()


async def test_from_an_alarm_to_its_lots_held_called_back_and_taken_off_sale(world: World, visit: Visit) -> None:
    stocked(world)
    async with world.serving() as server:
        warm(world, server)
        async with visit(world, "/alarms", language="zh") as (page, _):
            await page.get_by_role("link", name="涉及哪些批次").first.click()
            await expect(page.get_by_role("heading", name="涉及 2 个批次")).to_be_visible()
            items = page.locator(".lot-item")
            await expect(items).to_have_count(2)
            await expect(items.filter(has_text="L1")).to_contain_text("在其中")
            await expect(items.filter(has_text="L2")).to_contain_text("可能涉及")
            await expect(page.locator(".presumed-why")).to_contain_text("没有登记放在哪一台柜")
            async with page.expect_download() as file:
                await page.get_by_role("link", name="CSV").click()
            table = (await (await file.value).path()).read_text("utf-8-sig")
            assert [line.split(",")[0] for line in table.splitlines()] == ["批次", "L1", "L2"]

            await page.get_by_role("link", name="B-1").click()
            await expect(page.get_by_role("heading", name="途中的报警(1)")).to_be_visible()
            await page.go_back()

            await page.get_by_role("button", name="全选(2)").click()
            await page.get_by_role("button", name="暂停销售(2)").click()
            await expect(page.locator(".preview")).to_contain_text("上海·测试店 40 件")
            await signed(page, "暂停销售:2 个批次", "柜温 11.3 ℃", "张三", "暂停销售(2)")
            await expect(page.locator(".done")).to_contain_text("已写入:2 项")
            await expect(page.locator(".m-held")).to_have_count(2)

            await page.get_by_role("button", name="撤销(放行)").click()
            undo = page.get_by_role("form", name="撤销(放行)")
            await undo.get_by_label("原因").fill("选错了")
            await undo.get_by_label("姓名").fill("张三")
            await expect(undo).to_contain_text("须由另一人决定")
            await expect(undo.get_by_role("button", name="放行", exact=True)).to_be_disabled()
            await undo.get_by_role("button", name="取消").click()

            await page.get_by_role("button", name="发起召回或演练").click()
            form = page.get_by_role("form", name="发起召回或演练")
            await form.get_by_role("button", name="召回演练").click()
            await form.get_by_role("button", name="一级 24 h").click()
            await expect(form).to_contain_text("2 个批次,1 处须停售")
            await signed(page, "发起召回或演练", "柜温 11.3 ℃", "李四", "发起演练", reason="召回原因及危害")
            await expect(page.locator(".drill-stamp")).to_contain_text("不是真的召回")
            await expect(page.locator(".recall-clock")).to_contain_text("剩 23 小时 59 分")
            await expect(page.locator(".task-item")).to_contain_text("未通知")
            recall = page.url.rsplit("/", 1)[1]

        await taken_off_sale(world, visit, recall)

        async with visit(world, "/recalls", language="zh") as (page, _):
            await expect(page.locator(".goods-tabs .badge")).to_have_text("1")
            await page.get_by_role("link", name="召回演练").click()
            await expect(page.locator(".task-item")).to_contain_text("已停售 ")
            await expect(page.locator(".recall-numbers")).to_contain_text("已停售 1 / 1")
            await expect(page.get_by_text("全部停售用时")).to_be_visible()
            photo = page.get_by_role("link", name="照片")
            href = await photo.get_attribute("href")
            assert href is not None
            async with httpx.AsyncClient() as client:
                assert (await client.get(href)).headers["content-type"] == "image/jpeg"

            await page.get_by_role("button", name="编写计划和告知").click()
            await page.get_by_label("召回食品的处置措施").fill("集中销毁")
            await signed(page, "编写计划和告知", "品管会议", "李四", "写入")
            await page.locator("summary", has_text="召回计划").click()
            await expect(page.locator(".plan")).to_contain_text("集中销毁")
            assert (await get(world, f"recalls/{recall}"))["plan"]["harm"] == "柜温 11.3 ℃"

            await page.get_by_role("button", name="结束召回").click()
            await signed(page, "结束召回", "演练完毕", "李四", "结束召回", reason="总结:货物如何处置,今后如何防止")
            await expect(page.locator(".recall-clock")).to_contain_text("已结束")


async def taken_off_sale(world: World, visit: Visit, recall: str) -> None:
    """Do the task on a phone that loses the network while one fills it in."""
    async with visit(world, f"/stop-sale/{recall}/shop", language="zh", size=PHONE) as (page, watch):
        await expect(page.locator(".drill-stamp")).to_be_visible()
        packs = page.locator(".packs li")
        await expect(packs).to_have_count(2)
        await expect(packs.filter(has_text="巴氏杀菌乳")).to_contain_text("B-1")
        await expect(packs.filter(has_text="巴氏杀菌乳")).to_contain_text("应有 40 件")
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        watch.line_may_fail = True
        await page.context.set_offline(True)

        send = page.get_by_role("button", name="发送:已下架封存")
        await page.get_by_label("找到并封存的数量").fill("55")
        await expect(send).to_be_disabled()  # nobody's name yet
        await page.locator("input[type=file]").set_input_files(
            FilePayload(name="p.png", mimeType="image/png", buffer=png())
        )
        await expect(page.locator(".answering img")).to_be_visible()
        await page.get_by_label("姓名").fill("王五")
        await send.click()
        await expect(page.get_by_role("status").filter(has_text="等待发送")).to_contain_text("2 件")
        assert (await get(world, f"recalls/{recall}"))["tasks"][0]["steps"] == []

        await page.context.set_offline(False)
        await expect(page.locator(".arrived")).to_contain_text("已送达:已停售")
        await expect(page.get_by_role("status").filter(has_text="等待发送")).to_have_count(0)
        (step,) = (await get(world, f"recalls/{recall}"))["tasks"][0]["steps"]
        assert (step["step"], step["quantity"], step["who"]) == ("stopped", 55, "王五")
        assert len(step["photo"]) == 64


async def test_lots_of_a_site_stand_first_expired_first_and_are_found_by_what_is_printed(
    world: World, visit: Visit
) -> None:
    stocked(world)
    async with world.serving(), visit(world, "/lots?site=shop") as (page, _):
        items = page.locator(".lot-item")
        await expect(items.locator(".lot-name a")).to_have_text(["live fermented milk B-2", "pasteurized milk B-1"])
        await expect(items.first).to_contain_text("est. ")
        await page.get_by_label("Search").fill("B-1")
        await expect(items).to_have_count(1)
        await page.get_by_label("Search").fill("nothing like it")
        await expect(page.get_by_text("Nothing found.")).to_be_visible()
        await page.get_by_label("Search").fill("")
        await page.get_by_label("Site").select_option("")
        await expect(items).to_have_count(3)


async def test_a_lot_shows_its_way_with_its_holes_and_is_released_by_somebody_else(world: World, visit: Visit) -> None:
    stocked(world)
    async with world.serving(), visit(world, "/lots?site=shop", language="zh") as (page, _):
        await page.get_by_role("link", name="B-1").press("Enter")

        await expect(page.get_by_role("img", name="温度历程")).to_have_attribute(
            "aria-label", "温度历程:上海·测试店 · 冷藏柜 3"
        )
        await expect(page.locator(".legend")).to_contain_text("数据中断")
        await expect(page.locator(".legs")).to_contain_text("没有数据")  # it said its last 20 min ago
        await expect(page.get_by_role("link", name="上海·测试店 · 冷藏柜 3").first).to_be_visible()

        await page.get_by_role("button", name="暂停销售").click()
        await signed(page, "暂停销售:1 个批次", "标签破损", "张三", "暂停销售(1)")
        await expect(page.locator(".asset-title .m-held")).to_be_visible()
        await page.get_by_role("button", name="决定", exact=True).click()
        await page.get_by_role("button", name="报损").click()
        await signed(page, "决定", "无法修复", "李四", "写入决定")
        await expect(page.locator(".asset-title .m-written-off")).to_have_text("报损")
