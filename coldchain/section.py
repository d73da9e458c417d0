"""A section of the settings: nothing unknown in it, nothing changed after it was read."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """What every section of the settings is."""

    model_config = ConfigDict(extra="forbid", frozen=True)
