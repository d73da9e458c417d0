"""What a replay found, as a table for people or as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import typer

from alerts.episodes import Episode
from alerts.records import Lane
from alerts.whatif_compare import LONG_MS, Change, Comparison, Pair
from coldchain.cli.columns import columns
from coldchain.cli.query import DEMO_WARNING
from coldchain.cli.replay_words import SAID, SEVERITY_WORDS, SYMBOLS, rule_word
from coldchain.clock import rfc3339
from coldchain.profiles.words import word

MINUTE_MS = 60_000
Row = tuple[str, ...]


@dataclass
class Found:
    """A comparison and everything that is said with it.

    Attributes:
        zone: in which times are shown.
        changed: (file, id, key, before, after) of what a profile file changes; one without an id: nothing.
        by_hand: points whose alarms a rule by hand decides.
        check: the record was compared with a fresh judgement; ``checked`` episodes, ``waiting`` points left out.
    """

    comparison: Comparison
    assets: int
    points: int
    zone: ZoneInfo
    changed: list[tuple[str, str, str, str, str]]
    by_hand: int
    demo: bool
    readings: int = 0
    check: bool = False
    checked: int = 0
    waiting: int = 0


def show(found: Found, language: str) -> None:
    """Print it as people read it."""
    say, comparison = SAID[language], found.comparison
    if found.demo:
        typer.secho(DEMO_WARNING, fg="yellow", err=True)
    begin, end = (_time(at_ms, found.zone) for at_ms in (comparison.span.from_ms, comparison.span.to_ms))
    typer.echo(
        say["span"].format(
            begin=begin, end=end, assets=found.assets, points=found.points, readings=f"{found.readings:,}"
        )
    )
    for file, id_, key, old, new in found.changed:
        typer.echo(say["changed" if id_ else "same"].format(file=file, id=id_, key=key, old=old, new=new))
    if found.check:
        typer.echo(say["check"].format(episodes=found.checked))
    else:
        if found.changed and found.by_hand:
            typer.echo(say["by hand"].format(n=found.by_hand))
        _table(comparison, language)
    if found.waiting:
        typer.echo(say["waiting"].format(n=found.waiting))
    for how, changes in comparison.changes():
        title = say.get(f"check {how}", say[how]) if found.check else say[how]
        typer.echo(f"\n{title} ({comparison.found[how]})")
        for change in changes:
            typer.echo("  " + _line(change, found.zone, language))
        if comparison.found[how] > len(changes):
            typer.echo(say["more"].format(n=comparison.found[how] - len(changes)))
    if not comparison.found:
        typer.echo(say["none"])
    elif found.check:
        typer.echo("\n" + say["remedy"])
    if not found.check:
        typer.echo("\n" + say["left"])
    typer.echo(say["nothing"])


def show_json(found: Found, language: str) -> None:
    """Print one JSON object with every difference."""
    comparison = found.comparison
    made = {
        **({"demo": DEMO_WARNING} if found.demo else {}),
        "from": rfc3339(comparison.span.from_ms),
        "to": rfc3339(comparison.span.to_ms),
        "assets": found.assets,
        "points": found.points,
        "readings": found.readings,
        "check_of_the_record": found.check,
        "checked_episodes": found.checked,
        "waiting_points": found.waiting,
        "rules": [
            {"kind": kind, "rule": rule, "alarms": _pair(episodes), "pages": _pair(pages)}
            for kind, rule, episodes, pages in _rows(comparison)
        ],
        "minutes_above": _pair(_minutes(comparison.record_ms[Lane.RECORD_HIGH])),
        "minutes_below": _pair(_minutes(comparison.record_ms[Lane.RECORD_LOW])),
        "untold": _pair(comparison.untold),
        "standing": _pair(comparison.standing),
        "differences": [
            {
                "how": how,
                "asset": change.asset,
                "point": change.either.point,
                "rule": change.either.rule,
                "now": _episode(change.now, change.paged[0]),
                "then": _episode(change.then, change.paged[1]),
            }
            for how, changes in comparison.changes()
            for change in changes
        ],
    }
    typer.echo(json.dumps(made, ensure_ascii=False, indent=1))


# -- the table ------------------------------------------------------------------------------------------------


def _table(comparison: Comparison, language: str) -> None:
    say, rows = SAID[language], list[Row]()
    alarms, pages = Pair(), Pair()
    for kind, rule, episodes, paged in _rows(comparison):
        rows.append((kind, rule_word(rule, language), _arrow(episodes), _arrow(paged)))
        if rule not in _RECORDS:
            alarms.add(episodes.now, episodes.then)
            pages.add(paged.now, paged.then)
    head = (say["kind"], say["rule"], say["episodes"], say["pages"])
    _columns([head, *rows, (say["total"], "", _arrow(alarms), _arrow(pages))])
    above, below = (_minutes(comparison.record_ms[lane]) for lane in (Lane.RECORD_HIGH, Lane.RECORD_LOW))
    typer.echo("")
    _columns(
        [
            (say["above"], _arrow(above)),
            (say["below"], _arrow(below)),
            (say["untold"].format(hours=LONG_MS // 3_600_000), _arrow(comparison.untold)),
            (say["standing"], _arrow(comparison.standing)),
        ]
    )


_RECORDS = (Lane.RECORD_HIGH, Lane.RECORD_LOW, Lane.WASHING)


def _rows(comparison: Comparison) -> Iterator[tuple[str, str, Pair, Pair]]:
    """Yield kind of asset, rule, alarms, pages; the record last."""
    keys = {*comparison.episodes, *comparison.pages}
    for kind, rule in sorted(keys, key=lambda key: (key[1] in _RECORDS, key)):
        yield kind, rule, comparison.episodes.get((kind, rule), Pair()), comparison.pages.get((kind, rule), Pair())


def _columns(rows: Sequence[Row]) -> None:
    for line in columns(rows):
        typer.echo(line)


def _arrow(pair: Pair) -> str:
    return f"{pair.now:,} → {pair.then:,}"


def _pair(pair: Pair) -> dict[str, int]:
    return {"now": pair.now, "then": pair.then}


def _minutes(pair: Pair) -> Pair:
    return Pair(round(pair.now / MINUTE_MS), round(pair.then / MINUTE_MS))


# -- a difference ---------------------------------------------------------------------------------------------


def _line(change: Change, zone: ZoneInfo, language: str) -> str:
    one = change.either
    parts = [one.point, rule_word(one.rule, language)]
    if change.now is None or change.then is None:
        parts.append(_said(one, any(change.paged), zone, language))
    else:
        sides = ((change.now, change.paged[0]), (change.then, change.paged[1]))
        parts.append(" → ".join(_said(episode, paged, zone, language) for episode, paged in sides))
    return "  ".join(parts)


def _said(episode: Episode, paged: bool, zone: ZoneInfo, language: str) -> str:
    say = SAID[language]
    minutes = say["minutes"].format(n=round(episode.exposed_ms / MINUTE_MS))
    parts = [_time(episode.raised_ms, zone), word(SEVERITY_WORDS, episode.top_severity, language), minutes]
    if episode.peak is not None:
        parts.append(f"{episode.peak:g} {SYMBOLS.get(episode.unit, episode.unit)}".strip())
    parts += [say["open"]] if episode.ended_ms is None else []
    parts += [say["paged"]] if paged else []
    return " ".join(parts)


def _episode(episode: Episode | None, paged: bool) -> dict[str, object] | None:
    if episode is None:
        return None
    return {
        "onset": rfc3339(episode.onset_ms),
        "raised": rfc3339(episode.raised_ms),
        "ended": None if episode.ended_ms is None else rfc3339(episode.ended_ms),
        "severity": episode.top_severity,
        "peak": episode.peak,
        "limit": episode.limit,
        "unit": episode.unit,
        "exposed_s": episode.exposed_ms // 1000,
        "rule_version": episode.rule_version,
        "paged": paged,
    }


def _time(at_ms: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).isoformat(timespec="minutes")
