"""Alarms come and go at a real server that is killed again and again, beside a provider that misbehaves; and the books.

::

    batches ─▶ mosquitto ─▶ coldchain up: killed, ended at crash points ─▶ provider: loses replies, 503, 429

Every site loses power once and gets it back. Who must hear of it follows from what the judge stored; who heard of it is
what the provider took, by the key of each message.
"""

from __future__ import annotations

import json
import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from bench.notify import Sites
from bench.process import Process, python, started, until
from bench.stand import HOST, listening
from coldchain import topics
from coldchain.cli.broker import broker_command, free_port
from coldchain.crash import EXIT_CODE, VARIABLE
from coldchain.database import read_sqlite
from coldchain.ledger.sql import SqlLedger
from coldchain.people import Chain, Duty, NotifyPlan, Person, Role, Step
from coldchain.registry.changes import Change, Operator, Put
from coldchain.seal import Ack

POINTS = (
    "during-notify-intake",
    "before-notify-commit",
    "after-notify-commit",
    "before-send",
    "after-send-before-mark",
    "after-record-before-mark",
)
"""Crash points of the notifier; each is passed once before chance decides."""

ON_DELAY_S = 125
SUPERVISOR, SUPERVISOR_MIN = "13700000000", 1
DARK_S = (2.0, 10.0, 75.0)
"""How long a site has no power: the last is longer than the supervisor's step."""

SETTLE_S = 200.0
READY_S = 60.0

PLAN = NotifyPlan(
    (
        Chain(
            "all",
            (Step(0, (Role.SITE_DUTY,), ("sms",)), Step(SUPERVISOR_MIN, (Role.SUPERVISOR,), ("sms",))),
        ),
    ),
    group_wait_s=1,
    group_interval_s=2,
    person_messages=1000,
    drill_day=0,
)


@dataclass(slots=True)
class Told:
    """What became of a run.

    Attributes:
        restarts: how often the server died. ``points``: the crash points at which it did.
        paged: alarms of which the judge decided a page; ``unheard``: of these, whose person never heard.
        unescalated: stood unanswered for over a minute, and the supervisor never heard.
        not_over: who heard that something began and not that it is over.
        lost: replies that the provider dropped. ``twice``: messages that it took more than once.
    """

    seed: int
    restarts: int = 0
    points: Counter[str] = field(default_factory=Counter)
    paged: int = 0
    unheard: list[str] = field(default_factory=list)
    unescalated: list[str] = field(default_factory=list)
    escalated: int = 0
    not_over: list[str] = field(default_factory=list)
    lost: int = 0
    twice: int = 0
    seconds: float = 0.0

    @property
    def clean(self) -> bool:
        """Everybody heard, nobody more than once for each reply or process lost."""
        return not (self.unheard or self.unescalated or self.not_over) and self.twice <= self.lost + self.restarts

    def summary(self) -> str:
        """Return a few lines for people."""
        points = ", ".join(f"{count} × {point}" for point, count in sorted(self.points.items()))
        return (
            f"telling, seed {self.seed}: {self.paged} alarms, {self.restarts} deaths in {self.seconds:.0f} s\n"
            f"  {points}\n"
            f"  unheard {len(self.unheard)}, escalated {self.escalated}, not escalated {len(self.unescalated)}, "
            f"not told that it is over {len(self.not_over)}; replies lost {self.lost}, taken twice {self.twice}"
        )


class BadProvider:
    """Takes messages over HTTP, or takes them and drops the reply, or is busy."""

    def __init__(self, chance: random.Random) -> None:
        self.taken: list[tuple[str, str]] = []
        self.lost = 0
        self.sound = False
        provider, lock = self, threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers["content-length"])))
                with lock:
                    draw = 1.0 if provider.sound else chance.random()
                    if draw >= 0.15:
                        provider.taken.append((said["to"], said["key"]))
                        provider.lost += draw < 0.30
                if draw < 0.15:
                    self.send_response(503 if draw < 0.08 else 429)
                    self.send_header("retry-after", "1")
                    self.end_headers()
                elif draw < 0.30:
                    self.close_connection = True  # taken, and nobody hears of it
                else:
                    self.send_response(200)
                    self.end_headers()
                    self.wfile.write(b"{}")

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._server.server_address[1]}/send"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Uplink:
    """The sites' gateways: what is not acknowledged is sent again."""

    def __init__(self, sites: Sites, port: int) -> None:
        self._sites = sites
        self._open: dict[str, list[bytes]] = {}
        self._acked: dict[str, int] = {}
        self._lock = threading.Lock()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, "sites")
        self._client.on_message = self._heard
        self._client.connect(HOST, port)
        self._client.subscribe(topics.ack("+"))
        self._client.loop_start()

    def say(self, number: int, at_ms: int, *, on: bool) -> None:
        """Let a site say whether it has power."""
        topic, batch = self._sites.batch(number, at_ms, on=on)
        with self._lock:
            self._open.setdefault(topic, []).append(batch)
        self._client.publish(topic, batch, qos=1)

    def again(self) -> None:
        """Send everything that was not acknowledged."""
        with self._lock:
            waiting = [(topic, batch) for topic, open_ in self._open.items() for batch in open_]
        for topic, batch in waiting:
            self._client.publish(topic, batch, qos=1)

    @property
    def waiting(self) -> int:
        with self._lock:
            return sum(map(len, self._open.values()))

    def _heard(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        ack = Ack.decode(bytes(message.payload))
        topic = message.topic.removesuffix("ack") + "data"
        with self._lock:
            done = ack.seq - self._acked.get(topic, 0)
            self._acked[topic] = max(ack.seq, self._acked.get(topic, 0))
            self._open[topic] = self._open.get(topic, [])[max(0, done) :]

    def close(self) -> None:
        self._client.loop_stop()
        self._client.disconnect()


class Run:
    """One run; see the module."""

    def __init__(self, folder: Path, seed: int, episodes: int, restarts: int) -> None:
        self.told = Told(seed)
        self._folder, self._episodes, self._restarts = folder, episodes, restarts
        self._chance = random.Random(seed)
        self._data = folder / "data"
        self._sites = Sites(0, episodes, 1)
        self._forced = list(POINTS)
        self._server: Process | None = None
        self._point = ""
        self._dark_until_s: list[tuple[float, int]] = []

    def play(self) -> Told:
        """Play it and close the books."""
        begin_s = time.monotonic()
        provider = BadProvider(random.Random(self.told.seed + 1))
        port = free_port(0)
        ledger = SqlLedger.open(self._data / "ledger.db")
        ledger.change([Change(put, "faults", "telling").encode() for put in self._puts()], time.time_ns() // 1_000_000)
        ledger.close()
        config = self._config(provider)
        web = free_port(0)
        command = python("coldchain.cli", "up", "--data", str(self._data), "--port", str(web), "--no-door")
        self._command = [*command, "--broker", f"{HOST}:{port}", "--config", str(config)]
        try:
            with started(broker_command(self._folder, port), self._folder / "broker.log"):
                until(lambda: listening(port), 10, "the broker")
                uplink = Uplink(self._sites, port)
                try:
                    self._live(uplink)
                    provider.sound = True
                    self._settle(uplink)
                finally:
                    uplink.close()
                    if self._server is not None:
                        self._server.stop()
            self._close(provider)
        finally:
            provider.close()
        self.told.seconds = time.monotonic() - begin_s
        return self.told

    # -- living ---------------------------------------------------------------------------------------------------

    def _live(self, uplink: Uplink) -> None:
        """Let each site lose power and get it back while the server dies."""
        start_ms = time.time_ns() // 1_000_000
        for number in self._sites.numbers:
            uplink.say(number, start_ms - 600_000, on=True)
        dark = list(self._sites.numbers)
        self._chance.shuffle(dark)
        a_death = -(-len(dark) // self._restarts)
        while self.told.restarts < self._restarts or dark:
            self._start()
            uplink.again()
            deadline_s = time.monotonic() + self._chance.uniform(1.0, 4.0)
            for number in dark[:a_death]:
                now_ms = time.time_ns() // 1_000_000
                uplink.say(number, now_ms - ON_DELAY_S * 1000, on=False)
                uplink.say(number, now_ms, on=False)
                self._dark_until_s.append((time.monotonic() + self._chance.choice(DARK_S), number))
                time.sleep(self._chance.uniform(0.0, 0.4))
            del dark[:a_death]
            self._light(uplink)
            must = bool(self._point) and not self.told.points[self._point]
            last_s = deadline_s + (READY_S if must else 0.0)
            while self._running() and time.monotonic() < last_s:
                time.sleep(0.5)
                uplink.again()
            self._die()

    def _light(self, uplink: Uplink) -> None:
        for at_s, number in sorted(self._dark_until_s):
            if at_s <= time.monotonic():
                uplink.say(number, time.time_ns() // 1_000_000, on=True)
                self._dark_until_s.remove((at_s, number))

    def _start(self) -> None:
        self._point = ""
        environment = {}
        if self._forced or self._chance.random() < 0.4:
            self._point = self._forced.pop(0) if self._forced else self._chance.choice(POINTS)
            hits = 1 if not self.told.points[self._point] else self._chance.choice((1, 1, 2, 4))
            environment[VARIABLE] = f"{self._point}:{hits}"
        self._server = Process(self._command, self._folder / "server.log", environment)

    def _running(self) -> bool:
        assert self._server is not None
        return self._server.running

    def _die(self) -> None:
        """End the server where it is, unless a crash point did."""
        assert self._server is not None
        if self._running():
            os.kill(self._server.pid, signal.SIGKILL)
        code = self._server.wait_any(READY_S)
        if code == EXIT_CODE and self._point:
            self.told.points[self._point] += 1
        else:
            self.told.points["SIGKILL"] += 1
        self.told.restarts += 1

    def _settle(self, uplink: Uplink) -> None:
        """Let everything come to an end undisturbed."""
        self._server = Process(self._command, self._folder / "server.log", {})

        def settled() -> bool:
            self._light(uplink)
            uplink.again()
            return not uplink.waiting and self._at_rest()

        until(settled, SETTLE_S, "everybody to be told", every_s=1.0)

    # -- the books ------------------------------------------------------------------------------------------------

    def _rows(self, file: str, statement: str) -> list[tuple[object, ...]]:
        engine = read_sqlite(self._data / file)
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.exec_driver_sql(statement)]
        finally:
            engine.dispose()

    def _at_rest(self) -> bool:
        open_ = self._rows("alarms.db", "SELECT 1 FROM alarm WHERE rule = 'mains-lost' AND ended_ms IS NULL LIMIT 1")
        raised = self._rows("alarms.db", "SELECT count(*) FROM alarm WHERE rule = 'mains-lost'")[0][0]
        waiting = self._rows("notify.db", "SELECT 1 FROM message WHERE state = 'waiting' OR NOT recorded LIMIT 1")
        due = self._rows("notify.db", "SELECT 1 FROM cluster WHERE next_ms IS NOT NULL LIMIT 1")
        return raised == self._episodes and not (open_ or waiting or due)

    def _close(self, provider: BadProvider) -> None:
        took = {key.rpartition("-")[0] for _, key in provider.taken}
        told = self._rows("notify.db", "SELECT alarm, receiver, message FROM content")
        heard = {(str(alarm), str(receiver)) for alarm, receiver, key in told if key in took}
        paged = self._rows(
            "alarms.db", "SELECT DISTINCT alarm.id, alarm.site FROM page JOIN alarm ON alarm.id = page.alarm"
        )
        self.told.paged = len(paged)
        duty = {f"site-{number}": f"person:duty-{number}" for number in self._sites.numbers}
        self.told.unheard = [str(alarm) for alarm, site in paged if (str(alarm), duty[str(site)]) not in heard]
        long_ = self._rows(
            "alarms.db",
            "SELECT up.alarm FROM alarm_transition up JOIN alarm_transition down ON down.alarm = up.alarm "
            "WHERE up.trigger = 'raise' AND down.trigger = 'return' "
            f"AND down.at_ms - up.at_ms > {(SUPERVISOR_MIN * 60 + 8) * 1000}",
        )
        supervised = {alarm for alarm, receiver in heard if receiver == "person:supervisor"}
        self.told.escalated = len(supervised)
        self.told.unescalated = [str(row[0]) for row in long_ if str(row[0]) not in supervised]
        not_over = self._rows("notify.db", "SELECT alarm FROM member WHERE told_ordinal > 0 AND NOT told_over")
        self.told.not_over = [str(row[0]) for row in not_over]
        counts = Counter(key for _, key in provider.taken)
        self.told.twice = sum(count - 1 for count in counts.values())
        self.told.lost = provider.lost

    def _puts(self) -> list[Put]:
        common: list[Put] = [
            Operator("bench", "Faults"),
            Person("supervisor", "Supervisor", phone=SUPERVISOR),
            Duty("supervisor", Role.SUPERVISOR),
            PLAN,
        ]
        return [*common, *self._sites.changes()]

    def _config(self, provider: BadProvider) -> Path:
        path = self._folder / "coldchain.toml"
        body = '{"to":"{phone}","key":"{key}"}'
        path.write_text(
            "[notify.channels.sms]\n"
            f'kind = "http"\nurl = "{provider.url}"\nbody = \'{body}\'\nallowed_hosts = ["{HOST}"]\n'
            'templates = {alarm = "1", recovery = "2", digest = "3"}\n'
            '[notify.ways]\nsms = "sms"\n',
            "utf-8",
        )
        return path


def run_telling(seed: int, episodes: int, restarts: int) -> Told:
    """Play one run in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="coldchain-telling-") as name:
        return Run(Path(name), seed, episodes, restarts).play()
