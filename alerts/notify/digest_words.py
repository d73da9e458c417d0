"""Words of what tells of no single alarm: daily digests, drills."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from alerts.notify.content import Content
from alerts.notify.digests import Day, Found
from alerts.notify.directory import Receiver
from alerts.notify.voice import Voice
from coldchain.registry import Registry


@dataclass(frozen=True, slots=True)
class DigestWords:
    """Finds them; see `alerts.notify.composing.Composing` for the fields."""

    registry: Callable[[], Registry]
    base: str
    now_ms: Callable[[], int]

    def __call__(self, receiver: Receiver, day: Day) -> Content:
        """Return what a digest says."""
        voice = Voice(self.registry(), receiver, self.now_ms())
        span = voice.say("digest.span", begin=voice.time(day.from_ms), end=voice.time(day.to_ms))
        if day.is_quiet:
            title, lines = voice.say("digest.well"), [span, voice.say("digest.well.line")]
        else:
            title = voice.say("digest", paged=day.paged, late=day.late.count, open=day.still_open)
            lines = [span, *_part(voice, "digest.late", day.late), *_part(voice, "digest.lesser", day.lesser)]
        link = f"{self.base}/#/alarms" if self.base else ""
        facts = {"count": str(day.paged), "title": title}
        return Content("digest", "", receiver.language, title, tuple(lines), link, facts)


@dataclass(frozen=True, slots=True)
class DrillWords:
    """Finds those of a drill; see `alerts.notify.composing.Composing` for the fields."""

    registry: Callable[[], Registry]
    base: str
    now_ms: Callable[[], int]

    def __call__(self, receiver: Receiver, key: str) -> Content:
        """Return what a drill's message says; its link confirms it."""
        voice = Voice(self.registry(), receiver, self.now_ms())
        title = voice.say("drill")
        link = f"{self.base}/#/confirm/{key}" if self.base else ""
        return Content("test", "", receiver.language, title, (voice.say("drill.line"),), link, {"title": title})


def _part(voice: Voice, key: str, found: Found) -> Iterator[str]:
    if not found.count:
        return
    yield voice.say(key, count=found.count)
    for told in found.newest:
        episode = told.alarm.episode
        yield voice.say("digest.item", where=voice.where(told), what=voice.what(episode), when=voice.when(episode))
    if found.count > len(found.newest):
        yield voice.say("digest.rest", count=found.count - len(found.newest))
