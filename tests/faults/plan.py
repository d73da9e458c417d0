"""Which fault comes when: drawn from a seed before anything starts, so that a run can be repeated and counted."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from coldchain.cli.chain import FIXED, MOBILE, SERVER, UPLINK_BROKER

CRASHES = {
    "after-spool-insert": (FIXED, MOBILE),
    "after-publish": (FIXED, MOBILE),
    "before-ledger-commit": (SERVER,),
    "after-commit-before-ack": (SERVER,),
    "during-projection": (SERVER,),
    "during-checkpoint": (SERVER,),
}
"""Named crash points and who passes them."""

HITS = (1, 1, 2, 5, 20)
STOP_S = (0.3, 0.6, 1.2)
PAUSE_S = (0.05, 0.2, 0.5)


class How(StrEnum):
    """What is done to a process."""

    KILL = "SIGKILL"
    STOP = "SIGSTOP"
    CRASH = "crash point"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        seconds: a stop's length.
        point, hits: of a crash point; the process ends when it gets there for the ``hits``-th time.
        pause_s: quiet after it.
    """

    how: How
    victim: str
    seconds: float = 0.0
    point: str = ""
    hits: int = 0
    pause_s: float = 0.2


def planned(seed: int, count: int) -> Iterator[Fault]:
    """Yield ``count`` faults; the first six pass every crash point once, the rest is chance."""
    chance = random.Random(seed)
    forced = list(CRASHES)[::-1]  # checkpoints are written while the history is judged: that one first
    for number in range(count):
        pause_s = chance.choice(PAUSE_S)
        if number < len(forced):
            point = forced[number]
            yield Fault(How.CRASH, chance.choice(CRASHES[point]), point=point, hits=1, pause_s=pause_s)
            continue
        dice = chance.random()
        if dice < 0.25:
            point = chance.choice([name for name in CRASHES if name != "during-checkpoint"])
            hits = chance.choice(HITS)
            yield Fault(How.CRASH, chance.choice(CRASHES[point]), point=point, hits=hits, pause_s=pause_s)
        else:
            victim = chance.choice((FIXED, MOBILE, UPLINK_BROKER, SERVER))
            how = How.STOP if dice > 0.8 else How.KILL
            yield Fault(how, victim, seconds=chance.choice(STOP_S), pause_s=pause_s)
