"""The ledger in memory that other tests build on keeps the contract, too."""

from __future__ import annotations

import pytest

from tests.contracts.ledger_suite import *  # noqa: F403  (the suite's tests run here)
from tests.fakes import MemoryLedger


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()
