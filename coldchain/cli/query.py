"""Ask a running server and print what it says: readings and alarms."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import httpx
import typer

from coldchain.cli.alarm_show import lines_of, value_of
from coldchain.cli.report import Api
from coldchain.errors import ConfigError, Unavailable

DEMO_WARNING = "模拟数据,不得作为记录 (simulated data, not a record)"
CSV_COLUMNS = ("measured_at", "value", "fault", "quality", "position")


def refusal(server: str, fault: httpx.HTTPError) -> Exception:
    if isinstance(fault, httpx.HTTPStatusError):
        try:
            return ConfigError(str(fault.response.json()["detail"]))
        except (ValueError, KeyError):
            return Unavailable(f"{server}: {fault}")
    return Unavailable(f"{server}: no server answers ({fault}); start one with `coldchain up` or name it with --server")


def print_readings(server: str, point: str, from_: str | None, to: str | None, format_: str) -> None:
    """Print a point's readings as CSV or JSON lines.

    Raises:
        ConfigError: no such point, or a time that is none.
        Unavailable: no server.
    """
    if format_ not in ("csv", "json"):
        raise ConfigError(f"--format {format_}: csv or json")
    try:
        with Api(server) as api:
            demo = warned(api)
            items = api.all(f"/api/v1/points/{point}/readings", **_period(from_, to))
            _json_lines(items, demo) if format_ == "json" else _csv(items, demo)
    except httpx.HTTPError as fault:
        raise refusal(server, fault) from fault


def print_activities(server: str, asset: str, from_: str | None, to: str | None) -> None:
    """Print what an asset was doing, a line a stretch of time.

    Raises:
        ConfigError: no such asset, or a time that is none.
        Unavailable: no server.
    """
    try:
        with Api(server) as api:
            warned(api)
            items = list(api.all(f"/api/v1/assets/{quote(asset, safe='')}/activities", **_period(from_, to)))
    except httpx.HTTPError as fault:
        raise refusal(server, fault) from fault
    for item in items:
        source = "found" if not item["said"] else "nothing said or found" if item["activity"] == "in-use" else "said"
        typer.echo(f"{item['from']}  {item['to']}  {item['activity']:16} {source}")


def _period(from_: str | None, to: str | None) -> dict[str, str]:
    return {key: value for key, value in (("from", from_), ("to", to)) if value is not None}


def warned(api: Api) -> bool:
    """Say on stderr that the server's data is simulated, if it is; and return whether."""
    demo = bool(api.get("/api/v1/health")["demo"])
    if demo:
        typer.secho(DEMO_WARNING, fg="yellow", err=True)
    return demo


def _json_lines(items: Iterable[Any], demo: bool) -> None:
    for item in items:
        typer.echo(json.dumps({**item, **({"demo": DEMO_WARNING} if demo else {})}, ensure_ascii=False))


def _csv(items: Iterable[Any], demo: bool) -> None:
    if demo:
        typer.echo(f"# {DEMO_WARNING}")  # in the file itself: it may be passed on without this terminal
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for item in items:
        value = "" if item["value"] is None else item["value"]
        quality = " ".join(item["quality"])
        writer.writerow([item["measured_at"], value, item["fault"] or "", quality, item["position"]])


def print_alarms(server: str, every: bool, format_: str) -> None:
    """Print alarms as a table or JSON.

    Raises:
        Unavailable: no server.
    """
    try:
        with Api(server) as api:
            demo = warned(api)
            found = list(api.all("/api/v1/alarms", state="all" if every else "open"))
    except httpx.HTTPError as fault:
        raise refusal(server, fault) from fault
    if format_ == "json":
        marked = [{**item, **({"demo": DEMO_WARNING} if demo else {})} for item in found]
        typer.echo(json.dumps(marked, ensure_ascii=False, indent=1))
        return
    if not found:
        typer.echo("no alarms" if every else "no open alarms")
    for item in found:
        late = "  late-discovered" if item["late_discovered"] else ""
        typer.echo(
            f"{item['onset']}  {item['point']:32} {item['rule']:12} {value_of(item['limit'], item['unit']):>9}  "
            f"peak {value_of(item['peak'], item['unit']):>9}  {item['duration_s'] // 60:4d} min  {item['state']}{late}"
        )


def print_alarm(server: str, name: str, language: str) -> None:
    """Print one alarm with its evidence and every step.

    Raises:
        ConfigError: no such alarm.
        Unavailable: no server.
    """
    try:
        with Api(server) as api:
            warned(api)
            item = api.get(f"/api/v1/alarms/{quote(name, safe='')}")
    except httpx.HTTPError as fault:
        raise refusal(server, fault) from fault
    for line in lines_of(item, language):
        typer.echo(line)
