"""The append-only ledger: the record of truth, of which everything else is a projection."""

from coldchain.ledger.port import Appended, Entry, Head, Kind, Ledger, Run

__all__ = ["Appended", "Entry", "Head", "Kind", "Ledger", "Run"]
