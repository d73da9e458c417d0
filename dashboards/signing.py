"""Requests of other systems, signed with a secret that both know: whose they are, and that they are not old ones.

::

    Coldchain-Timestamp: 1700000000                        seconds since 1970 UTC
    Coldchain-Signature: HMAC-SHA-256 of "1700000000." and the body as sent, in hexadecimal
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from pathlib import Path

from coldchain.errors import ConfigError
from dashboards.problems import Problem

TIMESTAMP, SIGNATURE = "coldchain-timestamp", "coldchain-signature"

SIGNED_WITHIN_S = 300
"""A signature that is older, or so much ahead of the server's clock, does not count. Assumed, as other webhooks have
it."""

SHORTEST_SECRET = 16
"""Bytes; less can be guessed."""


def secret_in(file: Path) -> bytes:
    """Return the secret that a file holds, without white space around it.

    Raises:
        ConfigError: it cannot be read, or is shorter than `SHORTEST_SECRET`; the secret itself is never shown.
    """
    try:
        secret = file.read_bytes().strip()
    except OSError as fault:
        raise ConfigError(f"{file}: cannot be read: {fault.strerror}") from fault
    if len(secret) < SHORTEST_SECRET:
        raise ConfigError(f"{file}: a secret of {len(secret)} bytes; at least {SHORTEST_SECRET} are needed")
    return secret


def signature_of(secret: bytes, timestamp: str, body: bytes) -> str:
    """Return what signs a body at a time, 64 hexadecimal digits.

    >>> signature_of(b"Jefe-and-his-secret", "1700000000", b"{}")[:16]
    '0a20030e6ff0a953'
    """
    return hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def checked(secret: bytes, headers: Mapping[str, str], body: bytes, now_ms: int) -> None:
    """Check that a request was signed just now by somebody who knows the secret.

    Raises:
        Problem: 401: not signed, at another time, or otherwise.
    """
    timestamp, signature = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
    if not timestamp or not signature:
        raise Problem(401, "not signed", f"{TIMESTAMP} and {SIGNATURE} are needed here; docs/contracts.md has how")
    if not timestamp.isdecimal() or len(timestamp) > 12:
        raise Problem(401, "not signed", f"{TIMESTAMP}: seconds since 1970 UTC")
    if abs(now_ms / 1000 - int(timestamp)) > SIGNED_WITHIN_S:
        raise Problem(401, "not signed now", f"{TIMESTAMP} is more than {SIGNED_WITHIN_S} s off the server's clock")
    if not hmac.compare_digest(signature_of(secret, timestamp, body).encode(), signature.strip().lower().encode()):
        raise Problem(401, "signature does not fit", "another secret, or not the bytes that were signed")
