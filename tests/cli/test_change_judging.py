"""`coldchain change excuse`, `activity`, `label` …: shown, then written whole, or refused with the remedy."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coldchain.cli import change
from coldchain.cli.main import app
from coldchain.errors import ConfigError
from coldchain.ledger.sql import SqlLedger
from coldchain.registry import Normal, Point, Registry, registry_at
from tests.registry.test_actions import COOLER, POINT, A, B
from tests.support import DAY_MS, MINUTE_MS, T0, SealingNode, fleet, put

MILK = "milk"
T0_WORDS, LATER_WORDS = "2023-11-15T08:00:00+08:00", "2123-11-15T08:00:00+08:00"


class Shop:
    """A data folder with two shops, as a server left it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        ledger = SqlLedger.open(folder / "ledger.db")
        milk = Point(MILK, COOLER, "product", "temperature", 60, profile="pasteurized")
        put(ledger, *fleet([SealingNode("gw-1"), SealingNode("gw-2")]), milk, Normal(MILK, T0, ((900, 7.0),), 0, T0, 7))
        ledger.close()

    @property
    def registry(self) -> Registry:
        ledger = SqlLedger.open(self.folder / "ledger.db")
        try:
            return registry_at(ledger, ledger.end())
        finally:
            ledger.close()

    def says(self, *words: str, language: str = "en", answer: str | None = None) -> str:
        command = ["change", *words, "--data", str(self.folder), "--lang", language]
        return CliRunner().invoke(app, command, input=answer, catch_exceptions=False).output

    def refuses(self, *words: str) -> str:
        result = CliRunner().invoke(app, ["change", *words, "--data", str(self.folder), "--yes"])
        assert isinstance(result.exception, ConfigError)
        return str(result.exception)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_restocking_is_shown_and_written_after_a_yes(shop: Shop) -> None:
    words = ("excuse", COOLER, "--kind", "restocking", "--from", T0_WORDS, "--who", "小王")

    shown = shop.says(*words, language="zh", answer="n\n")
    assert f"{COOLER} 正在补货:2023-11-15T08:00+08:00 至 2023-11-15T08:20+08:00(20 分钟)" in shown
    assert "nothing was written" in shown
    assert "1 changes would be written" in shop.says(*words, "--dry-run")
    assert not shop.registry.windows

    assert "1 changes written" in shop.says(*words, answer="y\n")
    assert shop.registry.windows[COOLER][0].to_ms == T0 + 20 * MINUTE_MS


def test_cleaning_begins_now_and_ends_by_itself(shop: Shop) -> None:
    shop.says("activity", COOLER, "cleaning", "--from", "now", "--yes")

    (said,) = shop.registry.activities[COOLER]
    assert said.to_ms == said.from_ms + 90 * MINUTE_MS
    assert "coldchain change use-asset" in shop.refuses("activity", "cooler-gw-2", "in-use")


def test_a_label_is_put_and_taken_away(shop: Shop) -> None:
    shown = shop.says("label", MILK, "--low", "0", "--high", "4", "--words", "0-4℃ 冷藏", "--from", T0_WORDS, "--yes")
    assert "told for the product from: 9 → 7 °C" in shown
    assert "storage condition, low: 2 → 0 °C" in shown

    assert "leave --low" in shop.refuses("label", MILK, "--none", "--low", "2")
    assert "storage condition, high: 4 → 6 °C" in shop.says("label", MILK, "--none", "--yes")


def test_defrosts_by_the_clock_begin_and_end(shop: Shop) -> None:
    shop.says("defrosts", COOLER, "--at", "02:00", "--at", "14:00", "--minutes", "25", "--from", T0_WORDS, "--yes")
    assert shop.registry.defrosts_of(COOLER)[0].times == ("02:00", "14:00")

    assert "give the times of day" in shop.refuses("defrosts", COOLER)
    assert "has no defrosts by the clock" in shop.says("defrosts", COOLER, "--none", "--yes")


def test_a_point_is_learnt_anew_and_an_excursion_is_ended(shop: Shop) -> None:
    assert "learnt anew from now on" in shop.says("relearn", MILK, "--yes")
    assert shop.registry.normals[MILK][-1].levels == ()

    assert "marked as ended by a person" in shop.says("end-excursion", POINT, "--at", T0_WORDS, "--yes")
    assert shop.registry.ends[POINT] == [T0]
    assert "in the future" in shop.refuses("end-excursion", POINT, "--at", LATER_WORDS)


def test_a_time_without_an_offset_is_no_time(shop: Shop) -> None:
    said = shop.refuses("excuse", COOLER, "--kind", "restocking", "--from", "2023-11-15T08:00:00")

    assert "has no offset" in said
    assert "write 2026-11-23T10:00:00+08:00, or now" in said


def test_shops_pause_together_and_close_one_by_one(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change, "open_alarms_by_site", lambda server: Counter({B: 1}))
    assert "closed one by one" in shop.refuses("close-site", A, B)
    assert f"{B} has 1 open alarms" in shop.refuses("close-site", A, B, "--until", LATER_WORDS)

    shown = shop.says("close-site", A, B, "--until", LATER_WORDS, "--why", "春节", "--yes")
    assert "2 sites are closed" in shown
    assert shop.registry.is_closed(A, T0 + 365 * 10 * DAY_MS)

    shown = shop.says("open-site", A, "--at", "2100-01-01T00:00:00+08:00", "--dry-run")
    assert f"{A} is open again from 2100-01-01T00:00+08:00 on, and 1 assets are judged again." in shown


def test_one_shop_closes_for_ever(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change, "open_alarms_by_site", lambda server: Counter[str]())

    assert f"{A} is closed and 1 assets are out of use" in shop.says("close-site", A, "--yes")
    assert shop.registry.activities[COOLER][0].to_ms is None
