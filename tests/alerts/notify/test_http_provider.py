"""Any provider of text messages: what is asked, and how its answer is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alerts.notify.channels.http_provider import filled, found_at, in_address, in_json
from alerts.notify.channels.opening import channels_of
from alerts.notify.channels.port import Accepted, Answer, Message, Refused
from alerts.notify.channels.templates import short
from coldchain.clock import TestClock
from coldchain.errors import ConfigError
from coldchain.notify_settings import NotifySettings
from tests.alerts.notify.fakes.http import FakeHttp, Heard, Said, said
from tests.alerts.notify.kits import open_kit, secret_file


class Provider(FakeHttp):
    """Takes everything and says what it is told to say."""

    told: Said = said({})

    def accepted(self, heard: Heard) -> Said:
        self.delivered.append(heard)
        return self.told


async def sent(settings: dict[str, Any], told: Said = (200, {}, b""), **changes: Any) -> tuple[Answer, Heard]:
    async with Provider(TestClock()) as fake:
        fake.told = told
        values = {"kind": "http", "allowed_hosts": ["127.0.0.1"], "templates": {"alarm": "T1"}, **settings}
        values["url"] = str(values.get("url", "URL/send")).replace("URL", fake.url)
        channel = channels_of(NotifySettings.model_validate({"channels": {"sms": values}}), fake.clock)["sms"]
        facts = {"site": 'A"店\n&', "what": "see https://evil.example.com/x now", "asset": "柜" * 30, "since": ""}
        message = {"key": "k/1", "to": "13800000000", "language": "zh", "title": "t", "lines": (), "facts": facts}
        answer = await channel.send(Message(**{**message, **changes}))
        await channel.close()
        return answer, fake.delivered[0]


async def test_values_are_escaped_as_json() -> None:
    _, heard = await sent({"body": '{"a": "{var:site}", "b": "{phone}", "t": "{template}", "at": {timestamp}}'})

    assert heard.json == {"a": 'A"店 &', "b": "13800000000", "t": "T1", "at": 1_700_000_000}


async def test_values_are_escaped_as_a_form_and_in_the_address() -> None:
    _, heard = await sent(
        {"body_format": "form", "body": "a={var:site}&b={key}", "url": "URL/send/{key}?at={timestamp_ms}"}
    )

    assert heard.body == b"a=A%22%E5%BA%97%20%26&b=k%2F1"
    assert heard.target == "/send/k%2F1?at=1700000000000"
    assert heard.headers["content-type"].startswith("application/x-www-form-urlencoded")


async def test_a_variable_is_short_has_no_link_and_is_never_empty() -> None:
    _, heard = await sent({"body": '{"what": "{var:what}", "asset": "{var:asset}", "since": "{var:since}"}'})

    assert heard.json == {"what": "see now", "asset": "柜" * 19 + "…", "since": "-"}


@pytest.mark.parametrize(
    "text",
    ["https://a.example.com/b", "http://1.2.3.4", "www.example.com/x", "example.com", "a.b.cn/x?y", "FTP://x/y", "weixin://dl"],
)  # fmt: skip
def test_no_form_of_a_link_gets_through(text: str) -> None:
    assert short(f"柜 {text} 高", 40) == "柜 高"


@pytest.mark.parametrize("text", ["9.4 ℃", "2-6 ℃ 25 分钟", "柜3.2", "A.D12345", "10:25"])
def test_numbers_and_names_are_no_links(text: str) -> None:
    assert short(text, 40) == text


def test_a_value_that_looks_like_a_placeholder_is_text() -> None:
    assert filled("{var:a} {var:b}", {"var:a": "{var:b}", "var:b": "x"}, str) == "{var:b} x"


async def test_a_template_by_kind_and_language_and_none_is_refused(tmp_path: Path) -> None:
    templates = {"alarm.en": "EN", "alarm": "ANY"}
    _, english = await sent({"body": '{"t": "{template}"}', "templates": templates}, language="en")
    _, chinese = await sent({"body": '{"t": "{template}"}', "templates": templates}, language="zh")

    async with open_kit("http", tmp_path, TestClock()) as kit:
        answer = await kit.channel.send(kit.message(kind="digest"))

        assert kit.heard() == 0
    assert (english.json["t"], chinese.json["t"]) == ("EN", "ANY")
    assert answer == Refused("no template for digest.zh: add it to the channel's templates")


async def test_basic_proves_who_sends(tmp_path: Path) -> None:
    _, heard = await sent(
        {"sign": "basic", "username": "dairy", "secret_file": secret_file(tmp_path, "p", "open sesame")}
    )

    assert heard.headers["authorization"] == "Basic ZGFpcnk6b3BlbiBzZXNhbWU="


@pytest.mark.parametrize(
    ("told", "value", "accepted"),
    [({"ok": True}, "true", True), ({"ok": "0"}, "0", True), ({"ok": 0}, "0", True), ({"ok": 1}, "0", False)],
)
async def test_success_reads_as_the_settings_say(told: dict[str, Any], value: str, accepted: bool) -> None:
    answer, _ = await sent({"success_path": "ok", "success_value": value}, said(told))

    assert isinstance(answer, Accepted) is accepted


def test_a_path_that_leads_nowhere_finds_nothing() -> None:
    assert found_at({"a": [{"b": 1}]}, "a.1.b") is None
    assert found_at({"a": 1}, "a.b") is None
    assert found_at([], "x") is None


def test_each_place_has_its_escaping() -> None:
    assert in_json('"\\\n店') == '\\"\\\\\\n店'
    assert in_address("a/b &店") == "a%2Fb%20%26%E5%BA%97"


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"body": "{var:nothing}"}, "body: nothing fills {var:nothing}"),
        ({"url": "https://x/{body}"}, "url: nothing fills {body}"),
        ({"sign": "hmac"}, "sign = 'hmac' needs secret_file"),
    ],
)
def test_settings_that_cannot_work_are_told_before_anything_is_sent(settings: dict[str, Any], fault: str) -> None:
    wanted = {"kind": "http", "url": "https://x", **settings}
    with pytest.raises(ConfigError) as told:
        channels_of(NotifySettings.model_validate({"channels": {"sms": wanted}}))
    assert told.value.faults == [f"notify.channels.sms: {fault}"]


async def test_the_clouds_get_the_number_as_they_want_it(tmp_path: Path) -> None:
    seen = {}
    for name in ("aliyun-sms", "tencent-sms"):
        for to in ("+86 138-0000-0000", "13800000000", "+85261234567"):
            (tmp_path / name).mkdir(exist_ok=True)
            async with open_kit(name, tmp_path / name, TestClock()) as kit:
                await kit.channel.send(kit.message(to=to))
                heard = kit.fake.delivered[0]
                seen[name, to] = heard.query["PhoneNumbers"] if heard.query else heard.json["PhoneNumberSet"][0]

    assert list(seen.values()) == [
        "13800000000", "13800000000", "85261234567", "+8613800000000", "+8613800000000", "+85261234567",
    ]  # fmt: skip
