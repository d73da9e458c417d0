"""What a file would change: each entry with what was before, in an order that can be written; nothing when all is so.

A point's first limits and a probe's first binding hold from the beginning of the data, later ones from now on
(protocol: changes); a node without ``keys`` keeps those that it has.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from coldchain.ledger.port import Entry, Kind
from coldchain.registry.changes import Binding, Change, LimitRule, Node, Probe, Put
from coldchain.registry.fold import Registry
from coldchain.registry.wanted import DATED, SINGLE, Want, Wanted, key_of, known_of, table_of


@dataclass(frozen=True, slots=True)
class Step:
    """One entry to write.

    Attributes:
        table: as in `coldchain.registry.headings.TABLES`.
        before: what it replaces or follows; None for something new.
    """

    table: str
    before: Put | None
    after: Put


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that has to be written, and how many entries are so already.

    Attributes:
        unchanged: table → number.
    """

    steps: list[Step]
    unchanged: dict[str, int]

    def changes(self, who: str, why: str) -> list[Change]:
        """Return the change entries, in the order of writing."""
        return [Change(step.after, who, why) for step in self.steps]


def compare(wanted: Wanted, registry: Registry, now_ms: int) -> Difference:
    """Return what brings a registry to what is wanted."""
    ahead = registry.copy()  # as it will be: later entries of a file build on earlier ones
    steps: list[Step] = []
    unchanged: dict[str, int] = {}
    for want in wanted.wants:
        needed = _needed(want, ahead, now_ms)
        if needed is None or _holds(needed, ahead, told=want.dated):
            table = table_of(want.put)
            unchanged[table] = unchanged.get(table, 0) + 1
            continue
        steps.append(Step(table_of(needed), _before(needed, ahead), needed))
        raw = Change(needed, "", "").encode()
        ahead.apply(Entry(ahead.position + 1, Kind.CHANGE, now_ms, raw))
    return Difference(steps, unchanged)


def _needed(want: Want, registry: Registry, now_ms: int) -> Put | None:
    """Return what has to be put for a wanted entry, given what is already known of it."""
    put = want.put
    match put:
        case LimitRule() if not want.dated:
            return _rule_from(put, registry, now_ms)
        case Binding() if not want.dated:
            return _binding_from(put, registry, now_ms)
        case Node():
            known = registry.nodes.get(put.id)
            if known is None or put.keys:
                return put
            return msgspec.structs.replace(put, keys=known.keys, revoked=put.revoked or known.revoked)
    return put


def _binding_from(put: Binding, registry: Registry, now_ms: int) -> Binding | None:
    """A probe's first binding without a time holds from the beginning, a later one at another point from now on."""
    bindings = registry.bindings.get(put.channel, [])
    if not bindings:
        return put
    last = bindings[-1]
    there = last.point == put.point and (last.to_ms is None or last.to_ms > now_ms)
    return None if there else msgspec.structs.replace(put, from_ms=now_ms)


def _rule_from(put: LimitRule, registry: Registry, now_ms: int) -> LimitRule | None:
    versions = registry.rules.get(put.point, [])
    if not versions:
        return put
    last = versions[-1]
    same = msgspec.structs.replace(put, effective_from_ms=last.effective_from_ms) == last
    return None if same else msgspec.structs.replace(put, effective_from_ms=now_ms)


def _holds(put: Put, registry: Registry, *, told: bool) -> bool:
    """Say whether a registry has exactly this already."""
    if isinstance(put, Probe) and not told and put.channel in registry.probes:
        return True  # a point names its probe and says nothing else of it
    table = table_of(put)
    if table in SINGLE:
        return known_of(registry, table, key_of(put)) == put
    return put in getattr(registry, DATED[table]).get(key_of(put)[0], [])


def _before(put: Put, registry: Registry) -> Put | None:
    """Return what an entry replaces; for a limit or a place also what held until then."""
    table = table_of(put)
    same = known_of(registry, table, key_of(put))
    if same is not None or table not in ("limit-rule", "binding"):
        return same
    versions: list[Put] = getattr(registry, DATED[table]).get(key_of(put)[0], [])
    return versions[-1] if versions else None
