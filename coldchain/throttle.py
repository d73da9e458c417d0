"""Test door: ingest that appends at a share of its speed, so that overload can be looked at on any machine.

``COLDCHAIN_TEST_THROTTLE=0.05``: after each append ingest rests nineteen times as long as it took.
"""

from __future__ import annotations

import os

VARIABLE = "COLDCHAIN_TEST_THROTTLE"

_share = float(os.environ.get(VARIABLE, "1"))


def rest_s(worked_s: float) -> float:
    """Return how long to rest after some work, seconds; 0 in any real use."""
    return worked_s * (1 / _share - 1)
