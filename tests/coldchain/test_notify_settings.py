"""Channels in the settings: read whole, told whole, and never with a secret."""

from __future__ import annotations

import logging
import re
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from alerts.notify.channels.opening import channels_of
from coldchain.errors import ConfigError
from coldchain.notify_settings import CHANNEL_KINDS, NotifySettings, SmtpChannel, explain_channels
from coldchain.settings import explain, load
from tests.alerts.notify.fakes.notifier import FakeNotifier
from tests.alerts.notify.kits import secret_file

CONTRACTS = Path(__file__).resolve().parents[2] / "docs" / "contracts.md"


def written(folder: Path, text: str) -> Path:
    file = folder / "coldchain.toml"
    file.write_text(text, "utf-8")
    return file


def opened(channels: dict[str, Any]) -> Any:
    return channels_of(NotifySettings.model_validate({"channels": channels}))


def test_a_channel_is_a_kind_and_what_that_kind_needs(tmp_path: Path) -> None:
    text = '[notify.channels.mail]\nkind = "smtp"\nhost = "mail.example.com"\nsender = "a@example.com"\n'

    channel = load(written(tmp_path, text), {}).notify.channels["mail"]

    assert isinstance(channel, SmtpChannel)
    assert (channel.port, channel.security) == (587, "starttls")


def test_the_environment_sets_a_channel_too() -> None:
    channel = load(None, {
        "COLDCHAIN_NOTIFY__CHANNELS__MAIL__KIND": "smtp",
        "COLDCHAIN_NOTIFY__CHANNELS__MAIL__HOST": "mail.example.com",
        "COLDCHAIN_NOTIFY__CHANNELS__MAIL__SENDER": "a@example.com",
    }).notify.channels["mail"]  # fmt: skip

    assert isinstance(channel, SmtpChannel)


@pytest.mark.parametrize(
    "text",
    [
        '[notify.channels.room]\nkind = "wecom-robot"\nkey = "hunter2"\n',  # a secret where a file is meant
        '[notify.channels.room]\nkind = "wecom"\nkey = "hunter2"\n',  # no such kind
        '[notify.channels.room]\nkey = "hunter2"\n',  # no kind
        'notify.channels.room = ["hunter2"]\n',
    ],
)
def test_a_secret_in_the_wrong_place_is_not_repeated_in_the_fault(text: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as fault:
        load(written(tmp_path, text), {})

    assert "notify.channels.room" in str(fault.value)
    assert "hunter2" not in str(fault.value)


def test_every_fault_of_every_channel_is_told_at_once_and_no_secret(tmp_path: Path) -> None:
    open_to_all = Path(secret_file(tmp_path, "key", "hunter2"))
    open_to_all.chmod(0o644)

    with pytest.raises(ConfigError) as fault:
        opened(
            {
                "room": {"kind": "wecom-robot", "key_file": str(open_to_all)},
                "hook": {"kind": "webhook", "url": "https://x", "secret_file": str(tmp_path / "missing")},
                "push": {
                    "kind": "webpush",
                    "contact": "mailto:a@b",
                    "key_file": secret_file(tmp_path, "pem", "hunter2"),
                },
                "url": {"kind": "http", "url": "https://[::1"},
                "mail": {"kind": "smtp", "host": "x", "sender": "nobody"},
                "login": {"kind": "smtp", "host": "x", "sender": "a@b.c", "username": "u"},
                "ca": {"kind": "smtp", "host": "x", "sender": "a@b.c", "ca_file": str(tmp_path / "none.pem")},
            }
        )

    told = [line.split(": ")[0] for line in fault.value.faults]
    assert told == [f"notify.channels.{name}" for name in ("room", "hook", "push", "url", "mail", "login", "ca")]
    assert "chmod 600" in fault.value.faults[0]
    assert "hunter2" not in str(fault.value)


@pytest.mark.parametrize(("kind", "field"), [("wecom-robot", "key_file"), ("feishu-robot", "token_file")])
def test_the_whole_address_of_a_robot_is_told_apart_from_its_key(kind: str, field: str, tmp_path: Path) -> None:
    file = secret_file(tmp_path, "key", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=hunter2")

    with pytest.raises(ConfigError, match="only what follows") as fault:
        opened({"room": {"kind": kind, field: file}})

    assert "hunter2" not in str(fault.value)


def test_apprise_is_asked_for_only_where_it_is_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def gone(name: str) -> Any:
        asked.append(name)
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", gone)
    key = secret_file(tmp_path, "key", "x")
    opened({"room": {"kind": "wecom-robot", "key_file": key}})
    assert not asked

    with pytest.raises(ConfigError, match="apprise is not installed"):
        opened({"tail": {"kind": "apprise", "urls_file": key}})
    assert asked == ["apprise"]


def test_apprise_is_opened_with_its_addresses_and_kept_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeNotifier()
    monkeypatch.setattr("importlib.import_module", lambda name: SimpleNamespace(Apprise=lambda: fake))
    urls = secret_file(tmp_path, "urls", "tgram://a\n\nnonsense")

    with pytest.raises(ConfigError) as fault:
        opened({"tail": {"kind": "apprise", "urls_file": urls}})

    assert fault.value.faults == ["notify.channels.tail: line 3 is no address that Apprise knows"]
    assert fake.added == ["tgram://a", "nonsense"]
    assert not logging.getLogger("urllib3.connectionpool").isEnabledFor(logging.CRITICAL)


def test_every_field_of_every_kind_is_explained() -> None:
    rows = list(explain_channels())

    names = {row[0] for row in rows}
    for kind in CHANNEL_KINDS:
        for field in kind.model_fields:
            assert any(name.startswith(f"notify.channels.NAME.{field} (") for name in names), (kind, field)
    assert len(names) == len(rows)
    assert all(meaning for _, _, meaning in rows)
    assert set(rows) <= set(explain())


def test_no_setting_of_a_channel_holds_a_secret_itself() -> None:
    secretive = re.compile("secret|password|token|key", re.IGNORECASE)

    for kind in CHANNEL_KINDS:
        for name in kind.model_fields:
            if secretive.search(name):
                assert name.endswith("_file") or name in ("app_key", "access_key_id", "secret_id"), (kind, name)


def test_the_example_in_the_contracts_opens_but_for_its_files() -> None:
    text = CONTRACTS.read_text("utf-8")
    example = next(block for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL) if "notify.channels" in block)

    with pytest.raises(ConfigError) as fault:
        opened(tomllib.loads(example)["notify"]["channels"])

    assert fault.value.faults == [
        "notify.channels.sms: /etc/coldchain/sms-account: cannot be read: No such file or directory"
    ]
