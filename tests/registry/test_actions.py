"""What people call one thing, as entries; what follows is said, and what may not be is refused with its remedy."""

from __future__ import annotations

import pytest

from coldchain.errors import ConfigError
from coldchain.registry import (
    Activity,
    Assignment,
    Binding,
    Calibration,
    Node,
    Operator,
    Probe,
    Registry,
    Site,
    SiteState,
    Vehicle,
    registry_at,
)
from coldchain.registry.actions import (
    Place,
    Plan,
    calibrate,
    claim,
    close_site,
    move_asset,
    replace_gateway,
    replace_probe,
    retire_gateway,
    sell_vehicle,
    store_asset,
    transfer_site,
    use_asset,
)
from coldchain.registry.intervals import FOREVER_MS
from coldchain.registry.spans import spans_of
from coldchain.registry.words import WORDS, sentence
from tests.fakes import MemoryLedger
from tests.support import HOUR_MS, T0, SealingNode, channel_of, fleet, put

A, B, COOLER, POINT, OLD, NEW = (
    "site-gw-1",
    "site-gw-2",
    "cooler-gw-1",
    "gw-1/p0",
    channel_of("gw-1"),
    "urn:dev:new:temperature",
)


class House:
    """A ledger with two shops; plans are carried out and the registry is as it stands then."""

    def __init__(self) -> None:
        self.ledger = MemoryLedger()
        put(self.ledger, *fleet([SealingNode("gw-1"), SealingNode("gw-2")]))

    @property
    def now(self) -> Registry:
        return registry_at(self.ledger, self.ledger.end())

    def do(self, plan: Plan) -> Registry:
        for language in ("zh", "en"):
            assert all(sentence(said, language) for said in plan.says)
        self.ledger.change([change.encode() for change in plan.changes("me", "why")], T0)
        return self.now


@pytest.fixture
def house() -> House:
    return House()


def held(batches: int | None):  # type: ignore[no-untyped-def]
    return lambda node: batches


def test_a_swap_at_ten_leaves_one_unbroken_history_with_a_mark(house: House) -> None:
    registry = house.do(replace_probe(house.now, POINT, NEW, T0, reference_celsius=4.1, by="Li"))

    numbers = registry.channel_numbers
    spans = {span.channel: (span.from_ms, span.to_ms) for span in spans_of(registry, POINT)}
    assert spans == {numbers[OLD]: (0, T0), numbers[NEW]: (T0, FOREVER_MS)}
    assert registry.probes[OLD].state == "to-check"
    assert registry.comparisons[NEW][0].reference_celsius == 4.1


@pytest.mark.parametrize(
    ("point", "new", "said"),
    [
        ("gw-1/p9", NEW, "no point 'gw-1/p9'"),
        (POINT, OLD, "there already"),
        (POINT, channel_of("gw-2"), "at gw-2/p0"),
        (POINT, "no name", "not a SenML name"),
    ],
)
def test_a_swap_that_cannot_be_is_refused(house: House, point: str, new: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        replace_probe(house.now, point, new, T0)


def test_a_move_says_who_sees_what(house: House) -> None:
    plan = move_asset(house.now, COOLER, B, T0)
    registry = house.do(plan)

    assert (registry.site_at(COOLER, T0 - 1), registry.site_at(COOLER, T0)) == (A, B)
    assert [said.code for said in plan.says] == ["keeps-past", "sees-from-now", "warm-up"]
    with pytest.raises(ConfigError, match="already"):
        move_asset(registry, COOLER, B, T0 + 1)


def test_a_move_to_a_site_without_a_gateway_says_so_and_to_a_closed_one_is_refused(house: House) -> None:
    put(house.ledger, Site("new", "New", "shop", "dairy"), SiteState(B, "closed", T0))

    assert "no-gateway" in [said.code for said in move_asset(house.now, COOLER, "new", T0).says]
    with pytest.raises(ConfigError, match="closed"):
        move_asset(house.now, COOLER, B, T0)


def test_what_is_stored_can_be_used_again_and_nothing_else(house: House) -> None:
    registry = house.do(store_asset(house.now, COOLER, T0))
    assert registry.activity_at(COOLER, T0) == "stored"
    with pytest.raises(ConfigError, match="is stored"):
        store_asset(registry, COOLER, T0)
    registry = house.do(use_asset(registry, COOLER, T0 + HOUR_MS))

    assert registry.activity_at(COOLER, T0 + HOUR_MS) == "in-use"


def test_a_shop_closes_with_a_reason_when_alarms_are_open(house: House) -> None:
    with pytest.raises(ConfigError, match="3 open alarms"):
        close_site(house.now, A, T0, open_alarms=3, reason="")
    registry = house.do(close_site(house.now, A, T0, open_alarms=3, reason="fire"))

    assert registry.is_closed(A, T0)
    assert registry.activity_at(COOLER, T0) == "retired"
    assert registry.activity_at("cooler-gw-2", T0) == "in-use"
    with pytest.raises(ConfigError, match="closed already"):
        close_site(registry, A, T0, open_alarms=0, reason="")


def test_a_cooler_that_moved_away_does_not_close_with_the_shop(house: House) -> None:
    put(house.ledger, Assignment(COOLER, B, T0))

    registry = house.do(close_site(house.now, A, T0 + 1, open_alarms=0, reason=""))

    assert registry.activity_at(COOLER, T0 + 1) == "in-use"


def test_another_franchisee_needs_to_be_known_and_a_licence_is_asked_for(house: House) -> None:
    with pytest.raises(ConfigError, match="no operator"):
        transfer_site(house.now, A, "other", T0)
    put(house.ledger, Operator("other", "Other"))
    plan = transfer_site(house.now, A, "other", T0)

    assert [said.code for said in plan.says] == ["own-time", "no-licence"]
    assert house.do(plan).operators_of(A)[-1] == ("other", T0, FOREVER_MS)


@pytest.mark.parametrize(("batches", "said"), [(3, "holds 3 unacknowledged"), (None, "has not said")])
def test_a_gateway_with_unacknowledged_batches_cannot_be_retired(house: House, batches: int | None, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        retire_gateway(house.now, "gw-1", T0, held(batches))

    given_up = retire_gateway(house.now, "gw-1", T0, held(batches), lost=True)
    assert given_up.says[0].code == "hole"


def test_a_retired_gateway_opens_no_chain(house: House) -> None:
    registry = house.do(retire_gateway(house.now, "gw-1", T0, held(0)))

    assert registry.keys_of("gw-1") == []
    assert registry.nodes["gw-1"].retired_ms == T0
    with pytest.raises(ConfigError, match="retired already"):
        retire_gateway(registry, "gw-1", T0, held(0))


def test_a_gateway_that_died_is_replaced_under_another_id(house: House) -> None:
    key = "ab" * 32
    with pytest.raises(ConfigError, match="never used again"):
        replace_gateway(house.now, "gw-1", "gw-2", key, T0, held(0))

    registry = house.do(replace_gateway(house.now, "gw-1", "gw-1b", key, T0, held(None)))

    assert registry.nodes["gw-1b"].replaces == "gw-1"
    assert registry.keys_of("gw-1b") == [bytes.fromhex(key)]
    assert registry.keys_of("gw-1") == []


def test_a_truck_is_sold_only_when_it_has_drained(house: House) -> None:
    put(house.ledger, Vehicle(A, "沪A12345", milk_permit="P-1", milk_permit_until="2027-01-01"))
    with pytest.raises(ConfigError, match="unacknowledged"):
        sell_vehicle(house.now, A, T0, held(1))

    registry = house.do(sell_vehicle(house.now, A, T0, held(0)))

    assert registry.keys_of("gw-1") == []
    assert registry.vehicles[A].milk_permit == ""
    assert registry.is_closed(A, T0)


def test_a_calibration_of_the_past_says_that_it_is_judged_anew(house: House) -> None:
    plan = calibrate(house.now, Calibration(OLD, T0, 0.2, "C-1", "2027-01-01"), T0 + 1)

    assert [said.code for said in plan.says] == ["word-stays", "judged-anew"]
    with pytest.raises(ConfigError, match="no probe"):
        calibrate(house.now, Calibration("urn:x:t", T0, 0.2), T0)


def test_a_claim_makes_what_is_missing_and_grants_the_door(house: House) -> None:
    put(house.ledger, Node("door", "server", ("ab" * 32,)))
    place = Place(asset="my-fridge", site="my-shop")

    plan = claim(house.now, NEW, place, 0, "door")
    registry = house.do(plan)

    assert registry.points["my-fridge.product"].quantity == "temperature"
    assert registry.refusal("door", NEW) is None
    assert [said.code for said in plan.says] == ["made"] * 4 + ["granted", "comes-in"]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (Place("gw-1/p9"), "name one that exists"),
        (Place(asset="fridge"), "the site for it"),
        (Place(asset="fridge", site=A, kind="igloo"), "no kind 'igloo'"),
        (Place(asset="a fridge", site=A), "an id is"),
        (Place(POINT), "replace it"),
    ],
)
def test_a_claim_that_cannot_be_is_refused(house: House, place: Place, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        claim(house.now, NEW, place, 0)


def test_an_unbound_probe_is_claimed_without_a_second_entry(house: House) -> None:
    put(house.ledger, Probe(NEW), Binding(OLD, POINT, 0, T0), Activity(COOLER, "in-use", 0))

    plan = claim(house.now, NEW, Place(POINT), T0)

    assert plan.puts == (Binding(NEW, POINT, T0),)


def test_every_word_has_both_languages() -> None:
    assert all(zh and en for zh, en in WORDS.values())
