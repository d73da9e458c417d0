"""The ledger's tables: what Alembic makes once, and what each month adds.

Months are tables of their own, so that retention can drop one whole (after its archive is verified) while no row
ever changes: the database itself refuses UPDATE and DELETE.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    text,
)

metadata = MetaData()

counter = Table(
    "counter",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("position", BigInteger, nullable=False),
)

heads = Table(
    "heads",
    metadata,
    Column("chain", Integer, primary_key=True, autoincrement=True),
    Column("node", String(64), nullable=False),
    Column("epoch", LargeBinary(8), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("key", LargeBinary(32), nullable=False),
    UniqueConstraint("node", "epoch"),
)

months = Table(
    "months",
    metadata,
    Column("name", String(7), primary_key=True),
    Column("first_position", BigInteger, nullable=False, unique=True),
)

_month_tables: dict[str, Table] = {}


def month_table(name: str) -> Table:
    """Return the table of a month named like ``2026_11``."""
    if name not in _month_tables:
        table = Table(
            f"entries_{name}",
            MetaData(),
            Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
            Column("kind", SmallInteger, nullable=False),
            Column("received_at_ms", BigInteger, nullable=False),
            Column("chain", Integer),
            Column("seq", BigInteger),
            Column("raw", LargeBinary, nullable=False),
        )
        Index(
            f"entries_{name}_chain",
            table.c.chain,
            table.c.seq,
            unique=True,
            sqlite_where=table.c.chain.is_not(None),
            postgresql_where=table.c.chain.is_not(None),
        )
        Index(
            f"entries_{name}_changes",
            table.c.position,
            sqlite_where=table.c.kind == 1,
            postgresql_where=table.c.kind == 1,
        )
        _month_tables[name] = table
    return _month_tables[name]


def make_month(connection: Connection, name: str) -> Table:
    """Make a month's table with the triggers that refuse UPDATE and DELETE."""
    table = month_table(name)
    table.create(connection)
    if connection.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            connection.execute(
                text(
                    f"CREATE TRIGGER {table.name}_no_{verb.lower()} BEFORE {verb} ON {table.name} "
                    f"BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: {verb} refused'); END"
                )
            )
    return table
