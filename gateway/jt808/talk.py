"""What is answered to a terminal, frame by frame: pure, one `Talk` a connection.

=====================  ==========================  ==================================  ============================
message                listed, not authenticated   listed, authenticated               not listed (a stranger)
=====================  ==========================  ==================================  ============================
0x0100 registration    0x8100 with its code        the same                            0x8100: 4; told in the inbox
0x0102 authentication  0x8001: 0 or 1              the same                            0x8001: 1; told in the inbox
0x0200, 0x0704         0x8001: 1, nothing is kept  kept, then 0x8001: 0                kept (inbox), then 0x8001: 0
0x0002 heartbeat       0x8001: 1                   0x8001: 0                           0x8001: 0
0x0003 log-out         0x8001: 1                   its code is forgotten, 0x8001: 0    0x8001: 0
0x0001 reply           nothing                     nothing                             nothing
others, encrypted      0x8001: 1                   0x8001: 3, not read                 0x8001: 3
=====================  ==========================  ==================================  ============================

A part of a message is answered as a whole one; of a stranger only when all are there, because its parts are not written
down. A stranger that may not be heard is answered as one that is listed and not authenticated. Books: ``frames`` =
``bad_frames`` + ``parts`` (of a message that is not whole) + ``kept`` + ``talk`` + ``unsupported`` +
``unauthenticated`` + ``foreign``.
"""

from __future__ import annotations

from dataclasses import dataclass

from coldchain.counters import Counters
from coldchain.errors import RejectedReading
from coldchain.jt808 import MAX_BODY, Kind, Message, Result, unframed, unpacked
from coldchain.jt808.messages import SERIALS
from gateway.formats import Decoded, Format
from gateway.formats.port import Notes
from gateway.hearing import Said
from gateway.jt808.directory import Directory
from gateway.jt808.parts import MAX_PARTS, Missing, Parts
from gateway.jt808.positions import device_of, positions_in

MAX_BAD = 20
"""Frames of a connection that are none: it is cut off after them."""

NOT_LISTED = "not-listed"
"""The fault of the channel ``…:registration``: a terminal called that the settings do not list."""

MAX_MESSAGE = MAX_PARTS * MAX_BODY
_KEPT = (Kind.POSITION, Kind.POSITIONS)


@dataclass(frozen=True, slots=True)
class Step:
    """What follows from one frame; `answers` only when `keep` and `code` are durable.

    Attributes:
        keep: readings for the spool. ``given_up``: the same of messages that will not be whole.
        parts: what waits for other parts, from now on; None: as before.
        code: the terminal's code from now on, ``""`` when it has none any more; None: as before.
        close: the connection ends behind the answers.
        event: what the log says.
    """

    answers: tuple[Message, ...] = ()
    keep: Said | None = None
    given_up: tuple[Said, ...] = ()
    parts: str | None = None
    code: str | None = None
    close: bool = False
    event: str = ""


class Talk:
    """One terminal on one connection."""

    def __init__(self, directory: Directory, counters: Counters) -> None:
        self.number = ""
        self.authenticated = False
        self._directory = directory
        self._counters = counters
        self._strange = Parts()
        self._before = 0
        self._serial = 0
        self._bad = 0

    @property
    def unfinished(self) -> int:
        """How many messages in parts were given up; of a stranger also those that still lack some."""
        return self._strange.unfinished + self._directory.parts_of(self.number).dropped - self._before

    def take(self, frame: bytes) -> Step:
        """Return what follows from what stood between two flags; whatever the bytes."""
        self._counters.add("frames")
        try:
            message = unpacked(unframed(frame))
        except RejectedReading as fault:
            self._counters.add("bad_frames")
            self._bad += 1
            return Step(close=self._bad >= MAX_BAD, event=f"{fault.reason}: {fault.detail}" if self._bad == 1 else "")
        if not self.number:
            self.number = message.number
            self._before = self._directory.parts_of(self.number).dropped
        if message.number != self.number:
            self._counters.add("foreign")
            return Step(close=True, event=f"{message.number} speaks on its connection")
        if message.kind in (Kind.REGISTER, Kind.AUTHENTICATE) and message.total == 1 and not message.encrypted:
            self._counters.add("talk")
            return self._register(message) if message.kind == Kind.REGISTER else self._authenticate(message)
        if message.kind == Kind.TERMINAL_REPLY:
            self._counters.add("talk")
            return Step()
        if not self.may_speak():
            self._counters.add("unauthenticated")
            return Step((self._reply(message, message.serial, Result.FAILED),))
        return self._hear(message)

    def may_speak(self) -> bool:
        """Say whether its positions are kept: it proved itself, or it is a stranger that may be heard."""
        if not self.number or self._directory.listed(self.number):
            return self.authenticated
        return self._directory.hears(self.number)

    def _hear(self, message: Message) -> Step:
        if message.encrypted or message.kind not in (*_KEPT, Kind.HEARTBEAT, Kind.LOG_OUT):
            self._counters.add("unsupported")
            return Step((self._reply(message, message.serial, Result.UNSUPPORTED),))
        if message.kind in _KEPT:
            return self._keep(message)
        self._counters.add("talk")
        done = (self._reply(message, message.serial, Result.DONE),)
        if message.kind == Kind.LOG_OUT and self.authenticated:
            self.authenticated = False
            self._directory.forget(self.number)
            return Step(done, code="", event="logged out")
        return Step(done)

    def _keep(self, message: Message) -> Step:
        parts = self._directory.parts_of(self.number) if self.authenticated else self._strange
        found = parts.take(message)
        self._counters.add("parts" if found.whole is None else "kept")
        serials = (message.serial,) if self.authenticated and not found.refused else found.serials
        replies = [self._reply(message, serial, Result.DONE) for serial in serials]
        if found.missing is not None:
            replies.append(self._again(message, found.missing))
        return Step(
            tuple(replies),
            keep=None if found.whole is None else self._positions(found.whole),
            given_up=tuple(self._positions(begun) for begun in found.given_up) if self.authenticated else (),
            parts=parts.written() if self.authenticated and message.total > 1 else None,
        )

    def _positions(self, whole: Message) -> Said:
        profile = self._directory.profile_of(self.number)
        return self._said(whole.body, Format(lambda _payload, _sensor: positions_in(whole, profile), MAX_MESSAGE))

    def _register(self, message: Message) -> Step:
        code = self._directory.register(self.number, _device(message))
        head = message.serial.to_bytes(2, "big")
        if code is None:
            answer = self._message(message, Kind.REGISTERED, head + bytes([Result.UNKNOWN_TERMINAL]))
            return Step((answer,), keep=self._tell(), event="registration refused")
        answer = self._message(message, Kind.REGISTERED, head + bytes([Result.DONE]) + code.encode())
        return Step((answer,), code=code, event="registered")

    def _authenticate(self, message: Message) -> Step:
        self.authenticated = self._directory.proves(self.number, _code(message))
        result = Result.DONE if self.authenticated else Result.FAILED
        return Step(
            (self._reply(message, message.serial, result),),
            keep=None if self.authenticated else self._tell(),
            event="authenticated" if self.authenticated else "authentication refused",
        )

    def _tell(self) -> Said | None:
        """Return the word of a stranger's first call for the inbox."""
        if self._directory.listed(self.number) or not self._directory.calls_first(self.number):
            return None
        return self._said(b"", Format(lambda _payload, _sensor: _call_of(self.number), MAX_MESSAGE))

    def _said(self, payload: bytes, form: Format) -> Said:
        return Said(f"jt808-{self.number}", payload, form=form)

    def _reply(self, to: Message, serial: int, result: Result) -> Message:
        return self._message(to, Kind.REPLY, serial.to_bytes(2, "big") + to.kind.to_bytes(2, "big") + bytes([result]))

    def _again(self, to: Message, missing: Missing) -> Message:
        """Ask for parts; their count is a byte in 2013 and a word in 2019."""
        count = len(missing.parts).to_bytes(1 if to.version is None else 2, "big")
        parts = b"".join(part.to_bytes(2, "big") for part in missing.parts)
        return self._message(to, Kind.SEND_PARTS_AGAIN, missing.first.to_bytes(2, "big") + count + parts)

    def _message(self, to: Message, kind: Kind, body: bytes) -> Message:
        self._serial = (self._serial + 1) % SERIALS
        return Message(kind, to.number, self._serial, body, to.version)


def _call_of(number: str) -> Decoded:
    notes = Notes(device_of(number))
    notes.fault("registration", NOT_LISTED)
    return notes.done()


def _device(message: Message) -> str:
    """Return the terminal id of a registration; a text in GBK of which only ASCII is used."""
    raw = message.body[29:36] if message.version is None else message.body[45:75]
    return raw.decode("gbk", "replace")


def _code(message: Message) -> str:
    """Return the code of an authentication: the body in 2013, in 2019 behind its length and before IMEI and version."""
    raw = message.body if message.version is None else message.body[1 : 1 + message.body[0]] if message.body else b""
    return raw.rstrip(b"\0").decode("ascii", "replace")
