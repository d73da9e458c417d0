"""A shop with a judge, a notifier and people: what they were told, minute by minute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from alerts.notify.channels.port import Accepted, Answer, Message
from alerts.notify.composing import Composing
from alerts.notify.digest_words import DigestWords, DrillWords
from alerts.notify.digests import Digests
from alerts.notify.directory import Reader, Receiver, Route
from alerts.notify.drills import Drills
from alerts.notify.notices import Outbox
from alerts.notify.notifier import Notifier
from alerts.notify.recording import Recording
from alerts.notify.sending import Sending
from alerts.notify.store import NotifyStore
from alerts.store import AlertStore
from coldchain.people import Chain, Digest, NotifyPlan, Role, Step, Told
from coldchain.registry import CurrentRegistry, decode_change
from tests.alerts.story import Story
from tests.alerts.support import DAY_MS

HOUR_MS = 3_600_000
PLAN = NotifyPlan(
    (
        Chain(
            "coolers",
            (
                Step(0, (Role.CLERK,), ("wecom", "sms")),
                Step(20, (Role.STORE_MANAGER,), ("wecom", "sms")),
                Step(45, (Role.AREA_MANAGER,), ("sms",)),
            ),
        ),
    ),
    digests=(Digest("07:30", (Role.QUALITY,), ("email",)),),
)


@dataclass
class FakeDirectory:
    """One shop's people, by role; everybody has every way."""

    plan: NotifyPlan = PLAN
    people: dict[Role, list[str]] = field(
        default_factory=lambda: {Role.CLERK: ["li"], Role.STORE_MANAGER: ["wang"], Role.AREA_MANAGER: ["zhao"]}
    )
    drill_ms: int = 0
    readers_named: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    quiet: dict[str, int] = field(default_factory=dict)
    hours: dict[str, bool] = field(default_factory=lambda: {"always": True, "open": True, "closed": False})

    def steps(self, kind: str, site: str) -> Sequence[Step]:
        return self.plan.chains[0].steps

    def applies(self, step: Step, site: str, at_ms: int) -> bool:
        return self.hours[step.when]

    def asked(self, step: Step, site: str, at_ms: int) -> Sequence[str]:
        return [f"person:{name}" for role in step.roles for name in self.people.get(role, [])]

    def rooms(self, kind: str, site: str, severity: str) -> Sequence[str]:
        return [f"room:{name}" for name in self.groups]

    def receiver(self, name: str, step: Step | None, severity: str) -> Receiver | None:
        ways = ("room",) if step is None else step.ways
        kind, _, address = name.partition(":")
        known = kind == "room" or any(address in names for names in self.people.values())
        routes = tuple(Route(way, f"{way}-1", "" if way == "room" else address) for way in ways)
        return Receiver(name, "zh", "Asia/Shanghai", routes) if known else None

    def quiet_until(self, name: str, at_ms: int) -> int | None:
        until_ms = self.quiet.get(name, 0)
        return until_ms if at_ms < until_ms else None

    def readers(self) -> Sequence[Reader]:
        return [Reader(0, f"person:{name}", None) for name in self.readers_named]

    def digest_at(self, reader: Reader, after_ms: int) -> int:
        return (after_ms - 23 * HOUR_MS - 1800_000) // DAY_MS * DAY_MS + DAY_MS + 23 * HOUR_MS + 1800_000

    def digest_routes(self, reader: Reader) -> Receiver | None:
        return Receiver(reader.receiver, "zh", "Asia/Shanghai", (Route("email", "room-1", "a@b.example"),))

    def drill_at(self, after_ms: int) -> int:
        return self.drill_ms if after_ms < self.drill_ms else 0

    def drilled(self) -> Sequence[Receiver]:
        names = dict.fromkeys(name for names in self.people.values() for name in names)
        found = (self.receiver(f"person:{name}", PLAN.chains[0].steps[0], "") for name in names)
        return [receiver for receiver in found if receiver is not None]

    def kind_of(self, asset: str) -> str:
        return "glass-door-cooler"


class FakeChannel:
    """A provider: what it accepted, and what it answers (the last answer goes on)."""

    def __init__(self) -> None:
        self.answers: list[Answer] = [Accepted("ref")]
        self.accepted: list[Message] = []
        self.tried: list[Message] = []

    async def send(self, message: Message) -> Answer:
        self.tried.append(message)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Accepted):
            self.accepted.append(message)
        return answer

    async def close(self) -> None:
        pass


class NotifyDesk(Story):
    """The story of a shop whose people are told."""

    def __init__(self, folder: Path) -> None:
        self.directory = FakeDirectory()
        self.notes: NotifyStore = None  # type: ignore[assignment]  # until the first start
        self.channels = {name: FakeChannel() for name in ("wecom-1", "sms-1", "room-1")}
        self.budgets: dict[str, int] = {}
        super().__init__(folder)
        self.start_notifier()

    def start_notifier(self) -> None:
        """Start, or start again: nothing of the notifier lives in memory."""
        if self.notes is not None:
            self.notes.close()
        self.notes = NotifyStore.open(self.folder / "notify.db")
        outbox = Outbox(self.store.engine)
        registry = CurrentRegistry(self.ledger, self.clock)
        composing = Composing(registry, outbox.alarms, "https://cold.example", self.clock.now_ms)
        words = DigestWords(registry, "https://cold.example", self.clock.now_ms)
        drill_words = DrillWords(registry, "https://cold.example", self.clock.now_ms)
        self.sending = Sending(
            self.notes,
            self.channels,
            self.clock,
            lambda: self.directory.plan.fallback_s,
            lambda: 1.0,
            budgets=self.budgets,
        )
        self.recording = Recording(self.notes, self.ledger)
        self.notifier = Notifier(
            self.notes,
            outbox,
            lambda: self.directory,
            composing,
            lambda directory: Digests(directory, self.store.engine, words),
            lambda directory: Drills(directory, drill_words),
            self.sending,
            self.recording,
            self.clock,
        )

    def empty_alarms(self) -> None:
        """Judge the ledger again into an empty alarm store."""
        self.store.close()
        self.store = AlertStore.open(self.folder / f"alarms-{self.clock.now_ms()}.sqlite")
        self.open()
        self.work()
        self.start_notifier()

    def close(self) -> None:
        self.notes.close()
        super().close()

    def plan(self, **changes: object) -> None:
        """Change the plan."""
        self.directory.plan = msgspec.structs.replace(self.directory.plan, **changes)

    async def notify(self, seconds: float = 0.0, *, each_s: float = 5.0) -> None:
        """Let the notifier work for some time."""
        passed = 0.0
        while True:
            self.notifier.look()
            self.sending.start_due()
            await self.sending.landed()
            self.recording.record(self.clock.now_ms())
            if passed >= seconds:
                return
            self.clock.advance_sync(each_s)
            self.received_ms = self.clock.now_ms()
            passed += each_s

    def recorded(self) -> list[Told]:
        """Return what the ledger says of who was told."""
        entries = [decode_change(entry.raw).change for entry in self.ledger.changes(0, self.ledger.end())]
        return [put for put in entries if isinstance(put, Told)]

    def heard(self, channel: str = "wecom-1") -> list[tuple[str, str]]:
        """Return (who, title) of everything that a channel accepted."""
        return [(message.to, message.title) for message in self.channels[channel].accepted]
