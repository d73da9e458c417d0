"""The picture in a mail: an alarm's temperatures with its limit, holes drawn as holes.

::

    samples ─▶ svg_of ─▶ worker process: typst ─▶ PNG

In a process of its own, for the same reasons as a paper (`coldchain.papers.printing`).
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from coldchain.errors import Unavailable

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 14, 26
PATIENCE_S = 20.0
SMALLEST_SPAN_KELVIN = 4.0
"""A quiet probe's noise must not fill the picture."""
MOST_POINTS = 600
"""More than one a pixel column are drawn as the lowest and highest of each."""


@dataclass(frozen=True, slots=True)
class Curve:
    """What is drawn.

    Attributes:
        t, v: measured ms and °C, rising, same length.
        hole_ms: a longer pause between two samples is a hole.
        limit: °C; None: no line. ``below``: being below it is out.
        from_ms, to_ms: what the axis shows.
        onset_ms: where the alarm began.
        timezone: IANA name, of the times on the axis.
    """

    t: Sequence[int]
    v: Sequence[float]
    hole_ms: int
    limit: float | None
    below: bool
    from_ms: int
    to_ms: int
    onset_ms: int
    timezone: str


def svg_of(curve: Curve) -> str:
    """Return the picture as SVG; its only texts are numbers and times."""
    low, high = _range(curve)
    zone = ZoneInfo(curve.timezone)

    def x(ms: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (ms - curve.from_ms) / max(1, curve.to_ms - curve.from_ms)

    def y(celsius: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - celsius) / (high - low)

    font = 'font-family="DejaVu Sans Mono" font-size="11"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" {font}>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
    ]
    if curve.limit is not None:
        edge = y(curve.limit)
        begin, end = (edge, HEIGHT - BOTTOM) if curve.below else (TOP, edge)
        parts.append(
            f'<rect x="{LEFT}" y="{begin:.1f}" width="{WIDTH - LEFT - RIGHT}" height="{max(0.0, end - begin):.1f}" '
            'fill="#fdeaea"/>'
        )
        parts.append(_line(LEFT, edge, WIDTH - RIGHT, edge, "#c62828", dashed=True))
    for celsius in _ticks(low, high):
        parts.append(_line(LEFT, y(celsius), WIDTH - RIGHT, y(celsius), "#e4e7eb"))
        parts.append(f'<text x="{LEFT - 6}" y="{y(celsius) + 4:.1f}" text-anchor="end">{celsius:g}</text>')
    for part in range(5):
        ms = curve.from_ms + (curve.to_ms - curve.from_ms) * part / 4
        at = datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone)
        anchor = "start" if part == 0 else "end" if part == 4 else "middle"
        parts.append(f'<text x="{x(ms):.1f}" y="{HEIGHT - 8}" text-anchor="{anchor}">{at:%H:%M}</text>')
    if curve.from_ms < curve.onset_ms < curve.to_ms:
        parts.append(_line(x(curve.onset_ms), TOP, x(curve.onset_ms), HEIGHT - BOTTOM, "#c62828"))
    for run in _runs(curve):
        drawn = " ".join(f"{x(ms):.1f},{y(celsius):.1f}" for ms, celsius in run)
        parts.append(f'<polyline points="{drawn}" fill="none" stroke="#1f5fa8" stroke-width="1.6"/>')
        if len(run) == 1:
            parts.append(f'<circle cx="{x(run[0][0]):.1f}" cy="{y(run[0][1]):.1f}" r="1.6" fill="#1f5fa8"/>')
    parts.append("</svg>")
    return "\n".join(parts)


def png_of(svg: str) -> bytes:
    """Return a picture as PNG.

    Raises:
        Unavailable: it was not drawn in `PATIENCE_S`, or not at all.
    """
    command = [sys.executable, "-m", "alerts.notify.chart"]
    try:
        done = subprocess.run(command, input=svg.encode(), capture_output=True, timeout=PATIENCE_S, check=True)
    except subprocess.TimeoutExpired as fault:
        raise Unavailable(f"the chart was not drawn in {PATIENCE_S:g} s") from fault
    except subprocess.CalledProcessError as fault:
        raise Unavailable(f"the chart was not drawn: {fault.stderr.decode(errors='replace')[-500:]}") from fault
    return done.stdout


def _range(curve: Curve) -> tuple[float, float]:
    shown = [*curve.v, *([] if curve.limit is None else [curve.limit])] or [0.0]
    low, high = min(shown), max(shown)
    wanting = max(0.0, SMALLEST_SPAN_KELVIN - (high - low)) / 2
    return low - wanting - 0.5, high + wanting + 0.5


def _ticks(low: float, high: float) -> Iterator[float]:
    step = next(step for step in (1, 2, 5, 10, 20, 50, 1000) if (high - low) / step <= 7)
    first = -(-low // step)
    while first * step <= high:
        yield first * step
        first += 1


def _runs(curve: Curve) -> list[list[tuple[int, float]]]:
    """Return the samples between holes, thinned so that no peak is lost."""
    runs: list[list[tuple[int, float]]] = []
    for ms, celsius in zip(curve.t, curve.v, strict=True):
        if not runs or ms - runs[-1][-1][0] > curve.hole_ms:
            runs.append([])
        runs[-1].append((ms, celsius))
    each = max(1, len(curve.t) * 2 // MOST_POINTS)
    return [_thinned(run, each) for run in runs]


def _thinned(run: list[tuple[int, float]], each: int) -> list[tuple[int, float]]:
    if each == 1:
        return run
    thinned: list[tuple[int, float]] = []
    for start in range(0, len(run), each):
        some = run[start : start + each]
        kept = {min(some, key=lambda one: one[1]), max(some, key=lambda one: one[1])}
        thinned += sorted(kept)
    return thinned


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, *, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="5 3"' if dashed else ""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{dash}/>'


def _draw() -> None:
    """Read SVG from standard input and write PNG to standard output."""
    import typst

    svg = sys.stdin.read()
    size = f"width: {WIDTH}pt, height: {HEIGHT}pt, margin: 0pt"
    page = f'#set page({size})\n#image(bytes(sys.inputs.svg), format: "svg", width: 100%)'
    sys.stdout.buffer.write(typst.compile(page.encode(), format="png", ppi=108.0, sys_inputs={"svg": svg}))


if __name__ == "__main__":
    _draw()
