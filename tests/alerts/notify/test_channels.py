"""The contract of a channel, on every channel and every way in which a provider behaves."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from alerts.notify.channels.port import Accepted, Broken, Later
from coldchain.clock import TestClock
from coldchain.notify_settings import CHANNEL_KINDS
from tests.alerts.notify.fakes.modes import RETRY_AFTER_S, Mode
from tests.alerts.notify.kits import EXPECTED, KITS, open_kit

SILENT_ABOUT_TIME = {"smtp", "apprise"}
"""Where a provider has no word for when to try again."""


def test_every_kind_of_channel_has_its_fake() -> None:
    assert {kind.model_fields["kind"].annotation.__args__[0] for kind in CHANNEL_KINDS} == set(KITS)  # type: ignore[union-attr]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("name", KITS)
async def test_what_a_provider_does_is_answered_and_tells_no_secret(
    name: str, mode: Mode, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with open_kit(name, tmp_path, TestClock(), timeout_s=0.3 if mode is Mode.HANG else 30.0) as kit:
        kit.mode(mode)

        answer = await kit.channel.send(kit.message())

        assert type(answer) is kit.expected.get(mode, EXPECTED[mode]), answer
        shown = f"{answer!r} {kit.channel!r} {vars(kit.channel)!r} {caplog.text}"
        assert not [secret for secret in kit.secrets if secret in shown]
        assert isinstance(answer, Accepted) or 0 < len(answer.why) <= 200
        if mode is Mode.LIMITED and isinstance(answer, Later) and name not in SILENT_ABOUT_TIME:
            assert answer.after_s == RETRY_AFTER_S
        assert kit.heard() == (1 if type(answer) is Accepted and mode not in kit.expected else 0) or mode in (
            Mode.DROP,
            *kit.expected,
        )


@pytest.mark.parametrize("name", [name for name in KITS if name not in ("smtp", "apprise")])
async def test_no_redirect_is_followed(name: str, tmp_path: Path) -> None:
    async with open_kit(name, tmp_path, TestClock()) as kit:
        kit.mode(Mode.REDIRECT)

        await kit.channel.send(kit.message())

        assert kit.fake.elsewhere == 0
        assert kit.fake.heard


@pytest.mark.parametrize("mode", [Mode.FAIL, Mode.BUSY, Mode.DROP, Mode.LIMITED])
@pytest.mark.parametrize("name", [name for name in KITS if name not in ("smtp", "apprise")])
async def test_a_channel_asks_once_and_leaves_trying_again_to_others(name: str, mode: Mode, tmp_path: Path) -> None:
    async with open_kit(name, tmp_path, TestClock()) as kit:
        kit.mode(mode)

        await kit.channel.send(kit.message())

        assert len(kit.fake.heard) - len(getattr(kit.fake, "tokens", ())) == 1


@pytest.mark.parametrize("name", KITS)
async def test_a_channel_goes_on_after_trouble(name: str, tmp_path: Path) -> None:
    async with open_kit(name, tmp_path, TestClock()) as kit:
        for mode in (Mode.FAIL, Mode.DROP, Mode.REFUSE):
            kit.mode(mode)
            await kit.channel.send(kit.message(key=mode.value))
        kit.mode(Mode.ACCEPT)

        answer = await kit.channel.send(kit.message(key="after"))

        assert isinstance(answer, Accepted)


@pytest.mark.parametrize("name", KITS)
async def test_whatever_a_message_holds_it_is_answered(name: str, tmp_path: Path) -> None:
    wild = '"},{<b>&amp;\r\nBcc: x@example.com\0{phone} \u202e \ud800 🥛' * 40
    async with open_kit(name, tmp_path, TestClock()) as kit:
        message = kit.message(title=wild, lines=(wild,) * 200, facts=dict.fromkeys(("site", "asset", "what"), wild))

        answer = await kit.channel.send(message)

        assert isinstance(answer, Accepted), answer
        assert kit.heard() == 1


SIGNED = (
    "wecom-robot",
    "dingtalk-robot",
    "feishu-robot",
    "webhook",
    "http",
    "aliyun-sms",
    "aliyun-voice",
    "tencent-sms",
)


@pytest.mark.parametrize("name", SIGNED)
async def test_a_fake_takes_nothing_that_another_secret_signed(name: str, tmp_path: Path) -> None:
    async with open_kit(name, tmp_path, TestClock()) as kit:
        setattr(kit.fake, "key" if name == "wecom-robot" else "secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx")

        answer = await kit.channel.send(kit.message())

        assert isinstance(answer, Broken), answer
        assert kit.heard() == 0


@pytest.mark.parametrize("name", ["smtp", "wecom-app", "dingtalk-app", "feishu-app", "http", "aliyun-sms", "webpush"])
@pytest.mark.parametrize("to", ["", "@all", "a@example.com,b@example.com", "a|b", "x\r\nRCPT TO:<y@example.com>"])
async def test_nobody_is_told_by_an_address_that_is_not_exactly_one(name: str, to: str, tmp_path: Path) -> None:
    async with open_kit(name, tmp_path, TestClock()) as kit:
        answer = await kit.channel.send(kit.message(to=to))

        assert type(answer).__name__ == "Refused", answer
        assert kit.heard() == 0
