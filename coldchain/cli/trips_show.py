"""Trips as a running server tells them, printed: a line each, or one with its stops."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx
import typer

from coldchain.cli.alarm_show import value_of
from coldchain.cli.columns import columns
from coldchain.cli.query import refusal, warned
from coldchain.cli.replay_words import SEVERITY_WORDS, rule_word
from coldchain.cli.report import Api
from coldchain.profiles.words import word
from coldchain.registry.forms import HOME
from coldchain.registry.vocabulary import word_of
from coldchain.trips.tables import KINDS, PURPOSES

STATES = {
    "planned": ("计划中", "planned"),
    "at-stop": ("在站", "at a stop"),
    "under-way": ("行驶中", "under way"),
    "waiting": ("等待交接", "waiting to be taken over"),
    "ended": ("已结束", "ended"),
    "cancelled": ("已取消", "cancelled"),
}

_SAID = {
    "zh": {
        "none": "没有运单。", "more": "还有更多:加 --limit,或缩小范围",
        "head": ("运单", "类型", "状态", "车辆", "计划开始", "站", "下一站", "预计到达", "误点可能", "异常"),
        "plan": "计划 {begins} 至 {ends}(北京时间)", "started": "{at} 出发", "over": "{at} 结束",
        "way": "已行驶 {driven} 公里,计划 {planned} 公里", "newest": "数据至 {at}",
        "people": "司机 {driver} {driver_phone},押运 {escort},承运 {carrier},准运证明 {permit},订单 {order}",
        "leg": "{at} 起换车 {vehicle}",
        "stops": ("站", "作业", "计划到达", "最晚", "预计到达", "误点可能", "实际到达", "实际离开", "交接", "网点"),
        "accepted": "已收 {at}", "refused": "拒收 {at}", "by hand": "(人工)", "unjudged": "尚未判定",
        "delays": "异常:", "open": "未结束", "alarms": "详情:coldchain alarms show 报警编号",
        "delay": "{onset} 至 {ended}  {rule}  {severity}  最大 {peak},允许 {limit}  {id}",
    },
    "en": {
        "none": "no trips", "more": "there are more: say --limit, or ask for less",
        "head": ("trip", "kind", "state", "vehicle", "begins", "stops", "next stop", "expected", "late", "wrong"),
        "plan": "planned {begins} to {ends} (China time)", "started": "left {at}", "over": "ended {at}",
        "way": "driven {driven} km of {planned} km planned", "newest": "data up to {at}",
        "people": "driver {driver} {driver_phone}, escort {escort}, carrier {carrier}, permit {permit}, order {order}",
        "leg": "from {at} on with {vehicle}",
        "stops": ("stop", "to", "planned", "latest", "expected", "late", "arrived", "left", "goods", "site"),
        "accepted": "accepted {at}", "refused": "refused {at}", "by hand": " (by hand)", "unjudged": "not judged yet",
        "delays": "what went wrong:", "open": "now", "alarms": "more: coldchain alarms show ALARM",
        "delay": "{onset} to {ended}  {rule}  {severity}  worst {peak}, allowed {limit}  {id}",
    },
}  # fmt: skip

NOTHING = "–"


def print_trips(server: str, limit: int, language: str, **asked: str) -> None:
    """Print trips, a line each.

    Raises:
        ConfigError: what is asked cannot be.
        Unavailable: no server.
    """
    say: Any = _SAID[language]
    try:
        with Api(server) as api:
            warned(api)
            page = api.get("/api/v1/trips", limit=limit, **{key: value for key, value in asked.items() if value})
    except httpx.HTTPError as fault:
        raise refusal(server, fault) from fault
    if not page["items"]:
        typer.echo(say["none"])
        return
    for line in columns([say["head"], *(_row(item, language) for item in page["items"])]):
        typer.echo(line)
    if page["next"] is not None:
        typer.echo(say["more"])


def print_trip(server: str, name: str, language: str) -> None:
    """Print one trip.

    Raises:
        ConfigError: no such trip.
        Unavailable: no server.
    """
    try:
        with Api(server) as api:
            warned(api)
            item = api.get(f"/api/v1/trips/{quote(name, safe='')}")
    except httpx.HTTPError as fault:
        raise refusal(server, fault) from fault
    for line in lines_of(item, language):
        typer.echo(line)


def lines_of(item: dict[str, Any], language: str) -> Iterator[str]:
    """Yield the lines that show a trip as `/api/v1/trips/{trip}` answers it."""
    say: Any = _SAID[language]
    kind, state = word_of(KINDS, item["kind"], language), word(STATES, item["state"], language)
    yield f"{item['id']}  {kind}  {state}  {item['legs'][0]['vehicle_name']}"
    parts = [say["plan"].format(begins=_time(item["begins"]), ends=_time(item["ends"]))]
    parts += [say[name].format(at=_time(item[name])) for name in ("started", "over", "newest") if item[name]]
    yield "  ".join(parts)
    yield say["way"].format(driven=_km(item["driven_m"]), planned=_km(item["planned_m"]))
    people = ("driver", "driver_phone", "escort", "carrier", "permit", "order")
    yield say["people"].format(**{name: item[name] or NOTHING for name in people})
    for leg in item["legs"][1:]:
        yield say["leg"].format(at=_time(leg["from"]), vehicle=leg["vehicle_name"])
    if not item["rules"]:
        yield say["unjudged"]
    yield ""
    stops = [_stop(number, stop, language) for number, stop in enumerate(item["stops"], start=1)]
    yield from columns([say["stops"], *stops])
    if item["alarms"]:
        yield ""
        yield say["delays"]
        yield from (_delay(alarm, language) for alarm in item["alarms"])
        yield say["alarms"]


def _row(item: dict[str, Any], language: str) -> tuple[str, ...]:
    wrong = [rule_word(one["rule"], language) for one in item["troubles"]]
    return (
        item["id"],
        word_of(KINDS, item["kind"], language),
        word(STATES, item["state"], language),
        item["vehicle_name"],
        _time(item["begins"]),
        f"{item['stops_done']}/{item['stops_total']}",
        item["next_site"] or NOTHING,
        _time(item["expected"]),
        _percent(item["chance"]),
        ", ".join(wrong),
    )


def _stop(number: int, stop: dict[str, Any], language: str) -> tuple[str, ...]:
    say: Any = _SAID[language]
    expected = _time(stop["expected"])
    if stop["spread_s"] is not None:
        expected += f" ± {stop['spread_s'] / 60:.0f} min"
    by_hand = {name: say["by hand"] if stop[f"{name}_by"] == "person" else "" for name in ("arrived", "left")}
    goods = [
        say[key].format(at=_time(stop[name]))
        for key, name in (("taken", "accepted"), ("refused", "refused"))
        if stop[name]
    ]
    return (
        str(number),
        word_of(PURPOSES, stop["purpose"], language),
        _time(stop["planned_arrival"] or stop["planned_departure"]),
        _time(stop["due"]),
        expected,
        _percent(stop["chance"]),
        _time(stop["arrived"]) + by_hand["arrived"],
        _time(stop["left"]) + by_hand["left"],
        ", ".join(goods) or NOTHING,
        f"{stop['site_name']} ({stop['site']})",
    )


def _delay(alarm: dict[str, Any], language: str) -> str:
    say: Any = _SAID[language]
    return "  " + str(say["delay"]).format(
        onset=_time(alarm["onset"]),
        ended=say["open"] if alarm["ended"] is None else _time(alarm["ended"]),
        rule=rule_word(alarm["rule"], language),
        severity=word(SEVERITY_WORDS, alarm["top_severity"], language),
        peak=value_of(alarm["peak"], alarm["unit"]),
        limit=value_of(alarm["limit"], alarm["unit"]),
        id=alarm["id"],
    )


def _time(text: str | None) -> str:
    return NOTHING if text is None else datetime.fromisoformat(text).astimezone(HOME).strftime("%m-%d %H:%M")


def _percent(share: float | None) -> str:
    return NOTHING if share is None else f"{share:.0%}"


def _km(metres: float | None) -> str:
    return NOTHING if metres is None else f"{metres / 1000:.1f}"
