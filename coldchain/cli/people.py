"""People on the screen: from the ledger alone, beside a running server or without one."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import typer

from coldchain.cli.columns import columns
from coldchain.cli.entries import opened_ledger
from coldchain.clock import Clock
from coldchain.errors import ConfigError
from coldchain.people import ROLE_WORDS, WAYS, Duty, Person, Role, Shift
from coldchain.people.calendar import is_open, local_at
from coldchain.people.forms import ROLES
from coldchain.people.rota import Address, addresses_of, on_duty, places_of
from coldchain.people.words import WAY_WORDS
from coldchain.registry import Registry, registry_at
from coldchain.registry.forms import Instant
from coldchain.registry.hints import did_you_mean
from coldchain.registry.tables import BY_NAME
from coldchain.registry.vocabulary import code_of

_HEADS = {
    "zh": ("人员", "姓名", "语言", "角色", "联系方式"),
    "en": ("person", "name", "language", "roles", "reached by"),
}

_SAID = {
    "zh": {
        "none": "没有登记的人员符合条件",
        "unknown": "没有 {what} {id}",
        "person": "人员", "site": "网点", "role": "角色",
        "everywhere": "各处", "always": "全天",
        "nobody": "–",
        "open": "营业中", "closed": "不在营业时间",
        "duty": "职责", "shift": "值班",
        "since": "自始", "ever": "至今",
        "no address": "没有联系方式",
    },
    "en": {
        "none": "nobody on file fits",
        "unknown": "there is no {what} {id}",
        "person": "person", "site": "site", "role": "role",
        "everywhere": "everywhere", "always": "always",
        "nobody": "–",
        "open": "open", "closed": "closed",
        "duty": "duty", "shift": "on call",
        "since": "from the beginning", "ever": "until further notice",
        "no address": "no address",
    },
}  # fmt: skip


def registry_of(data: Path, language: str) -> Registry:
    """Return what a folder's ledger says.

    Raises:
        ConfigError: there is none.
    """
    with opened_ledger(data, language) as ledger:
        return registry_at(ledger, ledger.end())


def list_people(data: Path, clock: Clock, role: str, site: str, language: str) -> None:
    """Print a line a person."""
    say, registry, now_ms = _SAID[language], registry_of(data, language), clock.now_ms()
    wanted = role_named(role, language) if role else None
    places = set(places_of(registry, known_site(registry, site, language))) if site else None
    rows = []
    for person in sorted(registry.people.values(), key=lambda one: one.id):
        held = [one for one in _pieces(registry, person.id) if one.to_ms is None or one.to_ms > now_ms]
        fits = [
            one
            for one in held
            if (wanted is None or one.role == wanted) and (places is None or (one.site, one.region) in places)
        ]
        if person.state == "active" and (fits or not (role or site)):
            said = "; ".join(dict.fromkeys(f"{role_word(one.role, language)} {_where(one, say)}" for one in fits))
            rows.append((person.id, person.name, person.language, said or "–", reached_by(person, language)))
    if not rows:
        typer.echo(say["none"])
        return
    for line in columns([_HEADS[language], *rows]):
        typer.echo(line)


def show_person(data: Path, id_: str, language: str) -> None:
    """Print everything that is on file of a person."""
    say, registry = _SAID[language], registry_of(data, language)
    person = registry.people.get(id_)
    if person is None:
        raise _unknown("person", id_, registry.people, language)
    for field in BY_NAME["person"].fields:
        value = getattr(person, field.name)
        if value:
            typer.echo(f"{field.heading(language)}: {field.form.write(value, language)}")
    for piece in _pieces(registry, id_):
        what = say["duty" if isinstance(piece, Duty) else "shift"]
        from_ = Instant().write(piece.from_ms, language) if piece.from_ms else say["since"]
        to = say["ever"] if piece.to_ms is None else Instant().write(piece.to_ms, language)
        hours = (piece.hours or say["always"]) if isinstance(piece, Duty) else ""
        line = f"{what}: {role_word(piece.role, language)} {_where(piece, say)} {hours}".rstrip()
        typer.echo(f"{line} ({from_} … {to})")


def print_on_duty(data: Path, site: str, role: str, at_ms: int, language: str) -> None:
    """Print who answers for a site at a time; without a role, in each that anybody has for it."""
    say, registry = _SAID[language], registry_of(data, language)
    known = registry.sites[known_site(registry, site, language)]
    wanted = [role_named(role, language)] if role else list(Role)
    local = local_at(known.timezone, at_ms)
    state = say["open" if is_open(registry, site, at_ms) else "closed"]
    typer.echo(f"{known.name} ({site}) {local:%Y-%m-%d %H:%M} {known.timezone}, {state}")
    rows = []
    for one in wanted:
        people = on_duty(registry, one, site, at_ms)
        rows += [(role_word(one, language), who.id, who.name, reached_by(who, language)) for who in people]
        if not people and (role or _anybody(registry, one, site)):
            rows.append((role_word(one, language), say["nobody"], "", ""))
    for line in columns(rows) if rows else [say["none"]]:
        typer.echo(line)


def role_named(said: str, language: str) -> Role:
    """Return the role of a word.

    Raises:
        ConfigError: there is none.
    """
    code = code_of(ROLES, said)
    if code is None:
        raise _unknown("role", said, list(ROLES), language)
    return Role(code)


def known_site(registry: Registry, site: str, language: str) -> str:
    """Return the id of a site that is known.

    Raises:
        ConfigError: it is not.
    """
    if site not in registry.sites:
        raise _unknown("site", site, registry.sites, language)
    return site


def role_word(role: Role, language: str) -> str:
    """Return a role's word."""
    return ROLE_WORDS[role][0 if language == "zh" else 1]


def address_words(addresses: tuple[Address, ...], language: str) -> str:
    """Return ways with their addresses, in order."""
    place = 0 if language == "zh" else 1
    return " → ".join(f"{WAY_WORDS[way][place]} {address}" for way, address in addresses)


def reached_by(person: Person, language: str) -> str:
    """Return how a person is reached in any way; a telephone number stands once."""
    ways = tuple(way for way in WAYS if way != "voice")
    return address_words(addresses_of(person, ways), language) or _SAID[language]["no address"]


def _pieces(registry: Registry, person: str) -> Iterator[Duty | Shift]:
    yield from registry.duties.get(person, ())
    yield from registry.shifts.get(person, ())


def _anybody(registry: Registry, role: Role, site: str) -> bool:
    places = places_of(registry, site)
    return any(registry.duties_in(role, *place) or registry.shifts_in(role, *place) for place in places)


def _where(piece: Duty | Shift, say: dict[str, str]) -> str:
    return piece.site or piece.region or say["everywhere"]


def _unknown(what: str, id_: str, known: Collection[str], language: str) -> ConfigError:
    say, near = _SAID[language], did_you_mean(id_, known)
    said = say["unknown"].format(what=say[what], id=id_)
    return ConfigError(said + near[0 if language == "zh" else 1])
