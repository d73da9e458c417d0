"""Tables of what people did with alarms and of what waits for a time; in the alarm store's file (`alerts.tables`)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, String, Table

from alerts.tables import alarm, metadata

hold = Table(
    "hold",
    metadata,
    Column("point", String, primary_key=True),
    Column("rule", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("severity", String, nullable=False),
    Column("from_ms", BigInteger, nullable=False),
    Column("until_ms", BigInteger),
    Column("one_shot", Boolean, nullable=False),
    Column("who", String, nullable=False),
    Column("why", String, nullable=False),
    sqlite_with_rowid=False,
)
"""Shelved and out of service, as `alerts.holds.Hold`; ``until_ms`` is a deadline."""

re_alarm = Table(
    "re_alarm",
    metadata,
    Column("alarm", String, primary_key=True),
    Column("due_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""When an acknowledged alarm is unacknowledged again, if it still stands."""
Index("re_alarm_due", re_alarm.c.due_ms)

page = Table(
    "page",
    metadata,
    Column("alarm", String, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("asset", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("family", String, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Every page that was decided: of which version of which alarm."""
Index("page_asset", page.c.asset, page.c.at_ms)

early_action = Table(
    "early_action",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("alarm", String, nullable=False),
    Column("entry", LargeBinary, nullable=False),
)
"""Actions on alarms that are not known (yet): an emptied store learns of late readings after the actions on them."""

Index("alarm_rule", alarm.c.point, alarm.c.rule, alarm.c.onset_ms)
