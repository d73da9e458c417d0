"""Alarms that speak for many: a vehicle whose probes are silent although its position arrives, and a deaf server.

::

    look ─▶ due: one alarm ─▶ spoken for: what it stands for is recorded and rings nobody
                    └─ended─▶ spared: what stays silent behind it is told after its own delay, counted from then

One message where each point, or each gateway, would have its own: whoever gets it does one thing for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from alerts.arrival import FOR_MANY, Arrival, Ended, Occurrence
from alerts.deafness import Gateways, deaf, fell_silent, gateways_of, hears_again
from alerts.listener import Listener
from alerts.news import News, Turn, over
from alerts.patience import NOTHING, Patience
from alerts.records import NEVER_MS
from alerts.subjects import ASSET, SERVER, subject_of_asset
from alerts.vehicles import Positions, Vehicle, probes_silent, vehicles_of
from coldchain.registry import Registry

SPARED_MS = 24 * 3_600_000
"""So long it is kept that such an alarm ended, for a server that starts again meanwhile."""


class Together:
    """What such alarms need to know of the registry and of who was heard; by point number."""

    def __init__(self, listener: Listener, registry: Registry) -> None:
        self._listener = listener
        self._registry = registry
        self._patience = NOTHING
        self._vehicles: dict[str, Vehicle] = {}
        self._positions = Positions()
        self._spared_up = np.empty(0, np.int64)
        self._over: list[Occurrence] = []

    def refresh(self, now_ms: int, patience: Patience) -> None:
        """Read the registry again."""
        self._patience = patience
        self._vehicles = {
            subject_of_asset(vehicle.asset): vehicle for vehicle in vehicles_of(self._registry, now_ms, patience)
        }

    # -- beginning ----------------------------------------------------------------------------------------------

    def due(
        self,
        rows: NDArray[np.void],
        expected_up: NDArray[np.int64],
        told: NDArray[np.bool_],
        known: Mapping[tuple[str, Arrival], Occurrence],
        now_ms: int,
    ) -> list[News]:
        """Return what begins now.

        Args:
            rows: HEARD, by point number as the other arrays.
            expected_up: from when silence counts, on the judge's own time, ms.
            told: which points' silences have an alarm.
            known: what is open.
        """
        self._positions.take(rows["heard_up"], list(self._vehicles.values()))
        return [*self._deaf(rows, known, now_ms), *self._pulled(rows, expected_up, told, known, now_ms)]

    def _pulled(
        self,
        rows: NDArray[np.void],
        expected_up: NDArray[np.int64],
        told: NDArray[np.bool_],
        known: Mapping[tuple[str, Arrival], Occurrence],
        now_ms: int,
    ) -> Iterator[News]:
        up, since_up = self._listener.uptime.ms, self._positions.since_up
        for subject, vehicle in self._vehicles.items():
            if (subject, Arrival.PROBES_SILENT) in known or told[vehicle.probes].all():
                continue
            if not probes_silent(vehicle, up, rows["heard_up"], expected_up, since_up):
                continue
            probes, places = rows[vehicle.probes], rows[vehicle.positions]
            last = int(probes["heard_up"].argmax())
            number = int(vehicle.probes[last])
            after = Occurrence(
                subject=subject,
                rule=Arrival.PROBES_SILENT,
                onset_ms=max(int(probes["heard_ms"].max()), int(self._patience.in_use_ms[number])),
                onset_up=int(probes["heard_up"].max()),
                raised_ms=now_ms,
                newest_ms=int(probes["newest_ms"].max()),
                told=True,
                node=self._listener.node_names[int(probes["node"][last])],
                points=len(probes),
                version=self._patience.versions[int(self._patience.version[number])],
            )
            evidence = {
                "last_heard_ms": int(probes["heard_ms"].max()),
                "position_heard_ms": int(places["heard_ms"].max()),
                "position_measured_ms": int(places["newest_ms"].max()),
                "delay_ms": int(vehicle.delay_ms.max()),
                "points_silent": len(probes),
                "node": after.node,
            }
            yield News(Turn.TOLD, after, evidence)

    def _deaf(
        self, rows: NDArray[np.void], known: Mapping[tuple[str, Arrival], Occurrence], now_ms: int
    ) -> Iterator[News]:
        if (SERVER, Arrival.SERVER_DEAF) in known:
            return
        found = deaf(self._gateways(), self._listener.uptime.ms, self._listener.nodes.silent, self._sites())
        if found is None:
            return
        silent = rows[(rows["heard_up"] != NEVER_MS) & found.fallen[rows["node"]]]
        count = int(found.fallen.sum())
        after = Occurrence(
            subject=SERVER,
            rule=Arrival.SERVER_DEAF,
            onset_ms=int(silent["heard_ms"].max()),
            onset_up=found.since_up,
            raised_ms=now_ms,
            newest_ms=int(silent["newest_ms"].max()),
            told=True,
            points=count,
        )
        evidence = {
            "last_heard_ms": after.onset_ms,
            "gateways_silent": count,
            "gateways": count + found.heard,
            "sites_silent": found.sites,
            "points_silent": len(silent),
        }
        yield News(Turn.TOLD, after, evidence)

    # -- meanwhile, and behind it -------------------------------------------------------------------------------

    def spoken_for(self, occurrences: Iterable[Occurrence], now_ms: int) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """Return which points ring no alarm of their own, and from when the delays of the others count.

        Args:
            occurrences: what is open, other rules included.
        """
        count = len(self._patience.watched)
        self._spared_up = np.concatenate([self._spared_up, np.full(count - len(self._spared_up), NEVER_MS)])
        for ended in self._over:
            ago_ms = now_ms - (ended.ended_ms or now_ms)  # of a restart between, its time counts as well
            self._spared_up[self._points_of(ended)] = self._listener.uptime.ms - ago_ms
        self._over.clear()
        spoken_for = np.zeros(count, bool)
        for each in occurrences:
            if each.rule in FOR_MANY:
                spoken_for[self._points_of(each)] = True
        return spoken_for, self._spared_up

    def is_over(self, occurrence: Occurrence) -> None:
        """Take an occurrence that ended; who stays silent behind one of these has its whole delay."""
        if occurrence.rule in FOR_MANY:
            self._over.append(occurrence)

    def _points_of(self, occurrence: Occurrence) -> NDArray[np.intp]:
        if occurrence.rule is Arrival.PROBES_SILENT:
            points = self._registry.points_of(occurrence.subject.removeprefix(ASSET))
            return np.array([self._registry.point_numbers[point.id] for point in points], np.intp)
        rows = self._listener.hearing.rows[: len(self._patience.watched)]
        fallen = fell_silent(self._gateways(), self._listener.uptime.ms, occurrence.onset_up)
        return np.flatnonzero((rows["heard_up"] != NEVER_MS) & fallen[rows["node"]])

    # -- ending -------------------------------------------------------------------------------------------------

    def ended(self, occurrences: Iterable[Occurrence], rows: NDArray[np.void], now_ms: int) -> Iterator[News]:
        """Yield what is over."""
        for known in occurrences:
            if known.rule is Arrival.SERVER_DEAF:
                if hears_again(self._gateways(), self._listener.uptime.ms, known.onset_up):
                    yield over(known, Ended.DATA_CAME, now_ms, now_ms + SPARED_MS)
            elif known.rule is Arrival.PROBES_SILENT:
                vehicle = self._vehicles.get(known.subject)
                if vehicle is None:
                    yield over(known, Ended.NOT_IN_USE, now_ms, None)
                elif (rows["heard_up"][vehicle.probes] > known.onset_up).any():
                    yield over(known, Ended.DATA_CAME, now_ms, now_ms + SPARED_MS)

    # -- gateways -----------------------------------------------------------------------------------------------

    def _gateways(self) -> Gateways:
        rows = self._listener.hearing.rows[: len(self._patience.watched)]
        return gateways_of(len(self._listener.nodes.last_up), rows["heard_up"], rows["node"], self._patience)

    def _sites(self) -> NDArray[np.int64]:
        """Return a number for the site of each gateway, by node number."""
        numbers: dict[str, int] = {}
        nodes = (self._registry.nodes.get(name) for name in self._listener.node_names)
        sites = [node.site if node else "" for node in nodes]
        return np.array([numbers.setdefault(site, len(numbers)) for site in sites], np.int64)
