"""Recalls as a running server tells them, printed."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import httpx
import typer

from coldchain.cli.query import refusal, warned
from coldchain.cli.report import TIMEOUT_S, Api


def print_recalls(server: str) -> None:
    """Print every recall and drill, a line each.

    Raises:
        Unavailable: no server.
    """
    try:
        with Api(server) as api:
            warned(api)
            items = api.get("/api/v1/recalls")["items"]
    except httpx.HTTPError as fault:
        raise refusal(server, fault) from fault
    if not items:
        typer.echo("no recalls")
    for item in items:
        typer.echo(
            f"{item['id']:24} {item['level']}  {item['decided']}  {item['ended'] or '…':24}  "
            f"{len(item['lots'])} lots  {item['stamp']}"
        )


def print_forms(server: str, name: str, fields: Sequence[str], language: str) -> None:
    """Print some forms of a recall, a line between them.

    Raises:
        ConfigError: no such recall.
        Unavailable: no server.
    """
    try:
        with Api(server) as api:
            forms = api.get(f"/api/v1/recalls/{quote(name, safe='')}/forms", language=language)
    except httpx.HTTPError as fault:
        raise refusal(server, fault) from fault
    typer.echo("\n\n".join(forms[field] for field in fields))


def print_csv(server: str, name: str, language: str) -> None:
    """Print a row a site.

    Raises:
        ConfigError: no such recall.
        Unavailable: no server.
    """
    try:
        with httpx.Client(base_url=server, timeout=TIMEOUT_S) as client:
            answer = client.get(f"/api/v1/recalls/{quote(name, safe='')}/sites.csv", params={"language": language})
            answer.raise_for_status()
    except httpx.HTTPError as fault:
        raise refusal(server, fault) from fault
    typer.echo(answer.content.decode("utf-8-sig"), nl=False)
