"""`coldchain notify test`: the provider's answer, what to do about it, and the exit code."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from alerts.notify.channels.port import Accepted, Answer, Broken, Later, Message, Refused
from coldchain.cli.main import app
from coldchain.cli.notify_test import told
from coldchain.errors import ConfigError
from coldchain.notify_settings import CHANNEL_KINDS, NotifySettings
from tests.alerts.notify.kits import secret_file


class FakeChannel:
    """Keeps what it is given and answers as it is told."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.sent: list[Message] = []
        self.closed = False

    async def send(self, message: Message) -> Answer:
        self.sent.append(message)
        return self.answer

    async def close(self) -> None:
        self.closed = True


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, answer: Answer, *more: str) -> tuple[int, str, FakeChannel]:
    config = folder / "c.toml"
    key = secret_file(folder, "key", "robot-key")
    config.write_text(f'[notify.channels.room]\nkind = "wecom-robot"\nkey_file = "{key}"\n', "utf-8")
    channel = FakeChannel(answer)
    monkeypatch.setattr("alerts.notify.channels.opening.open_channel", lambda *_: channel)
    result = CliRunner().invoke(app, ["notify", "test", "--channel", "room", "--config", str(config), *more])
    return result.exit_code, result.output, channel


@pytest.mark.parametrize(
    ("answer", "code", "zh", "en"),
    [
        (Accepted("m1"), 0, "服务商接受不等于送达", "its number m1"),
        (Later("x: status 500", 7), 1, "等 7 秒", "asks for 7 s"),
        (Refused("x: errcode 81013"), 1, "可见范围", "Check the address"),
        (Broken("x: errcode 60020"), 1, "可信 IP", "public address"),
    ],
)
def test_the_answer_comes_with_its_remedy_in_both_languages(
    answer: Answer, code: int, zh: str, en: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chinese = run(tmp_path, monkeypatch, answer, "--lang", "zh", "--to", "zhang.san")
    english = run(tmp_path, monkeypatch, answer, "--lang", "en")

    assert (chinese[0], english[0]) == (code, code)
    assert zh in chinese[1]
    assert en in english[1]
    assert getattr(answer, "why", "") in english[1]
    assert chinese[2].closed
    assert (chinese[2].sent[0].kind, chinese[2].sent[0].language, chinese[2].sent[0].to) == ("test", "zh", "zhang.san")


def test_a_channel_that_the_settings_do_not_have_is_told_with_those_they_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = CliRunner().invoke(app, ["notify", "test", "--channel", "mail"])

    assert isinstance(result.exception, ConfigError)
    assert "the settings have: none" in str(result.exception)


def test_every_kind_has_a_remedy_in_both_languages() -> None:
    for kind in CHANNEL_KINDS:
        name = kind.model_fields["kind"].annotation.__args__[0]  # type: ignore[union-attr]
        fields = {field: "1" for field, info in kind.model_fields.items() if info.is_required()}
        wanted = NotifySettings.model_validate({"channels": {"it": {**fields, "kind": name}}}).channels["it"]

        zh, en = (told("it", wanted, Broken("why"), language) for language in ("zh", "en"))

        assert "请" in zh
        assert "Check" in en
