"""A registry from a head office's file: checked whole, compared with what is, written whole or not at all.

::

    file.xlsx │ .csv │ .toml │ folder ──▶ reading_*.py ──▶ rows with their places
                                                             │ checking.py: all faults at once
    changes, or nothing to do ◀── difference.py(registry) ◀── Wanted

Importing the same file twice changes nothing. Nothing is half-imported: the changes go into the ledger in one
transaction. What a file does not name is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from coldchain.errors import ConfigError
from coldchain.registry.cells import Faults, Place, Progress, Table, Wrong
from coldchain.registry.checking import check
from coldchain.registry.fold import Registry
from coldchain.registry.grid import LARGEST_BYTES, too_large
from coldchain.registry.headings import table_named
from coldchain.registry.reading_csv import decoded, read_csv
from coldchain.registry.reading_toml import read_toml
from coldchain.registry.tables import TABLES, Kind
from coldchain.registry.wanted import Wanted

SUFFIXES = (".xlsx", ".xlsm", ".csv", ".txt", ".toml")


def read_registry(
    text: str, *, source: str, keys: Mapping[str, str] | None = None, registry: Registry | None = None
) -> Wanted:
    """Read a registry file in TOML.

    Args:
        text: TOML with tables ``[[operator]]``, ``[[site]]``, ``[[node]]``, ``[[asset]]``, ``[[point]]`` …
        source: its name, for messages.
        keys: node id → public key (64 hex digits) for nodes whose table has no ``keys``.
        registry: what it may refer to, beside itself.

    Raises:
        ConfigError: every fault at once, each with its table and id.
    """
    faults = Faults()
    tables = read_toml(text, source, faults)
    wanted = check(tables, registry or Registry(), faults, keys=keys)
    faults.finish()
    return wanted


def read_file(
    file: Path,
    registry: Registry,
    *,
    table: str = "",
    language: str = "en",
    examples: bool = False,
    progress: Progress = lambda sheet, rows: None,
) -> Wanted:
    """Read a workbook, a CSV or TOML file, or a folder of them.

    Args:
        registry: what rows may refer to, and what keeps the fields that they do not name.
        table: which table a CSV file is, where its headings do not say it.
        language: of the faults, ``zh`` or ``en``.
        examples: take the template's example rows, too.

    Raises:
        ConfigError: every fault at once, each with file, sheet, line and heading.
    """
    faults = Faults(language)
    kind = _named(table)
    files = sorted(one for one in file.iterdir() if one.suffix.lower() in SUFFIXES) if file.is_dir() else [file]
    tables: list[Table] = []
    for one in files:
        tables += _tables(one, kind, faults, progress)
    wanted = check(tables, registry, faults, examples=examples)
    faults.finish()
    if not tables:
        raise ConfigError(f"{file}: holds no list" if language == "en" else f"{file}: 没有内容")
    return wanted


def _tables(file: Path, kind: Kind | None, faults: Faults, progress: Progress) -> Sequence[Table]:
    name = file.name
    try:
        if file.stat().st_size > LARGEST_BYTES:
            raise too_large()
        match file.suffix.lower():
            case ".xlsx" | ".xlsm":
                from coldchain.registry.reading_xlsx import read_xlsx

                return read_xlsx(file, name, kind, faults, progress)
            case ".csv" | ".txt":
                return read_csv(file, name, kind, faults, progress)
            case ".toml":
                return read_toml(decoded(file.read_bytes()), name, faults)
        said = (
            f"应为 {'、'.join(SUFFIXES)};旧的 .xls 请另存为 .xlsx",
            f"{', '.join(SUFFIXES)} expected; save an old .xls as .xlsx",
        )
    except OSError as fault:
        said = f"无法读取: {fault.strerror}", f"cannot be read: {fault.strerror}"
    except Wrong as wrong:
        said = wrong.said
    faults.add(Place(name, "", 0), "", said)
    return []


def _named(table: str) -> Kind | None:
    kind = table_named(table) if table else None
    if table and kind is None:
        raise ConfigError(f"--table {table}: one of {', '.join(each.name for each in TABLES)} was expected")
    return kind
