"""An asset's kind has one name, in the registry, the simulator and the page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from coldchain.errors import ConfigError
from coldchain.registry.changes import ASSET_KINDS
from coldchain.registry.importing import read_registry
from firmware_sim.bodies import KINDS
from firmware_sim.doors import VISITS
from firmware_sim.fleet import FLEETS, named_fleet

MESSAGES = Path(__file__).parents[2] / "dashboards" / "page" / "src" / "messages"


def test_the_simulator_knows_no_kind_that_the_registry_does_not() -> None:
    assert set(KINDS) <= set(ASSET_KINDS)
    assert set(VISITS) <= set(KINDS)
    assert {asset.kind for name in FLEETS for asset in named_fleet(name).assets} <= set(KINDS)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_has_a_word_for_every_kind_and_for_no_other(language: str) -> None:
    words = json.loads((MESSAGES / f"{language}.json").read_text("utf-8"))

    assert {key.removeprefix("kind.") for key in words if key.startswith("kind.")} == set(ASSET_KINDS)


def test_an_import_says_which_kinds_there_are() -> None:
    text = """
        [[operator]]
        id = "dairy"
        name = "Dairy"
        [[site]]
        id = "shop"
        name = "Shop"
        kind = "shop"
        operator = "dairy"
        [[asset]]
        id = "cooler-1"
        name = "Cooler 1"
        kind = "glass-door"
        site = "shop"
    """

    with pytest.raises(ConfigError, match=r"cooler-1.*'glass-door'.*glass-door-cooler, open-multideck"):
        read_registry(text, source="fleet.toml")
