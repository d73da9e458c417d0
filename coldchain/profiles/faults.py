"""Faults of a profile file, gathered until all are known."""

from __future__ import annotations

from coldchain.errors import ConfigError


class Faults:
    """Gathers faults, each with its place.

    Args:
        file: its name.
        language: ``zh`` or ``en``.

    Attributes:
        said: sentences, in the order of the file.
    """

    def __init__(self, file: str, language: str = "en") -> None:
        self.said: list[str] = []
        self._file = file
        self._language = language

    def add(self, table: str, key: str, zh: str, en: str) -> None:
        """Note a fault at ``[table] key``; either may be empty."""
        place = " ".join(filter(None, (f"[{table}]" if table else "", key)))
        said = zh if self._language == "zh" else en
        self.said.append(": ".join(filter(None, (self._file, place, said))))

    def finish(self) -> None:
        """Raise if there were any.

        Raises:
            ConfigError: all of them.
        """
        if self.said:
            raise ConfigError(self.said)
