"""A lot's trace from a running server, printed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import typer

from coldchain.cli.query import refusal, warned
from coldchain.cli.report import Api

TITLES = {
    "lots": ("批次(由近及远)", "lots, itself and what it came out of"),
    "assets": ("设备", "assets"),
    "trips": ("车次", "trips"),
    "hand_overs": ("交接", "hand-overs"),
}


def print_trace(server: str, name: str, language: str) -> None:
    """Print every asset, trip and hand-over of a lot.

    Raises:
        ConfigError: no such lot.
        Unavailable: no server.
    """
    try:
        with Api(server) as api:
            warned(api)
            item = api.get(f"/api/v1/lots/{quote(name, safe='')}/trace")
    except httpx.HTTPError as fault:
        raise refusal(server, fault) from fault
    for line in trace_lines(item, language):
        typer.echo(line)


def trace_lines(item: dict[str, Any], language: str) -> Iterator[str]:
    """Yield the lines that show a trace."""
    word = 0 if language == "zh" else 1
    sections = {
        "lots": [f"{one['lot']}  {one['product']}  … {one['until']}" for one in item["lots"]],
        "assets": [
            f"{one['from']}  {one['to']}  {one['asset']} ({one['site']})  {one['lot']}"
            + (("  推定", "  presumed")[word] if one["presumed"] else "")
            for one in item["assets"]
        ],
        "trips": [
            f"{one['loaded']}  {one['unloaded'] or '…'}  {one['trip']}  {' → '.join(one['vehicles']) or '?'}"
            f"  {one['lot']}"
            for one in item["trips"]
        ],
        "hand_overs": [
            f"{one['at']}  {one['from_site_name'] or '?'} → {one['to_site_name']}  "
            f"{_much(one['quantity'], item['unit'])}  {one['how']} {one['trip']} {one['paper']}  {one['lot']}"
            for one in item["hand_overs"]
        ],
    }
    for name, lines in sections.items():
        yield f"{TITLES[name][word]}: {len(lines)}"
        yield from (f"  {line}" for line in lines)


def _much(quantity: float | None, unit: str) -> str:
    return "?" if quantity is None else f"{quantity:g} {unit}"
