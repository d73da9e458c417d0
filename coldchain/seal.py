"""Sealed batches: what leaves a gateway, and the acknowledgement that comes back.

::

    envelope  = CBOR [body, signature]            signature = Ed25519 over exactly the bytes of body
    body      = CBOR [1, node, epoch, seq, prev, created_ms, after, pack]
    prev      = SHA-256 of the previous body of this epoch, zeros at seq 1
    after     = null, or at seq 1 [epoch, seq, why] of the node's epoch before
    pack      = SenML, JSON or CBOR, zlib or not

Nothing here re-encodes a body: it is hashed, verified and kept as the bytes that came (protocol: sealed batches).
"""

from __future__ import annotations

import hashlib
import io
import zlib
from dataclasses import dataclass
from typing import Any

import cbor2
import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from coldchain.errors import RejectedReading
from coldchain.topics import valid_id

VERSION = 1
ZERO_HASH = bytes(32)
EPOCH_BYTES = 8
MAX_PACK_BYTES = 64 * 1024
MAX_UNPACKED_BYTES = 1024 * 1024
MAX_READINGS = 500
MAX_TIME_MS = 1 << 53
"""No server's time is beyond it; kept as a 64-bit number on both sides."""


@dataclass(frozen=True, slots=True)
class After:
    """The epoch that a new one follows: which, how far it was acknowledged, and why it ended."""

    epoch: bytes
    seq: int
    why: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """An envelope taken apart, not yet verified.

    Attributes:
        raw: the envelope as it came.
        body: the bytes that are signed and hashed.
        hash: SHA-256 of ``body``; empty when it was not asked for.
    """

    raw: bytes
    body: bytes
    signature: bytes
    hash: bytes
    node: str
    epoch: bytes
    seq: int
    prev: bytes
    created_ms: int
    after: After | None
    pack: bytes


class UnknownVersion(RejectedReading):
    """The body's first number is none that this program knows: answered, kept by the gateway."""

    def __init__(self, version: object, node: str, epoch: bytes, seq: int) -> None:
        self.node, self.epoch, self.seq = node, epoch, seq
        super().__init__("version", f"body version {version!r}, understood: {VERSION}")


def body_of(node: str, epoch: bytes, seq: int, prev: bytes, created_ms: int, after: After | None, pack: bytes) -> bytes:
    """Return the deterministic CBOR of a body."""
    tail = None if after is None else [after.epoch, after.seq, after.why]
    return cbor2.dumps([VERSION, node, epoch, seq, prev, created_ms, tail, pack], canonical=True)


def seal(body: bytes, key: Ed25519PrivateKey) -> bytes:
    """Return the envelope of a body, signed."""
    return cbor2.dumps([body, key.sign(body)])


def hash_of(body: bytes) -> bytes:
    """Return the SHA-256 that chains and acknowledgements name a body by."""
    return hashlib.sha256(body).digest()


def open_envelope(raw: bytes, *, hashed: bool = True) -> Sealed:
    """Take an envelope apart without believing it.

    Args:
        hashed: whether `Sealed.hash` is wanted; else it is empty, for readers of a ledger that proved it long ago.

    Raises:
        UnknownVersion: readable, but of a version from the future.
        RejectedReading: ``bad-envelope``: not two byte strings, or a body of another shape.
    """
    outer = _cbor(raw, "envelope")
    if not (isinstance(outer, list) and len(outer) == 2 and all(isinstance(part, bytes) for part in outer)):
        raise RejectedReading("bad-envelope", "not an array of two byte strings")
    body, signature = outer
    inner = _cbor(body, "body")
    if not isinstance(inner, list) or len(inner) < 4 or type(inner[0]) is not int:
        raise RejectedReading("bad-envelope", "the body is not an array that starts with its version")
    node, epoch, seq = inner[1], inner[2], inner[3]
    if not (isinstance(node, str) and valid_id(node)):
        raise RejectedReading("bad-envelope", f"node {node!r:.64} is no id")
    if not (isinstance(epoch, bytes) and len(epoch) == EPOCH_BYTES):
        raise RejectedReading("bad-envelope", f"{node}: the epoch is not {EPOCH_BYTES} bytes")
    if not (type(seq) is int and 1 <= seq < 1 << 62):
        raise RejectedReading("bad-envelope", f"{node}: seq {seq!r:.32} is not a number from 1")
    if inner[0] != VERSION:
        raise UnknownVersion(inner[0], node, epoch, seq)
    if len(inner) != 8:
        raise RejectedReading("bad-envelope", f"{node}: the body has {len(inner)} parts, expected 8")
    prev, created_ms, after, pack = inner[4:]
    if not (isinstance(prev, bytes) and len(prev) == 32 and isinstance(pack, bytes)):
        raise RejectedReading("bad-envelope", f"{node}: prev is not 32 bytes or pack is not bytes")
    if not (type(created_ms) is int and abs(created_ms) < MAX_TIME_MS):
        raise RejectedReading("bad-envelope", f"{node}: created_ms is not a time")
    return Sealed(
        raw,
        body,
        signature,
        hash_of(body) if hashed else b"",
        node,
        epoch,
        seq,
        prev,
        created_ms,
        _after(after, node, seq),
        pack,
    )


def _after(after: Any, node: str, seq: int) -> After | None:
    if after is None:
        return None
    well_formed = (
        seq == 1
        and isinstance(after, list)
        and len(after) == 3
        and isinstance(after[0], bytes)
        and len(after[0]) == EPOCH_BYTES
        and type(after[1]) is int
        and isinstance(after[2], str)
    )
    if not well_formed:
        raise RejectedReading("bad-envelope", f"{node}: after is not [epoch, seq, why] at seq 1")
    return After(after[0], after[1], after[2])


def _cbor(raw: bytes, what: str) -> Any:
    stream = io.BytesIO(raw)
    try:
        found = cbor2.CBORDecoder(stream).decode()
    except (cbor2.CBORError, ValueError, OverflowError, RecursionError, TypeError, EOFError) as fault:
        raise RejectedReading("bad-envelope", f"{what}: {fault}") from fault
    if stream.tell() != len(raw):
        raise RejectedReading("bad-envelope", f"{what}: {len(raw) - stream.tell()} bytes after it")
    return found


def verified(sealed: Sealed, public_key: bytes) -> bool:
    """Say whether the signature is the key's over exactly these bytes (about 125 µs; outside the GIL in threads)."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(sealed.signature, sealed.body)
    except (InvalidSignature, ValueError):
        return False
    return True


def unpacked(pack: bytes) -> bytes:
    """Return a pack's SenML bytes.

    Raises:
        RejectedReading: ``pack-too-large`` (> 64 KiB, or > 1 MiB unpacked) or ``bad-pack`` (damaged zlib).
    """
    if len(pack) > MAX_PACK_BYTES:
        raise RejectedReading("pack-too-large", f"{len(pack)} bytes, at most {MAX_PACK_BYTES}")
    if pack[:1] != b"\x78":
        return pack
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(pack, MAX_UNPACKED_BYTES + 1)
    except zlib.error as fault:
        raise RejectedReading("bad-pack", f"zlib: {fault}") from fault
    if len(plain) > MAX_UNPACKED_BYTES:
        raise RejectedReading("pack-too-large", f"more than {MAX_UNPACKED_BYTES} bytes unpacked")
    if not inflater.eof:
        raise RejectedReading("bad-pack", "zlib: the stream ends too early")
    if inflater.unused_data:
        raise RejectedReading("bad-pack", f"zlib: {len(inflater.unused_data)} bytes after the stream")
    return plain


class Ack(msgspec.Struct, frozen=True, omit_defaults=True):
    """What ingest answers: everything of ``epoch`` up to ``seq``, whose body hashes to ``hash``, is durable.

    Attributes:
        epoch: 16 hex digits.
        seq: 0 when nothing of the epoch is held.
        hash: 64 hex digits; zeros at seq 0.
        at: the server's time, ms UTC.
        refuse: ``seal``, ``fork``, ``behind`` or ``version``: why the batch after ``seq`` was not taken.
    """

    epoch: str
    seq: int
    hash: str
    at: int
    refuse: str | None = None

    def encode(self) -> bytes:
        """Return the JSON that goes onto the ack topic."""
        return msgspec.json.encode(self)

    @staticmethod
    def decode(payload: bytes) -> Ack:
        """Read an acknowledgement.

        Raises:
            RejectedReading: ``bad-ack``.
        """
        try:
            ack = msgspec.json.decode(payload, type=Ack)
            lengths = len(bytes.fromhex(ack.epoch)), len(bytes.fromhex(ack.hash))
        except (msgspec.DecodeError, ValueError, RecursionError) as fault:
            raise RejectedReading("bad-ack", str(fault)) from fault
        if lengths != (EPOCH_BYTES, 32) or not (0 <= ack.seq < 1 << 62 and 0 <= ack.at < MAX_TIME_MS):
            raise RejectedReading("bad-ack", f"epoch, hash, seq or at out of range: {payload[:200]!r}")
        return ack
