"""What a provider's error code means to whoever queues: the tables stand beside each provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from alerts.notify.channels.port import Broken, Later, Refused


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes of one provider by what they mean; a code that stands nowhere is a refusal.

    Attributes:
        later: too much at once, or its own trouble.
        broken: key, robot, app, address or balance.
        stale: the access token; fetch another one, once.
        pauses_s: how long a code of ``later`` lasts, seconds, where the provider documents it.
    """

    later: frozenset[int | str]
    broken: frozenset[int | str]
    stale: frozenset[int | str] = frozenset()
    pauses_s: Mapping[int | str, float] = field(default_factory=dict)

    def answer(self, code: int | str, why: str, after_s: float | None = None) -> Later | Refused | Broken:
        """Return what to answer for a code that is no success.

        Args:
            after_s: what the reply itself says; it goes before the table.
        """
        if code in self.later:
            return Later(why, after_s if after_s is not None else self.pauses_s.get(code))
        return Broken(why) if code in self.broken or code in self.stale else Refused(why)
