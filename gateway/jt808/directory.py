"""Which terminals are listed, how each is read, the code that it proves itself with, and what of it waits for parts."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping

from coldchain.settings import Jt808Settings
from gateway.jt808.parts import Parts
from gateway.jt808.profiles import DEFAULT, Profile, profiles_of

MAX_STRANGERS = 256
"""Unlisted numbers heard between two starts: whoever counts numbers through does not fill the inbox."""


class Directory:
    """The terminals of a door.

    Args:
        codes: number → code of those that registered before.
        parts: number → what waited for other parts, as it was written.
        mint: makes a new code.

    Raises:
        ConfigError: as `profiles_of`.
    """

    def __init__(
        self,
        settings: Jt808Settings,
        codes: Mapping[str, str],
        mint: Callable[[], str],
        parts: Mapping[str, str] | None = None,
    ) -> None:
        self._profiles = profiles_of(settings)
        self._terminals = settings.terminals
        self._hears_strangers = settings.strangers
        self._strangers: set[str] = set()
        self._called: set[str] = set()
        self._codes = dict(codes)
        self._parts = {number: Parts(written) for number, written in (parts or {}).items()}
        self._mint = mint

    def listed(self, number: str) -> bool:
        """Say whether a terminal may register."""
        return number in self._terminals

    def profile_of(self, number: str) -> Profile:
        """Return how a terminal is read; ``default`` for one that is not listed."""
        terminal = self._terminals.get(number)
        return self._profiles[DEFAULT if terminal is None else terminal.profile]

    def parts_of(self, number: str) -> Parts:
        """Return the unfinished messages of a listed terminal, whichever connection they came on; else none."""
        return self._parts.setdefault(number, Parts()) if self.listed(number) else Parts()

    def register(self, number: str, device: str) -> str | None:
        """Return a listed terminal's code, the same one until it logs out: its answer may be lost; else None.

        Args:
            device: the id that it names, padding and all.
        """
        terminal = self._terminals.get(number)
        if terminal is None or (terminal.device and _bare(terminal.device) != _bare(device)):
            return None
        return self._codes.setdefault(number, self._mint())

    def proves(self, number: str, code: str) -> bool:
        """Say whether this is the code of a listed terminal."""
        known = self._codes.get(number, "")
        return self.listed(number) and bool(known) and hmac.compare_digest(known.encode(), code.encode())

    def forget(self, number: str) -> None:
        """Take a terminal's code away: it logged out and must register again."""
        self._codes.pop(number, None)

    def hears(self, stranger: str) -> bool:
        """Say whether what an unlisted terminal says is kept for the inbox."""
        if not self._hears_strangers:
            return False
        if len(self._strangers) < MAX_STRANGERS:
            self._strangers.add(stranger)
        return stranger in self._strangers

    def calls_first(self, stranger: str) -> bool:
        """Say whether an unlisted terminal that may be heard called for the first time since the start."""
        first = self.hears(stranger) and stranger not in self._called
        if first:
            self._called.add(stranger)
        return first


def _bare(device: str) -> str:
    """Return a terminal's id without what fills its field up: NULs or blanks behind, zeros in front."""
    return device.strip("\0 ").lstrip("0")
