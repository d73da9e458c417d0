"""The inbox: sensors that report and belong nowhere yet, with what they last said."""

from __future__ import annotations

from coldchain.batches import Batch, BatchDecoder
from coldchain.clock import rfc3339
from coldchain.ledger.port import Kind, Ledger
from coldchain.readings import Quality, Readings
from coldchain.series.port import Series, Unclaimed
from dashboards import models

MOST = 500
"""Channels shown: each may cost two batches read again."""

SIGNAL = ("rssi", "signal")
"""What a device calls its signal: the last part of a channel's name."""


def inbox(series: Series, ledger: Ledger, limit: int = MOST) -> list[models.Unclaimed]:
    """Return the channels of the inbox, the last heard first."""
    decode = BatchDecoder()

    def batch_at(position: int) -> Batch | None:
        entries = ledger.read(position - 1, 1)
        return decode(entries[0]) if entries and entries[0].kind is Kind.BATCH else None

    return [_shown(one, batch_at(one.first), batch_at(one.last)) for one in series.unclaimed(limit=min(limit, MOST))]


def device_of(channel: str) -> str:
    """Return what a channel's hardware is called.

    >>> device_of("urn:dev:mac:0024befffe804ff1:temperature")
    'urn:dev:mac:0024befffe804ff1'
    """
    return channel.rpartition(":")[0] or channel


def _shown(one: Unclaimed, first: Batch | None, last: Batch | None) -> models.Unclaimed:
    began = None if first is None else _row(first.readings, one.name, newest=False)
    row = None if last is None else _row(last.readings, one.name)
    block = None if last is None else last.readings
    value: float | bool | None = None
    fault, unit, measured_at = None, "", None
    if block is not None and row is not None:
        fault, unit = block.words.get(row), block.unit_of(row)
        measured_at = rfc3339(int(block.measured_at_ms[row]))
        if fault is None:
            number = float(block.value[row])
            value = bool(number) if block.quality[row] & Quality.BOOLEAN else number
    return models.Unclaimed(
        channel=one.name,
        device=device_of(one.name),
        node=one.node,
        reason=one.reason,
        kept=one.kept,
        first_at=None if first is None or began is None else rfc3339(int(first.readings.measured_at_ms[began])),
        measured_at=measured_at,
        value=value,
        fault=fault,
        unit=unit,
        signal_dbm=None if block is None else _signal(block, device_of(one.name)),
    )


def _row(block: Readings, name: str, *, newest: bool = True) -> int | None:
    rows = [row for row in range(len(block)) if block.names[int(block.channel[row])] == name]
    if not rows:
        return None
    return (max if newest else min)(rows, key=lambda row: int(block.measured_at_ms[row]))


def _signal(block: Readings, device: str) -> float | None:
    for part in SIGNAL:
        row = _row(block, f"{device}:{part}")
        if row is not None and row not in block.words:
            return float(block.value[row])
    return None
