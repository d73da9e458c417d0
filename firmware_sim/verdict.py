"""Truth against record, reading by reading: what was lost, doubled, altered or invented.

Pure: the harness reads the record wherever it can (API, series store, quarantine) and hands rows in.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from firmware_sim.expected import Expected
from firmware_sim.scenario import Expect
from firmware_sim.truth import Sent, Truth

QUARANTINED = "quarantined:"

CLOCK_SLACK_MS = 2_000
"""A gateway's trusted clock may be off by this (protocol: a clock is trusted after ≤ 2 s was confirmed)."""

EXAMPLES = 20

Identity = tuple[str, int]
Content = tuple[float | None, str | None]


@dataclass(frozen=True, slots=True)
class Row:
    """One reading as the record has it.

    Attributes:
        value: None where the probe said a word.
        by_arrival: its quality says ``sensor-clock``: the time is the time of arrival.
    """

    channel: str
    t_ms: int
    value: float | None = None
    word: str | None = None
    by_arrival: bool = False


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One reading that waits in quarantine."""

    channel: str
    t_ms: int
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The comparison's result; `clean` is the claim *nothing lost, nothing doubled, nothing altered*.

    Attributes:
        produced: identities in taken packs.
        recorded: of these, found in the record with the right content.
        lost: of these, found nowhere they belong.
        duplicated: rows beyond the first of one identity.
        mismatched: of the produced, found with another value or word.
        misplaced: recorded although quarantine was expected, or quarantined although the record was.
        invented: rows whose identity nobody ever sent.
        untaken: identities sent and never taken that are in the record all the same (allowed).
        repeated: arrivals by the gateway's clock beyond the sent ones (allowed: at-least-once by nature).
        quarantined_by_reason: produced identities found in quarantine as expected.
        broken: expectations of spans that the record breaks, one sentence each (`broken`).
        examples: kind of fault → the first few, for people.
    """

    produced: int
    recorded: int
    lost: int
    duplicated: int
    mismatched: int
    misplaced: int
    invented: int
    untaken: int
    repeated: int
    quarantined_by_reason: Mapping[str, int]
    broken: tuple[str, ...] = ()
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Say whether the record tells the truth, whole."""
        faults = self.lost or self.duplicated or self.mismatched or self.misplaced or self.invented
        return not (faults or self.broken)


def compare(truth: Truth, recorded: Iterable[Row], quarantined: Iterable[Quarantined] = ()) -> Verdict:
    """Compare a truth log with the record.

    A reading is known by (channel, measured time). Those of sensors with a wrong clock are known by channel and
    value and must lie at or after their sending, as their own time is not the record's.

    Args:
        truth: the log; *produced* are the readings of taken packs.
        recorded: every row that the record has of the fleet's channels, also fault words.
        quarantined: every reading in quarantine.
    """
    return _Comparison(truth, list(recorded), list(quarantined)).verdict()


def broken(truth: Truth, recorded: Iterable[Row]) -> tuple[str, ...]:
    """Return the expected spans that the record contradicts.

    Holes must be empty of what nobody sent, fault words and qualities must be there if the truth produced any of them.
    What a reading alone can say is `compare`'s; what rules must say of a ``suspect`` or ``washing`` span is a rule's
    test.
    """
    found = []
    by_channel: dict[str, list[Row]] = defaultdict(list)
    for row in recorded:
        by_channel[row.channel].append(row)
    ever = {(sent.channel, sent.t_ms) for sent in truth.sent}
    produced: dict[str, list[Sent]] = defaultdict(list)
    for sent in truth.produced():
        produced[sent.channel].append(sent)
    for item in truth.expected:
        sent_here = [sent for sent in produced[item.channel] if _within(item, sent.t_ms)]
        rows = [row for row in by_channel[item.channel] if _within(item, row.t_ms)]
        span = f"{item.channel}: from {item.from_ms} to {item.to_ms}"
        if item.expected == "hole" and any((row.channel, row.t_ms) not in ever for row in rows if not row.by_arrival):
            found.append(f"{span} a hole was expected")
        said = any(sent.word == item.word for sent in sent_here)
        if item.expected == "fault" and said and not any(row.word == item.word for row in rows):
            found.append(f"{span} nobody says {item.word!r}")
        late = any(sent.expect == item.word for sent in produced[item.channel])
        if item.expected == "quality" and late and not any(row.by_arrival for row in by_channel[item.channel]):
            found.append(f"{span} nothing has the quality {item.word!r}")
    return tuple(found)


def missing_episodes(truth: Truth, found: Iterable[tuple[str, str, int]]) -> list[Expected]:
    """Return the expected episodes that nobody found.

    Args:
        found: (point, ``high`` or ``low``, onset in ms UTC) of each, judged by the fleet file's own limits.
    """
    onsets = defaultdict(list)
    for point, word, onset_ms in found:
        onsets[point, word].append(onset_ms)
    episodes = [item for item in truth.expected if item.expected == "episode"]
    return [item for item in episodes if not any(_within(item, ms) for ms in onsets[item.point, item.word])]


def _within(item: Expected, at_ms: int) -> bool:
    return item.from_ms <= at_ms and (item.to_ms is None or at_ms < item.to_ms)


class _Comparison:
    def __init__(self, truth: Truth, recorded: list[Row], quarantined: list[Quarantined]) -> None:
        self._examples: dict[str, list[str]] = defaultdict(list)
        self._counts: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        at_their_time = {(row.channel, row.t_ms) for row in recorded if not row.by_arrival}

        def arrives(sent: Sent) -> bool:
            edge = sent.expect is Expect.CLOCK_EDGE and (sent.channel, sent.t_ms) not in at_their_time
            return edge or sent.expect is Expect.SENSOR_CLOCK

        timed = [sent for sent in truth.sent if not arrives(sent)]
        self._arriving = [sent for sent in truth.sent if arrives(sent)]
        self._taken, self._truth, self._recorded = truth.taken, truth, recorded
        self._ever = {(sent.channel, sent.t_ms) for sent in timed}
        self._produced = {(sent.channel, sent.t_ms): sent for sent in timed if sent.sent in truth.taken}
        self._rows: dict[Identity, list[Row]] = defaultdict(list)
        self._arrived: list[Row] = []
        for row in recorded:
            if row.by_arrival:
                self._arrived.append(row)
            else:
                self._rows[row.channel, row.t_ms].append(row)
        self._waiting: dict[Identity, str] = {(item.channel, item.t_ms): item.reason for item in quarantined}

    def verdict(self) -> Verdict:
        for identity, sent in self._produced.items():
            self._judge(identity, sent)
        for identity, rows in self._rows.items():
            self._count("duplicated", f"{identity} {len(rows)} rows", len(rows) - 1)
            if identity not in self._ever:
                self._count("invented", f"{identity}")
            elif identity not in self._produced:
                self._counts["untaken"] += 1
        self._match_arrivals()
        counts = self._counts
        return Verdict(
            broken=broken(self._truth, self._recorded),
            produced=len(self._produced) + counts["arriving"],
            recorded=counts["recorded"],
            lost=counts["lost"],
            duplicated=counts["duplicated"],
            mismatched=counts["mismatched"],
            misplaced=counts["misplaced"],
            invented=counts["invented"],
            untaken=counts["untaken"],
            repeated=counts["repeated"],
            quarantined_by_reason=dict(self._reasons),
            examples={kind: tuple(lines) for kind, lines in self._examples.items()},
        )

    def _judge(self, identity: Identity, sent: Sent) -> None:
        rows, reason = self._rows.get(identity), self._waiting.get(identity)
        if sent.expect.startswith(QUARANTINED):
            wanted = sent.expect.removeprefix(QUARANTINED)
            if rows is not None:
                self._count("misplaced", f"{identity} recorded, {sent.expect} expected")
            elif reason is None:
                self._count("lost", f"{identity} {sent.expect} expected")
            elif reason == wanted:
                self._reasons[reason] += 1
            else:
                self._count("misplaced", f"{identity} quarantined:{reason}, {sent.expect} expected")
        elif rows is None:
            kind = "lost" if reason is None else "misplaced"
            self._count(kind, f"{identity} {sent.expect} expected" + (f", quarantined:{reason}" if reason else ""))
        elif any(_content(row) == (sent.value, sent.word) for row in rows):
            self._counts["recorded"] += 1
        else:
            self._count("mismatched", f"{identity} {_content(rows[0])}, sent {(sent.value, sent.word)}")

    def _match_arrivals(self) -> None:
        """Give each sent reading the earliest row of its channel and value at or after its sending."""
        rows: dict[tuple[str, Content], list[Row]] = defaultdict(list)
        for row in sorted(self._arrived, key=lambda row: row.t_ms):
            rows[row.channel, _content(row)].append(row)
        known: set[tuple[str, Content]] = set()
        # Taken ones choose first: an untaken twin must not use up the row of a reading that somebody answers for.
        for sent in sorted(self._arriving, key=lambda sent: (sent.sent not in self._taken, sent.at_ms)):
            key = (sent.channel, (sent.value, sent.word))
            known.add(key)
            fits = [row for row in rows[key] if row.t_ms >= sent.at_ms - CLOCK_SLACK_MS]
            if sent.sent in self._taken:
                self._counts["arriving"] += 1
                if fits:
                    self._counts["recorded"] += 1
                else:
                    self._count("lost", f"{sent.channel} sent at {sent.at_ms} by a wrong clock")
            elif fits:
                self._counts["untaken"] += 1
            if fits:
                rows[key].remove(fits[0])
        for key, left in rows.items():
            if key in known:
                self._counts["repeated"] += len(left)
            else:
                self._count("invented", f"{key} by arrival", len(left))

    def _count(self, kind: str, example: str, by: int = 1) -> None:
        if by <= 0:
            return
        self._counts[kind] += by
        if len(self._examples[kind]) < EXAMPLES:
            self._examples[kind].append(example)


def _content(row: Row) -> Content:
    return (None, row.word) if row.word is not None else (row.value, None)
