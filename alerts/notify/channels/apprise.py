"""The long tail: whatever Apprise speaks. It is no dependency: installed apart, imported only where it is configured.

Apprise tells whether all of its addresses worked, nothing else. At some providers it takes a status 200 with an error
code in the body for success. Its log and its HTTP client's show addresses, which are secrets here: both are silenced.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
from typing import Protocol

from alerts.notify.channels.fitting import one_line
from alerts.notify.channels.port import Accepted, Answer, Later, Message
from coldchain.errors import ConfigError
from coldchain.notify_settings import AppriseChannel
from coldchain.secret import Secret

TALKATIVE = ("apprise", "urllib3")
"""Loggers that tell whole addresses, some of them only when they debug."""


class Notifies(Protocol):
    """What is used of ``apprise.Apprise``."""

    def add(self, servers: str) -> bool:
        """Take an address; False where it is none."""
        ...

    def notify(self, body: str, title: str) -> bool | None:
        """Send to all; blocks."""
        ...


class Apprise:
    """Some addresses; ``to`` is not looked at."""

    def __init__(self, settings: AppriseChannel, notifier: Notifies) -> None:
        self._timeout_s = settings.timeout_s
        self._notifier = notifier

    async def send(self, message: Message) -> Answer:
        """See `alerts.notify.channels.port.Channel`; what did not work may, so it is tried again."""
        body = "\n".join([*message.lines, *([message.link] if message.link else [])])
        try:
            async with asyncio.timeout(self._timeout_s):
                worked = await asyncio.to_thread(self._notifier.notify, body, one_line(message.title))
        except TimeoutError:
            return Later("apprise: no answer in time; whether it arrived is not known")
        except Exception as fault:  # plugins of many hands
            return Later(f"apprise: {type(fault).__name__}")
        return Accepted() if worked else Later("apprise: at least one of its addresses did not work")

    async def close(self) -> None:
        """See `alerts.notify.channels.port.Channel`; Apprise keeps nothing open."""


def notifier_of(urls: Secret) -> Notifies:
    """Return Apprise with some addresses, one a line.

    Raises:
        ConfigError: it is not installed, or an address is none; which one, by its line, never the address.
    """
    try:
        made: Notifies = importlib.import_module("apprise").Apprise()
    except ImportError:
        raise ConfigError("apprise is not installed: pip install apprise") from None
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    for number, line in enumerate(urls.reveal().splitlines(), start=1):
        if line.strip() and not made.add(line.strip()):
            raise ConfigError(f"line {number} is no address that Apprise knows")
    return made
