"""What is wrong with a plan, and what is odd about it: faults refuse it, warnings are told before it is written."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise

from coldchain.people.entries import LANGUAGES
from coldchain.people.plan import NO_ASSET, WAYS, WHEN, Chain, Digest, NotifyPlan, Room, Step
from coldchain.people.reach import chain_of
from coldchain.people.roles import ROLE_WORDS
from coldchain.profiles.faults import Faults
from coldchain.registry.cells import Both
from coldchain.registry.changes import ASSET_KINDS, SEVERITIES
from coldchain.registry.fold import Registry
from coldchain.registry.hints import did_you_mean
from coldchain.topics import valid_id

LONGEST_MIN = 7 * 24 * 60
"""A step later than a week after the alarm is no escalation."""

LAST_DAY = 28
"""That every month has."""

_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d\Z")
_LEAST = {
    "group_wait_s": 0, "group_interval_s": 1, "repeat_s": 60, "person_messages": 1, "person_window_s": 1,
    "fallback_s": 1,
}  # fmt: skip


class Checks:
    """Notes the faults of a plan's parts, and of the whole.

    Args:
        registry: whose sites, regions and kinds a plan may name; None: they are not looked up.
        channels: names of the settings' channels; None: they are not looked up.
    """

    def __init__(self, faults: Faults, registry: Registry | None, channels: Collection[str] | None) -> None:
        self._faults = faults
        self._registry = registry
        self._channels = channels

    def step(self, step: Step, place: str) -> None:
        """Check one step of a chain."""
        if not 0 <= step.after_min <= LONGEST_MIN:
            said = f"{step.after_min} 应为 0 至 {LONGEST_MIN} 分钟", f"{step.after_min}: 0 to {LONGEST_MIN} min"
            self._faults.add(place, "after_min", *said)
        self._some(step.roles, place, "roles")
        self._ways(step.ways, place, "ways")
        if step.ways_critical:
            self._ways(step.ways_critical, place, "ways_critical")
        self._known(step.when, WHEN, place, "when")

    def chain(self, chain: Chain, place: str) -> None:
        """Check a chain apart from its steps."""
        self._own_id(chain.id, place)
        self._some(chain.steps, place, "steps")
        for before, step in pairwise(chain.steps):
            if step.after_min < before.after_min:
                self._faults.add(
                    place,
                    "steps",
                    f"{step.after_min} 分钟排在 {before.after_min} 分钟之后:步骤须按时间先后排列",
                    f"{step.after_min} min stands behind {before.after_min} min: steps rise in time",
                )
        self._scope(chain.kinds, chain.regions, chain.sites, place)

    def room(self, room: Room, place: str) -> None:
        """Check a room."""
        self._own_id(room.id, place)
        if self._channels is not None:
            self._known(room.channel, self._channels, place, "channel")
        self._known(room.language, LANGUAGES, place, "language")
        self._known(room.severity, SEVERITIES, place, "severity")
        self._scope(room.kinds, room.regions, room.sites, place)

    def digest(self, digest: Digest, place: str) -> None:
        """Check a digest."""
        self._clock(digest.at, place, "at")
        self._some(digest.roles, place, "roles")
        self._ways(digest.ways, place, "ways")

    def whole(self, plan: NotifyPlan) -> None:
        """Check what only the whole plan can say."""
        for name, least in _LEAST.items():
            if getattr(plan, name) < least:
                self._faults.add("", name, f"至少为 {least}", f"at least {least}")
        if not 0 <= plan.drill_day <= LAST_DAY:
            self._faults.add("", "drill_day", f"应为 1 至 {LAST_DAY},0 为不演练", f"1 to {LAST_DAY}, or 0 for none")
        self._clock(plan.drill_at, "", "drill_at")
        for name, parts in (("chains", plan.chains), ("rooms", plan.rooms)):
            ids = [part.id for part in parts]
            for id_ in sorted({id_ for id_ in ids if ids.count(id_) > 1}):
                self._faults.add(f"{name} {id_!r}", "", "出现两次", "stands twice")
        rest = [place for place, chain in enumerate(plan.chains) if _takes_all(chain)]
        if not rest:
            self._faults.add(
                "chains",
                "",
                "没有收下其余全部报警的链:最后一条不写 kinds、regions、sites",
                "none takes everything that is left: the last one names no kinds, regions or sites",
            )
        for chain in plan.chains[rest[0] + 1 :] if rest else ():
            other = plan.chains[rest[0]].id
            self._faults.add(
                f"chains {chain.id!r}", "", f"永远轮不到:{other!r} 在它之前收下了全部",
                f"is never asked: {other!r} stands before it and takes everything",
            )  # fmt: skip

    def _clock(self, said: str, place: str, name: str) -> None:
        if not _CLOCK.match(said):
            self._faults.add(place, name, f"{said!r} 应为 07:30 这样的时间", f"{said!r}: a time such as 07:30")

    def _own_id(self, id_: str, place: str) -> None:
        if not valid_id(id_):
            self._faults.add(place, "id", f"{id_!r} 应为字母、数字或 . _ : -", f"{id_!r}: letters, digits or . _ : -")

    def _scope(self, kinds: Iterable[str], regions: Iterable[str], sites: Iterable[str], place: str) -> None:
        known = self._registry
        for kind in kinds:
            self._known(kind, [*(known.kinds if known else ASSET_KINDS), *NO_ASSET], place, "kinds")
        if known is not None:
            for region in regions:
                self._known(region, known.regions, place, "regions", listed=False)
            for site in sites:
                self._known(site, known.sites, place, "sites", listed=False)

    def _ways(self, ways: tuple[str, ...], place: str, name: str) -> None:
        self._some(ways, place, name)
        for way in ways:
            self._known(way, WAYS, place, name)

    def _some(self, parts: tuple[object, ...], place: str, name: str) -> None:
        if not parts:
            self._faults.add(place, name, "至少要有一项", "at least one is needed")

    def _known(self, said: str, known: Collection[str], place: str, name: str, *, listed: bool = True) -> None:
        if said in known:
            return
        near = did_you_mean(said, known)
        every = ", ".join(known) or "–"
        zh, en = (f";应为 {every}", f"; one of {every}") if listed else ("", "")
        self._faults.add(place, name, f"{said!r} 未知{near[0]}{zh}", f"{said!r} is not known{near[1]}{en}")


def warnings(plan: NotifyPlan, registry: Registry, at_ms: int, ways: Collection[str] | None = None) -> Iterator[Both]:
    """Yield what is odd about a plan that has no faults, as the registry is at a time.

    Args:
        ways: those for which the settings have a channel; None: not looked up.
    """
    for chain in plan.chains:
        for number, step in enumerate(chain.steps, 1):
            if ways is not None and not any(way in ways for way in step.ways):
                said = f"chains {chain.id!r} steps {number}"
                yield f"{said}: 所用方式都没有配置通道", f"{said}: no channel is configured for any of its ways"
    parts: list[Step | Digest] = [*_steps(plan), *plan.digests]
    asked = dict.fromkeys(role for part in parts for role in part.roles)
    for role in asked:
        if not registry.holders_of(role, at_ms):
            zh, en = ROLE_WORDS[role]
            yield f"没有人担任 {zh}({role})", f"nobody has the role {en} ({role})"
    shops = {asset.kind: site for asset in registry.assets.values() if (site := _shop(registry, asset.id, at_ms))}
    for kind, site in sorted(shops.items()):
        taker = chain_of(plan, kind, site, registry.regions_of(site))
        if taker is not None and all(step.when == "open" for step in taker.steps):
            yield (
                f"链 {taker.id} 没有停业时段的步骤,而它管着门店 {site} 的 {kind}",
                f"chain {taker.id} has no step for closed hours, and takes {kind} of the shop {site}",
            )


def _takes_all(chain: Chain) -> bool:
    return not (chain.kinds or chain.regions or chain.sites)


def _steps(plan: NotifyPlan) -> Iterator[Step]:
    for chain in plan.chains:
        yield from chain.steps


def _shop(registry: Registry, asset: str, at_ms: int) -> str:
    site = registry.site_at(asset, at_ms)
    return site if site in registry.sites and registry.sites[site].kind == "shop" else ""
