"""What a push service carries and cannot read (RFC 8291), and who sent it (VAPID, RFC 8292).

Written on `cryptography`, which is here already: pywebpush brings requests and aiohttp, blocks, resolves the address a
second time after it was checked, and follows redirects.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from coldchain.errors import ConfigError
from coldchain.secret import Secret

RECORD_BYTES = 4096
"""One record holds the whole message (RFC 8291 §4)."""

LARGEST_TEXT = 3900
"""Bytes of a message: record less header (86), tag (16), delimiter (1), and some."""

TOKEN_S = 12 * 3600
"""Life of a VAPID token; RFC 8292 allows 24 h."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where one browser is reached, as ``PushSubscription.toJSON()`` tells it."""

    endpoint: str
    public_key: bytes
    auth: bytes


def subscription_of(text: str) -> Subscription | None:
    """Return what a browser subscribed with, None where a text is no subscription."""
    try:
        told = json.loads(text)
        keys = told["keys"]
        found = Subscription(str(told["endpoint"]), from_base64(keys["p256dh"]), from_base64(keys["auth"]))
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), found.public_key)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return found if len(found.auth) == 16 else None


def encrypted(to: Subscription, text: bytes, own: ec.EllipticCurvePrivateKey, salt: bytes) -> bytes:
    """Return the body of a push message, ``aes128gcm``.

    Args:
        own: a key made for this message only. ``salt``: 16 bytes made for this message only.
    """
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), to.public_key)
    shared = own.exchange(ec.ECDH(), theirs)
    public = _point(own.public_key())
    key_info = b"WebPush: info\x00" + to.public_key + public
    key = _derived(shared, to.auth, key_info, 32)
    content_key = _derived(key, salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derived(key, salt, b"Content-Encoding: nonce\x00", 12)
    header = salt + RECORD_BYTES.to_bytes(4, "big") + bytes([len(public)]) + public
    return header + AESGCM(content_key).encrypt(nonce, text + b"\x02", None)


def load_key(secret: Secret) -> ec.EllipticCurvePrivateKey:
    """Return a VAPID key.

    Raises:
        ConfigError: no P-256 private key in PEM form.
    """
    try:
        key = load_pem_private_key(secret.reveal().encode(), None)
    except (ValueError, TypeError):
        raise ConfigError("not a private key in PEM form without a password") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ConfigError("not a P-256 key; openssl ecparam -genkey -name prime256v1 makes one")
    return key


def vapid_authorization(key: ec.EllipticCurvePrivateKey, origin: str, contact: str, now_ms: int) -> str:
    """Return ``Authorization`` for a push service at an origin (``https://push.example.com``)."""
    claims = {"aud": origin, "exp": now_ms // 1000 + TOKEN_S, "sub": contact}
    signed = f"{_json({'typ': 'JWT', 'alg': 'ES256'})}.{_json(claims)}"
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    signature = to_base64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    return f"vapid t={signed}.{signature}, k={to_base64(_point(key.public_key()))}"


def from_base64(text: str) -> bytes:
    """Return the bytes of base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def to_base64(raw: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _json(value: dict[str, Any]) -> str:
    return to_base64(json.dumps(value, separators=(",", ":")).encode())


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)
