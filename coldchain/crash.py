"""Named places where a fault test may end the process, as if the power had gone.

``COLDCHAIN_CRASH_AT=after-commit-before-ack:3`` ends this process without any clean-up the third time it gets there.
Without the variable each place costs one dictionary look-up of an empty table.
"""

from __future__ import annotations

import os

VARIABLE = "COLDCHAIN_CRASH_AT"
EXIT_CODE = 137
POINTS = (
    "after-spool-insert",
    "after-publish",
    "before-ledger-commit",
    "after-commit-before-ack",
    "during-projection",
    "during-checkpoint",
    "during-notify-intake",
    "before-notify-commit",
    "after-notify-commit",
    "before-send",
    "after-send-before-mark",
    "after-record-before-mark",
)


def _armed() -> dict[str, int]:
    armed = {}
    for item in filter(None, os.environ.get(VARIABLE, "").split(",")):
        name, _, hits = item.partition(":")
        if name not in POINTS:
            raise ValueError(f"{VARIABLE}: {name!r} is none of {', '.join(POINTS)}")
        armed[name] = int(hits or 1)
    return armed


_left = _armed()


def crash_point(name: str) -> None:
    """End the process here if the fault test armed this place and its count is reached."""
    if name not in _left:
        return
    _left[name] -= 1
    if _left[name] <= 0:
        os._exit(EXIT_CODE)
