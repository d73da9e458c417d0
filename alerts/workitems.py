"""Work items: what has to be done in days, kept with the alarms, told in the digest and to nobody's telephone.

::

    Registry ─▶ spells of each asset (`alerts.weak`) ─▶ other than stored? ─▶ episodes, reconciled with their alarms
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Engine, select

from alerts.episodes import Episode
from alerts.handling import Handling
from alerts.handlingrows import episode_of as stored_episode
from alerts.lifecycle import Alarm
from alerts.reconcile import Moment
from alerts.records import NEVER_MS
from alerts.subjects import ASSET, subject_of_asset
from alerts.tables import episode
from alerts.telling import WEAK_CABINET
from alerts.weak import Spell, episode_of, evidence_of, spells_of, turns_of, weak_ever
from alerts.writing import Writing
from coldchain.registry import Registry

WHY = "too-weak"

Spells = Mapping[str, list[Spell]]
"""Asset → when it was too weak."""


class WorkItems:
    """One item an asset and spell; looked at when the registry moved or something in it takes effect.

    What the store has not taken is found again at the next look.
    """

    def __init__(self, registry: Registry, engine: Engine) -> None:
        self._registry = registry
        self._version = -1
        self._next_ms: int | None = None
        self._known: dict[str, list[Episode]] = {}
        with engine.connect() as connection:
            chosen = select(episode).where(episode.c.rule == WEAK_CABINET).order_by(episode.c.onset_ms)
            for row in connection.execute(chosen):
                self._known.setdefault(row.point.removeprefix(ASSET), []).append(stored_episode(row))

    def look(self, now_ms: int) -> Spells:
        """Return the assets of which the store has something else than the registry says."""
        if self._registry.version == self._version and (self._next_ms is None or now_ms < self._next_ms):
            return {}
        assets = weak_ever(self._registry) | self._known.keys()
        later = [at_ms for asset in assets for at_ms in turns_of(self._registry, asset) if at_ms > now_ms]
        found = {asset: spells_of(self._registry, asset, now_ms) for asset in sorted(assets)}
        news = {asset: spells for asset, spells in found.items() if _episodes(spells) != self._known.get(asset, [])}
        if not news:
            self._version, self._next_ms = self._registry.version, min(later, default=None)
        return news

    def write(self, writing: Writing, news: Spells, now_ms: int, handling: Handling) -> None:
        """Bring episodes and alarms to what the registry says; an alarm lives on where its spell moved."""
        for asset, spells in news.items():
            subject = subject_of_asset(asset)
            left = [alarm for alarm in writing.alarms(subject, NEVER_MS) if alarm.episode.rule == WEAK_CABINET]
            writing.drop_episodes(subject, NEVER_MS)
            writing.put_episodes(_episodes(spells))
            for spell in spells:
                mine = [alarm for alarm in left if _overlaps(alarm, spell)]
                left = [alarm for alarm in left if alarm not in mine]
                moment = Moment(now_ms, now_ms, WHY, evidence_of(self._registry, spell))
                handling.reconciled(writing, mine, [episode_of(spell)], moment)
            handling.reconciled(writing, left, [], Moment(now_ms, now_ms))

    def written(self, news: Spells) -> None:
        """The store has it."""
        for asset, spells in news.items():
            self._known[asset] = _episodes(spells)


def _episodes(spells: Sequence[Spell]) -> list[Episode]:
    return [episode_of(spell) for spell in spells]


def _overlaps(alarm: Alarm, spell: Spell) -> bool:
    return alarm.episode.overlaps(spell.from_ms, spell.to_ms)
