"""What is remembered of devices is bounded, and forgetting only ever means hearing twice."""

from __future__ import annotations

from gateway.repeats import DEVICES, MESSAGES, Repeats, Said


def said(device: str, count: int) -> Said:
    return Said(device, count, frame=1, own=True, at_ms=0)


def test_of_each_device_the_last_messages_are_remembered() -> None:
    repeats = Repeats()
    for count in range(MESSAGES + 1):
        assert not repeats.is_repeat(said("a", count))
        repeats.keep()

    assert [repeats.is_repeat(said("a", count)) for count in (MESSAGES, 1, 0)] == [True, True, False]


def test_the_device_heard_longest_ago_is_forgotten_first() -> None:
    repeats = Repeats()
    for device in range(DEVICES):
        repeats.is_repeat(said(str(device), 0))
    repeats.keep()
    assert not repeats.is_repeat(said("0", 1))
    repeats.keep()

    repeats.is_repeat(said("new", 0))
    repeats.keep()

    assert repeats.is_repeat(said("0", 0)), "heard again since"
    assert repeats.is_repeat(said("2", 0))
    assert not repeats.is_repeat(said("1", 0))


def test_one_device_never_repeats_another() -> None:
    repeats = Repeats()
    repeats.is_repeat(said("a", 0))

    assert not repeats.is_repeat(said("b", 0))
