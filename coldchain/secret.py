"""A secret: read from a file of its own, shown to nobody."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import NoReturn

from coldchain.errors import ConfigError

HIDDEN = "***"
"""What stands where a secret would."""


class Secret:
    """Text that neither str, repr, format nor pickle tells; `reveal` does.

    >>> f"{Secret('hunter2')} {Secret('hunter2')!r}"
    '*** ***'
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the text; only for the place that hands it to whom it is meant for."""
        return self._value

    def __repr__(self) -> str:
        return HIDDEN

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not copied into files or other processes")


def secret_in(file: Path) -> Secret:
    """Return what a file holds, without the end of its last line.

    Raises:
        ConfigError: it cannot be read, is empty, is no text, or others than its owner may read it.
    """
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        text = file.read_text("utf-8").removesuffix("\n").removesuffix("\r")
    except OSError as fault:
        raise ConfigError(f"{file}: cannot be read: {fault.strerror}") from fault
    except UnicodeDecodeError:
        raise ConfigError(f"{file}: not UTF-8 text") from None
    if mode & 0o077:
        raise ConfigError(f"{file}: mode {mode:04o} lets others read a secret; chmod 600 {file}")
    if not text:
        raise ConfigError(f"{file}: empty, a secret is expected")
    return Secret(text)
