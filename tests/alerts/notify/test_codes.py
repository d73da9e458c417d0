"""What each provider's codes mean, and what a second attempt does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alerts.notify.channels.port import Accepted, Broken, Later, Refused
from coldchain.clock import TestClock
from tests.alerts.notify.fakes.http import said
from tests.alerts.notify.fakes.modes import Mode
from tests.alerts.notify.kits import open_kit

CODES = [
    ("wecom-robot", {"errcode": 45009, "errmsg": "api freq out of limit"}, Later, 60.0),
    ("wecom-robot", {"errcode": -1, "errmsg": "system busy"}, Later, None),
    ("wecom-robot", {"errcode": 93000, "errmsg": "invalid webhook url"}, Broken, None),
    ("wecom-robot", {"errcode": 42001, "errmsg": "expired"}, Broken, None),
    ("wecom-app", {"errcode": 0, "errmsg": "ok", "invaliduser": "zhang.san"}, Refused, None),
    ("wecom-app", {"errcode": 81013, "errmsg": "all invalid"}, Refused, None),
    ("wecom-app", {"errcode": 60020, "errmsg": "not allow to access from your ip"}, Broken, None),
    ("wecom-app", {"errcode": 45033, "errmsg": "concurrent"}, Later, None),
    ("wecom-app", {"errcode": 987654, "errmsg": "never heard of"}, Refused, None),
    ("dingtalk-robot", {"errcode": 130101, "errmsg": "send too fast"}, Later, 600.0),
    ("dingtalk-robot", {"errcode": 660026, "errmsg": "too fast"}, Later, 600.0),
    ("dingtalk-robot", {"errcode": 310000, "errmsg": "sign not match"}, Broken, None),
    ("dingtalk-app", {"errcode": 143105, "errmsg": "500 a day"}, Refused, None),
    ("dingtalk-app", {"errcode": 143104, "errmsg": "QPM"}, Later, 60.0),
    ("dingtalk-app", {"errcode": 88, "sub_code": "60011", "errmsg": "no right"}, Broken, None),
    ("dingtalk-app", {"errcode": 88, "errmsg": "no right"}, Broken, None),
    ("dingtalk-app", {"errcode": 33012, "errmsg": "USERID"}, Refused, None),
    ("feishu-robot", {"code": 11232, "msg": "frequency limited"}, Later, 60.0),
    ("feishu-robot", {"code": 9499, "msg": "too many request"}, Later, 60.0),
    ("feishu-robot", {"code": 19022, "msg": "Ip Not Allowed"}, Broken, None),
    ("feishu-app", {"code": 230020, "msg": "frequency"}, Later, None),
    ("feishu-app", {"code": 230001, "msg": "invalid receive_id"}, Refused, None),
    ("feishu-app", {"code": 99991403, "msg": "quota of the month"}, Broken, None),
    ("aliyun-sms", {"Code": "isv.BUSINESS_LIMIT_CONTROL", "Message": "流控"}, Later, 60.0),
    ("aliyun-sms", {"Code": "isv.PARAM_NOT_SUPPORT_URL", "Message": "url"}, Refused, None),
    ("aliyun-sms", {"Code": "isv.SMS_SIGNATURE_ILLEGAL", "Message": "签名"}, Broken, None),
    ("aliyun-voice", {"Code": "isv.DISPLAY_NUMBER_ILLEGAL", "Message": "号显"}, Broken, None),
    ("aliyun-voice", {"Code": "isv.MOBILE_NUMBER_ILLEGAL", "Message": "号码"}, Refused, None),
]


@pytest.mark.parametrize(("name", "told", "expected", "after_s"), CODES, ids=lambda value: str(value)[:40])
async def test_a_code_in_a_200_decides(
    name: str, told: dict[str, Any], expected: type, after_s: float | None, tmp_path: Path
) -> None:
    async with open_kit(name, tmp_path, TestClock()) as kit:
        kit.fake.accepted = lambda heard: said(told)

        answer = await kit.channel.send(kit.message())

        assert type(answer) is expected, answer
        assert getattr(answer, "after_s", None) == after_s


async def test_feishu_says_in_a_header_of_its_own_how_long_to_wait(tmp_path: Path) -> None:
    async with open_kit("feishu-app", tmp_path, TestClock()) as kit:
        kit.mode(Mode.BUSY)

        answer = await kit.channel.send(kit.message())

        assert isinstance(answer, Later)
        assert answer.after_s == 52


@pytest.mark.parametrize(
    ("header", "after_s"),
    [
        ("120", 120.0),
        ("Tue, 14 Nov 2023 22:14:50 GMT", 90.0),
        ("Tue, 14 Nov 2023 22:00:00 GMT", 0.0),
        ("999999999", 86_400.0),
        ("soon", None),
        ("-5", None),
    ],
)
async def test_a_provider_says_when_to_try_again_in_seconds_or_as_a_date(
    header: str, after_s: float | None, tmp_path: Path
) -> None:
    async with open_kit("webhook", tmp_path, TestClock()) as kit:
        kit.fake.accepted = lambda heard: (503, {"Retry-After": header}, b"")

        answer = await kit.channel.send(kit.message())

        assert isinstance(answer, Later)
        assert answer.after_s == after_s


@pytest.mark.parametrize(
    ("status", "expected"),
    [(200, Accepted), (202, Accepted), (204, Accepted), (301, Broken), (307, Broken), (400, Refused), (401, Broken),
     (404, Broken), (410, Broken), (413, Refused), (422, Refused), (429, Later), (500, Later), (502, Later),
     (503, Later)],
)  # fmt: skip
async def test_a_webhooks_status_decides(status: int, expected: type, tmp_path: Path) -> None:
    async with open_kit("webhook", tmp_path, TestClock()) as kit:
        kit.fake.accepted = lambda heard: (status, {}, b"")

        assert type(await kit.channel.send(kit.message())) is expected


@pytest.mark.parametrize("status", [401, 403, 404])
@pytest.mark.parametrize("name", ["wecom-robot", "dingtalk-app", "feishu-app", "http", "aliyun-sms", "tencent-sms"])
async def test_a_status_without_the_providers_code_means_that_it_is_not_the_provider(
    name: str, status: int, tmp_path: Path
) -> None:
    async with open_kit(name, tmp_path, TestClock()) as kit:
        kit.fake.accepted = lambda heard: (status, {}, b"<html>")

        assert isinstance(await kit.channel.send(kit.message()), Broken)


# -- a second attempt -------------------------------------------------------------------------------------------


async def test_dingtalk_dropped_the_reply_and_the_second_attempt_finds_it_delivered(tmp_path: Path) -> None:
    async with open_kit("dingtalk-app", tmp_path, TestClock()) as kit:
        kit.mode(Mode.DROP)
        first = await kit.channel.send(kit.message())
        kit.mode(Mode.ACCEPT)

        second = await kit.channel.send(kit.message())

        assert isinstance(first, Later)
        assert isinstance(second, Accepted)
        assert kit.heard() == 1


@pytest.mark.parametrize("name", ["wecom-app", "dingtalk-app", "feishu-app", "webhook", "webpush", "aliyun-sms"])
async def test_attempts_of_one_message_can_be_told_from_another_with_the_same_words(name: str, tmp_path: Path) -> None:
    clock = TestClock()
    async with open_kit(name, tmp_path, clock) as kit:
        for key in ("k1", "k1", "k2"):
            await kit.channel.send(kit.message(key=key))
            clock.advance_sync(60)

        asked = [heard for heard in kit.fake.heard if "token" not in heard.path or "push" in heard.path]
        marks = [_mark_of(name, heard) for heard in asked]
        assert marks[0] == marks[1] != marks[2]


def _mark_of(name: str, heard: Any) -> Any:
    if name in ("webhook", "webpush"):
        return heard.headers["webhook-id" if name == "webhook" else "topic"]
    if name == "aliyun-sms":
        return heard.query["OutId"]
    return heard.json["uuid"] if name == "feishu-app" else heard.json


async def test_wecom_is_asked_to_drop_what_it_already_has(tmp_path: Path) -> None:
    async with open_kit("wecom-app", tmp_path, TestClock()) as kit:
        await kit.channel.send(kit.message())

        assert kit.fake.delivered[0].json["enable_duplicate_check"] == 1


# -- what arrives -----------------------------------------------------------------------------------------------


async def test_a_webhook_gets_everything_that_is_known(tmp_path: Path) -> None:
    async with open_kit("webhook", tmp_path, TestClock()) as kit:
        message = kit.message(to="room")
        await kit.channel.send(message)

        told = kit.fake.delivered[0].json
        assert told["facts"] == dict(message.facts)
        assert (told["key"], told["kind"], told["severity"], told["link"]) == (
            "alarm/42/1", "alarm", "critical", message.link,
        )  # fmt: skip


async def test_a_browser_reads_what_was_encrypted_for_it(tmp_path: Path) -> None:
    async with open_kit("webpush", tmp_path, TestClock()) as kit:
        message = kit.message()
        await kit.channel.send(message)

        assert kit.fake.read[0]["title"] == message.title
        assert kit.fake.read[0]["link"] == message.link
        assert message.title.encode() not in kit.fake.delivered[0].body


async def test_wecoms_card_leads_to_the_alarm_and_no_name_is_markup(tmp_path: Path) -> None:
    async with open_kit("wecom-app", tmp_path, TestClock()) as kit:
        await kit.channel.send(kit.message(lines=("<div class='x'>柜</div>", *["行" * 60] * 20)))

        card = kit.fake.delivered[0].json["textcard"]
        assert card["url"] == "https://milk.example.com/a/42"
        assert "<" not in card["description"]
        assert "还有 18 行" in card["description"]
        assert len(card["description"].encode()) <= 512


async def test_an_endpoint_that_is_no_address_is_refused(tmp_path: Path) -> None:
    async with open_kit("webpush", tmp_path, TestClock()) as kit:
        to = kit.to.replace("http://127.0.0.1", "https://[::1")

        assert isinstance(await kit.channel.send(kit.message(to=to)), Refused)


async def test_a_push_service_in_a_private_network_is_this_receivers_fault_not_the_accounts(tmp_path: Path) -> None:
    async with open_kit("webpush", tmp_path, TestClock()) as kit:
        to = kit.to.replace("127.0.0.1", "169.254.169.254").replace("http://", "https://")

        answer = await kit.channel.send(kit.message(to=to))

        assert isinstance(answer, Refused)
        assert "169.254.169.254" in answer.why
