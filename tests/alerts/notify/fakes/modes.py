"""What a provider may do with a message."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """How a fake behaves from now on."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    """This receiver or content, in the provider's own words (a 200 with a code, where it does so)."""
    BROKEN = "broken"
    """This account, in the provider's own words."""
    BUSY = "busy"
    """Too much at once, in the provider's own words."""
    LIMITED = "limited"
    """429 with Retry-After: 7."""
    FAIL = "fail"
    """500."""
    HANG = "hang"
    """Read, and never answered."""
    DROP = "drop"
    """Taken, and the connection closed before the answer."""
    REDIRECT = "redirect"
    """302 to another address."""
    GARBAGE = "garbage"
    """200 with what is no JSON."""
    FLOOD = "flood"
    """200 with 4 MB of what is no JSON."""


RETRY_AFTER_S = 7
