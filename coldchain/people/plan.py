"""The plan of who hears of what, in which order, over which channel: one change entry, replaced as a whole.

::

    alarm at an asset ─▶ the first chain that takes its kind ─▶ steps: after so many minutes, these roles, these ways
                     └─▶ rooms (group robots, webhooks) that want its site, kind and severity
"""

from __future__ import annotations

import msgspec

from coldchain.people.roles import Role

WAYS = ("wecom", "dingtalk", "feishu", "email", "sms", "voice")
"""How a person may be reached; each but the last two needs an address of its own, these take the telephone number."""

NO_ASSET = ("site", "server")
"""What a chain may take beside kinds of assets: what is of a site and no asset of it, and the server's own."""

WHEN = ("always", "open", "closed")
"""When a step counts: by the site's opening hours; a site that is closed for a time is closed all day."""


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step of a chain.

    Attributes:
        after_min: minutes after the alarm was told first (or again), unacknowledged.
        roles: whom to reach; all of them who are on call or on duty then.
        ways: in this order; the next one where the person has no address for it, or its provider does not take the
            message within `NotifyPlan.fallback_s`.
        ways_critical: instead of ``ways`` for a critical alarm; empty: the same.
        when: one of `WHEN`.
    """

    after_min: int
    roles: tuple[Role, ...]
    ways: tuple[str, ...]
    ways_critical: tuple[str, ...] = ()
    when: str = "always"


class Chain(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is asked one after another, for some kinds of assets.

    Attributes:
        kinds: ids of asset kinds; ``site`` for what is of no asset (gateways); ``server`` for the server's own. Empty:
            every kind.
        regions, sites: only there (in one of them); neither: everywhere. Chains are asked in their order and the first
            that fits counts, so the one for everything that is left stands last.
    """

    id: str
    steps: tuple[Step, ...]
    kinds: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()


class Room(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A group chat or another system that hears of alarms; nobody in it is asked to answer.

    Attributes:
        channel: name of a channel of the settings (``[notify.channels.NAME]``).
        severity: from this one on. ``kinds``, ``regions``, ``sites``: only of these; empty: all.
    """

    id: str
    channel: str
    language: str = "zh"
    severity: str = "warning"
    kinds: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()


class Digest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is told once a day: late-discovered and lesser alarms, work items, or that all is well.

    Attributes:
        at: ``07:30``, in each person's time zone.
        roles: who gets it, each of the sites that the role is for.
        quiet_days: also when there is nothing: a message that does not come says that something is wrong.
    """

    at: str
    roles: tuple[Role, ...]
    ways: tuple[str, ...]
    quiet_days: bool = True


class NotifyPlan(msgspec.Struct, frozen=True, tag="notify-plan", tag_field="put", forbid_unknown_fields=True):
    """Everything that the notifier goes by, beside people and the settings' channels.

    Attributes:
        group_wait_s: the first message of a receiver and a site waits so long for company; ``group_interval_s``: news
            of the same group; ``repeat_s``: an open, unacknowledged alarm is told again (Alertmanager's defaults, the
            first one shorter).
        person_messages in person_window_s: at most so many to a person, then one digest.
        fallback_s: a provider that did not take a message for so long: the person's next way is tried.
        drill_day: day of the month on which everybody who may be asked gets a message to confirm (报警演练); 0: never.
            ``drill_at``: when, ``10:00``, by the clock at home (`coldchain.people.calendar.HOME`).
    """

    chains: tuple[Chain, ...]
    rooms: tuple[Room, ...] = ()
    digests: tuple[Digest, ...] = ()
    group_wait_s: int = 10
    group_interval_s: int = 300
    repeat_s: int = 14_400
    person_messages: int = 5
    person_window_s: int = 600
    fallback_s: int = 120
    drill_day: int = 1
    drill_at: str = "10:00"
