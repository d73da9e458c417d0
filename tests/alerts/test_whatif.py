"""What would have happened: known days with known differences, pages within their budget, the record beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.episodes import Episode
from alerts.history import LedgerHistory, Samples
from alerts.reconcile import told_of
from alerts.recorded import differences, read_record
from alerts.records import HOUR_MS, Lane
from alerts.spanhistory import SpanHistory, first_since
from alerts.whatif import Course, Rules, Span, course_of, judged_points, samples_of, with_limit, with_profiles
from alerts.whatif_compare import Change, Comparison, How, changes, paired
from alerts.whatif_pages import Step, pages_of
from coldchain.database import read_sqlite
from coldchain.profiles import Content, Product
from coldchain.profiles.structs import Celsius
from coldchain.registry import EpisodeEnd, Profile, Registry
from coldchain.registry.intervals import FOREVER_MS
from tests.alerts.support import DAY_MS, MIDNIGHT_MS, MINUTE_MS, World, shop, with_product

POINT = "cooler-0.air"
SPAN = Span(MIDNIGHT_MS + DAY_MS, MIDNIGHT_MS + 3 * DAY_MS)
BEGIN = 24 * 60
"""Minutes from the first midnight to the span's beginning."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def milk(warning: float) -> Content:
    """Return the product of `with_product` with another warning."""
    put = with_product()[0]
    assert isinstance(put, Profile)
    assert isinstance(put.content, Product)
    product = put.content
    limits = msgspec.structs.replace(
        product.limits["CN"], warning_high=Celsius(celsius=warning, source="test", status="assumed")
    )
    return msgspec.structs.replace(product, limits={"CN": limits})


def registry_of(world: World) -> Registry:
    world.settle()
    return world.judge._registry


def send(world: World, day: Sequence[tuple[int, float]], probe: int = 0, total: int = 3 * 24 * 60) -> None:
    """Send three days of one reading a minute: each value from its minute on, and 0.01 K beside it."""
    values = np.empty(total)
    for minute, celsius in day:
        values[minute:] = celsius
    readings = [(f"urn:p{probe}:t", MIDNIGHT_MS + n * MINUTE_MS, float(v) + n % 2 / 100) for n, v in enumerate(values)]
    for begin in range(0, total, 720):
        world.send("gw", readings[begin : begin + 720])


def courses(world: World, then: Registry, span: Span = SPAN) -> tuple[Course, Course]:
    registry = registry_of(world)
    points = judged_points(registry, "cooler-0")
    samples = samples_of(LedgerHistory(world.ledger, world.decode), registry, points, span)
    return course_of(Rules(registry, points), samples, span), course_of(Rules(then, points), samples, span)


def compared(now: Course, then: Course, span: Span = SPAN) -> Comparison:
    comparison = Comparison(span)
    comparison.add("cooler-0", "cooler", now, then)
    return comparison


def listed(comparison: Comparison) -> dict[How, list[Change]]:
    return {how: list(found) for how, found in comparison.changes()}


def cooler(world: World) -> None:
    world.put(*with_product(), *shop(1, kind="test-cooler", profile="test-milk"))


def test_the_same_rules_make_no_difference(world: World) -> None:
    cooler(world)
    send(world, [(0, 4.0), (BEGIN + 60, 9.0), (BEGIN + 120, 4.0)])

    now, then = courses(world, registry_of(world).copy())

    comparison = compared(now, then)
    assert now == then
    assert now.pages
    assert not comparison.found


def test_a_lower_warning_is_new_and_a_higher_one_is_gone(world: World) -> None:
    cooler(world)
    send(world, [(0, 4.0), (BEGIN + 60, 6.7), (BEGIN + 120, 4.0)])
    registry = registry_of(world)

    now, then = courses(world, with_profiles(registry, [milk(6.9)], SPAN.warm_ms))

    comparison = compared(now, then)
    (gone,) = listed(comparison)[How.GONE]
    assert gone.now is not None
    assert (gone.now.rule, gone.now.onset_ms) == ("high", MIDNIGHT_MS + (BEGIN + 60) * MINUTE_MS)
    assert gone.paged == (True, False)
    assert [page.episode.rule for page in now.pages] == ["high"]
    assert not then.pages
    pair = comparison.episodes["cooler", "high"]
    assert (pair.now, pair.then) == (1, 0)

    (new,) = listed(compared(then, now))[How.NEW]
    assert new.then == gone.now


def test_a_farther_limit_is_met_later_and_may_split_an_alarm(world: World) -> None:
    cooler(world)
    send(world, [(0, 4.0), (BEGIN + 60, 6.6), (BEGIN + 80, 6.9), (BEGIN + 110, 6.2), (BEGIN + 130, 6.9),
                 (BEGIN + 150, 4.0)])  # fmt: skip
    registry = registry_of(world)

    now, then = courses(world, with_profiles(registry, [milk(6.8)], SPAN.warm_ms))

    found = listed(compared(now, then))
    (later,) = found[How.LATER]
    assert later.now is not None
    assert later.then is not None
    assert later.then.raised_ms - later.now.raised_ms == 20 * MINUTE_MS
    assert [change.either.rule for change in found[How.SPLIT]] == ["high"]
    assert How.GONE not in found
    joined = listed(compared(then, now))
    assert (len(joined[How.EARLIER]), len(joined[How.JOINED])) == (1, 1)


def test_what_was_raised_before_the_span_is_standing_and_counts_nowhere(world: World) -> None:
    cooler(world)
    send(world, [(0, 4.0), (BEGIN - 60, 9.0), (BEGIN + 60, 4.0)])
    registry = registry_of(world)

    now, then = courses(world, with_profiles(registry, [milk(6.9)], SPAN.warm_ms))

    comparison = compared(now, then)
    assert now.pages
    assert not comparison.pages
    assert not comparison.episodes
    assert comparison.standing.now == comparison.standing.then == 2
    assert not comparison.found


def test_minutes_of_the_record_are_those_inside_the_span(world: World) -> None:
    cooler(world)
    send(world, [(0, 4.0), (BEGIN - 600, 7.9), (BEGIN + 600, 4.0), (BEGIN + 900, -9.0), (BEGIN + 910, 4.0)])
    registry = registry_of(world)
    estimate = courses(world, registry)[0].record_ms[Lane.RECORD_HIGH]

    # the product follows the air with 10 min: it is above 6 °C until some minutes after the air is not
    assert 600 * MINUTE_MS <= estimate <= 612 * MINUTE_MS
    assert courses(world, registry)[0].record_ms[Lane.RECORD_LOW] > 0


def test_a_long_stay_that_no_page_tells_of_is_untold(world: World) -> None:
    cooler(world)
    send(world, [(0, 4.0), (BEGIN + 60, 6.7), (BEGIN + 60 + 180, 4.0)])
    registry = registry_of(world)

    comparison = compared(*courses(world, with_profiles(registry, [milk(6.9)], SPAN.warm_ms)))

    assert (comparison.untold.now, comparison.untold.then) == (0, 1)


def test_a_limit_by_hand_moves_the_rule_that_is_there(world: World) -> None:
    world.put(*shop(1))
    send(world, [(0, 4.0), (BEGIN + 60, 7.5), (BEGIN + 120, 4.0)])
    registry = registry_of(world)

    now, then = courses(world, with_limit(registry, POINT, 7.0, None, SPAN.warm_ms))

    assert not now.episodes
    (only,) = then.episodes
    assert (only.limit, only.raised_ms - only.onset_ms) == (7.0, 10 * MINUTE_MS)
    assert registry.rules[POINT][0].high_celsius == 8.0


def test_a_profile_that_began_within_the_span_gives_way_to_the_one_that_is_tried(world: World) -> None:
    cooler(world)
    world.put(*with_product(warning=5.0, from_ms=SPAN.from_ms + HOUR_MS))
    send(world, [(0, 4.0), (BEGIN + 120, 6.0), (BEGIN + 180, 4.0)])
    registry = registry_of(world)

    now, then = courses(world, with_profiles(registry, [milk(6.5)], SPAN.warm_ms))

    assert [episode.rule for episode in told_of(now.episodes)] == ["high"]
    assert not told_of(then.episodes)
    assert len(registry.products["test-milk"]) == 2


def test_what_a_person_ended_ends_in_both(world: World) -> None:
    cooler(world)
    world.put(EpisodeEnd(POINT, SPAN.from_ms + 2 * HOUR_MS))
    send(world, [(0, 4.0), (BEGIN + 60, 6.9)])

    now, _ = courses(world, registry_of(world))

    first = next(episode for episode in now.episodes if episode.rule == "high")
    assert (first.end_reason, first.ended_ms) == ("by-hand", SPAN.from_ms + 2 * HOUR_MS)


# -- pages ----------------------------------------------------------------------------------------------------


def episode(minute: int, rule: str = "high", severity: str = "warning", *, ended: int | None = None,
            step: int = 0) -> Episode:  # fmt: skip
    onset_ms = MIDNIGHT_MS + minute * MINUTE_MS
    ended_ms = None if ended is None else MIDNIGHT_MS + ended * MINUTE_MS
    return Episode(
        POINT, rule, onset_ms, onset_ms, ended_ms, ended_ms, "", 9.0, onset_ms, 9.0, None, "", None, 0, 0, 0.0, 0, 1,
        8.0, "Cel", "", 0, step, severity, severity,
    )  # fmt: skip


def at(minute: int, one: Episode) -> Step:
    return Step(MIDNIGHT_MS + minute * MINUTE_MS, 0, one)


def told(steps: Sequence[Step]) -> list[tuple[int, str, str]]:
    return [((page.at_ms - MIDNIGHT_MS) // MINUTE_MS, page.episode.rule, str(page.reason)) for page in pages_of(steps)]


def test_an_asset_is_paged_once_in_twelve_hours_while_nothing_gets_worse() -> None:
    steps = []
    for minute in (0, 300, 700, 721):
        steps += [at(minute, episode(minute)), at(minute + 1, episode(minute, ended=minute + 1))]

    assert told(steps) == [(0, "high", "open-now"), (721, "high", "open-now")]


def test_another_family_and_what_gets_worse_page_within_the_budget() -> None:
    steps = [
        at(0, episode(0)),
        at(10, episode(10, "product")),
        at(20, episode(20, "high-high")),
        at(30, episode(0, severity="critical")),
        at(40, episode(10, "product", step=1)),
        at(50, episode(10, "product", step=1)),
    ]

    assert told(steps) == [
        (0, "high", "open-now"), (10, "product", "open-now"), (30, "high", "got-worse"), (40, "product", "got-worse"),
    ]  # fmt: skip


def test_what_comes_and_goes_stops_paging() -> None:
    steps = []
    for minute in (0, 800, 830, 860):  # the budget is free again at 720; the third within 2 h chatters
        steps += [at(minute, episode(minute)), at(minute + 10, episode(minute, ended=minute + 10))]

    assert [minute for minute, _, _ in told(steps)] == [0, 800]


# -- pairs ----------------------------------------------------------------------------------------------------

ROWS = st.lists(st.integers(0, 40), unique=True, max_size=12).map(sorted)


def row(edges: list[int]) -> list[Episode]:
    """Return episodes that do not overlap, between each two edges."""
    return [episode(begin, ended=end) for begin, end in zip(edges[::2], edges[1::2], strict=False)]


@given(ROWS, ROWS)
def test_every_episode_is_paired_once_and_nothing_that_overlaps_is_new_or_gone(one: list[int], two: list[int]) -> None:
    now, then = row(one), row(two)

    found = list(paired(now, then))

    assert [a for a, _, how in found if how in (None, How.GONE, How.JOINED)] == now
    assert [b for _, b, how in found if how in (None, How.NEW, How.SPLIT)] == then
    for a, b, how in found:
        assert how is not How.GONE or not any(a.overlaps(other.onset_ms, other.ended_ms) for other in then if a)
        assert how is not How.NEW or not any(b.overlaps(other.onset_ms, other.ended_ms) for other in now if b)


def test_the_differences_that_matter_most_are_kept() -> None:
    comparison = Comparison(SPAN, keep=2)
    for minute in range(3000):
        comparison.note(Change(How.NEW, "cooler-0", None, episode(minute), (False, minute == 2900)))
    comparison.note(Change(How.NEW, "cooler-0", None, episode(5000, severity="critical")))

    ((how, kept),) = comparison.changes()
    assert how is How.NEW
    assert comparison.found[How.NEW] == 3001
    assert [change.either.onset_ms for change in kept] == [episode(2900).onset_ms, episode(5000).onset_ms]


def test_changes_of_an_asset_leave_the_record_out() -> None:
    now = Course((episode(0, "record-high"),), (), {})

    assert not list(changes("cooler-0", now, Course((), (), {})))


# -- the ledger as a history ----------------------------------------------------------------------------------


def same(one: Samples, other: Samples) -> bool:
    return bool(np.array_equal(one.t, other.t) and np.array_equal(one.v, other.v))


@pytest.mark.parametrize("rows_in_memory", [1, 100, 1_000_000])
def test_however_little_fits_into_memory_the_span_is_read_whole(world: World, rows_in_memory: int) -> None:
    world.put(*shop(3))
    for probe in range(3):
        send(world, [(0, 4.0), (500 + probe, 9.0)], probe, total=2000)
    world.send("gw", [("urn:p1:t", MIDNIGHT_MS, 9.5), ("urn:p1:t", MIDNIGHT_MS, 3.0)])
    registry = registry_of(world)
    points = [f"cooler-{number}.air" for number in (2, 1)]
    bounds = MIDNIGHT_MS, MIDNIGHT_MS + 1500 * MINUTE_MS

    history = SpanHistory(world.ledger, registry, points, *bounds, rows_in_memory=rows_in_memory)

    whole = LedgerHistory(world.ledger)
    for point in points:
        assert same(
            history.samples(registry, point, *bounds, registry.position),
            whole.samples(registry, point, *bounds, registry.position),
        )
    assert history.readings == 2 * 1500 + 2
    history.close()


def test_reading_begins_where_the_span_was_received(world: World) -> None:
    world.put(*shop(1))
    for hour in range(10):
        world.received_ms = MIDNIGHT_MS + hour * HOUR_MS
        world.send("gw", [("urn:p0:t", world.received_ms, 4.0)])

    end, puts = world.ledger.end(), len(shop(1))

    assert first_since(world.ledger, 0, end) == 0
    assert first_since(world.ledger, MIDNIGHT_MS + 4 * HOUR_MS, end) <= puts + 4
    assert first_since(world.ledger, MIDNIGHT_MS + 40 * HOUR_MS, end) == end


# -- the record -----------------------------------------------------------------------------------------------


def found_in_the_record(world: World, span: Span = SPAN) -> list[Change]:
    registry = registry_of(world)
    engine = read_sqlite(world.folder / "alerts.sqlite")
    record = read_record(engine, span)
    engine.dispose()
    assert record.position == registry.position
    points = judged_points(registry, "cooler-0")
    reading = Span(span.from_ms, FOREVER_MS)
    samples = samples_of(LedgerHistory(world.ledger), registry, points, reading)
    fresh = course_of(Rules(registry, points), samples, reading)
    return list(differences("cooler-0", record.episodes.get(POINT, []), fresh, span))


EDGES = st.lists(
    st.tuples(st.integers(0, 3 * 24 * 60 - 1), st.sampled_from([-1.0, 4.0, 6.3, 6.6, 7.5, 9.0])), max_size=25
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EDGES)
def test_a_fresh_judgement_of_a_part_finds_what_the_record_says(
    tmp_path_factory: pytest.TempPathFactory, edges: list[tuple[int, float]]
) -> None:
    world = World(tmp_path_factory.mktemp("world"))
    cooler(world)
    send(world, [(0, 4.0), *sorted(edges)])

    assert not found_in_the_record(world)
    world.close()


def test_control_a_record_that_was_tampered_with_is_found(world: World) -> None:
    cooler(world)
    send(world, [(0, 4.0), (BEGIN + 60, 9.0), (BEGIN + 120, 4.0)])
    registry_of(world)
    with world.store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM episode WHERE rule = 'high'")
        connection.exec_driver_sql("UPDATE episode SET peak = 7 WHERE rule = 'product'")

    assert {(change.how, change.either.rule) for change in found_in_the_record(world)} == {
        (How.NEW, "high"),
        (How.DIFFERS, "product"),
    }


def test_samples_that_nobody_sent_make_an_empty_course() -> None:
    registry = Registry()

    assert course_of(Rules(registry, []), {}, SPAN).episodes == ()
