"""A shop whose time passes: readings come minute by minute as they are measured, people act, the server restarts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alerts.holds import AnnunciationHook, always_in_service
from alerts.judge import Judge
from alerts.readmodel import AlarmReader
from coldchain.registry import AlarmAction, Change, LimitRule, Stage
from tests.alerts.support import MIDNIGHT_MS, MINUTE_MS, World, shop

WARM, COLD, HOT = 9.0, 4.0, 14.0
POINT = "cooler-0.air"
STAGED = LimitRule(POINT, 0, 8.0, 0.0, 600, 0.5, 120, stages=(Stage("critical", 12.0, None, 60, 1),))
"""On-delay 10 min to a warning from 8 °C, 1 min to critical from 12 °C, return delay 2 min."""


class Story(World):
    """Time stands still between the calls."""

    def __init__(self, folder: Path, *, annunciation: AnnunciationHook = always_in_service) -> None:
        self.annunciation = annunciation
        super().__init__(folder, now_ms=MIDNIGHT_MS)
        self.put(*shop(2), STAGED)
        self.settle()

    def open(self) -> Judge:
        self.judge = Judge(
            self.store, self.ledger, self.history, self.clock, self.decode, annunciation=self.annunciation
        )
        return self.judge

    @property
    def reader(self) -> AlarmReader:
        return AlarmReader(self.store.engine)

    def pass_minutes(self, count: int) -> None:
        """Let time pass without a word from any sensor."""
        self.clock.advance_sync(60.0 * count)
        self.received_ms = self.clock.now_ms()

    def say(self, celsius: float, count: int, probe: int = 0, *, judge: bool = True) -> None:
        """Let a probe say the same for some minutes, one reading a minute."""
        for _ in range(count):
            now_ms = self.clock.now_ms()
            self.send("gw", [(f"urn:p{probe}:t", now_ms, celsius)])
            self.pass_minutes(1)
        if judge:
            self.work()

    def work(self) -> None:
        """Let the server read what came and have its quiet moment."""
        self.catch_up()
        self.judge.idle()

    def stand(self, celsius: float, minutes: int, probe: int = 0) -> None:
        """Let a temperature stand, with a quiet moment of the server every ten minutes."""
        for _ in range(minutes // 10):
            self.say(celsius, 10, probe)

    def act(
        self,
        name: str,
        action: str,
        *,
        minutes: int | None = None,
        one_shot: bool = False,
        who: str = "小王",
        why: str = "看过了",
        judge: bool = True,
    ) -> None:
        """Let a person do something with an alarm."""
        now_ms = self.clock.now_ms()
        until_ms = None if minutes is None else now_ms + minutes * MINUTE_MS
        put = AlarmAction(name, action, now_ms, until_ms, one_shot)
        self.ledger.change([Change(put, who, why).encode()], now_ms)
        if judge:
            self.work()

    def alarms(self) -> list[dict[str, Any]]:
        """Return every alarm, the oldest first."""
        return sorted(self.reader.alarms(limit=500).items, key=lambda item: (str(item["onset"]), str(item["id"])))

    def newest(self) -> dict[str, Any]:
        return self.alarms()[-1]

    def state(self) -> str:
        return str(self.newest()["state"])

    def told(self) -> tuple[str, str]:
        """Return how and why the newest alarm is told."""
        return str(self.newest()["telling"]), str(self.newest()["telling_reason"])

    def steps(self, name: str | None = None) -> list[dict[str, Any]]:
        """Return the transitions of an alarm, of the newest without a name."""
        found = self.reader.alarm(name or self.newest()["id"])
        assert found is not None
        steps = found["transitions"]
        assert isinstance(steps, list)
        return steps

    def pages(self) -> int:
        """Return how many pages were decided so far."""
        with self.store.engine.connect() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM page").scalar_one())

    def count(self, key: str) -> int:
        return self.reader.counts(self.clock.now_ms())[key]
