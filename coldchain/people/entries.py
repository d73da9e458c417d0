"""Who is to be reached, in which role, for what, and when: change entries of the registry.

::

    Person ◀── Duty: a role at a site, in a region, or everywhere     (who answers as a rule)
           ◀── Shift: on call in that role for a time                 (goes before the duties)
    Holiday: days off, and days worked instead (调休)
"""

from __future__ import annotations

import msgspec

from coldchain.people.roles import Role

LANGUAGES = ("zh", "en")

PERSON_STATES = ("active", "left")


class Person(msgspec.Struct, frozen=True, tag="person", tag_field="put"):
    """Somebody whom messages reach.

    Attributes:
        phone: for text messages and calls; digits, with ``+`` and country code outside China.
        wecom, dingtalk, feishu: user id in the company's account there.
        language: one of `LANGUAGES`; in which messages come.
        quiet: ``22:00-07:00``, in ``timezone``: only critical alarms come then; empty: never quiet.
        state: one of `PERSON_STATES`; nobody who left is reached.
    """

    id: str
    name: str
    phone: str = ""
    email: str = ""
    wecom: str = ""
    dingtalk: str = ""
    feishu: str = ""
    language: str = "zh"
    timezone: str = "Asia/Shanghai"
    quiet: str = ""
    state: str = "active"


class Duty(msgspec.Struct, frozen=True, tag="duty", tag_field="put"):
    """A person has a role at a site, in a region and those inside it, or everywhere, in [from, to).

    The same person, role, site, region and ``from_ms`` replace (that is how one is ended).

    Attributes:
        site, region: at most one of them; neither: everywhere.
        hours: when the person is there, ``mon-fri 08:00-20:00, sat 09:00-13:00`` (`coldchain.people.hours`); days are
            ``mon`` … ``sun``, ``workday`` and ``holiday``; in the time zone of the site asked for. Empty: always.
    """

    person: str
    role: Role
    from_ms: int = 0
    to_ms: int | None = None
    site: str = ""
    region: str = ""
    hours: str = ""


class Shift(msgspec.Struct, frozen=True, tag="shift", tag_field="put"):
    """A person is on call (值班) in a role from (included) to (excluded), for a site, a region or everywhere.

    While somebody is on call in a role for a place, the duties of that role and place are not asked.
    """

    person: str
    role: Role
    from_ms: int
    to_ms: int
    site: str = ""
    region: str = ""


HOLIDAY_KINDS = ("off", "work")


class Holiday(msgspec.Struct, frozen=True, tag="holiday", tag_field="put"):
    """A day that is not as its weekday says.

    Attributes:
        day: ``2027-02-06``, as the calendar of the site shows.
        kind: ``off``, or ``work`` for a day at the weekend that is worked (调休).
        region: only there and in what lies inside it; the nearest one counts. Empty: everywhere.
    """

    day: str
    kind: str = "off"
    name: str = ""
    region: str = ""


class Told(msgspec.Struct, frozen=True, tag="told", tag_field="put"):
    """A provider accepted a message to somebody; nothing of the registry. One that comes again says nothing new.

    Attributes:
        key: the message's; parts of a long one have the same. ``part``: from 0.
        receiver: ``person:…`` or ``room:…``. ``way``: one of `coldchain.people.WAYS`, or ``room``.
        kind: ``alarm``, ``recovery``, ``digest``, ``test``.
        at_ms: when it was accepted, server's time.
        alarms: (alarm, ordinal of its transition) that it tells of.
    """

    key: str
    part: int
    receiver: str
    way: str
    kind: str
    at_ms: int
    alarms: tuple[tuple[str, int], ...]


class DrillConfirmed(msgspec.Struct, frozen=True, tag="drill-confirmed", tag_field="put"):
    """A person confirmed the message of an alarm drill (报警演练); nothing of the registry.

    Attributes:
        key: the message's. ``person``: whose it was.
        sent_ms, at_ms: when it was made, and when it was confirmed, server's time.
    """

    key: str
    person: str
    sent_ms: int
    at_ms: int
