"""Which pages some episodes would have brought, had every reading come as it was measured and nobody done anything.

The decisions are those of `alerts.telling` and `alerts.occurrences`; only when they are asked is simulated: when an
episode is raised, changes its severity or its step, and ends. Silence and clocks are no episodes of readings, and what
people acknowledged, shelved or took out of service is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from alerts.episodes import Episode
from alerts.lifecycle import Alarm, AlarmState, Telling, TellingReason
from alerts.occurrences import chattering
from alerts.telling import PAGE_EVERY_MS, Paged, family_of, got_worse, paged, told, within_budget
from coldchain.registry import SEVERITIES


@dataclass(frozen=True, slots=True)
class Step:
    """What an episode was when a sample raised, moved or closed it.

    Attributes:
        at_ms: measured time of that sample.
        number: rank of the point in its asset; of steps at the same time the lower one is told first.
    """

    at_ms: int
    number: int
    episode: Episode


@dataclass(frozen=True, slots=True)
class Page:
    """One page; ``episode`` as it was then."""

    at_ms: int
    episode: Episode
    reason: TellingReason


def pages_of(steps: Iterable[Step]) -> list[Page]:
    """Return the pages of one asset, in their order.

    Args:
        steps: of all its points, those of an episode in their order; a page budget is an asset's.
    """
    alarms: dict[tuple[str, str, int], Alarm] = {}
    began: dict[tuple[str, str], list[tuple[int, bool]]] = {}
    pages: list[Page] = []
    for step in sorted(steps, key=lambda one: (one.at_ms, one.number, one.episode.rule)):
        episode, known = step.episode, alarms.get(step.episode.key)
        if known is None:
            before = began.setdefault((episode.point, episode.rule), [])
            chatters = chattering(episode.onset_ms, before)
            before.append((episode.onset_ms, chatters))
            alarm = Alarm("", episode, _state(episode), step.at_ms, False, chattering=chatters)
        else:
            alarm = replace(known, episode=episode, state=_state(episode))
        if known is None or _moved(known, alarm):
            alarm = _decided(alarm, step.at_ms, pages)
        alarms[episode.key] = alarm
    return pages


def _state(episode: Episode) -> AlarmState:
    return AlarmState.UNACKNOWLEDGED if episode.ended_ms is None else AlarmState.RETURNED_UNACKNOWLEDGED


def _moved(known: Alarm, alarm: Alarm) -> bool:
    """Say whether there is something to tell: another level of the same severity that paged already is not."""
    over = alarm.episode.ended_ms is not None
    farther = alarm.paged_at_ms is not None and got_worse(alarm)
    return over or farther or known.episode.severity != alarm.episode.severity


def _decided(alarm: Alarm, at_ms: int, pages: list[Page]) -> Alarm:
    alarm = told(alarm, at_ms, at_ms)
    if alarm.telling is Telling.PAGE:
        alarm = within_budget(alarm, _last(pages, at_ms))
    if alarm.telling is Telling.PAGE:
        pages.append(Page(at_ms, alarm.episode, alarm.telling_reason))
        alarm = paged(alarm, at_ms)
    return alarm


def _last(pages: list[Page], at_ms: int) -> Paged | None:
    recent = []
    for page in reversed(pages):
        if page.at_ms <= at_ms - PAGE_EVERY_MS:
            break
        recent.append(page)
    if not recent:
        return None
    worst = max((page.episode.severity for page in recent), key=SEVERITIES.index)
    return Paged(recent[0].at_ms, worst, frozenset(family_of(page.episode.rule) for page in recent))
