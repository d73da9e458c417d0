"""KPIs as a running server tells them, printed as tables or as its CSV."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import typer

from coldchain.cli.columns import columns
from coldchain.cli.query import refusal, warned
from coldchain.cli.replay_words import rule_word
from coldchain.cli.report import Api
from coldchain.errors import ConfigError

_SAID = {
    "zh": {
        "title": "{begin} 至 {end}", "all": "全部", "nobody": "(未说明)", "sites": "{sites} 个网点",
        "head": ("指标", "比率", "分子", "分母", "不计入", "单位", "中位", "90 分位"),
        "top": "报警最多的来源", "source": ("网点", "设备", "规则", "报警", "占比"),
    },
    "en": {
        "title": "{begin} to {end}", "all": "all", "nobody": "(nobody said)", "sites": "{sites} sites",
        "head": ("KPI", "rate", "numerator", "denominator", "left out", "unit", "p50", "p90"),
        "top": "what most alarms came from", "source": ("site", "asset", "rule", "alarms", "share"),
    },
}  # fmt: skip

NOTHING = "–"
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])\Z")


def print_kpis(server: str, month: str, language: str, *, as_csv: bool, **asked: str) -> None:
    """Print the KPIs of a month.

    Raises:
        ConfigError: no such month, site or region.
        Unavailable: no server.
    """
    wanted = {key: value for key, value in (asked | days_of(month)).items() if value}
    try:
        with Api(server) as api:
            if as_csv:
                table = api.file("/api/v1/kpis.csv", language=language, **wanted)
                typer.echo(table.decode("utf-8-sig"), nl=False)
                return
            warned(api)
            for line in lines_of(api.get("/api/v1/kpis", **wanted), language):
                typer.echo(line)
    except httpx.HTTPError as fault:
        raise refusal(server, fault) from fault


def days_of(month: str) -> dict[str, str]:
    """Return the first and the last day of a month; nothing for none, which is this one so far.

    Raises:
        ConfigError: it is no month.

    >>> days_of("2028-02")
    {'from': '2028-02-01', 'to': '2028-02-29'}
    """
    if not month:
        return {}
    found = _MONTH.match(month)
    if found is None:
        raise ConfigError(f"--month {month}: write 2026-11")
    last = calendar.monthrange(int(found[1]), int(found[2]))[1]
    return {"from": f"{month}-01", "to": f"{month}-{last}"}


def lines_of(answer: dict[str, Any], language: str) -> Iterator[str]:
    """Yield the lines of `/api/v1/kpis`."""
    say: Any = _SAID[language]
    known = {one["key"]: one for one in answer["definitions"]}
    yield say["title"].format(begin=answer["from"], end=answer["to"])
    for item in answer["items"]:
        name = item["name"] or (say["all"] if answer["by"] == "all" else say["nobody"])
        yield f"{name}, {say['sites'].format(sites=item['sites'])}"
        rows = [say["head"], *(_row(kpi, known[kpi["key"]], language) for kpi in item["kpis"])]
        yield from (f"  {line}" for line in columns(rows))
    if answer["top_sources"]:
        yield say["top"]
        rows = [say["source"], *(_source(one, language) for one in answer["top_sources"])]
        yield from (f"  {line}" for line in columns(rows))


def _row(kpi: dict[str, Any], definition: dict[str, Any], language: str) -> Sequence[str]:
    numbers = (f"{kpi[name]:g}" for name in ("numerator", "denominator", "left_out"))
    rate = kpi["rate"]
    same = "/" not in definition["unit"]
    said = NOTHING if rate is None else f"{rate:.1%}" if same else f"{rate:.2f}"
    waits = (_wait(kpi[name]) for name in ("p50_s", "p90_s"))
    return definition[f"name_{language}"], said, *numbers, definition["unit"], *waits


def _wait(seconds: float | None) -> str:
    return NOTHING if seconds is None else f"{seconds / 60:.1f} min"


def _source(one: dict[str, Any], language: str) -> Sequence[str]:
    names = (one["site_name"], one["asset_name"] or NOTHING, rule_word(one["rule"], language))
    return *names, str(one["alarms"]), f"{one['share']:.1%}"
