"""Who there is to tell, as the notifier sees it; `alerts.notify.people` answers from the registry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from coldchain.people import NotifyPlan, Step


class Route(msgspec.Struct, frozen=True, array_like=True):
    """One way to one receiver.

    Attributes:
        way: one of `coldchain.people.WAYS`, or ``room``.
        channel: name of the settings' channel. ``address``: in its terms; empty for a room.
    """

    way: str
    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class Receiver:
    """A person or a room.

    Attributes:
        id: ``person:…`` or ``room:…``.
        routes: in the order in which they are tried.
        timezone: IANA name, for the times in messages.
    """

    id: str
    language: str
    timezone: str
    routes: tuple[Route, ...]

    @property
    def is_room(self) -> bool:
        """A room is asked nothing, has no quiet hours, and a budget of its own."""
        return self.id.startswith("room:")


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who gets a digest.

    Attributes:
        number: which of the plan's digests. ``receiver``: whose.
        sites: of which sites it tells; None: of all.
    """

    number: int
    receiver: str
    sites: frozenset[str] | None


class Directory(Protocol):
    """The registry's people and the plan, at a time."""

    @property
    def plan(self) -> NotifyPlan:
        """The plan in force."""
        ...

    def steps(self, kind: str, site: str) -> Sequence[Step]:
        """Return the steps of the chain for a kind of asset (``site``, ``server``: of none) at a site."""
        ...

    def applies(self, step: Step, site: str, at_ms: int) -> bool:
        """Say whether a step counts at a site then, by its opening hours."""
        ...

    def asked(self, step: Step, site: str, at_ms: int) -> Sequence[str]:
        """Return the ids of those whom a step reaches then; none where nobody is there."""
        ...

    def rooms(self, kind: str, site: str, severity: str) -> Sequence[str]:
        """Return the ids of the rooms that hear of it."""
        ...

    def receiver(self, name: str, step: Step | None, severity: str) -> Receiver | None:
        """Return a receiver with the ways of a step (None: a room, or a digest's); None: nobody of that id any more."""
        ...

    def quiet_until(self, name: str, at_ms: int) -> int | None:
        """Return when a receiver's quiet hours end, ms; None outside of them."""
        ...

    def readers(self) -> Sequence[Reader]:
        """Return everybody who gets a digest, of each digest once."""
        ...

    def digest_at(self, reader: Reader, after_ms: int) -> int:
        """Return when a digest is due next, ms, by the clock on the reader's wall."""
        ...

    def digest_routes(self, reader: Reader) -> Receiver | None:
        """Return the reader with the ways of the digest; None: nobody of that id any more."""
        ...

    def drill_at(self, after_ms: int) -> int:
        """Return when the next drill is, ms; 0: never."""
        ...

    def drilled(self) -> Sequence[Receiver]:
        """Return everybody whom a chain may ask now, with the ways of the first step that does."""
        ...

    def kind_of(self, asset: str) -> str:
        """Return the kind of an asset; empty for an unknown one."""
        ...
