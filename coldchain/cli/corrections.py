"""Corrective action, leads and risk reports as a running server tells and takes them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import typer

from coldchain.cli.query import refusal, warned
from coldchain.cli.report import TIMEOUT_S, Api
from coldchain.clock import SystemClock, parse_rfc3339
from coldchain.corrective.entries import CAUSES, DISPOSITIONS, ENDS, SOURCES
from coldchain.corrective.grading import GRADE_WORDS
from coldchain.corrective.verdicts import FIELDS
from coldchain.errors import ConfigError

STATE_WORDS = {
    "open": ("待整改", "open"),
    "to-verify": ("待复核", "to verify"),
    "closed": ("已关闭", "closed"),
    "void": ("报警已撤销", "alarm withdrawn"),
    "correcting": ("整改中", "being corrected"),
}
WORDS: dict[str, dict[str, tuple[str, str]]] = {
    "cause": CAUSES,
    "disposition": DISPOSITIONS,
    "ends": ENDS,
    "source": SOURCES,
    "grade": {str(grade): words for grade, words in GRADE_WORDS.items()},
    "state": STATE_WORDS,
}


def print_corrections(server: str, state: str, site: str, grade: str, language: str) -> None:
    """Print corrective actions, a line each, the oldest first.

    Raises:
        ConfigError: a state or grade that is none.
        Unavailable: no server.
    """
    items = _all(server, "/api/v1/corrections", state=state, site=site, grade=grade)
    if not items:
        typer.echo("没有整改" if language == "zh" else "no corrective action")
    for item in items:
        late = ("  过期" if language == "zh" else "  overdue") if item["overdue"] else ""
        typer.echo(
            f"{item['about']:24} {_word('grade', item['grade'], language):8} {item['site']:16} {item['asset']:16} "
            f"{item['rule']:12} {item['due']}  {_word('state', item['state'], language)}{late}"
        )


def print_correction(server: str, about: str, language: str) -> None:
    """Print one with everything that was said.

    Raises:
        ConfigError: there is no such alarm, lead or risk.
        Unavailable: no server.
    """
    (item,) = _get(server, f"/api/v1/corrections/{quote(about, safe='')}")
    missing = ", ".join(FIELDS[name][language != "zh"] for name in item["lacking"])
    typer.echo(
        f"{item['about']}  {_word('grade', item['grade'], language)}  {_word('state', item['state'], language)}  "
        f"{item['site']} {item['asset']} {item['rule']}  {item['begun']} → {item['due']}"
    )
    if item["check_until"] is not None:
        asked = "待核查,请在此前测中心温度" if language == "zh" else "measure the core temperature by"
        typer.echo(f"{asked}: {item['check_until']}")
    if missing and item["state"] == "open":
        typer.echo(f"{'还缺' if language == 'zh' else 'lacking'}: {missing}")
    _print_history(item["history"], language)


def print_matters(server: str, path: str, state: str, language: str) -> None:
    """Print leads or risk reports, a line each, the newest first.

    Raises:
        Unavailable: no server.
    """
    items = _all(server, path, state=state)
    if not items:
        typer.echo("没有" if language == "zh" else "none")
    for item in items:
        source = _word("source", item["source"], language)
        typer.echo(
            f"{item['id']:20} {item['at']}  {source:12} {item['site']:16} {_word('state', item['state'], language):8} "
            f"{item['content']['what']}"
        )


def print_matter(server: str, path: str, name: str, language: str) -> None:
    """Print one lead or risk report with everything that was said.

    Raises:
        ConfigError: there is none of this name.
        Unavailable: no server.
    """
    (item,) = _get(server, f"{path}/{quote(name, safe='')}")
    typer.echo(f"{item['id']}  {item['at']}  {_word('state', item['state'], language)}  {item['content']['what']}")
    _print_history(item["history"], language)


def content_of(server: str, path: str, name: str) -> dict[str, Any]:
    """Return what was said last of a lead or risk report, to say it anew with something more.

    Raises:
        ConfigError: there is none of this name.
        Unavailable: no server.
    """
    (item,) = _get(server, f"{path}/{quote(name, safe='')}")
    return dict(item["content"])


def last_said(server: str, about: str) -> str:
    """Return the id of what was said last of a corrective action.

    Raises:
        ConfigError: there is no such thing, or nobody said anything.
        Unavailable: no server.
    """
    (item,) = _get(server, f"/api/v1/corrections/{quote(about, safe='')}")
    if item["correction"] is None:
        raise ConfigError(f"{about}: nobody said anything yet, so there is nothing to verify")
    return str(item["correction"]["id"])


def tell(server: str, who: str, why: str, entries: Sequence[dict[str, Any]], language: str) -> None:
    """Say something, and print what a core temperature decided.

    Raises:
        ConfigError: an entry cannot be; nothing is written.
        Unavailable: no server.
    """
    if not who.strip():
        raise ConfigError("--who is empty: say who says it")
    try:
        with httpx.Client(base_url=server, timeout=TIMEOUT_S) as client:
            body = {"who": who, "why": why, "entries": list(entries)}
            answer = client.post("/api/v1/corrections", json=body)
            answer.raise_for_status()
    except httpx.HTTPError as fault:
        raise refusal(server, fault) from fault
    for one in answer.json()["measured"]:
        typer.echo(f"{one['celsius']:g} ℃: {one['words_zh'] if language == 'zh' else one['words_en']}")
    typer.echo("已记录" if language == "zh" else "recorded")


def sent_photos(server: str, files: Iterable[Path]) -> list[dict[str, Any]]:
    """Send pictures and return what an entry says of them.

    Raises:
        ConfigError: a file that cannot be read, or is no picture.
        Unavailable: no server.
    """
    photos = []
    try:
        with httpx.Client(base_url=server, timeout=TIMEOUT_S) as client:
            for file in files:
                answer = client.post("/api/v1/photos", content=file.read_bytes())
                answer.raise_for_status()
                photos.append(dict(answer.json()))
    except OSError as fault:
        raise ConfigError(f"{fault.filename}: {fault.strerror}") from fault
    except httpx.HTTPError as fault:
        raise refusal(server, fault) from fault
    return photos


def new_id(kind: str) -> str:
    """Return an id that nobody used."""
    return f"{kind}-{secrets.token_hex(6)}"


def now_ms() -> int:
    """Return the time at which it is said, ms."""
    return SystemClock().now_ms()


def ms_of(text: str | None, option: str) -> int | None:
    """Return a time that was typed, ms.

    Raises:
        ConfigError: it is none.
    """
    try:
        return None if text is None else parse_rfc3339(text)
    except ValueError as fault:
        raise ConfigError(f"{option} {text}: {fault}") from fault


def _word(kind: str, word: str, language: str) -> str:
    pair = WORDS[kind].get(word)
    return word if pair is None else pair[language != "zh"]


def _print_history(history: Iterable[dict[str, Any]], language: str) -> None:
    for one in history:
        refused = one["refused_zh"] if language == "zh" else one["refused_en"]
        said = {key: value for key, value in one["entry"].items() if value not in ("", [], None) and key != "put"}
        facts = "  ".join(f"{key}={_shown(key, value, language)}" for key, value in said.items())
        typer.echo(f"  {one['received_at']}  {one['who']}  {one['entry']['put']}  {facts}  {one['why']}")
        if refused:
            typer.echo(f"      ✗ {refused}")


def _shown(key: str, value: Any, language: str) -> str:
    return _word(key, str(value), language) if key in WORDS else str(value)


def _all(server: str, path: str, **query: str) -> list[dict[str, Any]]:
    try:
        with Api(server) as api:
            warned(api)
            return list(api.all(path, **query))
    except httpx.HTTPError as fault:
        raise refusal(server, fault) from fault


def _get(server: str, path: str) -> list[dict[str, Any]]:
    try:
        with Api(server) as api:
            warned(api)
            return [api.get(path)]
    except httpx.HTTPError as fault:
        raise refusal(server, fault) from fault
