"""`coldchain alarms …`: what it shows, what it refuses with which remedy, and that the judge then does it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from alerts.readmodel import AlarmReader
from coldchain.cli.alarm_show import lines_of
from coldchain.cli.main import app
from coldchain.clock import SystemClock
from coldchain.errors import ConfigError
from tests.alerts.story import COLD, WARM, Story


class Shop:
    """A data folder with one open alarm, as a server left it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.story = Story(folder)
        self.story.say(WARM, 12)
        self.name = str(self.story.newest()["id"])
        self.story.clock.step_wall(SystemClock().now_ms() - self.story.clock.now_ms())
        self.story.close()
        for name in ("ledger", "alerts"):
            (folder / f"{name}.sqlite").rename(folder / {"ledger": "ledger.db", "alerts": "alarms.db"}[name])

    def says(self, *words: str) -> str:
        command = ["alarms", *words, "--data", str(self.folder), "--lang", "en"]
        return CliRunner().invoke(app, command, catch_exceptions=False).output

    def refuses(self, *words: str) -> str:
        result = CliRunner().invoke(app, ["alarms", *words, "--data", str(self.folder)])
        assert isinstance(result.exception, ConfigError)
        return str(result.exception)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_what_follows_is_shown_before_it_is_written(shop: Shop) -> None:
    shown = shop.says("shelve", shop.name, "--minutes", "20", "--why", "正在补货", "--who", "小王", "--dry-run")

    assert '"action":"shelve"' in shown
    assert "high at cooler-0.air is shelved for 20 min" in shown
    assert "1 changes would be written" in shown
    assert "1 changes written" in shop.says("acknowledge", shop.name, "--why", "看过了", "--yes")


def test_what_cannot_be_is_refused_with_the_remedy(shop: Shop) -> None:
    assert "`coldchain alarms --format json` lists ids" in shop.refuses("acknowledge", "nobody", "--why", "x")
    assert "only a latched alarm is reset" in shop.refuses("reset", shop.name, "--why", "x")
    assert "is not shelved at this point" in shop.refuses("unshelve", shop.name, "--why", "x")
    assert "a warning is shelved for 1 to 1440" in shop.refuses("shelve", shop.name, "--minutes", "1441", "--why", "x")
    assert "--why is empty" in shop.refuses("acknowledge", shop.name, "--why", " ")


def test_a_folder_without_a_server_s_files_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["alarms", "acknowledge", "x", "--why", "x", "--data", str(tmp_path)])

    assert isinstance(result.exception, ConfigError)
    assert "holds no ledger.db" in str(result.exception)


def test_an_alarm_is_shown_with_its_evidence_and_what_is_for_information_says_so(tmp_path: Path) -> None:
    story = Story(tmp_path)
    story.say(10.0, 61)
    story.say(COLD, 10)
    item = AlarmReader(story.store.engine).alarm(str(story.newest()["id"]))
    story.close()
    assert item is not None

    english, chinese = "\n".join(lines_of(item, "en")), "\n".join(lines_of(item, "zh"))

    assert "limit 8.0 °C, peak 10.0 °C, mean 10.0 °C" in english
    assert "out for 61 min, 0 of them excused; no data for 0 min; 61 readings out" in english
    assert "122 degree-minutes beyond the limit" in english
    # 61 min at 10 °C: ((10 + 4.15) / 8.15)² * 61 / 60 = 3.06 h
    assert "growth as in 3.1 h at the model's reference temperature (model sqrt-ppc;Tmin=-4.15;Tref=4)" in english
    assert "mean kinetic temperature 10.0 °C (ΔH/R = 10,000 K), for information" in english
    assert "unacknowledged → returned-unacknowledged  returned  judge" in english
    assert "平均动力学温度 10.0 °C(ΔH/R = 10000 K),仅供参考,不抵消超温" in chinese
    assert "模型 sqrt-ppc;Tmin=-4.15;Tref=4),仅供参考" in chinese
