"""The page in a real browser, before a real server whose ledger is filled and grows while one looks."""

from __future__ import annotations

import contextlib
import re
import time
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from coldchain import topics
from coldchain.bus import Connection, connected
from coldchain.cli.broker import running_broker
from coldchain.senml import Row
from tests.browser.conftest import ARABIC, ASSETS, DESKTOP, EVIL, PHONE, SILENT, Visit, World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

ON_SCREEN_MS = 15_000
"""Patience of a test on a busy machine, not a promise: how fast it is belongs to the bench."""
BACK_MS = 15_000
"""Longest wait of the page before it tries again."""

BANNER = {"zh": "模拟数据,不得作为记录", "en": "Simulated data, not a record"}


UNKNOWN = "urn:dev:mac:0024befffe804ff1"

expect.set_options(timeout=15_000)


def tile(page: Page, asset: str) -> Locator:
    return page.locator(f'a.tile[href^="#/asset/{asset}"]')


async def test_each_asset_stands_on_the_wall_with_its_value_and_state(wall: World, visit: Visit) -> None:
    async with visit(wall) as (page, _):
        await expect(page.locator("a.tile")).to_have_count(len(ASSETS))
        for asset, value in {"cooler-1": "4.0", "cooler-2": "5.0", "freezer": "−20.4", "silo": "3.1"}.items():
            await expect(tile(page, asset).locator(".degrees")).to_have_text(value)
            await expect(tile(page, asset).locator(".tile-state")).to_contain_text("in range")
        await expect(tile(page, SILENT).locator(".tile-state")).to_contain_text("no data")
        await expect(tile(page, SILENT)).to_contain_text("no reading arrives")
        await expect(tile(page, "cooler-1").locator(".door")).to_contain_text("closed")
        await expect(tile(page, "freezer").locator(".kind")).to_have_text("freezer room")


async def test_a_new_value_comes_onto_the_screen_without_a_reload(world: World, visit: Visit) -> None:
    async with world.serving() as server, visit(world) as (page, _):
        await expect(tile(page, "cooler-1").locator(".degrees")).to_have_text("4.0")
        await page.evaluate("window.loadedOnce = true")

        world.say(server.ledger, ("cooler-1", 0.2, 6.7), ("cooler-1-door", 0.2, True))

        await expect(tile(page, "cooler-1").locator(".degrees")).to_have_text("6.7", timeout=ON_SCREEN_MS)
        await expect(tile(page, "cooler-1").locator(".door")).to_contain_text("open")
        assert await page.evaluate("window.loadedOnce") is True


async def test_a_value_outside_says_since_when_and_when_it_will_alarm_and_then_does(world: World, visit: Visit) -> None:
    async with world.serving() as server, visit(world, language="zh") as (page, _):
        await expect(page.locator(".column-title")).to_contain_text("没有未结束的报警")

        world.say(server.ledger, *[(SILENT, float(ago), 11.3) for ago in range(430, 0, -60)])

        await expect(tile(page, SILENT).locator(".tile-state")).to_contain_text("超限待判", timeout=ON_SCREEN_MS)
        note = tile(page, SILENT).locator(".tile-note")
        await expect(note).to_have_text(re.compile(r"超上限 8 ℃,已 7 分钟,[34] 分钟后报警"))

        world.say(server.ledger, *[(SILENT, float(ago), 11.3) for ago in range(790, 430, -60)], (SILENT, 0.1, 12.9))

        await expect(tile(page, SILENT).locator(".tile-state")).to_contain_text("报警", timeout=ON_SCREEN_MS)
        await expect(page.locator("aside .alarm")).to_have_count(1)
        await expect(page.locator("aside .alarm")).to_contain_text("冷藏柜 3")
        await expect(page.locator(".nav .badge")).to_have_text("1")
        await page.click('.nav a[href="#/alarms"]')
        await expect(page.locator(".alarms-page .alarm.open")).to_contain_text("最高 12.9 ℃")
        await page.locator(".alarms-page .alarm.open").click()
        await expect(page.locator(".asset-state")).to_contain_text("超上限 8 ℃,已 13 分钟")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_view_says_that_it_is_no_record_and_fits_the_screen(
    wall: World, visit: Visit, language: str, size: tuple[int, int]
) -> None:
    title = {"zh": "冷链看板", "en": "Coldchain"}[language]
    async with visit(wall, language=language, size=size) as (page, _):
        for path, sign in {
            "/": "a.tile",
            "/alarms": ".alarms-page",
            "/trips": ".trips",
            "/asset/cooler-2?range=1h": ".plot canvas",
        }.items():
            await page.goto(f"{page.url.split('#')[0]}#{path}")
            await expect(page.locator(sign).first).to_be_visible()
            await expect(page.locator(".demo")).to_have_text(BANNER[language])
            await expect(page.locator(".demo")).to_be_in_viewport()
            await expect(page).to_have_title(re.compile(f"{BANNER[language]}.*{title}"))
            assert await page.evaluate("document.documentElement.scrollWidth") <= size[0]


async def test_the_language_can_be_changed_and_stays(wall: World, visit: Visit) -> None:
    async with visit(wall, language="en") as (page, _):
        await page.get_by_role("button", name="切换到中文").click()
        await expect(tile(page, "silo").locator(".kind")).to_have_text("工厂奶仓")

        await page.reload()

        await expect(page.locator(".demo")).to_have_text(BANNER["zh"])
        await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")


async def test_a_name_is_text_whatever_it_says(wall: World, visit: Visit) -> None:
    async with visit(wall) as (page, _):
        await expect(page.locator(".site-name").filter(has_text="onerror")).to_have_text(EVIL)
        await expect(page.locator(".site-name").filter(has_text=ARABIC)).to_be_visible()
        assert await page.locator("main img").count() == 0
        await tile(page, "silo").click()
        await expect(page.locator("h1")).to_have_text(ARABIC)
        assert await page.evaluate("getComputedStyle(document.querySelector('h1')).direction") == "rtl"
        assert await page.evaluate("getComputedStyle(document.querySelector('.asset-kind')).direction") == "ltr"


async def test_a_chart_shows_the_probes_fault_and_times_of_the_site(wall: World, visit: Visit) -> None:
    async with visit(wall, "/asset/cooler-2?range=1h") as (page, _):
        await expect(page.locator(".legend .l-fault")).to_have_text("sensor fault")
        await expect(page.locator(".window")).to_contain_text("Asia/Shanghai")  # the reader sits in Berlin
        await expect(page.locator(".readings tbody tr").first).to_contain_text("5.0 °C")
        await expect(page.locator(".asset-state")).to_contain_text("measured")


async def test_a_lost_line_says_how_old_the_page_is_and_comes_back(world: World, visit: Visit) -> None:
    async with contextlib.AsyncExitStack() as readers:
        async with world.serving():
            page, watch = await readers.enter_async_context(visit(world))
            await expect(page.locator(".line.on")).to_be_visible()
            watch.line_may_fail = True
        await expect(page.locator(".line.down")).to_have_text(re.compile(r"line down: what you see is [1-9]\d* s old"))
        await expect(page.locator(".wall.frozen")).to_be_visible()

        async with world.serving() as server:
            await expect(page.locator(".line.on")).to_be_visible(timeout=BACK_MS)
            world.say(server.ledger, ("silo", 0.2, 2.2))
            await expect(tile(page, "silo").locator(".degrees")).to_have_text("2.2", timeout=ON_SCREEN_MS)
            await readers.aclose()


@pytest.mark.broker
async def test_a_batch_that_a_gateway_publishes_comes_onto_the_screen(
    world: World, visit: Visit, tmp_path: Path
) -> None:
    port = world.settings.broker.port
    async with running_broker(tmp_path, port), world.serving(), visit(world) as (page, _):
        await expect(tile(page, "freezer").locator(".degrees")).to_have_text("−20.4")
        async with connected(Connection("127.0.0.1", port, "gw-test")) as gateway:
            await gateway.subscribe(topics.SERVER_STATUS)
            async for said in gateway.messages:
                if b"true" in bytes(said.payload):  # the server listens
                    break
            node = world.nodes["evil"]
            batch = node.seal([Row("freezer", int(time.time() * 1000), -19.1, unit="Cel")])

            await gateway.publish_checked(topics.data(node.node), batch.raw)

            await expect(tile(page, "freezer").locator(".degrees")).to_have_text("−19.1", timeout=ON_SCREEN_MS)


async def test_the_server_allows_only_its_own_scripts(wall: World, visit: Visit) -> None:
    async with visit(wall) as (page, _):
        answer = await page.request.get(page.url.split("#")[0])
        policy = answer.headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


MOVES_ON = """
new MutationObserver((seen, observer) => {
  if (document.getElementById("app")?.firstChild) {
    observer.disconnect();
    location.hash = "#/inbox";
  }
}).observe(document, { childList: true, subtree: true });
"""
"""Goes on to another address as soon as the page is drawn first, before it listens."""


async def test_an_address_that_changes_while_the_page_starts_is_followed(wall: World, visit: Visit) -> None:
    async with visit(wall) as (page, _):
        await page.add_init_script(MOVES_ON)
        await page.goto("about:blank")

        await page.goto(f"{wall.url}/#/")

        await expect(page.locator("main.page-inbox")).to_be_visible()


async def test_an_unclaimed_sensor_stands_in_the_inbox_with_its_value_and_how_to_claim_it(
    world: World, visit: Visit
) -> None:
    async with world.serving() as server, visit(world, language="zh") as (page, _):
        now_ms = int(time.time() * 1000)
        node = next(iter(world.nodes.values()))
        node.append(server.ledger, [Row(f"{UNKNOWN}:temperature", now_ms, 4.25, "Cel")], received_at_ms=now_ms)
        await page.goto(f"{page.url.split('#')[0]}#/inbox")

        item = page.locator(".inbox-item")
        await expect(item).to_contain_text("4.25 °C", timeout=ON_SCREEN_MS)
        await expect(item).to_contain_text(f"coldchain claim {UNKNOWN}:temperature")


async def test_a_phone_has_one_row_on_top_and_its_pages_under_the_thumb(wall: World, visit: Visit) -> None:
    async with visit(wall, size=PHONE) as (page, _):
        await expect(page.locator("a.tile")).to_have_count(len(ASSETS))
        header, bar = await page.locator(".header").bounding_box(), await page.locator(".nav").bounding_box()
        assert header is not None
        assert bar is not None
        assert header["height"] <= 60
        assert bar["y"] + bar["height"] == PHONE[1]
        entries = page.locator(".nav > :visible")
        await expect(entries).to_have_count(5)
        for number in range(5):
            box = await entries.nth(number).bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= 44

        await page.get_by_role("button", name="More").click()
        await page.get_by_role("link", name="Inbox").click()
        await expect(page.get_by_role("heading", name="Unclaimed sensors")).to_be_visible()
        await expect(page.get_by_role("link", name="Inbox")).to_be_hidden()
        await expect(page.get_by_role("button", name="More")).to_have_class("rest here")

        await page.evaluate("scrollTo(0, document.body.scrollHeight)")
        last = await page.locator("main > :last-child").bounding_box()
        assert last is not None
        assert last["y"] + last["height"] <= PHONE[1] - bar["height"]


async def test_a_desk_has_every_page_in_its_header(wall: World, visit: Visit) -> None:
    async with visit(wall) as (page, _):
        await expect(page.locator(".nav > :visible")).to_have_text(
            ["Overview", re.compile("Alarms"), "To do", "Trips", "Lots", "Inbox", "Papers"]
        )
