"""The built-in profiles: complete, in order, each number with its source, and nothing unverified called verified."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from coldchain.custody import TRIP_KINDS
from coldchain.profiles import (
    JURISDICTIONS,
    STATUSES,
    Content,
    KindRules,
    Product,
    Sourced,
    builtin,
    read_text,
    text_of,
    version_of,
)
from coldchain.profiles.checks import in_set
from coldchain.profiles.structs import Days, low_temperature_short_life
from coldchain.profiles.words import NAMES, STATUS_WORDS
from coldchain.registry.changes import ASSET_KINDS

PRODUCTS = (
    "raw_milk", "pasteurized", "esl", "fermented", "flav_fermented", "modified_chilled", "fresh_cheese", "cream",
    "butter", "butter_frozen", "ice_cream", "uht",
)  # fmt: skip

BUILT_IN = "c65d9cb88770"
"""Version of all built-in profiles together. What was judged by them stands in ledgers: whoever changes a number here
changes how their past reads after a rebuild, so it is done on purpose and stands in CHANGELOG.md, Alarm behaviour."""


def numbers_of(shape: object) -> Iterator[tuple[str, Sourced]]:
    for name in getattr(shape, "__struct_fields__", ()):
        value = getattr(shape, name)
        if isinstance(value, Sourced):
            yield name, value
        for one in value.values() if isinstance(value, dict) else ():
            yield from [(name, one)] if isinstance(one, Sourced) else numbers_of(one)


CONTENTS = builtin().contents


def test_every_product_of_the_trade_has_a_profile_and_every_standard_kind_has_rules() -> None:
    assert tuple(builtin().products) == PRODUCTS
    assert set(builtin().kinds) == set(ASSET_KINDS)


@pytest.mark.parametrize("content", CONTENTS, ids=lambda one: one.id)
def test_every_number_has_a_name_in_both_languages_and_a_word_for_its_status(content: Content) -> None:
    numbers = list(numbers_of(content))

    assert len(numbers) >= 5
    assert not {name for name, _ in numbers} - set(NAMES) - {"positions"}
    assert all(number.status in STATUS_WORDS and len(number.source) > 5 for _, number in numbers)


@pytest.mark.parametrize("content", CONTENTS, ids=lambda one: one.id)
def test_what_is_from_memory_or_design_never_calls_itself_verified(content: Content) -> None:
    doubtful = ("from memory", "reported", "not the standard", "not checked against")
    for _, number in numbers_of(content):
        if number.status == "verified":
            assert not any(sign in number.source for sign in doubtful), number
        if number.source.startswith(("design", "trade judgement", "simulated")):
            assert number.status == "assumed", number


def test_rules_of_kinds_are_starting_values_and_say_so() -> None:
    for kind in builtin().kinds.values():
        assert {number.status for _, number in numbers_of(kind)} == {"assumed"}, kind.id


def test_what_is_low_temperature_and_of_short_life_is_computed() -> None:
    short = {id_ for id_, product in builtin().products.items() if product.low_temperature_short_life}

    assert short == {"pasteurized", "esl", "fermented", "flav_fermented", "modified_chilled", "fresh_cheese", "cream"}
    assert not low_temperature_short_life("chilled", 6, 31)
    assert not low_temperature_short_life("chilled", 10.1, 7)
    assert not low_temperature_short_life("frozen", -18, 7)
    assert not low_temperature_short_life("chilled", 6, None)


@pytest.mark.parametrize("product", builtin().products.values(), ids=lambda one: one.id)
@pytest.mark.parametrize("jurisdiction", JURISDICTIONS)
def test_each_set_is_whole_with_what_the_default_set_gives(product: Product, jurisdiction: str) -> None:
    limits = in_set(product, jurisdiction)

    order = (limits.target_high, limits.warning_high, limits.critical_high, limits.confirmed_high)
    values = [number.value for number in order if number is not None]
    assert len(values) == len(order)
    assert values == sorted(values)


def test_the_numbers_of_the_law_are_the_laws() -> None:
    raw = builtin().products["raw_milk"].limits["CN"]

    for limit, celsius in ((raw.target_low, 0), (raw.target_high, 4)):
        assert limit is not None
        assert (limit.celsius, limit.status) == (celsius, "verified")
        assert "Order 536, art. 25" in limit.source
    assert builtin().products["raw_milk"].pack_time_constant.minutes == 0


def test_written_and_read_again_they_are_the_same() -> None:
    again = read_text(text_of(CONTENTS), "again.toml")

    assert again.contents == CONTENTS
    assert [version_of(one) for one in again.contents] == [version_of(one) for one in CONTENTS]


def test_a_number_of_many_places_is_written_as_it_is() -> None:
    fine = Days(days=0.1 + 0.2, status="computed", source="a sum")
    milk = msgspec.structs.replace(builtin().products["esl"], shelf_life=fine)

    assert read_text(text_of([milk]), "again.toml").contents == [milk]


def test_a_version_follows_every_word_and_number() -> None:
    milk = builtin().products["pasteurized"]
    other = msgspec.structs.replace(milk, note_en="something else")

    assert version_of(milk) != version_of(other)
    assert len({version_of(one) for one in CONTENTS}) == len(CONTENTS)


def test_the_same_number_written_otherwise_is_the_same_version() -> None:
    days = [Days(days=value, status="assumed", source="trial") for value in (6, 6.0)]

    assert len({version_of(msgspec.structs.replace(builtin().products["esl"], shelf_life=one)) for one in days}) == 1


def test_the_built_in_profiles_do_not_change_unnoticed() -> None:
    together = hashlib.sha256("".join(version_of(one) for one in CONTENTS).encode()).hexdigest()[:12]

    assert together == BUILT_IN


# -- docs/profiles.md -----------------------------------------------------------------------------------------

DOCUMENT = (Path(__file__).resolve().parents[2] / "docs" / "profiles.md").read_text("utf-8")
SIGNS = {"verified": "✓", "secondary": "◐", "unverified": "?", "assumed": "·", "computed": "="}


def said(number: Sourced | None) -> str:
    return "–" if number is None else f"{number.value:g} {SIGNS[number.status]}"


@pytest.mark.parametrize("product", builtin().products.values(), ids=lambda one: one.id)
def test_the_document_has_each_products_numbers(product: Product) -> None:
    limits = product.limits["CN"]
    numbers = (
        limits.target_low, limits.target_high, limits.warning_high, limits.critical_high, limits.confirmed_high,
        limits.freeze_warning, limits.freeze_critical, product.shelf_life, product.pack_time_constant,
    )  # fmt: skip
    short = "yes" if product.low_temperature_short_life else "no"

    assert f"| `{product.id}` {product.zh} | {' | '.join(map(said, numbers))} | {short} |" in DOCUMENT


@pytest.mark.parametrize("kind", builtin().kinds.values(), ids=lambda one: one.id)
def test_the_document_has_each_kinds_numbers(kind: KindRules) -> None:
    numbers = [
        kind.warning_on_delay, kind.critical_on_delay, kind.return_delay, kind.deadband, kind.deadband_frozen,
        kind.confirm_samples, kind.door_tolerance, kind.door_left_open, kind.defrost_longest, kind.defrost_recovery,
        kind.defrosts_a_day, kind.silence_record, kind.silence_page, kind.probes_silent,
        kind.positions.get("return-air"), kind.positions.get("supply-air"),
    ]  # fmt: skip
    cells = ["–" if number is None else f"{number.value:g}" for number in numbers]

    assert f"| `{kind.id}` {kind.zh} | {' | '.join(cells)} |" in DOCUMENT


def test_the_document_has_each_number_of_trips() -> None:
    raw, chilled = (builtin().trips[kind] for kind in TRIP_KINDS)
    for name in dict.fromkeys(name for one in (raw, chilled) for name, _ in numbers_of(one)):
        row = next(line for line in DOCUMENT.splitlines() if f"(`{name}`)" in line)
        assert row.endswith(f"| {with_unit(getattr(raw, name))} | {with_unit(getattr(chilled, name))} |")


def with_unit(number: Sourced | None) -> str:
    return "–" if number is None else f"{number.value:g} {number.unit} {SIGNS[number.status]}"


def test_the_document_explains_each_status() -> None:
    assert all(f"| {SIGNS[status]} `{status}` |" in DOCUMENT for status in STATUSES)


def test_the_document_shows_a_number_that_differs_in_another_set() -> None:
    for product in builtin().products.values():
        for jurisdiction in ("EU", "US"):
            own = product.limits.get(jurisdiction)
            for name, number in numbers_of(own):
                assert f"{name.replace('_', ' ')} {said(number)}" in row_of(jurisdiction, product.id), (
                    product.id,
                    name,
                )


def row_of(jurisdiction: str, product: str) -> str:
    rows = [line for line in DOCUMENT.splitlines() if line.startswith(f"| {jurisdiction} |") and f"`{product}`" in line]
    assert len(rows) == 1, (jurisdiction, product)
    return rows[0]
