"""A cooler that is too warm on most days is one piece of maintenance: told once, to nobody's telephone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from alerts.episodes import Episode
from alerts.history import LedgerHistory
from alerts.learner import Learner
from alerts.rebuild import rebuild_alarms
from alerts.store import AlertStore
from coldchain.registry import Activity, Asset, Assignment, Normal, Point, Put, Site, registry_at
from tests.alerts.story import POINT, Story
from tests.alerts.support import DAY_MS, MIDNIGHT_MS, World, shop
from tests.alerts.test_learner import day, feed

LEVELS = ((900, 9.5), (1500, 9.0), (3300, 8.5))
OTHER = "cooler-0.top"


def normal(
    days: int, *, weak: bool = True, point: str = POINT, provisional: bool = False, forgotten: bool = False
) -> Normal:
    """What was learnt, in force so many days after the beginning."""
    at_ms = MIDNIGHT_MS + days * DAY_MS
    levels = () if forgotten else LEVELS
    over = 6 if weak else 2
    return Normal(point, at_ms, levels, MIDNIGHT_MS, at_ms, 7, provisional, weak and not forgotten, over)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path)
    made.put(
        Asset("cooler-0", "Cooler 0", "glass-door-cooler", "shop"),
        Point(OTHER, "cooler-0", "top-front", "temperature", 60),
    )
    made.pass_minutes(10 * 1440)
    made.work()
    yield made
    made.close()


def put(story: Story, *puts: Put) -> None:
    story.put(*puts)
    story.work()


def items(story: Story) -> list[dict[str, Any]]:
    return [item for item in story.alarms() if item["rule"] == "weak-cabinet"]


def living(world: World) -> list[Episode]:
    return [each for each in world.live_alarms() if each.rule == "weak-cabinet"]


def spells(world: World) -> list[tuple[int, int | None, str]]:
    """Return first day, last day and end of each item that stands or stood."""
    return [
        (_days(each.onset_ms), None if each.ended_ms is None else _days(each.ended_ms), each.end_reason)
        for each in living(world)
    ]


def _days(at_ms: int) -> int:
    return (at_ms - MIDNIGHT_MS) // DAY_MS


def test_it_is_one_open_item_of_the_asset_that_rings_nobody(story: Story) -> None:
    put(story, normal(9))

    (item,) = items(story)
    assert (item["point"], item["asset"], item["site"]) == ("asset:cooler-0", "cooler-0", "shop")
    assert (item["severity"], item["state"], item["open"]) == ("notice", "unacknowledged", True)
    assert (item["telling"], item["telling_reason"]) == ("digest", "work-item")
    assert story.pages() == 0
    assert [one["id"] for one in story.reader.alarms(open_only=True).items] == [item["id"]]
    assert spells(story) == [(9, None, "")]


def test_it_says_on_how_many_days_by_which_numbers_and_what_is_usual_there(story: Story) -> None:
    put(story, normal(9))

    (first,) = story.steps()
    assert (first["trigger"], first["reason"]) == ("raise", "too-weak")
    evidence = first["evidence"]
    assert (evidence["days_over"], evidence["weak_of_days"], evidence["weak_days"]) == (6, 7, 5)
    assert (evidence["weak_minutes"], evidence["weak_over"]) == (120, 2.5)
    assert (evidence["point"], evidence["levels"]) == (POINT, [list(level) for level in LEVELS])


def test_what_is_learnt_further_is_the_same_item_and_so_is_another_probe_of_it(story: Story) -> None:
    put(story, normal(6, provisional=True))
    put(story, normal(7))
    put(story, normal(8, point=OTHER))
    put(story, normal(9, weak=False))
    assert spells(story) == [(6, None, "")]

    put(story, normal(10, weak=False, point=OTHER))
    assert spells(story) == [(6, 10, "returned")]
    assert [step["trigger"] for step in story.steps()] == ["raise", "return"]


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (normal(9, weak=False), "returned"),
        (normal(9, forgotten=True), "by-hand"),
        (Activity("cooler-0", "retired", MIDNIGHT_MS + 9 * DAY_MS), "not-in-use"),
    ],
)
def test_it_ends_when_it_is_repaired_learnt_anew_or_retired(story: Story, end: Put, reason: str) -> None:
    put(story, normal(7))
    put(story, end)

    assert spells(story) == [(7, 9, reason)]


def test_a_cooler_that_is_only_stored_keeps_its_item(story: Story) -> None:
    put(story, normal(7))
    put(story, Activity("cooler-0", "stored", MIDNIGHT_MS + 9 * DAY_MS))

    assert spells(story) == [(7, None, "")]


def test_what_takes_effect_later_counts_when_its_time_comes(story: Story) -> None:
    put(story, normal(7))
    put(story, Activity("cooler-0", "retired", MIDNIGHT_MS + 12 * DAY_MS))
    assert spells(story) == [(7, None, "")]

    story.pass_minutes(2 * 1440 + 1)
    story.work()
    assert spells(story) == [(7, 12, "not-in-use")]


def test_people_handle_it_like_any_alarm_and_no_reminder_rings(story: Story) -> None:
    put(story, normal(7))
    name = str(items(story)[0]["id"])
    story.act(name, "acknowledge", who="小王", why="已报修")
    assert story.state() == "acknowledged"
    story.pass_minutes(1440)
    story.work()
    assert story.state() == "acknowledged"

    story.act(name, "shelve", minutes=60)
    story.pass_minutes(61)
    story.work()

    assert (story.state(), story.told()) == ("unacknowledged", ("digest", "work-item"))
    assert story.pages() == 0
    put(story, normal(11, weak=False))
    story.act(name, "acknowledge")
    assert story.state() == "normal"


def test_a_restart_and_a_rebuild_find_the_same_item(story: Story) -> None:
    put(story, normal(7))
    before = items(story)

    story.restart()
    story.work()
    assert items(story) == before
    rebuild_alarms(story.store, story.ledger, story.clock)
    assert [(item["id"], item["version"]) for item in items(story)] == [(before[0]["id"], 1)]


def test_a_store_that_was_lost_finds_every_item_in_the_ledger(story: Story) -> None:
    put(story, normal(5))
    put(story, normal(6, weak=False))
    put(story, normal(8))
    before = living(story)
    story.act(str(items(story)[-1]["id"]), "acknowledge")
    story.store.close()
    story.store = AlertStore.open(story.folder / "another.sqlite")
    story.open()
    story.work()

    assert living(story) == before
    assert [item["state"] for item in items(story)] == ["returned-unacknowledged", "acknowledged"]
    assert story.pages() == 0


def test_any_order_of_the_entries_ends_in_the_same_items(tmp_path: Path) -> None:
    entries = [normal(5), normal(6, provisional=True), normal(7, weak=False), normal(8), normal(9, forgotten=True)]
    found = set()
    for number, order in enumerate(permutations(entries)):
        if number % 6:
            continue  # twenty of them
        story = Story(tmp_path / str(number))
        story.pass_minutes(10 * 1440)
        for entry in (*order, order[0]):
            put(story, entry)
        found.add(tuple(spells(story)))
        assert [each for each in story.episodes() if each.rule == "weak-cabinet"] == living(story)
        story.close()

    assert found == {((5, 7, "returned"), (8, 9, "by-hand"))}


def test_a_moved_onset_is_the_same_item_and_one_without_ground_is_retracted(story: Story) -> None:
    put(story, normal(8))
    name = items(story)[0]["id"]
    put(story, normal(6))
    assert [(item["id"], item["version"]) for item in items(story)] == [(name, 2)]
    assert spells(story) == [(6, None, "")]

    put(story, normal(6, weak=False))
    put(story, normal(8, weak=False))
    assert spells(story) == []
    assert items(story)[0]["state"] == "retracted"


def test_an_item_of_a_cooler_that_had_moved_is_where_it_stood_then(story: Story) -> None:
    put(story, Site("other", "Other", "shop", "op"), normal(7))
    put(story, Assignment("cooler-0", "other", MIDNIGHT_MS + 6 * DAY_MS))
    story.pass_minutes(1)
    story.work()

    assert items(story)[0]["site"] == "other"


def test_the_learner_s_own_word_makes_it_on_the_fifth_such_day(tmp_path: Path) -> None:
    world = World(tmp_path, now_ms=MIDNIGHT_MS)
    world.put(*shop(1, kind="glass-door-cooler", interval_s=300, profile="pasteurized"))
    teacher = Learner(
        world.ledger, LedgerHistory(world.ledger), lambda: registry_at(world.ledger, world.ledger.end()), world.clock
    )
    counts = []
    for number in range(7):
        feed(world, day(4.0, peak=8.5, minutes=300), number)
        world.clock.step_wall(MIDNIGHT_MS + (number + 1) * DAY_MS + 60_000 - world.clock.now_ms())
        teacher.night()
        world.received_ms = world.clock.now_ms()
        world.catch_up()
        world.judge.idle()
        counts.append(len(living(world)))

    assert counts == [0, 0, 0, 0, 1, 1, 1]  # from the fifth such day on
    assert spells(world) == [(5, None, "")]
    normals = registry_at(world.ledger, world.ledger.end()).normals[POINT]
    assert next(each.days_over for each in normals if each.weak) == 5
    world.close()
