"""Tables of the alarm store: a file of its own beside the ledger.

Everything here can be folded again from the ledger except alarm ids, their versions and what was told to whom; so the
file is made here and not by migrations, and a `rebuild alarms` reconciles instead of deleting. ``meta`` names the
schema and the fold that wrote it.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, String, Table

SCHEMA_VERSION = 9

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
"""``schema``, ``fold``, ``changed`` (counts every written alarm row), ``trips`` (counts every judged trip), ``too_old``
(late samples not judged), ``heard`` (ledger position up to which `hearing` goes), ``up`` (the judge's own time then,
ms), ``outbox`` (names the file's outbox: an emptied one begins anew at 1)."""

cursor = Table(
    "cursor",
    metadata,
    Column("name", String, primary_key=True),
    Column("position", BigInteger, nullable=False),
)

fold_state = Table(
    "fold_state",
    metadata,
    Column("point", Integer, primary_key=True, autoincrement=False),
    Column("newest_ms", BigInteger, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("state", LargeBinary),
)
"""``point`` is the registry's number; ``record`` its POINT, ``state`` its STATE records, NULL when all are normal."""

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("point", Integer, primary_key=True, autoincrement=False),
    Column("first_midnight_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("last_midnight_ms", BigInteger, nullable=False),
    Column("newest_ms", BigInteger, nullable=False),
    Column("good_ms", BigInteger, nullable=False),
    Column("state", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Only points that were not normal at a UTC midnight: no row means normal. 100,000 points for 35 days would be
3.5 million rows that nearly all say the same."""

seen = Table(
    "seen",
    metadata,
    Column("channel", String, primary_key=True),
    Column("earliest_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""First measured time of each channel ever delivered, registered or not: what a registry change may make old."""

mark = Table(
    "mark",
    metadata,
    Column("point", Integer, primary_key=True, autoincrement=False),
    Column("from_ms", BigInteger, nullable=False),
    Column("node", String, nullable=False),
    Column("needs", BigInteger, nullable=False),
)
"""Points to judge again. ``needs``: the ledger position that the history must cover first."""

episode = Table(
    "episode",
    metadata,
    Column("point", String, primary_key=True),
    Column("rule", String, primary_key=True),
    Column("onset_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("raised_ms", BigInteger, nullable=False),
    Column("ended_ms", BigInteger),
    Column("closed_ms", BigInteger),
    Column("end_reason", String, nullable=False),
    Column("peak", Float),
    Column("peak_ms", BigInteger),
    Column("mean", Float),
    Column("dose_h", Float),
    Column("dose_model", String, nullable=False),
    Column("kinetic_mean_celsius", Float),
    Column("exposed_ms", BigInteger, nullable=False),
    Column("suppressed_ms", BigInteger, nullable=False),
    Column("excess_kelvin_min", Float, nullable=False),
    Column("hole_ms", BigInteger, nullable=False),
    Column("samples", Integer, nullable=False),
    Column("limit", Float),
    Column("unit", String, nullable=False),
    Column("rule_version", String, nullable=False),
    Column("rule_from_ms", BigInteger, nullable=False),
    Column("step", Integer, nullable=False),
    Column("severity", String, nullable=False),
    Column("top_severity", String, nullable=False),
    sqlite_with_rowid=False,
)

alarm = Table(
    "alarm",
    metadata,
    Column("id", String, primary_key=True),
    *(Column(column.name, column.type, nullable=column.nullable) for column in episode.c),
    Column("asset", String, nullable=False),
    Column("site", String, nullable=False),
    Column("state", String, nullable=False),
    Column("raised_at_ms", BigInteger, nullable=False),
    Column("late_discovered", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("merged_into", String),
    Column("telling", String, nullable=False),
    Column("telling_reason", String, nullable=False),
    Column("paged_at_ms", BigInteger),
    Column("paged_severity", String),
    Column("paged_step", Integer, nullable=False),
    Column("chattering", Boolean, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("ordinal", Integer, nullable=False),
)
"""An alarm with a copy of its episode. ``changed``: value of the change counter at the last write; ``position``: the
judge's cursor then; ``ordinal``: transitions so far."""
Index("alarm_point", alarm.c.point, alarm.c.closed_ms)
Index("alarm_changed", alarm.c.changed)
Index("alarm_position", alarm.c.position)
Index("alarm_page", alarm.c.raised_at_ms, alarm.c.id)

alarm_transition = Table(
    "alarm_transition",
    metadata,
    Column("alarm", String, primary_key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("before", String, nullable=False),
    Column("after", String, nullable=False),
    Column("trigger", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("evidence", String, nullable=False),
    Column("who", String, nullable=False),
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("alarm", String, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("page", Boolean, nullable=False),
    Column("reason", String, nullable=False),
    sqlite_autoincrement=True,
)
"""What the notifier has to look at, in the order of writing: an alarm came to a transition, or its page was decided
(``page``; ``reason``: `alerts.lifecycle.TellingReason`)."""

switch_run = Table(
    "switch_run",
    metadata,
    Column("point", Integer, primary_key=True, autoincrement=False),
    Column("from_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("last_ms", BigInteger, nullable=False),
    Column("is_on", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
"""What a switch said from its first sample to its last without a hole (`alerts.switches`); the last week of it."""

pending = Table(
    "pending",
    metadata,
    Column("point", String, primary_key=True),
    Column("rule", String, primary_key=True),
    Column("since_ms", BigInteger, nullable=False),
    Column("held_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Points beyond a limit whose on-delay runs, as of the cursor."""

hearing = Table(
    "hearing",
    metadata,
    Column("block", Integer, primary_key=True, autoincrement=False),
    Column("record", LargeBinary, nullable=False),
)
"""HEARD records of 1,024 points each, by the registry's number."""

heard_node = Table(
    "heard_node",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("node", String, nullable=False),
    Column("heard_ms", BigInteger, nullable=False),
)
"""``number``: as it stands in HEARD; ``heard_ms``: when any batch of it came last."""

wrong_clock = Table(
    "wrong_clock",
    metadata,
    Column("point", Integer, primary_key=True, autoincrement=False),
    Column("received_ms", String, nullable=False),
    Column("last_up", BigInteger, nullable=False),
)
"""When the last readings with an impossible time came, by the registry's number of their point."""

silence = Table(
    "silence",
    metadata,
    Column("subject", String, primary_key=True),
    Column("rule", String, primary_key=True),
    Column("onset_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("onset_up", BigInteger, nullable=False),
    Column("raised_ms", BigInteger, nullable=False),
    Column("newest_ms", BigInteger, nullable=False),
    Column("told", Boolean, nullable=False),
    Column("channel", String, nullable=False),
    Column("node", String, nullable=False),
    Column("points", Integer, nullable=False),
    Column("version", String, nullable=False),
    Column("ended_ms", BigInteger),
    Column("reason", String, nullable=False),
    Column("check_ms", BigInteger),
    sqlite_with_rowid=False,
)
"""Occurrences (`alerts.arrival.Occurrence`) that are open, or of which late data may still fill the gap."""

trip = Table(
    "trip",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("vehicle", String, nullable=False),
    Column("begins_ms", BigInteger, nullable=False),
    Column("ends_ms", BigInteger, nullable=False),
    Column("over", Boolean, nullable=False),
    Column("due", Boolean, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("said", LargeBinary, nullable=False),
    Column("judged", LargeBinary),
)
"""Trips: what was said of each, and what was found. ``begins_ms``, ``ends_ms``: as planned, 0 where the plan names no
time or nobody planned it yet; ``over``: it ended or was cancelled; ``due``: it has to be judged again; ``changed``:
counts every judged trip; ``said``: `alerts.transit.book.Entries` as JSON; ``judged``: `alerts.transit.view.TripView` as
JSON, NULL before its first judgement."""
Index("trip_vehicle", trip.c.vehicle, trip.c.begins_ms)
Index("trip_page", trip.c.begins_ms, trip.c.id)
Index("trip_over", trip.c.over, trip.c.due)

tank = Table(
    "tank",
    metadata,
    Column("asset", String, primary_key=True),
    Column("due", Boolean, nullable=False),
    Column("said", LargeBinary, nullable=False),
)
"""Tanks into which milk came; ``due``: the cooling of their milk has to be judged again; ``said``: every `Milking` of
the time that late data may change, as JSON."""
