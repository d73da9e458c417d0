"""Rules of arrival: that nothing comes, from a point, a vehicle's probes, a gateway or all of them; wrong clocks.

They depend on when the server heard something and not on what was measured, so they are recorded once and never judged
again (protocol: judging); an occurrence is one from its first deadline to its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from alerts.episodes import Episode, unmeasured


class Arrival(StrEnum):
    """Which rule; stands in the same column as a `alerts.records.Lane`."""

    SILENCE = "silence"
    NODE_SILENCE = "node-silence"
    PROBES_SILENT = "probes-silent"
    """Of a vehicle whose position arrives all the same."""
    SERVER_DEAF = "server-deaf"
    """Most gateways at once."""
    CLOCK = "clock"


class Ended(StrEnum):
    """Why an occurrence ended."""

    DATA_CAME = "data-came"
    """The gap stays a hole."""
    LATE_COMPLETE = "late-complete"
    """Kept data filled the gap; may be found out up to a day later."""
    REPLACED = "replaced"
    """Another probe speaks at the point, or another gateway brings what this one brought."""
    NOT_IN_USE = "not-in-use"
    """The asset was stored or retired, the site closed."""
    RETURNED = "returned"
    """An hour without a wrong time."""


FOR_MANY = frozenset({Arrival.PROBES_SILENT, Arrival.SERVER_DEAF})
"""They speak for silences that are recorded and ring nobody meanwhile (`alerts.together`)."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One silence or wrong clock. Times are the server's, ms UTC, except where they say otherwise.

    Attributes:
        subject: a point's id, or what `alerts.subjects` makes of a gateway, an asset, the server.
        onset_ms: when it was last heard (silence), or when the first of the wrong times came.
        onset_up: the same on the judge's own time (`alerts.hearing.Uptime`), ms.
        raised_ms: when the deadline was over; moves to the second deadline when it becomes an alarm.
        newest_ms: measured time of the last reading before the gap.
        told: it has an alarm; else it is only recorded.
        channel, node: what spoke at the point, and through whom, before.
        points: how many of the gateway's or the vehicle's points were silent, how many gateways when all are; or 1.
        version: which kind rules gave the delays.
        check_ms: when to ask next whether late data filled the gap; None: not, or no more.
    """

    subject: str
    rule: Arrival
    onset_ms: int
    onset_up: int
    raised_ms: int
    newest_ms: int
    told: bool
    channel: str = ""
    node: str = ""
    points: int = 1
    version: str = ""
    ended_ms: int | None = None
    reason: str = ""
    check_ms: int | None = None

    @property
    def episode(self) -> Episode:
        """It as an episode: nothing was measured, and all of it is a hole unless late data filled that."""
        silent = self.rule is not Arrival.CLOCK
        ended_ms = self.ended_ms
        hole = silent and ended_ms is not None and self.reason != Ended.LATE_COMPLETE
        severity = "warning" if self.told and silent else "notice"
        return unmeasured(
            *(self.subject, str(self.rule), self.onset_ms, self.raised_ms, ended_ms, str(self.reason), severity),
            hole_ms=ended_ms - self.onset_ms if hole and ended_ms is not None else 0,
            rule_version=self.version,
        )
