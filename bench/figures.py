"""One measured number beside its limit, the table of all, and the file that keeps them."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path

import msgspec

RESULTS = Path(__file__).parent / "results.json"


class Figure(msgspec.Struct, frozen=True):
    """A number and what bounds it.

    Attributes:
        limit_name: what the limit is: a goal (``≤ goal``, ``≥ goal``), or a barer path measured in the same run.
        limit: None when the figure stands for itself.
        met: whether a goal is met; None where the limit is only a comparison.
    """

    name: str
    value: float
    unit: str
    limit_name: str = ""
    limit: float | None = None
    met: bool | None = None


class Results(msgspec.Struct, frozen=True):
    """Everything that one run measured."""

    commit: str
    machine: str
    short: bool
    figures: list[Figure]


def at_most(name: str, value: float, unit: str, goal: float) -> Figure:
    """Return a figure whose goal is a largest value."""
    return Figure(name, value, unit, "≤ goal", goal, value <= goal)


def at_least(name: str, value: float, unit: str, goal: float) -> Figure:
    """Return a figure whose goal is a smallest value."""
    return Figure(name, value, unit, "≥ goal", goal, value >= goal)


def table(figures: Sequence[Figure]) -> str:
    """Return the lines to print."""
    rows = [("figure", "value", "unit", "limit", "", "")]
    for each in figures:
        limit = "" if each.limit is None else _number(each.limit)
        verdict = {None: "", True: "met", False: "MISSED"}[each.met]
        rows.append((each.name, _number(each.value), each.unit, each.limit_name, limit, verdict))
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    return "\n".join(
        f"{a:<{widths[0]}}  {b:>{widths[1]}}  {c:<{widths[2]}}  {d:<{widths[3]}}  {e:>{widths[4]}}  {f}".rstrip()
        for a, b, c, d, e, f in rows
    )


def machine() -> str:
    """Return processor, cores, system, and how busy it is with other things."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, load before {load}"


def write(figures: Sequence[Figure], machine: str, *, short: bool) -> None:
    """Write `RESULTS`."""
    results = Results(_commit(), machine, short, list(figures))
    RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n")


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, cwd=RESULTS.parent)
    return done.stdout.strip()
