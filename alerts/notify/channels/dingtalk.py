"""DingTalk (钉钉): group robots and work notices of an app.

Sources, read in stored copies:
    Robot, its signature (timestamp in ms and secret, joined by a line feed, HMAC-SHA256, base64, in the address; within
    an hour), 20 messages a minute, then nothing for 10 minutes:
    open.dingtalk.com/document/robots/custom-robot-access, as quoted by users. 310000 (signature, keyword, address) and
    130101 (too fast), 300001 (no such token): issues, among them ccfos/nightingale#369 and
    timonwong/prometheus-webhook-dingtalk#91. 90030 (over limit): a user's report. Work
    notice: developer.alibaba.com/docs/api.htm?apiId=37692 (fields), zidingyi.apifox.cn/api-37157310 (143103 to 143106,
    1430000 to 1430004), the list of global codes as quoted by users (-1, 88 with sub_code, 404, 33001, 33012, 34015,
    34016, 40001 to 40003, 60020).
From memory, not read: 400013, 400101, 400102 (robot gone), 410100 and 660026 (too fast), 40013, 40056, 40089,
    40096 (app), 40014, 41001, 42001 (token), 60011, 90002 to 90018 (limits).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from urllib.parse import urlencode

from alerts.notify.channels.codes import Codes
from alerts.notify.channels.fitting import cut, fitted, mark_of, not_reached, one_line, whole_text
from alerts.notify.channels.port import Accepted, Answer, Broken, Later, Message, Refused
from alerts.notify.channels.tokens import Fetched, Stale, Tokens
from alerts.notify.channels.wire import Reply, Wire, host_of
from coldchain.clock import Clock
from coldchain.notify_settings import DingtalkAppChannel, DingtalkRobotChannel
from coldchain.secret import Secret

TEXT_BYTES = 5000
"""Of a text; the limit is 5,000 characters (code 34016)."""

TITLE_BYTES = 150
BODY_BYTES = 1500

ROBOT_PAUSE_S = 600.0
"""A robot that spoke more than 20 times in a minute is not heard for 10 minutes."""

DUPLICATE = 143106
"""The user got the same content today. Ours carries a mark of the message, so it was this message."""

CODES = Codes(
    later=frozenset({-1, 34015, 90030, 130101, 143103, 143104, 410100, 660026, 1430003, *range(90002, 90019)}),
    broken=frozenset(
        {88, 404, 33001, 40001, 40002, 40013, 40056, 40089, 40096, 60011, 60020, 300001, 310000}
        | {400013, 400101, 400102}
    ),
    stale=frozenset({40014, 41001, 42001}),
    pauses_s={130101: ROBOT_PAUSE_S, 410100: ROBOT_PAUSE_S, 660026: ROBOT_PAUSE_S, 143103: 60.0, 143104: 60.0},
)

_USER = re.compile(r"[A-Za-z0-9_$:][A-Za-z0-9_.@$:-]{0,63}")
_JSON = {"content-type": "application/json; charset=utf-8"}


def signature(secret: Secret, timestamp_ms: int) -> str:
    """Return what a robot with 加签 wants as ``sign`` for a moment, base64."""
    key = secret.reveal()
    digest = hmac.new(key.encode(), f"{timestamp_ms}\n{key}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


class DingtalkRobot:
    """A robot in a group; ``to`` is not looked at, the token names the group."""

    def __init__(
        self, settings: DingtalkRobotChannel, token: Secret, secret: Secret | None, wire: Wire, clock: Clock
    ) -> None:
        self._base = settings.base_url.rstrip("/")
        self._host = host_of(self._base)
        self._token = token
        self._secret = secret
        self._wire = wire
        self._clock = clock

    async def send(self, message: Message) -> Answer:
        """See `alerts.notify.channels.port.Channel`."""
        asked = {"access_token": self._token.reveal()}
        if self._secret is not None:
            now_ms = self._clock.now_ms()
            asked |= {"timestamp": str(now_ms), "sign": signature(self._secret, now_ms)}
        body = {"msgtype": "text", "text": {"content": whole_text(message, TEXT_BYTES)}}
        reply = await self._wire.ask(
            "POST",
            f"{self._base}/robot/send?{urlencode(asked)}",
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


class DingtalkApp:
    """An app that sends one user a work notice; ``to`` is the userid.

    DingTalk takes a notice before it looks for the user, so a wrong userid may be Accepted.
    """

    def __init__(self, settings: DingtalkAppChannel, secret: Secret, wire: Wire, clock: Clock) -> None:
        self._settings = settings
        self._base = settings.base_url.rstrip("/")
        self._host = host_of(self._base)
        self._secret = secret
        self._wire = wire
        self._tokens = Tokens(self._fetch, clock)

    async def send(self, message: Message) -> Answer:
        """See `alerts.notify.channels.port.Channel`."""
        if not _USER.fullmatch(message.to):
            return not_reached(message.to, "userid of one user")
        asked = {"agent_id": self._settings.agent_id, "userid_list": message.to, "msg": _notice(message)}
        body = json.dumps(asked, ensure_ascii=False).encode()

        async def post(token: Secret) -> Answer | Stale:
            query = urlencode({"access_token": token.reveal()})
            url = f"{self._base}/topapi/message/corpconversation/asyncsend_v2?{query}"
            reply = await self._wire.ask("POST", url, headers=_JSON, body=body)
            return _answer(self._wire, self._host, reply) if isinstance(reply, Reply) else reply

        return await self._tokens.with_token(post)

    async def _fetch(self) -> Fetched | Later | Refused | Broken:
        asked = urlencode({"appkey": self._settings.app_key, "appsecret": self._secret.reveal()})
        reply = await self._wire.ask("GET", f"{self._base}/gettoken?{asked}")
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


def _notice(message: Message) -> dict[str, object]:
    mark = mark_of(message.key)
    if not message.link:
        return {"msgtype": "text", "text": {"content": f"{whole_text(message, BODY_BYTES)}\n{mark}"}}
    title = cut(one_line(message.title), TITLE_BYTES)
    content = f"{fitted(message.lines, BODY_BYTES, message.language)}\n{mark}"
    return {
        "msgtype": "oa",
        "oa": {
            "message_url": message.link,
            "head": {"bgcolor": "FFBBBBBB", "text": title},
            "body": {"title": title, "content": content},
        },
    }


def _answer(wire: Wire, host: str, reply: Reply) -> Answer | Stale:
    by_status = wire.by_status(host, reply)
    if by_status is not None:
        return by_status
    told = reply.json()
    code = told.get("errcode")
    if not isinstance(code, int):
        return wire.unreadable(host, reply)
    if code == 88 and str(told.get("sub_code", "")).isdigit():
        code = int(told["sub_code"])
    if code in (0, DUPLICATE):
        return Accepted(str(told.get("task_id") or ""))
    why = wire.said(host, f"errcode {code} {told.get('errmsg', '')}")
    return Stale(why) if code in CODES.stale else CODES.answer(code, why, wire.pause_s(reply))
