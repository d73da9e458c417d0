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

MAX_UNIT = 32
"""Longest unit kept, characters; the longest of the IANA registry has 8."""

SETTLE_ROWS = 500
"""Held readings given their time at once, so that days of them never lie in memory together."""


class Heard(msgspec.Struct, frozen=True, array_like=True):
    """One record as a sensor sent it.

    Attributes:
        own_ms: its own time, ms UTC; if ``relative``, ms from its arrival (0 when it had none).
    """

    name: str
    own_ms: int
    value: float | bool | str
    unit: str
    history: bool
    relative: bool = False


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
            pack = decode(payload, 0)  # relative times stay so: the clock may not be trusted yet
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
            unit = block.unit_of(row)[:MAX_UNIT]
            at_ms, relative = int(block.measured_at_ms[row]), bool(pack.relative[row])
            heard.append(Heard(block.names[place], at_ms, value, unit, history, relative))
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
        settled = 0
        while moved := self._settle_some(now):
            settled += moved
        return settled

    def _settle_some(self, now: Moment) -> int:
        held = self._spool.held(SETTLE_ROWS)
        now_ms = self._timebase.now_ms(now.wall_ms)
        rows: list[Row] = []
        upto = 0
        for key, boot, steady_ms, raw in held:
            item = msgspec.json.decode(raw, type=Heard)
            if boot != self._timebase.boot:
                name = untimed_name(self._node, boot, item.name)
                rows.append(Row(name, steady_ms + (item.own_ms if item.relative else 0), item.value, item.unit))
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
        own_ms = arrival_ms + item.own_ms if item.relative else item.own_ms
        at_ms, bits, unbelieved_ms = measured_at(own_ms, arrival_ms, history=item.history)
        if bits or (item.relative and item.own_ms == 0):
            # Messages that waited at the broker come in one millisecond: without this they would share an identity,
            # and all but the largest value would be gone.
            at_ms = max(at_ms, self._arrivals.get(item.name, 0) + 1)
            self._arrivals[item.name] = at_ms
        if item.relative or bits or not item.history:
            bits |= quality  # an absolute time of its own, from a sensor that knows history, owes nothing to our clock
        return Row(item.name, at_ms, item.value, item.unit, bits, unbelieved_ms)
