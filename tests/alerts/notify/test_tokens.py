"""Access tokens: few are fetched, none is used too long, and a refused one is renewed once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from alerts.notify.channels.port import Accepted, Broken, Later
from coldchain.clock import TestClock
from tests.alerts.notify.fakes.modes import Mode
from tests.alerts.notify.kits import open_kit

APPS = ("wecom-app", "dingtalk-app", "feishu-app")


@pytest.mark.parametrize("name", APPS)
async def test_many_messages_fetch_one_token(name: str, tmp_path: Path) -> None:
    async with open_kit(name, tmp_path, TestClock()) as kit:
        answers = await asyncio.gather(*(kit.channel.send(kit.message(key=str(n))) for n in range(8)))

        assert all(isinstance(answer, Accepted) for answer in answers)
        assert len(kit.fake.tokens) == 1


@pytest.mark.parametrize("name", APPS)
async def test_a_token_is_renewed_before_it_expires(name: str, tmp_path: Path) -> None:
    clock = TestClock()
    async with open_kit(name, tmp_path, clock) as kit:
        await kit.channel.send(kit.message(key="1"))
        clock.advance_sync(7200 - 301)
        await kit.channel.send(kit.message(key="2"))
        before = len(kit.fake.tokens)
        clock.advance_sync(2)

        await kit.channel.send(kit.message(key="3"))

        assert (before, len(kit.fake.tokens)) == (1, 2)


@pytest.mark.parametrize("name", APPS)
async def test_a_token_that_is_refused_is_fetched_again_and_the_message_arrives(name: str, tmp_path: Path) -> None:
    async with open_kit(name, tmp_path, TestClock()) as kit:
        await kit.channel.send(kit.message(key="1"))
        kit.fake.forget()

        answer = await kit.channel.send(kit.message(key="2"))

        assert isinstance(answer, Accepted)
        assert len(kit.fake.tokens) == 2
        assert kit.heard() == 2


@pytest.mark.parametrize("name", APPS)
async def test_a_provider_that_refuses_its_own_fresh_token_is_broken_and_is_not_asked_for_ever(
    name: str, tmp_path: Path
) -> None:
    async with open_kit(name, tmp_path, TestClock()) as kit:
        kit.fake.takes = lambda token: False

        answer = await kit.channel.send(kit.message())

        assert isinstance(answer, Broken)
        assert len(kit.fake.tokens) == 2


@pytest.mark.parametrize("name", APPS)
async def test_a_wrong_secret_is_broken_and_is_not_told(name: str, tmp_path: Path) -> None:
    async with open_kit(name, tmp_path, TestClock()) as kit:
        kit.fake.secret = "another one"

        answer = await kit.channel.send(kit.message())

        assert isinstance(answer, Broken)
        assert not [secret for secret in kit.secrets if secret in answer.why]


@pytest.mark.parametrize("name", APPS)
async def test_a_provider_that_is_away_while_a_token_is_fetched_is_tried_later(name: str, tmp_path: Path) -> None:
    async with open_kit(name, tmp_path, TestClock()) as kit:
        kit.fake.always = lambda heard: None
        kit.mode(Mode.FAIL)

        assert isinstance(await kit.channel.send(kit.message()), Later)
