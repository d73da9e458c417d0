"""A head office's list: its headings, its encodings, its typing mistakes, and what it does to what is known."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from coldchain.errors import ConfigError
from coldchain.ledger.port import Entry, Kind
from coldchain.registry import Asset, Change, Operator, Point, Registry, Site, Vehicle
from coldchain.registry.changes import Assignment, Calibration, Put
from coldchain.registry.credit_code import check_character
from coldchain.registry.describing import describe
from coldchain.registry.difference import Difference, compare
from coldchain.registry.grid import LARGEST_BYTES
from coldchain.registry.headings import field_of, table_named, tables_of
from coldchain.registry.importing import read_file
from coldchain.registry.tables import BY_NAME, TABLES
from coldchain.registry.template import write_template

NOW_MS = 1_900_000_000_000
MAY_DAY = datetime(2026, 5, 1, 8)  # noqa: DTZ001 - Excel knows no zones
CODE = "91350100M000100Y43"
SHOPS = (
    "门店编码,门店名称,地址,经度,纬度,坐标系,统一社会信用代码,食品经营许可证编号,许可证有效期,负责人,食品安全员,手机,营业时间,网点类型\n"
    f"001,徐家汇店,上海市徐汇区 1 号,121.44,31.19,高德,{CODE},JY1,2027/3/31,张三,李四,13800000000,8:00~22:00,门店\n"
)
"""The list of people.md §4, as it comes."""

COOLERS = (
    "资产编号,资产名称,类型,品牌型号,容积,启用日期,门店编码\nC1,冷柜 1,玻璃门冷藏柜,海信 SC,400,2024年5月1日,001\n"
)
TRUCKS = "车牌,车型,承运商,道路运输证号,准运证号,有效期\n沪A·D12345,4.2 米,甲物流,310000,ZY-1,2027-03-31\n"


def written(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    file = folder / name
    file.write_text(text, encoding)
    return file


def workbook(folder: Path, **sheets: Sequence[Sequence[object]]) -> Path:
    book = openpyxl.Workbook()
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(list(row))
    book.save(folder / "list.xlsx")
    return folder / "list.xlsx"


def repacked(file: Path, changes: Mapping[str, Callable[[bytes], bytes]]) -> None:
    """Change parts of a workbook behind the back of the program that wrote it."""
    with zipfile.ZipFile(file) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, raw in parts.items():
            packed.writestr(name, changes.get(name, bytes)(raw))


def after(registry: Registry, found: Difference) -> Registry:
    twin = registry.copy()
    for at, step in enumerate(found.steps, registry.position + 1):
        twin.apply(Entry(at, Kind.CHANGE, 0, Change(step.after, "test", "test").encode()))
    return twin


def bring(file: Path, registry: Registry | None = None, table: str = "") -> Registry:
    registry = registry or Registry()
    return after(registry, compare(read_file(file, registry, table=table), registry, NOW_MS))


def faults_of(file: Path, registry: Registry | None = None, language: str = "en", table: str = "") -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_file(file, registry or Registry(), language=language, table=table)
    return caught.value.faults


def known(*puts: Put) -> Registry:
    registry = Registry()
    for at, put in enumerate(puts, 1):
        registry.apply(Entry(at, Kind.CHANGE, 0, Change(put, "test", "test").encode()))
    return registry


DAIRY = Operator("dairy", "Dairy")
SHOP = Site("001", "徐家汇店", "shop", "dairy", phone="13800000000")


# -- what comes in ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_shop_list_that_a_head_office_has_comes_in_as_it_is(tmp_path: Path, encoding: str, delimiter: str) -> None:
    registry = bring(written(tmp_path, "shops.csv", SHOPS.replace(",", delimiter), encoding))

    assert registry.operators == {CODE: Operator(CODE, CODE, CODE, "JY1", "2027-03-31")}
    assert registry.sites["001"] == Site(
        "001", "徐家汇店", "shop", CODE, "上海市徐汇区 1 号", opening_hours="08:00-22:00", latitude=31.19,
        longitude=121.44, coordinates="GCJ-02", manager="张三", food_safety_officer="李四", phone="13800000000",
    )  # fmt: skip


def test_a_folder_of_lists_is_one_import_and_a_truck_needs_no_number_of_its_own(tmp_path: Path) -> None:
    for name, text in (("1.csv", SHOPS), ("2.csv", COOLERS), ("3.csv", TRUCKS)):
        written(tmp_path, name, text)

    registry = bring(tmp_path)

    assert registry.assets["C1"].kind == "glass-door-cooler"
    assert registry.assets["C1"].in_service == "2024-05-01"
    assert registry.vehicles["SH-AD12345"] == Vehicle(
        "SH-AD12345", "沪A·D12345", "4.2 米", "甲物流", "310000", "ZY-1", "2027-03-31"
    )
    assert registry.sites["SH-AD12345"] == Site("SH-AD12345", "沪A·D12345", "vehicle", CODE)
    assert compare(read_file(tmp_path, registry), registry, NOW_MS).steps == []


def test_every_heading_of_every_table_says_which_table_it_is() -> None:
    for kind in TABLES:
        for language in ("zh", "en"):
            assert tables_of([field.heading(language) for field in kind.fields]) == [kind]
            assert table_named(kind.title(language)) == kind
            for field in kind.fields:
                assert field_of(kind, field.heading(language)) == field


def test_a_workbook_with_a_title_above_and_dates_as_dates_comes_in(tmp_path: Path) -> None:
    file = workbook(
        tmp_path,
        门店=[["2026 年门店清单"], [],
            ["门店编码*", "门店名称", "网点类型", "统一社会信用代码", "许可证有效期(年月日)", "备注"],
            ["A1", "一店", "门店", CODE, date(2027, 3, 31), "新开"]],
        校准=[["探头", "校准时间", "修正值", "有效期至"], ["urn:a:t", MAY_DAY, -0.2, date(2027, 5, 1)]],
        设备=[["资产编号", "资产名称", "类型", "门店编码"], ["C1", "柜", "风幕柜", "A1"]],
        测点=[["测点编号", "资产编号", "位置", "测量量", "采集间隔(秒)", "探头", "上限", "下限"],
            ["C1.p", "C1", "产品", "温度", 300, "urn:a:t", 6, 2], ["C1.d", "C1", "门", "门磁", 60, None, None, None]],
        Sheet9=[],
    )  # fmt: skip

    registry = bring(file)

    assert registry.operators[CODE].licence_until == "2027-03-31"
    assert registry.calibrations["urn:a:t"] == [
        Calibration("urn:a:t", 1_777_593_600_000, -0.2, valid_until="2027-05-01")
    ]
    assert registry.rules["C1.p"][0].high_celsius == 6.0
    assert (registry.points["C1.p"].position, registry.points["C1.p"].unit) == ("product", "Cel")
    assert (registry.points["C1.d"].quantity, registry.points["C1.d"].unit) == ("door", "")


def test_a_time_without_an_offset_is_in_the_zone_of_its_site(tmp_path: Path) -> None:
    text = "资产编号,门店编码,开始时间\nC1,west,2026-05-01 08:00\n"
    registry = known(
        DAIRY, SHOP, Site("west", "West", "shop", "dairy", timezone="America/New_York"),
        *bring(written(tmp_path, "a.csv", COOLERS), known(DAIRY, SHOP)).assets.values(),
    )  # fmt: skip

    moved = bring(written(tmp_path, "moves.csv", text), registry)

    assert moved.assignments["C1"] == [Assignment("C1", "west", 1_777_636_800_000)]


# -- what is known already --------------------------------------------------------------------------------------


def test_what_a_list_does_not_name_is_left_alone_and_an_empty_cell_names_nothing(tmp_path: Path) -> None:
    text = "门店编码,门店名称,网点类型,负责人,手机\n001,徐汇店,,王五,\n"

    registry = bring(written(tmp_path, "shops.csv", text), known(DAIRY, SHOP))

    assert registry.sites["001"] == Site("001", "徐汇店", "shop", "dairy", manager="王五", phone="13800000000")


def test_a_value_is_taken_away_only_by_saying_so(tmp_path: Path) -> None:
    text = "门店编码,门店名称,网点类型,手机\n001,徐家汇店,门店,(空)\n"

    assert bring(written(tmp_path, "shops.csv", text), known(DAIRY, SHOP)).sites["001"].phone == ""


def test_the_difference_names_each_field_before_and_after_in_the_readers_language(tmp_path: Path) -> None:
    text = "门店编码,门店名称,网点类型,手机\n001,徐家汇店,门店,13900000000\n002,新店,门店,\n"
    registry = known(DAIRY, SHOP)
    found = compare(read_file(written(tmp_path, "s.csv", text), registry), registry, NOW_MS)

    assert list(describe(found, "zh")) == [
        "网点: 新增 1, 变更 1, 不变 0", "  + 002 新店", "  ~ 001 徐家汇店 手机: 13800000000 → 13900000000"
    ]  # fmt: skip
    assert list(describe(found, "en")) == [
        "sites: new 1, changed 1, unchanged 0", "  + 002 新店", "  ~ 001 徐家汇店 phone: 13800000000 → 13900000000"
    ]  # fmt: skip


def test_another_credit_code_at_a_known_site_is_a_transfer_and_no_correction(tmp_path: Path) -> None:
    other = "91310000MA1FL0000"
    text = SHOPS.replace(CODE, other + check_character(other))

    faults = faults_of(written(tmp_path, "s.csv", text), bring(written(tmp_path, "a.csv", SHOPS)))

    assert len(faults) == 1
    assert "tenure" in faults[0]


# -- what does not come in --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "heading", "said"),
    [
        ("121.44", "31.19", "", None),
        ("121.44,31.19", "31.19,121.44", "纬度", "swapped?"),
        ("121.44", "", "经度", "only one"),
        ("高德", "", "坐标系", "WGS-84, GCJ-02 or BD-09 expected"),
        ("高德", "北京", "坐标系", "'北京' found, one of WGS-84"),
        (CODE, CODE[:-1] + "4", "统一社会信用代码", "whose last one fits"),
        (CODE, "", "", "lacks its operator"),
        ("2027/3/31", "2027/2/30", "许可证有效期", "'2027/2/30' found, a day such as 2027-03-31 expected"),
        ("2027/3/31", "31.3.2027", "许可证有效期", "expected"),
        ("8:00~22:00", "早八晚十", "营业时间", "opening hours such as"),
        ("8:00~22:00", "8:00-25:00", "营业时间", "opening hours such as"),
        ("13800000000", "没有", "手机", "a telephone number expected"),
        ("001", "徐汇一店", "门店编码", "id must be"),
        (",门店\n", ",饭店\n", "网点类型", "one of shop, warehouse"),
        ("网点类型", "网点性质", "网点性质", "did you mean '网点类型'?"),
        ("手机", "地址", "地址", "stands twice"),
    ],
)
def test_each_fault_names_its_line_and_heading(
    tmp_path: Path, old: str, new: str, heading: str, said: str | None
) -> None:
    file = written(tmp_path, "shops.csv", SHOPS.replace(old, new))
    if said is None:
        assert read_file(file, Registry())
        return

    faults = faults_of(file)

    line = 1 if "twice" in said or "mean" in said else 2
    place = f"shops.csv: line {line}, {heading}: " if heading else f"shops.csv: line {line}: "
    assert any(fault.startswith(place) and said in fault for fault in faults), faults


def test_every_fault_of_every_sheet_is_told_at_once_with_its_sheet(tmp_path: Path) -> None:
    file = workbook(
        tmp_path,
        网点=[["门店编码", "门店名称", "网点类型", "统一社会信用代码", "纬度"], ["SH-01", "一店", "饭店", CODE, 95],
            ["SH-01", "二店", "门店", CODE, None], [None, "三店", "门店", CODE, None]],
        设备=[["资产编号", "资产名称", "类型", "门店编码"], ["C1", "柜", "飞船", "SH-01"],
            ["C2", "柜", "岛柜", "SH-07"]],
    )  # fmt: skip

    faults = faults_of(file, language="zh")

    assert [fault.partition(": ")[2].partition(": ")[0] for fault in faults] == [
        "工作表“网点”第 2 行“网点类型”列",
        "工作表“网点”第 2 行“纬度”列",
        "工作表“网点”第 3 行“门店编码”列",
        "工作表“网点”第 4 行",
        "工作表“设备”第 2 行“类型”列",
        "工作表“设备”第 3 行“门店编码”列",
    ]
    assert "是否为 SH-01?" in faults[-1]


def test_an_id_that_excel_made_a_number_of_is_explained(tmp_path: Path) -> None:
    shops = [["门店编码", "门店名称", "网点类型", "统一社会信用代码"], ["001", "一店", "门店", CODE]]
    mixed = workbook(tmp_path, 网点=[*shops, [2, "二店", "门店", CODE]])
    (fault,) = faults_of(mixed)
    assert "sheet '网点', line 3, 门店编码: 2 is a number where other rows have texts such as 001" in fault

    referred = workbook(
        tmp_path, 网点=shops, 设备=[["资产编号", "资产名称", "类型", "门店编码"], ["C1", "柜", "岛柜", 1]]
    )
    (fault,) = faults_of(referred)
    assert "did you mean '001'? (Excel drops leading zeros: format the column as text)" in fault

    long = workbook(tmp_path, 网点=[shops[0], ["A1", "一店", "门店", 913501001234567890]])
    assert "of which Excel keeps 15 digits" in faults_of(long)[0]


def test_a_number_shown_with_zeros_and_whole_numbers_are_the_ids_that_people_see(tmp_path: Path) -> None:
    file = workbook(tmp_path, 网点=[["门店编码", "门店名称", "网点类型", "统一社会信用代码"], [7, "一店", "门店", CODE],
                                   [10023, "二店", "门店", CODE]])  # fmt: skip
    book = openpyxl.load_workbook(file)
    book["网点"]["A2"].number_format = "000"
    book.save(file)

    assert set(bring(file).sites) == {"007", "10023"}


def test_empty_rows_columns_of_peoples_own_and_numbers_as_text_do_no_harm(tmp_path: Path) -> None:
    file = workbook(tmp_path, 设备=[
        ["序号", "资产编号", "资产名称", "类型", "门店编码", "容积", "备注", None, None],
        [1, "C1", "柜", "岛柜", "001", "400"],
        [], [None, " ", "", None], [2, "C2", "柜", "岛柜", "001", 400, "旧", None, ""], [], [],
    ])  # fmt: skip

    registry = bring(file, known(DAIRY, SHOP))

    assert [asset.volume_litre for asset in registry.assets.values()] == [400.0, 400.0]


def test_merged_cells_are_refused_below_the_headings_and_welcome_above(tmp_path: Path) -> None:
    file = workbook(tmp_path, 网点=[["门店清单"], ["门店编码", "门店名称", "网点类型", "统一社会信用代码", "负责人"],
                                   ["A1", "一店", "门店", CODE, "张三"], ["A2", "二店", "门店", CODE]])  # fmt: skip
    book = openpyxl.load_workbook(file)
    book["网点"].merge_cells("A1:E1")
    book["网点"].merge_cells("B9:C9")  # empty
    book.save(file)
    assert set(bring(file).sites) == {"A1", "A2"}

    book["网点"].merge_cells("E3:E4")
    book.save(file)
    (fault,) = faults_of(file)
    assert fault.startswith("list.xlsx: sheet '网点', line 3, E3:E4: merged cells")


def test_a_formula_counts_with_what_excel_calculated(tmp_path: Path) -> None:
    file = workbook(
        tmp_path, 网点=[["门店编码", "门店名称", "网点类型", "统一社会信用代码"], ["A1", "=A1", "门店", CODE]]
    )
    part = "xl/worksheets/sheet2.xml"
    repacked(file, {part: lambda raw: raw.replace(b"</f><v", b"</f><v>7</v><v", 1).replace(b"<v></v>", b"")})

    assert bring(file).sites["A1"].name == "7"


def padded(raw: bytes) -> bytes:
    return raw + b" " * LARGEST_BYTES


def laughing(raw: bytes) -> bytes:
    """Name an entity of 2 GB where the code stands."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bare = re.sub(rb"<\?xml[^>]*>", b"", raw).replace(CODE.encode(), b"&e9;")
    return f'<!DOCTYPE worksheet [<!ENTITY e0 "ha">{entities}]>'.encode() + bare


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (padded, "holds more than 64 MB"),
        (laughing, "cannot be read as a workbook"),
        (lambda raw: raw.replace(b'r="D2"', b'r="ZZZ2"'), "lacks its operator"),
    ],
)
def test_a_workbook_made_to_harm_is_refused_in_bounds(
    tmp_path: Path, change: Callable[[bytes], bytes], said: str
) -> None:
    shops = [["门店编码", "门店名称", "网点类型", "统一社会信用代码"], ["A1", "一店", "门店", CODE]]
    file = workbook(tmp_path, 网点=shops)

    repacked(file, {"xl/worksheets/sheet2.xml": change})

    assert said in faults_of(file)[0]


def test_a_formula_counts_only_with_what_excel_calculated(tmp_path: Path) -> None:
    file = workbook(
        tmp_path, 网点=[["门店编码", "门店名称", "网点类型", "统一社会信用代码"], ["A1", "=B1&1", "门店", CODE]]
    )

    assert "sheet '网点', line 2, B2: the cell is a formula without a value" in faults_of(file)[0]


def test_a_list_that_could_be_several_tables_or_none_asks_which(tmp_path: Path) -> None:
    assert "--table" in faults_of(written(tmp_path, "x.csv", "a,b\n1,2\n"))[0]
    assert "one of operator" in faults_of(written(tmp_path, "x.csv", SHOPS), table="shelf")[0]
    assert bring(written(tmp_path, "x.csv", SHOPS), table="网点").sites


@pytest.mark.parametrize("name", ["broken.xlsx", "old.xls", "empty.csv", "missing.csv"])
def test_what_is_no_list_is_told_as_such(tmp_path: Path, name: str) -> None:
    if name != "missing.csv":
        (tmp_path / name).write_bytes(b"" if name == "empty.csv" else b"\xd0\xcf\x11\xe0")

    assert name in faults_of(tmp_path / name)[0]


def test_an_unknown_kind_of_asset_is_defined_in_the_file_or_refused(tmp_path: Path) -> None:
    assets = [["资产编号", "资产名称", "类型", "门店编码"], ["C1", "柜", "自提柜", "001"]]
    registry = known(DAIRY, SHOP)

    assert "玻璃门冷藏柜" in faults_of(workbook(tmp_path, 设备=assets), registry, language="zh")[0]
    kinds = [["类型编码", "中文名称", "英文名称"], ["locker", "自提柜", "pick-up locker"]]
    assert bring(workbook(tmp_path, 设备=assets, 资产类型=kinds), registry).assets["C1"].kind == "locker"


# -- the template -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("suffix", [".xlsx", ".toml"])
def test_the_examples_of_the_template_come_in_only_when_asked_for(tmp_path: Path, suffix: str, language: str) -> None:
    file = tmp_path / f"template{suffix}"
    write_template(file, language)

    empty, full = read_file(file, Registry()), read_file(file, Registry(), examples=True)

    assert (len(empty.wants), empty.examples >= len(TABLES)) == (0, True)
    assert {step.table for step in compare(full, Registry(), NOW_MS).steps} == set(BY_NAME)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_csv_templates_come_in_together(tmp_path: Path, language: str) -> None:
    for kind in TABLES:
        write_template(tmp_path / f"{kind.name}.csv", language, kind.name)

    wanted = read_file(tmp_path, Registry(), examples=True)

    assert {step.table for step in compare(wanted, Registry(), NOW_MS).steps} == set(BY_NAME)


def test_a_list_of_limits_says_how_long_goods_may_be_beyond_them_in_all(tmp_path: Path) -> None:
    shop = known(DAIRY, SHOP, Asset("c1", "Cooler", "glass-door-cooler", "001"), Point("c1.air", "c1", "return-air",
                 "temperature", 60))  # fmt: skip
    text = "测点编号,上限,下限,全程允许超上限(秒),一日内允许低于下限(秒)\nc1.air,30,-0.5,36000,3600\n"

    (rule,) = bring(written(tmp_path, "limits.csv", text), shop).rules["c1.air"]
    faults = faults_of(written(tmp_path, "limits.csv", text.replace(",30,", ",,")), shop)

    assert (rule.high_celsius, rule.life_high_s, rule.day_low_s, rule.life_low_s) == (30.0, 36_000, 3600, 0)
    assert faults == ["limits.csv: line 2, 全程允许超上限(秒): counts the time beyond high_celsius, and there is none"]
