"""Messages to a browser (RFC 8030): an extra, never the only way; most phones on the mainland cannot be reached so.

The address of a push service comes from a browser, so it is checked like a stranger's, and what is wrong with it is
wrong with that receiver, not with our account.
"""

from __future__ import annotations

import hashlib
import json
import secrets

from cryptography.hazmat.primitives.asymmetric import ec

from alerts.notify.channels.fitting import cut, fitted, one_line
from alerts.notify.channels.port import Accepted, Answer, Broken, Message, Refused
from alerts.notify.channels.push_encryption import (
    LARGEST_TEXT,
    encrypted,
    load_key,
    subscription_of,
    to_base64,
    vapid_authorization,
)
from alerts.notify.channels.wire import Reply, Wire, host_of
from coldchain.clock import Clock
from coldchain.notify_settings import WebPushChannel
from coldchain.secret import Secret

TITLE_BYTES = 200
BODY_BYTES = 1500


class WebPush:
    """One sender; ``to`` is a browser's subscription as JSON."""

    def __init__(self, settings: WebPushChannel, key: Secret, wire: Wire, clock: Clock) -> None:
        self._settings = settings
        self._key = load_key(key)
        self._wire = wire
        self._clock = clock

    async def send(self, message: Message) -> Answer:
        """See `alerts.notify.channels.port.Channel`."""
        to = subscription_of(message.to)
        if to is None:
            return Refused("no subscription of a browser")
        host = host_of(to.endpoint)
        body = _body(message)
        if len(body) > LARGEST_TEXT:
            return Refused(f"{len(body)} bytes; a push message has {LARGEST_TEXT}")
        own = ec.generate_private_key(ec.SECP256R1())
        headers = {
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(self._settings.ttl_s),
            "urgency": "high" if message.severity == "critical" else "normal",
            "topic": topic_of(message.key),
            "authorization": vapid_authorization(
                self._key, "/".join(to.endpoint.split("/")[:3]), self._settings.contact, self._clock.now_ms()
            ),
        }
        reply = await self._wire.ask(
            "POST", to.endpoint, headers=headers, body=encrypted(to, body, own, secrets.token_bytes(16))
        )
        if isinstance(reply, Broken):
            return Refused(reply.why)
        return self._answer(host, reply) if isinstance(reply, Reply) else reply

    def _answer(self, host: str, reply: Reply) -> Answer:
        if 200 <= reply.status < 300:
            return Accepted()
        why = self._wire.said(host, f"status {reply.status}")
        if reply.status in (401, 403):
            return Broken(why)
        by_status = self._wire.by_status(host, reply)
        return Refused(why) if by_status is None or isinstance(by_status, Broken) else by_status

    async def close(self) -> None:
        """See `alerts.notify.channels.port.Channel`."""
        await self._wire.close()


def topic_of(key: str) -> str:
    """Return a topic (32 characters, RFC 8030 §5.4): a second attempt replaces the first where it still waits."""
    return to_base64(hashlib.sha256(key.encode()).digest()[:24])


def _body(message: Message) -> bytes:
    told = {
        "title": cut(one_line(message.title), TITLE_BYTES),
        "body": fitted(message.lines, BODY_BYTES, message.language),
        "link": message.link,
        "severity": message.severity,
        "tag": topic_of(message.key),
    }
    return json.dumps(told, ensure_ascii=False).encode()
