"""A receiver of webhooks, and a push service with the browser behind it, as the standards say.

Each checks what it is given with code of its own, not with the code under test.
"""

from __future__ import annotations

import base64
import hmac
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from coldchain.clock import TestClock
from tests.alerts.notify.fakes.http import FakeHttp, Heard, Said, hmac_base64, said


class FakeReceiver(FakeHttp):
    """A webhook's receiver, with a library for Standard Webhooks of its own."""

    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    def accepted(self, heard: Heard) -> Said:
        key = base64.b64decode(self.secret.split("_")[1])
        parts = [heard.headers["webhook-id"].encode(), heard.headers["webhook-timestamp"].encode(), heard.body]
        if heard.headers["webhook-signature"] != f"v1,{hmac_base64(key, b'.'.join(parts))}":
            return said({"error": "signature"}, 401)
        if abs(int(heard.headers["webhook-timestamp"]) * 1000 - self.clock.now_ms()) > 300_000:
            return said({"error": "timestamp"}, 401)
        self.delivered.append(heard)
        return 204, {}, b""

    def broken(self, heard: Heard) -> Said:
        return said({"error": heard.echo}, 410)


class FakePush(FakeHttp):
    """A push service and the browser behind it, which reads what it is sent."""

    def __init__(self, clock: TestClock) -> None:
        super().__init__(clock)
        self.browser = ec.generate_private_key(ec.SECP256R1())
        self.auth = bytes(range(16))
        self.read: list[dict[str, str]] = []

    def subscription(self) -> str:
        keys = {"p256dh": url64(point(self.browser.public_key())), "auth": url64(self.auth)}
        return json.dumps({"endpoint": f"{self.url}/push/capability-token", "keys": keys})

    def accepted(self, heard: Heard) -> Said:
        if not self._vapid_holds(heard) or "ttl" not in heard.headers:
            return 403, {}, heard.echo.encode()
        self.read.append(json.loads(self._opened(heard.body)))
        self.delivered.append(heard)
        return 201, {"Location": f"{self.url}/message/1"}, b""

    def refused(self, heard: Heard) -> Said:
        return 410, {}, heard.echo.encode()

    def broken(self, heard: Heard) -> Said:
        return 403, {}, heard.echo.encode()

    def _vapid_holds(self, heard: Heard) -> bool:
        scheme, _, rest = heard.headers["authorization"].partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        head, claims, signature = parts["t"].split(".")
        told = json.loads(un64(claims))
        raw = un64(signature)
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), un64(parts["k"]))
        pair = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        try:
            key.verify(pair, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        lasts = told["exp"] - self.clock.now_ms() / 1000
        return (
            scheme == "vapid" and told["aud"] == self.url and 0 < lasts <= 86_400 and told["sub"].startswith("mailto:")
        )

    def _opened(self, body: bytes) -> bytes:
        """Decrypt as RFC 8188 and RFC 8291 §3.4 write it down, with HKDF in its two steps."""
        salt, sender, ciphertext = body[:16], body[21 : 21 + body[20]], body[21 + body[20] :]
        shared = self.browser.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        info = b"WebPush: info\0" + point(self.browser.public_key()) + sender
        prk = hmac.new(self.auth, shared, "sha256").digest()
        ikm = HKDFExpand(hashes.SHA256(), 32, info).derive(prk)
        prk = hmac.new(salt, ikm, "sha256").digest()
        key = HKDFExpand(hashes.SHA256(), 16, b"Content-Encoding: aes128gcm\0").derive(prk)
        nonce = HKDFExpand(hashes.SHA256(), 12, b"Content-Encoding: nonce\0").derive(prk)
        return AESGCM(key).decrypt(nonce, ciphertext, None).rstrip(b"\0").removesuffix(b"\x02")


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def url64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def un64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")
