"""Profiles on the screen: what is in force, each number with its source, and why a point would be judged by it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from coldchain.cli.profile import in_force, registry_of, since
from coldchain.cli.profile_words import SAID
from coldchain.clock import Clock
from coldchain.errors import ConfigError
from coldchain.profiles import (
    DEFAULT,
    JURISDICTIONS,
    Content,
    InForce,
    Jurisdiction,
    KindRules,
    Label,
    Product,
    Sourced,
    limits_in_force,
    version_of,
)
from coldchain.profiles.words import NAMES, STATUS_WORDS, STORAGE_WORDS, number, reason, word
from coldchain.registry.vocabulary import POSITIONS, word_of


def list_profiles(data: Path, clock: Clock, language: str) -> None:
    """Print a line a profile."""
    say, registry, now_ms = SAID[language], registry_of(data), clock.now_ms()
    head = ("id", "name", "storage", "condition", "life", "short", "version", "since")
    rows = [tuple(say[one] for one in head)]
    catalogue = in_force(registry, now_ms)
    for product in catalogue.products.values():
        limits = product.limits[DEFAULT]
        low, high = limits.target_low, limits.target_high
        condition = f"{'' if low is None else f'{low.value:g}'}…{'' if high is None else f'{high.value:g}'} °C"
        life = "–" if product.shelf_life is None else number(product.shelf_life)
        rows.append((
            product.id, getattr(product, language), word(STORAGE_WORDS, product.storage, language), condition, life,
            say["yes" if product.low_temperature_short_life else "no"], version_of(product),
            since(registry, product, now_ms, language),
        ))  # fmt: skip
    _print_table(rows)
    typer.echo()
    rules = [(say["id"], say["name"], say["version"], say["since"])]
    judged: list[Content] = [*catalogue.kinds.values(), *catalogue.trips.values()]
    for one in judged:
        rules.append((one.id, getattr(one, language), version_of(one), since(registry, one, now_ms, language)))
    _print_table(rules)


def show_profile(
    data: Path, clock: Clock, id_: str, language: str, *, jurisdiction: str = "", kind: str = "", position: str = "",
    label: str = "",
) -> None:  # fmt: skip
    """Print a profile's numbers with their sources; with a kind, what would be in force there and why.

    Raises:
        ConfigError: no such profile, kind or jurisdiction.
    """
    say, registry, now_ms = SAID[language], registry_of(data), clock.now_ms()
    catalogue = in_force(registry, now_ms)
    content = catalogue.products.get(id_) or catalogue.kinds.get(id_) or catalogue.trips.get(id_)
    if content is None:
        raise ConfigError(say["unknown"].format(id=id_))
    chosen_set = _jurisdiction(jurisdiction)
    held_since = since(registry, content, now_ms, language)
    typer.echo(f"{getattr(content, language)} ({content.id}) · {say['version']} {version_of(content)} · {held_since}")
    if note := getattr(content, f"note_{language}"):
        typer.echo(note)
    if kind or position or label:
        if not isinstance(content, Product):
            raise ConfigError(say["product only"])
        rules = catalogue.kinds.get(kind or "glass-door-cooler")
        if rules is None:
            raise ConfigError(say["kind"].format(kind=kind, known=", ".join(catalogue.kinds)))
        _print_in_force(
            limits_in_force(content, rules, position or "product", chosen_set, _label(label, say)), language
        )
    else:
        _print_numbers(content, language, jurisdiction and chosen_set)
    typer.echo(say["estimate"])


def _jurisdiction(asked: str) -> Jurisdiction:
    for known in JURISDICTIONS:
        if known == (asked or DEFAULT).upper():
            return known
    raise ConfigError(f"--jurisdiction {asked}: {', '.join(JURISDICTIONS)}")


def _label(text: str, say: dict[str, str]) -> Label | None:
    """Return a label's condition from ``2..6``, None from nothing."""
    if not text:
        return None
    low, dots, high = text.partition("..")
    try:
        ends = [float(end) if end.strip() else None for end in (low, high)]
    except ValueError:
        ends = []
    if not dots or not any(end is not None for end in ends):
        raise ConfigError(say["label"].format(label=text))
    return Label(ends[0], ends[1], f"{low}…{high} °C")


# -- printing -------------------------------------------------------------------------------------------------


def _print_numbers(content: Content, language: str, only: str) -> None:
    say = SAID[language]
    if isinstance(content, Product):
        short = say["yes" if content.low_temperature_short_life else "no"]
        typer.echo(f"{word(STORAGE_WORDS, content.storage, language)} · {say['short']}: {short}")
    rows = _rows(content, language)
    if isinstance(content, Product):
        for name, limits in content.limits.items():
            if not only or name == only:
                rest = "" if name == DEFAULT else say["rest"]
                rows += [(f"[{name}]", "", "", rest), *_rows(limits, language)]
    if isinstance(content, KindRules):
        rows += [
            _row(word_of(POSITIONS, position, language), kelvin, language)
            for position, kelvin in content.positions.items()
        ]
        rows += [
            (word_of(POSITIONS, position, language), "–", "", say["information"]) for position in content.information
        ]
    _print_table(rows)


def _rows(shape: object, language: str) -> list[tuple[str, ...]]:
    named = ((name, getattr(shape, name)) for name in getattr(shape, "__struct_fields__", ()))
    return [_row(name, value, language) for name, value in named if isinstance(value, Sourced)]


def _row(name: str, value: Sourced, language: str) -> tuple[str, ...]:
    return word(NAMES, name, language), number(value), word(STATUS_WORDS, value.status, language), value.source


def _print_in_force(force: InForce, language: str) -> None:
    typer.echo(force.rule)
    if not force.judged:
        typer.echo(SAID[language]["information"])
    numbers = {**force.limits, **force.timing}
    _print_table([
        (word(NAMES, name, language), number(one), word(STATUS_WORDS, one.status, language), reason(one, language),
         one.source)
        for name, one in numbers.items()
    ])  # fmt: skip


def _print_table(rows: Sequence[tuple[str, ...]]) -> None:
    """Print columns; a Chinese character is two wide."""
    widths = [max(_width(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
        typer.echo("  ".join(cells).rstrip())


def _width(text: str) -> int:
    return sum(2 if ord(sign) > 0x2E7F else 1 for sign in text)
