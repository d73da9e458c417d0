"""What was exported imports again with nothing to do, and makes an empty registry the same one."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coldchain.ledger.port import Entry, Kind
from coldchain.people import LANGUAGES, PERSON_STATES, Duty, Holiday, Person, Role, Shift
from coldchain.registry import Change, Put, Registry
from coldchain.registry.changes import (
    ACTIVITIES,
    ASSET_KINDS,
    COORDINATES,
    PROBE_STATES,
    SITE_KINDS,
    Activity,
    Asset,
    AssetKind,
    Assignment,
    Binding,
    Calibration,
    Carrier,
    Comparison,
    Fence,
    LimitRule,
    Node,
    Operator,
    Point,
    Probe,
    Region,
    Site,
    SiteState,
    Tenure,
    Vehicle,
)
from coldchain.registry.credit_code import ALPHABET, check_character
from coldchain.registry.difference import compare
from coldchain.registry.exporting import sheets_of
from coldchain.registry.fold import fold
from coldchain.registry.importing import read_file
from coldchain.registry.vocabulary import CLEAR
from coldchain.registry.wanted import DATED, SINGLE
from coldchain.registry.writing import write_file

NOW_MS = 1_900_000_000_000

ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,7}", fullmatch=True)
texts = st.one_of(
    st.sampled_from(["", "=1+1", "+86", "-", "@x", "'=x", "'", "001", "1e5", "#N/A", "TRUE", "2024-5-1", "a, b;c"]),
    st.text(st.characters(max_codepoint=0xFFFD, exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=8),
).filter(lambda text: text == text.strip() and text not in CLEAR.values())  # fmt: skip
names = texts.filter(bool)
days = st.sampled_from(["", "2027-03-31", "2031-12-01"])
moments = st.integers(0, 3_000_000_000_000)
numbers = st.integers(-1000, 1000).map(lambda tenths: tenths / 10)
codes = st.text(ALPHABET, min_size=17, max_size=17).map(lambda first: first + check_character(first))
keys = st.lists(st.from_regex(r"[0-9a-f]{64}", fullmatch=True), max_size=2).map(tuple)
channels = st.sampled_from([f"urn:dev:mac:{number:04x}:t" for number in range(6)])


def maybe(one: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(st.just(""), one)


@st.composite
def fences(draw: st.DrawFn, site: Site, from_ms: int) -> Put:
    """Any fence of a site; a vehicle has none."""
    latitude, longitude = draw(st.floats(-80, 80)), draw(st.floats(-170, 170))
    corners = ((latitude, longitude), (latitude + 0.01, longitude), (latitude, longitude + 0.01))
    system, learnt_from = draw(st.sampled_from(COORDINATES)), draw(st.sampled_from([0, 3]))
    if site.kind == "vehicle":
        return SiteState(site.id, "open", from_ms)
    return draw(st.sampled_from([
        Fence(site.id, from_ms),
        Fence(site.id, from_ms, latitude, longitude, 62.5, coordinates=system, learnt_from=learnt_from),
        Fence(site.id, from_ms, polygon=corners, coordinates=system, learnt_from=learnt_from),
    ]))  # fmt: skip


@st.composite
def registries(draw: st.DrawFn) -> Registry:
    """Any registry that the checks let in."""

    def some(count: int) -> list[str]:
        return draw(st.lists(ids, min_size=1, max_size=count, unique_by=str.casefold))

    def one_of(known: Sequence[Any]) -> Any:
        return draw(st.sampled_from(known))

    puts: list[Put] = []
    operators, regions, sites, assets, points = some(3), some(2), some(4), some(4), some(5)
    puts += [Operator(o, draw(names), draw(maybe(codes)), draw(texts), draw(days)) for o in operators]
    puts += [Region(r, draw(names), one_of(["", *regions[:place]])) for place, r in enumerate(regions)]
    for site in sites:
        placed = draw(st.booleans())
        puts.append(
            Site(
                site, draw(names), one_of(SITE_KINDS), one_of(operators), draw(texts),
                one_of(["Asia/Shanghai", "Asia/Urumqi"]), one_of(["", *regions]), one_of(["", "08:00-22:00"]),
                draw(numbers) % 90 if placed else None, draw(numbers) % 180 if placed else None,
                one_of(COORDINATES) if placed else "", draw(texts), draw(texts), one_of(["", "13800000000"]),
            )
        )  # fmt: skip
    puts += [
        Carrier(c, draw(names), draw(maybe(codes)), draw(texts), draw(days), one_of(["", "021-5555555"]), draw(days))
        for c in some(2)
    ]
    puts += [Vehicle(s, draw(names), draw(texts), draw(texts), draw(texts), draw(texts), draw(days)) for s in sites[:2]]
    puts += [AssetKind(kind, draw(names), draw(names)) for kind in ("pick-up", "box")[: draw(st.integers(0, 2))]]
    kinds = [*ASSET_KINDS, *(put.id for put in puts if isinstance(put, AssetKind))]
    puts += [
        Asset(a, draw(names), one_of(kinds), one_of(sites), draw(texts), one_of([None, 1.5, 400.0]), draw(days))
        for a in assets
    ]
    puts += [Point(p, one_of(assets), one_of(["return-air", "door", "左侧"]), one_of(["temperature", "door", "co2"]),
                   draw(st.integers(1, 9999)), one_of(["Cel", "", "%RH"]), draw(texts)) for p in points]  # fmt: skip
    puts += [Node(n, one_of(sites), draw(keys), draw(keys), grants=(draw(channels),)) for n in some(2)]
    people = some(3)
    puts += [
        Person(
            p, draw(names), one_of(["", "13800000000", "02155555555", "+4930123456"]), one_of(["", "a.b@example.com"]),
            one_of(["", "zhang-3"]), one_of(["", "007"]), one_of(["", "ou_1"]), one_of(LANGUAGES),
            one_of(["Asia/Shanghai", "Europe/Berlin"]), one_of(["", "22:00-07:00"]), one_of(PERSON_STATES),
        )
        for p in people
    ]  # fmt: skip
    for from_ms in draw(st.lists(moments, max_size=3, unique=True)):
        person, role = one_of(people), one_of(list(Role))
        site, region = one_of([("", ""), (one_of(sites), ""), ("", one_of(regions))])
        hours = one_of(["", "mon-fri 08:00-20:00, sat 09:00-13:00", "workday 22:00-06:00, holiday 00:00-24:00"])
        puts += one_of([
            [Duty(person, role, one_of([0, from_ms]), one_of([None, from_ms + 5000]), site, region, hours)],
            [Shift(person, role, from_ms * 4, from_ms * 4 + 3, site, region)],
            [Holiday(one_of(["2027-02-06", "2027-02-07"]), one_of(["off", "work"]), draw(texts), region)],
        ])  # fmt: skip
    bound = draw(st.lists(channels, max_size=5))
    puts += [Probe(c, draw(texts), draw(texts), one_of(PROBE_STATES)) for c in dict.fromkeys(bound)]
    for from_ms in draw(st.lists(st.one_of(st.just(0), moments), max_size=6, unique=True)):
        to_ms = one_of([None, from_ms + 5000])
        rule = sorted(draw(st.lists(numbers, min_size=2, max_size=2, unique=True)))
        low, high = one_of([(None, rule[1]), (rule[0], None), (None, None), tuple(rule)])
        puts += one_of([
            [Tenure(one_of(sites), one_of(operators), from_ms, to_ms)],
            [SiteState(one_of(sites), one_of(["open", "closed"]), from_ms)],
            [draw(fences(one_of([put for put in puts if isinstance(put, Site)]), one_of([0, from_ms])))],
            [Assignment(one_of(assets), one_of(sites), from_ms, to_ms)],
            [Activity(one_of(assets), one_of(ACTIVITIES), from_ms, to_ms)],
            [LimitRule(one_of(points), from_ms, high, low, 60, 1.5, 0, one_of(["warning", "critical"]))],
            [LimitRule(one_of(points), 0, high, low)],
            [LimitRule(one_of(points), one_of([0, from_ms]), high, low, day_low_s=0 if low is None else 3600,
                       life_high_s=0 if high is None else 36_000)],
            *([[Binding(one_of(bound), one_of(points), from_ms, to_ms)],
               [Binding(one_of(bound), one_of(points), 0)],
               [Calibration(one_of(bound), from_ms, draw(numbers) % 5, draw(texts), draw(days), draw(texts))],
               [Comparison(one_of(bound), from_ms, draw(numbers), draw(texts))]] if bound else []),
        ])  # fmt: skip
    return registry_of(puts)


def registry_of(puts: Sequence[Put]) -> Registry:
    return fold(Entry(at, Kind.CHANGE, 0, Change(put, "test", "test").encode()) for at, put in enumerate(puts, 1))


def tables(registry: Registry) -> dict[str, object]:
    return {name: getattr(registry, name) for name in (*SINGLE.values(), *DATED.values())}


@pytest.mark.parametrize(("suffix", "language"), [(".toml", "en"), (".xlsx", "zh"), (".xlsx", "en"), ("", "zh")])
@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(registry=registries())
def test_what_was_exported_imports_again_with_nothing_to_do(suffix: str, language: str, registry: Registry) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"registry{suffix}"
        write_file(file, sheets_of(registry), language)

        again = compare(read_file(file, registry), registry, NOW_MS)
        anew = compare(read_file(file, Registry()), Registry(), NOW_MS)

    assert again.steps == []
    assert tables(registry_of([step.after for step in anew.steps])) == tables(registry)
