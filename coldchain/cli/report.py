"""What the chain did, measured against the truth log: read back through the API, as an inspector would.

Lost, duplicated, mismatched come from comparing each reading; the expected alarms are folded from the truth in measured
order, which knows nothing of arrival, batches or restarts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
import numpy as np

from coldchain.batches import decode_batch
from coldchain.clock import parse_rfc3339
from coldchain.ledger.port import Kind
from coldchain.ledger.sql import SqlLedger
from firmware_sim.fleet import Fleet
from firmware_sim.truth import Truth, read_truth
from firmware_sim.verdict import Quarantined, Row, Verdict, compare

PAGE = 5_000
TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Episode:
    """An excursion as both sides of the comparison know it; times are ms UTC."""

    point: str
    rule: str
    onset_ms: int


@dataclass(frozen=True, slots=True)
class Report:
    """The demo's and the fault suites' result; see `ok`."""

    produced: int
    recorded: int
    lost: int
    duplicated: int
    mismatched: int
    misplaced: int
    invented: int
    quarantined: Mapping[str, int]
    alarms_expected: int
    alarms_raised: int
    alarms_missing: list[str]
    alarms_wrong: list[str]
    measured_to_recorded_p50_ms: float | None
    measured_to_recorded_p99_ms: float | None
    counters: Mapping[str, Mapping[str, int]]
    broken: list[str] = field(default_factory=list)
    examples: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether nothing was lost, doubled, altered, invented, and every alarm is as it must be."""
        faults = self.lost + self.duplicated + self.mismatched + self.misplaced + self.invented
        return self.produced > 0 and not (faults or self.broken or self.alarms_missing or self.alarms_wrong)

    def as_dict(self) -> dict[str, Any]:
        """Return it for a JSON file."""
        return {"ok": self.ok, **asdict(self)}


class Api:
    """The few calls that the comparison and the commands need; use as ``with``."""

    def __init__(self, base: str) -> None:
        self._client = httpx.Client(base_url=base, timeout=TIMEOUT_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str, **query: object) -> Any:
        """Return a JSON answer; a refusal raises."""
        answer = self._client.get(path, params={key: str(value) for key, value in query.items()})
        answer.raise_for_status()
        return answer.json()

    def file(self, path: str, **query: object) -> bytes:
        """Return an answer's bytes; a refusal raises."""
        answer = self._client.get(path, params={key: str(value) for key, value in query.items()})
        answer.raise_for_status()
        return answer.content

    def all(self, path: str, **query: object) -> Iterator[Any]:
        """Yield every item of a paged list."""
        cursor: str | None = None
        while True:
            page = self.get(path, limit=PAGE, **query, **({"cursor": cursor} if cursor else {}))
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return


def recorded_rows(api: Api, fleet: Fleet, from_: str, to: str) -> Iterator[Row]:
    """Yield everything that the API has of the fleet's points."""
    for point in fleet.points:
        for item in api.all(f"/api/v1/points/{point.id}/readings", **{"from": from_, "to": to}):
            value = item["said"]
            yield Row(
                point.channel,
                parse_rfc3339(item["measured_at"]),
                None if value is None else float(value),
                item["fault"],
                "sensor-clock" in item["quality"],
            )


def quarantined_rows(api: Api) -> Iterator[Quarantined]:
    """Yield what waits in quarantine and has a time."""
    for item in api.all("/api/v1/quarantine"):
        if item["measured_at"] is not None:
            yield Quarantined(item["channel"], parse_rfc3339(item["measured_at"]), item["reason"])


UNFORETOLD = (
    *("silence", "node-silence", "probes-silent", "server-deaf", "clock", "weak-cabinet", "correction-overdue"),
    *("late-arrival", "stopped", "off-route", "distance-over", "position-gap", "waiting-too-long"),
    *("arrival-warm", "age-at-loading", "age-at-receipt", "cooled-late"),
)
"""Rules that follow when something arrived, what was learnt by night, or where a vehicle drove: no truth about
temperatures can foretell them."""


def raised_episodes(api: Api) -> list[Episode]:
    """Return each excursion that has an alarm which is neither retracted nor merged; one twice stands twice."""
    return [
        Episode(item["point"], item["rule"], parse_rfc3339(item["onset"]))
        for item in api.all("/api/v1/alarms", state="all")
        if item["state"] not in ("retracted", "merged") and item["rule"] not in UNFORETOLD
    ]


def latencies_ms(ledger_file: Path, since_ms: int) -> list[int]:
    """Return received - measured of readings measured since a moment, from the ledger itself."""
    ledger = SqlLedger.open(ledger_file)
    found: list[int] = []
    position = 0
    while entries := ledger.read(position, 500):
        position = entries[-1].position
        for entry in entries:
            if entry.kind is Kind.BATCH:
                measured = decode_batch(entry).readings.measured_at_ms
                found += (entry.received_at_ms - measured[measured >= since_ms]).tolist()
    ledger.close()
    return found


def make_report(
    base: str, fleet: Fleet, truth_file: Path, expected: list[Episode], ledger_file: Path, live_since_ms: int
) -> Report:
    """Compare everything and return the result.

    Args:
        base: the server's address, ``http://127.0.0.1:8080``.
        expected: excursions that the truth holds; see `coldchain.cli.oracle`.
        live_since_ms: readings measured since then count for the latency.
    """
    truth: Truth = read_truth(truth_file)
    from_, to = "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"
    with Api(base) as api:
        verdict: Verdict = compare(truth, recorded_rows(api, fleet, from_, to), quarantined_rows(api))
        raised = raised_episodes(api)
        counters = api.get("/api/v1/health")["counters"]
    late = latencies_ms(ledger_file, live_since_ms)
    return Report(
        produced=verdict.produced,
        recorded=verdict.recorded,
        lost=verdict.lost,
        duplicated=verdict.duplicated,
        mismatched=verdict.mismatched,
        misplaced=verdict.misplaced,
        invented=verdict.invented,
        quarantined=verdict.quarantined_by_reason,
        alarms_expected=len(expected),
        alarms_raised=len(raised),
        alarms_missing=[str(episode) for episode in expected if episode not in raised],
        alarms_wrong=[str(e) for e in raised if e not in expected or raised.count(e) > 1],
        measured_to_recorded_p50_ms=float(np.percentile(late, 50)) if late else None,
        measured_to_recorded_p99_ms=float(np.percentile(late, 99)) if late else None,
        counters=counters,
        broken=list(verdict.broken),
        examples=verdict.examples,
    )
