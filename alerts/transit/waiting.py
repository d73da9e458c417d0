"""What waits to be judged again: of which there is news in the ledger that it was not judged with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Waiting:
    """Something that is judged whole, now and then.

    Attributes:
        since, news: ledger positions of the first and the newest news that it was not judged with; 0, 0: none.
        judged_s: steady time of its last judgement.
    """

    since: int = 0
    news: int = 0
    judged_s: float = float("-inf")

    @property
    def due(self) -> bool:
        """Whether there is news."""
        return self.since > 0

    def told(self, position: int) -> bool:
        """Take that an entry has news of it; say whether it is the first."""
        first = not self.due
        self.since, self.news = self.since or position, max(self.news, position)
        return first

    def judged(self, upto: int, now_s: float) -> None:
        """It was judged with everything up to a position."""
        self.since = upto + 1 if self.news > upto else 0
        self.judged_s = now_s
