"""Access tokens: fetched when the first message needs one, kept until they expire, fetched again once when refused.

::

    send ──▶ with_token ──token──▶ post ──▶ Answer
                 ▲                   └──Stale──▶ another token, post once more; Stale again is Broken
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from alerts.notify.channels.port import Answer, Broken, Later, Refused
from coldchain.clock import Clock
from coldchain.secret import Secret

MARGIN_S = 300.0
"""A token is fetched anew so long before it expires: clocks differ, and a message takes its time."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A token. ``lasts_s``: as the provider says, seconds."""

    token: Secret
    lasts_s: float


@dataclass(frozen=True, slots=True)
class Stale:
    """The provider does not take the token any more."""

    why: str


Fetch = Callable[[], Awaitable[Fetched | Later | Refused | Broken]]
Post = Callable[[Secret], Awaitable[Answer | Stale]]


class Tokens:
    """The token of one account; many messages at once fetch it once."""

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = asyncio.Lock()
        self._kept: Secret | None = None
        self._until_s = 0.0

    async def with_token(self, post: Post) -> Answer:
        """Post with a token, and once more with a fresh one if the first is refused."""
        token = await self._token(None)
        if not isinstance(token, Secret):
            return token
        answer = await post(token)
        if not isinstance(answer, Stale):
            return answer
        token = await self._token(token)
        if not isinstance(token, Secret):
            return token
        answer = await post(token)
        return Broken(f"{answer.why}: the token was fetched just now") if isinstance(answer, Stale) else answer

    async def _token(self, refused: Secret | None) -> Secret | Later | Refused | Broken:
        async with self._lock:
            if self._kept is None or self._kept is refused or self._clock.monotonic_s() >= self._until_s:
                fetched = await self._fetch()
                if not isinstance(fetched, Fetched):
                    return fetched
                self._kept = fetched.token
                self._until_s = self._clock.monotonic_s() + max(0.0, fetched.lasts_s - MARGIN_S)
            return self._kept
