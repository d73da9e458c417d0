"""Guided changes from the command line: what will follow is read first, then written whole."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import typer

from coldchain.cli.report import Api
from coldchain.clock import Clock, parse_rfc3339
from coldchain.errors import ConfigError, Unavailable
from coldchain.ledger.port import Ledger
from coldchain.registry import Registry, registry_at
from coldchain.registry.actions import Plan
from coldchain.registry.words import sentence

MINUTE_MS = 60_000
HEARD_MS = 10 * MINUTE_MS
"""A gateway's word on what it still holds counts this long; it says so every 5 s while it is connected."""


def moment(text: str | None, now_ms: int) -> int:
    """Return a measured time: as given, or the minute that has just begun (a swap begins and ends at one minute)."""
    if text is None or text == "now":
        return now_ms // MINUTE_MS * MINUTE_MS
    try:
        return parse_rfc3339(text)
    except ValueError as fault:
        raise ConfigError(f"{text!r} is no time: {fault}; write 2026-11-23T10:00:00+08:00, or now") from fault


def carry_out(
    ledger: Ledger,
    clock: Clock,
    make: Callable[[Registry], Plan],
    *,
    who: str,
    why: str,
    yes: bool,
    dry_run: bool,
    language: str,
) -> bool:
    """Show what an action would do, ask, and write it; return whether it was written."""
    plan = make(registry_at(ledger, ledger.end()))
    changes = plan.changes(who, why)
    for change in changes:
        typer.echo(f"  {change.encode().decode()}")
    for said in plan.says:
        typer.echo(f"• {sentence(said, language)}")
    if dry_run:
        typer.echo(f"{len(changes)} changes would be written")
        return False
    if not (yes or typer.confirm("写入?" if language == "zh" else "Write this?")):
        typer.echo("nothing was written")
        return False
    ledger.change([change.encode() for change in changes], clock.now_ms())
    typer.echo(f"{len(changes)} changes written")
    return True


def backlog_of(server: str) -> Callable[[str], int | None]:
    """Return a question to a running server: what does a gateway still hold?"""

    def ask(node: str) -> int | None:
        try:
            known = next((item for item in _asked(server, "/api/v1/gateways") if item["node"] == node), None)
        except Unavailable:
            return None
        if known is None or time.time() * 1000 - known["heard_at_ms"] > HEARD_MS:
            return None
        return int(known["behind_batches"]) + (1 if known["behind_readings"] else 0)

    return ask


def open_alarms_by_site(server: str) -> Counter[str]:
    """Return how many alarms are open at each site, from a running server.

    Raises:
        Unavailable: no server answers; a site is not closed on a guess.
    """
    return Counter(alarm["site"] for alarm in _asked(server, "/api/v1/alarms", state="open"))


def inbox_of(server: str) -> list[dict[str, Any]]:
    """Return the inbox of a running server.

    Raises:
        Unavailable: no server answers.
    """
    try:
        with Api(server) as api:
            return list(api.get("/api/v1/inbox")["items"])
    except httpx.HTTPError as fault:
        raise _away(server, fault) from fault


def _asked(server: str, path: str, **query: object) -> list[dict[str, Any]]:
    try:
        with Api(server) as api:
            return list(api.all(path, **query))
    except httpx.HTTPError as fault:
        raise _away(server, fault) from fault


def _away(server: str, fault: httpx.HTTPError) -> Unavailable:
    return Unavailable(f"{server}: no server answers ({fault}); start one with `coldchain up` or name it with --server")


def listed(items: list[dict[str, Any]]) -> None:
    """Print the inbox as a table."""
    if not items:
        typer.echo("no unclaimed sensors")
        return
    typer.echo(f"{'channel':58} {'gateway':16} {'last value':>12} {'measured at':25} {'signal':>7} {'kept':>8}")
    for item in items:
        value = item["fault"] or ("–" if item["value"] is None else f"{item['value']} {item['unit']}".strip())
        signal = "–" if item["signal_dbm"] is None else f"{item['signal_dbm']:.0f} dBm"
        at = item["measured_at"] or "–"
        typer.echo(f"{item['channel']:58} {item['node']:16} {value:>12} {at:25} {signal:>7} {item['kept']:>8}")
