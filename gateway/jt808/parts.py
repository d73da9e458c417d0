"""Messages that come in parts: put together in any order, in bounded memory."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace

from coldchain.jt808 import Message
from coldchain.jt808.messages import SERIALS

MAX_PARTS = 64
"""Parts of one message: 64 KiB; the longest batch of positions that was seen has 1."""

MAX_UNFINISHED = 2
"""Messages of a connection that wait for parts, 128 KiB at worst; the older is given up for a third."""


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


class Parts:
    """The unfinished messages of one connection."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[tuple[int, int, int], _Waiting] = OrderedDict()
        self._dropped = 0

    @property
    def unfinished(self) -> int:
        """How many messages were given up or still lack parts."""
        return self._dropped + len(self._waiting)

    def take(self, message: Message) -> tuple[Message, tuple[int, ...]] | Missing | None:
        """Take a message or a part of one.

        Returns:
            The whole message and the serials of its parts; what to ask for, once; or None while it is not whole.
        """
        if message.total == 1:
            return message, (message.serial,)
        if message.total > MAX_PARTS:
            self._dropped += 1
            return None
        first = (message.serial - message.part + 1) % SERIALS
        key = (message.kind, first, message.total)
        waiting = self._waiting.setdefault(key, _Waiting())
        waiting.parts[message.part] = message
        if len(waiting.parts) == message.total:
            del self._waiting[key]
            parts = [waiting.parts[part] for part in range(1, message.total + 1)]
            whole = replace(parts[0], body=b"".join(part.body for part in parts), total=1, part=1)
            return whole, tuple(part.serial for part in parts)
        if len(self._waiting) > MAX_UNFINISHED:
            self._waiting.popitem(last=False)
            self._dropped += 1
        if message.part == message.total and not waiting.asked:
            waiting.asked = True
            return Missing(first, tuple(part for part in range(1, message.total) if part not in waiting.parts))
        return None
