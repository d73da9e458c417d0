"""Any permutation, duplication and re-batching of the same readings and changes ends in the same stores."""

from __future__ import annotations

import random
from collections.abc import Sequence

import hypothesis.strategies as st
from hypothesis import given, settings

from coldchain.registry import Asset, Assignment, Binding, Node, Point, Probe, Put, event_channel
from coldchain.senml import Row
from tests.ingest.worlds import World, seen, world
from tests.support import DAY_MS, MINUTE_MS, T0, SealingNode, channel_of, fleet, put

NODES = ("gw-1", "gw-2")
CHANNELS = (channel_of("gw-1"), channel_of("gw-1", 1), channel_of("gw-2"), event_channel("gw-1"), "urn:late:probe")
BATCH = 4

rows = st.builds(
    Row,
    st.sampled_from(CHANNELS),
    st.integers(-1, 3).map(lambda minute: T0 + minute * MINUTE_MS) | st.just(T0 + 9 * DAY_MS),
    st.sampled_from([4.0, 4.2, 5.0, 0.0, -0.0, "short", "no-probe", True]),
    quality=st.sampled_from([0, 1]),
)
readings = st.lists(st.tuples(st.sampled_from(NODES), rows), max_size=24)

times = st.integers(0, 3).map(lambda minute: T0 + minute * MINUTE_MS) | st.just(0)
points = st.sampled_from(["gw-1/p0", "gw-1/p1", "gw-2/p0", "nowhere"])
changes = st.lists(
    st.one_of(
        st.builds(Binding, st.sampled_from(CHANNELS), points, times, st.none() | times),
        st.builds(Probe, st.sampled_from(CHANNELS)),
        st.builds(
            Node,
            st.sampled_from(NODES),
            st.sampled_from(["site-gw-1", "site-gw-2"]),
            st.just(("00" * 32,)),
            grants=st.just(()) | st.sampled_from(CHANNELS).map(lambda name: (name,)),
        ),
        st.builds(
            Asset,
            st.sampled_from(["cooler-gw-1", "cooler-gw-2"]),
            st.just("cooler"),
            st.just("cooler"),
            st.sampled_from(["site-gw-1", "site-gw-2"]),
        ),
        st.builds(
            Assignment,
            st.sampled_from(["cooler-gw-1", "cooler-gw-2"]),
            st.sampled_from(["site-gw-1", "site-gw-2"]),
            times,
            st.none() | times,
        ),
        st.builds(
            Point,
            st.sampled_from(["gw-1/p0", "gw-2/p0"]),
            st.sampled_from(["cooler-gw-1", "cooler-gw-2"]),
            st.just("product"),
            st.just("temperature"),
            st.just(60),
        ),
    ),
    max_size=6,
)


def key_of(change: Put) -> tuple[str, ...]:
    """Return what a change is about; two about the same thing keep their order, for the last one holds."""
    match change:
        case Binding():
            return "binding", change.channel
        case Probe():
            return "probe", change.channel
        case Assignment():
            return "assignment", change.asset
    return type(change).__name__, change.id  # type: ignore[union-attr]


def merged(chance: random.Random, queues: Sequence[Sequence[object]]) -> list[object]:
    """Return the items of all queues in a random order that keeps each queue's own."""
    left = [list(queue) for queue in queues if queue]
    out = []
    while left:
        queue = chance.choice(left)
        out.append(queue.pop(0))
        left = [queue for queue in left if queue]
    return out


def run(here: World, items: Sequence[object], chance: random.Random) -> None:
    """Append changes and batches in this order and project in random steps, tidying now and then."""
    nodes = {node: SealingNode(node) for node in NODES}
    for item in items:
        if isinstance(item, tuple):
            node, batch = item
            nodes[node].append(here.ledger, batch, received_at_ms=T0 + DAY_MS)
        else:
            put(here.ledger, item)  # type: ignore[arg-type]
        if chance.random() < 0.2:
            here.project(chance.randint(1, 5))
        if chance.random() < 0.1:
            here.series.tidy(T0 + DAY_MS)
    here.project(chance.choice([1, 3, 256]))


def batches_of(told: Sequence[tuple[str, Row]], size: int) -> list[tuple[str, list[Row]]]:
    """Return (node, rows) batches of at most ``size`` rows."""
    out = []
    for node in NODES:
        own = [row for name, row in told if name == node]
        out += [(node, own[start : start + size]) for start in range(0, len(own), size)]
    return out


@settings(max_examples=40, deadline=None)
@given(readings, changes, st.randoms(use_true_random=False), st.booleans())
def test_any_order_of_readings_and_changes_ends_in_the_same_stores(
    told: list[tuple[str, Row]], extra: list[Put], chance: random.Random, duplicate: bool
) -> None:
    setup: list[Put] = [*fleet([SealingNode(node) for node in NODES]), *extra]
    queues: dict[tuple[str, ...], list[Put]] = {}
    for change in setup:
        queues.setdefault(key_of(change), []).append(change)
    again = [*told, *chance.choices(told, k=len(told) // 2)] if duplicate and told else list(told)
    chance.shuffle(again)
    shuffled = merged(chance, [*queues.values(), *([batch] for batch in batches_of(again, chance.randint(1, 6)))])

    with world() as plain, world() as other:
        run(plain, [*setup, *batches_of(told, BATCH)], random.Random(0))
        run(other, shuffled, chance)

        assert seen(plain) == seen(other)
        if not duplicate:
            assert plain.waiting() == other.waiting()
            assert _records(plain) == _records(other)


def _records(here: World) -> int:
    return here.projection.counters["received"]
