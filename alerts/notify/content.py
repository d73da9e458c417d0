"""What one message tells, before it has words."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class News(StrEnum):
    """What an item of a message is to its receiver."""

    NEW = "new"
    AGAIN = "again"
    """Told before: it got worse, was put off until now, or still waits for an answer."""
    OVER = "over"
    GONE = "gone"
    """A re-judge found that it never was (retracted)."""
    STILL = "still"
    """No news; it stands as well."""


class State(StrEnum):
    """Where a message is."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    FAILED = "failed"
    """No way of its receiver took it."""


class Item(msgspec.Struct, frozen=True, array_like=True):
    """One alarm in a message; ``ordinal``: its transition."""

    alarm: str
    ordinal: int
    severity: str
    news: News
    site: str


class Content(msgspec.Struct, frozen=True):
    """What a message says.

    Attributes:
        kind: as `alerts.notify.channels.port.Message`.
        title, lines, link, facts: likewise.
        alarms: of how many alarms it tells; ``sites``: of how many sites.
        alarm: the only one, empty where there are several. ``timezone``: of its times, IANA name.
    """

    kind: str
    severity: str
    language: str
    title: str
    lines: tuple[str, ...]
    link: str = ""
    facts: dict[str, str] = {}
    alarms: int = 0
    sites: int = 0
    alarm: str = ""
    timezone: str = ""
