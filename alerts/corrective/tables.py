"""Tables of corrective action; in the alarm store's file (`alerts.tables`).

``corrective_said`` is what was said; the other tables follow from it and from the alarms (`alerts.corrective.rows`).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, LargeBinary, String, Table

from alerts.tables import metadata

corrective_said = Table(
    "corrective_said",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("about", String, nullable=False),
    Column("received_ms", BigInteger, nullable=False),
    Column("raw", LargeBinary, nullable=False),
)
"""``about``: an alarm's id, ``lead:`` or ``risk:`` and an id; ``raw``: the change as the ledger has it."""
Index("corrective_said_about", corrective_said.c.about, corrective_said.c.position)

correction = Table(
    "correction",
    metadata,
    Column("about", String, primary_key=True),
    Column("site", String, nullable=False),
    Column("asset", String, nullable=False),
    Column("rule", String, nullable=False),
    Column("grade", String, nullable=False),
    Column("state", String, nullable=False),
    Column("begun_ms", BigInteger, nullable=False),
    Column("due_ms", BigInteger, nullable=False),
    Column("done_ms", BigInteger),
    Column("closed_ms", BigInteger),
    Column("check_until_ms", BigInteger),
    Column("core_celsius", Float),
    Column("cause", String, nullable=False),
    Column("responsible", String, nullable=False),
    sqlite_with_rowid=False,
)
"""What must be done about something. ``begun_ms``: when it was asked for; ``check_until_ms``: 待核查, a core
temperature is asked for until then; NULL: none is (any more). ``core_celsius``: the warmest reading."""
Index("correction_state", correction.c.state, correction.c.due_ms)
Index("correction_begun", correction.c.begun_ms, correction.c.about)

matter = Table(
    "matter",
    metadata,
    Column("about", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("source", String, nullable=False),
    Column("site", String, nullable=False),
    Column("state", String, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("due_ms", BigInteger),
    sqlite_with_rowid=False,
)
"""Leads and risk reports; ``kind``: ``lead`` or ``risk``; ``state``: `alerts.corrective.rows.MatterState`."""
Index("matter_page", matter.c.kind, matter.c.at_ms, matter.c.about)
