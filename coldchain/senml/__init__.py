"""SenML (RFC 8428), JSON and CBOR by first byte: complete when receiving, one compact form when writing.

::

    bytes ──▶ decode(payload, now_ms) ──▶ Pack(readings, rejected)
    rows  ──▶ encode(rows)            ──▶ JSON bytes, grouped by channel (what a gateway seals)

A record that cannot be a reading is left out of the readings and named in ``rejected`` with its place; only a
pack that cannot be read at all raises. Sums (``s``) and data values (``vd``) are understood and, because no
store here keeps them, rejected by name: never silently dropped.
"""

from coldchain.senml.names import EARLIEST_WRITTEN_MS, MAX_NAME, UNTIMED, VERSION, valid_name
from coldchain.senml.reading import Pack, Single, decode, decode_singles
from coldchain.senml.writing import Row, encode

__all__ = [
    "EARLIEST_WRITTEN_MS",
    "MAX_NAME",
    "UNTIMED",
    "VERSION",
    "Pack",
    "Row",
    "Single",
    "decode",
    "decode_singles",
    "encode",
    "valid_name",
]
