"""People, duties, shifts, holidays and the plan: tables of the registry, and the looks into them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from coldchain.people.entries import Duty, Holiday, Person, Shift
from coldchain.people.plan import NotifyPlan
from coldchain.people.roles import Role

PEOPLE = (Person, Duty, Shift, Holiday, NotifyPlan)
"""Changes that say who is to hear of what, and nothing of readings."""

D = TypeVar("D", Duty, Shift)

Place = tuple[Role, str, str]
"""(role, site, region); both empty: everywhere."""


class People:
    """Tables of people; part of `coldchain.registry.fold.Registry`.

    Attributes:
        duties, shifts: by person, rising by start.
        holidays: by day.
        notify_plan: the last one; None: nobody wrote one, the built-in one holds.
    """

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.duties: dict[str, list[Duty]] = {}
        self.shifts: dict[str, list[Shift]] = {}
        self.holidays: dict[str, list[Holiday]] = {}
        self.notify_plan: NotifyPlan | None = None
        # who has or once had it; each look-up asks whether it still counts
        self._duty_at: dict[Place, set[str]] = {}
        self._shift_at: dict[Place, set[str]] = {}

    def lay_people(self, put: Person | Duty | Shift | Holiday | NotifyPlan) -> None:
        """Take one change."""
        match put:
            case Person():
                self.people[put.id] = put
            case Duty():
                _lay(self.duties, put)
                self._duty_at.setdefault(_place(put), set()).add(put.person)
            case Shift():
                _lay(self.shifts, put)
                self._shift_at.setdefault(_place(put), set()).add(put.person)
            case Holiday():
                days = [one for one in self.holidays.get(put.day, ()) if one.region != put.region]
                self.holidays[put.day] = sorted([*days, put], key=lambda one: one.region)
            case NotifyPlan():
                self.notify_plan = put

    def duties_in(self, role: Role, site: str, region: str) -> list[Duty]:
        """Return the duties of a role at exactly this place, of people who did not leave, by person and start."""
        there = self._known(self._duty_at.get((role, site, region), ()))
        return [one for who in there for one in self.duties[who] if _place(one) == (role, site, region)]

    def shifts_in(self, role: Role, site: str, region: str) -> list[Shift]:
        """Return the shifts of a role at exactly this place, of people who did not leave, by person and start."""
        there = self._known(self._shift_at.get((role, site, region), ()))
        return [one for who in there for one in self.shifts[who] if _place(one) == (role, site, region)]

    def holders_of(self, role: Role, at_ms: int) -> set[str]:
        """Return who has a role anywhere at a time or later, by duty or shift."""
        pieces: list[Duty | Shift] = [one for held in self.duties.values() for one in held]
        pieces += [one for held in self.shifts.values() for one in held]
        named = {one.person for one in pieces if one.role == role and (one.to_ms is None or one.to_ms > at_ms)}
        return set(self._known(named))

    def _known(self, persons: Iterable[str]) -> list[str]:
        return [who for who in sorted(persons) if who in self.people and self.people[who].state == "active"]


def _place(put: Duty | Shift) -> Place:
    return put.role, put.site, put.region


def _lay(known: dict[str, list[D]], put: D) -> None:
    """Put a piece among its person's; the same place and start replace."""
    pieces = {_key(piece): piece for piece in known.get(put.person, [])}
    pieces[_key(put)] = put
    known[put.person] = [pieces[key] for key in sorted(pieces)]


def _key(put: Duty | Shift) -> tuple[int, Place]:
    return put.from_ms, _place(put)
