"""Refuses what GS1's schema refuses, and what the standard refuses and the schema lets pass; every fault at once.

A fault names its place as a JSON pointer (RFC 6901): ``/epcisBody/eventList/0/sensorElementList/0/sensorReport/0``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from coldchain.epcis.sense import sense
from coldchain.epcis.shapes import EVENT_SHAPES, SHAPES, Field, Shape
from coldchain.epcis.structs import CONTEXT
from coldchain.epcis.values import KINDS, is_uri, is_word, key_fault
from coldchain.epcis.vocabulary import WORDS as VOCABULARIES
from coldchain.epcis.words import FAULT_WORDS

GS1_CONTEXTS = ("https://ref.gs1.org/standards/epcis/", "https://gs1.github.io/EPCIS/")
"""Where GS1 publishes the JSON-LD context of EPCIS, each version of it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        place: JSON pointer; empty: the whole document.
        code: of `coldchain.epcis.words.FAULT_WORDS`.
    """

    place: str
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def said(self, language: str = "en") -> str:
        """Return it as a sentence in ``zh`` or ``en``."""
        return f"{self.place or '/'}: {FAULT_WORDS[self.code][0 if language == 'zh' else 1].format(**self.facts)}"


def check(document: object) -> list[Fault]:
    """Return everything that is wrong with an EPCIS document.

    Args:
        document: as decoded from JSON.
    """
    if not isinstance(document, dict) or document.get("type") != "EPCISDocument":
        return [Fault("/type", "no-document")]
    faults = list(_object(document, SHAPES["document"], ""))
    if "@context" in document and not _names_epcis(document["@context"]):
        faults.append(Fault("/@context", "no-context", {"wanted": CONTEXT}))
    return faults


def _names_epcis(context: object) -> bool:
    parts = context if isinstance(context, list | tuple) else [context]
    return any(isinstance(part, str) and part.startswith(GS1_CONTEXTS) for part in parts)


def _event(event: dict[str, object], place: str) -> Iterator[Fault]:
    kind = event.get("type")
    if isinstance(kind, str) and kind in EVENT_SHAPES:
        yield from _object(event, EVENT_SHAPES[kind], place)
        yield from (Fault(place + at, code, facts) for at, code, facts in sense(kind, event))
    else:
        yield Fault(f"{place}/type", "kind", {"found": kind, "wanted": ", ".join(EVENT_SHAPES)})


def _object(found: dict[str, object], shape: Shape, place: str) -> Iterator[Fault]:
    for name, wanted in shape.fields.items():
        if name in found:
            yield from _field(found[name], wanted, f"{place}/{_token(name)}")
        elif wanted.required:
            yield Fault(f"{place}/{_token(name)}", "missing")
    for name in found:
        if name not in shape.fields and not (shape.extensible and is_uri(name)):
            yield Fault(f"{place}/{_token(name)}", "unknown-field")


def _field(value: object, wanted: Field, place: str) -> Iterator[Fault]:
    if wanted.least is None:
        yield from _value(value, wanted.kind, place)
        return
    if not isinstance(value, list | tuple):
        yield Fault(place, "no-list")
        return
    if len(value) < wanted.least:
        yield Fault(place, "too-few", {"wanted": wanted.least})
    if wanted.distinct and len({repr(one) for one in value}) < len(value):
        yield Fault(place, "twice")
    for number, one in enumerate(value):
        yield from _value(one, wanted.kind, f"{place}/{number}")


def _value(value: object, kind: str, place: str) -> Iterator[Fault]:
    if kind in KINDS:
        if not KINDS[kind](value):
            yield Fault(place, kind, {"found": value})
        elif kind == "uri" and (fault := key_fault(str(value))):
            yield Fault(place, "key", {"zh": fault.said("zh"), "en": fault.said("en")})
    elif kind in VOCABULARIES:
        if not is_word(kind, value):
            yield Fault(place, "no-word", {"found": value, "vocabulary": kind})
    elif not isinstance(value, dict):
        yield Fault(place, "no-object")
    elif kind == "event":
        yield from _event(value, place)
    else:
        yield from _object(value, SHAPES[kind], place)


def _token(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
