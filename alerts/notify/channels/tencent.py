"""Tencent Cloud (腾讯云): text messages (SendSms, version 2021-01-11).

Sources, read in stored copies:
    Signature: see `alerts.notify.channels.signing`. Fields, numbers as E.164:
    cloud.tencent.com/document/product/382/55981. ``Response.Error.Code`` and the common codes:
    cloud.tencent.com/document/api/382/38780. ``SendStatusSet`` with ``Ok``: the crate tencentcloud-sms. Codes of text
    messages: cloud.tencent.com/document/api/382/59177.
From memory, not read: InsufficientBalanceInSmsPackage, PhoneNumberThirtySecondLimit, PhoneNumberOneHourLimit,
    AppDailyLimit.
"""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from alerts.notify.channels.http_provider import found_at
from alerts.notify.channels.port import Accepted, Answer, Broken, Later, Message, Refused
from alerts.notify.channels.signing import tc3_authorization
from alerts.notify.channels.templates import phone_of, template_of, variables_of
from alerts.notify.channels.wire import Reply, Wire
from coldchain.clock import Clock
from coldchain.notify_settings import TencentSmsChannel
from coldchain.secret import Secret

VERSION = "2021-01-11"

LATER = (
    "RequestLimitExceeded", "InternalError",
    "LimitExceeded.DeliveryFrequencyLimit", "LimitExceeded.PhoneNumberThirtySecondLimit",
    "LimitExceeded.PhoneNumberOneHourLimit",
)  # fmt: skip
"""Beginnings of codes: too much at once, or its own trouble."""

BROKEN = (
    "AuthFailure", "UnauthorizedOperation", "IpInBlacklist", "IpNotInWhitelist", "InternalError.Sig",
    "UnsupportedRegion", "FailedOperation.InsufficientBalanceInSmsPackage",
    "FailedOperation.SignatureIncorrectOrUnapproved", "FailedOperation.TemplateIncorrectOrUnapproved",
    "InvalidParameterValue.SdkAppIdNotExist", "LimitExceeded.AppDailyLimit",
)  # fmt: skip
"""Beginnings of codes: key, balance, signature, template, app."""


class TencentSms:
    """One account; ``to`` is a telephone number."""

    def __init__(self, settings: TencentSmsChannel, secret: Secret, wire: Wire, clock: Clock) -> None:
        self._settings = settings
        self._base = settings.base_url.rstrip("/")
        self._host = urlsplit(self._base).netloc
        self._secret = secret
        self._wire = wire
        self._clock = clock

    async def send(self, message: Message) -> Answer:
        """See `alerts.notify.channels.port.Channel`."""
        phone, template = phone_of(message), template_of(self._settings, message)
        if isinstance(phone, Refused):
            return phone
        if isinstance(template, Refused):
            return template
        asked = {
            "PhoneNumberSet": [phone if phone.startswith("+") else f"+86{phone}"],
            "SmsSdkAppId": self._settings.sdk_app_id,
            "SignName": self._settings.sign_name,
            "TemplateId": template,
            "TemplateParamSet": list(variables_of(self._settings, message).values()),
        }
        body = json.dumps(asked, ensure_ascii=False).encode()
        now_ms = self._clock.now_ms()
        headers = {
            "content-type": "application/json; charset=utf-8",
            "host": self._host,
            "x-tc-action": "SendSms",
            "x-tc-version": VERSION,
            "x-tc-region": self._settings.region,
            "x-tc-timestamp": str(now_ms // 1000),
            "authorization": tc3_authorization(
                self._settings.secret_id,
                self._secret,
                service="sms",
                host=self._host,
                action="SendSms",
                body=body,
                now_ms=now_ms,
            ),
        }
        reply = await self._wire.ask("POST", f"{self._base}/", headers=headers, body=body)
        return self._answer(reply) if isinstance(reply, Reply) else reply

    def _answer(self, reply: Reply) -> Answer:
        told = reply.json()
        status = found_at(told, "Response.Error") or found_at(told, "Response.SendStatusSet.0")
        if not isinstance(status, dict) or not isinstance(status.get("Code"), str):
            return self._wire.by_status(self._host, reply) or self._wire.unreadable(self._host, reply)
        code = str(status["Code"])
        if code == "Ok":
            return Accepted(str(status.get("SerialNo") or ""))
        why = self._wire.said(self._host, f"{code} {status.get('Message', '')}")
        if code.startswith(BROKEN):
            return Broken(why)
        if code.startswith(LATER):
            return Later(why, self._wire.pause_s(reply))
        return self._wire.by_status(self._host, reply) or Refused(why)

    async def close(self) -> None:
        """See `alerts.notify.channels.port.Channel`."""
        await self._wire.close()
