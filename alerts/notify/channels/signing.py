"""How requests to clouds are signed: Alibaba Cloud's ACS3 and Tencent Cloud's TC3, both HMAC-SHA256.

Sources, with the vectors that the tests hold against this file:
    ACS3: help.aliyun.com/document_detail/2593177.html, "V3版本请求体&签名机制", fixed parameters.
    TC3: cloud.tencent.com/document/product/382/38768 and its likes, "签名方法 v3", DescribeInstances of 2019-02-25.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from coldchain.secret import Secret


def sorted_query(values: Mapping[str, str]) -> str:
    """Return a query as ACS3 signs it: sorted by name, everything but RFC 3986's unreserved characters escaped.

    >>> sorted_query({"b": "a b", "a": "柜*"})
    'a=%E6%9F%9C%2A&b=a%20b'
    """
    return "&".join(f"{quote(name, safe='~')}={quote(values[name], safe='~')}" for name in sorted(values))


def acs3_headers(
    key_id: str, secret: Secret, *, host: str, action: str, version: str, query: str, nonce: str, now_ms: int
) -> dict[str, str]:
    """Return the headers of a POST to ``/`` with a query and no body.

    Args:
        query: as `sorted_query` makes it and as it is sent.
        nonce: different each time.
    """
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": datetime.fromtimestamp(now_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = f"POST\n/\n{query}\n{lines}\n{names}\n{headers['x-acs-content-sha256']}"
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(secret.reveal().encode(), text.encode(), hashlib.sha256).hexdigest()
    credential = f"Credential={key_id},SignedHeaders={names},Signature={signature}"
    return {**headers, "authorization": f"ACS3-HMAC-SHA256 {credential}"}


def tc3_authorization(
    secret_id: str, secret: Secret, *, service: str, host: str, action: str, body: bytes, now_ms: int
) -> str:
    """Return ``Authorization`` of a POST of JSON (``application/json; charset=utf-8``) to ``/``."""
    now_s = now_ms // 1000
    scope = f"{datetime.fromtimestamp(now_s, UTC):%Y-%m-%d}/{service}/tc3_request"
    names = "content-type;host;x-tc-action"
    lines = f"content-type:application/json; charset=utf-8\nhost:{host}\nx-tc-action:{action.lower()}\n"
    request = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    text = f"TC3-HMAC-SHA256\n{now_s}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"TC3{secret.reveal()}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return f"TC3-HMAC-SHA256 Credential={secret_id}/{scope}, SignedHeaders={names}, Signature={signature}"
