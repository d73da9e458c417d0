"""The judge over the real series store and its projection, each at its own pace: re-judges read what the store has."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.history import SeriesHistory
from alerts.judge import Judge
from coldchain.projection import catch_up
from coldchain.registry import Put
from coldchain.series.duck import DuckSeries
from ingest.projections.series import SeriesProjection
from tests.alerts.support import World, shop
from tests.alerts.test_judge import CHANGES, STRETCHES, Item, deliver, minutes, outcome


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(STRETCHES, st.lists(st.sampled_from(CHANGES), unique_by=id, max_size=3), st.data())
def test_the_series_store_behind_a_judge_ends_in_the_same_episodes(
    stretches: list[tuple[int, int, list[float]]], changes: list[Put], data: st.DataObject
) -> None:
    batches: list[Item] = [minutes(first, values, probe) for probe, first, values in stretches]
    base: list[Item] = list(shop(2))
    expected = outcome([*base, *changes, *batches])

    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        series = DuckSeries(Path(folder) / "series.duckdb")
        projection = SeriesProjection(world.ledger, series, world.decode)
        judge = Judge(world.store, world.ledger, SeriesHistory(series), world.clock, world.decode)
        for item in [*base, *data.draw(st.permutations([*batches, *batches[:2], *changes]))]:
            deliver(world, [item])
            match data.draw(st.sampled_from(["wait", "series", "judge", "idle"])):
                case "series":
                    if entries := world.ledger.read(projection.cursor, 4):
                        projection.step(entries)
                case "judge":
                    judge.step(world.ledger.read(judge.cursor, 4))
                case "idle":
                    world.clock.advance_sync(2.5)
                    judge.idle()
        catch_up(projection, world.ledger)
        catch_up(judge, world.ledger)
        judge.settle()
        found, waiting = world.episodes(), judge.waiting
        alarms = world.live_alarms()
        series.close()
        world.close()

    assert waiting == 0
    assert found == expected
    assert alarms == found
