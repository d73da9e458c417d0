"""What tests build their worlds from: a gateway that seals, a ledger with entries, a small fleet.

>>> gateway = SealingNode("gw-1")
>>> [batch.seq for batch in (gateway.seal([Row("urn:a:t", T0, 4.5)]), gateway.seal([Row("urn:a:t", T0 + 1, 4.5)]))]
[1, 2]
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from coldchain.ledger import Appended, Head, Ledger, Run
from coldchain.registry import Asset, Binding, Change, Node, Operator, Point, Probe, Put, Site
from coldchain.seal import Sealed, body_of, open_envelope, seal
from coldchain.senml import Row, encode

T0 = 1_700_006_400_000
"""2023-11-15T00:00:00Z: midnight, so that a test's days are whole."""

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000


class SealingNode:
    """A gateway with a key: seals rows into one chain and appends them to a ledger.

    Args:
        node: its id; the key follows from it, so every run seals the same bytes.
        epoch: eight bytes; another epoch is another chain of the same node.
    """

    def __init__(self, node: str, epoch: bytes = b"epoch--1") -> None:
        self.node = node
        self.epoch = epoch
        self.head = Head()
        self._key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(node.encode()).digest())

    @property
    def public_key(self) -> bytes:
        """32 bytes; ``.hex()`` is what a registry's Node lists."""
        return self._key.public_key().public_bytes_raw()

    def seal(self, rows: Sequence[Row], created_ms: int = T0) -> Sealed:
        """Seal rows as the chain's next batch."""
        return self.seal_pack(encode(rows), created_ms)

    def seal_pack(self, pack: bytes, created_ms: int = T0) -> Sealed:
        """Seal any bytes as the chain's next batch, whatever they are."""
        seq = self.head.seq + 1
        body = body_of(self.node, self.epoch, seq, self.head.hash, created_ms, None, pack)
        batch = open_envelope(seal(body, self._key))
        self.head = Head(seq, batch.hash, self.public_key)
        return batch

    def append(self, ledger: Ledger, rows: Sequence[Row], received_at_ms: int = T0 + DAY_MS) -> int:
        """Seal rows and append them; return their ledger position."""
        before = self.head
        return append_batches(ledger, self, before, [self.seal(rows)], received_at_ms)


def append_batches(
    ledger: Ledger, node: SealingNode, after: Head, batches: Sequence[Sealed], received_at_ms: int = T0 + DAY_MS
) -> int:
    """Append batches that follow ``after``; return the first one's position."""
    run = Run(node.node, node.epoch, after, batches, node.public_key)
    (answer,) = ledger.append([run], received_at_ms)
    assert isinstance(answer, Appended), f"{node.node}: the ledger's head is {answer}"
    return answer.first_position


def put(ledger: Ledger, *puts: Put, at_ms: int = T0) -> list[int]:
    """Append change entries; return their positions."""
    return ledger.change([Change(one, "test", "test").encode() for one in puts], at_ms)


def fleet(nodes: Sequence[SealingNode], probes_each: int = 2) -> list[Put]:
    """Return the change entries of one site a node, with a cooler and bound probes.

    Node ``gw-1`` gets site ``site-gw-1``, asset ``cooler-gw-1``, points ``gw-1/p0`` … and channels `channel_of`.
    """
    puts: list[Put] = [Operator("dairy", "Dairy")]
    for node in nodes:
        site, asset = f"site-{node.node}", f"cooler-{node.node}"
        puts += [
            Site(site, site, "shop", "dairy"),
            Asset(asset, asset, "glass-door-cooler", site),
            Node(node.node, site, (node.public_key.hex(),)),
        ]
        for number in range(probes_each):
            point, channel = f"{node.node}/p{number}", channel_of(node.node, number)
            puts += [
                Point(point, asset, "product", "temperature", 60),
                Probe(channel),
                Binding(channel, point, 0),
            ]
    return puts


def channel_of(node: str, number: int = 0) -> str:
    """Return the channel name of a node's probe in `fleet`."""
    return f"urn:dev:{node}:p{number}:temperature"
