"""Tables of the store of papers: a file of its own beside the ledger, made anew from it when in doubt.

``entry`` is what was said of papers and trips; ``paper`` follows from it (`coldchain.papers.fold`).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, String, Table

from coldchain.projected import cursor_table

VERSION = 1

metadata = MetaData()

cursor = cursor_table(metadata)

entry = Table(
    "entry",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("received_ms", BigInteger, nullable=False),
    Column("subject", String, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("refused", String, nullable=False),
    Column("detail", String, nullable=False),
)
"""``subject``: ``paper:`` or ``trip:`` and an id; ``raw``: the change as the ledger has it; ``refused``: why it cannot
be (`coldchain.papers.verdicts`), or empty."""
Index("entry_subject", entry.c.subject, entry.c.position)
Index("entry_refused", entry.c.refused, entry.c.position, sqlite_where=entry.c.refused != "")

paper = Table(
    "paper",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("sender", String, nullable=False),
    Column("receiver", String, nullable=False),
    Column("vehicle", String, nullable=False),
    Column("trip", String, nullable=False),
    Column("when_ms", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("replaces", String, nullable=False),
    sqlite_with_rowid=False,
)
"""``sender``, ``receiver``: sites, empty where there is none; ``when_ms``: when the goods left or came, else when the
paper was written."""
Index("paper_when", paper.c.when_ms, paper.c.id)
for _column in (paper.c.sender, paper.c.receiver, paper.c.vehicle, paper.c.trip, paper.c.replaces):
    Index(f"paper_{_column.name}", _column, sqlite_where=_column != "")
