"""Providers of text messages and calls, as their documents say.

Each checks what it is given with code of its own, not with the code under test.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from urllib.parse import quote, urlsplit

from tests.alerts.notify.fakes.http import FakeHttp, Heard, Said, said


class FakeSms(FakeHttp):
    """Some provider with JSON, a signature, and codes in a 200."""

    account, secret = "acct/secret+header", "sms/hmac+key"

    def accepted(self, heard: Heard) -> Said:
        stamp = heard.headers.get("x-timestamp", "")
        signed = hmac.new(self.secret.encode(), f"{stamp}.{heard.body.decode()}".encode(), "sha256").hexdigest()
        if heard.headers.get("x-account") != self.account or heard.headers.get("x-signature") != signed:
            return said({"code": 401, "message": heard.echo})
        self.delivered.append(heard)
        return said({"code": 0, "data": [{"id": "sms-1"}]})

    def refused(self, heard: Heard) -> Said:
        return said({"code": 1001, "message": f"bad number {heard.echo}"})

    def broken(self, heard: Heard) -> Said:
        return said({"code": 402, "message": f"no balance {heard.echo}"})

    def busy(self, heard: Heard) -> Said:
        return said({"code": "limit", "message": heard.echo})


class FakeAliyun(FakeHttp):
    key_id, secret = "LTAI-key-id", "aliyun/secret+1"

    def accepted(self, heard: Heard) -> Said:
        scheme, _, rest = heard.headers["authorization"].partition(" ")
        parts = dict(part.split("=", 1) for part in rest.split(","))
        names = parts["SignedHeaders"].split(";")
        asked = urlsplit(heard.target)
        query = "&".join(sorted(f"{quote(k, safe='~')}={quote(v, safe='~')}" for k, v in heard.query.items()))
        lines = "".join(f"{name}:{heard.headers[name]}\n" for name in names)
        digest = hashlib.sha256(heard.body).hexdigest()
        request = "\n".join([heard.method, asked.path, query, lines, ";".join(names), digest])
        text = f"{scheme}\n{hashlib.sha256(request.encode()).hexdigest()}"
        wanted = hmac.new(self.secret.encode(), text.encode(), "sha256").hexdigest()
        if asked.query != query or parts["Credential"] != self.key_id or parts["Signature"] != wanted:
            return said({"Code": "SignatureDoesNotMatch", "Message": heard.echo}, 400)
        json.loads(heard.query.get("TemplateParam") or heard.query["TtsParam"])
        self.delivered.append(heard)
        return said({"Code": "OK", "Message": "OK", "RequestId": "r", "BizId": "b1"})

    def refused(self, heard: Heard) -> Said:
        return said({"Code": "isv.MOBILE_NUMBER_ILLEGAL", "Message": f"非法手机号 {heard.echo}"})

    def broken(self, heard: Heard) -> Said:
        return said({"Code": "isv.AMOUNT_NOT_ENOUGH", "Message": f"账户余额不足 {heard.echo}"})

    def busy(self, heard: Heard) -> Said:
        return said({"Code": "isv.BUSINESS_LIMIT_CONTROL", "Message": f"触发分钟级流控Permits:1 {heard.echo}"})


class FakeTencent(FakeHttp):
    secret_id, secret = "AKID1", "tencent/secret+1"

    def accepted(self, heard: Heard) -> Said:
        headers = heard.headers
        date = headers["authorization"].split("/")[1]
        names = headers["authorization"].split("SignedHeaders=")[1].split(",")[0]
        lines = "".join(f"{name}:{headers[name].lower()}\n" for name in names.split(";"))
        digest = hashlib.sha256(heard.body).hexdigest()
        request = hashlib.sha256(f"POST\n/\n\n{lines}\n{names}\n{digest}".encode()).hexdigest()
        text = f"TC3-HMAC-SHA256\n{headers['x-tc-timestamp']}\n{date}/sms/tc3_request\n{request}"
        key = f"TC3{self.secret}".encode()
        for part in (date, "sms", "tc3_request"):
            key = hmac.new(key, part.encode(), "sha256").digest()
        if not headers["authorization"].endswith(hmac.new(key, text.encode(), "sha256").hexdigest()):
            return self._error("AuthFailure.SignatureFailure", heard)
        self.delivered.append(heard)
        return self._status("Ok", "send success")

    def refused(self, heard: Heard) -> Said:
        return self._status("InvalidParameterValue.IncorrectPhoneNumber", f"incorrect phone number {heard.echo}")

    def broken(self, heard: Heard) -> Said:
        return self._error("AuthFailure.SecretIdNotFound", heard)

    def busy(self, heard: Heard) -> Said:
        return self._status("LimitExceeded.PhoneNumberThirtySecondLimit", f"limit {heard.echo}")

    def _status(self, code: str, text: str) -> Said:
        return said({"Response": {"SendStatusSet": [{"SerialNo": "s1", "Code": code, "Message": text}]}})

    def _error(self, code: str, heard: Heard) -> Said:
        return said({"Response": {"Error": {"Code": code, "Message": heard.echo}, "RequestId": "r"}})
