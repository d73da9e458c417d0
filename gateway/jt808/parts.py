"""Messages that come in parts: put together in any order, in bounded memory.

A part of a terminal that proved itself is answered by itself, because a terminal may send the next part only then, and
the standard lets the receiver choose (JT/T 808-2013, 7.12: one answer for all parts, or one each). So what waits here
is written down before it is answered (`Parts.written`), outlives its connection, and is kept as far as it goes when it
is given up.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from coldchain.jt808 import Message, packed, unpacked
from coldchain.jt808.messages import SERIALS

MAX_PARTS = 64
"""Parts of one message: 64 KiB; the longest batch of positions that was seen has 1."""

MAX_UNFINISHED = 2
"""Messages of a terminal that wait for parts, 128 KiB at worst; the older is given up for a third."""

_Key: TypeAlias = tuple[int, int, int]


@dataclass(slots=True)
class _Waiting:
    parts: dict[int, Message] = field(default_factory=dict)
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """Parts that did not come, although the last one did.

    Attributes:
        first: serial of the first part, by which the message is named.
    """

    first: int
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What follows from a message or a part.

    Attributes:
        whole: the message, when it is.
        serials: of its parts.
        missing: what to ask for, once a message.
        known: the part belongs to a message that was whole before: its answer was lost.
        refused: it belongs to a message that is too long.
        given_up: what came of messages that nothing more is awaited of, from the first part on without a gap.
    """

    whole: Message | None = None
    serials: tuple[int, ...] = ()
    missing: Missing | None = None
    known: bool = False
    refused: bool = False
    given_up: tuple[Message, ...] = ()


class Parts:
    """The unfinished messages of one terminal."""

    def __init__(self, written: str = "") -> None:
        self._waiting: OrderedDict[_Key, _Waiting] = OrderedDict()
        self._done: OrderedDict[_Key, tuple[bytes, ...]] = OrderedDict()
        self.dropped = 0
        """How many messages were given up."""
        for part in written.split():
            self.take(unpacked(bytes.fromhex(part)))

    @property
    def unfinished(self) -> int:
        """How many messages were given up or still lack parts."""
        return self.dropped + len(self._waiting)

    def written(self) -> str:
        """Return every part that waits, to begin with again."""
        return " ".join(packed(part).hex() for waiting in self._waiting.values() for part in waiting.parts.values())

    def take(self, message: Message) -> Taken:
        """Take a message or a part of one."""
        if message.total == 1:
            return Taken(message, (message.serial,))
        if message.total > MAX_PARTS:
            self.dropped += 1
            return Taken(refused=True)
        first = (message.serial - message.part + 1) % SERIALS
        key = (message.kind, first, message.total)
        if self._done.get(key, ())[message.part - 1 : message.part] == (message.body,):
            return Taken(known=True)
        given_up: list[Message] = []
        before = self._waiting.get(key, _Waiting()).parts.get(message.part)
        if before is not None and before.body != message.body:  # the terminal began to count anew: another message
            given_up += self._give_up(key)
        waiting = self._waiting.setdefault(key, _Waiting())
        waiting.parts[message.part] = message
        if len(waiting.parts) == message.total:
            return self._finished(key, given_up)
        if len(self._waiting) > MAX_UNFINISHED:
            given_up += self._give_up(next(iter(self._waiting)))
        if message.part == message.total and not waiting.asked:
            waiting.asked = True
            lacking = tuple(part for part in range(1, message.total) if part not in waiting.parts)
            return Taken(missing=Missing(first, lacking), given_up=tuple(given_up))
        return Taken(given_up=tuple(given_up))

    def _finished(self, key: _Key, given_up: list[Message]) -> Taken:
        waiting = self._waiting.pop(key)
        parts = [waiting.parts[part] for part in range(1, key[2] + 1)]
        self._done[key] = tuple(part.body for part in parts)
        while len(self._done) > MAX_UNFINISHED:
            self._done.popitem(last=False)
        return Taken(_joined(parts), tuple(part.serial for part in parts), given_up=tuple(given_up))

    def _give_up(self, key: _Key) -> list[Message]:
        self.dropped += 1
        parts = self._waiting.pop(key).parts
        begun: list[Message] = []
        while len(begun) + 1 in parts:
            begun.append(parts[len(begun) + 1])
        return [_joined(begun)] if begun else []


def _joined(parts: list[Message]) -> Message:
    return replace(parts[0], body=b"".join(part.body for part in parts), total=1, part=1)
