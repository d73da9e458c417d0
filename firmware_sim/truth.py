"""The truth log: what was true, what the sensors sent, what a gateway took, and what is expected of the record.

::

    at the start     {"expected": "hole", "point", "channel", "from_ms", "to_ms", "word"}                an expectation
    before sending   {"sent": "5f-12", "node", "channel", "t_ms", "at_ms", "expect", "value" | "word",
                      "said_ms", "here_celsius", "air_celsius", "product_celsius", "door_open", "unit_on"} a reading
    when certain     {"expected": "episode", …}                                                          an excursion
    after PUBACK     {"taken": "5f-12", "at_ms"}                                                         a pack

One JSON object a line, known by its first field; a field that is left out has its default. `Sent.expect` says where
that reading must be found (`firmware_sim.scenario.Expect`), `Expected` what a span must look like
(`firmware_sim.expected`).

*Produced* is what stands in a taken pack. A reading sent and never taken may be in the record or not: its sensor was
never told that anybody has it. Lines are handed to the operating system before the pack is sent, so they outlive a
killed simulator, and a torn last line is skipped when reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from firmware_sim.expected import Expected
from firmware_sim.scenario import Expect
from firmware_sim.sensing import Reading


class Sent(msgspec.Struct, frozen=True, omit_defaults=True):
    """One reading of a pack, written before the pack is sent.

    Attributes:
        sent: the pack's id.
        t_ms: the sensor's own time, ms UTC.
        at_ms: when it was sent, ms UTC: the earliest time of arrival.
        value: °C or a door's 0 and 1; None for a word.
        said_ms: when the sensor said so in simulated true time, ms UTC, where that is not ``t_ms``.
        here_celsius: true temperature at the probe, in its place and with its lag, without the sensor's error.
        air_celsius, product_celsius: true temperatures of the asset.
        door_open, unit_on: true state of the asset; the unit is on while it cools.
    """

    sent: str
    node: str
    channel: str
    t_ms: int
    at_ms: int
    expect: Expect
    value: float | None = None
    word: str | None = None
    said_ms: int | None = None
    here_celsius: float | None = None
    air_celsius: float | None = None
    product_celsius: float | None = None
    door_open: bool | None = None
    unit_on: bool | None = None


class Taken(msgspec.Struct, frozen=True):
    """A pack that was acknowledged on site, and when (ms UTC)."""

    taken: str
    at_ms: int


class Truth(msgspec.Struct, frozen=True):
    """A truth log read back.

    Attributes:
        sent: every reading, in the order of sending; a reading sent twice stands twice.
        taken: ids of the packs that were taken.
        expected: what the record must look like, in the order of writing.
    """

    sent: tuple[Sent, ...]
    taken: frozenset[str]
    expected: tuple[Expected, ...] = ()

    def produced(self) -> list[Sent]:
        """Return the readings of taken packs."""
        return [reading for reading in self.sent if reading.sent in self.taken]


class TruthLog:
    """Appends to a truth file; None writes nowhere.

    Each call is one write of whole lines, unbuffered: durable against a kill of this process, not of the machine.
    """

    def __init__(self, path: Path | None) -> None:
        self._file: BinaryIO | None = None if path is None else path.open("ab", buffering=0)
        self._encode = msgspec.json.Encoder().encode

    def sent(self, pack: str, readings: Iterable[Reading], at_ms: int) -> None:
        """Write that a pack is about to be sent."""
        self._write([sent_of(pack, reading, at_ms) for reading in readings])

    def taken(self, pack: str, at_ms: int) -> None:
        """Write that a pack was acknowledged on site."""
        self._write([Taken(pack, at_ms)])

    def expected(self, what: Iterable[Expected]) -> None:
        """Write what is expected of the record."""
        self._write(list(what))

    def close(self) -> None:
        """Close the file; nothing is written after."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, lines: Sequence[Sent | Taken | Expected]) -> None:
        if self._file is not None and lines:
            self._file.write(b"".join(self._encode(line) + b"\n" for line in lines))


def sent_of(pack: str, reading: Reading, at_ms: int) -> Sent:
    """Return the log's line of a reading."""
    word = reading.value if isinstance(reading.value, str) else None
    value = None if isinstance(reading.value, str) else float(reading.value)
    state = reading.state
    return Sent(
        pack,
        reading.node,
        reading.channel,
        reading.t_ms,
        at_ms,
        reading.expect,
        value,
        word,
        reading.said_ms if reading.said_ms not in (0, reading.t_ms) else None,
        reading.here_celsius,
        None if state is None else state.air_celsius,
        None if state is None else state.product_celsius,
        None if state is None else state.door_open,
        None if state is None else state.unit_on,
    )


def read_truth(path: Path) -> Truth:
    """Read a truth file, also while it is being written.

    Raises:
        ValueError: a whole line that is none of a truth log.
    """
    sent: list[Sent] = []
    taken: set[str] = set()
    expected: list[Expected] = []
    read_sent, read_taken = msgspec.json.Decoder(Sent).decode, msgspec.json.Decoder(Taken).decode
    read_expected = msgspec.json.Decoder(Expected).decode
    for place, line in enumerate(path.read_bytes().split(b"\n")[:-1], 1):
        try:
            if line.startswith(b'{"taken"'):
                taken.add(read_taken(line).taken)
            elif line.startswith(b'{"expected"'):
                expected.append(read_expected(line))
            else:
                sent.append(read_sent(line))
        except msgspec.DecodeError as fault:
            raise ValueError(f"{path}:{place}: no line of a truth log: {fault}") from fault
    return Truth(tuple(sent), frozenset(taken), tuple(expected))
