"""A month of trips as a running server tells it, printed as tables or as CSV."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import typer

from coldchain.cli.columns import columns
from coldchain.cli.query import DEMO_WARNING, refusal, warned
from coldchain.cli.replay_words import rule_word
from coldchain.cli.report import Api
from coldchain.registry.reading_csv import protected

_SAID = {
    "zh": {
        "carriers": "承运商月报 {month}",
        "carrier": (
            *("承运商", "运单", "结束", "取消", "准时", "误点", "未知", "准时率"),
            *("温度异常", "拒收", "公里", "异常原因"),
        ),
        "delay": "{rule} {count} 次 {hours:.1f} 小时", "milk": "生鲜乳月报 {month}",
        "watched": "全时段监控率 {share}:{known:.1f} / {all:.1f} 小时;{unsaid} 批未说明挤奶时间,自装奶起算",
        "way": ("", "网点", "批次", "吨", "无重量", "公里(按吨加权)", "小时(按吨加权)"),
        "station": "奶站", "plant": "工厂", "trend": "各月", "longest": "用时最长",
        "load": ("运单", "奶站", "工厂", "吨", "公里", "小时"), "none": "没有运单。",
    },
    "en": {
        "carriers": "carriers in {month}",
        "carrier": (
            *("carrier", "trips", "ended", "cancelled", "in time", "late", "unknown", "in time %"),
            *("temperature", "refused", "km", "what went wrong"),
        ),
        "delay": "{rule} {count}× {hours:.1f} h", "milk": "raw milk in {month}",
        "watched": "watched {share} of the time from milking to unloading: {known:.1f} of {all:.1f} h; {unsaid} loads "
                   "count from loading on: nobody said when the milking was",
        "way": ("", "site", "loads", "t", "without weight", "km (by tonnes)", "h (by tonnes)"),
        "station": "station", "plant": "plant", "trend": "month", "longest": "longest on the way",
        "load": ("trip", "station", "plant", "t", "km", "h"), "none": "no trips",
    },
}  # fmt: skip

NOTHING = "–"


def print_month(server: str, month: str, language: str, *, carriers: bool, milk: bool, as_csv: bool) -> None:
    """Print a month.

    Raises:
        ConfigError: no such month.
        Unavailable: no server.
    """
    say: Any = _SAID[language]
    parts: list[tuple[str, list[Sequence[str]]]] = []
    try:
        with Api(server) as api:
            demo = warned(api)
            if carriers:
                sheet = api.get(f"/api/v1/trip-months/{month}/carriers")
                parts.append((say["carriers"].format(month=month), list(carrier_table(sheet, language))))
            if milk:
                parts += milk_tables(api.get(f"/api/v1/trip-months/{month}/milk"), language)
    except httpx.HTTPError as fault:
        raise refusal(server, fault) from fault
    if as_csv:
        writer = csv.writer(sys.stdout)
        if demo:
            writer.writerow([f"# {DEMO_WARNING}"])
        writer.writerows([protected(cell) for cell in row] for row in parts[0][1])
        return
    for title, rows in parts:
        typer.echo(title)
        for line in columns(rows) if len(rows) > 1 else [say["none"]] if rows else []:
            typer.echo(f"  {line}")


def carrier_table(sheet: dict[str, Any], language: str) -> Iterator[Sequence[str]]:
    """Yield the rows of `/api/v1/trip-months/{month}/carriers`, headings first."""
    say: Any = _SAID[language]
    yield say["carrier"]
    for one in sheet["items"]:
        delays = [
            say["delay"].format(rule=rule_word(each["rule"], language), count=each["count"], hours=each["hours"])
            for each in one["delays"]
        ]
        yield (
            one["carrier_name"] or NOTHING,
            *(str(one[name]) for name in ("trips", "ended", "cancelled", "in_time", "late", "unknown")),
            _percent(one["in_time_share"]),
            *(str(one[name]) for name in ("breaches", "refused", "driven_km")),
            "; ".join(delays),
        )


def milk_tables(sheet: dict[str, Any], language: str) -> list[tuple[str, list[Sequence[str]]]]:
    """Return (title, rows) of each table of `/api/v1/trip-months/{month}/milk`."""
    say: Any = _SAID[language]
    watched = say["watched"].format(
        share=_percent(sheet["monitored_share"]),
        known=sheet["monitored_h"],
        all=sheet["custody_h"],
        unsaid=sheet["unsaid_milkings"],
    )
    ways: list[Sequence[str]] = [say["way"]]
    for name, items in (("station", sheet["by_station"]), ("plant", sheet["by_plant"])):
        ways += [(say[name], one["site_name"], *_numbers(one)) for one in items]
    ways += [(say["trend"], one["month"], *_numbers(one)) for one in sheet["trend"]]
    loads = [
        (
            one["trip"],
            one["station_name"],
            one["plant_name"],
            *(_number(one[name]) for name in ("tonnes", "km", "hours")),
        )
        for one in sheet["longest"]
    ]
    return [
        (say["milk"].format(month=sheet["month"]), ways),
        (watched, []),
        (say["longest"], [say["load"], *loads]),
    ]


def _numbers(one: dict[str, Any]) -> tuple[str, ...]:
    return (str(one["loads"]), *(_number(one.get(name)) for name in ("tonnes", "unweighed", "km", "hours")))


def _number(value: float | None) -> str:
    return NOTHING if value is None else f"{value:g}"


def _percent(share: float | None) -> str:
    return NOTHING if share is None else f"{share:.1%}"
