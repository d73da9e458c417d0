"""Tables of the notifier: a file of its own, since what was told to whom can be made anew from nothing else.

::

    subject ◀─ due_step        an alarm that people are told of, and who is asked next
       ▲
     member ─▶ cluster         what one receiver is, or is to be, told of one site; the cluster's timer
                  └▶ message ◀─ content, attempt     one message, of which alarms it tells, each try to send it
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table

SCHEMA_VERSION = 1

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
"""``schema``; ``outbox``, ``cursor``, ``heard``: `alerts.notify.store.ReadFrom`; ``drill``: when the next one is."""

subject = Table(
    "subject",
    metadata,
    Column("alarm", String, primary_key=True),
    Column("rule", String, nullable=False),
    Column("asset", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("site", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("stands", Boolean, nullable=False),
    Column("asked", Boolean, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("gone", Boolean, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("page_ordinal", Integer, nullable=False),
    Column("paged_ms", BigInteger, nullable=False),
    Column("moved_ms", BigInteger, nullable=False),
    Column("rushed", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
"""Alarms of which a page was decided, as of the cursor. ``stands``: the condition does; ``asked``: somebody has to
react; ``held``: shelved, suppressed or out of service; ``gone``: retracted or merged; ``ordinal``: newest transition;
``page_ordinal``: the one of the last page; ``paged_ms``: when that was heard of; ``moved_ms``: when anything was;
``rushed``: whoever was asked cannot be reached, so the next ones are asked at once."""
Index("subject_site", subject.c.site, subject.c.stands)
Index("subject_rushed", subject.c.rushed)

due_step = Table(
    "due_step",
    metadata,
    Column("alarm", String, primary_key=True),
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""When the steps of an alarm's chain are due: ``step`` counts from 0."""
Index("due_step_at", due_step.c.at_ms)

member = Table(
    "member",
    metadata,
    Column("receiver", String, primary_key=True),
    Column("alarm", String, primary_key=True),
    Column("site", String, nullable=False),
    Column("step", Integer, nullable=False),
    Column("told_ordinal", Integer, nullable=False),
    Column("told_severity", String, nullable=False),
    Column("told_ms", BigInteger, nullable=False),
    Column("told_over", Boolean, nullable=False),
    Column("repeats", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""Who hears of which alarm, by which ``step`` of its chain (-1: a room), and what they were told last:
``told_ordinal`` 0: nothing yet."""
Index("member_cluster", member.c.receiver, member.c.site)
Index("member_alarm", member.c.alarm)

cluster = Table(
    "cluster",
    metadata,
    Column("receiver", String, primary_key=True),
    Column("site", String, primary_key=True),
    Column("last_ms", BigInteger, nullable=False),
    Column("next_ms", BigInteger),
    sqlite_with_rowid=False,
)
"""What one receiver is told of one site goes into one message. ``last_ms``: when the last one was made, 0: never;
``next_ms``: when to look again."""
Index("cluster_next", cluster.c.next_ms)

message = Table(
    "message",
    metadata,
    Column("key", String, primary_key=True),
    Column("receiver", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("routes", LargeBinary, nullable=False),
    Column("route", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("begun_ms", BigInteger, nullable=False),
    Column("next_ms", BigInteger, nullable=False),
    Column("ended_ms", BigInteger),
    Column("reference", String, nullable=False),
    Column("why", String, nullable=False),
    Column("missed", Boolean, nullable=False),
    Column("recorded", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
"""``content``: `alerts.notify.content.Content`, ``routes``: `alerts.notify.directory.Route` one after another, both as
JSON; ``route``: which of them is tried; ``attempts``, ``begun_ms``: on it; ``state``: `alerts.notify.content.State`;
``missed``: it is late on its last way, and the next step of its alarms was asked; ``recorded``: the ledger knows that
it was accepted."""
Index("message_due", message.c.state, message.c.next_ms)
Index("message_receiver", message.c.receiver, message.c.made_ms)

content = Table(
    "content",
    metadata,
    Column("outbox", BigInteger, primary_key=True, autoincrement=False),
    Column("alarm", String, primary_key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("repeat", Integer, primary_key=True, autoincrement=False),
    Column("receiver", String, primary_key=True),
    Column("message", String, nullable=False),
    sqlite_with_rowid=False,
)
"""Which message tells a receiver of which transition of an alarm: one, whatever happens (protocol: outbox key; the
channel is the message's)."""
Index("content_message", content.c.message)

attempt = Table(
    "attempt",
    metadata,
    Column("message", String, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("way", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("answer", String, nullable=False),
    Column("why", String, nullable=False),
    sqlite_with_rowid=False,
)
"""Each try, and what the provider answered."""
Index("attempt_channel", attempt.c.channel, attempt.c.at_ms)

digest = Table(
    "digest",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("receiver", String, primary_key=True),
    Column("from_ms", BigInteger, nullable=False),
    Column("next_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""When each digest of each reader is due, and from when on it tells."""
Index("digest_next", digest.c.next_ms)

drill = Table(
    "drill",
    metadata,
    Column("key", String, primary_key=True),
    Column("receiver", String, nullable=False),
    Column("sent_ms", BigInteger, nullable=False),
    Column("confirmed_ms", BigInteger),
    sqlite_with_rowid=False,
)
"""Messages of drills (`alerts.notify.drills`), and when each was confirmed."""
Index("drill_sent", drill.c.sent_ms)
