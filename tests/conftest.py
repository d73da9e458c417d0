"""What every test gets: logs that no other test's stream can reach."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def _own_logs() -> Iterator[None]:
    """A command under test points the logs to its own stderr, which is closed when it is over."""
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()
