"""When a receiver is told of a site: the timers of Alertmanager's groups, as rows.

::

    first news ──wait──▶ message ──interval──▶ message … ──repeat──▶ message, while it stands unacknowledged

News that are worse than anything that the receiver knows of that site wait for company only, not for the interval.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from alerts.notify.tables import cluster, member, subject
from alerts.telling import worse
from coldchain.people import NotifyPlan
from coldchain.registry import SEVERITIES


@dataclass(slots=True)
class Stir:
    """Why a cluster has to be looked at: the worst severity of a page in it, None: nothing new stands."""

    severity: str | None = None

    def add(self, severity: str | None) -> None:
        """Take another reason."""
        if severity is not None and worse(severity, self.severity):
            self.severity = severity


def stirred(connection: Connection, stirs: Mapping[tuple[str, str], Stir], plan: NotifyPlan, now_ms: int) -> None:
    """Set the timers of clusters in which something happened; what is due earlier stays."""
    if not stirs:
        return
    known = {
        (row.receiver, row.site): row
        for receiver in {receiver for receiver, _ in stirs}
        for row in connection.execute(select(cluster).where(cluster.c.receiver == receiver))
        if (row.receiver, row.site) in stirs
    }
    rows = []
    for key, stir in stirs.items():
        before = known.get(key)
        last_ms = before.last_ms if before is not None else 0
        next_ms = now_ms + plan.group_wait_s * 1000
        if last_ms and not (stir.severity is not None and worse(stir.severity, _told(connection, *key))):
            next_ms = max(next_ms, last_ms + plan.group_interval_s * 1000)
        if before is not None and before.next_ms is not None:
            next_ms = min(next_ms, before.next_ms)
        rows.append({"receiver": key[0], "site": key[1], "last_ms": last_ms, "next_ms": next_ms})
    connection.execute(insert(cluster).prefix_with("OR REPLACE"), rows)


def _told(connection: Connection, receiver: str, site: str) -> str | None:
    """Return the worst severity that a receiver was told of what stands at a site; None: nothing."""
    chosen = (
        select(member.c.told_severity)
        .join(subject, subject.c.alarm == member.c.alarm)
        .where(member.c.receiver == receiver, member.c.site == site, member.c.told_ordinal > 0, subject.c.stands)
        .distinct()
    )
    return max(connection.execute(chosen).scalars(), key=SEVERITIES.index, default=None)
