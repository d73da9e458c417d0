"""The spool in memory that the protocol model runs on keeps the contract, too."""

from __future__ import annotations

import pytest

from tests.contracts.spool_suite import *  # noqa: F403  (the suite's tests run here)
from tests.contracts.spool_suite import EPOCH
from tests.fakes import MemorySpool


@pytest.fixture
def spool() -> MemorySpool:
    return MemorySpool(EPOCH)
