"""Every channel with its fake, opened from settings as the program opens it: what the contract suite runs on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from alerts.notify.channels.apprise import Apprise
from alerts.notify.channels.opening import channels_of
from alerts.notify.channels.port import Accepted, Broken, Channel, Later, Message, Refused
from coldchain.clock import TestClock
from coldchain.notify_settings import AppriseChannel, NotifySettings
from tests.alerts.notify.certificates import certificate
from tests.alerts.notify.fakes.http import FakeHttp
from tests.alerts.notify.fakes.messengers import (
    FakeApp,
    FakeDingtalkApp,
    FakeDingtalkRobot,
    FakeFeishuApp,
    FakeFeishuRobot,
    FakeWecomApp,
    FakeWecomRobot,
)
from tests.alerts.notify.fakes.modes import Mode
from tests.alerts.notify.fakes.notifier import FakeNotifier
from tests.alerts.notify.fakes.receivers import FakePush, FakeReceiver
from tests.alerts.notify.fakes.smtp import FakeSmtp
from tests.alerts.notify.fakes.texting import FakeAliyun, FakeSms, FakeTencent

PICTURE = b"\x89PNG\r\n\x1a\n chart"

Expected = type[Accepted | Later | Refused | Broken]

EXPECTED: dict[Mode, Expected] = {
    Mode.ACCEPT: Accepted,
    Mode.REFUSE: Refused,
    Mode.BROKEN: Broken,
    Mode.BUSY: Later,
    Mode.LIMITED: Later,
    Mode.FAIL: Later,
    Mode.HANG: Later,
    Mode.DROP: Later,
    Mode.REDIRECT: Broken,
    Mode.GARBAGE: Later,
    Mode.FLOOD: Later,
}
"""What a channel answers; a 200 decides nothing where the provider has a code in the body."""

BY_STATUS: dict[Mode, Expected] = {Mode.GARBAGE: Accepted, Mode.FLOOD: Accepted}
"""Where the status decides."""


@dataclass
class Kit:
    """One channel over its fake.

    Attributes:
        heard: how many times the provider took a message.
        secrets: what must never be told.
    """

    channel: Channel
    to: str
    mode: Callable[[Mode], None]
    heard: Callable[[], int]
    secrets: list[str]
    expected: dict[Mode, Expected] = field(default_factory=dict)
    fake: Any = None

    def message(self, **changes: Any) -> Message:
        values: dict[str, Any] = {
            "key": "alarm/42/1",
            "to": self.to,
            "language": "zh",
            "title": "人民路店 · 奶柜3 温度偏高",
            "lines": ("现在 9.4 ℃,已 25 分钟", "请先看门是否关好"),
            "link": "https://milk.example.com/a/42",
            "severity": "critical",
            "kind": "alarm",
            "facts": {"site": "人民路店", "asset": "奶柜3", "what": "温度偏高", "since": "10:25", "count": "1"},
            "picture": PICTURE,
        }
        return Message(**{**values, **changes})


def secret_file(folder: Path, name: str, text: str) -> str:
    file = folder / name
    file.write_text(text + "\n")
    file.chmod(0o600)
    return str(file)


@asynccontextmanager
async def over_http(
    fake: FakeHttp,
    settings: dict[str, Any],
    to: str,
    secrets: list[str],
    timeout_s: float,
    expected: dict[Mode, Expected] | None = None,
) -> AsyncIterator[Kit]:
    """Open a channel from settings as a file has them; ``URL`` in them is the fake's."""
    async with fake:
        values = {name: value.replace("URL", fake.url) if isinstance(value, str) else value
                  for name, value in settings.items()}  # fmt: skip
        timed = {"timeout_s": timeout_s, "allowed_hosts": ["127.0.0.1"]}
        wanted = NotifySettings.model_validate({"channels": {"it": {**timed, **values}}})
        channel = channels_of(wanted, fake.clock)["it"]
        kit = Kit(
            channel,
            to or (fake.subscription() if isinstance(fake, FakePush) else ""),
            lambda mode: setattr(fake, "mode", mode),
            lambda: len(fake.delivered),
            [*secrets, *(["t-fetched/token", "t-fetched%2Ftoken"] if isinstance(fake, FakeApp) else [])],
            expected or {},
            fake,
        )
        try:
            yield kit
        finally:
            await channel.close()


@asynccontextmanager
async def open_kit(name: str, folder: Path, clock: TestClock, timeout_s: float = 30.0) -> AsyncIterator[Kit]:
    """Open the channel of a name of `KITS` over its fake.

    Args:
        timeout_s: short only where the fake hangs, so that a slow machine fails nothing.
    """
    async with _KITS[name](folder, clock, timeout_s) as kit:
        yield kit


def _wecom_robot(folder: Path, clock: TestClock, timeout_s: float) -> Any:
    fake = FakeWecomRobot(clock)
    key = secret_file(folder, "key", fake.key)
    return over_http(fake, {"kind": "wecom-robot", "base_url": "URL", "key_file": key}, "", [fake.key], timeout_s)


def _wecom_app(folder: Path, clock: TestClock, timeout_s: float) -> Any:
    fake = FakeWecomApp(clock)
    settings = {
        "kind": "wecom-app", "base_url": "URL", "corp_id": "ww1", "agent_id": 7,
        "secret_file": secret_file(folder, "secret", fake.secret),
    }  # fmt: skip
    return over_http(fake, settings, "zhang.san", [fake.secret], timeout_s)


def _dingtalk_robot(folder: Path, clock: TestClock, timeout_s: float) -> Any:
    fake = FakeDingtalkRobot(clock)
    settings = {
        "kind": "dingtalk-robot", "base_url": "URL", "token_file": secret_file(folder, "token", fake.token),
        "secret_file": secret_file(folder, "secret", fake.secret),
    }  # fmt: skip
    return over_http(fake, settings, "", [fake.token, fake.secret], timeout_s)


def _dingtalk_app(folder: Path, clock: TestClock, timeout_s: float) -> Any:
    fake = FakeDingtalkApp(clock)
    settings = {
        "kind": "dingtalk-app", "base_url": "URL", "app_key": "ding1", "agent_id": 7,
        "secret_file": secret_file(folder, "secret", fake.secret),
    }  # fmt: skip
    return over_http(fake, settings, "zhangsan", [fake.secret], timeout_s)


def _feishu_robot(folder: Path, clock: TestClock, timeout_s: float) -> Any:
    fake = FakeFeishuRobot(clock)
    settings = {
        "kind": "feishu-robot", "base_url": "URL", "token_file": secret_file(folder, "token", fake.token),
        "secret_file": secret_file(folder, "secret", fake.secret),
    }  # fmt: skip
    return over_http(fake, settings, "", [fake.token, fake.secret], timeout_s)


def _feishu_app(folder: Path, clock: TestClock, timeout_s: float) -> Any:
    fake = FakeFeishuApp(clock)
    settings = {
        "kind": "feishu-app", "base_url": "URL", "app_id": "cli_1",
        "secret_file": secret_file(folder, "secret", fake.secret),
    }  # fmt: skip
    return over_http(fake, settings, "zhangsan", [fake.secret], timeout_s)


def _webhook(folder: Path, clock: TestClock, timeout_s: float) -> Any:
    fake = FakeReceiver(clock)
    settings = {
        "kind": "webhook",
        "url": "URL/hook?capability=1",
        "secret_file": secret_file(folder, "s", fake.secret),
    }
    return over_http(fake, settings, "", [fake.secret, fake.secret.removeprefix("whsec_")], timeout_s, BY_STATUS)


def _http(folder: Path, clock: TestClock, timeout_s: float) -> Any:
    fake = FakeSms(clock)
    settings = {
        "kind": "http", "url": "URL/send", "sign": "hmac",
        "body": '{"to":"{phone}","template":"{template}","site":"{var:site}","what":"{var:what}","id":"{key}"}',
        "header_files": {"x-account": secret_file(folder, "account", fake.account)},
        "secret_file": secret_file(folder, "secret", fake.secret),
        "success_path": "code", "success_value": "0", "reference_path": "data.0.id",
        "codes_later": ["limit"], "codes_broken": ["401", "402"], "templates": {"alarm": "T1"},
    }  # fmt: skip
    return over_http(fake, settings, "13800000000", [fake.account, fake.secret], timeout_s)


def _aliyun_sms(folder: Path, clock: TestClock, timeout_s: float) -> Any:
    fake = FakeAliyun(clock)
    settings = {
        "kind": "aliyun-sms", "base_url": "URL", "access_key_id": fake.key_id, "sign_name": "鲜奶*公司",
        "secret_file": secret_file(folder, "secret", fake.secret), "templates": {"alarm.zh": "SMS_1"},
    }  # fmt: skip
    return over_http(fake, settings, "+86 138-0000-0000", [fake.secret], timeout_s)


def _aliyun_voice(folder: Path, clock: TestClock, timeout_s: float) -> Any:
    fake = FakeAliyun(clock)
    settings = {
        "kind": "aliyun-voice", "base_url": "URL", "access_key_id": fake.key_id, "shown_number": "400111",
        "secret_file": secret_file(folder, "secret", fake.secret), "templates": {"alarm": "TTS_1"},
    }  # fmt: skip
    return over_http(fake, settings, "13800000000", [fake.secret], timeout_s)


def _tencent_sms(folder: Path, clock: TestClock, timeout_s: float) -> Any:
    fake = FakeTencent(clock)
    settings = {
        "kind": "tencent-sms", "base_url": "URL", "secret_id": fake.secret_id, "sdk_app_id": "14", "sign_name": "鲜奶",
        "secret_file": secret_file(folder, "secret", fake.secret), "templates": {"alarm": "11"},
    }  # fmt: skip
    return over_http(fake, settings, "13800000000", [fake.secret], timeout_s)


def _webpush(folder: Path, clock: TestClock, timeout_s: float) -> Any:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    settings = {
        "kind": "webpush",
        "key_file": secret_file(folder, "key", pem),
        "contact": "mailto:ops@example.com",
    }
    expected = {**BY_STATUS, Mode.REDIRECT: Refused}
    return over_http(FakePush(clock), settings, "", [pem, "capability-token"], timeout_s, expected)


@asynccontextmanager
async def _smtp(folder: Path, clock: TestClock, timeout_s: float) -> AsyncIterator[Kit]:
    file, tls = certificate(folder, "localhost")
    async with FakeSmtp(tls) as fake:
        settings = {
            "kind": "smtp", "host": "localhost", "port": fake.port, "username": fake.user, "sender": fake.user,
            "sender_name": "冷链", "password_file": secret_file(folder, "password", fake.password),
            "ca_file": str(file), "timeout_s": timeout_s,
        }  # fmt: skip
        wanted = NotifySettings.model_validate({"channels": {"it": settings}})
        channel = channels_of(wanted, clock)["it"]
        expected: dict[Mode, Expected] = {Mode.REDIRECT: Accepted, Mode.FLOOD: Accepted}
        yield Kit(
            channel,
            "qa@example.com",
            lambda mode: setattr(fake, "mode", mode),
            lambda: len(fake.mails),
            [fake.password],
            expected,
            fake,
        )


@asynccontextmanager
async def _apprise(folder: Path, clock: TestClock, timeout_s: float) -> AsyncIterator[Kit]:
    fake = FakeNotifier()
    urls = Path(secret_file(folder, "urls", "tgram://apprise-secret"))
    channel = Apprise(AppriseChannel(kind="apprise", urls_file=urls, timeout_s=timeout_s), fake)
    expected: dict[Mode, Expected] = dict.fromkeys(Mode, Later)
    try:
        yield Kit(
            channel,
            "",
            lambda mode: setattr(fake, "mode", mode),
            lambda: len(fake.told),
            ["apprise-secret"],
            {**expected, Mode.ACCEPT: Accepted},
            fake,
        )
    finally:
        fake.over.set()


_KITS: dict[str, Callable[[Path, TestClock, float], Any]] = {
    "smtp": _smtp,
    "wecom-robot": _wecom_robot,
    "wecom-app": _wecom_app,
    "dingtalk-robot": _dingtalk_robot,
    "dingtalk-app": _dingtalk_app,
    "feishu-robot": _feishu_robot,
    "feishu-app": _feishu_app,
    "webhook": _webhook,
    "http": _http,
    "aliyun-sms": _aliyun_sms,
    "aliyun-voice": _aliyun_voice,
    "tencent-sms": _tencent_sms,
    "webpush": _webpush,
    "apprise": _apprise,
}

KITS = tuple(_KITS)
