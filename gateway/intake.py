"""From a sensor's message to rows for the spool: decode, decide the time, hold what has no time yet.

::

    message ──▶ decode ──▶ Heard(name, own time, value) ──▶ trusted clock?  yes ─▶ spool.put
                   │                                                        no ──▶ spool.hold (steady time)
                   └──▶ rejected: counted by reason, one sample a reason, acknowledged (it is bad for ever)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from coldchain.counters import Counters
from coldchain.errors import RejectedReading
from coldchain.readings import Quality
from coldchain.senml import Row, decode
from gateway.sqlite_spool import SqliteSpool
from gateway.timebase import Timebase, measured_at, untimed_name

MAX_WORD = 64
"""Longest fault word kept, characters."""


class Heard(msgspec.Struct, frozen=True, array_like=True):
    """One record as a sensor sent it."""

    name: str
    own_ms: int
    value: float | bool | str
    unit: str
    history: bool


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, as both clocks see it."""

    wall_ms: int
    steady_ms: int


class SiteIntake:
    """Takes what sensors say into the spool of one node."""

    def __init__(self, node: str, spool: SqliteSpool, timebase: Timebase) -> None:
        self.counters = Counters("messages", "taken", "held", "rejected_messages", "rejected_records", "refused")
        self.samples: dict[str, bytes] = {}
        self._node = node
        self._spool = spool
        self._timebase = timebase
        self._arrivals: dict[str, int] = {}

    def decode(self, payload: bytes, now: Moment, *, history: bool) -> list[Heard]:
        """Decode a message; what is no reading is counted and sampled."""
        self.counters.add("messages")
        try:
            pack = decode(payload, self._timebase.now_ms(now.wall_ms))
        except RejectedReading as fault:
            self.counters.add("rejected_messages")
            self.samples.setdefault(fault.reason, payload[:4096])
            return []
        for _, reason, _ in pack.rejected:
            self.counters.add("rejected_records")
            self.samples.setdefault(reason, payload[:4096])
        block = pack.readings
        heard = []
        for row in range(len(block)):
            place = int(block.channel[row])
            value: float | bool | str = float(block.value[row])
            if row in block.words:
                value = block.words[row][:MAX_WORD]
            elif block.quality[row] & Quality.BOOLEAN:
                value = bool(value)
            heard.append(Heard(block.names[place], int(block.measured_at_ms[row]), value, block.units[place], history))
        return heard

    def keep(self, heard: Sequence[Heard], now: Moment) -> None:
        """Keep what was heard, durable on return.

        Raises:
            Unavailable: no room; nothing was kept.
        """
        if not heard:
            return
        if self._timebase.trusted:
            now_ms = self._timebase.now_ms(now.wall_ms)
            self._spool.put([self._timed(item, now_ms, 0) for item in heard], now_ms)
            self.counters.add("taken", len(heard))
        else:
            rows = [(now.steady_ms, msgspec.json.encode(item)) for item in heard]
            self._spool.hold(self._timebase.boot, rows, now.wall_ms)
            self.counters.add("held", len(heard))

    def settle(self, now: Moment) -> int:
        """Give held readings their time: this boot's once the clock is trusted, older boots' as untimed for ever.

        Returns:
            How many were moved into the readings.
        """
        held = self._spool.held()
        now_ms = self._timebase.now_ms(now.wall_ms)
        rows: list[Row] = []
        upto = 0
        for key, boot, steady_ms, raw in held:
            item = msgspec.json.decode(raw, type=Heard)
            if boot != self._timebase.boot:
                name = untimed_name(self._node, boot, item.name)
                rows.append(Row(name, steady_ms, item.value, item.unit))
            elif self._timebase.trusted:
                arrival_ms = now_ms - (now.steady_ms - steady_ms)
                rows.append(self._timed(item, arrival_ms, int(Quality.ESTIMATED)))
            else:
                break
            upto = key
        if rows:
            self._spool.release(upto, rows, now_ms)
        return len(rows)

    def _timed(self, item: Heard, arrival_ms: int, quality: int) -> Row:
        at_ms, bits, own_ms = measured_at(item.own_ms, arrival_ms, history=item.history)
        if bits & Quality.SENSOR_CLOCK:
            # Messages that waited at the broker come in one millisecond: without this they would share an identity,
            # and all but the largest value would be gone.
            at_ms = max(at_ms, self._arrivals.get(item.name, 0) + 1)
            self._arrivals[item.name] = at_ms
        if not item.history:
            bits |= quality
        return Row(item.name, at_ms, item.value, item.unit, bits, own_ms)
