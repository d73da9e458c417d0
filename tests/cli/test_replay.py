"""`coldchain alerts replay`: what it shows of a real folder, beside its owner, and that it writes nothing."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from alerts.store import AlertStore
from coldchain.cli.main import app
from coldchain.cli.replay_words import SAID
from coldchain.cli.server import locked
from coldchain.errors import ConfigError
from coldchain.ledger.sql import SqlLedger
from coldchain.profiles import Product, text_of
from coldchain.registry import Change, Operator, Profile
from tests.alerts.support import DAY_MS, MIDNIGHT_MS, MINUTE_MS, World, shop, with_product

SPAN = ("--from", "2023-11-16", "--to", "2023-11-18")
"""Days of Shanghai; the readings begin 8 h later than the first one's day before."""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a server left it: three days of one cooler, an hour at 6.7 °C on the third."""
    folder = tmp_path_factory.mktemp("data")
    world = World(folder)
    world.put(*with_product(), *shop(1, kind="test-cooler", profile="test-milk"))
    values = [4.0 + n % 2 / 100 for n in range(3 * 24 * 60)]
    values[2500:2560] = [6.7 + n % 2 / 100 for n in range(60)]
    readings = [("urn:p0:t", MIDNIGHT_MS + n * MINUTE_MS, value) for n, value in enumerate(values)]
    for begin in range(0, len(readings), 720):
        world.send("gw", readings[begin : begin + 720])
    world.settle()
    world.close()
    (folder / "ledger.sqlite").rename(folder / "ledger.db")
    (folder / "alerts.sqlite").rename(folder / "alarms.db")
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A profile file that warns at 6.9 instead of 6.5 °C."""
    put = with_product(warning=6.9)[0]
    assert isinstance(put, Profile)
    assert isinstance(put.content, Product)
    made = tmp_path / "our.toml"
    made.write_text(text_of([put.content]), "utf-8")
    return made


def says(data: Path, *words: str, lang: str = "en") -> str:
    command = ["alerts", "replay", *SPAN, "--data", str(data), "--lang", lang, *words]
    return CliRunner().invoke(app, command, catch_exceptions=False).output


def refused(data: Path, *words: str) -> list[str]:
    result = CliRunner().invoke(app, ["alerts", "replay", "--data", str(data), "--lang", "en", *words])
    assert isinstance(result.exception, ConfigError)
    return result.exception.faults


def content(data: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in data.iterdir() if path.suffix == ".db"}


def test_what_another_limit_would_have_brought_is_shown(data: Path, file: Path) -> None:
    before = content(data)

    shown = says(data, "--profile", str(file))

    assert "2023-11-16T00:00+08:00 to 2023-11-18T00:00+08:00: 1 assets, 2 points" in shown
    assert "our.toml: test-milk limits.CN.warning_high: 6.5 °C → 6.9 °C" in shown
    assert "test-cooler    high         1 → 0   1 → 0" in shown
    assert "gone (1)\n  cooler-0.air  high  2023-11-17T01:50+08:00 warning" in shown
    assert "the rules in force stay" in shown
    assert content(data) == before


def test_as_json_it_says_the_same_and_lists_everything(data: Path, file: Path) -> None:
    found = json.loads(says(data, "--profile", str(file), "--format", "json"))

    assert [one for one in found["rules"] if one["rule"] == "high"] == [
        {"kind": "test-cooler", "rule": "high", "alarms": {"now": 1, "then": 0}, "pages": {"now": 1, "then": 0}}
    ]
    (gone,) = found["differences"]
    assert (gone["how"], gone["now"]["raised"], gone["then"]) == ("gone", "2023-11-16T17:50:00.000Z", None)


def test_it_reads_beside_an_owner_that_writes(data: Path, file: Path) -> None:
    with locked(data, demo=False), closing(SqlLedger.open(data / "ledger.db")) as ledger:
        store = AlertStore.open(data / "alarms.db")
        with store.writing(store.position(), store.position()) as writing:
            writing.count_too_old(1)
            ledger.change([Change(Operator("another", "Another"), "test", "test").encode()], MIDNIGHT_MS + 40 * DAY_MS)

            assert "gone (1)" in says(data, "--profile", str(file))
            assert "no difference" in says(data)
        store.close()


def test_without_limits_the_record_is_checked(data: Path, tmp_path: Path) -> None:
    shown = says(data)
    assert "check of the record: " in shown
    assert "no difference" in shown

    copy = tmp_path / "copy"
    shutil.copytree(data, copy)
    store = AlertStore.open(copy / "alarms.db")
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM episode WHERE rule = 'high'")
    store.close()
    result = CliRunner().invoke(app, ["alerts", "replay", *SPAN, "--data", str(copy), "--lang", "en"])

    assert result.exit_code == 1
    assert "found now, not in the record (1)" in result.output
    assert "coldchain rebuild alarms" in result.output


def test_a_bad_file_tells_every_fault_and_judges_nothing(data: Path, file: Path) -> None:
    text = file.read_text("utf-8").replace("celsius = 6.9", "celsius = 690").replace("minutes = 10", "minutes = -10")
    file.write_text(text, "utf-8")
    before = content(data)

    faults = refused(data, *SPAN, "--profile", str(file))

    assert len(faults) > 2
    assert all(fault.startswith("our.toml: [product.test-milk") for fault in faults[:-1])
    assert faults[-1] == f"faults: {len(faults) - 1}; nothing was judged, the rules in force stay"
    assert content(data) == before


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("--from", "soon"), "--from soon: a date or a time with an offset"),
        (("--from", "2023-11-16T00:00:00"), "--from 2023-11-16T00:00:00: a date or"),
        (("--from", "2023-11-16", "--to", "2023-11-16"), "--from 2023-11-16 is not before"),
        ((*SPAN, "--site", "nowhere"), "--site nowhere: the registry has none"),
        ((*SPAN, "--kind", "tanker"), "--kind tanker: the registry has none"),
        ((*SPAN, "--limit", "cooler-0.air"), "--limit cooler-0.air: POINT=HIGH"),
        ((*SPAN, "--limit", "nothing=7"), "--limit nothing=7: POINT=HIGH"),
        ((*SPAN, "--format", "csv"), "--format csv: table or json"),
    ],
)
def test_what_makes_no_sense_is_refused(data: Path, words: tuple[str, ...], fault: str) -> None:
    assert refused(data, *words)[0].startswith(fault)


def test_a_folder_without_a_ledger_is_refused_and_nothing_is_made(tmp_path: Path) -> None:
    assert "holds no ledger.db" in refused(tmp_path / "none")[0]
    assert not (tmp_path / "none").exists()


def test_a_limit_by_hand_may_be_tried(data: Path) -> None:
    assert "new" not in says(data, "--limit", "cooler-0.air=9")
    assert "gone (1)" in says(data, "--limit", "cooler-0.air=9")
    assert "cooler-0.air  high" in says(data, "--limit", "cooler-0.air=4,-1", "--site", "shop", "--asset", "cooler-0")


def test_it_speaks_chinese_too(data: Path, file: Path) -> None:
    shown = says(data, "--profile", str(file), lang="zh")

    assert "不再出现 (1)\n  cooler-0.air  温度过高" in shown
    assert "现行规则照常有效" in shown
    assert SAID["zh"].keys() == SAID["en"].keys()
