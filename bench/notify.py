"""A power cut of 10,000 cold rooms within 10 s, single alarms one after another, and some while the provider is away.

Who is told, when, how often.

::

    sealed batches ─▶ mosquitto ─▶ coldchain up: ledger ▶ judge ▶ outbox ▶ notifier ─▶ provider (HTTP)
                                        └▶ /api/v1: asked four times a second meanwhile

Each room says "mains lost" twice, 125 s apart in measured time, so the second reading decides (on-delay 2 min) and the
rule's own delay is no part of what is measured.
"""

from __future__ import annotations

import hashlib
import statistics
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import paho.mqtt.client as mqtt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from paho.mqtt.enums import CallbackAPIVersion

from bench.figures import Figure, at_most
from bench.process import until
from bench.provider import Provider
from bench.stand import HOST, Server, Stand, stand
from coldchain import topics
from coldchain.database import read_sqlite
from coldchain.people import Chain, Duty, NotifyPlan, Person, Role, Step
from coldchain.registry.changes import Asset, Binding, Change, Node, Operator, Point, Probe, Put, Region, Site
from coldchain.seal import ZERO_HASH, body_of, hash_of, seal
from coldchain.senml import Row, encode

ROOMS_A_SITE = 20
SITES_A_REGION = 100
SPREAD_S = 10.0
ON_DELAY_S = 125
GROUP_WAIT_S = 10
SINGLES, MISSED = 120, 20
AWAY_S = 90.0
"""How long the provider is away: the waits between attempts have grown to their longest by then."""
WINDOW_S = 600.0

PLAN = NotifyPlan(
    (
        Chain(
            "all",
            (
                Step(0, (Role.SITE_DUTY, Role.AREA_DUTY), ("sms",)),
                Step(5, (Role.SUPERVISOR,), ("sms",)),
            ),
        ),
    ),
    group_wait_s=GROUP_WAIT_S,
)


class Sites:
    """Sites with a gateway and some rooms each, one chain a gateway."""

    def __init__(self, first: int, count: int, rooms: int) -> None:
        self.numbers = range(first, first + count)
        self.rooms = rooms
        self._heads: dict[int, tuple[int, bytes]] = {}

    def changes(self) -> Iterator[Put]:
        """Yield what registers them, with somebody on duty at each."""
        for number in self.numbers:
            site = f"site-{number}"
            yield Site(site, site, "warehouse", "bench", region=f"region-{number // SITES_A_REGION}")
            yield Node(f"gw-{number}", site, (self._key(number).public_key().public_bytes_raw().hex(),))
            yield Person(f"duty-{number}", site, phone=f"1380000{number:04d}")
            yield Duty(f"duty-{number}", Role.SITE_DUTY, site=site)
            for room in range(self.rooms):
                asset = f"{site}-room-{room}"
                yield Asset(asset, asset, "walk-in-room", site)
                yield Point(f"{asset}.mains", asset, "mains", "mains", 120, unit="")
                yield Probe(self._channel(number, room))
                yield Binding(self._channel(number, room), f"{asset}.mains", 0)

    def batch(self, number: int, at_ms: int, *, on: bool) -> tuple[str, bytes]:
        """Return topic and sealed batch in which all rooms of a site say whether there is power."""
        rows = [Row(self._channel(number, room), at_ms, on) for room in range(self.rooms)]
        seq, prev = self._heads.get(number, (0, ZERO_HASH))
        node = f"gw-{number}"
        body = body_of(node, bytes(8), seq + 1, prev, at_ms, None, encode(rows))
        self._heads[number] = seq + 1, hash_of(body)
        return topics.data(node), seal(body, self._key(number))

    def _channel(self, number: int, room: int) -> str:
        mac = hashlib.sha256(f"{number} {room}".encode()).hexdigest()[:16]
        return f"urn:dev:mac:{mac}:mains"

    def _key(self, number: int) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(f"gw-{number}".encode()).digest())


class Asking(threading.Thread):
    """Asks the API four times a second and notes how long it took, s."""

    def __init__(self, server: Server) -> None:
        super().__init__(daemon=True)
        self._url = f"http://{HOST}:{server.port}/api/v1/"
        self._over = threading.Event()
        self.took_s: list[float] = []

    def run(self) -> None:
        """Ask until stopped."""
        while not self._over.wait(0.25):
            for path in ("alarms?state=open&limit=100", "health"):
                begin_s = time.perf_counter()
                with urllib.request.urlopen(self._url + path, timeout=60) as answer:
                    answer.read()
                self.took_s.append(time.perf_counter() - begin_s)

    def stop(self) -> float:
        """Stop and return the 95th percentile, s."""
        self._over.set()
        self.join(60)
        return statistics.quantiles(self.took_s, n=20)[-1]


def measure(*, short: bool) -> list[Figure]:
    """Return the figures of the storm and of the single alarms."""
    storm = Sites(0, 50 if short else 500, ROOMS_A_SITE)
    singles, missed = Sites(5_000, 20 if short else SINGLES, 1), Sites(6_000, MISSED, 1)
    provider = Provider()
    try:
        with stand() as made:
            regions = {
                f"region-{number // SITES_A_REGION}" for part in (storm, singles, missed) for number in part.numbers
            }
            made.register(_said(_common(regions), storm.changes(), singles.changes(), missed.changes()))
            with made.server(config=_config(made, provider)) as server:
                client = mqtt.Client(CallbackAPIVersion.VERSION2, "bench-sites")
                client.max_inflight_messages_set(200)
                client.connect(HOST, made.port)
                client.loop_start()
                figures = _singles(client, singles, provider)
                figures += _outage(client, missed, provider)
                figures += _storm(client, storm, provider, server, made, short=short)
                client.loop_stop()
                return figures
    finally:
        provider.close()


def _singles(client: mqtt.Client, sites: Sites, provider: Provider) -> list[Figure]:
    """Let one room after another lose power and measure until its person's message is accepted."""
    begun: dict[str, float] = {}
    _tell(client, sites, sites.numbers, int(time.time() * 1000) - ON_DELAY_S * 1000)
    time.sleep(2)
    for number in sites.numbers:
        topic, batch = sites.batch(number, int(time.time() * 1000), on=False)
        begun[f"1380000{number:04d}"] = time.perf_counter()
        client.publish(topic, batch, qos=1)
        time.sleep(0.2)
    until(lambda: set(begun) <= {one.to for one in provider.taken}, 60, "the messages of the single alarms")
    took_s = [
        next(one.at_s for one in provider.taken if one.to == phone) - at_s - GROUP_WAIT_S
        for phone, at_s in begun.items()
    ]
    return [
        at_most("alarm_to_provider_p99_s", float(np.percentile(took_s, 99)), "s", 5.0),
        Figure("alarm_to_provider_p50_s", statistics.median(took_s), "s"),
    ]


def _outage(client: mqtt.Client, sites: Sites, provider: Provider) -> list[Figure]:
    """Let rooms lose power while the provider is away, and measure until the last message is accepted."""
    _tell(client, sites, sites.numbers, int(time.time() * 1000) - ON_DELAY_S * 1000)
    time.sleep(2)
    provider.away = True
    for number in sites.numbers:
        client.publish(*sites.batch(number, int(time.time() * 1000), on=False), qos=1)
    time.sleep(GROUP_WAIT_S + AWAY_S)
    phones = {f"1380000{number:04d}" for number in sites.numbers}
    assert not phones & {one.to for one in provider.taken}
    provider.away, back_s = False, time.perf_counter()
    until(lambda: phones <= {one.to for one in provider.taken}, 300, "the messages that waited")
    return [at_most("told_after_provider_is_back_s", time.perf_counter() - back_s, "s", 30.0)]


def _storm(
    client: mqtt.Client, sites: Sites, provider: Provider, server: Server, made: Stand, *, short: bool
) -> list[Figure]:
    """Let every room lose power within `SPREAD_S`."""
    _tell(client, sites, sites.numbers, int(time.time() * 1000) - ON_DELAY_S * 1000)
    until(lambda: not any(server.lag().values()), 120, "the readings before the storm", every_s=0.5)
    provider.taken.clear()
    asking = Asking(server)
    asking.start()
    begin_s, at_ms = time.perf_counter(), int(time.time() * 1000)
    for place, number in enumerate(sites.numbers):
        topic, batch = sites.batch(number, at_ms, on=False)
        client.publish(topic, batch, qos=1)
        time.sleep(max(0.0, begin_s + place * SPREAD_S / len(sites.numbers) - time.perf_counter()))
    rooms = len(sites.numbers) * sites.rooms
    until(lambda: _alarms(made, sites) >= rooms, 300, "every room's alarm", every_s=1.0)
    recorded_s = time.perf_counter() - begin_s
    until(lambda: len({one.to for one in provider.taken}) > len(sites.numbers), 300, "everybody's message", every_s=0.2)
    everybody_s = time.perf_counter() - begin_s
    p95_s = asking.stop()
    time.sleep(max(0.0, begin_s + (60.0 if short else WINDOW_S) - time.perf_counter()))
    a_person = Counter(one.to for one in provider.taken if one.at_s - begin_s <= WINDOW_S)
    keys = Counter(one.key for one in provider.taken)
    return [
        at_most("storm_first_message_s", provider.taken[0].at_s - begin_s, "s", 15.0),
        Figure("storm_everybody_told_s", everybody_s, "s"),
        at_most("storm_max_messages_per_person_10min", max(a_person.values()), "messages", 5),
        at_most("storm_not_recorded", rooms - min(rooms, _alarms(made, sites)), "alarms", 0),
        Figure("storm_recorded_s", recorded_s, "s"),
        at_most("storm_sent_twice", sum(count - 1 for count in keys.values()), "messages", 0),
        at_most("storm_api_p95_s", p95_s, "s", 1.0),
    ]


def _tell(client: mqtt.Client, sites: Sites, numbers: range, lost_ms: int) -> None:
    """Let rooms say that they had power, and then that it is lost since a while."""
    for at_ms, on in ((lost_ms - 120_000, True), (lost_ms, False)):
        for number in numbers:
            client.publish(*sites.batch(number, at_ms, on=on), qos=1)


def _alarms(made: Stand, sites: Sites) -> int:
    """Return how many alarms of these sites the judge has stored."""
    engine = read_sqlite(made.data / "alarms.db")
    try:
        with engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT site FROM alarm WHERE rule = 'mains-lost'").all()
    finally:
        engine.dispose()
    named = {f"site-{number}" for number in sites.numbers}
    return sum(row[0] in named for row in rows)


def _common(regions: set[str]) -> Iterator[Put]:
    yield Operator("bench", "Bench")
    for region in sorted(regions):
        yield Region(region, region)
        yield Person(f"area-{region}", region, phone=f"1390000{int(region.rpartition('-')[2]):04d}")
        yield Duty(f"area-{region}", Role.AREA_DUTY, region=region)
    yield Person("supervisor", "Supervisor", phone="13700000000")
    yield Duty("supervisor", Role.SUPERVISOR)
    yield PLAN


def _said(*parts: Iterator[Put]) -> Iterator[Change]:
    for part in parts:
        for put in part:
            yield Change(put, "bench", "storm")


def _config(made: Stand, provider: Provider) -> Path:
    path = made.folder / "coldchain.toml"
    body = '{"to":"{phone}","key":"{key}","title":"{var:title}"}'
    path.write_text(
        "[notify.channels.sms]\n"
        f'kind = "http"\nurl = "{provider.url}"\nbody = \'{body}\'\nallowed_hosts = ["127.0.0.1"]\n'
        'templates = {alarm = "1", recovery = "2", digest = "3"}\nvariables = {title = "title"}\nvariable_chars = 60\n'
        '[notify.ways]\nsms = "sms"\n',
        "utf-8",
    )
    return path
