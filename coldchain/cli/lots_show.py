"""Lots as a running server tells them, printed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import typer

from coldchain.cli.query import refusal, warned
from coldchain.cli.report import Api

TITLES = {
    "stays": ("在哪里", "where it was"),
    "parents": ("来自", "came out of"),
    "descendants": ("变成", "became"),
    "consignees": ("收货方", "received by"),
    "holds": ("暂停销售", "holds"),
    "doubts": ("对不上的数量", "what does not add up"),
}


def print_lot(server: str, name: str, language: str) -> None:
    """Print one lot.

    Raises:
        ConfigError: no such lot.
        Unavailable: no server.
    """
    try:
        with Api(server) as api:
            warned(api)
            item = api.get(f"/api/v1/lots/{quote(name, safe='')}")
    except httpx.HTTPError as fault:
        raise refusal(server, fault) from fault
    for line in lines_of(item, language):
        typer.echo(line)


def print_lots(server: str, asset: str, site: str) -> None:
    """Print lots, a line each.

    Raises:
        ConfigError: no such asset or site.
        Unavailable: no server.
    """
    query = {key: value for key, value in (("asset", asset), ("site", site)) if value}
    try:
        with Api(server) as api:
            warned(api)
            items = list(api.all("/api/v1/lots", **query))
    except httpx.HTTPError as fault:
        raise refusal(server, fault) from fault
    if not items:
        typer.echo("no lots")
    for item in items:
        presumed = "  可能涉及 (presumed)" if item["presumed"] else ""
        typer.echo(
            f"{item['id']:24} {item['product']:16} {item['expires'] or '–':25} "
            f"{_much(item['lying'], item['unit']):>12}  {item['place']}{presumed}"
        )


def lines_of(item: dict[str, Any], language: str) -> Iterator[str]:
    """Yield the lines that show a lot."""
    zh = language == "zh"
    unit = item["unit"]
    printed = f"{item['number']}  {item['produced']} – {item['expires']}"
    yield f"{item['id']}  {item['product']}  {item['quantity']:g} {unit}  {printed}"
    sections = {
        "stays": [
            f"{one['from']}  {one['to'] or '…':24}  {one['place']:28} {_much(one['quantity'], unit):>12}"
            + (f"  可能涉及 (presumed): {', '.join(one['presumed_in'])}" if one["presumed_in"] else "")
            for one in item["stays"]
        ],
        "parents": [f"{one['at']}  {one['kind']:16} {one['lot']}  {one['place']}" for one in item["parents"]],
        "descendants": item["descendants"],
        "consignees": [
            f"{one['first_at']}  {one['lot']:20} {one['site_name']} ({one['site']}), {one['operator_name']}, "
            f"{one['phone']}: {_much(one['quantity'], unit)}, {_much(one['lying'], unit)}"
            for one in item["consignees"]
        ],
        "holds": [
            f"{one['at']}  {one['hold']}  {one['who']}: {one['why']}  {one['decision'] or '…'} {one['decided_by']}"
            for one in item["holds"]
        ],
        "doubts": [
            f"{one['at']}  {one['doubt']}  {one['place']} {_much(one['quantity'], unit)}" for one in item["doubts"]
        ],
    }
    for name, lines in sections.items():
        if lines:
            yield f"{TITLES[name][0 if zh else 1]}:"
            yield from (f"  {line}" for line in lines)


def _much(quantity: float | None, unit: str) -> str:
    return "?" if quantity is None else f"{quantity:g} {unit}"
