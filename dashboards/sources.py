"""What the pages and the API read from: ports only, put together by the wiring."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alerts.corrective.reader import CorrectiveReader
from alerts.kpi.reader import KpiReader
from alerts.notify.confirming import Confirming
from alerts.notify.reader import NotifyReader
from alerts.readmodel import AlarmReader
from alerts.transit.reader import TripReader
from coldchain.clock import Clock
from coldchain.epcis import Names
from coldchain.exchange.sent import SentEvents
from coldchain.goods.reader import GoodsReader
from coldchain.latest import LatestStore
from coldchain.ledger.port import Ledger
from coldchain.papers.photos import Photos
from coldchain.papers.reader import PaperReader
from coldchain.registry import CurrentRegistry
from coldchain.routing import Routing
from coldchain.series.port import Series


@dataclass(frozen=True, slots=True)
class ProjectionState:
    """How far a projection is, ledger positions; ``waiting``: pieces of later work, such as points to judge again."""

    name: str
    position: int
    lag: int
    waiting: int = 0
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class Epcis:
    """How events go out: how things are named in them, and what was sent."""

    names: Names
    sent: SentEvents


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that a request may read.

    Attributes:
        demo: simulated data: every view and file must say that it is no record.
        statuses: node → last retained status and ``heard_at_ms``.
        projections: how far each is.
        counters: stage → counts.
        trips_secret: requests to `/api/v1/trips` must be signed with it (`dashboards.signing`); None: they need not.
        routing: asked for the way of a plan that comes without one; None: nobody is.
        ready: whether every projection has caught up since the start.
        epcis: None where no address of one's own is set (``epcis.own``).
    """

    ledger: Ledger
    series: Series
    latest: LatestStore
    alarms: AlarmReader
    messages: NotifyReader
    kpis: KpiReader
    confirming: Confirming
    corrective: CorrectiveReader
    goods: GoodsReader
    trips: TripReader
    papers: PaperReader
    photos: Photos
    registry: CurrentRegistry
    clock: Clock
    demo: bool
    statuses: Callable[[], Mapping[str, Mapping[str, Any]]]
    projections: Callable[[], Sequence[ProjectionState]]
    counters: Callable[[], Mapping[str, Mapping[str, int]]]
    ready: Callable[[], bool]
    trips_secret: bytes | None = None
    routing: Routing | None = None
    epcis: Epcis | None = None
