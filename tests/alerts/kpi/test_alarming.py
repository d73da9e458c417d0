"""KPIs of alarms: counted by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from alerts.kpi.alarming import (
    STANDING_MS,
    Alarms,
    Source,
    acknowledged,
    alarms_a_day,
    chattering,
    flood_time,
    standing,
    told,
    top_sources,
)
from alerts.kpi.figures import Share, Waits
from alerts.kpi.reader import KpiReader
from alerts.lifecycle import AlarmState
from alerts.notify.content import State
from alerts.notify.store import NotifyStore
from alerts.store import AlertStore
from tests.alerts.kpi.rows import MINUTE_MS, add_alarm, add_message

DAY_MS = 86_400_000
FAR_MS = 1 << 50


class Files:
    """An alarm store and a notifier's file."""

    def __init__(self, folder: Path) -> None:
        self.alarms = AlertStore.open(folder / "alarms.db")
        self.notes = NotifyStore.open(folder / "notify.db")
        self.reader = KpiReader(self.alarms.engine, self.notes.engine)

    def raised(self, from_ms: int = 0, to_ms: int = FAR_MS) -> Alarms:
        return self.reader.raised(from_ms, to_ms).get("shop-1", Alarms("shop-1"))


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Files]:
    made = Files(tmp_path)
    yield made
    made.alarms.close()
    made.notes.close()


def test_alarms_count_where_and_when_they_were_raised_and_retracted_and_merged_ones_nowhere(files: Files) -> None:
    add_alarm(files.alarms, "before", 999)
    add_alarm(files.alarms, "first", 1_000)
    add_alarm(files.alarms, "elsewhere", 1_500, site="shop-2")
    add_alarm(files.alarms, "retracted", 1_500, state=AlarmState.RETRACTED)
    add_alarm(files.alarms, "merged", 1_500, state=AlarmState.MERGED)
    add_alarm(files.alarms, "behind", 2_000)

    found = files.raised(1_000, 2_000)

    assert list(found.id) == ["first"]
    assert alarms_a_day(found, 4, 1) == Share(1, 4, 1)
    assert files.raised().raised_in(1_000, 2_000) == found


def test_the_wait_is_from_asking_to_the_first_acknowledgement_and_what_nobody_acknowledged_is_in_the_share(
    files: Files,
) -> None:
    add_alarm(files.alarms, "quick", 0, acknowledged_ms=(2 * MINUTE_MS, 9 * MINUTE_MS))
    add_alarm(files.alarms, "slow", DAY_MS, acknowledged_ms=(DAY_MS + 20 * MINUTE_MS,))
    add_alarm(files.alarms, "never", DAY_MS)
    add_alarm(files.alarms, "nobody-asked", DAY_MS, paged=False, acknowledged_ms=(DAY_MS + 1,))

    found = acknowledged(files.raised())

    assert sorted(found.waits_ms) == [2 * MINUTE_MS, 20 * MINUTE_MS]
    assert found.share == Share(2, 3)
    assert (found.percentile_s(50), found.percentile_s(90)) == (120, 1200)


def test_the_first_message_that_a_provider_took_counts(files: Files) -> None:
    add_alarm(files.alarms, "told", 60_000)
    add_alarm(files.alarms, "not-taken", 60_000)
    add_alarm(files.alarms, "deferred", 60_000, paged=False)
    add_message(files.notes, "refused", "told", 61_000, 62_000, State.FAILED)
    add_message(files.notes, "second", "told", 61_000, 95_000)
    add_message(files.notes, "first", "told", 61_000, 75_000)
    add_message(files.notes, "never", "not-taken", 61_000, 62_000, State.FAILED)
    add_message(files.notes, "digest", "deferred", 61_000, 62_000)

    found = told(files.raised(), files.reader.accepted(0))

    assert found == Waits((15_000,), 2)


def test_an_alarm_stands_from_more_than_a_day_on_also_while_it_lasts(files: Files) -> None:
    add_alarm(files.alarms, "a-day", 0, lasted_ms=STANDING_MS)
    add_alarm(files.alarms, "longer", 1, lasted_ms=STANDING_MS + 1)
    add_alarm(files.alarms, "open", 2, lasted_ms=None)

    assert standing(files.raised(), 2 + STANDING_MS) == Share(1, 3)
    assert standing(files.raised(), 3 + STANDING_MS) == Share(2, 3)


def test_chattering_alarms_are_those_that_the_judge_found_chattering(files: Files) -> None:
    for place in range(4):
        add_alarm(files.alarms, f"a-{place}", place, chattering=place > 1)

    assert chattering(files.raised()).rate == 0.5


def test_a_flood_is_counted_in_minutes_inside_the_day_and_of_what_was_told_in_time(files: Files) -> None:
    """Eleven alarms, one in 30 s: the flood begins with the eleventh (5 min) and ends when 5 min + 7×30 s … are left.

    At minute 10 the first falls out of the window, one more each half minute; fewer than 5 are left when the seventh
    has: raised at 3 min, out at 13 min.
    """
    for place in range(11):
        add_alarm(files.alarms, f"a-{place}", place * 30_000)
    found = files.raised()

    whole = flood_time(found, [(0, 60 * MINUTE_MS)], 0, DAY_MS)
    later = flood_time(found, [(10 * MINUTE_MS, 60 * MINUTE_MS)], 10 * MINUTE_MS, DAY_MS)

    assert whole == Share(8, 60)
    assert later == Share(3, 50, 10)


def test_what_was_found_late_floods_nobody(files: Files) -> None:
    for place in range(11):
        add_alarm(files.alarms, f"a-{place}", place * 30_000, late=True)

    assert flood_time(files.raised(), [(0, DAY_MS)], 0, DAY_MS) == Share(0, 1440)


def test_the_top_sources_are_asset_and_rule_the_largest_first(files: Files) -> None:
    for place, rule in enumerate(("high", "door", "door", "high", "door", "low")):
        add_alarm(files.alarms, f"a-{place}", place, rule=rule)

    found = top_sources([files.raised()], most=2)

    assert found == [Source("shop-1", "cooler-1", "door", 3), Source("shop-1", "cooler-1", "high", 2)]
