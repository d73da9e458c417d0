"""Any other system: everything that is known of a message as JSON, signed.

The signature is that of Standard Webhooks (www.standardwebhooks.com, scheme ``v1``), which has libraries for receivers
in many languages: ``webhook-id`` is the message's key, the same at every attempt; ``webhook-timestamp`` is seconds
since 1970; ``webhook-signature`` is ``v1,`` and the base64 of the HMAC-SHA256 of id, timestamp and body joined by full
stops.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json

from alerts.notify.channels.fitting import one_line
from alerts.notify.channels.port import Accepted, Answer, Broken, Message, Refused
from alerts.notify.channels.wire import Reply, Wire, host_of
from coldchain.clock import Clock
from coldchain.errors import ConfigError
from coldchain.notify_settings import WebhookChannel
from coldchain.secret import Secret

PREFIX = "whsec_"

GONE = (401, 403, 404, 410)
"""Statuses that no other message will change: nobody takes them there, or not from us."""


def key_of(secret: Secret) -> bytes:
    """Return the bytes that sign: what is behind ``whsec_`` in base64, else the text itself.

    Raises:
        ConfigError: ``whsec_`` without base64.
    """
    text = secret.reveal()
    if not text.startswith(PREFIX):
        return text.encode()
    try:
        return base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ConfigError(f"a secret that starts with {PREFIX} goes on in base64") from None


def signature(key: bytes, message_id: str, timestamp_s: int, body: bytes) -> str:
    """Return the header's value for a body as sent.

    >>> signature(b"key", "a", 1, b"{}")
    'v1,bL1jQXV9xdvhtjVTxMVmcec+7wicDeM5+UJZVhyrJw0='
    """
    signed = f"{message_id}.{timestamp_s}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


class Webhook:
    """A POST to one address; ``to`` is told, not used."""

    def __init__(self, settings: WebhookChannel, secret: Secret, wire: Wire, clock: Clock) -> None:
        self._url = settings.url
        self._host = host_of(settings.url)
        key_of(secret)
        self._secret = secret
        self._wire = wire
        self._clock = clock

    async def send(self, message: Message) -> Answer:
        """See `alerts.notify.channels.port.Channel`."""
        body = _body(message)
        message_id = one_line(message.key)
        now_s = self._clock.now_ms() // 1000
        headers = {
            "content-type": "application/json; charset=utf-8",
            "webhook-id": message_id.encode("ascii", "backslashreplace").decode(),
            "webhook-timestamp": str(now_s),
        }
        headers["webhook-signature"] = signature(key_of(self._secret), headers["webhook-id"], now_s, body)
        reply = await self._wire.ask("POST", self._url, headers=headers, body=body)
        if not isinstance(reply, Reply):
            return reply
        if 200 <= reply.status < 300:
            return Accepted()
        why = self._wire.said(self._host, f"status {reply.status}")
        by_status = self._wire.by_status(self._host, reply)
        return by_status or (Broken(why) if reply.status in GONE else Refused(why))

    async def close(self) -> None:
        """See `alerts.notify.channels.port.Channel`."""
        await self._wire.close()


def _body(message: Message) -> bytes:
    """Return the same bytes for the same message; the picture is not in it, the link leads there."""
    told = {
        "key": message.key,
        "kind": message.kind,
        "severity": message.severity,
        "language": message.language,
        "to": message.to,
        "title": message.title,
        "lines": list(message.lines),
        "link": message.link,
        "facts": dict(message.facts),
    }
    return json.dumps(told, ensure_ascii=False).encode(errors="replace")
