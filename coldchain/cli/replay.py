"""`coldchain alerts replay`: judge history again with other limits, beside a server, and write nothing."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import Progress

from alerts.recorded import Record, differences, read_record
from alerts.spanhistory import SpanHistory
from alerts.whatif import Rules, Span, course_of, judged_points, samples_of, with_limit, with_profiles
from alerts.whatif_compare import Comparison
from coldchain.cli.replay_show import Found, show, show_json
from coldchain.cli.replay_words import SAID
from coldchain.cli.server import DEMO_MARK
from coldchain.clock import Clock, parse_rfc3339
from coldchain.database import read_sqlite
from coldchain.errors import ConfigError
from coldchain.ledger.sql import SqlLedger
from coldchain.profiles import Catalogue, Content, Product, read_file
from coldchain.profiles.difference import compare
from coldchain.registry import Registry, registry_at
from coldchain.registry.intervals import FOREVER_MS

DEFAULT_DAYS = 30
LISTED = 20
"""Differences of each kind that are listed without --all."""

LIMIT = re.compile(r"(?P<point>.+)=(?P<high>-?\d+(?:\.\d+)?)(?:,(?P<low>-?\d+(?:\.\d+)?))?\Z")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person typed."""

    from_: str | None
    to: str | None
    profile: Path | None
    limits: tuple[str, ...]
    site: str
    asset: str
    kind: str


def replay_history(
    data: Path, clock: Clock, asked: Asked, language: str, format_: str, *, everything: bool
) -> bool:  # fmt: skip
    """Judge again and print the difference; return False where a check of the record found one.

    Raises:
        ConfigError: every fault of the profile file and of what was typed, before anything is judged.
    """
    say = SAID[language]
    if format_ not in ("table", "json"):
        raise ConfigError(say["format"].format(text=format_))
    wanted = _profiles(asked.profile, language, say)
    checking = wanted is None and not asked.limits
    for file in ("ledger.db", *(("alarms.db",) if checking else ())):
        if not (data / file).exists():
            raise ConfigError(say["no ledger"].format(folder=data, file=file))
    with ExitStack() as opened:
        ledger = opened.enter_context(closing(SqlLedger.read_only(data / "ledger.db")))
        registry = registry_at(ledger, ledger.end())
        span = _span(asked, registry, clock, say)
        record = None
        if checking:
            engine = read_sqlite(data / "alarms.db")
            opened.callback(engine.dispose)
            record = read_record(engine, span)
            registry = registry_at(ledger, record.position)
        chosen = _chosen(registry, asked, span, say)
        then = _then(registry, wanted, asked, span, say)
        found = Found(
            Comparison(span, None if everything or format_ == "json" else LISTED),
            assets=len(chosen),
            points=sum(map(len, chosen.values())),
            zone=_zone(registry, asked),
            changed=_changed(registry, wanted, asked, clock),
            by_hand=sum(
                registry.rule_at(point, span.to_ms) is not None for points in chosen.values() for point in points
            ),
            demo=(data / DEMO_MARK).exists(),
        )
        _judge(ledger, registry, then, chosen, found, record, opened)
    (show_json if format_ == "json" else show)(found, language)
    return not (checking and found.comparison.found)


def _judge(
    ledger: SqlLedger,
    registry: Registry,
    then: Registry | None,
    chosen: dict[str, list[str]],
    found: Found,
    record: Record | None,
    opened: ExitStack,
) -> None:
    comparison, span = found.comparison, found.comparison.span
    reading = Span(span.from_ms, span.to_ms if record is None else FOREVER_MS)
    points = [point for mine in chosen.values() for point in mine]
    with _progress() as bar:
        read = bar.add_task("read", total=None)
        history = SpanHistory(
            *(ledger, registry, points, reading.warm_ms, reading.to_ms),
            progress=lambda done, total: bar.update(read, completed=done, total=total),
        )
        opened.callback(history.close)
        found.readings = history.readings
        judged = bar.add_task("judge", total=len(chosen))
        rules = Rules(registry, points)
        others = None if then is None else Rules(then, points)
        for asset, mine in chosen.items():
            bar.advance(judged)
            if record is not None:
                waiting = [point for point in mine if registry.point_numbers[point] in record.waiting]
                found.waiting += len(waiting)
                mine = [point for point in mine if point not in waiting]
            samples = samples_of(history, registry, mine, reading)
            now = course_of(rules, samples, reading)
            if record is not None:
                stored = [one for point in mine for one in record.episodes.get(point, [])]
                found.checked += sum(span.from_ms <= one.onset_ms for one in stored)
                for change in differences(asset, stored, now, span):
                    comparison.note(change)
            elif others is not None:
                comparison.add(asset, registry.kind_of(asset), now, course_of(others, samples, reading))
    found.check = record is not None


@contextmanager
def _progress() -> Iterator[Progress]:
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bar:
        yield bar


# -- what was typed -------------------------------------------------------------------------------------------


def _profiles(file: Path | None, language: str, say: dict[str, str]) -> Catalogue | None:
    if file is None:
        return None
    try:
        return read_file(file, language)
    except ConfigError as fault:
        raise ConfigError([*fault.faults, say["faults"].format(n=len(fault.faults))]) from fault


def _span(asked: Asked, registry: Registry, clock: Clock, say: dict[str, str]) -> Span:
    zone, faults, times = _zone(registry, asked), list[str](), dict[str, int]()
    for option, text in (("--from", asked.from_), ("--to", asked.to)):
        try:
            if text is not None:
                times[option] = _moment(text, zone)
        except ValueError:
            faults.append(say["time"].format(option=option, text=text))
    if faults:
        raise ConfigError(faults)
    to_ms = times.get("--to", clock.now_ms())
    from_ms = times.get("--from", to_ms - round(timedelta(days=DEFAULT_DAYS).total_seconds()) * 1000)
    if from_ms >= to_ms:
        raise ConfigError(say["order"].format(begin=asked.from_, end=asked.to or "now"))
    return Span(from_ms, to_ms)


def _moment(text: str, zone: ZoneInfo) -> int:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return parse_rfc3339(text)
    return round(datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC).timestamp()) * 1000


def _zone(registry: Registry, asked: Asked) -> ZoneInfo:
    """Return what a day means: at the sites if all have one zone, else UTC."""
    sites = [site for site in registry.sites.values() if asked.site in ("", site.id)]
    zones = {site.timezone for site in sites}
    return ZoneInfo(zones.pop() if len(zones) == 1 else "UTC")


def _chosen(registry: Registry, asked: Asked, span: Span, say: dict[str, str]) -> dict[str, list[str]]:
    """Return asset → its judged points, of what was chosen."""
    named = (
        ("--site", asked.site, registry.sites),
        ("--asset", asked.asset, registry.assets),
        ("--kind", asked.kind, {one.kind: one for one in registry.assets.values()}),
    )
    faults = [
        say["unknown"].format(option=option, text=text) for option, text, known in named if text and text not in known
    ]
    if faults:
        raise ConfigError(faults)
    chosen = {
        asset.id: judged_points(registry, asset.id)
        for asset in registry.assets.values()
        if asked.asset in ("", asset.id) and asked.kind in ("", asset.kind)
        if not asked.site or _stood(registry, asset.id, asked.site, span)
    }
    chosen = {asset: points for asset, points in chosen.items() if points}
    if not chosen:
        raise ConfigError(say["empty"])
    return chosen


def _stood(registry: Registry, asset: str, site: str, span: Span) -> bool:
    stays = registry.stays_of(asset)
    return any(where == site and start < span.to_ms and end > span.from_ms for where, start, end in stays)


def _then(
    registry: Registry, wanted: Catalogue | None, asked: Asked, span: Span, say: dict[str, str]
) -> Registry | None:
    if wanted is None and not asked.limits:
        return None
    then = registry if wanted is None else with_profiles(registry, wanted.contents, span.warm_ms)
    faults = []
    for text in asked.limits:
        found = LIMIT.match(text)
        if found is None or found["point"] not in registry.points:
            faults.append(say["limit"].format(text=text, example=next(iter(registry.points), "POINT")))
            continue
        low = None if found["low"] is None else float(found["low"])
        then = with_limit(then, found["point"], float(found["high"]), low, span.warm_ms)
    if faults:
        raise ConfigError(faults)
    return then


def _changed(
    registry: Registry, wanted: Catalogue | None, asked: Asked, clock: Clock
) -> list[tuple[str, str, str, str, str]]:
    """Return file, id, key, before, after of everything that the file says otherwise than what is in force now."""
    if wanted is None or asked.profile is None:
        return []

    def held(content: Content) -> Content | None:
        look = registry.product_at if isinstance(content, Product) else registry.kind_rules_at
        return look(content.id, clock.now_ms())

    return [
        (asked.profile.name, one.after.id, key, before or "–", after or "–")
        for one in compare(wanted, held)
        for key, before, after in one.lines
        if not key.endswith(("(source)", "(status)"))
    ] or [(asked.profile.name, "", "", "", "")]
