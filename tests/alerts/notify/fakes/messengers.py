"""WeCom, DingTalk and Feishu, as their documents say.

Each checks what it is given with code of its own, not with the code under test.
"""

from __future__ import annotations

import itertools
import json
from urllib.parse import unquote

from coldchain.clock import TestClock
from tests.alerts.notify.fakes.http import FakeHttp, Heard, Said, hmac_base64, said


class FakeApp(FakeHttp):
    """A provider whose apps need a token; tokens are numbered, and `forget` makes all of them stale."""

    def __init__(self, clock: TestClock) -> None:
        super().__init__(clock)
        self._numbers = itertools.count(1)
        self.tokens: list[str] = []
        self.lasts_s = 7200
        self.stale: set[str] = set()

    def token(self) -> str:
        self.tokens.append(f"t-fetched/token+{next(self._numbers)}")
        return self.tokens[-1]

    def forget(self) -> None:
        self.stale = set(self.tokens)

    def takes(self, token: str) -> bool:
        return token in self.tokens and token not in self.stale


class FakeWecomRobot(FakeHttp):
    key = "robot/key+1"

    def accepted(self, heard: Heard) -> Said:
        if heard.path != "/cgi-bin/webhook/send" or heard.query.get("key") != self.key:
            return said({"errcode": 93000, "errmsg": f"invalid webhook url {heard.echo}"})
        text = heard.json["text"]["content"]
        if heard.json["msgtype"] != "text" or len(text.encode()) > 2048:
            return said({"errcode": 40058, "errmsg": "text.content exceed max length 2048"})
        self.delivered.append(heard)
        return said({"errcode": 0, "errmsg": "ok"})

    def refused(self, heard: Heard) -> Said:
        return said({"errcode": 45002, "errmsg": f"content size out of limit {heard.echo}"})

    def broken(self, heard: Heard) -> Said:
        return said({"errcode": 93000, "errmsg": f"invalid webhook url {heard.echo}"})

    def busy(self, heard: Heard) -> Said:
        return said({"errcode": 45009, "errmsg": f"api freq out of limit {heard.echo}"})


class FakeWecomApp(FakeApp):
    secret = "wecom/app+secret"

    def always(self, heard: Heard) -> Said | None:
        if heard.path != "/cgi-bin/gettoken":
            return None
        if heard.query != {"corpid": "ww1", "corpsecret": self.secret}:
            return said({"errcode": 40001, "errmsg": f"invalid credential {heard.echo}"})
        return said({"errcode": 0, "errmsg": "ok", "access_token": self.token(), "expires_in": self.lasts_s})

    def accepted(self, heard: Heard) -> Said:
        if not self.takes(heard.query.get("access_token", "")):
            return said({"errcode": 42001, "errmsg": f"access_token expired {heard.echo}"})
        told = heard.json
        card = told.get("textcard")
        if told["agentid"] != 7:
            return said({"errcode": 40056, "errmsg": "invalid agentid"})
        if card is not None and (len(card["title"].encode()) > 128 or len(card["description"].encode()) > 512):
            return said({"errcode": 45002, "errmsg": "content size out of limit"})
        if told["touser"] == "nobody":
            return said({"errcode": 81013, "errmsg": "user & party & tag all invalid"})
        self.delivered.append(heard)
        return said({"errcode": 0, "errmsg": "ok", "msgid": "m1", "invaliduser": ""})

    def refused(self, heard: Heard) -> Said:
        return said({"errcode": 81013, "errmsg": f"user & party & tag all invalid {heard.echo}"})

    def broken(self, heard: Heard) -> Said:
        return said({"errcode": 60020, "errmsg": f"not allow to access from your ip {heard.echo}"})

    def busy(self, heard: Heard) -> Said:
        return said({"errcode": 45009, "errmsg": f"api freq out of limit {heard.echo}"})


class FakeDingtalkRobot(FakeHttp):
    token = "dingtalk/robot+token"
    secret = "SECabc/+="

    def accepted(self, heard: Heard) -> Said:
        asked = heard.query
        expected = hmac_base64(self.secret.encode(), f"{asked.get('timestamp')}\n{self.secret}".encode())
        if heard.path != "/robot/send" or asked.get("access_token") != self.token:
            return said({"errcode": 300001, "errmsg": f"token is not exist {heard.echo}"})
        if asked.get("sign") != expected:
            return said({"errcode": 310000, "errmsg": f"sign not match {heard.echo}"})
        if abs(int(asked["timestamp"]) - self.clock.now_ms()) > 3_600_000:
            return said({"errcode": 310000, "errmsg": "invalid timestamp"})
        assert heard.json["msgtype"] == "text"
        self.delivered.append(heard)
        return said({"errcode": 0, "errmsg": "ok"})

    def refused(self, heard: Heard) -> Said:
        return said({"errcode": 430104, "errmsg": f"content is unsafe {heard.echo}"})

    def broken(self, heard: Heard) -> Said:
        return said({"errcode": 310000, "errmsg": f"keywords not in content {heard.echo}"})

    def busy(self, heard: Heard) -> Said:
        text = f"send too fast, exceed 20 times per minute {heard.echo}"
        return said({"status": 1111, "wait": 5, "punish": "deny", "errcode": 130101, "errmsg": text})


class FakeDingtalkApp(FakeApp):
    secret = "dingtalk/app+secret"

    def __init__(self, clock: TestClock) -> None:
        super().__init__(clock)
        self._told_today: set[str] = set()

    def always(self, heard: Heard) -> Said | None:
        if heard.path != "/gettoken":
            return None
        if heard.query != {"appkey": "ding1", "appsecret": self.secret}:
            return said({"errcode": 40089, "errmsg": f"不合法的corpid或corpsecret {heard.echo}"})
        return said({"errcode": 0, "errmsg": "ok", "access_token": self.token(), "expires_in": self.lasts_s})

    def accepted(self, heard: Heard) -> Said:
        if not self.takes(heard.query.get("access_token", "")):
            text = "不合法的access_token"
            return said({"errcode": 88, "sub_code": "40014", "sub_msg": text, "errmsg": f"{text} {heard.echo}"})
        if heard.path != "/topapi/message/corpconversation/asyncsend_v2" or heard.json["agent_id"] != 7:
            return said({"errcode": 404, "errmsg": "请求的URI地址不存在"})
        words = json.dumps([heard.json["userid_list"], heard.json["msg"]])
        if words in self._told_today:
            return said({"errcode": 143106, "errmsg": "单应用给单人推送重复消息超限"})
        self._told_today.add(words)
        self.delivered.append(heard)
        return said({"errcode": 0, "errmsg": "ok", "task_id": 256271667526, "request_id": "x"})

    def refused(self, heard: Heard) -> Said:
        return said({"errcode": 33012, "errmsg": f"无效的USERID {heard.echo}"})

    def broken(self, heard: Heard) -> Said:
        return said({"errcode": 88, "sub_code": "60020", "sub_msg": "访问ip不在白名单之中", "errmsg": heard.echo})

    def busy(self, heard: Heard) -> Said:
        return said({"errcode": 143103, "errmsg": f"企业单应用消息发送人次QPM超限 {heard.echo}"})


class FakeFeishuRobot(FakeHttp):
    token = "feishu-robot-token"
    secret = "feishu/secret+1"

    def accepted(self, heard: Heard) -> Said:
        told = heard.json
        if unquote(heard.path) != f"/open-apis/bot/v2/hook/{self.token}":
            return said({"code": 19001, "msg": f"param invalid: incoming webhook access token invalid {heard.echo}"})
        if told.get("sign") != hmac_base64(f"{told.get('timestamp')}\n{self.secret}".encode(), b""):
            return said({"code": 19021, "msg": f"sign match fail or timestamp is not within one hour {heard.echo}"})
        if abs(int(told["timestamp"]) * 1000 - self.clock.now_ms()) > 3_600_000 or len(heard.body) > 20_480:
            return said({"code": 9499, "msg": "Bad Request"})
        assert told["msg_type"] == "text"
        self.delivered.append(heard)
        return said({"code": 0, "msg": "success", "data": {}, "StatusCode": 0})

    def refused(self, heard: Heard) -> Said:
        return said({"code": 19036, "msg": f"content too large {heard.echo}"})

    def broken(self, heard: Heard) -> Said:
        return said({"code": 19024, "msg": f"Key Words Not Found {heard.echo}"})

    def busy(self, heard: Heard) -> Said:
        return said({"code": 11232, "msg": f"frequency limited {heard.echo}"})


class FakeFeishuApp(FakeApp):
    secret = "feishu/app+secret"

    def always(self, heard: Heard) -> Said | None:
        if heard.path != "/open-apis/auth/v3/tenant_access_token/internal":
            return None
        if heard.json != {"app_id": "cli_1", "app_secret": self.secret}:
            return said({"code": 10014, "msg": f"app secret invalid {heard.echo}"})
        return said({"code": 0, "msg": "ok", "tenant_access_token": self.token(), "expire": self.lasts_s})

    def accepted(self, heard: Heard) -> Said:
        if not self.takes(heard.headers.get("authorization", "").removeprefix("Bearer ")):
            return said({"code": 99991663, "msg": f"Invalid access token {heard.echo}"}, 400)
        told = heard.json
        if heard.query != {"receive_id_type": "user_id"} or not told["receive_id"] or len(told["uuid"]) > 50:
            return said({"code": 230001, "msg": "invalid receive_id"}, 400)
        assert json.loads(told["content"])["header"]["title"]["tag"] == "plain_text"
        self.delivered.append(heard)
        return said({"code": 0, "msg": "success", "data": {"message_id": "om_1"}})

    def refused(self, heard: Heard) -> Said:
        return said({"code": 230001, "msg": f"ext=invalid receive_id. {heard.echo}"}, 400)

    def broken(self, heard: Heard) -> Said:
        return said({"code": 99991672, "msg": f"Access denied {heard.echo}"}, 400)

    def busy(self, heard: Heard) -> Said:
        limits = {"x-ogw-ratelimit-limit": "100", "x-ogw-ratelimit-reset": "52"}
        return said({"code": 99991400, "msg": f"request trigger frequency limit {heard.echo}"}, 400, **limits)
