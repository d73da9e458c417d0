"""How often people are told: one page an asset while nothing gets worse, chattering, floods."""

from __future__ import annotations

from tests.alerts.story import COLD, HOT, WARM, Story
from tests.alerts.test_handling import raised, story

__all__ = ["story"]


def test_an_asset_pages_once_in_twelve_hours_while_nothing_gets_worse(story: Story) -> None:
    raised(story)
    story.say(COLD, 200)
    raised(story)
    assert (story.told(), story.pages()) == (("digest", "asset-paged-recently"), 1)

    story.say(COLD, 200)
    raised(story, HOT)
    assert (story.told(), story.pages()) == (("page", "open-now"), 2)
    story.say(WARM, 12, probe=1)
    assert story.pages() == 3  # another asset

    story.say(COLD, 12 * 60)
    raised(story)
    assert story.pages() == 4


def test_the_third_occurrence_in_two_hours_chatters_until_it_is_quiet_for_two(story: Story) -> None:
    for _ in range(3):
        raised(story)
        story.say(COLD, 18)
    raised(story)
    assert [item["chattering"] for item in story.alarms()] == [False, False, True, True]
    assert (story.told(), story.pages()) == (("digest", "chattering"), 1)
    assert (story.count("chattering"), story.count("chattering_now")) == (2, 1)

    story.say(COLD, 120)
    raised(story)

    assert story.newest()["chattering"] is False


def test_a_flood_is_told_while_it_lasts(story: Story) -> None:
    raised(story)
    now_ms = story.clock.now_ms()
    with story.store.engine.begin() as connection:
        columns = "point, rule, onset_ms, raised_ms, end_reason, dose_model, exposed_ms, suppressed_ms, hole_ms, "
        columns += "excess_kelvin_min, samples, unit, rule_version, rule_from_ms, step, severity, top_severity, asset, "
        columns += "site, state, late_discovered, version, telling, telling_reason, paged_step, chattering, "
        columns += "changed, position, ordinal"
        for number in range(11):
            connection.exec_driver_sql(
                f"INSERT INTO alarm (id, raised_at_ms, {columns}) SELECT 'n{number}', {now_ms}, {columns} FROM alarm "
                "WHERE id NOT LIKE 'n%'"
            )

    lasting = story.reader.flood(now_ms)
    over = story.reader.flood(now_ms + 10 * 60_000)

    assert lasting is not None
    assert lasting.ended_ms is None
    assert over is not None
    assert over.ended_ms == now_ms + 10 * 60_000
    assert story.count("in_flood") == 1
