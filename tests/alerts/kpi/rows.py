"""Rows of an alarm store and of a notifier's file, for KPIs to be made of."""

from __future__ import annotations

from alerts.corrective.tables import correction
from alerts.lifecycle import AlarmState
from alerts.notify.content import State
from alerts.notify.store import NotifyStore
from alerts.notify.tables import content, message
from alerts.store import AlertStore
from alerts.tables import alarm, alarm_transition, episode

MINUTE_MS = 60_000


def _episode(point: str, rule: str, onset_ms: int, ended_ms: int | None) -> dict[str, object]:
    return {
        "point": point, "rule": rule, "onset_ms": onset_ms, "raised_ms": onset_ms, "ended_ms": ended_ms,
        "closed_ms": ended_ms, "end_reason": "", "peak": None, "peak_ms": None, "mean": None, "dose_h": None,
        "dose_model": "", "kinetic_mean_celsius": None, "exposed_ms": 0, "suppressed_ms": 0, "excess_kelvin_min": 0.0,
        "hole_ms": 0, "samples": 0, "limit": None, "unit": "Cel", "rule_version": "", "rule_from_ms": 0, "step": 0,
        "severity": "warning", "top_severity": "warning",
    }  # fmt: skip


def add_episode(store: AlertStore, point: str, rule: str, onset_ms: int, ended_ms: int | None) -> None:
    """Store an episode of the record."""
    with store.engine.execution_options(writing=True).begin() as connection:
        connection.execute(episode.insert(), _episode(point, rule, onset_ms, ended_ms))


def add_alarm(
    store: AlertStore,
    name: str,
    raised_ms: int,
    *,
    site: str = "shop-1",
    rule: str = "high",
    lasted_ms: int | None = 30 * MINUTE_MS,
    paged: bool = True,
    acknowledged_ms: tuple[int, ...] = (),
    state: AlarmState = AlarmState.NORMAL,
    chattering: bool = False,
    late: bool = False,
) -> None:
    """Store an alarm and its acknowledgements."""
    ended_ms = None if lasted_ms is None else raised_ms + lasted_ms
    row = _episode(f"{name}.point", rule, raised_ms, ended_ms) | {
        "id": name, "asset": "cooler-1", "site": site, "state": state, "raised_at_ms": raised_ms,
        "late_discovered": late, "version": 1, "merged_into": None, "telling": "page", "telling_reason": "",
        "paged_at_ms": raised_ms if paged else None, "paged_severity": None, "paged_step": 0,
        "chattering": chattering, "changed": 1, "position": 1, "ordinal": 1,
    }  # fmt: skip
    steps = [
        {
            "alarm": name, "ordinal": 2 + place, "at_ms": at_ms, "before": "unacknowledged", "after": "acknowledged",
            "trigger": "acknowledge", "reason": "", "evidence": "{}", "who": "somebody",
        }
        for place, at_ms in enumerate(acknowledged_ms)
    ]  # fmt: skip
    with store.engine.execution_options(writing=True).begin() as connection:
        connection.execute(alarm.insert(), row)
        if steps:
            connection.execute(alarm_transition.insert(), steps)


def add_correction(
    store: AlertStore, about: str, begun_ms: int, *, due_ms: int, done_ms: int | None = None, state: str = "open"
) -> None:
    """Store a corrective action of shop-1."""
    row = {
        "about": about, "site": "shop-1", "asset": "cooler-1", "rule": "high", "grade": "minor", "state": state,
        "begun_ms": begun_ms, "due_ms": due_ms, "done_ms": done_ms, "closed_ms": done_ms, "check_until_ms": None,
        "core_celsius": None, "cause": "", "responsible": "",
    }  # fmt: skip
    with store.engine.execution_options(writing=True).begin() as connection:
        connection.execute(correction.insert(), row)


def add_message(
    notes: NotifyStore, key: str, name: str, made_ms: int, ended_ms: int, state: State = State.ACCEPTED
) -> None:
    """Store a message that tells of an alarm."""
    row = {
        "key": key, "receiver": f"person:{key}", "kind": "alarm", "severity": "warning", "made_ms": made_ms,
        "content": b"{}", "routes": b"[]", "route": 0, "state": state, "attempts": 1, "begun_ms": made_ms,
        "next_ms": 0, "ended_ms": ended_ms, "reference": "", "why": "", "missed": False, "recorded": True,
    }  # fmt: skip
    told = {"outbox": 1, "alarm": name, "ordinal": 1, "repeat": 0, "receiver": f"person:{key}", "message": key}
    with notes.engine.execution_options(writing=True).begin() as connection:
        connection.execute(message.insert(), row)
        connection.execute(content.insert(), told)
