"""Actions on alarms as people ask for them: checked first, refused with the remedy, then a change entry for the ledger.

::

    plan_action(alarm, holds, …) ──▶ Plan: the entry + what will follow ──▶ ledger ──▶ `alerts.handling` folds it
"""

from __future__ import annotations

from collections.abc import Mapping

from alerts.holds import RE_ALARM_MS, Hold, HoldKind, longest_shelf_ms
from alerts.lifecycle import STANDING, Alarm
from alerts.refusing import MINUTE_MS, refusal
from coldchain.errors import ConfigError
from coldchain.registry import AlarmAction
from coldchain.registry.actions import Plan, Said


def plan_action(
    found: tuple[Alarm, Mapping[HoldKind, Hold]] | None,
    name: str,
    action: str,
    now_ms: int,
    *,
    minutes: int | None = None,
    one_shot: bool = False,
) -> Plan:
    """Return what an action would write, and what follows.

    Args:
        found: the alarm and what lies on its point and rule (`alerts.readmodel.AlarmReader.handled`), None: no such.
        name: the alarm's id as the person gave it.
        action: one of `coldchain.registry.changes.ALARM_ACTIONS`.
        minutes: how long to shelve.

    Raises:
        ConfigError: it cannot be; with the reason and the remedy.
    """
    if found is None:
        raise ConfigError(f"{name}: no such alarm; `coldchain alarms --format json` lists ids")
    alarm, holds = found
    longest = longest_shelf_ms(alarm.episode.severity) // MINUTE_MS
    if minutes is not None and not 1 <= minutes <= longest:
        raise ConfigError(f"{name}: --minutes {minutes}: a {alarm.episode.severity} is shelved for 1 to {longest}")
    until_ms = None if minutes is None else now_ms + minutes * MINUTE_MS
    put = AlarmAction(alarm.id, action, now_ms, until_ms, one_shot)
    refused = refusal(alarm, put, holds)
    if refused is not None:
        raise ConfigError(f"{name}: {refused}")
    return Plan((put,), tuple(_says(alarm, put, minutes)))


def _says(alarm: Alarm, put: AlarmAction, minutes: int | None) -> list[Said]:
    about = {"point": alarm.episode.point, "rule": alarm.episode.rule}
    match put.action:
        case "acknowledge":
            patience_ms = RE_ALARM_MS.get(alarm.episode.severity)
            if patience_ms is None or alarm.state not in STANDING:
                return [Said("acknowledged-once", {"alarm": alarm.id})]
            return [Said("acknowledged", {"alarm": alarm.id, "minutes": patience_ms // MINUTE_MS})]
        case "reset":
            return [Said("reset", {"alarm": alarm.id})]
        case "shelve":
            said = [Said("shelved", {**about, "minutes": minutes})]
            return [*said, Said("one-shot")] if put.one_shot else said
        case "unshelve":
            return [Said("unshelved", about)]
    return [Said(put.action, about)]
