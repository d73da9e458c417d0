"""What the data says beside what stands on a paper: never instead of it, and told where the two differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from coldchain.custody.papers import Celsius, MilkNote, Paper, PaperEnd
from coldchain.papers.drafts import Data, when_there
from coldchain.papers.probes import boxes_of, said_at, said_in
from coldchain.papers.trips import TripBook

DIFFERS_KELVIN = 1.0
DIFFERS_MS = 600_000
"""More than a person's reading of a dial and a clock explains. Assumed."""


@dataclass(frozen=True, slots=True)
class Beside:
    """One field, and what the data says of it.

    Attributes:
        field: ``departed.at_ms``, ``arrived.temperatures.0``, ``plate`` …
        at_ms, celsius, text: what the data says; the two others are None.
        source: the measuring point, ``positions``, ``said`` (of the trip), ``plan`` or ``registry``.
        measured_ms: when the probe said it.
        differs: by more than `DIFFERS_KELVIN` or `DIFFERS_MS`, or another word.
    """

    field: str
    source: str
    differs: bool
    at_ms: int | None = None
    celsius: float | None = None
    text: str | None = None
    measured_ms: int | None = None


def beside(data: Data, book: TripBook, paper: Paper) -> list[Beside]:
    """Return what the data says of a paper's times, temperatures and names, as of now: late readings count."""
    found = [*_words(data, book, paper)]
    if isinstance(paper, MilkNote):
        found += _end(data, book, paper, "departed", paper.departed, _stop(book, paper.station))
    place = _stop(book, paper.plant) if isinstance(paper, MilkNote) else paper.stop
    return [*found, *_end(data, book, paper, "arrived", paper.arrived, place)]


def _words(data: Data, book: TripBook, paper: Paper) -> Iterator[Beside]:
    vehicle = data.registry.vehicles.get(paper.vehicle)
    known = {"plate": (vehicle.plate if vehicle else "", "registry")}
    if book.plan is not None:
        known["driver"] = book.plan.driver, "plan"
        if isinstance(paper, MilkNote):
            known["escort"] = book.plan.escort, "plan"
            permit = book.plan.permit or (vehicle.milk_permit if vehicle else "")
            known["permit"] = permit, "plan" if book.plan.permit else "registry"
        else:
            known["order"] = book.plan.order, "plan"
    for name, (text, source) in known.items():
        if text:
            yield Beside(name, source, text != getattr(paper, name), text=text)


def _end(
    data: Data, book: TripBook, paper: Paper, name: str, end: PaperEnd | None, place: int | None
) -> Iterator[Beside]:
    if end is None:
        return
    seen = None if place is None else when_there(data, book, place, name)
    if seen is not None:
        at_ms, source = seen
        yield Beside(f"{name}.at_ms", source, abs(at_ms - end.at_ms) > DIFFERS_MS, at_ms=at_ms)
    for number, written in enumerate(end.temperatures):
        said = _temperature(data, paper, written, end.at_ms)
        if said is not None:
            differs = abs(said.celsius - written.celsius) > DIFFERS_KELVIN
            yield Beside(
                f"{name}.temperatures.{number}", said.point, differs, celsius=said.celsius, measured_ms=said.measured_ms
            )


def _temperature(data: Data, paper: Paper, written: Celsius, at_ms: int) -> Celsius | None:
    """Return what a probe said: the one that the paper names, else the best in the tank or box that it names."""
    point = data.registry.points.get(written.point)
    if point is not None:
        return said_at(data.series, data.registry, point, at_ms if written.measured_ms is None else written.measured_ms)
    boxes = boxes_of(data.registry, paper.vehicle, at_ms)
    asset = written.of if written.of in boxes else boxes[0] if len(boxes) == 1 else ""
    return said_in(data.series, data.registry, asset, at_ms) if asset else None


def _stop(book: TripBook, site: str) -> int | None:
    stops = book.plan.stops if book.plan else ()
    return next((place for place, stop in enumerate(stops) if stop.site == site), None)
