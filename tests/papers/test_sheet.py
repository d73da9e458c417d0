"""The printed paper: which fields come from the data, what is stamped, signed, void, missing; the PDF itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from coldchain.custody.papers import Paper, Papering, Photo
from coldchain.papers.beside import Beside
from coldchain.papers.photos import Photos
from coldchain.papers.printing import drawn, pdf_of
from coldchain.papers.sheet import COPIES, Printing, sheet_of
from coldchain.papers.sheet_words import WORDS
from coldchain.registry import Asset, Operator, Registry, Site, registry_at
from tests.fakes import MemoryLedger
from tests.papers.pictures import png
from tests.papers.stories import CAME, DELIVERY, NOTE, all_signed, book, hour, signed
from tests.support import put

RECEIVED = msgspec.structs.replace(NOTE, arrived=CAME, from_data=("station", "plate"))


def registry() -> Registry:
    ledger = MemoryLedger()
    put(
        ledger,
        Operator("dairy", "Dairy"),
        Site("st", "东风奶站", "station", "dairy"),
        Asset("tank", "一号罐", "tanker", "st"),
    )
    return registry_at(ledger, ledger.end())


def sheet(folder: Path, *puts: Papering, language: str = "zh", copy: str = "", **more: Any) -> dict[str, Any]:
    found = book(puts)
    assert found.paper is not None
    kind = "milk-note" if found.paper.id.startswith("N") else "delivery"
    printing = Printing(registry(), Photos(folder), more.pop("beside", ()), language, copy or COPIES[kind][1], **more)
    return sheet_of(found, printing).data


def fact(data: dict[str, Any], name: str) -> tuple[str, str]:
    return next((one["mark"], one["value"]) for one in data["facts"] if one["name"] == name)


def test_each_field_says_whether_the_data_gave_it_or_a_person_wrote_it(tmp_path: Path) -> None:
    data = sheet(tmp_path, RECEIVED, *all_signed(RECEIVED))

    assert fact(data, "生鲜乳收购站") == ("◆", "东风奶站 (st)")
    assert fact(data, "车牌号") == ("◆", "沪A·12345")
    assert fact(data, "司机") == ("◇", "李四")
    assert fact(data, "启运时间") == ("◇", "2023-11-15 09:00  (人工填写)")  # hour 1 of the story, by the clock in China
    (milk,) = data["tables"]
    assert milk["rows"] == [["一号罐", "1000 kg", "F-1", "S-1, S-2", "◇ 3.5 ℃", "◇ 4 ℃"]]


def test_the_two_copies_say_whose_they_are_in_both_languages(tmp_path: Path) -> None:
    copies = [
        sheet(tmp_path, RECEIVED, language=language, copy=copy)["copy"]
        for language in ("zh", "en")
        for copy in COPIES["milk-note"]
    ]

    assert copies == [
        "第一联 存根联(生鲜乳收购站)",
        "第二联 乳品企业联(乳制品生产企业)",
        "Copy 1: milk station",
        "Copy 2: dairy plant",
    ]


@pytest.mark.parametrize(("demo", "stamps"), [(False, ["草稿"]), (True, ["草稿", "模拟数据,不得作为记录"])])
def test_what_is_not_complete_is_stamped_and_so_is_what_is_simulated(
    tmp_path: Path, demo: bool, stamps: list[str]
) -> None:
    draft = sheet(tmp_path, RECEIVED, *all_signed(RECEIVED)[:3], demo=demo)
    whole = sheet(tmp_path, RECEIVED, *all_signed(RECEIVED), demo=demo)

    assert (draft["stamps"], whole["stamps"]) == (stamps, stamps[1:])


def test_a_signature_to_something_else_is_shown_as_void(tmp_path: Path) -> None:
    data = sheet(tmp_path, DELIVERY, signed(DELIVERY, "driver"), msgspec.structs.replace(DELIVERY, remark="x"))

    assert [(one["role"], one["verdict"], bool(one["stroke"])) for one in data["signed"]["items"]] == [
        ("司机(送货人)", "未签", False),
        ("收奶员(收货人)", "未签", False),
        ("司机(送货人)", "失效:签后内容有改动", True),
    ]


def test_only_what_differs_stands_beside(tmp_path: Path) -> None:
    told = (
        Beside("departed.at_ms", "positions", True, at_ms=hour(1.4)),
        Beside("arrived.temperatures.0", "p-milk", True, celsius=5.6, measured_ms=hour(2.95)),
        Beside("plate", "registry", False, text="沪A·12345"),
    )

    data = sheet(tmp_path, RECEIVED, beside=told)

    assert data["tables"][1]["rows"] == [
        ["启运时间", "2023-11-15 09:00", "2023-11-15 09:24", "车辆定位"],
        ["到达温度", "4 ℃", "5.6 ℃ (2023-11-15 10:57 测)", "p-milk"],
    ]


def test_a_picture_that_is_not_there_is_shown_as_missing(tmp_path: Path) -> None:
    there = Photos(tmp_path).keep(PNG)

    data = sheet(tmp_path, msgspec.structs.replace(DELIVERY, photos=(there, Photo("b" * 64, 5, "image/png"))))

    assert [(bool(one["file"]), one["words"]) for one in data["pictures"]] == [
        (True, "照片无法显示"),
        (False, "照片缺失"),
    ]


PNG = png()
BROKEN = b"\xff\xd8\xff\xe0 no picture behind it"


def printed(folder: Path, paper: Paper, language: str = "zh") -> bytes:
    kind = "delivery" if paper is not RECEIVED else "milk-note"
    found = book([paper, *all_signed(paper)])
    return pdf_of(sheet_of(found, Printing(registry(), Photos(folder), (), language, COPIES[kind][0])))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_paper_is_one_pdf_of_the_same_bytes_each_time(tmp_path: Path, language: str) -> None:
    first = printed(tmp_path, RECEIVED, language)

    assert first.startswith(b"%PDF-")
    assert first == printed(tmp_path, RECEIVED, language)
    assert b"NotoSansSC" in first


def test_control_another_field_gives_other_bytes(tmp_path: Path) -> None:
    other = msgspec.structs.replace(DELIVERY, remark="备注")

    assert printed(tmp_path, DELIVERY) != printed(tmp_path, other)


def test_what_a_person_wrote_is_text_and_never_markup(tmp_path: Path) -> None:
    evil = msgspec.structs.replace(DELIVERY, remark='#panic("x") $ ] #read("/etc/passwd") \\ *_`', driver="#{")

    assert printed(tmp_path, evil).startswith(b"%PDF-")


def test_a_picture_that_cannot_be_drawn_keeps_nobody_from_printing(tmp_path: Path) -> None:
    photos = Photos(tmp_path)
    good = msgspec.structs.replace(DELIVERY, photos=(photos.keep(PNG),))
    broken = msgspec.structs.replace(DELIVERY, photos=(photos.keep(PNG), photos.keep(BROKEN)))

    assert b"/Subtype/Image" in printed(tmp_path, good)
    assert b"/Subtype/Image" not in printed(tmp_path, broken)
    assert printed(tmp_path, broken).startswith(b"%PDF-")


def test_a_long_delivery_runs_over_several_pages_that_are_numbered(tmp_path: Path) -> None:
    lines = tuple(msgspec.structs.replace(DELIVERY.lines[0], number=f"B{number}") for number in range(120))
    found = book([msgspec.structs.replace(DELIVERY, lines=lines, decision="accepted")])

    content = drawn(sheet_of(found, Printing(registry(), Photos(tmp_path), (), "en", "shop")))

    assert (b"/Type/Pages/Count 6" in content, b"/Type/Pages/Count 1" in printed(tmp_path, DELIVERY)) == (True, True)


def test_every_word_is_there_in_both_languages() -> None:
    assert all(zh.strip() and en.strip() for zh, en in WORDS.values())
