"""Tables of the store of goods: a file of its own beside the ledger, made anew from it when in doubt.

``entry``, ``mention``, ``recall_mention``, ``trip_mention`` and ``trip_lot`` are what was said; the other tables follow
from it, lot by lot (`coldchain.goods.aboard`).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, LargeBinary, MetaData, String, Table

from coldchain.projected import cursor_table

VERSION = 2

metadata = MetaData()

cursor = cursor_table(metadata)

entry = Table(
    "entry",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("received_ms", BigInteger, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("refused", String, nullable=False),
    Column("detail", String, nullable=False),
)
"""``raw``: the change as the ledger has it; ``refused``: why it cannot be (`coldchain.goods.verdicts`), or empty."""
Index("entry_refused", entry.c.refused, entry.c.position, sqlite_where=entry.c.refused != "")

mention = Table(
    "mention",
    metadata,
    Column("lot", String, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
Index("mention_position", mention.c.position)

recall_mention = Table(
    "recall_mention",
    metadata,
    Column("recall", String, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""Entries of a recall; everything else of it is worked out when asked for."""

trip_mention = Table(
    "trip_mention",
    metadata,
    Column("trip", String, primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
"""Entries of a trip: its plan, its vehicles, what people said."""

trip_lot = Table(
    "trip_lot",
    metadata,
    Column("trip", String, primary_key=True),
    Column("lot", String, primary_key=True),
    sqlite_with_rowid=False,
)
"""Which lots name a trip: they are folded anew when something is said of it."""

lot = Table(
    "lot",
    metadata,
    Column("id", String, primary_key=True),
    Column("product", String, nullable=False),
    Column("quantity", Float, nullable=False),
    Column("unit", String, nullable=False),
    Column("gtin", String, nullable=False),
    Column("number", String, nullable=False),
    Column("produced", String, nullable=False),
    Column("expires", String, nullable=False),
    Column("low_celsius", Float),
    Column("high_celsius", Float),
    Column("label", String, nullable=False),
    Column("produced_ms", BigInteger),
    Column("expires_ms", BigInteger),
    sqlite_with_rowid=False,
)

Index("lot_number", lot.c.number, sqlite_where=lot.c.number != "")

stay = Table(
    "stay",
    metadata,
    Column("lot", String, primary_key=True),
    Column("place", String, primary_key=True),
    Column("from_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("to_ms", BigInteger, nullable=False),
    Column("arrived_ms", BigInteger, nullable=False),
    Column("quantity", Float),
    sqlite_with_rowid=False,
)
Index("stay_place", stay.c.place, stay.c.to_ms, stay.c.from_ms)

arrival = Table(
    "arrival",
    metadata,
    Column("lot", String, nullable=False),
    Column("place", String, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("came_from", String, nullable=False),
    Column("quantity", Float),
    Column("how", String, nullable=False),
    Column("trip", String, nullable=False),
    Column("stop", Integer),
    Column("paper", String, nullable=False),
    Column("change", String, nullable=False),
)
Index("arrival_lot", arrival.c.lot, arrival.c.place, arrival.c.at_ms)
Index("arrival_trip", arrival.c.trip, sqlite_where=arrival.c.trip != "")

departure = Table(
    "departure",
    metadata,
    Column("lot", String, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("place", String, nullable=False),
    Column("quantity", Float),
    Column("how", String, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("change", String, nullable=False),
)
Index("departure_lot", departure.c.lot, departure.c.at_ms)

descent = Table(
    "descent",
    metadata,
    Column("child", String, primary_key=True),
    Column("parent", String, primary_key=True),
    Column("change", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("parent_place", String, nullable=False),
    sqlite_with_rowid=False,
)
"""Which lots a lot came out of; rewritten with the child."""
Index("descent_parent", descent.c.parent)

hold = Table(
    "hold",
    metadata,
    Column("lot", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("place", String, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("who", String, nullable=False),
    Column("why", String, nullable=False),
    Column("alarm", String, nullable=False),
    Column("decision", String, nullable=False),
    Column("decided_ms", BigInteger),
    Column("decided_by", String, nullable=False),
    Column("decided_why", String, nullable=False),
    sqlite_with_rowid=False,
)
Index("hold_open", hold.c.at_ms, sqlite_where=hold.c.decision == "")

doubt = Table(
    "doubt",
    metadata,
    Column("lot", String, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("doubt", String, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("place", String, nullable=False),
    Column("quantity", Float),
)
Index("doubt_lot", doubt.c.lot, doubt.c.at_ms)
