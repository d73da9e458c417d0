"""A profile file is read whole or not at all, and every fault is told with its file, table and key."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldchain.errors import ConfigError
from coldchain.profiles import builtin, read_file, read_text, text_of

MILK = text_of([builtin().products["pasteurized"]])
COOLER = text_of([builtin().kinds["glass-door-cooler"]])


def faults_of(text: str, language: str = "en") -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_text(text, "our.toml", language)
    return caught.value.faults


@pytest.mark.parametrize(
    ("text", "old", "new", "fault"),
    [
        (MILK, "celsius = 6.5", "celsius = 5.5",
         "our.toml: [product.pasteurized.limits.CN] warning_high: 5.5 lies below target_high, 6"),
        (MILK, "celsius = 6.5", 'celsius = "warm"', "warning_high.celsius: 'warm': Expected `float`, got `str`"),
        (MILK, "celsius = 6.5", "celsius = 650", "warning_high: 650 is outside -60…130 °C"),
        (MILK, "celsius = 6.5", "celsius = nan", "warning_high: nan is outside -60…130 °C"),
        (MILK, "warning_high = {celsius = 6.5", "warnung_high = {celsius = 6.5",
         "[product.pasteurized.limits.CN] warnung_high: no such key"),
        (MILK, "celsius = 6.5, ", "", "warning_high.celsius: is missing"),
        (MILK, "celsius = 6.5", "kelvin = 6.5", "warning_high.kelvin: no such key; celsius, source, status"),
        (MILK, 'status = "assumed", source = "design: target_high + 0.5 K"', 'status = "assumed"',
         "warning_high.source: is missing"),
        (MILK, 'source = "design: target_high + 0.5 K"', 'source = " "', "warning_high.source: says no source"),
        (MILK, 'status = "assumed", source = "design: target_high', 'status = "law", source = "design: target_high',
         "warning_high.status: 'law': verified, secondary, unverified, assumed, computed"),
        (MILK, 'storage = "chilled"', 'storage = "frozen"', "target_high: 6 °C does not fit storage = 'frozen'"),
        (MILK, 'storage = "chilled"', 'storage = "cool"', "storage: 'cool': chilled, frozen, ambient"),
        (MILK, ".limits.CN]", ".limits.JP]", "[product.pasteurized.limits] JP: one of CN, EU, US was expected"),
        (MILK, 'dose_model = "sqrt-ppc"', 'dose_model = "magic"', "dose_model: one of sqrt-ppc was expected"),
        (MILK, 'dose_model = "sqrt-ppc"', "", "dose_reference: and dose_model belong together"),
        (MILK, "[product.pasteurized]", "[produkt.pasteurized]", "[produkt]: no such table"),
        (MILK, 'zh = "巴氏杀菌乳"', 'zh = ""', "[product.pasteurized] zh: is empty"),
        (MILK, "[product.pasteurized]", '[product.pasteurized]\nid = "x"', "id: the id stands in the table's name"),
        (COOLER, "silence_page = {minutes = 120", "silence_page = {minutes = 20",
         "[kind.glass-door-cooler] silence_page: is shorter than silence_record"),
        (COOLER, "door_tolerance = {minutes = 15,", "probes_silent = {minutes = 121,",
         "[kind.glass-door-cooler] probes_silent: is longer than silence_page"),
        (COOLER, "deadband = {kelvin = 0.5", "deadband = {kelvin = -0.5", "deadband: must not be negative"),
        (COOLER, "return-air = {kelvin = 2", "return-air = {kelvin = 20",
         "[kind.glass-door-cooler.positions] return-air: 20 is outside -15…15 K"),
        (COOLER, '"ambient"', '"return-air"', "information: return-air stands in positions, too"),
        (COOLER, "confirm_samples = {count = 2", "confirm_samples = {count = 2.5",
         "confirm_samples.count: 2.5: Expected `int`, got `float`"),
        (COOLER, "defrosts_a_day =", "#", "defrosts_a_day: and defrost_longest belong together"),
        ("product = 3", "", "", "[product]: [product.id] was expected"),
        ("[product]\nmilk = 3", "", "", "[product.milk]: a table of id, zh"),
        ("", "", "", "our.toml: is empty"),
        ("x = ", "", "", "our.toml: not TOML: "),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_place(text: str, old: str, new: str, fault: str) -> None:
    assert not old or old in text, "the file changed: mend this test"

    assert any(fault in said for said in faults_of(text.replace(old, new, 1) if old else text))


def test_every_fault_is_told_at_once_and_nothing_is_read() -> None:
    text = (MILK + COOLER).replace("celsius = 6.5", "celsius = 650").replace('zh = "巴氏杀菌乳"\n', "")
    text = text.replace('status = "assumed", source = "design: two samples"', 'status = "law"')

    faults = faults_of(text)

    assert [fault.split("]")[0] for fault in faults] == [
        "our.toml: [product.pasteurized", "our.toml: [kind.glass-door-cooler", "our.toml: [kind.glass-door-cooler",
    ]  # fmt: skip
    assert "zh: is missing" in faults[0]


def test_faults_of_many_numbers_of_one_profile_are_all_told() -> None:
    text = (
        MILK.replace("celsius = 6.5", "celsius = 650")
        .replace("days = 7", "days = -7")
        .replace("minutes = 45", "minutes = -1")
    )

    assert len([fault for fault in faults_of(text) if "is outside" in fault]) == 3


def test_faults_are_told_in_chinese_too() -> None:
    assert faults_of(MILK.replace("celsius = 6.5", "celsius = 650"), "zh")[0].endswith("650 不在 -60…130 °C 之内")


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "our.toml"
    with pytest.raises(ConfigError, match="cannot be read"):
        read_file(file)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_file(file)
    file.write_bytes(b"#" * (1 << 21))
    with pytest.raises(ConfigError, match="1 MiB"):
        read_file(file)


JUNK = st.text(max_size=12) | st.sampled_from(
    ["3", "nan", "true", "[]", "{}", "{celsius = 1}", "[[product.x]]", "1e400"]
)


@settings(deadline=None)  # a cold start parses the built-in files in an example
@given(st.sampled_from([MILK, COOLER]), st.data())
def test_whatever_is_damaged_is_a_fault_with_words_or_a_profile(text: str, data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, min(len(text), begin + 60)))

    try:
        read, said = read_text(text[:begin] + data.draw(JUNK) + text[end:], "our.toml"), []
    except ConfigError as fault:
        read, said = builtin(), fault.faults

    assert all(sentence.startswith("our.toml: ") for sentence in said)
    assert read.contents == read_text(text_of(read.contents), "again.toml").contents
