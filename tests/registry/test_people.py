"""Lists of people, duties, shifts and holidays, as a head office sends them."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from coldchain.errors import ConfigError
from coldchain.ledger import Entry
from coldchain.ledger.port import Kind
from coldchain.people import Duty, Holiday, Person, Role, Shift
from coldchain.registry import Change, Put, Registry, Touched
from coldchain.registry.describing import describe
from coldchain.registry.difference import compare
from coldchain.registry.exporting import sheets_of
from coldchain.registry.importing import read_file
from tests.people.world import ms, registry_of, staff

NOW_MS = ms("2026-11-24T12:00")

PEOPLE = """人员编码,姓名,手机,邮箱,企业微信账号,语言,免打扰时段,备注
007,张三,138 0000 0000,zhang.san@example.com,zhangsan,中文,22点至7点,
P2,Li Si,+86 139-1111-1111,,,英文,,新人
P3,值班电话,021-55556666,,,,,
"""
DUTIES = """工号,岗位,门店编码,区域编码,在岗时段,开始时间,结束时间
007,店长,shop,,周一至周五 08:00-20:00,,
P2,品控,,,,2026-05-01 08:00,2027-05-01 08:00
P3,区域值班电话,,east,,,
"""
SHIFTS = """人员编码,角色,区域编码,值班开始,值班结束
P2,区域值班电话,east,2027-02-06 20:00,2027-02-07 08:00
"""
HOLIDAYS = """日期,放假或调休,节日名称,区域编码
2027/2/6,放假,春节,
2027年2月14日,调休,,
2027-03-03,休,Losar,west
"""


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, "gb18030")
    return folder


def after(registry: Registry, *puts: Put) -> Touched:
    touched = Touched()
    for put in puts:
        raw = Change(put, "test", "test").encode()
        touched = registry.apply(Entry(registry.position + 1, Kind.CHANGE, 0, raw))
    return touched


def faults_of(file: Path, registry: Registry, *, language: str = "en", table: str = "") -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_file(file, registry, language=language, table=table)
    return caught.value.faults


def test_four_lists_of_a_head_office_come_in_together_and_a_second_time_change_nothing(tmp_path: Path) -> None:
    for name, text in (("1.csv", PEOPLE), ("2.csv", DUTIES), ("3.csv", SHIFTS), ("4.csv", HOLIDAYS)):
        written(tmp_path, name, text)
    registry = registry_of()

    after(registry, *(step.after for step in compare(read_file(tmp_path, registry), registry, NOW_MS).steps))

    assert registry.people["007"] == Person(
        "007", "张三", "13800000000", "zhang.san@example.com", "zhangsan", quiet="22:00-07:00"
    )
    assert (registry.people["P2"].phone, registry.people["P2"].language) == ("13911111111", "en")
    assert registry.people["P3"].phone == "02155556666"
    assert registry.duties["007"] == [
        Duty("007", Role.STORE_MANAGER, site="shop", hours="mon-fri 08:00-20:00"),
    ]
    assert registry.duties["P2"] == [Duty("P2", Role.QUALITY, ms("2026-05-01T08:00"), ms("2027-05-01T08:00"))]
    assert registry.shifts["P2"] == [
        Shift("P2", Role.AREA_DUTY, ms("2027-02-06T20:00"), ms("2027-02-07T08:00"), region="east")
    ]
    assert registry.holidays["2027-02-06"] == [Holiday("2027-02-06", "off", "春节")]
    assert registry.holidays["2027-02-14"] == [Holiday("2027-02-14", "work")]
    assert registry.holidays["2027-03-03"] == [Holiday("2027-03-03", "off", "Losar", "west")]
    assert compare(read_file(tmp_path, registry), registry, NOW_MS).steps == []


def test_a_shift_is_in_the_time_zone_of_its_site(tmp_path: Path) -> None:
    from coldchain.registry import Site

    registry = registry_of(*staff("P2", Role.QUALITY), Site("b", "B", "shop", "dairy", timezone="Europe/Berlin"))
    text = "人员编码,角色,门店编码,值班开始,值班结束\nP2,品管,b,2027-02-06 20:00,2027-02-07 08:00\n"

    (want,) = read_file(written(tmp_path, "s.csv", text), registry).wants

    berlin = "Europe/Berlin"
    assert want.put == Shift("P2", Role.QUALITY, ms("2027-02-06T20:00", berlin), ms("2027-02-07T08:00", berlin), "b")


def test_every_fault_of_the_lists_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    people = PEOPLE + "P4,Wu,1380000000,wu@example,no good,klingon,late,\nP4,Wu,,,,,,\n"
    duties = DUTIES + "P9,店长,shop,,,,\nP2,经理,shop,,,,\nP2,店员,shopp,,,,\nP2,店员,shop,east,,,\nP2,店员,,eest,,,\n"
    duties += "P2,店员,shop,,never,2026-05-02 08:00,2026-05-01 08:00\n"
    shifts = (
        SHIFTS
        + "P2,区域值班电话,east,2027-02-07 07:00,2027-02-07 20:00\nP2,店员,east,2027-02-07 08:00,2027-02-07 08:00\n"
    )
    for name, text in (("1.csv", people), ("2.csv", duties), ("3.csv", shifts), ("4.csv", HOLIDAYS + "soon,休,,\n")):
        written(tmp_path, name, text)

    faults = faults_of(tmp_path, registry_of())

    expected = [
        ("1.csv: line 5, 手机", "one telephone number"),
        ("1.csv: line 5, 邮箱", "a mail address"),
        ("1.csv: line 5, 企业微信账号", "a user id"),
        ("1.csv: line 5, 语言", "one of zh, en"),
        ("1.csv: line 5, 免打扰时段", "22:00-07:00"),
        ("1.csv: line 6, 人员编码", "stands twice"),
        ("2.csv: line 5, 工号", "person = 'P9' is not in this file"),
        ("2.csv: line 6, 岗位", "one of clerk, store-manager"),
        ("2.csv: line 7, 门店编码", "site = 'shopp'"),
        ("2.csv: line 8, 区域编码", "either a site or a region"),
        ("2.csv: line 9, 区域编码", "region = 'eest'"),
        ("2.csv: line 10, 在岗时段", "hours of a week"),
        (
            "3.csv: line 3, 值班开始",
            "overlaps with another shift of this person in this role (2027-02-06T20:00:00+08:00",
        ),
        ("3.csv: line 4, 值班结束", "the end is not after the start"),
        ("4.csv: line 5, 日期", "a day such as"),
    ]
    for place, said in expected:
        assert any(fault.startswith(place) and said in fault for fault in faults), (place, said, faults)
    assert len(faults) == len(expected)


def test_a_shift_that_overlaps_with_one_that_is_known_is_a_fault_and_one_that_replaces_it_is_none(
    tmp_path: Path,
) -> None:
    registry = registry_of(*staff("P2", Role.QUALITY))
    after(registry, Shift("P2", Role.AREA_DUTY, ms("2027-02-06T20:00"), ms("2027-02-07T08:00"), region="east"))
    longer = "人员编码,角色,区域编码,值班开始,值班结束\nP2,区域值班电话,east,{},2027-02-07 10:00\n"

    (fault,) = faults_of(written(tmp_path, "s.csv", longer.format("2027-02-07 07:00")), registry)
    (want,) = read_file(written(tmp_path, "s.csv", longer.format("2027-02-06 20:00")), registry).wants
    elsewhere = longer.replace("east", "west").format("2027-02-07 07:00")

    assert "overlaps" in fault
    assert want.put == Shift("P2", Role.AREA_DUTY, ms("2027-02-06T20:00"), ms("2027-02-07T10:00"), region="east")
    assert read_file(written(tmp_path, "s.csv", elsewhere), registry).wants


@pytest.mark.parametrize(
    ("said", "kept"),
    [("０２１－５５５５６６６６", "02155556666"),
     ("0086 138 0000 0000", "13800000000"), ("+49 30 123456", "+4930123456"),
     ("400-800-1234", "4008001234"), (13800000000, "13800000000")],
)  # fmt: skip
def test_a_telephone_number_is_kept_as_it_is_dialled(tmp_path: Path, said: object, kept: str) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in (["人员编码", "姓名", "手机"], ["p", "P", said]):
        book.active.append(row)
    book.save(tmp_path / "people.xlsx")

    (want,) = read_file(tmp_path / "people.xlsx", Registry()).wants

    assert want.put == Person("p", "P", kept)


def test_the_preview_says_what_changes_of_a_person_and_of_a_duty(tmp_path: Path) -> None:
    registry = registry_of(*staff("P2", Role.QUALITY, site="shop"), Person("P3", "旧名"))
    written(tmp_path, "1.csv", "人员编码,姓名,人员状态\nP3,新名,离职\n")
    written(tmp_path, "2.csv", "人员编码,角色,门店编码,结束时间\nP2,品管,shop,2027-01-01 00:00\n")

    lines = list(describe(compare(read_file(tmp_path, registry), registry, NOW_MS), "zh"))

    assert lines == [
        "人员: 新增 0, 变更 1, 不变 0",
        "  ~ P3 新名 姓名: 旧名 → 新名; 人员状态: 在职 → 离职",
        "职责: 新增 0, 变更 1, 不变 0",
        "  ~ P2 品管 shop (空) 自始 结束时间: (空) → 2027-01-01T00:00:00+08:00",
    ]


def test_people_touch_no_readings() -> None:
    registry = registry_of()

    for put in (*staff("a", Role.CLERK, site="shop"), Shift("a", Role.CLERK, 0, 1), Holiday("2027-02-06")):
        assert after(registry, put) == Touched()
    assert registry.unknown_changes == 0


def test_what_a_gateway_is_given_names_nobody() -> None:
    from coldchain.registry import Node

    registry = registry_of(*staff("a", Role.CLERK, site="shop"), Holiday("2027-02-06"), Node("gw", "shop", ()))

    named = {sheet.kind.name for sheet in sheets_of(registry, "gw")}

    assert "site" in named
    assert not named & {"person", "duty", "shift", "holiday"}
