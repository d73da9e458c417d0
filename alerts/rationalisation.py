"""Rationalisation data of every rule: what happens if nobody acts, what to do, how soon; for the person it is told to.

::

    rationalisation.toml ──rationalisation──▶ (rule, kind of asset) ─▶ Guidance     shown with the alarm
                                              (rule, severity)      ─▶ latches
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from alerts.episodes import Episode
from coldchain.errors import ConfigError
from coldchain.registry import SEVERITIES
from coldchain.registry.changes import ASSET_KINDS

FILE = "rationalisation.toml"
LONGEST_MINUTES = 1440
"""Something to be done later than in a day is a work item and no alarm."""
LINE = 120
"""Characters of a line that a phone shows whole."""

_TEXTS = ("consequence", "response")
_FIELDS = (*_TEXTS, "minutes", "latches_from")
_LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Guidance:
    """What whoever gets an alarm is told; texts by language.

    Attributes:
        consequence: what happens if nobody acts.
        response: what to do, in one line.
        minutes: time to respond.
        latches_from: severity from which it stays until a person resets it; empty: never.
    """

    consequence: Mapping[str, str]
    response: Mapping[str, str]
    minutes: int
    latches_from: str = ""


Rationalisation = Mapping[tuple[str, str], Guidance]
"""(rule, kind of asset) → guidance; an empty kind is what holds where the kind has nothing of its own."""


@cache
def rationalisation() -> Rationalisation:
    """Return what the program brings."""
    return read_rationalisation(files("alerts").joinpath(FILE).read_text("utf-8"))


def guidance_of(rule: str, kind: str = "") -> Guidance | None:
    """Return what to tell about a rule at a kind of asset, None for a rule that nobody rationalised."""
    known = rationalisation()
    return known.get((rule, kind)) or known.get((rule, ""))


def latches(episode: Episode) -> bool:
    """Say whether an occurrence stays until a person resets it."""
    guidance = guidance_of(episode.rule)
    if guidance is None or not guidance.latches_from:
        return False
    return SEVERITIES.index(episode.top_severity) >= SEVERITIES.index(guidance.latches_from)


def read_rationalisation(text: str, file: str = FILE) -> Rationalisation:
    """Read a file of rationalisation data.

    Raises:
        ConfigError: every fault, with its place.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError(f"{file}: {fault}") from fault
    faults: list[str] = []
    found: dict[tuple[str, str], Guidance] = {}
    for rule, table in tables.items():
        kinds = table.pop("kind", {}) if isinstance(table, dict) else {}
        faults += [f"{file}: [{rule}] {fault}" for fault in _faults(table, whole=True)]
        for kind, own in kinds.items():
            place = f"{file}: [{rule}.kind.{kind}]"
            if kind not in ASSET_KINDS:
                faults.append(f"{place}: no kind of asset; known: {', '.join(ASSET_KINDS)}")
            faults += [f"{place} {fault}" for fault in _faults(own, whole=False)]
        if faults:
            continue
        found[rule, ""] = Guidance(**table)
        found |= {(rule, kind): replace(found[rule, ""], **own) for kind, own in kinds.items()}
    if faults:
        raise ConfigError(faults)
    return found


def _faults(table: Any, *, whole: bool) -> list[str]:
    if not isinstance(table, dict):
        return [f"{table!r}: expected a table"]
    faults = [f"{key}: unknown; known: {', '.join(_FIELDS)}" for key in table if key not in _FIELDS]
    if whole:
        faults += [f"{key}: missing" for key in (*_TEXTS, "minutes") if key not in table]
    elif "latches_from" in table:
        faults.append("latches_from: holds for every kind of asset; give it with the rule")
    for key in _TEXTS:
        faults += _text_faults(key, table[key]) if key in table else []
    minutes = table.get("minutes", 1)
    if not isinstance(minutes, int) or not 1 <= minutes <= LONGEST_MINUTES:
        faults.append(f"minutes: {minutes!r} is no whole number from 1 to {LONGEST_MINUTES}")
    if table.get("latches_from", SEVERITIES[0]) not in SEVERITIES:
        faults.append(f"latches_from: {table['latches_from']!r} is no severity; known: {', '.join(SEVERITIES)}")
    return faults


def _text_faults(key: str, said: Any) -> list[str]:
    if not isinstance(said, dict) or set(said) != set(_LANGUAGES):
        return [f"{key}: expected {{zh = …, en = …}}"]
    return [
        f"{key}.{language}: expected one line of 1 to {LINE} characters, found {text!r:.60}"
        for language, text in said.items()
        if not isinstance(text, str) or not text.strip() or "\n" in text or len(text) > LINE
    ]
