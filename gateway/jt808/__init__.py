"""Vehicles' terminals that speak JT/T 808, at a door gateway.

::

    TCP ──▶ frames ──▶ Talk: who is it, may it speak? ──▶ parts ──▶ positions ──▶ Hearing ──▶ spool, fsync ─┐
     ▲     listener.py      talk.py, directory.py        parts.py   positions.py                            │
     └────────────────────────────── replies, only now ◀────────────────────────────────────────────────────┘

How a terminal's positions are read is data: `profiles.py`, and what the settings add to it.
"""
