"""The embedded server: one process that owns the ledger, the series store, the alarms and the web.

::

    broker ─▶ IngestService ─▶ SqlLedger ─┬▶ Follower(series) ─▶ DuckDB
                                          ├▶ Follower(latest) ─▶ latest.db      API + page
                                          ├▶ Follower(goods)  ─▶ goods.db          │
                                          ├▶ Follower(papers) ─▶ papers.db         │
                                          └▶ Follower(judge)  ─▶ alarms.db ────▶ uvicorn
                                                                     └▶ Notifier ─▶ notify.db, people

A lock on the data folder refuses a second server. Projections catch up before `/readyz` says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import structlog

from alerts.corrective.reader import CorrectiveReader
from alerts.history import SeriesHistory
from alerts.judge import Judge
from alerts.kpi.reader import KpiReader
from alerts.learner import Learner
from alerts.notify.channels.opening import channels_of
from alerts.notify.channels.wire import Wire
from alerts.notify.confirming import Confirming
from alerts.notify.heartbeat import Heartbeat
from alerts.notify.opening import notifier_of
from alerts.notify.reader import NotifyReader
from alerts.notify.store import NotifyStore
from alerts.readmodel import AlarmReader
from alerts.store import open_alerts
from alerts.transit.reader import TripReader
from coldchain.batches import BatchDecoder
from coldchain.clock import Clock, SystemClock
from coldchain.epcis import Names
from coldchain.errors import ConfigError, Unavailable
from coldchain.exchange.sent import SentEvents
from coldchain.goods.reader import GoodsReader
from coldchain.goods.store import GoodsStore
from coldchain.http import serve_http
from coldchain.latest import LatestStore
from coldchain.ledger.sql import SqlLedger
from coldchain.net_guard import GuardedTransport
from coldchain.papers.photos import FOLDER, Photos
from coldchain.papers.reader import PaperReader
from coldchain.papers.store import PaperStore
from coldchain.projection import Abreast, Follower
from coldchain.registry import CurrentRegistry, Registry
from coldchain.routing import routing_of
from coldchain.secret import secret_in
from coldchain.series.duck_open import open_series
from coldchain.settings import Settings
from dashboards import signing
from dashboards.app import create_app
from dashboards.epcis_world import check_sent
from dashboards.sources import Epcis, ProjectionState, Sources
from ingest.projections import GoodsProjection, LatestProjection, PaperProjection, SeriesProjection
from ingest.service import IngestService

DEMO_MARK = "DEMO"
"""File in a data folder that says: simulated data, not a record."""

SIMULATED = "urn:coldchain:simulated"
"""Names everything in the events of a demo, so that none of them is taken for a record."""

BEHIND_ENTRIES = 20_000
"""A projection that is so far behind the ledger is told as trouble: minutes of full load."""

READY_S = 0.2
"""How often it is asked whether every projection has caught up."""

TIDY_EVERY_S = 3600.0
LEARN_EVERY_S = 600.0
"""How often it is asked whether a night has begun that nothing was learnt in yet."""

CHECK_SENT_EVERY_S = 10.0
"""How often some of the events that were sent to others are compared with what is true."""

LATEST_GATHER_S = 0.2
"""Latest values cost by points, not by readings, and pages look twice a second."""
DAY_MS = 86_400_000

log = structlog.get_logger()


@contextlib.contextmanager
def locked(data: Path, *, demo: bool) -> Iterator[None]:
    """Hold a data folder for this server alone, and keep demo and real data apart.

    Raises:
        ConfigError: another server has it, or it holds the other kind of data.
    """
    data.mkdir(parents=True, exist_ok=True)
    mark = data / DEMO_MARK
    holds_data = (data / "ledger.db").exists()
    if demo and holds_data and not mark.exists():
        raise ConfigError(f"{data} holds real data: a demo never shares its folder; choose another with --data")
    if not demo and mark.exists():
        raise ConfigError(f"{data} holds demo data, which is no record: choose another folder with --data")
    if demo:
        mark.write_text("模拟数据,不得作为记录\nSimulated data, not a record\n", "utf-8")
    handle = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as fault:
        os.close(handle)
        raise ConfigError(f"{data}: another server uses this folder; stop it or choose another with --data") from fault
    try:
        yield
    finally:
        os.close(handle)


class Server:
    """Everything of one data folder, opened; see `running`."""

    def __init__(
        self, settings: Settings, *, demo: bool, clock: Clock | None = None, acknowledge_early: bool = False
    ) -> None:
        self.settings = settings
        self.demo = demo
        self.clock = clock or SystemClock()
        data = settings.data
        self.ledger = SqlLedger.open(data / "ledger.db")
        end = self.ledger.end()
        self.series = open_series(data / "series.duckdb", end, memory_limit_mb=settings.series.memory_mb)
        self.latest = LatestStore.open_for(data / "latest.db", end)
        self.alert_store = open_alerts(data / "alarms.db", end)
        self.goods = GoodsStore.open_for(data / "goods.db", end)
        self.sent = SentEvents.open(data / "epcis.db")
        self.papers = PaperStore.open_for(data / "papers.db", end)
        self.registry = CurrentRegistry(self.ledger, self.clock)
        self.alarms = AlarmReader(self.alert_store.engine, self._kind_of)
        decoder = BatchDecoder()
        abreast = Abreast()
        history = SeriesHistory(self.series)
        judge = Judge(
            self.alert_store, self.ledger, history, self.clock, decoder, self._registry_at(self.alert_store.position())
        )
        series = SeriesProjection(self.ledger, self.series, decoder, registry=self._registry_at(self.series.cursor()))
        latest = LatestProjection(
            self.ledger, self.latest, decoder, self.series, registry=self._registry_at(self.latest.cursor())
        )
        self.learner = Learner(self.ledger, history, self.registry, self.clock)
        self.followers = [
            Follower(judge, self.ledger, abreast=abreast),
            Follower(series, self.ledger, abreast=abreast),
            Follower(latest, self.ledger, abreast=abreast, gather_s=LATEST_GATHER_S),
            Follower(GoodsProjection(self.goods), self.ledger),  # decodes no batch: abreast of nobody
            Follower(PaperProjection(self.papers), self.ledger),  # nor does this one
        ]
        self.ingest = IngestService(
            settings.broker,
            settings.ingest,
            self.ledger,
            self.registry,
            self.clock,
            acknowledge_early=acknowledge_early,
        )
        self.channels = channels_of(settings.notify, self.clock)
        self.notes = NotifyStore.open(data / "notify.db")
        self.notifier = notifier_of(
            settings.notify,
            self.notes,
            self.channels,
            self.alert_store.engine,
            self.ledger,
            history,
            self.registry,
            self.clock,
        )
        own = SIMULATED if demo else settings.epcis.own
        self.sources = Sources(
            ledger=self.ledger,
            series=self.series,
            latest=self.latest,
            alarms=self.alarms,
            messages=NotifyReader(self.notes.engine),
            kpis=KpiReader(self.alert_store.engine, self.notes.engine),
            confirming=Confirming(self.notes, self.ledger),
            corrective=CorrectiveReader(self.alert_store.engine),
            goods=GoodsReader(self.goods.engine),
            trips=TripReader(self.alert_store.engine),
            papers=PaperReader(self.papers.engine),
            photos=Photos(data / FOLDER),
            registry=self.registry,
            clock=self.clock,
            demo=demo,
            statuses=lambda: dict(self.ingest.statuses),
            projections=self.projections,
            counters=self.counters,
            ready=self.ready,
            trips_secret=None
            if settings.web.trips_secret_file is None
            else signing.secret_in(settings.web.trips_secret_file),
            routing=routing_of(settings.routing),
            epcis=Epcis(Names(own), self.sent) if own else None,
        )

    def projections(self) -> list[ProjectionState]:
        """Return how far each projection is."""
        end = self.ledger.end()
        return [
            ProjectionState(
                follower.projection.name,
                follower.projection.cursor,
                max(0, end - follower.projection.cursor),
                int(getattr(follower.projection, "waiting", 0)),
                repr(follower.failure) if follower.failure else None,
            )
            for follower in self.followers
        ]

    def counters(self) -> Mapping[str, Mapping[str, int]]:
        """Return the books of every stage."""
        books = {"ingest": self.ingest.intake.counters.as_dict()}
        for follower in self.followers:
            counters = getattr(follower.projection, "counters", None)
            if counters is not None:
                books[follower.projection.name] = counters.as_dict()
        books["alarms"] = self.alarms.counts(self.clock.now_ms())
        books["messages"] = self.sources.messages.counts()
        return books

    def _kind_of(self, asset: str) -> str:
        known = self.registry().assets.get(asset)
        return "" if known is None else known.kind

    def ready(self) -> bool:
        """Say whether every projection has caught up since the start and none has failed."""
        return all(follower.caught_up.is_set() and not follower.failure for follower in self.followers)

    async def watch(self) -> None:
        """End the server when a projection fails: a supervisor starts it again, and the ledger has everything."""
        while True:
            await self.clock.sleep(1.0)
            for follower in self.followers:
                if follower.failure is not None:
                    raise follower.failure

    async def notify(self) -> None:
        """Tell people, once the judge knows what there is to tell."""
        if not self.channels:
            log.warning(
                "notify.off", remedy="name channels in the settings: `coldchain config --explain`, docs/notify.md"
            )
            return
        while not self.ready():
            await self.clock.sleep(READY_S)
        try:
            await self.notifier.run()
        finally:
            for channel in self.channels.values():
                await channel.close()

    async def beat(self) -> None:
        """Tell somebody outside that all is well, where the settings name an address."""
        file = self.settings.notify.heartbeat_file
        if file is not None:
            url = secret_in(file)
            wire = Wire(GuardedTransport(), self.clock, connect_s=5.0, timeout_s=30.0, secrets=[url])
            await Heartbeat(url, wire, self.trouble, self.clock).run()

    def trouble(self) -> str:
        """Return what is wrong with this server as a whole; empty: nothing."""
        behind = [one.name for one in self.projections() if one.lag > BEHIND_ENTRIES]
        if not self.ready():
            return "a projection has failed or not caught up yet"
        return f"behind the ledger: {', '.join(behind)}" if behind else ""

    async def tidy(self) -> None:
        """Rewrite closed days of the series store."""
        while True:
            await self.clock.sleep(TIDY_EVERY_S)
            today_ms = self.clock.now_ms() // DAY_MS * DAY_MS
            rewritten = await asyncio.to_thread(self.series.tidy, today_ms)
            log.info("series.tidied", days=rewritten)

    async def learn(self) -> None:
        """Learn by night what is usual at each point."""
        while True:
            if self.ready():
                await asyncio.to_thread(self.learner.night)
                await asyncio.to_thread(self.learner.first_hours)
            await self.clock.sleep(LEARN_EVERY_S)

    async def check_sent(self) -> None:
        """Find events that were sent to others and are no longer true."""
        while True:
            if self.sources.epcis is not None and self.ready():  # before it is, much would seem to be wrong
                try:
                    await asyncio.to_thread(check_sent, self.sources, self.sources.epcis)
                except Unavailable as fault:
                    log.warning("epcis.unchecked", fault=str(fault))
            await self.clock.sleep(CHECK_SENT_EVERY_S)

    def _registry_at(self, position: int) -> Registry | None:
        """Return the registry as of a projection's cursor: a copy where nothing changed since, else None (fold it)."""
        newest = self.registry()
        if position < newest.version:
            return None
        twin = newest.copy()
        twin.position = position
        return twin

    def close(self) -> None:
        """Stop following and let go of every file."""
        for follower in self.followers:
            follower.stop()
        self.series.close()
        self.latest.close()
        self.goods.close()
        self.sent.close()
        self.papers.close()
        self.notes.close()
        self.alert_store.close()
        self.ledger.close()


@contextlib.asynccontextmanager
async def running(
    settings: Settings, *, demo: bool = False, web: bool = True, acknowledge_early: bool = False
) -> AsyncIterator[Server]:
    """Run a server while inside; `settings.web.port` must be free.

    Raises:
        ConfigError: the folder is in use or of the other kind, or a port is taken.
    """
    with locked(settings.data, demo=demo):
        server = await asyncio.to_thread(Server, settings, demo=demo, acknowledge_early=acknowledge_early)
        try:
            for follower in server.followers:
                follower.start()
            async with asyncio.TaskGroup() as tasks:
                running_tasks = [
                    tasks.create_task(server.ingest.run()),
                    tasks.create_task(server.watch()),
                    tasks.create_task(server.tidy()),
                    tasks.create_task(server.learn()),
                    tasks.create_task(server.notify()),
                    tasks.create_task(server.beat()),
                    tasks.create_task(server.check_sent()),
                ]
                if web:
                    running_tasks.append(tasks.create_task(_http(server)))
                try:
                    yield server
                finally:
                    for task in running_tasks:
                        task.cancel()
        finally:
            await asyncio.to_thread(server.close)


async def _http(server: Server) -> None:
    web = server.settings.web
    await serve_http(create_app(server.sources), web.host, web.port)
