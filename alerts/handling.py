"""What becomes of alarms beside the readings: what people do, what waits for a time, what is told.

::

    reconcile ─▶ occurrences: held back? chattering? ─┐
    AlarmAction (ledger) ─▶ holds, acknowledgements ──┼─▶ told within the page budget ─▶ alarm + transitions + pages
    idle, at the ledger's end ─▶ deadlines ───────────┘

Everything is written in the judge's transaction; nothing lives in memory, so a restart loses no time and fires none
twice. Deadlines are rows and are worked off in `Judge.idle` only: while the judge catches up nothing fires.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from alerts.episodes import Episode
from alerts.holds import (
    RE_ALARM_MS,
    Annunciation,
    AnnunciationHook,
    Hold,
    HoldKind,
    Way,
    always_in_service,
    longest_shelf_ms,
    way_of,
)
from alerts.lifecycle import GONE, STANDING, Alarm, AlarmState, Telling, TellingReason, Trigger, step
from alerts.occurrences import chattering
from alerts.rationalisation import latches
from alerts.reconcile import Moment, Outcome, Policy, held_back, reconcile
from alerts.refusing import refusal
from alerts.telling import PAGE_EVERY_MS, paged, told, within_budget
from alerts.writing import Writing
from coldchain.errors import RejectedReading
from coldchain.ledger.port import Entry
from coldchain.registry import AlarmAction, Change, decode_change

SWEEP_S = 10.0
"""Steady time between two looks at whether design holds back what stands; a suppression may be so much late to end."""

log = structlog.get_logger()


class Handling:
    """The judge's hand on its alarms.

    Args:
        place: from (point, measured ms) to asset and site.
        newest_ms: a point's newest sample judged, measured ms.
        annunciation: what design says of a (point, rule) at a time.
    """

    def __init__(
        self,
        place: Callable[[str, int], tuple[str, str]],
        newest_ms: Callable[[str], int],
        annunciation: AnnunciationHook = always_in_service,
    ) -> None:
        self._place = place
        self._newest_ms = newest_ms
        self._annunciation = annunciation
        self._swept_s = float("-inf")
        self.received_ms = 0
        """Received time of the newest entry applied. Whether a shelf was over is asked of this, and of the sample that
        decided where that is earlier, not of the clock: a judge that reads the ledger again in large steps finds what
        the first one found in small ones."""

    # -- occurrences --------------------------------------------------------------------------------------------

    def reconciled(
        self, writing: Writing, alarms: Sequence[Alarm], episodes: Sequence[Episode], moment: Moment
    ) -> list[Outcome]:
        """Match a point's alarms with its episodes, decide what is told, and write it; see `alerts.reconcile`."""
        before = {alarm.id: alarm for alarm in alarms}
        policy = Policy(
            lambda episode: self._way(writing, episode, episode.raised_ms, fresh=True),
            lambda episode: self._shelved(writing, episode),
            latches,
        )
        outcomes = reconcile(alarms, episodes, moment, writing.taken, policy)
        return [self._keep(writing, outcome, moment, before.get(outcome.alarm.id)) for outcome in outcomes]

    def _keep(self, writing: Writing, outcome: Outcome, moment: Moment, before: Alarm | None) -> Outcome:
        alarm = outcome.alarm
        if before is None and chattering(
            alarm.episode.onset_ms,
            writing.handling.occurrences(alarm.episode.point, alarm.episode.rule, alarm.episode.onset_ms),
        ):
            alarm = replace(alarm, chattering=True)
            writing.handling.count("chattering")
        if alarm.state not in GONE and (outcome.transitions or alarm.telling is Telling.DEFER):
            alarm = self._told(writing, alarm, moment)
        kept = Outcome(alarm, outcome.transitions)
        if kept.transitions or alarm != before:
            self._put(writing, kept)
        if alarm.state not in STANDING:
            self._one_shot_over(writing, alarm)
        for entry in writing.handling.take_early(alarm.id) if before is None else ():
            self._act(writing, decode_change(entry), moment.now_ms)
        return kept

    def _way(self, writing: Writing, episode: Episode, at_ms: int, *, fresh: bool = False) -> Way:
        """Return how an alarm has to speak; ``fresh``: it begins now, so a one-shot shelf was of one before it."""
        design = self._annunciation(episode.point, episode.rule, at_ms)
        holds = writing.handling.holds(episode.point, episode.rule)
        holds = {kind: held for kind, held in holds.items() if not (fresh and held.one_shot)}
        decided_ms = min(self.received_ms, episode.raised_ms) if fresh else self.received_ms
        return way_of(design, holds, episode.severity, decided_ms)

    def _shelved(self, writing: Writing, episode: Episode) -> bool:
        shelf = writing.handling.holds(episode.point, episode.rule).get(HoldKind.SHELVED)
        decided_ms = self.received_ms if episode.closed_ms is None else min(self.received_ms, episode.closed_ms)
        return shelf is not None and shelf.covers(episode.severity, decided_ms)

    def _one_shot_over(self, writing: Writing, alarm: Alarm) -> None:
        shelf = writing.handling.holds(alarm.episode.point, alarm.episode.rule).get(HoldKind.SHELVED)
        if shelf is not None and shelf.one_shot and not writing.handling.standing(shelf.point, shelf.rule):
            writing.handling.lift(shelf)

    # -- telling and writing --------------------------------------------------------------------------------------

    def _told(self, writing: Writing, alarm: Alarm, moment: Moment, again: TellingReason | None = None) -> Alarm:
        alarm = told(alarm, moment.now_ms, moment.newest_ms, again)
        if alarm.telling is not Telling.PAGE:
            return alarm
        asset, _ = self._place(alarm.episode.point, alarm.episode.onset_ms)
        last = writing.handling.last_page(asset, moment.now_ms - PAGE_EVERY_MS) if asset else None
        alarm = within_budget(alarm, last, again=again)
        if alarm.telling is Telling.PAGE:
            alarm = paged(alarm, moment.now_ms)
            writing.handling.note_page(alarm, asset, moment.now_ms)
        return alarm

    def _put(self, writing: Writing, outcome: Outcome) -> None:
        episode = outcome.alarm.episode
        writing.put(outcome, self._place(episode.point, episode.onset_ms))

    # -- what people do -------------------------------------------------------------------------------------------

    def act(self, writing: Writing, change: Change, position: int, now_ms: int) -> None:
        """Fold an `AlarmAction`; one on an unknown alarm waits for it, one that cannot be is counted and logged."""
        put = change.change
        assert isinstance(put, AlarmAction)
        writing.handling.count("actions")
        if writing.handling.alarm(put.alarm) is None:
            writing.handling.keep_early(position, put.alarm, change.encode())
            writing.handling.count("actions_early")
            log.warning("alarm.action_early", alarm=put.alarm, action=put.action, position=position)
            return
        self._act(writing, change, now_ms)

    def _act(self, writing: Writing, change: Change, now_ms: int) -> None:
        put, rows = change.change, writing.handling
        assert isinstance(put, AlarmAction)
        alarm = rows.alarm(put.alarm)
        while alarm is not None and alarm.merged_into is not None:
            alarm = rows.alarm(alarm.merged_into)
        if alarm is None:
            return
        point, rule = alarm.episode.point, alarm.episode.rule
        for over in [held for held in rows.holds(point, rule).values() if _over(held, put.at_ms)]:
            self._shelf_over(writing, over, put.at_ms, tell=False)
        alarm = rows.alarm(alarm.id) or alarm
        refused = refusal(alarm, put, rows.holds(point, rule))
        if refused is not None:
            rows.count("actions_refused")
            log.warning("alarm.action_refused", alarm=put.alarm, action=put.action, refused=refused)
            return
        match put.action:
            case "shelve" | "out-of-service":
                rows.lay(_hold(alarm, put, change))
            case "unshelve":
                rows.lift(rows.holds(point, rule)[HoldKind.SHELVED])
            case "in-service":
                rows.lift(rows.holds(point, rule)[HoldKind.OUT_OF_SERVICE])
        targets = [alarm]
        if put.action not in ("acknowledge", "reset"):
            targets += [other for other in rows.standing(point, rule) if other.id != alarm.id]
        for target in targets:
            self._stepped(writing, target, change, now_ms)

    def _stepped(self, writing: Writing, alarm: Alarm, change: Change, now_ms: int) -> None:
        put = change.change
        assert isinstance(put, AlarmAction)
        evidence = {"until_ms": put.until_ms, "one_shot": put.one_shot} if put.action == "shelve" else {}
        after, first = step(alarm, Trigger(put.action), put.at_ms, change.why, evidence, change.who)
        steps = [first]
        if after.state in STANDING and put.action in ("unshelve", "in-service"):
            way = self._way(writing, after.episode, put.at_ms)
            after, more = held_back(after, way, put.at_ms)
            steps += more
        if put.action == "acknowledge" and after.state is AlarmState.ACKNOWLEDGED:
            patience_ms = RE_ALARM_MS.get(after.episode.severity)
            writing.handling.set_re_alarm(after.id, None if patience_ms is None else put.at_ms + patience_ms)
        after = self._told(writing, after, self._moment(after, now_ms))
        self._put(writing, Outcome(after, tuple(steps)))

    # -- what waits for a time ------------------------------------------------------------------------------------

    def work_off(self, writing: Writing, now_ms: int) -> None:
        """Do what is due; only where the judge has reached the ledger's end."""
        for held in writing.handling.over(now_ms):
            self._shelf_over(writing, held, now_ms, tell=True)
        for name in writing.handling.re_alarms(now_ms):
            self._re_alarm(writing, name, now_ms)

    def _shelf_over(self, writing: Writing, held: Hold, now_ms: int, *, tell: bool) -> None:
        writing.handling.lift(held)
        writing.handling.count("shelves_over")
        for alarm in writing.handling.standing(held.point, held.rule):
            if alarm.state is not AlarmState.SHELVED:
                continue
            after, over = step(alarm, Trigger.UNSHELVE, now_ms, "shelf-over")
            if tell:
                after = self._told(writing, after, self._moment(after, now_ms), TellingReason.SHELF_OVER)
            self._put(writing, Outcome(after, (over,)))

    def _re_alarm(self, writing: Writing, name: str, now_ms: int) -> None:
        writing.handling.set_re_alarm(name, None)
        alarm = writing.handling.alarm(name)
        if alarm is None or alarm.state is not AlarmState.ACKNOWLEDGED:
            return
        writing.handling.count("re_alarms")
        after, again = step(alarm, Trigger.RE_ALARM, now_ms, "acknowledged and standing too long")
        after = self._told(writing, after, self._moment(after, now_ms), TellingReason.RE_ALARM)
        self._put(writing, Outcome(after, (again,)))

    def _moment(self, alarm: Alarm, now_ms: int) -> Moment:
        return Moment(now_ms, self._newest_ms(alarm.episode.point))

    # -- suppressed by design -------------------------------------------------------------------------------------

    def sweep_due(self, steady_s: float) -> bool:
        """Say whether to look again at what design holds back; never, where no design was given."""
        return self._annunciation is not always_in_service and steady_s - self._swept_s >= SWEEP_S

    def sweep(self, writing: Writing, now_ms: int, steady_s: float) -> None:
        """Bring every standing alarm to how design has it speak now."""
        self._swept_s = steady_s
        for alarm in writing.handling.standing():
            way = self._way(writing, alarm.episode, now_ms)
            if way.annunciation is Annunciation.SHELVED and alarm.state not in _BY_DESIGN:
                continue  # whoever escalated out of a shelf stays out of it
            if way.annunciation is Annunciation.IN_SERVICE and alarm.state is AlarmState.SHELVED:
                continue  # its deadline ends it
            after, steps = held_back(alarm, way, now_ms)
            if steps:
                after = self._told(writing, after, self._moment(after, now_ms))
                self._put(writing, Outcome(after, tuple(steps)))


_BY_DESIGN = (AlarmState.SUPPRESSED, AlarmState.OUT_OF_SERVICE)


def action_of(entry: Entry) -> Change | None:
    """Return a change entry as an action on an alarm, None when it is of the registry or of a newer program."""
    if b'"alarm-action"' not in entry.raw:
        return None
    try:
        change = decode_change(entry.raw)
    except RejectedReading:
        return None
    return change if isinstance(change.change, AlarmAction) else None


def _over(held: Hold, at_ms: int) -> bool:
    return held.until_ms is not None and held.until_ms <= at_ms


def _hold(alarm: Alarm, put: AlarmAction, change: Change) -> Hold:
    episode = alarm.episode
    kind = HoldKind.SHELVED if put.action == "shelve" else HoldKind.OUT_OF_SERVICE
    latest_ms = put.at_ms + longest_shelf_ms(episode.severity)
    until_ms = min(put.until_ms or latest_ms, latest_ms) if kind is HoldKind.SHELVED else None
    severity = episode.severity
    return Hold(episode.point, episode.rule, kind, severity, put.at_ms, until_ms, put.one_shot, change.who, change.why)
