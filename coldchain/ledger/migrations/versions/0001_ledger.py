"""Counter, heads and months; the months' own tables are made as they begin."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "counter",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
    )
    op.execute("INSERT INTO counter (id, position) VALUES (1, 0)")
    op.create_table(
        "heads",
        sa.Column("chain", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("node", sa.String(64), nullable=False),
        sa.Column("epoch", sa.LargeBinary(8), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("key", sa.LargeBinary(32), nullable=False),
        sa.UniqueConstraint("node", "epoch"),
    )
    op.create_table(
        "months",
        sa.Column("name", sa.String(7), primary_key=True),
        sa.Column("first_position", sa.BigInteger, nullable=False, unique=True),
    )
