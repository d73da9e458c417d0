"""Entries of the ledger that are changes this program can read: what stores and questions go through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from coldchain.errors import RejectedReading
from coldchain.ledger.port import Entry, Kind
from coldchain.registry import Change, decode_change


def readable(entries: Iterable[Entry]) -> Iterator[tuple[Entry, Change]]:
    """Yield the changes among entries; one of a newer program, or damaged, is passed over: the registry counts it."""
    for entry in entries:
        if entry.kind is Kind.CHANGE:
            try:
                change = decode_change(entry.raw)
            except RejectedReading:
                continue
            yield entry, change
