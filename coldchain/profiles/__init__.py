"""Profiles of products, kinds and trips as data: limits, delays and times, each with its source and how far verified.

::

    products, kinds, trips.toml ─┐
    a quality manager's file ────┴▶ reading ──▶ Product, KindRules ──▶ choosing(jurisdiction, label, kind, position)
                                     │ all faults     └▶ TripRules         └▶ InForce: each number with its reason
"""

from coldchain.profiles.builtin import builtin
from coldchain.profiles.choosing import Chosen, InForce, Label, Step, limits_in_force
from coldchain.profiles.reading import read_file, read_text
from coldchain.profiles.structs import (
    DEFAULT,
    JURISDICTIONS,
    STATUSES,
    Catalogue,
    Content,
    Jurisdiction,
    KindRules,
    Limits,
    Product,
    Sourced,
    Status,
    TripRules,
    low_temperature_short_life,
    version_of,
)
from coldchain.profiles.writing import text_of

__all__ = [
    "DEFAULT",
    "JURISDICTIONS",
    "STATUSES",
    "Catalogue",
    "Chosen",
    "Content",
    "InForce",
    "Jurisdiction",
    "KindRules",
    "Label",
    "Limits",
    "Product",
    "Sourced",
    "Status",
    "Step",
    "TripRules",
    "builtin",
    "limits_in_force",
    "low_temperature_short_life",
    "read_file",
    "read_text",
    "text_of",
    "version_of",
]
