"""A profile file's way into the ledger and out of it: all or none, effective from now on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import typer

from coldchain.cli.profile_words import SAID
from coldchain.clock import Clock, parse_rfc3339, rfc3339
from coldchain.custody import TRIP_KINDS
from coldchain.errors import ConfigError
from coldchain.ledger.sql import SqlLedger
from coldchain.profiles import (
    Catalogue,
    Content,
    KindRules,
    Product,
    TripRules,
    builtin,
    read_file,
    text_of,
    version_of,
)
from coldchain.profiles.difference import Changed, compare, unsourced
from coldchain.registry import Change, Profile, Registry, registry_at


def export_profiles(data: Path, clock: Clock, file: Path | None, language: str) -> None:
    """Write what is in force as a file that imports again with nothing to do; to the screen without a file."""
    catalogue = in_force(registry_of(data), clock.now_ms())
    text = text_of(catalogue.contents)
    if file is None:
        typer.echo(text, nl=False)
        return
    try:
        file.write_text(text, "utf-8")
    except OSError as fault:
        raise ConfigError(f"{file}: {fault.strerror}") from fault
    typer.echo(SAID[language]["exported"].format(file=file, n=len(catalogue.contents)))


def import_profiles(
    data: Path, clock: Clock, file: Path, language: str, *, from_: str | None, who: str, why: str, dry_run: bool,
    yes: bool,
) -> None:  # fmt: skip
    """Read a file, show what it changes, and write that in one transaction, effective from now or later.

    Raises:
        ConfigError: every fault of the file at once, a time in the past, or no ledger to write to.
    """
    say = SAID[language]
    at_ms = _effective(from_, clock, say)
    try:
        wanted = read_file(file, language)
    except ConfigError as fault:
        raise ConfigError([*fault.faults, say["faults"].format(n=len(fault.faults))]) from fault
    with _ledger(data) as ledger:
        registry = Registry() if ledger is None else registry_at(ledger, ledger.end())
        found = compare(wanted, lambda content: _held(registry, content, at_ms))
        if not found:
            typer.echo(say["nothing"].format(n=len(wanted.contents)))
            return
        stale = [
            say["unsourced"].format(file=file.name, id=one.after.id, key=key, old=old, new=new)
            for one in found
            for key, old, new in unsourced(one)
        ]
        if stale:
            raise ConfigError([*stale, say["faults"].format(n=len(stale))])
        _print_difference(found, say)
        for profile in _planned(registry, found, at_ms):
            typer.echo(say["until"].format(id=profile.id, at=rfc3339(profile.effective_from_ms)))
        if dry_run:
            typer.echo(say["planned"].format(n=len(found), at=rfc3339(at_ms)))
            return
        if ledger is None:
            raise ConfigError(say["no ledger"].format(folder=data))
        if not (yes or typer.confirm(say["confirm"])):
            typer.echo(say["left"])
            return
        now_ms = clock.now_ms()
        at_ms = max(at_ms, now_ms)  # the time that a person took to answer is not the past
        changes = [Change(Profile(at_ms, one.after), who, why) for one in found]
        ledger.change([change.encode() for change in changes], now_ms)
    typer.echo(say["written"].format(n=len(found), at=rfc3339(at_ms)))


def _effective(from_: str | None, clock: Clock, say: dict[str, str]) -> int:
    now_ms = clock.now_ms()
    if from_ is None:
        return now_ms
    try:
        at_ms = parse_rfc3339(from_)
    except ValueError as fault:
        raise ConfigError(f"--from {from_}: {fault}; write 2026-11-23T10:00:00+08:00") from fault
    if at_ms < now_ms:
        raise ConfigError(say["past"].format(at=from_))
    return at_ms


def _planned(registry: Registry, found: Iterable[Changed], at_ms: int) -> Iterator[Profile]:
    """Yield the version planned for later that ends each of the new ones."""
    for one in found:
        versions = registry.products if isinstance(one.after, Product) else registry.kind_rules
        later = [profile for profile in versions.get(one.after.id, []) if profile.effective_from_ms > at_ms]
        yield from later[:1]


def _print_difference(found: Iterable[Changed], say: dict[str, str]) -> None:
    for one in found:
        what = say["new" if one.before is None else "changed"]
        before = "" if one.before is None else f"{version_of(one.before)} → "
        typer.echo(f"{'+' if one.before is None else '~'} {one.after.id} {what}: {before}{version_of(one.after)}")
        for key, old, new in one.lines if one.before is not None else ():
            typer.echo(f"    {key}: {old or '–'} → {new or '–'}")


# -- what is in force -----------------------------------------------------------------------------------------


@contextmanager
def _ledger(data: Path) -> Iterator[SqlLedger | None]:
    """Give the ledger of a folder; None, and nothing is made, where there is none."""
    if not (data / "ledger.db").exists():
        yield None
        return
    with closing(SqlLedger.open(data / "ledger.db")) as ledger:
        yield ledger


def registry_of(data: Path) -> Registry:
    """Return what a folder's ledger says; an empty registry where there is none."""
    with _ledger(data) as ledger:
        return Registry() if ledger is None else registry_at(ledger, ledger.end())


def _held(registry: Registry, content: Content, at_ms: int) -> Content | None:
    match content:
        case Product():
            return registry.product_at(content.id, at_ms)
        case KindRules():
            return registry.kind_rules_at(content.id, at_ms)
        case TripRules():
            return registry.trip_rules_at(content.id, at_ms)


def in_force(registry: Registry, at_ms: int) -> Catalogue:
    """Return every profile in force at a time."""
    products = {id_: registry.product_at(id_, at_ms) for id_ in {**builtin().products, **registry.products}}
    kinds = {id_: registry.kind_rules_at(id_, at_ms) for id_ in {**builtin().kinds, **registry.kind_rules}}
    return Catalogue(
        {id_: one for id_, one in products.items() if one is not None},
        {id_: one for id_, one in kinds.items() if one is not None},
        {id_: registry.trip_rules_at(id_, at_ms) for id_ in TRIP_KINDS},
    )


def since(registry: Registry, content: Content, at_ms: int, language: str) -> str:
    """Return from when a profile holds: a time, or that the program brought it."""
    versions = registry.versions_of(content).get(content.id, [])
    started = [one.effective_from_ms for one in versions if one.effective_from_ms <= at_ms]
    return rfc3339(started[-1]) if started else SAID[language]["built-in"]
