"""After a judgement: which alarm stands for which episode now.

Overlapping in time → the alarm lives on in a new version; several alarms over one episode → the oldest lives on and
the others are merged into it; an episode without an alarm → a new alarm; an alarm without an episode → retracted
(protocol: judging). Afterwards each episode has exactly one alarm that is neither retracted nor merged.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from alerts.episodes import Episode
from alerts.holds import OPENLY, Annunciation, Way
from alerts.lifecycle import RECENT_MS, STANDING, Alarm, AlarmState, Telling, Transition, Trigger, step
from alerts.records import RECORDED
from coldchain.registry import SEVERITIES


@dataclass(frozen=True, slots=True)
class Outcome:
    """One alarm after a judgement, with the steps that brought it there (none: only its numbers moved)."""

    alarm: Alarm
    transitions: tuple[Transition, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """When a judgement is made and how far the point's readings go, ms UTC.

    Attributes:
        why: reason of the steps, where it is none of the fold's; ``evidence``: what they rest on beside the episode.
    """

    now_ms: int
    newest_ms: int
    why: str = ""
    evidence: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Policy:
    """What of an occurrence is decided elsewhere.

    Attributes:
        way: how a new occurrence speaks: openly, shelved, suppressed, out of service.
        shelved: whether a shelf in force covers it; of a shelved alarm asked again, because nothing fires while the
            judge catches up, and a shelf may have been over when the readings came.
        latches: whether it stays until a person resets it.
    """

    way: Callable[[Episode], Way] = lambda episode: OPENLY
    shelved: Callable[[Episode], bool] = lambda episode: True
    latches: Callable[[Episode], bool] = lambda episode: False


PLAIN = Policy()


def told_of(episodes: Sequence[Episode]) -> list[Episode]:
    """Return the episodes that become alarms: the record rings nobody."""
    return [episode for episode in episodes if episode.rule not in RECORDED]


def alarm_id(episode: Episode, taken: Callable[[str], bool]) -> str:
    """Return an id made of the episode's key, with an ordinal if an earlier alarm was born with the same key.

    Args:
        taken: says whether an alarm, retracted ones included, has this id.
    """
    text = f"{episode.point}\n{episode.rule}\n{episode.onset_ms}"
    digest = hashlib.blake2b(text.encode(), digest_size=10).digest()
    name = base64.b32encode(digest).decode().lower()
    ordinal = 1
    while taken(name if ordinal == 1 else f"{name}-{ordinal}"):
        ordinal += 1
    return name if ordinal == 1 else f"{name}-{ordinal}"


def reconcile(
    alarms: Sequence[Alarm],
    episodes: Sequence[Episode],
    moment: Moment,
    taken: Callable[[str], bool],
    policy: Policy = PLAIN,
) -> list[Outcome]:
    """Match a point's alarms with its episodes, both of one stretch of time.

    Whether an alarm pages is decided afterwards (`alerts.telling`).

    Args:
        alarms: of the point, neither retracted nor merged; every one that an episode of the stretch had before.
        episodes: of the point as judged now.

    Returns:
        An outcome for each alarm that changed, each new one, and each whose page was put off; nothing for an alarm
        that stayed as it was.
    """
    oldest_first = sorted(alarms, key=lambda alarm: (alarm.raised_at_ms, alarm.episode.onset_ms, alarm.id))
    heirs: dict[int, Alarm] = {}
    left = list(oldest_first)
    ordered = sorted(episodes, key=lambda episode: (episode.rule, episode.onset_ms))
    for place, episode in enumerate(ordered):
        heir = next((alarm for alarm in left if _overlap(alarm, episode)), None)
        if heir is not None:
            left.remove(heir)
            heirs[place] = heir
    outcomes: list[Outcome] = []
    named: dict[int, str] = {}
    born: set[str] = set()
    for place, episode in enumerate(ordered):
        if place in heirs:
            outcomes += _revised(heirs[place], episode, moment, policy)
            named[place] = heirs[place].id
        else:
            name = alarm_id(episode, lambda candidate: candidate in born or taken(candidate))
            born.add(name)
            named[place] = name
            outcomes.append(raised(name, episode, moment, policy))
    for alarm in left:
        over = next((place for place, episode in enumerate(ordered) if _overlap(alarm, episode)), None)
        outcomes.append(_gone(alarm, None if over is None else named[over], moment))
    return outcomes


def raised(name: str, episode: Episode, moment: Moment, policy: Policy = PLAIN) -> Outcome:
    """Return a new alarm for an episode, held back if it is, returned already if the episode is over."""
    late = moment.now_ms - episode.raised_ms >= RECENT_MS
    alarm = Alarm(name, episode, AlarmState.NORMAL, moment.now_ms, late)
    evidence = {**_evidence(episode), **moment.evidence}
    reason = moment.why or ("late-discovered" if late else "limit")
    alarm, first = step(alarm, Trigger.RAISE, moment.now_ms, reason, evidence)
    alarm, steps = held_back(alarm, policy.way(episode), moment.now_ms)
    steps = [first, *steps]
    if episode.ended_ms is not None:
        alarm, last = step(alarm, _back(episode, policy), moment.now_ms, episode.end_reason, evidence)
        steps.append(last)
    return Outcome(alarm, tuple(steps))


_HOLDING = {
    AlarmState.SHELVED: Annunciation.SHELVED,
    AlarmState.SUPPRESSED: Annunciation.SUPPRESSED,
    AlarmState.OUT_OF_SERVICE: Annunciation.OUT_OF_SERVICE,
}
_HOLD = {
    Annunciation.SHELVED: Trigger.SHELVE,
    Annunciation.SUPPRESSED: Trigger.SUPPRESS,
    Annunciation.OUT_OF_SERVICE: Trigger.OUT_OF_SERVICE,
}
_RELEASE = {
    Annunciation.SHELVED: Trigger.UNSHELVE,
    Annunciation.SUPPRESSED: Trigger.UNSUPPRESS,
    Annunciation.OUT_OF_SERVICE: Trigger.IN_SERVICE,
}
_RANK = tuple(Annunciation)


def held_back(alarm: Alarm, way: Way, at_ms: int) -> tuple[Alarm, list[Transition]]:
    """Bring an alarm whose condition stands to how it has to speak, with the steps that it takes."""
    steps: list[Transition] = []
    current = _HOLDING.get(alarm.state, Annunciation.IN_SERVICE)
    if current is way.annunciation:
        return alarm, steps
    if _RANK.index(current) > _RANK.index(way.annunciation):
        alarm, released = step(alarm, _RELEASE[current], at_ms, f"no longer {current}")
        steps.append(released)
    if way.annunciation is not Annunciation.IN_SERVICE:
        evidence = {} if way.until_ms is None else {"until_ms": way.until_ms}
        alarm, held = step(alarm, _HOLD[way.annunciation], at_ms, way.why, evidence, way.who)
        steps.append(held)
    return alarm, steps


def _back(episode: Episode, policy: Policy) -> Trigger:
    return Trigger.LATCH if policy.latches(episode) else Trigger.RETURN


def _revised(alarm: Alarm, episode: Episode, moment: Moment, policy: Policy) -> list[Outcome]:
    was_open, is_open = alarm.episode.ended_ms is None, episode.ended_ms is None
    standing = alarm.state in STANDING
    if alarm.episode == episode:
        return [Outcome(alarm, ())] if alarm.telling is Telling.DEFER and is_open else []
    moved, steps = replace(alarm, episode=episode), list[Transition]()
    shelved = alarm.state is AlarmState.SHELVED
    if standing and was_open and not is_open:
        if shelved and not policy.shelved(episode):
            moved, over = step(moved, Trigger.UNSHELVE, moment.now_ms, "shelf-over")
            steps.append(over)
        trigger, reason = _back(episode, policy), episode.end_reason
    elif is_open and not standing:
        trigger, reason = Trigger.RAISE, "re-judged: open still"
    elif is_open and was_open and alarm.episode.key == episode.key and alarm.episode.raised_ms == episode.raised_ms:
        change = _rank(episode) - _rank(alarm.episode) or max(episode.step - alarm.episode.step, 0)
        if not change:
            return [Outcome(moved, ())]
        trigger, reason = (Trigger.ESCALATE if change > 0 else Trigger.EASE), episode.severity
        if change > 0 and shelved and policy.shelved(episode):
            trigger = Trigger.REVISE  # no worse than what was shelved
    else:
        trigger, reason = Trigger.REVISE, moment.why or "re-judged"
    moved, transition = step(moved, trigger, moment.now_ms, reason, {**_evidence(episode), **moment.evidence})
    steps.append(transition)
    if trigger is Trigger.RAISE:
        moved, more = held_back(moved, policy.way(episode), moment.now_ms)
        steps += more
    return [Outcome(moved, tuple(steps))]


def _gone(alarm: Alarm, heir: str | None, moment: Moment) -> Outcome:
    trigger, reason = (Trigger.RETRACT, "no-episode") if heir is None else (Trigger.MERGE, f"merged into {heir}")
    gone, transition = step(alarm, trigger, moment.now_ms, reason, _evidence(alarm.episode))
    return Outcome(replace(gone, merged_into=heir), (transition,))


def _overlap(alarm: Alarm, episode: Episode) -> bool:
    return alarm.episode.rule == episode.rule and episode.overlaps(alarm.episode.onset_ms, alarm.episode.ended_ms)


def _rank(episode: Episode) -> int:
    return SEVERITIES.index(episode.severity)


def _evidence(episode: Episode) -> dict[str, object]:
    return {
        "onset_ms": episode.onset_ms,
        "decided_ms": episode.raised_ms if episode.closed_ms is None else episode.closed_ms,
        "ended_ms": episode.ended_ms,
        "limit": episode.limit,
        "unit": episode.unit,
        "rule_version": episode.rule_version,
        "rule_from_ms": episode.rule_from_ms,
        "peak": episode.peak,
        "mean": episode.mean,
        "dose_h": episode.dose_h,
        "dose_model": episode.dose_model,
        "kinetic_mean_celsius": episode.kinetic_mean_celsius,
        "exposed_ms": episode.exposed_ms,
        "suppressed_ms": episode.suppressed_ms,
        "excess_kelvin_min": episode.excess_kelvin_min,
        "hole_ms": episode.hole_ms,
        "samples": episode.samples,
        "step": episode.step,
        "severity": episode.severity,
        "top_severity": episode.top_severity,
    }
