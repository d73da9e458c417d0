"""Dead-man's switch: an address outside is asked every minute while all is well, and tells people when that ends.

Nothing inside can tell that the machine is off, so silence is the message. It is not asked while something here stands:
whoever watches it learns of that as well.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from alerts.notify.channels.wire import Reply, Wire
from coldchain.clock import Clock
from coldchain.secret import Secret

EVERY_S = 60.0
"""Services that take heartbeats expect one in 1 to 5 min (healthchecks.io: the shortest period is one minute)."""

log = structlog.get_logger()


class Heartbeat:
    """Beats.

    Args:
        url: a secret of its own: who knows it can keep the watcher quiet.
        healthy: why all is not well; empty: it is.
    """

    def __init__(self, url: Secret, wire: Wire, healthy: Callable[[], str], clock: Clock) -> None:
        self._url = url
        self._wire = wire
        self._healthy = healthy
        self._clock = clock
        self.beats = 0

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            await self.beat()
            await self._clock.sleep(EVERY_S)

    async def beat(self) -> None:
        """Ask the address once, if all is well."""
        wrong = self._healthy()
        if wrong:
            log.error("heartbeat.held_back", why=wrong)
            return
        answer = await self._wire.ask("GET", self._url.reveal())
        if isinstance(answer, Reply) and answer.status < 300:
            self.beats += 1
            return
        why = f"status {answer.status}" if isinstance(answer, Reply) else answer.why
        log.warning("heartbeat.not_taken", why=why, remedy="see notify.heartbeat_file in the settings")
