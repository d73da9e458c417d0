"""Feishu (飞书, Lark): group robots and messages of an app.

Sources, read in stored copies:
    Robot: body of 20 KB, 100 messages a minute and 5 a second, 11232 in busy minutes:
    open.larkoffice.com/document/ukTMukTMukTM/ucTM5YjL3ETO24yNxkjN.md. Signature (the key is timestamp in s, line feed,
    secret; nothing is signed with it; in the body, within an hour), 9499, 19021, 19022, 19024: the same guide, as
    quoted by users. Token and message: a copy of im/v1/messages (5 messages a second to a user), lobehub's protocol
    notes. Limits with 429 or 400, 99991400 and ``x-ogw-ratelimit-reset``:
    open.feishu.cn/document/server-docs/api-call-guide/frequency-control.md. Codes of tokens and apps: larksuite/cli
    (10014, 99991543, 99991661 to 99991677). 230001 (receive_id): how-to-resolve-error-230001.md. 230020 (too fast): an
    issue of larksuite/lark-samples. 99991403 (the month's quota): openclaw/openclaw#10549.
From memory, not read: ``uuid`` (at most 50 characters, one message an hour), the card's button, 230006 (no robot),
    10003, 19001 (robot's token), 99991401 (address not allowed), 99991664.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from urllib.parse import quote, urlencode

from alerts.notify.channels.codes import Codes
from alerts.notify.channels.fitting import cut, fitted, not_reached, one_line, open_word, whole_text
from alerts.notify.channels.port import Accepted, Answer, Broken, Later, Message, Refused
from alerts.notify.channels.tokens import Fetched, Stale, Tokens
from alerts.notify.channels.wire import Reply, Wire, host_of
from coldchain.clock import Clock
from coldchain.notify_settings import FeishuAppChannel, FeishuRobotChannel
from coldchain.secret import Secret

TEXT_BYTES = 8000
"""Of a text: well inside a body of 20 KB, whatever JSON makes of it."""

TITLE_BYTES = 300

CODES = Codes(
    later=frozenset({9499, 11232, 230020, 99991400}),
    broken=frozenset(
        {10003, 10014, 19001, 19021, 19022, 19024, 230006, 99991401, 99991403}
        | {99991543, 99991662, 99991672, 99991673, 99991676}
    ),
    stale=frozenset({99991661, 99991663, 99991664, 99991668, 99991671, 99991677}),
    pauses_s={9499: 60.0, 11232: 60.0},
)
"""9499 is documented for a bad body, but is what a robot that speaks too fast gets, too; our body is tested."""

_COLOURS = {"critical": "red", "warning": "orange"}
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,127}")
_JSON = {"content-type": "application/json; charset=utf-8"}


def signature(secret: Secret, timestamp_s: int) -> str:
    """Return what a robot with 签名校验 wants as ``sign`` for a moment, base64: here the text is the key."""
    key = f"{timestamp_s}\n{secret.reveal()}".encode()
    return base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()


class FeishuRobot:
    """A robot in a group; ``to`` is not looked at, the token names the group."""

    def __init__(
        self, settings: FeishuRobotChannel, token: Secret, secret: Secret | None, wire: Wire, clock: Clock
    ) -> None:
        self._base = settings.base_url.rstrip("/")
        self._host = host_of(self._base)
        self._token = token
        self._secret = secret
        self._wire = wire
        self._clock = clock

    async def send(self, message: Message) -> Answer:
        """See `alerts.notify.channels.port.Channel`."""
        body: dict[str, object] = {"msg_type": "text", "content": {"text": whole_text(message, TEXT_BYTES)}}
        if self._secret is not None:
            now_s = self._clock.now_ms() // 1000
            body |= {"timestamp": str(now_s), "sign": signature(self._secret, now_s)}
        reply = await self._wire.ask(
            "POST",
            f"{self._base}/open-apis/bot/v2/hook/{quote(self._token.reveal(), safe='')}",
            headers=_JSON,
            body=json.dumps(body, ensure_ascii=False).encode(),
        )
        if not isinstance(reply, Reply):
            return reply
        answer = _answer(self._wire, self._host, reply)
        return Broken(answer.why) if isinstance(answer, Stale) else answer

    async def close(self) -> None:
        """See `alerts.notify.channels.port.Channel`."""
        await self._wire.close()


class FeishuApp:
    """An app that writes to one user; ``to`` is an id of the settings' ``id_type``."""

    def __init__(self, settings: FeishuAppChannel, secret: Secret, wire: Wire, clock: Clock) -> None:
        self._settings = settings
        self._base = settings.base_url.rstrip("/")
        self._host = host_of(self._base)
        self._secret = secret
        self._wire = wire
        self._tokens = Tokens(self._fetch, clock)

    async def send(self, message: Message) -> Answer:
        """See `alerts.notify.channels.port.Channel`."""
        if not _USER.fullmatch(message.to):
            return not_reached(message.to, "id of one user")
        asked = {
            "receive_id": message.to,
            "msg_type": "interactive",
            "content": json.dumps(_card(message), ensure_ascii=False),
            "uuid": hashlib.sha256(message.key.encode()).hexdigest()[:32],
        }
        body = json.dumps(asked, ensure_ascii=False).encode()
        url = f"{self._base}/open-apis/im/v1/messages?{urlencode({'receive_id_type': self._settings.id_type})}"

        async def post(token: Secret) -> Answer | Stale:
            headers = {**_JSON, "authorization": f"Bearer {token.reveal()}"}
            reply = await self._wire.ask("POST", url, headers=headers, body=body)
            return _answer(self._wire, self._host, reply) if isinstance(reply, Reply) else reply

        return await self._tokens.with_token(post)

    async def _fetch(self) -> Fetched | Later | Refused | Broken:
        asked = json.dumps({"app_id": self._settings.app_id, "app_secret": self._secret.reveal()}).encode()
        url = f"{self._base}/open-apis/auth/v3/tenant_access_token/internal"
        reply = await self._wire.ask("POST", url, headers=_JSON, body=asked)
        if not isinstance(reply, Reply):
            return reply
        told = reply.json()
        token = told.get("tenant_access_token")
        if told.get("code") == 0 and isinstance(token, str) and token:
            self._wire.hide(Secret(token))
            return Fetched(Secret(token), float(told.get("expire") or 0))
        answer = _answer(self._wire, self._host, reply)
        return answer if isinstance(answer, Later | Broken) else Broken(f"{self._host}: no token for this app")

    async def close(self) -> None:
        """See `alerts.notify.channels.port.Channel`."""
        await self._wire.close()


def _card(message: Message) -> dict[str, object]:
    """Return a card of plain text: nothing that people named is read as markup."""
    text = {"tag": "plain_text", "content": fitted(message.lines, TEXT_BYTES // 2, message.language)}
    elements: list[dict[str, object]] = [{"tag": "div", "text": text}]
    if message.link:
        label = {"tag": "plain_text", "content": open_word(message.language)}
        button = {"tag": "button", "text": label, "url": message.link, "type": "primary"}
        elements.append({"tag": "action", "actions": [button]})
    title = {"tag": "plain_text", "content": cut(one_line(message.title), TITLE_BYTES)}
    return {
        "config": {"wide_screen_mode": True},
        "header": {"title": title, "template": _COLOURS.get(message.severity, "blue")},
        "elements": elements,
    }


def _answer(wire: Wire, host: str, reply: Reply) -> Answer | Stale:
    told = reply.json()
    code = told.get("code")
    if not isinstance(code, int):
        return wire.by_status(host, reply) or wire.unreadable(host, reply)
    if code == 0:
        data = told.get("data")
        return Accepted(str(data.get("message_id") or "") if isinstance(data, dict) else "")
    why = wire.said(host, f"code {code} {told.get('msg', '')}")
    if code in CODES.stale:
        return Stale(why)
    if code in CODES.later or code in CODES.broken:
        return CODES.answer(code, why, wire.pause_s(reply))
    return wire.by_status(host, reply) or Refused(why)
