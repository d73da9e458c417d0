"""The four ways something goes wrong, and what to do about each: the class is the retry policy.

======================  ==========================================================================
``ConfigError``         a person must edit something; all faults at once; the process ends with 2
``RejectedReading``     bad for ever: keep it in quarantine with its reason, go on
``Unavailable``         the other side is away: keep the data, try again
``InvalidTransition``   a bug here: crash and let the supervisor restart
======================  ==========================================================================
"""

from collections.abc import Sequence


class ColdchainError(Exception):
    """Base of every error that this project raises on purpose."""


class ConfigError(ColdchainError):
    """A person must edit something.

    Args:
        faults: one sentence each, with the place, what was found and the remedy.
    """

    def __init__(self, faults: Sequence[str] | str) -> None:
        self.faults = [faults] if isinstance(faults, str) else list(faults)
        super().__init__("\n".join(self.faults))


class RejectedReading(ColdchainError):
    """Input that will never become a reading.

    Args:
        reason: one of the quarantine reasons of `docs/contracts.md`, for example ``bad-senml``.
        detail: where it is, what was found, what was expected.
    """

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}")


class Unavailable(ColdchainError):
    """The other side is away or full: keep the data and try again."""


class InvalidTransition(ColdchainError):
    """A state machine was asked for a step that its table does not have: a bug, not an input."""

    def __init__(self, machine: str, state: str, trigger: str) -> None:
        super().__init__(f"{machine}: no way from {state!r} by {trigger!r}")
