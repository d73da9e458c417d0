"""The written definitions stand in the documents, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.kpi.definitions import DEFINITIONS, By, Definition

TEXT = " ".join((Path(__file__).resolve().parents[3] / "docs" / "kpis.md").read_text("utf-8").split())


@pytest.mark.parametrize("one", DEFINITIONS, ids=[one.key for one in DEFINITIONS])
def test_each_definition_stands_in_the_document(one: Definition) -> None:
    for said in (one.zh, one.en, f"### {one.name_en} · {one.name_zh}", f"`{one.key}`, {one.unit}"):
        assert said in TEXT, said
    assert one.zh.count("。") == 1
    assert one.en.endswith(".")
    assert "÷" in one.zh
    assert "÷" in one.en


def test_a_key_is_given_once() -> None:
    assert len({one.key for one in DEFINITIONS}) == len(DEFINITIONS)
    assert all(By.ALL in one.by for one in DEFINITIONS)
