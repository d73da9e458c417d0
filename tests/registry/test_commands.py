"""`coldchain registry template`, `import`, `export` as a company meets them: what they say, write and leave alone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from coldchain.cli.main import app
from coldchain.errors import ConfigError
from tests.registry.test_lists import COOLERS, SHOPS, written


def said(*words: str) -> str:
    """Return what a command of `coldchain registry` prints."""
    result = CliRunner().invoke(app, ["registry", *words], catch_exceptions=False)
    return result.output


def refused(*words: str) -> list[str]:
    result = CliRunner().invoke(app, ["registry", *words])
    assert isinstance(result.exception, ConfigError)
    return result.exception.faults


def test_a_dry_run_shows_the_difference_and_makes_no_ledger(tmp_path: Path) -> None:
    file, data = written(tmp_path, "shops.csv", SHOPS), tmp_path / "data"

    shown = said("import", str(file), "--data", str(data), "--dry-run", "--lang", "zh")

    assert "网点: 新增 1, 变更 0, 不变 0\n  + 001 徐家汇店\n" in shown
    assert "未写入任何内容" in shown
    assert not data.exists()


def test_a_dry_run_beside_a_ledger_writes_nothing(tmp_path: Path) -> None:
    file, data = written(tmp_path, "shops.csv", SHOPS), ("--data", str(tmp_path / "data"))
    said("import", str(file), *data)
    before = json.loads(said("show", *data))

    written(tmp_path, "shops.csv", SHOPS.replace("13800000000", "13900000000"))
    shown = said("import", str(file), *data, "--dry-run", "--lang", "en")

    assert "~ 001 徐家汇店 phone: 13800000000 → 13900000000" in shown
    assert json.loads(said("show", *data)) == before


def test_one_fault_in_one_file_of_a_folder_keeps_everything_out(tmp_path: Path) -> None:
    lists, data = tmp_path / "lists", tmp_path / "data"
    lists.mkdir()
    written(lists, "1.csv", SHOPS.replace("121.44", "x"))
    written(lists, "2.csv", COOLERS.replace("玻璃门冷藏柜", "飞船"))
    (lists / "3.xlsx").write_bytes(b"no workbook")

    faults = refused("import", str(lists), "--data", str(data), "--lang", "en")

    assert [fault.split(":")[0] for fault in faults[:3]] == ["3.xlsx", "1.csv", "2.csv"]
    assert faults[-1] == "faults: 3; nothing was written: mend them and import again"
    assert not data.exists()


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("suffix", [".xlsx", ".toml", ""])
def test_what_was_exported_imports_again_with_nothing_to_do(tmp_path: Path, suffix: str, encoding: str) -> None:
    data = ("--data", str(tmp_path / "data"))
    said("import", str(written(tmp_path, "shops.csv", SHOPS)), *data)
    said("import", str(written(tmp_path, "coolers.csv", COOLERS)), *data)
    out = tmp_path / f"out{suffix}"

    assert "3 rows" in said("export", str(out), *data, "--lang", "en")
    for file in out.iterdir() if out.is_dir() else ():
        file.write_text(file.read_text("utf-8-sig"), encoding)

    assert "nothing to do: all 3 entries are so already" in said("import", str(out), *data, "--lang", "en")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_template_filled_in_is_imported_and_its_examples_are_not(tmp_path: Path, language: str) -> None:
    file, data = tmp_path / "template.xlsx", ("--data", str(tmp_path / "data"))
    assert f"import {file} --dry-run" in said("template", str(file), "--lang", language)
    assert re.search("no rows|没有可导入的行", said("import", str(file), *data, "--lang", language))

    book = openpyxl.load_workbook(file)
    for title in ("网点", "设备", "测点") if language == "zh" else ("sites", "assets", "points"):
        sheet = book[title]
        texts = [cell.value for cell in sheet[2]]
        sheet.append([value.replace("EXAMPLE-", "M") if isinstance(value, str) else value for value in texts])
    region = next(cell for cell in book.worksheets[3][3] if cell.value == "MEAST")
    region.value = None
    book.save(file)
    said("import", str(file), *data, "--lang", language)

    held = json.loads(said("show", *data))
    assert [site["id"] for site in held["sites"]] == ["M001"]
    assert [point["id"] for point in held["points"]] == ["MC1.product"]
    assert held["bindings"].keys() == {"Mprobe:temperature"}


def test_an_export_from_a_folder_without_a_ledger_says_so(tmp_path: Path) -> None:
    faults = refused("export", str(tmp_path / "x.xlsx"), "--data", str(tmp_path / "data"), "--lang", "en")

    assert "name the server's folder with --data" in faults[0]
    assert not (tmp_path / "data").exists()
