"""What pages and the API may know of trips: lists, one as it goes, and what was said of it.

Reads beside the judge on the same file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, func, or_, select

from alerts.lifecycle import GONE
from alerts.records import Lane
from alerts.subjects import TRIP, subject_of_trip
from alerts.tables import alarm, cursor, episode
from alerts.tables import trip as table
from alerts.transit.book import Entries
from alerts.transit.states import OVER, TripState
from alerts.transit.view import TripView
from coldchain.custody import Trip, TripMoment, TripVehicle

UNDER_WAY = (TripState.AT_STOP, TripState.UNDER_WAY, TripState.WAITING)

AT_RISK = 0.5
"""A trip is at risk while an alarm of it stands, or a stop of it is more likely missed than not."""

CELSIUS = "Cel"
OUT_OF_CONDITION = (Lane.RECORD_HIGH, Lane.RECORD_LOW)
"""Lanes of the record: the product is outside the condition of its label, whether or not that rings anybody."""

CHUNK = 500
"""Rows that are read at once where not each of them is wanted."""

_entries = msgspec.json.Decoder(Entries).decode
_view = msgspec.json.Decoder(TripView).decode


@dataclass(frozen=True, slots=True)
class Trouble:
    """An alarm of a trip that stands."""

    alarm: str
    rule: str
    severity: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """An alarm of a trip that was not retracted; measured ms, ``ended_ms`` None while it stands."""

    rule: str
    severity: str
    onset_ms: int
    ended_ms: int | None


@dataclass(frozen=True, slots=True)
class KnownTrip:
    """A trip as it was planned, told and found.

    Attributes:
        legs: (vehicle, measured ms from which it drives; None: from the beginning).
        begins_ms, ends_ms: as planned; 0 where the plan names no time.
        view: None before it was judged for the first time.
    """

    plan: Trip
    moments: tuple[TripMoment, ...]
    legs: list[tuple[str, int | None]]
    begins_ms: int
    ends_ms: int
    view: TripView | None
    troubles: list[Trouble]

    @property
    def state(self) -> str:
        """Its state; ``planned`` before it was judged."""
        return TripState.PLANNED.value if self.view is None else self.view.state

    @property
    def chance(self) -> float | None:
        """How likely the stop most at risk is missed, 0-1; None where nothing is expected."""
        stops = [] if self.view is None else self.view.stops
        chances = [stop.chance for stop in stops if stop.chance is not None and stop.arrived_ms is None]
        return max(chances, default=None)

    @property
    def at_risk(self) -> bool:
        """See `AT_RISK`."""
        return self.state not in OVER and (bool(self.troubles) or (self.chance or 0.0) >= AT_RISK)


@dataclass(frozen=True, slots=True)
class TripPage:
    """Trips, latest planned start first, and the cursor of the next page (None: this is the last)."""

    items: list[KnownTrip]
    next: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which trips; an empty part asks for nothing.

    Attributes:
        from_ms, to_ms: planned to be on the way at some time in [from, to).
        vehicle: one of those that drive it. ``site``: one of its stops.
        states: any of these.
        at_risk: see `AT_RISK`.
    """

    from_ms: int | None = None
    to_ms: int | None = None
    vehicle: str = ""
    site: str = ""
    kind: str = ""
    states: Sequence[str] = ()
    at_risk: bool = False


class TripReader:
    """Read access to the trips of an alarm store; see `alerts.store.AlertStore.engine`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def position(self) -> int:
        """Return the ledger position up to which everything here is known."""
        with self._engine.connect() as connection:
            return int(connection.execute(select(cursor.c.position)).scalar_one())

    def said(self, trip: str) -> list[Trip | TripMoment | TripVehicle]:
        """Return what is said of a trip: its newest plan, and every word in ledger order."""
        entries = self._entries(trip)
        plan = () if entries.plan is None else (entries.plan,)
        return [*plan, *entries.moments, *entries.vehicles]

    def deliveries(self, trip: str) -> tuple[str, ...]:
        """Return the ids of the messages that brought a trip's plans."""
        return self._entries(trip).deliveries

    def _entries(self, trip: str) -> Entries:
        with self._engine.connect() as connection:
            raw = connection.execute(select(table.c.said).where(table.c.id == trip)).scalar()
        return Entries() if raw is None else _entries(raw)

    def trip(self, name: str) -> KnownTrip | None:
        """Return a trip that somebody planned, or None."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(table).where(table.c.id == name, table.c.kind != "")).all()
            return next(iter(self._known(connection, rows)), None)

    def trips(self, wanted: Wanted, *, limit: int = 50, after: str | None = None) -> TripPage:
        """Return some trips, latest planned start first.

        Args:
            after: ``next`` of the page before.

        Raises:
            ValueError: ``after`` is no cursor of this list.
        """
        chosen = select(table).where(*_conditions(wanted)).order_by(table.c.begins_ms.desc(), table.c.id.desc())
        size = max(limit + 1, CHUNK) if wanted.at_risk else limit + 1
        found: list[KnownTrip] = []
        with self._engine.connect() as connection:
            while len(found) <= limit:
                some = chosen if after is None else chosen.where(_behind(after))
                rows = connection.execute(some.limit(size)).all()
                found += [one for one in self._known(connection, rows) if one.at_risk or not wanted.at_risk]
                if len(rows) < size:
                    break
                after = f"{rows[-1].begins_ms}:{rows[-1].id}"
        last = found[limit - 1] if len(found) > limit else None
        return TripPage(found[:limit], None if last is None else f"{last.begins_ms}:{last.plan.id}")

    def wrongs(self, trips: Sequence[str]) -> dict[str, list[Wrong]]:
        """Return what went wrong on some trips, over or not, in measured order."""
        found: dict[str, list[Wrong]] = {}
        with self._engine.connect() as connection:
            for begin in range(0, len(trips), CHUNK):
                subjects = [subject_of_trip(name) for name in trips[begin : begin + CHUNK]]
                chosen = select(alarm).where(alarm.c.point.in_(subjects), alarm.c.state.not_in(GONE))
                for row in connection.execute(chosen.order_by(alarm.c.onset_ms, alarm.c.id)):
                    wrong = Wrong(row.rule, row.top_severity, row.onset_ms, row.ended_ms)
                    found.setdefault(row.point.removeprefix(TRIP), []).append(wrong)
        return found

    def too_warm_or_cold(self, from_ms: int, to_ms: int) -> dict[str, list[tuple[int, int | None]]]:
        """Return site → (onset, end) of each alarm about a temperature there that stood at some time in [from, to)."""
        chosen = select(alarm.c.site, alarm.c.onset_ms, alarm.c.ended_ms).where(
            alarm.c.unit == CELSIUS,
            alarm.c.point.not_like(f"{TRIP}%"),
            alarm.c.state.not_in(GONE),
            alarm.c.onset_ms < to_ms,
            or_(alarm.c.ended_ms.is_(None), alarm.c.ended_ms > from_ms),
        )
        found: dict[str, list[tuple[int, int | None]]] = {}
        with self._engine.connect() as connection:
            for row in connection.execute(chosen):
                found.setdefault(row.site, []).append((row.onset_ms, row.ended_ms))
        return found

    def out_of_condition(
        self, points: Sequence[str], from_ms: int, to_ms: int
    ) -> dict[str, list[tuple[int, int | None]]]:
        """Return point → (onset, end) of each time outside its label's condition that reaches into [from, to)."""
        found: dict[str, list[tuple[int, int | None]]] = {}
        with self._engine.connect() as connection:
            for begin in range(0, len(points), CHUNK):
                onsets, ends = (func.json_group_array(column) for column in (episode.c.onset_ms, episode.c.ended_ms))
                chosen = select(episode.c.point, onsets, ends).where(
                    episode.c.point.in_(points[begin : begin + CHUNK]),
                    episode.c.rule.in_([str(lane) for lane in OUT_OF_CONDITION]),
                    episode.c.onset_ms < to_ms,
                    or_(episode.c.ended_ms.is_(None), episode.c.ended_ms > from_ms),
                )
                for point, *columns in connection.execute(chosen.group_by(episode.c.point)).all():
                    pairs = zip(*map(msgspec.json.decode, columns), strict=True)
                    found[point] = sorted(pairs, key=itemgetter(0))
        return found

    def _known(self, connection: Connection, rows: Sequence[Row[Any]]) -> Iterator[KnownTrip]:
        troubles: dict[str, list[Trouble]] = {}
        standing = select(alarm.c.id, alarm.c.point, alarm.c.rule, alarm.c.severity).where(
            alarm.c.point.in_([subject_of_trip(row.id) for row in rows]),
            alarm.c.ended_ms.is_(None),
            alarm.c.state.not_in(GONE),
        )
        for one in connection.execute(standing.order_by(alarm.c.onset_ms, alarm.c.id)):
            troubles.setdefault(one.point.removeprefix(TRIP), []).append(Trouble(one.id, one.rule, one.severity))
        for row in rows:
            entries = _entries(row.said)
            assert entries.plan is not None  # a row without a kind is not asked for
            yield KnownTrip(
                entries.plan,
                entries.moments,
                entries.legs(),
                row.begins_ms,
                row.ends_ms,
                None if row.judged is None else _view(row.judged),
                troubles.get(row.id, []),
            )


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """Yield what rows must meet; of the JSON only parts are looked for that stand there in just one way."""
    yield table.c.kind != ""
    if wanted.kind:
        yield table.c.kind == wanted.kind
    if wanted.from_ms is not None:
        yield table.c.ends_ms >= wanted.from_ms
    if wanted.to_ms is not None:
        yield table.c.begins_ms < wanted.to_ms
    if wanted.at_risk:
        yield table.c.over.is_(False)
    for name, value in (("vehicle", wanted.vehicle), ("site", wanted.site)):
        if value:
            yield func.instr(table.c.said, _json({name: value})[1:-1]) > 0
    if wanted.states:
        said = [func.instr(table.c.judged, _json({"state": state})[:-1]) == 1 for state in wanted.states]
        if TripState.PLANNED in wanted.states:
            said.append(table.c.judged.is_(None))
        yield or_(*said)


def _behind(after: str) -> ColumnElement[bool]:
    begins, _, name = after.partition(":")
    try:
        begins_ms = int(begins)
    except ValueError as fault:
        raise ValueError(f"{after!r:.80} is no cursor of this list") from fault
    return or_(table.c.begins_ms < begins_ms, and_(table.c.begins_ms == begins_ms, table.c.id < name))


_json = msgspec.json.Encoder().encode
