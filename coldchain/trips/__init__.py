"""Trips as they are told: lists, dispatch systems and people, checked before they become entries of the ledger."""
