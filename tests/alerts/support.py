"""A small cold chain for the judge: nodes that seal, a real ledger, a judge that can be dropped and reopened."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from alerts.episodes import Episode
from alerts.handlingrows import alarm_of, episode_of
from alerts.history import History, LedgerHistory, Samples
from alerts.judge import Judge
from alerts.lifecycle import GONE
from alerts.store import AlertStore
from alerts.tables import alarm, episode
from coldchain.batches import BatchDecoder
from coldchain.clock import TestClock
from coldchain.ledger.port import Head, Run
from coldchain.ledger.sql import SqlLedger
from coldchain.profiles import builtin
from coldchain.profiles.structs import Celsius, Count, Kelvin, Limits, Minutes, Product
from coldchain.projection import catch_up
from coldchain.registry import (
    Asset,
    Binding,
    Change,
    LimitRule,
    Node,
    Operator,
    Point,
    Probe,
    Profile,
    Put,
    Registry,
    Site,
)
from coldchain.seal import body_of, open_envelope, seal
from coldchain.senml import Row, encode

MIDNIGHT_MS = 1_700_006_400_000  # 2023-11-15T00:00:00Z
MINUTE_MS = 60_000
DAY_MS = 86_400_000
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))

Reading = tuple[str, int, float]
"""Channel, measured ms, °C."""


@dataclass
class SealingNode:
    """Seals readings into one chain, without the cost of a signature that nobody here checks.

    Attributes:
        units: channel → unit, of channels that are no temperature.
    """

    id: str
    epoch: bytes = bytes(8)
    head: Head = field(default_factory=Head)
    units: dict[str, str] = field(default_factory=dict)

    def run(self, readings: Sequence[Reading]) -> Run:
        pack = encode([Row(name, at, value, self.units.get(name, "Cel")) for name, at, value in readings])
        body = body_of(self.id, self.epoch, self.head.seq + 1, self.head.hash, readings[-1][1], None, pack)
        sealed = open_envelope(seal(body, KEY))
        before, self.head = self.head, Head(sealed.seq, sealed.hash)
        return Run(self.id, self.epoch, before, [sealed], bytes(32))


class LaggingHistory:
    """A history that says it covers less than it does, as a series store does that is behind."""

    def __init__(self, history: History, lag: int) -> None:
        self._history = history
        self.lag = lag

    def covered(self) -> int:
        return max(0, self._history.covered() - self.lag)

    def samples(self, registry: Registry, point: str, from_ms: int, to_ms: int, upto: int) -> Samples:
        assert upto <= self.covered()
        return self._history.samples(registry, point, from_ms, to_ms, upto)


@functools.cache
def _empty() -> Path:
    """Return a folder with an empty ledger and an empty alarm store: making them took half of a short test."""
    folder = Path(tempfile.mkdtemp(prefix="coldchain-empty-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    SqlLedger.open(folder / "ledger.sqlite", synchronous="OFF").close()
    AlertStore.open(folder / "alerts.sqlite").close()
    return folder


class World:
    """A ledger, a clock, and a judge over a file."""

    def __init__(self, folder: Path, *, lag: int = 0, now_ms: int = MIDNIGHT_MS + 40 * DAY_MS) -> None:
        self.folder = folder
        self.clock = TestClock(now_ms)
        self.received_ms = now_ms
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("ledger.sqlite", "alerts.sqlite"):
            if not (folder / name).exists():
                shutil.copy(_empty() / name, folder / name)
        self.ledger = SqlLedger.open(folder / "ledger.sqlite", synchronous="OFF")
        self.nodes: dict[str, SealingNode] = {}
        self.decode = BatchDecoder()
        self.history = LaggingHistory(LedgerHistory(self.ledger, self.decode), lag)
        self.store = AlertStore.open(folder / "alerts.sqlite")
        self.judge = self.open()

    def open(self) -> Judge:
        self.judge = Judge(self.store, self.ledger, self.history, self.clock, self.decode)
        return self.judge

    def server_does(self, doing: str) -> None:
        """Let the server do one of what it does between two batches; ``wait``: nothing."""
        match doing:
            case "step":
                self.judge.step(self.ledger.read(self.judge.cursor, 3))
            case "idle":
                self.clock.advance_sync(2.5)
                self.judge.idle()
            case "settle":
                self.catch_up()
                self.judge.settle()  # as far as the history goes
            case "restart":
                self.catch_up(chunk=2)
                self.restart()
            case "commit":
                self.judge.commit()

    def restart(self) -> None:
        """Drop the judge as a crash would: what it did not commit is gone."""
        self.store.close()
        self.store = AlertStore.open(self.folder / "alerts.sqlite")
        self.open()

    def put(self, *puts: Put) -> None:
        self.ledger.change([Change(put, "test", "test").encode() for put in puts], self.received_ms)

    def send(self, node: str, readings: Sequence[Reading]) -> None:
        sealing = self.nodes.setdefault(node, SealingNode(node))
        self.ledger.append([sealing.run(readings)], self.received_ms)

    def catch_up(self, chunk: int = 256) -> None:
        catch_up(self.judge, self.ledger, chunk=chunk)

    def settle(self) -> None:
        self.catch_up()
        self.judge.settle()
        assert self.judge.waiting == 0

    def episodes(self) -> list[Episode]:
        with self.store.engine.connect() as connection:
            rows = connection.execute(select(episode).order_by(episode.c.point, episode.c.rule, episode.c.onset_ms))
            return [episode_of(row) for row in rows]

    def live_alarms(self) -> list[Episode]:
        """Return the episode of each alarm that is neither retracted nor merged."""
        with self.store.engine.connect() as connection:
            rows = connection.execute(
                select(alarm).where(alarm.c.state.not_in(GONE)).order_by(alarm.c.point, alarm.c.rule, alarm.c.onset_ms)
            )
            return [alarm_of(row).episode for row in rows]

    def close(self) -> None:
        self.store.close()
        self.ledger.close()


def with_product(*, warning: float = 6.5, from_ms: int = 0) -> list[Put]:
    """Return the profile entries that bring every lane to a shop's points: product, freezing, record, faults."""

    def celsius(value: float) -> Celsius:
        return Celsius(celsius=value, source="test", status="assumed")

    def minutes(value: float) -> Minutes:
        return Minutes(minutes=value, source="test", status="assumed")

    kelvin = Kelvin(kelvin=0.5, source="test", status="assumed")
    two = Count(count=2, source="test", status="assumed")
    limits = Limits(
        celsius(0.5), celsius(6.0), celsius(warning), celsius(7.0), celsius(8.5), celsius(0.0), celsius(-0.5)
    )  # fmt: skip
    product = Product("test-milk", "奶", "milk", "chilled", {"CN": limits}, minutes(10))
    kind = msgspec.structs.replace(
        builtin().kinds["walk-in-room"],
        id="test-cooler",
        warning_on_delay=minutes(10),
        critical_on_delay=minutes(5),
        return_delay=minutes(2),
        deadband=kelvin,
        confirm_samples=two,
        positions={},
        door_tolerance=minutes(6),
        defrost_longest=minutes(8),
        defrost_recovery=minutes(4),
        defrosts_a_day=two,
        parked_after=minutes(5),
        pull_down=minutes(8),
        unit_off=minutes(3),
        apart=Kelvin(kelvin=2.0, source="test", status="assumed"),
        apart_after=minutes(5),
    )
    return [Profile(from_ms, product), Profile(from_ms, kind)]


def shop(
    points: int = 2, *, on_delay_s: int = 600, interval_s: int = 60, kind: str = "cooler", profile: str = ""
) -> list[Put]:
    """Return the changes that register one shop with some coolers, one probe each, bound since ever.

    Args:
        kind: of the coolers; for a made-up one only rules by hand hold.
        profile: judged by it, instead of rules by hand.
    """
    puts: list[Put] = [
        Operator("op", "Operator"),
        Site("shop", "Shop", "shop", "op"),
        Node("gw", "shop", ()),
    ]
    for number in range(points):
        puts += [
            Asset(f"cooler-{number}", f"Cooler {number}", kind, "shop"),
            Point(f"cooler-{number}.air", f"cooler-{number}", "return-air", "temperature", interval_s, profile=profile),
            Probe(f"urn:p{number}:t"),
            Binding(f"urn:p{number}:t", f"cooler-{number}.air", 0),
        ]
        if profile:
            puts += [
                Point(f"cooler-{number}.door", f"cooler-{number}", "door", "door", interval_s, ""),
                Probe(f"urn:p{number}:d"),
                Binding(f"urn:p{number}:d", f"cooler-{number}.door", 0),
            ]
        else:
            puts.append(LimitRule(f"cooler-{number}.air", 0, 8.0, 0.0, on_delay_s, 0.5, 120))
    return puts


def vehicle(number: int = 0, interval_s: int = 60) -> list[Put]:
    """Return the changes that give a cooler the signals of a vehicle: unit (``urn:p0:u``) and speed (``urn:p0:s``)."""
    puts: list[Put] = []
    for quantity in ("unit", "speed"):
        point, channel = f"cooler-{number}.{quantity}", f"urn:p{number}:{quantity[0]}"
        puts.append(Point(point, f"cooler-{number}", quantity, quantity, interval_s, ""))
        puts += [Probe(channel), Binding(channel, point, 0)]
    return puts
