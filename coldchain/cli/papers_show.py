"""Papers as a running server tells them, printed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import typer

from coldchain.cli.query import refusal, warned
from coldchain.cli.report import Api
from coldchain.papers.sheet_words import WORDS


def print_papers(server: str, site: str, trip: str, language: str) -> None:
    """Print papers, a line each.

    Raises:
        Unavailable: no server.
    """
    query = {key: value for key, value in (("site", site), ("trip", trip)) if value}
    try:
        with Api(server) as api:
            warned(api)
            items = list(api.all("/api/v1/papers", **query))
    except httpx.HTTPError as fault:
        raise refusal(server, fault) from fault
    if not items:
        typer.echo(_say("none", language))
    for item in items:
        typer.echo(line_of(item, language))


def print_paper(server: str, name: str, language: str) -> None:
    """Print one paper.

    Raises:
        ConfigError: no such paper.
        Unavailable: no server.
    """
    try:
        with Api(server) as api:
            warned(api)
            item = api.get(f"/api/v1/papers/{quote(name, safe='')}")
    except httpx.HTTPError as fault:
        raise refusal(server, fault) from fault
    for line in lines_of(item, language):
        typer.echo(line)


def write_pdf(server: str, name: str, out: Path, copy: str, language: str) -> None:
    """Write one copy of a paper as PDF.

    Raises:
        ConfigError: no such paper or copy.
        Unavailable: no server.
    """
    query = {"lang": language, **({"copy": copy} if copy else {})}
    try:
        with Api(server) as api:
            warned(api)
            content = api.file(f"/api/v1/papers/{quote(name, safe='')}/pdf", **query)
    except httpx.HTTPError as fault:
        raise refusal(server, fault) from fault
    out.write_bytes(content)
    typer.echo(str(out))


def line_of(item: dict[str, Any], language: str) -> str:
    """Return the line of a paper in a list."""
    way = " → ".join(one for one in (item["sender"], item["receiver"]) if one)
    missing = ", ".join(_say(f"role.{role}", language) for role in item["missing"])
    unsigned = f"  {_say('unsigned', language)}: {missing}" if missing else ""
    corrected = "".join(f"  {_say('corrected', language)} {name}" for name in item["replaced_by"])
    kind, state = (_say(item["kind"], language), _say(f"state.{item['state']}", language))
    return f"{item['when']}  {item['id']:26} {kind}  {way}  {state}{unsigned}{corrected}"


def lines_of(item: dict[str, Any], language: str) -> Iterator[str]:
    """Yield the lines that show a paper."""
    yield line_of(item, language)
    yield f"SHA-256 {item['hash']}"
    yield json.dumps(item["content"], ensure_ascii=False, indent=1)
    for one in item["signatures"]:
        void = "" if one["counts"] else f"  {_say('void', language)}"
        yield f"{_say('role.' + one['role'], language)}: {one['name']}  {one['signed_at']}{void}"
    for one in item["beside"]:
        if one["differs"]:
            told = next(one[name] for name in ("at", "celsius", "text") if one[name] is not None)
            yield f"{_say('told', language)}: {one['field']} = {told} ({one['source']})"
    for one in item["placed"]:
        yield f"{one['lot']} → {one['place']}  {one['quantity']:g}  {one['from']}"


_OWN = {"none": ("没有单据", "no papers"), "corrected": ("已由下列单据更正:", "corrected by")}


def _say(word: str, language: str) -> str:
    return (_OWN | dict(WORDS))[word][language == "en"]
