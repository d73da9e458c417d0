"""GS1 identifiers: check digits, names, links and scans, against vectors of the standards and each other."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldchain.gs1 import (
    Gs1Fault,
    check_digit,
    day,
    elements_of_link,
    elements_of_name,
    gln13,
    gtin14,
    link_of,
    name_of,
    scanned,
    sscc18,
)
from coldchain.gs1.elements import SIGNS
from coldchain.gs1.faults import WORDS
from coldchain.gs1.scanning import SEPARATOR, WHOLE_LENGTHS

GTIN = "04012345123456"
GLN = "4012345000054"
SSCC = "106141412345678908"

digits = st.text("0123456789", min_size=1)
texts = st.text(sorted(SIGNS), min_size=1, max_size=20)
prefixes = st.integers(6, 12)
days = st.dates(date(2000, 1, 1), date(2049, 12, 31)).map(lambda found: found.strftime("%y%m%d"))


def keys(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=length - 1, max_size=length - 1).map(lambda key: key + check_digit(key))


# -- check digits ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("read", "key"),
    [
        (gtin14, "09506000134352"),
        (gtin14, "9506000134352"),
        (gtin14, "036000291452"),
        (gtin14, "96385074"),
        (gln13, "9506000134307"),
        (gln13, GLN),
        (sscc18, SSCC),
    ],
)
def test_keys_of_the_standards_are_taken_and_every_wrong_last_digit_is_refused(read: object, key: str) -> None:
    assert callable(read)

    assert read(key) == (key.zfill(14) if read is gtin14 else key)
    for last in set("0123456789") - {key[-1]}:
        with pytest.raises(Gs1Fault, match=f"its check digit is {key[-1]}"):
            read(key[:-1] + last)


@given(st.text("0123456789", min_size=17, max_size=17), st.integers(0, 16), st.integers(1, 9))
def test_any_one_mistyped_digit_is_found(key: str, place: int, by: int) -> None:
    wrong = key[:place] + str((int(key[place]) + by) % 10) + key[place + 1 :]

    assert check_digit(wrong) != check_digit(key)


@given(keys(13))
def test_with_its_check_digit_a_key_weighs_a_multiple_of_ten(key: str) -> None:
    odd, even = sum(map(int, key[::2])), sum(map(int, key[1::2]))

    assert (odd + 3 * even) % 10 == 0


@pytest.mark.parametrize("text", ["", "12345", "040123451234567", "0401234512345x", "٠٤٠١٢٣٤٥١٢٣٤٥٦", " 4012345123456"])
def test_what_is_not_so_many_digits_is_no_gtin(text: str) -> None:
    with pytest.raises(Gs1Fault, match="is not 8 / 12 / 13 / 14 digits"):
        gtin14(text)


# -- EPC names ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "elements"),
    [
        ("urn:epc:class:lgtin:4012345.012345.X", {"01": GTIN, "10": "X"}),
        ("urn:epc:class:lgtin:4023333.002000.2019-10-07", {"01": "04023333020008", "10": "2019-10-07"}),
        ("urn:epc:id:sgln:4012345.00005.0", {"414": GLN}),
        ("urn:epc:id:sgln:4012345.00005.dock%2F2", {"414": GLN, "254": "dock/2"}),
        ("urn:epc:id:sgtin:4012345.011111.9876", {"01": "04012345111118", "21": "9876"}),
        ("urn:epc:id:sscc:0614141.1234567890", {"00": SSCC}),
        ("urn:epc:id:giai:4000001.111", {"8004": "4000001111"}),
    ],
)
def test_names_of_the_standards_say_these_keys_and_are_made_of_them(name: str, elements: dict[str, str]) -> None:
    assert elements_of_name(name) == (elements, 7)
    assert name_of(elements, 7) == name


@given(keys(14), texts, prefixes, st.sampled_from(["10", "21"]))
def test_a_name_of_a_trade_item_says_what_it_was_made_of(gtin: str, text: str, prefix: int, which: str) -> None:
    elements = {"01": gtin, which: text}

    assert elements_of_name(name_of(elements, prefix)) == (elements, prefix)


@given(keys(13), texts.filter(lambda text: text != "0") | st.none(), prefixes)
def test_a_name_of_a_place_says_what_it_was_made_of(gln: str, part: str | None, prefix: int) -> None:
    elements = {"414": gln} | ({} if part is None else {"254": part})

    assert elements_of_name(name_of(elements, prefix)) == (elements, prefix)


@given(keys(18), prefixes)
def test_a_name_of_a_pallet_says_what_it_was_made_of(sscc: str, prefix: int) -> None:
    assert elements_of_name(name_of({"00": sscc}, prefix)) == ({"00": sscc}, prefix)


@given(st.text("0123456789", min_size=12, max_size=12), texts.filter(lambda text: len(text) <= 18), prefixes)
def test_a_name_of_a_device_says_what_it_was_made_of(start: str, rest: str, prefix: int) -> None:
    elements = {"8004": start + rest}

    assert elements_of_name(name_of(elements, prefix)) == (elements, prefix)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("urn:epc:id:sgtin:4012345.01111.9876", "name-form"),  # a digit is missing
        ("urn:epc:id:sgtin:4012345.011111", "name-form"),  # no serial
        ("urn:epc:id:sscc:0614141.1234567890.1", "name-form"),  # one part too many
        ("urn:epc:id:sgtin:40123.01111111.1", "name-form"),  # no company prefix is so short
        ("urn:epc:id:sgln:4012345.00005.dock/2", "name-form"),  # the slash is not escaped
        ("urn:epc:id:grai:4012345.00005.1", "name-form"),  # not known here
        ("urn:epc:class:lgtin:4012345.012345.%E4%B9%B3", "name-form"),  # no sign of a lot
        ("urn:epc:class:lgtin:4012345.012345.123456789012345678901", "length"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused(name: str, code: str) -> None:
    with pytest.raises(Gs1Fault) as refused:
        elements_of_name(name)

    assert refused.value.code == code
    assert refused.value.place == name


@pytest.mark.parametrize(
    ("elements", "prefix", "code"),
    [
        ({"01": GTIN}, 7, "name-none"),  # a product is neither a thing nor a lot
        ({"01": GTIN, "10": "X"}, 5, "prefix"),
        ({"01": GTIN, "10": "X"}, 13, "prefix"),
        ({"414": GLN, "254": "0"}, 7, "extension-zero"),
        ({"8004": "4000"}, 7, "name-none"),
        ({}, 7, "name-none"),
    ],
)
def test_elements_that_have_no_name_are_refused(elements: dict[str, str], prefix: int, code: str) -> None:
    with pytest.raises(Gs1Fault) as refused:
        name_of(elements, prefix)

    assert refused.value.code == code


# -- Digital Links --------------------------------------------------------------------------------------------


def test_a_link_has_its_parts_in_the_order_of_the_standard_whatever_order_they_were_given_in() -> None:
    elements = {"17": "260131", "21": "S 1", "15": "260130", "10": "A/7", "22": "2", "01": GTIN}

    with pytest.raises(Gs1Fault, match="' '"):
        link_of(elements)
    link = link_of({**elements, "21": "S+1"}, "https://example.org/p")

    assert link == f"https://example.org/p/01/{GTIN}/22/2/10/A%2F7/21/S%2B1?15=260130&17=260131"


@given(
    keys(14),
    st.dictionaries(st.sampled_from(["22", "10", "21"]), texts),
    st.dictionaries(st.sampled_from(["11", "15", "17"]), days),
)
def test_a_link_says_what_it_was_made_of(gtin: str, which: dict[str, str], dates: dict[str, str]) -> None:
    elements = {"01": gtin, **which, **dates}

    assert elements_of_link(link_of(elements)) == elements
    assert elements_of_link(link_of(elements, "https://example.org/a/01/b")) == elements


@pytest.mark.parametrize(
    ("link", "elements"),
    [
        ("https://id.gs1.org/00/106141412345678908", {"00": SSCC}),
        ("https://id.gs1.org/414/4012345000054/254/dock%2F2", {"414": GLN, "254": "dock/2"}),
        ("HTTP://example.org/414/4012345000054?linkType=gs1:pip", {"414": GLN}),
        ("https://id.gs1.org/8004/4000001111", {"8004": "4000001111"}),
        ("https://id.example.com/8003/04012345000771A1", {"8003": "04012345000771A1"}),
        ("https://id.gs1.org/01/4012345123456#top", {"01": GTIN}),
        ("https://id.gs1.org/01/04012345123456;10=1", None),
    ],
)
def test_links_say_these_keys(link: str, elements: dict[str, str] | None) -> None:
    if elements is None:
        with pytest.raises(Gs1Fault):
            elements_of_link(link)
    else:
        assert elements_of_link(link) == elements


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("https://id.gs1.org/01/04012345123457", "check-digit"),
        ("https://id.gs1.org/01/04012345123456/21/1/10/A", "order"),
        ("https://id.gs1.org/00/106141412345678908/10/A", "order"),
        ("https://id.gs1.org/01/04012345123456/10", "link-key"),
        ("https://example.org/shop-1", "link-key"),
        ("https://id.gs1.org/01/04012345123456?17=261301", "day"),
        ("https://id.gs1.org/01/04012345123456/10/A?10=B", "twice"),
    ],
)
def test_a_link_that_cannot_be_one_is_refused(link: str, code: str) -> None:
    with pytest.raises(Gs1Fault) as refused:
        elements_of_link(link)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("elements", "code"),
    [
        ({"10": "A"}, "key-none"),
        ({"00": SSCC, "01": GTIN}, "key-many"),
        ({"414": GLN, "10": "A"}, "key-missing"),
        ({"01": GTIN, "99": "x"}, "unknown"),
    ],
)
def test_elements_that_make_no_link_are_refused(elements: dict[str, str], code: str) -> None:
    with pytest.raises(Gs1Fault) as refused:
        link_of(elements)

    assert refused.value.code == code


# -- scans ----------------------------------------------------------------------------------------------------

LOT = {"01": GTIN, "10": "LOT7", "17": "260131"}


@pytest.mark.parametrize(
    "text",
    [
        f"]C101{GTIN}17260131" + "10LOT7",
        f"]d201{GTIN}10LOT7{SEPARATOR}17260131",
        f"]Q301{GTIN}10LOT7{SEPARATOR}17260131{SEPARATOR}",
        f"{SEPARATOR}01{GTIN}10LOT7{SEPARATOR}17260131\r\n",
        f"https://id.gs1.org/01/{GTIN}/10/LOT7?17=260131",
    ],
)
def test_the_same_carton_reads_the_same_from_every_kind_of_code(text: str) -> None:
    assert scanned(text).elements == LOT


@pytest.mark.parametrize(
    ("text", "gtin"),
    [("4012345123456", GTIN), ("]E04012345123456", GTIN), ("96385074", "00000096385074"), (f"]I1{GTIN}", GTIN)],
)
def test_the_bare_digits_of_a_retail_pack_or_a_tray_are_its_gtin(text: str, gtin: str) -> None:
    assert scanned(text).elements == {"01": gtin}


def test_a_day_alone_is_no_gtin_when_the_scanner_says_that_identifiers_stand_there() -> None:
    assert scanned("]C115000101").elements == {"15": "000101"}
    assert scanned("15000101").elements == {"01": "00000015000101"}


def test_what_is_not_known_here_is_passed_over_and_kept() -> None:
    scan = scanned(f"]C102{GTIN}3724{SEPARATOR}3103001250" + "3602000100" + f"00{SSCC}" + f"400ORDER{SEPARATOR}10A")

    assert scan.elements == {"00": SSCC, "10": "A"}
    assert scan.passed_over == (f"02{GTIN}", "3724", "3103001250", "3602000100", "400ORDER")


values = st.fixed_dictionaries(
    {},
    optional={
        "00": keys(18), "01": keys(14), "10": texts, "11": days, "15": days, "17": days, "21": texts,
        "254": texts, "414": keys(13), "7003": days.map(lambda found: found + "2359"), "8004": texts,
    },
)  # fmt: skip


@given(values.filter(bool), st.randoms())
def test_a_code_says_what_was_printed_in_any_order(elements: dict[str, str], chance: object) -> None:
    items = list(elements.items())
    chance.shuffle(items)  # type: ignore[attr-defined]
    text = "]d2" + "".join(ai + value + ("" if ai[:2] in WHOLE_LENGTHS else SEPARATOR) for ai, value in items)

    assert scanned(text).elements == elements


@pytest.mark.parametrize(
    ("text", "code", "place", "character"),
    [
        (f"01{GTIN}10LOT7" + "17260131" * 3, "separator", "(10)", 17),
        ("0104012345123457", "check-digit", "(01)", 1),
        (f"01{GTIN}172601", "scan-short", "(17)", 17),
        (f"01{GTIN}172601{SEPARATOR}10", "scan-short", "(17)", 17),
        (f"01{GTIN}17260132", "day", "(17)", 17),
        (f"01{GTIN}7003260131250010A", "separator", "(7003)", 17),
        (f"01{GTIN}70032601312500", "minute", "(7003)", 17),
        (f"01{GTIN}10A{SEPARATOR}10B", "twice", "(10)", 21),
        (f"01{GTIN}10", "length", "(10)", 17),
        ("", "scan-empty", "''", None),
        ("]C1", "scan-empty", "''", None),
        ("4012345123457", "check-digit", "GTIN", None),
    ],
)
def test_a_code_that_was_read_wrongly_is_refused_with_its_place(
    text: str, code: str, place: str, character: int | None
) -> None:
    with pytest.raises(Gs1Fault) as refused:
        scanned(text)

    assert (refused.value.code, refused.value.place, refused.value.character) == (code, place, character)


@pytest.mark.parametrize(
    ("found", "today", "meant"),
    [
        ("260131", date(2026, 11, 23), date(2026, 1, 31)),
        ("280200", date(2026, 11, 23), date(2028, 2, 29)),
        ("761231", date(2026, 1, 1), date(2076, 12, 31)),  # 50 years ahead
        ("771231", date(2026, 1, 1), date(1977, 12, 31)),  # 49 back
        ("010101", date(2098, 1, 1), date(2101, 1, 1)),
        ("490101", date(2098, 1, 1), date(2049, 1, 1)),
        ("480101", date(2098, 1, 1), date(2148, 1, 1)),
    ],
)
def test_two_digits_of_a_year_mean_the_nearest_one(found: str, today: date, meant: date) -> None:
    assert day(found, today) == meant


def test_every_fault_has_words_in_both_languages_and_a_place() -> None:
    with pytest.raises(Gs1Fault) as refused:
        scanned("0104012345123457")

    assert refused.value.said("zh") == ("(01),第 1 个字符起:'04012345123457' 的校验位是 7,应为 6:请核对或重新扫描")
    assert refused.value.faults == [refused.value.said("en")]
    assert all(zh and en and zh != en for zh, en in WORDS.values())
