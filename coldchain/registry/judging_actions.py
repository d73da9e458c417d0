"""Guided changes of how assets are judged: 我在补货, 清洁停机, 化霜时间, 重新学习, 结束超温.

As `coldchain.registry.actions`: a plan or a refusal with its remedy, nothing written. What a person says ends by itself
wherever a forgotten word would keep an alarm quiet. Times are measured times, ms UTC.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from coldchain.errors import ConfigError
from coldchain.profiles import KindRules
from coldchain.registry.actions import Plan, Said, looked_up
from coldchain.registry.changes import (
    ACTIVITIES,
    WINDOWS,
    WITH_GOODS,
    Activity,
    DefrostSchedule,
    EpisodeEnd,
    Normal,
    Point,
    Window,
)
from coldchain.registry.fold import Registry
from coldchain.registry.intervals import FOREVER_MS

MINUTE_MS = 60_000

WINDOW_MINUTES = {"restocking": 20, "maintenance": 120, "calibration": 60}
"""How long each reason lasts unless somebody says so (people.md §3.3: 我在补货 20 min); a person may make it longer."""

LONGEST_MINUTES = 24 * 60
"""No reason lasts longer: what keeps an asset quiet for a day is a state of it, not an excuse."""

CLEANING_MINUTES = 90
"""清洁停机 takes 60 to 120 min (people.md §3.3)."""

ELSEWHERE = {
    "stored": "`coldchain change store-asset`",
    "in-use": "`coldchain change use-asset`",
    "retired": "`coldchain change close-site` or `coldchain change sell-vehicle`",
}
"""States that have commands of their own, because more follows from them."""

CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]\Z")


def excuse(registry: Registry, asset: str, kind: str, from_ms: int, now_ms: int, *, minutes: int | None = None) -> Plan:
    """我在补货, 维修, 校准: an asset's temperatures have a reason for some minutes; each minute still counts."""
    looked_up(registry.assets, asset, "asset")
    if kind not in WINDOWS:
        defaults = ", ".join(f"{one} ({WINDOW_MINUTES[one]} min)" for one in WINDOWS)
        raise ConfigError(f"{kind!r} is no reason: {defaults}")
    to_ms = from_ms + _minutes(WINDOW_MINUTES[kind] if minutes is None else minutes) * MINUTE_MS
    state = "closed" if registry.is_closed(registry.site_at(asset, from_ms), from_ms) else ""
    state = state or registry.activity_at(asset, from_ms)
    if state not in WITH_GOODS:
        raise ConfigError(f"{asset} is {state} then: nothing is judged there and nothing needs a reason")
    facts = _span(registry, asset, from_ms, to_ms)
    says = [Said(f"excused-{kind}", facts), Said("minutes-count")]
    before = next((one for one in registry.windows.get(asset, []) if one.from_ms == from_ms), None)
    if before is not None:
        says.append(Said("replaces-reason", {"until": local(registry, asset, before.to_ms)}))
    return Plan((Window(asset, kind, from_ms, to_ms),), (*says, *judged_again(from_ms, now_ms)))


def change_activity(
    registry: Registry,
    asset: str,
    state: str,
    from_ms: int,
    now_ms: int,
    *,
    until_ms: int | None = None,
    minutes: int | None = None,
) -> Plan:
    """清洁停机, 装货, 在途 …: what an asset is from now on; what holds no goods is not judged.

    Args:
        until_ms, minutes: when it ends by itself, one of them; cleaning always does. A vehicle's states hold until
            the next one; anything else that is not judged needs an end, or it would be quiet for ever.
    """
    looked_up(registry.assets, asset, "asset")
    now = _activity_of(registry, asset, from_ms)
    if state in ELSEWHERE or state not in ACTIVITIES:
        raise ConfigError(_other_state(registry, asset, state, now))
    if now is not None and now.state in ("stored", "retired"):
        remedy = f"; use it again first ({ELSEWHERE['in-use']})" if now.state == "stored" else ""
        raise ConfigError(f"{asset} is {now.state}{remedy}")
    if until_ms is not None and minutes is not None:
        raise ConfigError("--until and --minutes both say when it ends: give one of them")
    if minutes is None and until_ms is None and state == "cleaning":
        minutes = CLEANING_MINUTES
    if minutes is not None:
        until_ms = from_ms + _minutes(minutes) * MINUTE_MS
    _rising(registry, asset, from_ms, until_ms)
    if state == "cleaning" and until_ms is not None and until_ms - from_ms > LONGEST_MINUTES * MINUTE_MS:
        raise ConfigError(f"cleaning for more than a day: an empty asset is stored ({ELSEWHERE['stored']})")
    home = registry.sites.get(registry.site_at(asset, from_ms))
    moves = home is not None and home.kind == "vehicle"
    if until_ms is None and not moves and state not in WITH_GOODS:
        raise ConfigError(
            f"{asset} is not judged while it is {state}: say until when (--minutes, --until), "
            f"or store it ({ELSEWHERE['stored']})"
        )
    if now is not None and (now.state, now.to_ms, until_ms) == (state, None, None):
        raise ConfigError(f"{asset} is {state} already, since {local(registry, asset, now.from_ms)}")
    judged = "has-goods" if state in WITH_GOODS else "no-goods"
    if until_ms is None:
        says = [Said(judged, {"asset": asset, "from": local(registry, asset, from_ms)})]
    else:
        says = [Said(f"{judged}-until", _span(registry, asset, from_ms, until_ms))]
    if state not in WITH_GOODS:
        says.append(Said("alarms-end"))
    return Plan((Activity(asset, state, from_ms, until_ms),), (*says, *judged_again(from_ms, now_ms)))


def schedule_defrosts(
    registry: Registry,
    asset: str,
    times: Sequence[str],
    minutes: int,
    from_ms: int,
    now_ms: int,
    *,
    until_ms: int | None = None,
) -> Plan:
    """化霜时间: an asset without a defrost signal defrosts by its clock.

    Args:
        times: ``02:00`` …, by the clock of its site; none: it has no schedule any more.
    """
    kind = _kind_of(registry, asset, from_ms)
    if not times:
        return _no_defrosts(registry, asset, from_ms, now_ms)
    if kind.defrost_longest is None:
        raise ConfigError(
            f"{asset}: a {kind.id} is never excused by a defrost; if it has defrosts, its kind needs "
            f"defrost_longest (`coldchain profile export`, then import)"
        )
    wrong = [clock for clock in times if not CLOCK.match(clock)]
    if wrong:
        raise ConfigError(f"{', '.join(wrong)}: a time of day has the form 02:00")
    if len(set(times)) < len(times):
        raise ConfigError(f"{', '.join(times)}: each time once")
    longest, most = round(kind.defrost_longest.minutes), kind.defrosts_a_day
    if not 1 <= minutes <= longest:
        raise ConfigError(f"--minutes {minutes}: a {kind.id}'s defrost is excused for 1 to {longest} min")
    if len(times) > (0 if most is None else most.count):
        raise ConfigError(f"{len(times)} defrosts a day: a {kind.id} has at most {0 if most is None else most.count}")
    _rising(registry, asset, from_ms, until_ms)
    recovery = 0 if kind.defrost_recovery is None else round(kind.defrost_recovery.minutes)
    facts = {"asset": asset, "times": ", ".join(sorted(times)), "zone": zone_of(registry, asset, from_ms).key}
    says = [Said("defrosts", {**facts, "minutes": minutes, "recovery": recovery})]
    if until_ms is not None:
        says.append(Said("defrosts-until", {"until": local(registry, asset, until_ms)}))
    if any(point.quantity == "defrost" for point in registry.points_of(asset)):
        says.append(Said("defrost-signal", {"asset": asset}))
    put = DefrostSchedule(asset, from_ms, tuple(sorted(times)), minutes, until_ms)
    return Plan((put,), (*says, *judged_again(from_ms, now_ms)))


def relearn(registry: Registry, point: str, at_ms: int) -> Plan:
    """重新学习: what was usual at a point counts no more, from now on; it is learnt anew."""
    place = _temperature(registry, point)
    kind = _kind_of(registry, place.asset, at_ms)
    if kind.own_margin is None:
        raise ConfigError(f"{point}: nothing is learnt of a {kind.id}; its limits are the profile's or by hand")
    if place.position in kind.information:
        raise ConfigError(f"{point}: {place.position} is information only: nothing is learnt there")
    if not place.profile:
        raise ConfigError(f"{point} has no product profile, so nothing is learnt there: give it one in the list")
    normals = registry.normals.get(point, [])
    if not normals or not normals[-1].levels:
        raise ConfigError(f"{point} has no normal yet: it is being learnt")
    if normals[-1].effective_from_ms >= at_ms:
        raise ConfigError(f"{point}: a normal was learnt in this very minute; ask again in the next one")
    says = [Said("learns-anew", {"point": point}), *_until_learnt(kind)]
    return Plan((Normal(point, at_ms, (), at_ms, at_ms, 0),), tuple(says))


def end_excursion(registry: Registry, point: str, at_ms: int, now_ms: int) -> Plan:
    """结束超温: the sensor was lost or replaced, and no reading will ever end what is open at its point."""
    place: Point = looked_up(registry.points, point, "point")
    bindings = registry.bindings_of(point)
    if not bindings:
        raise ConfigError(f"{point} never had a probe: nothing can be open there")
    if at_ms > now_ms:
        raise ConfigError(f"{local(registry, place.asset, at_ms)} is in the future: an excursion ends now or before")
    if at_ms < bindings[0].from_ms:
        first = local(registry, place.asset, bindings[0].from_ms)
        raise ConfigError(f"{point} had no probe before {first}: name a time after that")
    if at_ms in registry.ends.get(point, ()):
        raise ConfigError(f"{point}: what was open at {local(registry, place.asset, at_ms)} is ended already")
    says = [Said("ends-by-hand", {"point": point, "at": local(registry, place.asset, at_ms)}), Said("goods-stay-out")]
    channel = registry.channel_at(point, at_ms)
    if channel:
        says.append(Said("still-bound", {"point": point, "channel": channel}))
    return Plan((EpisodeEnd(point, at_ms),), (*says, *judged_again(at_ms, now_ms)))


def local(registry: Registry, asset: str, at_ms: int) -> str:
    """Return a time as the clock of an asset's site shows it, RFC 3339."""
    return _iso(at_ms, zone_of(registry, asset, at_ms))


def zone_of(registry: Registry, asset: str, at_ms: int) -> ZoneInfo:
    """Return the time zone of the site at which an asset stood."""
    return _zone(registry, registry.site_at(asset, at_ms))


def site_time(registry: Registry, site: str, at_ms: int) -> str:
    """Return a time as the clock of a site shows it, RFC 3339."""
    return _iso(at_ms, _zone(registry, site))


def _zone(registry: Registry, site: str) -> ZoneInfo:
    known = registry.sites.get(site)
    return ZoneInfo(known.timezone if known is not None else "Asia/Shanghai")


def _iso(at_ms: int, zone: ZoneInfo) -> str:
    moment = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone)
    return moment.isoformat(timespec="auto" if at_ms % MINUTE_MS else "minutes")


def _span(registry: Registry, asset: str, from_ms: int, to_ms: int) -> dict[str, object]:
    return {
        "asset": asset,
        "from": local(registry, asset, from_ms),
        "until": local(registry, asset, to_ms),
        "minutes": (to_ms - from_ms) // MINUTE_MS,
    }


def judged_again(from_ms: int, now_ms: int) -> list[Said]:
    """Say that readings are judged again, where a change holds from the past."""
    return [Said("judged-anew")] if from_ms // MINUTE_MS < now_ms // MINUTE_MS else []


def _minutes(minutes: int) -> int:
    if not 1 <= minutes <= LONGEST_MINUTES:
        raise ConfigError(
            f"--minutes {minutes}: 1 to {LONGEST_MINUTES} (a day); what is empty for longer is stored "
            f"({ELSEWHERE['stored']})"
        )
    return minutes


def _rising(registry: Registry, asset: str, from_ms: int, until_ms: int | None) -> None:
    if until_ms is not None and until_ms <= from_ms:
        raise ConfigError(f"--until is not after the start, {local(registry, asset, from_ms)}")


def _activity_of(registry: Registry, asset: str, at_ms: int) -> Activity | None:
    """Return what was said of an asset at a time, None for nothing."""
    said = [
        one
        for one in registry.activities.get(asset, [])
        if one.from_ms <= at_ms < (FOREVER_MS if one.to_ms is None else one.to_ms)
    ]
    return said[-1] if said else None


def _other_state(registry: Registry, asset: str, state: str, now: Activity | None) -> str:
    mine = ", ".join(one for one in ACTIVITIES if one not in ELSEWHERE)
    if state not in ELSEWHERE:
        return f"{state!r} is no state: {mine}"
    if state == "in-use" and now is not None and now.state not in ELSEWHERE:
        start = local(registry, asset, now.from_ms)
        return (
            f"{asset} is {now.state}: end that with "
            f"`coldchain change activity {asset} {now.state} --from {start} --until now`"
        )
    return f"{state} has a command of its own, {ELSEWHERE[state]}; states here: {mine}"


def _kind_of(registry: Registry, asset: str, at_ms: int) -> KindRules:
    kind = looked_up(registry.assets, asset, "asset").kind
    rules = registry.kind_rules_at(kind, at_ms)
    if rules is None:
        raise ConfigError(
            f"{asset}: there are no rules for its kind {kind!r}: import some (`coldchain profile import`)"
        )
    return rules


def _temperature(registry: Registry, point: str) -> Point:
    place: Point = looked_up(registry.points, point, "point")
    if place.quantity != "temperature":
        raise ConfigError(f"{point} measures {place.quantity}: name a point that measures a temperature")
    return place


def _no_defrosts(registry: Registry, asset: str, from_ms: int, now_ms: int) -> Plan:
    held = [one for one in registry.defrosts_of(asset) if one.from_ms <= from_ms and one.times]
    if not held or (held[-1].to_ms is not None and held[-1].to_ms <= from_ms):
        raise ConfigError(f"{asset} has no defrost schedule then: give it one with --at 02:00 --minutes 30")
    says = Said("no-defrosts", {"asset": asset, "from": local(registry, asset, from_ms)})
    return Plan((DefrostSchedule(asset, from_ms, (), held[-1].minutes),), (says, *judged_again(from_ms, now_ms)))


def _until_learnt(kind: KindRules) -> list[Said]:
    says = []
    for code, over, delay in (
        ("learning-air", kind.learning_over, kind.learning_on_delay),
        ("learning-product", kind.product_over, kind.product_on_delay),
    ):
        if over is not None:
            minutes = 0.0 if delay is None else delay.minutes
            says.append(Said(code, {"kelvin": f"{over.kelvin:g}", "minutes": f"{minutes:g}"}))
    if kind.learning_days is not None:
        says.append(Said("learning-days", {"days": f"{kind.learning_days.days:g}"}))
    return says
