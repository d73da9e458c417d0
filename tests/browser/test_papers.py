"""Papers on a phone: drawn up from the data, signed on glass without a line, sent when it is back."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from playwright.async_api import FilePayload, Locator, Page, expect

from coldchain.custody import Lot, LotPlaced, Trip, TripMoment, TripStop
from coldchain.ledger.sql import SqlLedger
from coldchain.registry import Asset, Binding, Node, Point, Probe, Site, Vehicle
from coldchain.senml import Row
from tests.browser.conftest import PHONE, Visit, World, trip_is_known
from tests.papers.pictures import png
from tests.support import MINUTE_MS, SealingNode, put

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

expect.set_options(timeout=15_000)


def on_the_way(world: World) -> int:
    """Give the shop a truck with two lots that came 20 minutes ago, and a tanker's trip; return when it came, ms."""
    now_ms = int(time.time() * 1000)
    came_ms = now_ms // MINUTE_MS * MINUTE_MS - 20 * MINUTE_MS
    truck = SealingNode("gw-truck")
    ledger = SqlLedger.open(world.settings.data / "ledger.db")
    put(
        ledger, Site("truck", "沪A·54321", "vehicle", "dairy"), Vehicle("truck", "沪A·54321"),
        Site("tanker", "沪A·12345", "vehicle", "dairy"), Vehicle("tanker", "沪A·12345", milk_permit="准-7"),
        Site("st", "东风奶站", "station", "dairy"), Site("plant", "总厂", "plant", "dairy"),
        Asset("body", "车厢", "reefer", "truck"), Asset("tank", "一号罐", "tanker", "tanker"),
        Node("gw-truck", "truck", (truck.public_key.hex(),)),
        Point("body.air", "body", "return-air", "temperature", 300), Probe("air"), Binding("air", "body.air", 0),
        Trip("t7", "distribution", "truck", (TripStop("dc", "load"), TripStop("shop", "unload")), driver="李四",
             order="O-9"),
        TripMoment("t7", "arrived", came_ms, 1),
        Trip("t1", "raw-milk", "tanker", (TripStop("st", "load"), TripStop("plant", "unload")), driver="李四",
             escort="王五"),
        TripMoment("t1", "departed", came_ms, 0),
        Lot("L1", "pasteurized", 40, "件", number="B1"), Lot("L2", "pasteurized", 20, "件", number="B2"),
        LotPlaced("L1", "asset:body", came_ms - 1, "trip", trip="t7", stop=0),
        LotPlaced("L2", "asset:body", came_ms - 1, "trip", trip="t7", stop=0),
        at_ms=now_ms,
    )  # fmt: skip
    truck.append(ledger, [Row("air", came_ms, 4.25, "Cel")], now_ms)
    ledger.close()
    return came_ms


async def sign(page: Page, role: str, name: str = "") -> None:
    """Draw a name with the pointer."""
    card = page.locator(".signature", has_text=role)
    await card.get_by_role("button", name="签字").click()
    if name:
        await card.get_by_label("姓名").fill(name)
    await page.locator(".pad-glass").scroll_into_view_if_needed()
    box = await page.locator(".pad-glass").bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + 30, box["y"] + 70)
    await page.mouse.down()
    for step in range(1, 12):
        await page.mouse.move(box["x"] + 30 + step * 20, box["y"] + 70 + (25 if step % 2 else -25))
    await page.mouse.up()
    await card.get_by_role("button", name="确认签字").click()
    await expect(card.locator(".drawn")).to_be_visible()


async def write(field: Locator, text: str) -> None:
    """Type and go on to the next field."""
    await field.fill(text)
    await field.blur()


async def fill_delivery(page: Page) -> None:
    """Take over all of the first lot and a part of the second, with a picture."""
    lines = page.locator(".form", has=page.get_by_label("品名"))
    await write(lines.nth(0).get_by_label("送货(件)"), "40")
    await write(lines.nth(0).get_by_label("产品温度"), "5,2")
    await write(lines.nth(1).get_by_label("送货(件)"), "20")
    await write(lines.nth(1).get_by_label("接收"), "15")
    await write(lines.nth(1).get_by_label("拒收原因"), "胀包")
    await (
        lines.nth(1)
        .locator("input[type=file]")
        .set_input_files(FilePayload(name="p.png", mimeType="image/png", buffer=png()))
    )
    await expect(lines.nth(1).locator(".photos")).to_contain_text("照片 1 KB")
    await page.get_by_role("button", name="完好").click()
    await page.get_by_role("button", name="已查验").click()
    await write(page.get_by_label("备注"), "门口交接")


async def test_a_delivery_is_signed_without_a_line_and_sent_when_it_is_back(world: World, visit: Visit) -> None:
    came_ms = on_the_way(world)
    async with world.serving(), visit(world, "/papers?trip=t7", language="zh", size=PHONE) as (page, watch):
        await page.get_by_role("button", name="收货验收: shop").click()
        await expect(page.get_by_label("车牌号")).to_have_value("沪A·54321")
        await expect(page.get_by_label("厢温")).to_have_value("4.25")
        watch.line_may_fail = True
        await page.context.set_offline(True)

        await fill_delivery(page)
        await sign(page, "司机(送货人)")
        await sign(page, "收奶员(收货人)", "赵六")

        await expect(page.locator(".paper-state")).to_contain_text("已签署完毕")
        await expect(page.get_by_role("status").filter(has_text="等待发送")).to_contain_text("3 件")
        name = page.url.rsplit("/", 1)[1]
        assert (await _paper(world, name)).status_code == 404

        await page.context.set_offline(False)
        await expect(page.get_by_role("status").filter(has_text="等待发送")).to_have_count(0)
        await expect(page.get_by_role("link", name="PDF · 收货方联")).to_be_visible()

        paper: dict[str, Any] = (await _paper(world, name)).json()
        assert (paper["state"], paper["content"]["decision"], paper["photos_missing"]) == ("complete", "partly", [])
        assert paper["content"]["arrived"] == {
            "at_ms": came_ms, "known_by": "said", "remark": "",
            "temperatures": [
                {"celsius": 4.25, "of": "body", "point": "body.air", "measured_ms": came_ms, "thermometer": ""}
            ],
        }  # fmt: skip
        assert [one["accepted"] for one in paper["content"]["lines"]] == [40, 15]
        assert [(one["name"], one["counts"]) for one in paper["signatures"]] == [("李四", True), ("赵六", True)]
        assert [(one["lot"], one["quantity"]) for one in paper["placed"]] == [("L1", 40), ("L2", 15)]


async def test_a_note_asks_for_the_arrival_before_the_plant_signs(world: World, visit: Visit) -> None:
    on_the_way(world)
    async with world.serving(), visit(world, "/papers?trip=t1", language="zh", size=PHONE) as (page, _):
        await page.get_by_role("button", name="生鲜乳交接单: st → plant").click()
        await write(page.get_by_label("数量(kg)"), "1000")
        await write(page.get_by_label("铅封号"), "F-1")
        for role in ("经手人", "押运员", "司机(送货人)"):
            await sign(page, role, "张三" if role == "经手人" else "")

        receiver = page.locator(".signature", has_text="收奶员")
        await expect(receiver).to_contain_text("还缺:到达时间")
        await page.locator(".form", has=page.get_by_role("heading", name="到达")).get_by_role("button").click()
        await sign(page, "收奶员", "赵六")

        await expect(page.locator(".paper-state")).to_contain_text("已签署完毕")
        await expect(page.locator(".signature .drawn")).to_have_count(4)


async def test_a_field_that_is_changed_after_a_signature_asks_for_another_one(world: World, visit: Visit) -> None:
    on_the_way(world)
    async with world.serving(), visit(world, "/papers?trip=t7", language="zh") as (page, _):
        await page.get_by_role("button", name="收货验收: shop").click()
        await fill_delivery(page)
        await sign(page, "司机(送货人)")

        await write(page.get_by_label("备注"), "后来改的")

        await expect(page.locator(".signature", has_text="司机(送货人)")).to_contain_text("签后内容有改动,须重签")


async def test_the_truck_at_this_shop_is_offered_and_a_line_comes_back_with_its_signature(
    world: World, visit: Visit
) -> None:
    on_the_way(world)
    async with world.serving(), visit(world, "/inbox", language="zh", size=PHONE) as (page, _):
        await trip_is_known(world, page, "t7")
        await page.goto(f"{world.url}/#/papers")
        await page.get_by_label("我在的网点").select_option("shop")
        offers = page.get_by_role("list", name="本站与今日的行程")
        await expect(offers.get_by_role("button")).to_have_count(1)
        await expect(offers.get_by_role("button")).to_contain_text("沪A·54321")
        await offers.get_by_role("button").click()
        await page.get_by_role("button", name="收货验收: shop").click()
        await fill_delivery(page)
        whole = page.locator(".photos", has_text="整批送货的照片")
        await whole.locator("input[type=file]").set_input_files(
            FilePayload(name="w.png", mimeType="image/png", buffer=png())
        )
        await expect(whole).to_contain_text("照片 1 KB")
        await sign(page, "司机(送货人)")

        await page.get_by_role("button", name="移除pasteurized B1").click()

        await expect(page.get_by_role("button", name="移除pasteurized B1")).to_have_count(0)
        await expect(page.locator(".signature", has_text="司机(送货人)")).to_contain_text("签后内容有改动,须重签")
        await page.get_by_role("button", name="撤销").click()
        await expect(page.locator(".signature", has_text="司机(送货人)").locator(".drawn")).to_be_visible()
        await sign(page, "收奶员(收货人)", "赵六")

        name = page.url.rsplit("/", 1)[1]
        await expect(page.get_by_role("link", name="PDF · 收货方联")).to_be_visible()
        paper: dict[str, Any] = (await _paper(world, name)).json()
        assert [one["lot"] for one in paper["content"]["lines"]] == ["L1", "L2"]
        assert len(paper["content"]["photos"]) == 1
        assert (paper["state"], paper["photos_missing"]) == ("complete", [])


async def test_a_signed_delivery_is_corrected_by_a_new_one_that_names_it(world: World, visit: Visit) -> None:
    on_the_way(world)
    async with world.serving(), visit(world, "/papers?trip=t7", language="zh") as (page, _):
        await page.get_by_role("button", name="收货验收: shop").click()
        await fill_delivery(page)
        await sign(page, "司机(送货人)")
        await sign(page, "收奶员(收货人)", "赵六")
        wrong = page.url.rsplit("/", 1)[1]
        await expect(page.get_by_role("link", name="PDF · 收货方联")).to_be_visible()

        await page.get_by_role("button", name="更正(另开一份)").click()
        await page.get_by_label("原因", exact=True).fill("数量点错")
        await page.get_by_role("button", name="更正(另开一份)").click()

        await expect(page.locator(".corrects")).to_contain_text(f"更正 {wrong} (原因:数量点错)")
        await expect(page.locator(".signature .drawn")).to_have_count(0)
        lines = page.locator(".form", has=page.get_by_label("品名"))
        await write(lines.nth(0).get_by_label("接收"), "39")
        await write(lines.nth(0).get_by_label("拒收原因"), "少一件")
        await sign(page, "司机(送货人)")
        await sign(page, "收奶员(收货人)", "赵六")
        await expect(page.get_by_role("link", name="PDF · 收货方联")).to_be_visible()

        right: dict[str, Any] = (await _paper(world, page.url.rsplit("/", 1)[1])).json()
        assert (right["state"], right["replaces"], right["why"]) == ("complete", wrong, "数量点错")
        assert [(one["lot"], one["quantity"]) for one in right["placed"]] == [("L1", 39), ("L2", 15)]
        await page.locator(".corrects a").click()
        await expect(page.get_by_text("这份有误,已由另一份更正:")).to_be_visible()
        await expect(page.get_by_role("button", name="更正(另开一份)")).to_have_count(0)


async def test_a_draft_is_thrown_away_before_anybody_knows_of_it_and_voided_after(world: World, visit: Visit) -> None:
    on_the_way(world)
    async with world.serving(), visit(world, "/papers?trip=t7", language="zh", size=PHONE) as (page, watch):
        await page.get_by_role("button", name="空白收货验收").click()
        await page.get_by_role("button", name="丢弃这份草稿").click()
        await page.get_by_role("button", name="确认丢弃,不能恢复").click()
        await expect(page.get_by_role("heading", name="单据")).to_be_visible()
        await expect(page.locator(".paper-list li")).to_have_count(0)

        await page.goto(f"{world.url}/#/papers?trip=t7")
        await page.get_by_role("button", name="收货验收: shop").click()
        await save(page)
        watch.line_may_fail = True
        await page.context.set_offline(True)
        await page.get_by_role("button", name="作废").click()
        await page.get_by_label("原因", exact=True).fill("送错店")
        await page.get_by_label("姓名").fill("赵六")
        await page.get_by_role("button", name="作废").click()
        await expect(page.get_by_text("已作废:送错店")).to_be_visible()
        await expect(page.get_by_role("button", name="签字")).to_have_count(0)
        await page.context.set_offline(False)
        await expect(page.get_by_role("status").filter(has_text="等待发送")).to_have_count(0)

        paper: dict[str, Any] = (await _paper(world, page.url.rsplit("/", 1)[1])).json()
        assert (paper["state"], paper["voided"]["who"], paper["voided"]["why"]) == ("voided", "赵六", "送错店")


async def save(page: Page) -> None:
    """Save a draft, and wait until the server has it."""
    await page.get_by_role("button", name="保存并发送").click()
    await expect(page.get_by_role("link", name="PDF · 收货方联")).to_be_visible()


async def _paper(world: World, name: str) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.get(f"{world.url}/api/v1/papers/{name}")
