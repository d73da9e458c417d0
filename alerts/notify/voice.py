"""How things are said to one receiver: words, names, numbers, times."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from alerts.episodes import Episode
from alerts.notify.content import Item, News
from alerts.notify.directory import Receiver
from alerts.notify.notices import Told
from alerts.rationalisation import guidance_of
from coldchain.registry import Registry

_SEVERITY = {
    "zh": {"critical": "严重", "warning": "警告", "notice": "提示"},
    "en": {"critical": "Critical", "warning": "Warning", "notice": "Notice"},
}
_WORDS = {
    "zh": {
        "tag": "【{word}】",
        News.AGAIN: "再次提醒",
        News.OVER: "已恢复",
        News.GONE: "撤销",
        "one": "{tag}{where}:{what}",
        "several": "{tag}{site}:{count} 处{of}",
        "sites": "{tag}{sites} 个网点共 {count} 处{of}",
        "alarms": "报警",
        "recoveries": "已恢复",
        "since": "{onset} 起,已 {lasted}",
        "span": "{onset} 至 {ended},共 {lasted}",
        "peak.high": "最高 {peak} {unit}({at})",
        "peak.low": "最低 {peak} {unit}({at})",
        "limit": "限值 {limit} {unit}(依据 {version})",
        "do": "请在 {minutes} 分钟内:{response}",
        "else": "否则:{consequence}",
        "late": "数据中断,事后补传发现",
        "gone": "补传的数据表明没有发生",
        "item": "{news}{what},{onset} 起",
        "site-line": "{site}:{count} 处,最严重:{what}",
        "more": "另有 {count} 处,见链接",
        "join": ";",
        "goods": "可能涉及批次 {count} 个:{names}",
        "drill": "报警演练:请点开确认收到",
        "drill.line": "每月一次,核对真有报警时能否联系到您;10 分钟内确认",
        "digest.well": "每日通报:一切正常",
        "digest": "每日通报:{paged} 次报警,{late} 次补传后发现,{open} 处未恢复",
        "digest.span": "{begin} 至 {end}",
        "digest.well.line": "没有报警,没有未恢复的超温;收到本条说明系统在工作",
        "digest.late": "补传后发现 {count} 次:",
        "digest.lesser": "未提醒的报警 {count} 次:",
        "digest.rest": "……另有 {count} 次",
        "digest.item": "{where} {what},{when}",
    },
    "en": {
        "tag": "[{word}] ",
        News.AGAIN: "Reminder",
        News.OVER: "Recovered",
        News.GONE: "Withdrawn",
        "one": "{tag}{where}: {what}",
        "several": "{tag}{site}: {count} {of}",
        "sites": "{tag}{sites} sites, {count} {of}",
        "alarms": "alarms",
        "recoveries": "recovered",
        "since": "since {onset}, for {lasted}",
        "span": "{onset} to {ended}, {lasted} in all",
        "peak.high": "highest {peak} {unit} ({at})",
        "peak.low": "lowest {peak} {unit} ({at})",
        "limit": "limit {limit} {unit} (by {version})",
        "do": "Within {minutes} min: {response}",
        "else": "Otherwise: {consequence}",
        "late": "found late, in readings that came after a break",
        "gone": "readings that came later show that it never was",
        "item": "{news}{what}, since {onset}",
        "site-line": "{site}: {count}, the worst: {what}",
        "more": "{count} more behind the link",
        "join": "; ",
        "goods": "lots that may be affected, {count}: {names}",
        "drill": "Alarm drill: please confirm that you got this",
        "drill.line": "once a month, to know that you can be reached when it is real; confirm within 10 min",
        "digest.well": "Daily digest: all is well",
        "digest": "Daily digest: {paged} alarms, {late} found late, {open} still open",
        "digest.span": "{begin} to {end}",
        "digest.well.line": "no alarm, nothing open; that this message came says that the system works",
        "digest.late": "found late, {count}:",
        "digest.lesser": "alarms that rang nobody, {count}:",
        "digest.rest": "… and {count} more",
        "digest.item": "{where} {what}, {when}",
    },
}

_UNITS = {"Cel": "℃", "%RH": "%RH"}
_FALLING = ("low", "freeze", "battery-low")


@cache
def rule_words() -> Mapping[str, Mapping[str, str]]:
    """Return rule → language → what it found."""
    return tomllib.loads(files("alerts.notify").joinpath("rule_words.toml").read_text("utf-8"))


class Voice:
    """Says things to one receiver: in the receiver's language, with the times on the receiver's wall."""

    def __init__(self, registry: Registry, receiver: Receiver, now_ms: int) -> None:
        self._registry = registry
        self.language = receiver.language if receiver.language in _WORDS else "zh"
        self._words: Mapping[str, str] = _WORDS[self.language]
        self._zone = ZoneInfo(receiver.timezone)
        self.now_ms = now_ms

    def say(self, key: str, **facts: object) -> str:
        """Return words with their facts filled in."""
        return self._words[key].format(**facts)

    def tag(self, item: Item) -> str:
        """Return what an item is, to stand before the title."""
        word = self.severity(item.severity)
        if item.news in (News.OVER, News.GONE):
            word = self._words[item.news]
        elif item.news is News.AGAIN:
            word = f"{self._words[News.AGAIN]}·{word}"
        return self.say("tag", word=word)

    def of(self, kind: str) -> str:
        """Return what several items of a message are called."""
        return self._words["alarms" if kind == "alarm" else "recoveries"]

    def site(self, site: str) -> str:
        """Return a site's name; of a vehicle its plate."""
        known = self._registry.sites.get(site)
        vehicle = self._registry.vehicles.get(site)
        if vehicle is not None:
            return vehicle.plate
        return known.name if known is not None else site

    def where(self, told: Told) -> str:
        """Return site and asset of an alarm."""
        parts = [self.site(told.site) if told.site else "", self.asset(told)]
        return " · ".join(dict.fromkeys(part for part in parts if part))

    def asset(self, told: Told) -> str:
        """Return the name of the asset of an alarm, or its point."""
        known = self._registry.assets.get(told.asset)
        return known.name if known else told.alarm.episode.point

    def to_do(self, told: Told) -> list[str]:
        """Return what to do, how soon, and what happens otherwise; nothing for a rule that nobody rationalised."""
        guidance = guidance_of(told.alarm.episode.rule, self._registry.kind_of(told.asset))
        if guidance is None:
            return []
        response, consequence = guidance.response[self.language], guidance.consequence[self.language]
        return [
            self.say("do", minutes=guidance.minutes, response=response),
            self.say("else", consequence=consequence),
        ]

    def severity(self, severity: str) -> str:
        """Return the word of a severity."""
        return _SEVERITY[self.language][severity]

    def what(self, episode: Episode) -> str:
        """Return what the rule found."""
        words = rule_words().get(episode.rule)
        if words is None:
            return episode.rule
        return words[self.language].format(limit="" if episode.limit is None else _number(episode.limit))

    def when(self, episode: Episode) -> str:
        """Return since when, and how long."""
        onset, ended_ms = self.time(episode.onset_ms), episode.ended_ms
        if ended_ms is None:
            return self.say("since", onset=onset, lasted=self.lasted(self.now_ms - episode.onset_ms))
        lasted = self.lasted(ended_ms - episode.onset_ms)
        return self.say("span", onset=onset, ended=self.time(ended_ms), lasted=lasted)

    def numbers(self, episode: Episode) -> list[str]:
        """Return peak and limit with its source; nothing where nothing is measured."""
        unit = _UNITS.get(episode.unit)
        if unit is None or episode.peak is None or episode.peak_ms is None:
            return []
        key = "peak.low" if episode.rule in _FALLING else "peak.high"
        said = [self.say(key, peak=_number(episode.peak), unit=unit, at=self.time(episode.peak_ms))]
        if episode.limit is not None:
            said.append(self.say("limit", limit=_number(episode.limit), unit=unit, version=episode.rule_version))
        return said

    def line(self, item: Item, told: Told) -> str:
        """Return an alarm in one line."""
        news = f"{self._words[item.news]} " if item.news in (News.AGAIN, News.OVER, News.GONE) else ""
        what = f"{self.asset(told)} {self.what(told.alarm.episode)}"
        return self.say("item", news=news, what=what, onset=self.time(told.alarm.episode.onset_ms))

    def time(self, ms: int) -> str:
        """Return a time as a clock on the receiver's wall shows it, with the day where it is not today."""
        at = datetime.fromtimestamp(ms / 1000, UTC).astimezone(self._zone)
        today = datetime.fromtimestamp(self.now_ms / 1000, UTC).astimezone(self._zone).date()
        return at.strftime("%H:%M") if at.date() == today else at.strftime("%m-%d %H:%M")

    def lasted(self, ms: int) -> str:
        """Return a time span, in whole minutes."""
        minutes = max(0, ms // 60_000)
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        zh = self.language == "zh"
        if days:
            return f"{days} 天 {hours} 小时" if zh else f"{days} d {hours} h"
        if hours:
            return f"{hours} 小时 {minutes} 分钟" if zh else f"{hours} h {minutes} min"
        return f"{minutes} 分钟" if zh else f"{minutes} min"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
