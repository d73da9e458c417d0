"""`coldchain profile` as a quality manager meets it: what it shows, writes and refuses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from coldchain.cli.main import app
from coldchain.cli.profile import import_profiles
from coldchain.cli.profile_words import SAID
from coldchain.clock import TestClock, rfc3339
from coldchain.errors import ConfigError
from coldchain.ledger.sql import SqlLedger
from coldchain.profiles import builtin, text_of
from coldchain.registry import Registry, registry_at

SOURCE = 'status = "assumed", source = "design: target_high + 0.5 K"'
EDITED = ("celsius = 6.5, " + SOURCE, 'celsius = 7, status = "assumed", source = "our HACCP plan, version 3"')


def run(*words: str) -> str:
    return CliRunner().invoke(app, ["profile", *words, "--lang", "en"], catch_exceptions=False).output


def refused(*words: str) -> list[str]:
    result = CliRunner().invoke(app, ["profile", *words, "--lang", "en"])
    assert isinstance(result.exception, ConfigError)
    return result.exception.faults


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A server's folder with an empty ledger."""
    folder = tmp_path / "data"
    folder.mkdir()
    SqlLedger.open(folder / "ledger.db").close()
    return folder


def milk_file(tmp_path: Path, old: str = "", new: str = "") -> Path:
    text = text_of([builtin().products["pasteurized"]])
    assert old in text
    file = tmp_path / "our.toml"
    file.write_text(text.replace(old, new, 1) if old else text, "utf-8")
    return file


def held(data: Path) -> Registry:
    ledger = SqlLedger.open(data / "ledger.db")
    try:
        return registry_at(ledger, ledger.end())
    finally:
        ledger.close()


def test_without_a_ledger_the_built_in_profiles_are_listed_and_nothing_is_made(tmp_path: Path) -> None:
    listed = run("list", "--data", str(tmp_path / "none"))

    assert [line.split()[0] for line in listed.splitlines() if line][1:13] == list(builtin().products)
    assert "pasteurized milk" in listed
    assert listed.count("built-in") == len(builtin().contents)
    assert not (tmp_path / "none").exists()


def test_each_number_is_shown_with_its_status_and_source(tmp_path: Path) -> None:
    shown = run("show", "raw_milk", "--data", str(tmp_path))

    assert re.search(r"^storage condition, high +4 °C +verified +国务院令第536号", shown, re.MULTILINE)
    assert "State Council Order 536, art. 25" in shown
    assert "not law" in shown


def test_a_set_shows_what_it_names_and_says_where_the_rest_is(tmp_path: Path) -> None:
    shown = run("show", "pasteurized", "--jurisdiction", "us", "--data", str(tmp_path))

    assert "(the rest as CN)" in shown
    assert "[CN]" not in shown
    assert "FDA Food Code 3-501.16" in shown


def test_with_a_kind_it_shows_what_would_be_in_force_and_why(tmp_path: Path) -> None:
    words = ("show", "pasteurized", "--kind", "open-multideck", "--position", "return-air", "--label", "0..4")

    shown = run(*words, "--data", str(tmp_path))

    assert "limits of CN → label “0…4 °C” -2 K → position return-air +2 K" in shown
    assert "on-delay, warning" in shown


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("show", "beer"), "beer: no such profile"),
        (("show", "esl", "--kind", "ship"), "--kind ship: no such kind"),
        (("show", "esl", "--jurisdiction", "JP"), "--jurisdiction JP"),
        (("show", "esl", "--label", "cold"), "--label cold"),
        (("show", "esl", "--label", ".."), "--label .."),
        (("show", "tanker", "--kind", "tanker"), "--kind is for products"),
    ],
)
def test_what_does_not_exist_is_refused(tmp_path: Path, words: tuple[str, ...], fault: str) -> None:
    assert refused(*words, "--data", str(tmp_path))[0].startswith(fault)


def test_what_was_exported_imports_with_nothing_to_do(tmp_path: Path, data: Path) -> None:
    file = tmp_path / "all.toml"

    assert "24 profiles" in run("export", str(file), "--data", str(data))
    assert "nothing to do: all 24" in run("import", str(file), "--data", str(data))
    assert run("export", "--data", str(data)) == file.read_text("utf-8")
    assert held(data).position == 0


def test_a_dry_run_shows_the_difference_and_writes_nothing(tmp_path: Path, data: Path) -> None:
    shown = run("import", str(milk_file(tmp_path, *EDITED)), "--data", str(data), "--dry-run")

    assert "limits.CN.warning_high: 6.5 °C → 7 °C" in shown
    assert "our HACCP plan, version 3" in shown
    assert "nothing was written" in shown
    assert held(data).position == 0


def test_an_import_holds_from_now_on_and_not_before(tmp_path: Path, data: Path) -> None:
    clock = TestClock()

    import_profiles(data, clock, milk_file(tmp_path, *EDITED), "en", from_=None, who="QA", why="plan", dry_run=False,
                    yes=True)  # fmt: skip

    registry = held(data)
    now = registry.product_at("pasteurized", clock.now_ms())
    assert registry.product_at("pasteurized", clock.now_ms() - 1) == builtin().products["pasteurized"]
    assert now is not None
    assert now.limits["CN"].warning_high is not None
    assert now.limits["CN"].warning_high.celsius == 7
    assert rfc3339(clock.now_ms()) in run("list", "--data", str(data))
    assert "nothing to do" in run("import", str(milk_file(tmp_path, *EDITED)), "--data", str(data))


def test_an_import_may_be_planned_and_never_reaches_into_the_past(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock, file = TestClock(), milk_file(tmp_path, *EDITED)
    options = {"who": "QA", "why": "plan", "dry_run": False, "yes": True}

    with pytest.raises(ConfigError, match="lies in the past"):
        import_profiles(data, clock, file, "en", from_=rfc3339(clock.now_ms() - 1), **options)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="--from soon"):
        import_profiles(data, clock, file, "en", from_="soon", **options)  # type: ignore[arg-type]
    assert held(data).position == 0

    import_profiles(data, clock, file, "en", from_=rfc3339(clock.now_ms() + 1000), **options)  # type: ignore[arg-type]
    assert [one.effective_from_ms for one in held(data).products["pasteurized"]] == [clock.now_ms() + 1000]

    capsys.readouterr()
    other = milk_file(tmp_path, EDITED[0], EDITED[1].replace("celsius = 7", "celsius = 7.5"))
    import_profiles(data, clock, other, "en", from_=None, **options)  # type: ignore[arg-type]
    assert f"only until {rfc3339(clock.now_ms() + 1000)}" in capsys.readouterr().out


def test_without_a_yes_nothing_is_written(tmp_path: Path, data: Path) -> None:
    result = CliRunner().invoke(
        app, ["profile", "import", str(milk_file(tmp_path, *EDITED)), "--data", str(data), "--lang", "en"], input="n\n"
    )

    assert result.output.endswith("nothing was written\n")
    assert held(data).position == 0


def test_a_bad_file_changes_nothing_and_tells_every_fault(tmp_path: Path, data: Path) -> None:
    file = milk_file(tmp_path, "celsius = 6.5", "celsius = 650")
    file.write_text(file.read_text("utf-8").replace("days = 7", "days = -7"), "utf-8")

    faults = refused("import", str(file), "--data", str(data), "--yes")

    assert all(fault.startswith("our.toml: [product.pasteurized") for fault in faults[:-1])
    assert len(faults) == 3
    assert faults[-1].endswith("nothing was written, the rules in force stay")
    assert held(data).position == 0


def test_a_number_does_not_change_under_the_words_of_a_law_that_gives_another(tmp_path: Path, data: Path) -> None:
    raw = text_of([builtin().products["raw_milk"]])
    file = tmp_path / "our.toml"
    file.write_text(raw.replace('celsius = 4, status = "verified"', 'celsius = 4.05, status = "verified"'), "utf-8")

    faults = refused("import", str(file), "--data", str(data), "--dry-run")

    assert faults[0].startswith("our.toml: raw_milk limits.CN.target_high: 4 °C became 4.05 °C under the old source")


def test_without_a_ledger_an_import_has_nowhere_to_go(tmp_path: Path) -> None:
    faults = refused("import", str(milk_file(tmp_path, *EDITED)), "--data", str(tmp_path / "none"), "--yes")

    assert "holds no ledger" in faults[0]
    assert not (tmp_path / "none").exists()


def test_it_speaks_chinese_too(tmp_path: Path) -> None:
    shown = CliRunner().invoke(app, ["profile", "show", "raw_milk", "--data", str(tmp_path), "--lang", "zh"]).output

    assert "贮存条件上限" in shown
    assert "已核对原文" in shown
    assert SAID["zh"].keys() == SAID["en"].keys()
