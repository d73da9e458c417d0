"""What whoever gets an alarm is told: there for every rule, in a shop's words, and refused when it is not usable."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from alerts.arrival import Arrival
from alerts.corrective.rows import OVERDUE
from alerts.rationalisation import guidance_of, read_rationalisation
from alerts.records import LANES, RECORDED
from alerts.telling import WORK_ITEMS
from alerts.transit.cooling import COOLED_LATE
from alerts.transit.delays import RULES as DELAYS
from alerts.versions import NAMES
from coldchain.errors import ConfigError
from coldchain.registry.changes import ASSET_KINDS

CONTRACT = Path(__file__).resolve().parents[2] / "dashboards" / "page" / "src" / "contract.ts"
RULES = re.search(r"export type AlarmRule =([^;]+);", CONTRACT.read_text("utf-8"))
TRADE = re.compile(r"超限|回风|超温|确认|excursion|acknowledge|ISA|threshold", re.IGNORECASE)

OTHERS = {*NAMES.values(), *Arrival, *WORK_ITEMS, *DELAYS, COOLED_LATE, OVERDUE}


def test_the_page_knows_every_rule_that_becomes_an_alarm() -> None:
    assert RULES is not None
    rules = {
        *NAMES.values(),
        *Arrival,
        *WORK_ITEMS,
        *DELAYS,
        COOLED_LATE,
        OVERDUE,
        *(lane for lane in LANES if lane not in RECORDED),
    }

    assert set(re.findall(r'"([\w-]+)"', RULES[1])) == {str(rule) for rule in rules}
    for language in ("zh", "en"):
        words = json.loads((CONTRACT.parent / "messages" / f"{language}.json").read_text("utf-8"))
        assert not [rule for rule in rules if f"alarm.{rule}" not in words or f"alarm.{rule}.ended" not in words]


@pytest.mark.parametrize("kind", ["", *ASSET_KINDS])
def test_every_rule_says_what_to_do(kind: str) -> None:
    assert RULES is not None
    rules = {*re.findall(r'"([\w-]+)"', RULES[1]), *(lane for lane in LANES if lane not in RECORDED)}
    rules |= OTHERS

    for rule in rules:
        found = guidance_of(rule, kind)
        assert found is not None, rule
        for text in (*found.consequence.values(), *found.response.values()):
            assert not TRADE.search(text), f"{rule}: {text}"


def test_a_kind_of_asset_has_its_own_words_where_they_differ() -> None:
    shop, road = guidance_of("high", "glass-door-cooler"), guidance_of("high", "reefer")

    assert shop is not None
    assert road is not None
    assert shop == guidance_of("high")
    assert road.response != shop.response
    assert road.consequence == shop.consequence
    assert guidance_of("a rule of a newer program") is None


GOOD = """
[high]
consequence = {zh = "奶会坏。", en = "Milk spoils."}
response = {zh = "关门。", en = "Shut the door."}
minutes = 30
"""


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[high]\nminutes = 30", "[high] consequence: missing"),
        (GOOD.replace("30", "0"), "minutes: 0 is no whole number"),
        (GOOD.replace('en = "Shut the door."', 'de = "Tür zu."'), "response: expected {zh = …, en = …}"),
        (GOOD.replace("Shut the door.", ""), "response.en: expected one line"),
        (GOOD + 'latches_from = "fatal"', "'fatal' is no severity"),
        (GOOD + "[high.kind.fridge]\nminutes = 5", "[high.kind.fridge]: no kind of asset"),
        (GOOD + '[high.kind.reefer]\nlatches_from = "critical"', "holds for every kind"),
        (GOOD + "colour = 1", "colour: unknown"),
        ("[high", "rationalisation.toml: "),
    ],
)
def test_a_fault_says_where_it_is(text: str, fault: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(fault)):
        read_rationalisation(text)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as refused:
        read_rationalisation("[high]\nminutes = 0\n[low]\nminutes = 0")

    assert len(refused.value.faults) == 6
