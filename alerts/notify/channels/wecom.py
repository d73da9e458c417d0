"""WeCom (企业微信): group robots and messages of an app.

Sources, read in stored copies:
    Endpoints, text card (title 128 bytes, description 512), duplicate check, invaliduser, 81013:
    developer.work.weixin.qq.com/document/path/90236 (2025-09-24). Codes: …/path/90455 and its table in WxJava
    (`WxCpErrorMsgEnum`). Token: …/path/91039 as quoted by users (7,200 s, kept by the caller). Robot: text of 2,048
    bytes, 20 messages a minute, answers 45009: …/path/91770 as quoted by users.
    93000 (robot's key): wes-lin/Cloud189Checkin#175 among others.
From memory, not read: 93008 (robot removed), 301002 (no right to this agent), the longest duplicate check (4 h), the
    length of a card's button (4 characters).
"""

from __future__ import annotations

import json
import re
from urllib.parse import urlencode

from alerts.notify.channels.codes import Codes
from alerts.notify.channels.fitting import cut, fitted, mark_of, not_reached, one_line, open_word, whole_text
from alerts.notify.channels.port import Accepted, Answer, Broken, Later, Message, Refused
from alerts.notify.channels.tokens import Fetched, Stale, Tokens
from alerts.notify.channels.wire import Reply, Wire, host_of
from coldchain.clock import Clock
from coldchain.notify_settings import WecomAppChannel, WecomRobotChannel
from coldchain.secret import Secret

TEXT_BYTES = 2048
TITLE_BYTES = 128
DESCRIPTION_BYTES = 512

DUPLICATES_S = 14_400
"""The same request within so long is taken once: the longest that WeCom allows, seconds."""

CODES = Codes(
    later=frozenset({-1, 6000, 45009, 45033}),
    broken=frozenset({40001, 40013, 40056, 40091, 41011, 48002, 48004, 48005, 50003, 60020, 93000, 93008, 301002}),
    stale=frozenset({40014, 41001, 42001}),
    pauses_s={45009: 60.0},
)

_NO_TAGS = str.maketrans("<>", "＜＞")
"""A card's description takes `<div>`; what people named something is no markup."""

_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,63}")


class WecomRobot:
    """A robot in a group; ``to`` is not looked at, the key names the group."""

    def __init__(self, settings: WecomRobotChannel, key: Secret, wire: Wire) -> None:
        self._base = settings.base_url.rstrip("/")
        self._host = host_of(self._base)
        self._key = key
        self._wire = wire

    async def send(self, message: Message) -> Answer:
        """See `alerts.notify.channels.port.Channel`."""
        url = f"{self._base}/cgi-bin/webhook/send?{urlencode({'key': self._key.reveal()})}"
        reply = await self._wire.ask("POST", url, headers=_JSON, body=_text_of(message))
        if not isinstance(reply, Reply):
            return reply
        answer = _answer(self._wire, self._host, reply)
        return Broken(answer.why) if isinstance(answer, Stale) else answer

    async def close(self) -> None:
        """See `alerts.notify.channels.port.Channel`."""
        await self._wire.close()


class WecomApp:
    """An app that writes to one member; ``to`` is the member's UserID."""

    def __init__(self, settings: WecomAppChannel, secret: Secret, wire: Wire, clock: Clock) -> None:
        self._settings = settings
        self._base = settings.base_url.rstrip("/")
        self._host = host_of(self._base)
        self._secret = secret
        self._wire = wire
        self._tokens = Tokens(self._fetch, clock)

    async def send(self, message: Message) -> Answer:
        """See `alerts.notify.channels.port.Channel`."""
        if not _USER.fullmatch(message.to):
            return not_reached(message.to, "UserID of one member")
        body = json.dumps(self._body(message), ensure_ascii=False).encode()

        async def post(token: Secret) -> Answer | Stale:
            url = f"{self._base}/cgi-bin/message/send?{urlencode({'access_token': token.reveal()})}"
            reply = await self._wire.ask("POST", url, headers=_JSON, body=body)
            return _answer(self._wire, self._host, reply) if isinstance(reply, Reply) else reply

        return await self._tokens.with_token(post)

    def _body(self, message: Message) -> dict[str, object]:
        common = {
            "touser": message.to,
            "agentid": self._settings.agent_id,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": DUPLICATES_S,
        }
        mark = mark_of(message.key)
        if not message.link:
            text = f"{whole_text(message, TEXT_BYTES - len(mark) - 1)}\n{mark}"
            return {**common, "msgtype": "text", "text": {"content": text}}
        lines = [line.translate(_NO_TAGS) for line in message.lines]
        card = {
            "title": cut(one_line(message.title), TITLE_BYTES),
            "description": f"{fitted(lines, DESCRIPTION_BYTES - len(mark) - 1, message.language)}\n{mark}",
            "url": message.link,
            "btntxt": open_word(message.language)[:4],
        }
        return {**common, "msgtype": "textcard", "textcard": card}

    async def _fetch(self) -> Fetched | Later | Refused | Broken:
        asked = urlencode({"corpid": self._settings.corp_id, "corpsecret": self._secret.reveal()})
        reply = await self._wire.ask("GET", f"{self._base}/cgi-bin/gettoken?{asked}")
        if not isinstance(reply, Reply):
            return reply
        told = reply.json()
        token = told.get("access_token")
        if told.get("errcode") == 0 and isinstance(token, str) and token:
            self._wire.hide(Secret(token))
            return Fetched(Secret(token), float(told.get("expires_in") or 0))
        answer = _answer(self._wire, self._host, reply)
        return answer if isinstance(answer, Later | Broken) else Broken(f"{self._host}: no token for this app")

    async def close(self) -> None:
        """See `alerts.notify.channels.port.Channel`."""
        await self._wire.close()


_JSON = {"content-type": "application/json; charset=utf-8"}


def _text_of(message: Message) -> bytes:
    text = {"msgtype": "text", "text": {"content": whole_text(message, TEXT_BYTES)}}
    return json.dumps(text, ensure_ascii=False).encode()


def _answer(wire: Wire, host: str, reply: Reply) -> Answer | Stale:
    by_status = wire.by_status(host, reply)
    if by_status is not None:
        return by_status
    told = reply.json()
    code = told.get("errcode")
    if not isinstance(code, int):
        return wire.unreadable(host, reply)
    if code == 0:
        if told.get("invaliduser"):
            return Refused(wire.said(host, f"invaliduser {told['invaliduser']}"))
        return Accepted(str(told.get("msgid") or ""))
    why = wire.said(host, f"errcode {code} {told.get('errmsg', '')}")
    return Stale(why) if code in CODES.stale else CODES.answer(code, why, wire.pause_s(reply))
