"""The link of a message on a phone: what it is, who was told, an answer in one tap; and a drill that is confirmed."""

from __future__ import annotations

import time

import pytest
from playwright.async_api import expect

from alerts.notify.content import Content, Item, News
from alerts.notify.directory import Receiver, Route
from alerts.notify.drills import ask
from alerts.notify.messages import key_of, put_message
from alerts.notify.tables import content
from coldchain.people import Person
from tests.browser.conftest import PHONE, Visit, World
from tests.browser.test_corrections import correction, warm
from tests.support import put

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

expect.set_options(timeout=15_000)

LI = Receiver("person:li", "zh", "Asia/Shanghai", (Route("sms", "sms-1", "13800000001"),))


async def test_whoever_opens_the_link_sees_what_to_do_and_answers_in_one_tap(world: World, visit: Visit) -> None:
    warm(world)
    async with world.serving() as server:
        async with visit(world, "/alarms", language="zh", size=PHONE) as (page, _):
            await expect(page.get_by_text("鲜奶柜 9").first).to_be_visible()
        name = str((await correction(world))["about"])
        put(server.ledger, Person("li", "小李", phone="13800000001"))
        item = Item(name, 1, "warning", News.NEW, "shop")
        with server.notes.writing() as connection:
            key = key_of("test")
            said = Content("alarm", item.severity, "zh", "【警告】鲜奶柜 9", ())
            put_message(connection, key, LI, said, int(time.time() * 1000))
            row = {"outbox": 1, "alarm": name, "ordinal": 1, "repeat": 0, "receiver": LI.id, "message": key}
            connection.execute(content.insert(), row)

        async with visit(world, f"/alarm/{name}", language="zh", size=PHONE) as (page, _):
            await expect(page.locator(".told li", has_text="小李")).to_contain_text("正在发送")
            await expect(page.get_by_role("button", name="我知道了")).to_be_disabled()
            await page.locator(".answer").get_by_label("我是").fill("小王")
            await page.get_by_role("button", name="我知道了").click()
            await expect(page.locator("ol.told li", has_text="小王")).to_contain_text("我知道了")
            await expect(page.get_by_role("button", name="我知道了")).to_have_count(0)


async def test_a_drill_is_confirmed_with_one_tap(world: World, visit: Visit) -> None:
    async with world.serving() as server:
        put(server.ledger, Person("li", "小李", phone="13800000001"))
        with server.notes.writing() as connection:
            key = ask(connection, LI, lambda _, key: Content("test", "", "zh", "演练", ()), int(time.time() * 1000))

        async with visit(world, f"/confirm/{key}", language="zh", size=PHONE) as (page, _):
            await page.get_by_role("button", name="确认收到").click()
            await expect(page.get_by_role("status")).to_contain_text("小李")
