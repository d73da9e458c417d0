"""Words of a message: what, where, since when, peak, limit and its source, what to do; the worst first.

::

    one alarm      title: 【严重】示例路店 · 风幕柜 2:产品温度(估算)超 6 ℃   lines: since, peak, limit; to do; goods
    several        title: 【严重】示例路店:5 处报警                      lines: one an alarm, the rest as a number
    several sites  title: 【严重】12 个网点共 230 处报警                 lines: one a site
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from alerts.notify.content import Content, Item, News
from alerts.notify.directory import Receiver
from alerts.notify.notices import Told
from alerts.notify.voice import Voice
from coldchain.registry import SEVERITIES, Registry

SHOWN = 8
"""Lines of a message about several; the rest is a number, and stands behind the link."""

LOTS = 5
"""Lots that a message names; the rest is a number."""


@dataclass(frozen=True, slots=True)
class Composing:
    """Finds the words.

    Attributes:
        registry: as it stands now. ``alarms``: alarms by id as they are now.
        base: address of the page, without a last slash; empty: messages carry no link.
        goods: ids of the lots that an alarm's asset may hold, by (asset, from ms, to ms).
        now_ms: the server's time.
    """

    registry: Callable[[], Registry]
    alarms: Callable[[list[str]], Mapping[str, Told]]
    base: str
    now_ms: Callable[[], int]
    goods: Callable[[str, int, int], Sequence[str]] = lambda asset, from_ms, to_ms: ()

    def __call__(self, receiver: Receiver, kind: str, items: Sequence[Item]) -> Content:
        """Return what a message says; ``items``: the worst news first, at least one."""
        news = [item for item in items if item.news is not News.STILL]
        sites = list(dict.fromkeys(item.site for item in items))
        severity = max((item.severity for item in news), key=SEVERITIES.index) if kind == "alarm" else ""
        shown = items[:SHOWN] if len(sites) == 1 else [_first(items, site) for site in sites[:SHOWN]]
        told = self.alarms([item.alarm for item in shown])
        voice = Voice(self.registry(), receiver, self.now_ms())
        first = told.get(items[0].alarm)
        if len(items) == 1:
            title, lines = self._one(voice, items[0], first)
        elif len(sites) == 1:
            title, lines = _several(voice, items, shown, told, kind)
        else:
            title, lines = _sites(voice, items, sites, shown, told, kind)
        link = ""
        if self.base:
            link = f"{self.base}/#/alarm/{items[0].alarm}" if len(items) == 1 else f"{self.base}/#/alarms"
        return Content(
            kind=kind,
            severity=severity,
            language=receiver.language,
            title=title,
            lines=tuple(lines),
            link=link,
            facts=_facts(voice, items, first, title),
            alarms=len(items),
            sites=len(sites),
            alarm=items[0].alarm if len(items) == 1 else "",
            timezone=receiver.timezone,
        )

    def _one(self, voice: Voice, item: Item, told: Told | None) -> tuple[str, list[str]]:
        if told is None:  # an alarm store that was emptied since
            return voice.say("one", tag=voice.tag(item), where=voice.site(item.site), what=item.alarm), []
        episode = told.alarm.episode
        title = voice.say("one", tag=voice.tag(item), where=voice.where(told), what=voice.what(episode))
        if item.news is News.GONE:
            return title, [voice.say("gone")]
        lines = [voice.say("join").join([voice.when(episode), *voice.numbers(episode)])]
        if told.alarm.late_discovered:
            lines.append(voice.say("late"))
        if item.news is not News.OVER:
            lines += voice.to_do(told)
        lots = self.goods(told.asset, episode.onset_ms, episode.ended_ms or voice.now_ms) if told.asset else ()
        if lots:
            lines.append(voice.say("goods", count=len(lots), names=", ".join(lots[:LOTS])))
        return title, lines


def _several(
    voice: Voice, items: Sequence[Item], shown: Sequence[Item], told: Mapping[str, Told], kind: str
) -> tuple[str, list[str]]:
    tag, site = voice.tag(items[0]), voice.site(items[0].site)
    title = voice.say("several", tag=tag, site=site, count=len(items), of=voice.of(kind))
    lines = [voice.line(item, told[item.alarm]) for item in shown if item.alarm in told]
    if len(items) > len(shown):
        lines.append(voice.say("more", count=len(items) - len(shown)))
    return title, lines


def _sites(
    voice: Voice,
    items: Sequence[Item],
    sites: Sequence[str],
    shown: Sequence[Item],
    told: Mapping[str, Told],
    kind: str,
) -> tuple[str, list[str]]:
    title = voice.say("sites", tag=voice.tag(items[0]), sites=len(sites), count=len(items), of=voice.of(kind))
    counts = Counter(item.site for item in items)
    lines = []
    for first in shown:
        if first.alarm in told:
            what = voice.what(told[first.alarm].alarm.episode)
            lines.append(voice.say("site-line", site=voice.site(first.site), count=counts[first.site], what=what))
    left = sum(counts[site] for site in sites[len(shown) :])
    if left:
        lines.append(voice.say("more", count=left))
    return title, lines


def _facts(voice: Voice, items: Sequence[Item], told: Told | None, title: str) -> dict[str, str]:
    """Return the short values that a provider's template may use."""
    first = items[0]
    facts = {"count": str(len(items)), "site": voice.site(first.site), "title": title}
    facts["severity"] = voice.severity(first.severity)
    if told is not None:
        episode = told.alarm.episode
        facts |= {"asset": voice.asset(told), "what": voice.what(episode), "since": voice.time(episode.onset_ms)}
    return facts


def _first(items: Sequence[Item], site: str) -> Item:
    return next(item for item in items if item.site == site)
