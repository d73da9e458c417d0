"""From a sensor's message to rows for the spool: decode, decide the time, hold what has no time yet.

::

    message ──▶ decode ──▶ Heard(name, own time, value) ──▶ trusted clock?  yes ─▶ spool.put
                   │                                                        no ──▶ spool.hold (steady time)
                   ├──▶ came before, by the device's counter: counted
                   └──▶ rejected: counted by reason, one sample a reason, acknowledged (it is bad for ever)

Books: ``messages`` = ``decoded`` + ``duplicates`` + ``rejected_messages``. A message of which anything was heard is
decoded; what was rejected inside it is counted in ``rejected_records``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from coldchain.counters import Counters
from coldchain.readings import Quality
from coldchain.senml import Row
from gateway.formats import Decoded, Format, Formats, Heard, decode
from gateway.repeats import Repeats, Said
from gateway.sqlite_spool import SqliteSpool
from gateway.timebase import Timebase, measured_at, untimed_name

SETTLE_ROWS = 500
"""Held readings given their time at once, so that days of them never lie in memory together."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, as both clocks see it."""

    wall_ms: int
    steady_ms: int


class SiteIntake:
    """Takes what sensors say into the spool of one node."""

    def __init__(self, node: str, spool: SqliteSpool, timebase: Timebase, formats: Formats | None = None) -> None:
        self.counters = Counters(
            "messages", "decoded", "duplicates", "rejected_messages", "rejected_records", "taken", "held", "refused"
        )
        self.rejected: dict[str, int] = {}
        self.samples: dict[str, bytes] = {}
        self._node = node
        self._spool = spool
        self._timebase = timebase
        self._formats = formats or Formats()
        self._repeats = Repeats()
        self._arrivals: dict[str, int] = {}

    def decode(
        self, payload: bytes, now: Moment, *, history: bool, sensor: str = "", form: Format | None = None
    ) -> list[Heard]:
        """Decode a message; what is no reading is counted and sampled.

        Args:
            payload: as it came.
            now: the moment of its arrival.
            history: the sensor's own times count however old they are, whatever its format says.
            sensor: its level of the topic, which chooses the format.
            form: the format where it is not the sensor's name that chooses it.
        """
        self.counters.add("messages")
        decoded = decode(form, payload, sensor) if form else self._formats.decode(payload, sensor)
        for reason, _ in decoded.rejected:
            self.rejected[reason] = self.rejected.get(reason, 0) + 1
            self.samples.setdefault(reason, payload[:4096])
        if not decoded.heard:
            self.counters.add("rejected_messages")
            return []
        if self._came_before(decoded, now):
            self.counters.add("duplicates")
            return []
        self.counters.add("decoded")
        self.counters.add("rejected_records", len(decoded.rejected))
        if history:
            return [msgspec.structs.replace(item, history=True) for item in decoded.heard]
        return list(decoded.heard)

    def _came_before(self, decoded: Decoded, now: Moment) -> bool:
        if decoded.counter is None:
            return False
        device, count = decoded.counter
        first = decoded.heard[0]
        at_ms = now.steady_ms if first.relative else first.own_ms
        return self._repeats.is_repeat(Said(device, count, hash(decoded.frame), not first.relative, at_ms))

    def kept(self) -> None:
        """Remember the messages decoded since the last call: what comes again of them is a duplicate."""
        self._repeats.keep()

    def lost(self) -> None:
        """Forget them: they did not get into the spool, and the site broker sends them again."""
        self._repeats.forget()

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
