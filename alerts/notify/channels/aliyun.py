"""Alibaba Cloud (阿里云): text messages (Dysmsapi SendSms) and calls that read a template (Dyvmsapi SingleCallByTts).

Sources, read in stored copies:
    Signature: see `alerts.notify.channels.signing`. Calls, their fields and codes:
    help.aliyun.com/document_detail/55315 and help.aliyun.com/zh/vms/the-error-code-list. Text messages, their codes:
    help.aliyun.com/document_detail/101346 and users' lists of them (isv.PARAM_NOT_SUPPORT_URL, isv.PARAM_LENGTH_LIMIT:
    no link in a variable, none too long); their fields: callers on GitHub.
From memory, not read: the codes without ``isv.`` and ``isp.``, and numbers abroad (country code without +).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from alerts.notify.channels.codes import Codes
from alerts.notify.channels.fitting import mark_of
from alerts.notify.channels.port import Accepted, Answer, Message, Refused
from alerts.notify.channels.signing import acs3_headers, sorted_query
from alerts.notify.channels.templates import phone_of, template_of, variables_of
from alerts.notify.channels.wire import Reply, Wire
from coldchain.clock import Clock
from coldchain.notify_settings import AliyunSmsChannel, AliyunVoiceChannel
from coldchain.secret import Secret

VERSION = "2017-05-25"
"""Of both services."""

CODES = Codes(
    later=frozenset(
        {"isv.BUSINESS_LIMIT_CONTROL", "isp.SYSTEM_ERROR", "isv.SYSTEM_ERROR"}
        | {"Throttling", "Throttling.User", "Throttling.Api", "ServiceUnavailable", "InternalError"}
    ),
    broken=frozenset(
        {"isv.OUT_OF_SERVICE", "isv.PRODUCT_UN_SUBSCRIPT", "isv.PRODUCT_UNSUBSCRIBE", "isv.ACCOUNT_NOT_EXISTS"}
        | {"isv.ACCOUNT_ABNORMAL", "isv.AMOUNT_NOT_ENOUGH", "isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL"}
        | {"isv.SMS_TEMPLATE_ILLEGAL", "isv.SMS_SIGNATURE_ILLEGAL", "isv.TEMPLATE_MISSING_PARAMETERS"}
        | {"isv.SMS_SIGN_ILLEGAL", "isv.SIGN_STATE_ILLEGAL", "isv.SMS_SIGNATURE_SCENE_ILLEGAL", "isv.EXTEND_CODE_ERROR"}
        | {"isv.TTS_TEMPLATE_ILLEGAL", "isv.DISPLAY_NUMBER_ILLEGAL", "isv.DENY_IP_RANGE", "isp.RAM_PERMISSION_DENY"}
        | {"InvalidAccessKeyId.NotFound", "InvalidAccessKeyId.Inactive", "SignatureDoesNotMatch"}
        | {"Forbidden.RAM", "NoPermission", "InvalidTimeStamp.Expired"}
    ),
    pauses_s={"isv.BUSINESS_LIMIT_CONTROL": 60.0},
)
"""BUSINESS_LIMIT_CONTROL: one number gets one message a minute, among other limits."""


class Aliyun:
    """One account at one of the services; ``to`` is a telephone number."""

    def __init__(
        self,
        settings: AliyunSmsChannel | AliyunVoiceChannel,
        secret: Secret,
        wire: Wire,
        clock: Clock,
        nonce: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._settings = settings
        self._base = settings.base_url.rstrip("/")
        self._host = urlsplit(self._base).netloc
        self._secret = secret
        self._wire = wire
        self._clock = clock
        self._nonce = nonce

    async def send(self, message: Message) -> Answer:
        """See `alerts.notify.channels.port.Channel`."""
        phone, template = phone_of(message), template_of(self._settings, message)
        if isinstance(phone, Refused):
            return phone
        if isinstance(template, Refused):
            return template
        variables = json.dumps(variables_of(self._settings, message), ensure_ascii=False)
        action, asked = self._asked(phone.removeprefix("+86").removeprefix("+"), template, variables)
        query = sorted_query({**asked, "OutId": mark_of(message.key).removeprefix("#")})
        headers = acs3_headers(
            self._settings.access_key_id,
            self._secret,
            host=self._host,
            action=action,
            version=VERSION,
            query=query,
            nonce=self._nonce(),
            now_ms=self._clock.now_ms(),
        )
        reply = await self._wire.ask("POST", f"{self._base}/?{query}", headers=headers)
        return self._answer(reply) if isinstance(reply, Reply) else reply

    def _asked(self, phone: str, template: str, variables: str) -> tuple[str, Mapping[str, str]]:
        wanted = self._settings
        if isinstance(wanted, AliyunSmsChannel):
            return "SendSms", {
                "PhoneNumbers": phone,
                "SignName": wanted.sign_name,
                "TemplateCode": template,
                "TemplateParam": variables,
            }
        return "SingleCallByTts", {
            "CalledNumber": phone,
            "CalledShowNumber": wanted.shown_number,
            "PlayTimes": str(wanted.play_times),
            "TtsCode": template,
            "TtsParam": variables,
        }

    def _answer(self, reply: Reply) -> Answer:
        told = reply.json()
        code = told.get("Code")
        if not isinstance(code, str):
            return self._wire.by_status(self._host, reply) or self._wire.unreadable(self._host, reply)
        if code == "OK":
            return Accepted(str(told.get("BizId") or told.get("CallId") or ""))
        why = self._wire.said(self._host, f"{code} {told.get('Message', '')}")
        if code in CODES.later or code in CODES.broken:
            return CODES.answer(code, why, self._wire.pause_s(reply))
        return self._wire.by_status(self._host, reply) or Refused(why)

    async def close(self) -> None:
        """See `alerts.notify.channels.port.Channel`."""
        await self._wire.close()
