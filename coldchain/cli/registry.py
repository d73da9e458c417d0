"""Bring a registry file into a ledger: show the difference, or write it in one transaction."""

from __future__ import annotations

from coldchain.clock import Clock
from coldchain.ledger.port import Ledger
from coldchain.registry import Change, registry_at
from coldchain.registry.importing import Wanted, difference


def write_changes(ledger: Ledger, wanted: Wanted, clock: Clock, *, who: str, why: str) -> list[Change]:
    """Write what differs and return it; empty when everything is already so."""
    changes = planned_changes(ledger, wanted, clock, who=who, why=why)
    ledger.change([change.encode() for change in changes], clock.now_ms())
    return changes


def planned_changes(ledger: Ledger, wanted: Wanted, clock: Clock, *, who: str, why: str) -> list[Change]:
    """Return what `write_changes` would write."""
    registry = registry_at(ledger, ledger.end())
    return difference(wanted, registry, who=who, why=why, now_ms=clock.now_ms())
