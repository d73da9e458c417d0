"""The one signature of all device formats, and the notes a decoder takes while it reads a message.

::

    payload, sensor ──▶ decode ──▶ Decoded(heard, rejected, counter, frame)
                          │
                        Notes: of(device).at(time).number("temperature", 24.3, "Cel")

A value that is absent (null, an empty text, not a number) or a sentinel of `gateway.formats.sentinels` becomes a fault,
never a number; what is no reading at all is rejected with its reason. Nothing here reads a clock or raises for bytes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

from coldchain.errors import RejectedReading
from coldchain.senml import valid_name
from gateway.formats.sentinels import NO_VALUE, word_of

MAX_WORD = 64
"""Longest fault word kept, characters."""

MAX_UNIT = 32
"""Longest unit kept, characters; the longest of the IANA registry has 8."""

MAX_JSON = 1 << 16
"""Longest JSON message of a vendor or platform, bytes."""

MAX_FRAME = 1 << 12
"""Longest binary message, bytes; LoRaWAN and Bluetooth frames have at most 255."""


DBM_AS_DBW = -30
"""IANA has dBW as the primary SenML unit of power; dBm is a secondary one (RFC 8798)."""


class Heard(msgspec.Struct, frozen=True, array_like=True):
    """One record as a sensor sent it.

    Attributes:
        own_ms: its own time, ms UTC; if ``relative``, ms from its arrival (0 when it had none).
        history: its own time counts however old it is.
    """

    name: str
    own_ms: int
    value: float | bool | str
    unit: str
    history: bool
    relative: bool = False


@dataclass(frozen=True, slots=True)
class Decoded:
    """What one message said.

    Attributes:
        heard: readings and faults, in their order.
        rejected: (reason, detail) of what was no reading.
        counter: the device and its own count of this message; None where its format has none.
        frame: the device's own bytes. Two messages of one counter and one frame are one message that came twice.
    """

    heard: tuple[Heard, ...] = ()
    rejected: tuple[tuple[str, str], ...] = ()
    counter: tuple[str, int] | None = None
    frame: bytes = b""


Decode: TypeAlias = Callable[[bytes, str], Decoded]
"""Payload and the sensor's level of its topic, which names the device where the payload does not."""


class Notes:
    """What was heard and rejected so far; the views that `of` and `at` return write into the same notes."""

    __slots__ = ("device", "heard", "history", "own_ms", "rejected")

    def __init__(self, device: str = "") -> None:
        self.device = device
        self.own_ms: int | None = None
        self.history = False
        self.heard: dict[Heard, None] = {}
        self.rejected: list[tuple[str, str]] = []

    def of(self, device: str) -> Notes:
        """Return a view for another device."""
        view = Notes(device)
        view.own_ms, view.history, view.heard, view.rejected = self.own_ms, self.history, self.heard, self.rejected
        return view

    def at(self, own_ms: int | None, *, history: bool) -> Notes:
        """Return a view for another time; None is the time of arrival, and cannot be history."""
        view = self.of(self.device)
        view.own_ms, view.history = own_ms, history and own_ms is not None
        return view

    def number(self, what: str, value: object, unit: str, sentinels: Sequence[str] = ()) -> None:
        """Note a number, or the fault that it stands for.

        Args:
            what: last part of the name.
            value: whatever stood in the message: a number, a number as text, or null.
            unit: IANA SenML unit.
            sentinels: rows of the table of sentinels that apply to this value.
        """
        if value is None or value == "":
            self.fault(what, NO_VALUE)
            return
        try:
            if isinstance(value, bool):
                raise TypeError
            number = float(value) + 0.0  # type: ignore[arg-type]  # every other type raises
        except (TypeError, ValueError, OverflowError):
            self.reject("not-a-number", f"{self.device}:{what}: {str(value)[:32]!r} where a number in {unit} belongs")
            return
        if math.isnan(number):
            self.fault(what, NO_VALUE)
        elif math.isinf(number):
            self.reject("not-finite", f"{self.device}:{what}: {number} is not a number to keep")
        elif word := word_of(number, sentinels):
            self.fault(what, word)
        else:
            self._note(what, number, unit)

    def strength(self, dbm: object) -> None:
        """Note how strongly a receiver heard the device, where it says so."""
        if isinstance(dbm, int | float) and not isinstance(dbm, bool) and abs(dbm) < 1000:
            self.number("rssi", dbm + DBM_AS_DBW, "dBW")

    def truth(self, what: str, value: bool) -> None:
        """Note a boolean: a door, a contact, a magnet."""
        self._note(what, value, "")

    def fault(self, what: str, word: str) -> None:
        """Note a fault by its word."""
        self._note(what, word, "")

    def reject(self, reason: str, detail: str) -> None:
        """Note what was no reading."""
        self.rejected.append((reason, detail))

    def done(self, counter: tuple[str, int] | None = None, frame: bytes = b"") -> Decoded:
        """Return what was noted."""
        return Decoded(tuple(self.heard), tuple(self.rejected), counter, frame)

    def _note(self, what: str, value: float | bool | str, unit: str) -> None:
        name = f"{self.device}:{what}"
        if valid_name(name):
            self.heard[Heard(name, self.own_ms or 0, value, unit, self.history, self.own_ms is None)] = None
        else:
            self.reject("bad-name", f"{name[:64]!r} is not a SenML name")


def json_of(payload: bytes) -> Any:
    """Read JSON, also with the NaN and Infinity that some writers put there against RFC 8259.

    Raises:
        RejectedReading: ``bad-json``.
    """
    try:
        return msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        if b"NaN" in payload or b"Infinity" in payload:
            try:
                return json.loads(payload)
            except (ValueError, RecursionError):
                pass
        raise RejectedReading("bad-json", str(fault)) from fault


def table_of(value: object) -> dict[str, Any]:
    """Return a JSON object, or an empty one where there is none."""
    return value if isinstance(value, dict) else {}
