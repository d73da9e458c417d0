"""A paper as a sheet for people: which copy, every field with where it comes from, signatures, what the data says."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import segno

from coldchain.custody.papers import (
    ROLES,
    Celsius,
    Delivery,
    DeliveryLine,
    MilkNote,
    Paper,
    PaperEnd,
    Photo,
    kind_of,
)
from coldchain.papers.beside import Beside
from coldchain.papers.content import digest
from coldchain.papers.fold import PaperBook, PaperSaid, State, signature_of
from coldchain.papers.photos import Photos
from coldchain.papers.printing import Sheet
from coldchain.papers.sheet_words import WORDS
from coldchain.registry import Registry

COPIES = {"milk-note": ("station", "plant"), "delivery": ("supplier", "shop")}
"""Kind → its two copies; one for each side (Order 536 art. 25: 一式两份)."""

FROM_DATA, TYPED = "◆", "◇"
"""Before a value: the data gave it, or a person wrote it."""

NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Printing:
    """What a sheet needs beside the paper.

    Attributes:
        beside: what the data says of the paper.
        language: ``zh`` or ``en``. ``copy``: one of `COPIES` of its kind.
        demo: simulated data; stands across the page.
    """

    registry: Registry
    photos: Photos
    beside: Sequence[Beside]
    language: str
    copy: str
    demo: bool = False


def sheet_of(book: PaperBook, printing: Printing) -> Sheet:
    """Return the sheet of a paper whose content is known."""
    assert book.paper is not None
    return _Sheet(book, book.paper, printing).whole()


class _Sheet:
    def __init__(self, book: PaperBook, paper: Paper, printing: Printing) -> None:
        self._book, self._paper, self._printing = book, paper, printing
        self._say: Mapping[str, str] = {name: words[printing.language == "en"] for name, words in WORDS.items()}
        site = paper.plant or paper.station if isinstance(paper, MilkNote) else paper.site
        known = printing.registry.sites.get(site)
        self._zone = ZoneInfo(known.timezone if known and known.timezone else "Asia/Shanghai")

    def whole(self) -> Sheet:
        paper, say, closed = self._paper, self._say, self._book.closed
        kind, hash_ = kind_of(paper), digest(self._paper)
        stamps = [say[f"stamp.{self._book.state}"]] if self._book.state is not State.COMPLETE else []
        pictures, files = self._pictures()
        data = {
            "language": self._printing.language,
            "title": say[kind],
            "copy": say[f"copy.{self._printing.copy}"],
            "number": paper.id,
            "state": self._state(),
            "stamps": [*stamps, *([say["stamp.demo"]] if self._printing.demo else [])],
            "hash": hash_,
            "qr": _qr(f"urn:coldchain:paper:{paper.id}:sha256:{hash_}"),
            "page": say["page"],
            "facts": list(self._note_facts(paper) if isinstance(paper, MilkNote) else self._delivery_facts(paper)),
            "tables": [*self._tables(), *self._differences()],
            "signed": {"title": say["signatures"], "items": list(self._signatures())},
            "pictures_title": say["pictures"],
            "pictures": pictures,
            "notes": [say["marks"], *(say[name] for name in (f"note.{kind}", f"keep.{kind}", "note.hash"))],
        }
        return Sheet(data, (closed or self._book.versions[-1]).received_ms, files)

    def _state(self) -> str:
        say, paper = self._say, self._paper
        words = [say["number"].format(number=paper.id), say[f"state.{self._book.state}"]]
        if self._book.closed is not None:
            words.append(self._time(self._book.closed.received_ms))
        if paper.replaces:
            words.append(say["replaces"].format(number=paper.replaces))
        return "  ".join(words)

    # -- fields -----------------------------------------------------------------------------------------------

    def _note_facts(self, paper: MilkNote) -> Iterator[dict[str, str]]:
        yield self._fact("station", self._site(paper.station))
        yield self._fact("plant", self._site(paper.plant))
        for name in ("plate", "permit", "driver", "escort", "trip"):
            yield self._fact(name, getattr(paper, name))
        yield self._fact("quantity", f"{_number(sum(tank.quantity for tank in paper.tanks))} {paper.unit}", "tanks")
        yield from self._end("departed", paper.departed)
        yield from self._end("arrived", paper.arrived)

    def _delivery_facts(self, paper: Delivery) -> Iterator[dict[str, str]]:
        yield self._fact("site", self._site(paper.site))
        for name in ("order", "plate", "driver", "trip"):
            yield self._fact(name, getattr(paper, name))
        yield from self._end("arrived", paper.arrived)
        for end in [paper.arrived] if paper.arrived else []:
            for one in end.temperatures:
                yield {"name": self._say["box"], "mark": _mark(one), "value": self._celsius(one)}
        for name in ("packing", "certificate", "decision"):
            word = getattr(paper, name)
            yield self._fact(name, self._say[f"{name}.{word}"] if word else "")
        if paper.reason:
            yield self._fact("reason", paper.reason)
        if paper.remark:
            yield self._fact("remark", paper.remark)

    def _fact(self, name: str, value: str, field: str = "") -> dict[str, str]:
        mark = FROM_DATA if (field or name) in self._paper.from_data else TYPED
        return {"name": self._say[name], "mark": mark if value else "", "value": value or NOTHING}

    def _end(self, name: str, end: PaperEnd | None) -> Iterator[dict[str, str]]:
        if end is None:
            yield {"name": self._say[name], "mark": "", "value": NOTHING}
            return
        mark = TYPED if end.known_by == "typed" else FROM_DATA
        known = self._say[f"known.{end.known_by}"]
        yield {"name": self._say[name], "mark": mark, "value": f"{self._time(end.at_ms)}  ({known})"}
        if end.remark:
            yield {"name": self._say["remark"], "mark": TYPED, "value": end.remark}

    # -- tables -----------------------------------------------------------------------------------------------

    def _tables(self) -> Iterator[dict[str, Any]]:
        match self._paper:
            case MilkNote() as note:
                tank_names = ("tank", "quantity", "seals", "samples", "departed.celsius", "arrived.milk")
                rows = [
                    [
                        self._asset(tank.tank),
                        f"{_number(tank.quantity)} {note.unit}",
                        ", ".join(tank.seals) or NOTHING,
                        ", ".join(tank.samples) or NOTHING,
                        self._of_tank(note.departed, tank.tank, len(note.tanks)),
                        self._of_tank(note.arrived, tank.tank, len(note.tanks)),
                    ]
                    for tank in note.tanks
                ]
                yield self._table("tanks", tank_names, [3, 3, 3, 3, 5, 5], rows)
            case Delivery() as delivery:
                names = ("product", "number.lot", "ordered", "delivered", "accepted", "refused", "reason", "celsius")
                rows = [self._line(line) for line in delivery.lines]
                yield self._table("lines", names, [4, 4, 2, 2, 2, 2, 4, 4], rows)

    def _line(self, line: DeliveryLine) -> list[str]:
        counts = (line.ordered, line.delivered, line.accepted, line.refused)
        product = self._printing.registry.product_at(line.product, self._paper.at_ms)
        name = line.product if product is None else product.en if self._english else product.zh
        return [
            name,
            line.number or line.lot or NOTHING,
            *(NOTHING if count is None else f"{_number(count)} {line.unit}" for count in counts),
            line.reason or NOTHING,
            NOTHING if line.celsius is None else f"{_mark(line.celsius)} {self._celsius(line.celsius)}",
        ]

    def _of_tank(self, end: PaperEnd | None, tank: str, tanks: int) -> str:
        temperatures = end.temperatures if end else ()
        found = [one for one in temperatures if one.of == tank or (not one.of and tanks == 1)]
        return "  ".join(f"{_mark(one)} {self._celsius(one)}" for one in found) or NOTHING

    def _differences(self) -> Iterator[dict[str, Any]]:
        rows = [
            [self._field(one.field), self._written(one.field), self._told(one), self._source(one.source)]
            for one in self._printing.beside
            if one.differs
        ]
        if rows:
            yield self._table("differs", ("field", "written", "told", "source"), [3, 4, 4, 4], rows)

    def _table(self, title: str, names: Iterable[str], widths: list[int], rows: list[list[str]]) -> dict[str, Any]:
        headings = [self._say[name] for name in names]
        return {"title": self._say[f"table.{title}"], "headings": headings, "widths": widths, "rows": rows}

    def _field(self, field: str) -> str:
        end, _, rest = field.partition(".")
        return self._say[f"{end}.celsius" if rest.startswith("temperatures") else end]

    def _written(self, field: str) -> str:
        end, _, rest = field.partition(".")
        value = getattr(self._paper, end)
        if not isinstance(value, PaperEnd):
            return value or NOTHING
        if rest == "at_ms":
            return self._time(value.at_ms)
        return self._celsius(value.temperatures[int(rest.rpartition(".")[2])])

    def _told(self, one: Beside) -> str:
        if one.at_ms is not None:
            return self._time(one.at_ms)
        if one.celsius is not None:
            return self._celsius(Celsius(one.celsius, measured_ms=one.measured_ms))
        return one.text or NOTHING

    def _source(self, source: str) -> str:
        return self._say.get(f"known.{source}", source)

    # -- signatures and pictures ------------------------------------------------------------------------------

    def _signatures(self) -> Iterator[dict[str, str]]:
        counting = self._book.counting()
        for role in ROLES[kind_of(self._paper)]:
            yield self._signature(role, counting.get(role))
        for said in self._book.signatures:
            if not self._book.counts(said):
                yield self._signature(signature_of(said).role, said, void=True)

    def _signature(self, role: str, said: PaperSaid | None, *, void: bool = False) -> dict[str, str]:
        say = self._say
        verdict = say["void"] if void else say["unsigned"] if said is None else ""
        found = {"role": say[f"role.{role}"], "verdict": verdict, "stroke": "", "name": NOTHING, "when": ""}
        if said is None:
            return found
        put = signature_of(said)
        when = say["signed"].format(at=self._time(put.at_ms), received=self._time(said.received_ms))
        return found | {"stroke": _stroke(put.stroke), "name": f"{put.name}  {put.phone}".strip(), "when": when}

    def _pictures(self) -> tuple[list[dict[str, str]], dict[str, bytes]]:
        found, files = [], {}
        for number, (of, photo) in enumerate(self._named()):
            content, _ = self._printing.photos.read(photo.sha256)
            name = f"picture-{number}.{photo.type.rpartition('/')[2]}" if content else ""
            if content:
                files[name] = content
            words = self._say["picture.undrawn" if content else "picture.missing"]
            found.append({"file": name, "of": of, "sha256": photo.sha256, "words": words})
        return found, files

    def _named(self) -> Iterator[tuple[str, Photo]]:
        if isinstance(self._paper, Delivery):
            yield from (("", photo) for photo in self._paper.photos)
            for line in self._paper.lines:
                yield from ((line.number or line.lot or line.product, photo) for photo in line.photos)

    # -- words ------------------------------------------------------------------------------------------------

    @property
    def _english(self) -> bool:
        return self._printing.language == "en"

    def _site(self, site: str) -> str:
        known = self._printing.registry.sites.get(site)
        return site if known is None else f"{known.name} ({site})" if known.name != site else site

    def _asset(self, asset: str) -> str:
        known = self._printing.registry.assets.get(asset)
        return asset if known is None else known.name

    def _time(self, at_ms: int) -> str:
        moment = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(self._zone)
        return moment.strftime("%Y-%m-%d %H:%M")

    def _celsius(self, one: Celsius) -> str:
        words = [f"{_number(one.celsius)} ℃"]
        if one.measured_ms is not None:
            words.append(self._say["measured"].format(at=self._time(one.measured_ms)))
        if one.point:
            words.append(one.point)
        if one.thermometer:
            words.append(self._say["thermometer"].format(number=one.thermometer))
        return " ".join(words)


def _mark(one: Celsius) -> str:
    return FROM_DATA if one.point else TYPED


def _number(value: float) -> str:
    """Return a number as people write it: no exponent, no needless zero."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _stroke(path: str) -> str:
    """Return a drawn name as SVG; its path was checked when it was taken (`coldchain.papers.verdicts`)."""
    pen = 'fill="none" stroke="#101010" stroke-width="7" stroke-linecap="round" stroke-linejoin="round"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 400"><path d="{path}" {pen}/></svg>'


def _qr(text: str) -> str:
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", border=1, xmldecl=False)
    return drawn.getvalue().decode()
