"""A chain's coolers as their gateways would have sealed them: drawn, run, measured, some readings lost on the radio.

::

    draw ─▶ usual, or failures that are repaired ─▶ course ─▶ said ─▶ 3 % lost ─▶ Shops.runs: a batch a gateway
                                                        └─▶ what is true: who stands warm, what failed and when

Nothing here knows a rule. Signatures are zeros: the ledger does not look at them, and intake is not what is measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import cbor2
import numpy as np
from numpy.typing import NDArray

from coldchain.ledger.port import Head, Run
from coldchain.registry.changes import Asset, Binding, Change, Node, Operator, Point, Probe, Put, Site
from coldchain.seal import EPOCH_BYTES, body_of, open_envelope
from coldchain.senml import Row, encode
from firmware_sim.chance import CHINA_OFFSET_S, chance
from firmware_sim.populations import Cooler, course, draw, usual
from firmware_sim.scenario import RefrigerationFailure, Restocking, Scenario

STEP_S = 300
"""A probe's interval, and how often a gateway seals."""

LOST_SHARE = 0.03
A_GATEWAY = 100
AT_ONCE = 500
"""Coolers of one course: 20,000 minutes of 500 take 80 MB an array."""

COURSE_S = 60
MIDNIGHT_MS = 1_750_032_000_000
"""2025-06-16T00:00:00Z."""

TARGET_CELSIUS = 6.0
"""Of pasteurized milk in China: goods whose median is above it stand warm."""

PROFILE = "pasteurized"
UNSIGNED = bytes(64)
KEY = bytes(32)
EPOCH = bytes(EPOCH_BYTES)

REPAIRED_S = 6 * 3600
"""How long a failure of the many lasts."""

SETTLED_S = 24 * 3600
"""The least time between a repair and the same cooler's next failure."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Failure:
    """A dead compressor, UTC ms; ``end_ms`` is the repair, or the end of the time looked at."""

    asset: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Shops:
    """What was measured, and what is true.

    Attributes:
        celsius: shape (steps, coolers), what each probe said in each interval; NaN where it was lost.
        after_ms: shape (coolers,), when in each interval, 1 to 300,000 ms.
        warm: shape (coolers,), whether the goods stand above their target without any failure.
    """

    name: str
    coolers: tuple[Cooler, ...]
    celsius: Array
    after_ms: NDArray[np.int64]
    failures: tuple[Failure, ...]
    warm: NDArray[np.bool_]

    @property
    def days(self) -> float:
        """How long."""
        return len(self.celsius) * STEP_S / 86_400

    @property
    def end_ms(self) -> int:
        """Its last moment."""
        return MIDNIGHT_MS + len(self.celsius) * STEP_S * 1000

    def registry(self) -> Iterator[Change]:
        """Yield one shop a gateway, its coolers judged by profile and kind, no rule by hand."""
        return (Change(put, "bench", "pages") for put in self._puts())

    def runs(self, step: int, sealing: list[Sealing]) -> list[Run]:
        """Return what the gateways seal at the end of an interval."""
        from_ms = MIDNIGHT_MS + step * STEP_S * 1000
        said, at_ms = self.celsius[step].tolist(), (from_ms + self.after_ms).tolist()
        runs = []
        for number, gateway in enumerate(sealing):
            here = range(number * A_GATEWAY, min((number + 1) * A_GATEWAY, len(said)))
            rows = [Row(channel_of(n), at_ms[n], said[n], "Cel") for n in here if said[n] == said[n]]
            if rows:
                runs.append(gateway.run(rows, from_ms + STEP_S * 1000))
        return runs

    def gateways(self) -> list[Sealing]:
        """Return the gateways, before their first batch."""
        return [Sealing(f"gw-{number}") for number in range(-(-len(self.coolers) // A_GATEWAY))]

    def _puts(self) -> Iterator[Put]:
        yield Operator("chain", "Chain")
        for number in range(-(-len(self.coolers) // A_GATEWAY)):
            yield Site(f"shop-{number}", f"Shop {number}", "shop", "chain")
            yield Node(f"gw-{number}", f"shop-{number}", (KEY.hex(),))
        for number, cooler in enumerate(self.coolers):
            asset, shop = cooler.asset, f"shop-{number // A_GATEWAY}"
            point, channel = f"{asset.id}.{cooler.position}", channel_of(number)
            yield Asset(asset.id, asset.id, asset.kind, shop)
            yield Point(point, asset.id, cooler.position, "temperature", STEP_S, profile=PROFILE)
            yield Probe(channel)
            yield Binding(channel, point, 0)


@dataclass(slots=True)
class Sealing:
    """A gateway's chain."""

    node: str
    head: Head = field(default_factory=Head)

    def run(self, rows: Sequence[Row], created_ms: int) -> Run:
        """Return the next batch, to be appended behind the one before."""
        body = body_of(self.node, EPOCH, self.head.seq + 1, self.head.hash, created_ms, None, encode(rows))
        sealed = open_envelope(cbor2.dumps([body, UNSIGNED]))
        before, self.head = self.head, Head(sealed.seq, sealed.hash, KEY)
        return Run(self.node, EPOCH, before, [sealed], KEY)


def channel_of(number: int) -> str:
    """Return the name under which a cooler's probe speaks."""
    return f"urn:dev:mac:0024be{0x10_0000 + number:06x}:temperature"


def shops(name: str, count: int, days: int, seed: int, failures_a_cooler_day: float | None = None) -> Shops:
    """Draw a population and let it run from a UTC midnight.

    Args:
        name: of the population.
        failures_a_cooler_day: as many, each repaired after `REPAIRED_S`, in place of the usual ones that last.
    """
    coolers = draw(name, count, seed)
    from_s, hours = MIDNIGHT_MS / 1000 + CHINA_OFFSET_S, days * 24.0
    end_ms = MIDNIGHT_MS + days * 86_400_000
    after_ms = np.array([int(chance(seed, "phase", c.asset.id).integers(1, STEP_S * 1000)) for c in coolers], np.int64)
    felt: list[Array] = []
    warm: list[NDArray[np.bool_]] = []
    failures: list[Failure] = []
    for begin in range(0, count, AT_ONCE):
        part = coolers[begin : begin + AT_ONCE]
        befalls = usual(name, part, seed, from_s, hours)
        if failures_a_cooler_day is not None:
            befalls = _repaired(befalls, part, seed, days, failures_a_cooler_day)
        dead = [_failure(each, end_ms) for each in befalls.of(RefrigerationFailure)]
        went = course(part, seed, from_s, hours, COURSE_S, befalls)
        felt.append(_at(went.felt, after_ms[begin : begin + AT_ONCE]))
        warm.append(_warm(went.product, part, dead))
        failures += dead
    return Shops(name, coolers, _said(np.hstack(felt), coolers, seed), after_ms, tuple(failures), np.concatenate(warm))


def _repaired(befalls: Scenario, coolers: Sequence[Cooler], seed: int, days: int, a_day: float) -> Scenario:
    dead = []
    for cooler in coolers:
        drawn = chance(seed, "repaired failure", cooler.asset.id)
        at_s = float(drawn.exponential(86_400 / a_day))
        while at_s < days * 86_400:
            start_s = at_s - days * 86_400
            dead.append(RefrigerationFailure(assets=(cooler.asset.id,), start_s=start_s, duration_s=float(REPAIRED_S)))
            at_s += REPAIRED_S + SETTLED_S + float(drawn.exponential(86_400 / a_day))
    return Scenario((*befalls.of(Restocking), *dead), befalls.title)


def _failure(what: RefrigerationFailure, end_ms: int) -> Failure:
    return Failure(what.assets[0], end_ms + round(what.start_s * 1000), round(min(what.end_s * 1000, 0.0)) + end_ms)


def _at(felt: Array, after_ms: NDArray[np.int64]) -> Array:
    """Return what each probe feels at its own moment of each interval; ``felt`` is as of each minute's end."""
    steps = len(felt) * COURSE_S // STEP_S
    minute = np.arange(steps)[:, None] * (STEP_S // COURSE_S) + after_ms / (COURSE_S * 1000) - 1
    minute = np.maximum(minute, 0.0)
    before = minute.astype(np.intp)
    behind = np.minimum(before + 1, len(felt) - 1)
    probe = np.arange(felt.shape[1])
    return np.asarray(felt[before, probe] + (minute - before) * (felt[behind, probe] - felt[before, probe]))


def _said(felt: Array, coolers: Sequence[Cooler], seed: int) -> Array:
    """As `firmware_sim.positions.Instrument.said`, for arrays; then the radio."""
    of = [cooler.instrument for cooler in coolers]
    resolution = np.array([each.resolution_kelvin for each in of])
    noise = chance(seed, "noise").standard_normal(felt.shape) * [each.noise_kelvin for each in of]
    said = np.round((felt + [each.offset_kelvin for each in of] + noise) / resolution) * resolution
    said = np.round(said, 6)
    said[chance(seed, "radio").random(felt.shape) < LOST_SHARE] = np.nan
    return np.asarray(said)


def _warm(product: Array, coolers: Sequence[Cooler], failures: Sequence[Failure]) -> NDArray[np.bool_]:
    first_ms = {failure.asset: failure.start_ms for failure in reversed(failures)}
    found = []
    for number, cooler in enumerate(coolers):
        sound_ms = first_ms.get(cooler.asset.id, MIDNIGHT_MS + len(product) * COURSE_S * 1000) - MIDNIGHT_MS
        found.append(bool(np.median(product[: max(60, sound_ms // 1000 // COURSE_S), number]) > TARGET_CELSIUS))
    return np.array(found)
