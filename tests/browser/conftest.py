"""A real server with a filled ledger, and Chromium that reports every error and every request to another host."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, Request, async_playwright

from coldchain.cli.broker import free_port
from coldchain.cli.server import DEMO_MARK, Server, running
from coldchain.ledger.port import Ledger
from coldchain.ledger.sql import SqlLedger
from coldchain.registry import Asset, Binding, LimitRule, Node, Operator, Point, Probe, Put, Site
from coldchain.senml import Row
from coldchain.settings import BrokerSettings, Settings, WebSettings
from dashboards.app import STATIC
from tests.support import SealingNode, put

CHROMIUM = "/usr/bin/chromium"
QUIET = ("--no-sandbox", "--disable-quic", "--disable-background-networking", "--disable-component-update")

EVIL = "<img src=x onerror=alert(1)>"
ARABIC = "متجر الألبان"

SITES = {"shop": "上海·测试店", "evil": EVIL, "arabic": ARABIC}
ASSETS = {
    "cooler-1": ("冷藏柜 1", "glass-door-cooler", "shop"),
    "cooler-2": ("冷藏柜 2", "open-multideck", "shop"),
    "cooler-3": ("冷藏柜 3", "island", "shop"),
    "freezer": ("冰淇淋库", "freezer-room", "evil"),
    "silo": (ARABIC, "plant-silo", "arabic"),
}
"""Id → name, kind, site."""

SILENT = "cooler-3"
SILENT_MIN = 20
"""Said its last so long ago."""

DESKTOP, PHONE = (1440, 900), (390, 844)

INTERVAL_S = 180
"""Long enough that nothing grows stale while the tests look, also on a slow machine."""

ON_DELAY_S = 600
HISTORY_MIN = 60


@dataclass
class World:
    """A data folder with three sites, each with a gateway whose readings go straight into the ledger."""

    settings: Settings
    nodes: dict[str, SealingNode] = field(default_factory=lambda: {site: SealingNode(f"gw-{site}") for site in SITES})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.web.port}"

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[Server]:
        """Run the server while inside."""
        async with running(self.settings, demo=True) as server:
            yield server

    def say(self, ledger: Ledger, *rows: tuple[str, float, float | bool | str]) -> None:
        """Append readings of one site: channel, how many seconds ago, value."""
        now_ms = int(time.time() * 1000)
        measured = [
            Row(channel, now_ms - int(ago_s * 1000), value, unit="Cel" if isinstance(value, float) else "")
            for channel, ago_s, value in rows
        ]
        site = ASSETS[rows[0][0].removesuffix("-door")][2]
        self.nodes[site].append(ledger, measured, received_at_ms=now_ms)


def _fleet(nodes: dict[str, SealingNode]) -> list[Put]:
    puts: list[Put] = [Operator("dairy", "Dairy")]
    puts += [Site(id, name, "shop", "dairy") for id, name in SITES.items()]
    puts += [Node(node.node, site, (node.public_key.hex(),)) for site, node in nodes.items()]
    puts += [Asset(id, name, kind, site) for id, (name, kind, site) in ASSETS.items()]
    for asset in ASSETS:
        high, low = (-15.0, None) if asset == "freezer" else (8.0, 0.0)
        puts += [
            Point(f"{asset}.air", asset, "return-air", "temperature", INTERVAL_S),
            Probe(asset),
            Binding(asset, f"{asset}.air", 0),
            LimitRule(f"{asset}.air", 0, high, low, ON_DELAY_S, 0.5, 300),
        ]
    puts += [
        Point("cooler-1.door", "cooler-1", "door", "door", INTERVAL_S, unit=""),
        Probe("cooler-1-door"),
        Binding("cooler-1-door", "cooler-1.door", 0),
    ]
    return puts


def make_world(folder: Path) -> World:
    """Fill a ledger with an hour of calm readings and a fault of cooler-2 in the middle; no server yet."""
    assert (STATIC / "index.html").exists(), "the page is not built: python hatch_build.py"
    data = folder / "data"
    data.mkdir()
    (data / DEMO_MARK).touch()
    # Nothing listens at the broker's port unless a test starts one there.
    broker = BrokerSettings(port=free_port(0))
    made = World(Settings(data=data, web=WebSettings(port=free_port(0)), broker=broker))
    ledger = SqlLedger.open(data / "ledger.db")
    put(ledger, *_fleet(made.nodes), at_ms=int(time.time() * 1000) - 86_400_000)
    levels: dict[str, Callable[[int], float | str]] = {
        "cooler-1": lambda minute: 4.0 + minute % 3 / 10,
        "cooler-2": lambda minute: "no-probe" if 20 < minute < 30 else 5.0,
        SILENT: lambda _minute: 4.4,
        "freezer": lambda _minute: -20.4,
        "silo": lambda _minute: 3.1,
    }
    for name, level in levels.items():
        until = SILENT_MIN if name == SILENT else 0
        made.say(ledger, *[(name, minute * 60 + 5.0, level(minute)) for minute in range(HISTORY_MIN, until - 1, -1)])
    made.say(ledger, ("cooler-1-door", 5.0, False))
    ledger.close()
    return made


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world of one's own; no server yet."""
    return make_world(tmp_path)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def wall(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A world with its server that tests share which only look."""
    made = make_world(tmp_path_factory.mktemp("wall"))
    async with made.serving():
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Chromium; each visit is a reader of its own."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        await chromium.close()


@dataclass
class Watch:
    """What a page did that it must not.

    Attributes:
        line_may_fail: the server is stopped on purpose; the browser itself reports the refused connections.
    """

    origin: str
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    line_may_fail: bool = False

    def follow(self, page: Page) -> None:
        """Listen to a page before it goes anywhere."""
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", lambda dialog: self.errors.append(f"a dialog: {dialog.message}"))
        page.on("request", self._asked)
        page.on("websocket", lambda socket: self._at(socket.url))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        if self.line_may_fail and any(
            word in message.text for word in ("WebSocket", "ERR_CONNECTION", "ERR_EMPTY", "ERR_INTERNET")
        ):
            return
        self.errors.append(message.text)

    def _asked(self, request: Request) -> None:
        self._at(request.url)

    def _at(self, url: str) -> None:
        if url.split("://", 1)[-1].split("/", 1)[0] != self.origin:
            self.foreign.append(url)


async def trip_is_known(world: World, page: Page, trip: str) -> None:
    """Wait until the judge has a trip: its page is not asked for before."""
    for _ in range(150):
        answer = await page.request.get(f"{world.url}/api/v1/trips/{trip}")
        if answer.ok:
            return
        await page.wait_for_timeout(100)
    raise AssertionError(f"the server does not know trip {trip}")


Visit = Callable[..., AbstractAsyncContextManager[tuple[Page, Watch]]]


@pytest.fixture
def visit(browser: Browser) -> Visit:
    """Open a world's page for one reader; when it closes, nothing may have gone wrong in it."""

    @contextlib.asynccontextmanager
    async def opened(
        world: World, path: str = "/", *, language: str = "en", size: tuple[int, int] = DESKTOP
    ) -> AsyncIterator[tuple[Page, Watch]]:
        watch = Watch(world.url.removeprefix("http://"))
        locale = "zh-CN" if language == "zh" else "en-GB"
        context = await browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale=locale, timezone_id="Europe/Berlin"
        )
        context.set_default_timeout(20_000)
        page = await context.new_page()
        watch.follow(page)
        try:
            await page.goto(f"{world.url}/#{path}")
            yield page, watch
        finally:
            await context.close()
        assert watch.errors == []
        assert watch.foreign == []

    return opened
