"""What the program brings: the profiles that hold until somebody writes others into the ledger."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from coldchain.profiles.reading import read_text
from coldchain.profiles.structs import Catalogue

FILES = ("products.toml", "kinds.toml", "trips.toml")


@cache
def builtin() -> Catalogue:
    """Return the built-in products, kinds and trips."""
    read = [read_text(files("coldchain.profiles").joinpath(name).read_text("utf-8"), name) for name in FILES]
    return Catalogue(
        {id_: product for one in read for id_, product in one.products.items()},
        {id_: kind for one in read for id_, kind in one.kinds.items()},
        {id_: trip for one in read for id_, trip in one.trips.items()},
    )
