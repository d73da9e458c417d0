"""People: who is reached, in which role, when, and by which plan."""

from coldchain.people.entries import (
    HOLIDAY_KINDS,
    LANGUAGES,
    PERSON_STATES,
    DrillConfirmed,
    Duty,
    Holiday,
    Person,
    Shift,
    Told,
)
from coldchain.people.plan import NO_ASSET, WAYS, WHEN, Chain, Digest, NotifyPlan, Room, Step
from coldchain.people.roles import ROLE_WORDS, Role

__all__ = [
    "HOLIDAY_KINDS",
    "LANGUAGES",
    "NO_ASSET",
    "PERSON_STATES",
    "ROLE_WORDS",
    "WAYS",
    "WHEN",
    "Chain",
    "Digest",
    "DrillConfirmed",
    "Duty",
    "Holiday",
    "NotifyPlan",
    "Person",
    "Role",
    "Room",
    "Shift",
    "Step",
    "Told",
]
