"""From settings to channels: secrets are read, everything that is wrong is told at once."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from alerts.notify.channels.aliyun import Aliyun
from alerts.notify.channels.apprise import Apprise, notifier_of
from alerts.notify.channels.dingtalk import DingtalkApp, DingtalkRobot
from alerts.notify.channels.feishu import FeishuApp, FeishuRobot
from alerts.notify.channels.http_provider import HttpProvider
from alerts.notify.channels.port import Channel
from alerts.notify.channels.smtp import Smtp
from alerts.notify.channels.tencent import TencentSms
from alerts.notify.channels.webhook import Webhook
from alerts.notify.channels.webpush import WebPush
from alerts.notify.channels.wecom import WecomApp, WecomRobot
from alerts.notify.channels.wire import Wire
from coldchain.clock import Clock, SystemClock
from coldchain.errors import ConfigError
from coldchain.net_guard import GuardedTransport, Resolve, resolved, tls_context
from coldchain.notify_settings import (
    AliyunSmsChannel,
    AliyunVoiceChannel,
    AppriseChannel,
    ChannelSettings,
    DingtalkAppChannel,
    DingtalkRobotChannel,
    FeishuAppChannel,
    FeishuRobotChannel,
    HttpChannel,
    NotifySettings,
    SmtpChannel,
    TencentSmsChannel,
    WebhookChannel,
    WebPushChannel,
    WecomAppChannel,
    WecomRobotChannel,
)
from coldchain.secret import Secret, secret_in

_OverHttp = (
    WecomRobotChannel | WecomAppChannel | DingtalkRobotChannel | DingtalkAppChannel | FeishuRobotChannel
    | FeishuAppChannel | WebhookChannel | HttpChannel | AliyunSmsChannel | AliyunVoiceChannel | TencentSmsChannel
    | WebPushChannel
)  # fmt: skip


def channels_of(
    settings: NotifySettings, clock: Clock | None = None, resolve: Resolve = resolved
) -> Mapping[str, Channel]:
    """Open every channel of the settings, by its name; nothing is sent.

    Args:
        resolve: from names to addresses, for channels over HTTP.

    Raises:
        ConfigError: every fault of every channel at once; no secret stands in any.
    """
    opened: dict[str, Channel] = {}
    faults: list[str] = []
    for name, wanted in settings.channels.items():
        try:
            opened[name] = open_channel(wanted, clock or SystemClock(), resolve)
        except ConfigError as fault:
            faults += [f"notify.channels.{name}: {line}" for line in fault.faults]
    if faults:
        raise ConfigError(faults)
    return opened


def open_channel(wanted: ChannelSettings, clock: Clock, resolve: Resolve = resolved) -> Channel:
    """Open one channel.

    Raises:
        ConfigError: a secret or certificate that cannot be read, or settings that do not go together.
    """
    if isinstance(wanted, SmtpChannel):
        if wanted.username and wanted.password_file is None:
            raise ConfigError("username needs password_file")
        return _smtp(wanted, clock)
    if isinstance(wanted, AppriseChannel):
        return Apprise(wanted, notifier_of(secret_in(wanted.urls_file)))
    return _over_http(wanted, clock, resolve)


def _smtp(wanted: SmtpChannel, clock: Clock) -> Channel:
    try:
        return Smtp(wanted, _optional(wanted.password_file), clock)
    except (OSError, ssl.SSLError) as fault:
        raise ConfigError(f"ca_file: {wanted.ca_file}: no certificates: {fault.strerror or fault}") from fault


def _over_http(wanted: _OverHttp, clock: Clock, resolve: Resolve) -> Channel:
    for name in ("base_url", "url"):
        if not _is_address(getattr(wanted, name, "https://x")):
            raise ConfigError(f"{name}: not a web address")
    if isinstance(wanted, WecomRobotChannel):
        key = _part(wanted.key_file, "key=")
        return WecomRobot(wanted, key, _wire(wanted, clock, resolve, [key]))
    if isinstance(wanted, DingtalkRobotChannel | FeishuRobotChannel):
        after = "access_token=" if isinstance(wanted, DingtalkRobotChannel) else "/hook/"
        token, sign = _part(wanted.token_file, after), _optional(wanted.secret_file)
        wire = _wire(wanted, clock, resolve, [token, *filter(None, [sign])])
        if isinstance(wanted, DingtalkRobotChannel):
            return DingtalkRobot(wanted, token, sign, wire, clock)
        return FeishuRobot(wanted, token, sign, wire, clock)
    if isinstance(wanted, HttpChannel):
        return _provider(wanted, clock, resolve)
    if isinstance(wanted, WebPushChannel):
        key = secret_in(wanted.key_file)
        return WebPush(wanted, key, _wire(wanted, clock, resolve, [key]), clock)
    secret = secret_in(wanted.secret_file)
    wire = _wire(wanted, clock, resolve, [secret])
    if isinstance(wanted, WecomAppChannel):
        return WecomApp(wanted, secret, wire, clock)
    if isinstance(wanted, DingtalkAppChannel):
        return DingtalkApp(wanted, secret, wire, clock)
    if isinstance(wanted, FeishuAppChannel):
        return FeishuApp(wanted, secret, wire, clock)
    if isinstance(wanted, TencentSmsChannel):
        return TencentSms(wanted, secret, wire, clock)
    if isinstance(wanted, WebhookChannel):
        return Webhook(wanted, secret, wire, clock)
    return Aliyun(wanted, secret, wire, clock)


def _provider(wanted: HttpChannel, clock: Clock, resolve: Resolve) -> Channel:
    secret = _optional(wanted.secret_file)
    headers = {name: secret_in(file) for name, file in wanted.header_files.items()}
    login = [] if secret is None else [secret, Secret(f"{wanted.username}:{secret.reveal()}")]
    return HttpProvider(wanted, secret, headers, _wire(wanted, clock, resolve, [*login, *headers.values()]), clock)


def _wire(wanted: _OverHttp, clock: Clock, resolve: Resolve, secrets: Iterable[Secret]) -> Wire:
    try:
        tls = tls_context(wanted.ca_file)
    except OSError as fault:
        raise ConfigError(f"ca_file: {wanted.ca_file}: no certificates: {fault.strerror or fault}") from fault
    transport = GuardedTransport(allowed_hosts=wanted.allowed_hosts, tls=tls, resolve=resolve)
    return Wire(transport, clock, connect_s=wanted.connect_s, timeout_s=wanted.timeout_s, secrets=secrets)


def _part(file: Path, after: str) -> Secret:
    """Return a part of a robot's address; the whole address is what people copy first."""
    found = secret_in(file)
    if "://" in found.reveal():
        raise ConfigError(f"{file}: only what follows {after} in the robot's address, not the address")
    return found


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.scheme in ("https", "http") and parts.hostname and parts.port != 0)
    except ValueError:
        return False


def _optional(file: Path | None) -> Secret | None:
    return None if file is None else secret_in(file)
