"""What a channel is given, and what it may answer: the answer is the retry policy.

::

    Message ──Channel.send──▶ Accepted   done, with the provider's reference
                          ├─▶ Later      nobody was told, or nobody knows: try again (429, 5xx, silence)
                          ├─▶ Refused    this message never will be: this person's next way
                          └─▶ Broken     nothing will be until somebody mends the settings: next way, and it is told
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one receiver.

    Attributes:
        key: the same for every attempt; a provider that honours keys takes it once.
        to: address in the channel's own terms (mail address, user id, telephone number); empty for a room.
        language: ``zh`` or ``en``.
        title: one line. ``lines``: the text below it, one thought a line.
        link: opens what it is about; the only one, and no part of the lines.
        severity: the highest in it; empty where it tells of no alarm (digest, test, recovery).
        kind: ``alarm``, ``recovery``, ``digest``, ``test``: names the provider's template where it wants one.
        facts: short values for templates: ``site``, ``asset``, ``what``, ``since``, ``count`` …
        picture: a chart as PNG, None without one.
    """

    key: str
    to: str
    language: str
    title: str
    lines: tuple[str, ...]
    link: str = ""
    severity: str = ""
    kind: str = "alarm"
    facts: Mapping[str, str] = field(default_factory=dict)
    picture: bytes | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has it. ``reference``: its own id of the message, empty where it gives none."""

    reference: str = ""


@dataclass(frozen=True, slots=True)
class Later:
    """Not now. ``after_s``: the provider said when; None: it did not."""

    why: str
    after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Never: the address or the content is not taken."""

    why: str


@dataclass(frozen=True, slots=True)
class Broken:
    """The account is: a wrong key, a robot that was taken away, a certificate that does not hold."""

    why: str


Answer = Accepted | Later | Refused | Broken


class Channel(Protocol):
    """A door to one account at one provider."""

    async def send(self, message: Message) -> Answer:
        """Give a message to the provider; never raises for what the provider does, and tells no secret in ``why``."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
