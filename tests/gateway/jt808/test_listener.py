"""The listener over TCP on loopback: durable before answered, limits of a line, and a hostile neighbour."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from coldchain.cli.broker import free_port
from coldchain.clock import TestClock
from coldchain.errors import Unavailable
from coldchain.jt808 import Kind, Message, Splitter, bcd_of_time, framed, packed, parts_of, unframed, unpacked
from coldchain.readings import Quality
from coldchain.senml import Row
from coldchain.settings import GatewaySettings, Jt808Settings, Jt808Terminal
from gateway.hearing import REFUSED_PAUSE_S, Hearing
from gateway.intake import Moment, SiteIntake
from gateway.jt808.listener import AHEAD_S, LOOK_EVERY_S, RATE, STRANGER_RATE, Listener
from gateway.jt808.talk import MAX_BAD, Step, Talk
from gateway.sqlite_spool import SqliteSpool
from gateway.timebase import Timebase
from tests.gateway.jt808.frames import ONE_PROBE
from tests.gateway.jt808.test_positions import body
from tests.gateway.jt808.test_talk import NUMBER, batch
from tests.mqtt import running, until

PREFIX = f"urn:dev:name:jt808-{NUMBER}"


class Door:
    """A gateway's spool and hearing without its brokers (`gateway.hearing.Host`, `gateway.jt808.listener.Codes`)."""

    node = "door"

    def __init__(self, folder: Path, clock: TestClock, listener: type[Listener] = Listener, **more: Any) -> None:
        self.clock = clock
        self.open = asyncio.Event()  # closed: the spool's disk is slow
        self.open.set()
        self.full = False
        self.spool = SqliteSpool(folder / "door.db", self.node, b"epoch--1", synchronous="OFF")
        terminals = {NUMBER: Jt808Terminal()}
        settings = Jt808Settings(port=free_port(0), terminals=terminals, **more)
        intake = SiteIntake(self.node, self.spool, Timebase("boot", trusted=True))
        hearing = Hearing(GatewaySettings(node=self.node, door=True), intake, self, clock)
        mint = map("code-{}".format, itertools.count(1))
        self.port = settings.port
        self.listener = listener(settings, hearing, self, clock, lambda: next(mint))
        self.intake = intake

    async def run(self) -> None:
        try:
            await self.listener.run()
        finally:
            self.spool.close()

    def now(self) -> Moment:
        return Moment(self.clock.now_ms(), round(self.clock.monotonic_s() * 1000))

    async def on_spool(self, work: Callable[..., Any], *args: Any) -> Any:
        await self.open.wait()
        if self.full:
            raise Unavailable("full")
        return work(*args)

    def confess(self, word: str) -> None: ...

    def listens(self, listening: bool) -> None: ...

    def taken(self) -> None: ...

    async def recall(self, key: str) -> str | None:
        return self.spool.note(key)  # type: ignore[no-any-return]

    async def remember(self, key: str, value: str) -> None:
        await self.on_spool(self.spool.remember, key, value)

    def rows(self) -> list[Row]:
        return [taken.row for taken in self.spool.unsealed(100_000)]

    def count(self, name: str) -> int:
        return self.listener.counters[name]


class Line:
    """A terminal's end of a connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.answers: list[Message] = []
        self.ended = False
        self._task = asyncio.ensure_future(self._hear())

    async def _hear(self) -> None:
        splitter = Splitter()
        with contextlib.suppress(OSError):
            while data := await self.reader.read(4096):
                self.answers += [unpacked(unframed(frame)) for frame in splitter.feed(data)]
        self.ended = True

    def say(self, kind: int, content: bytes = b"", serial: int = 1, number: str = NUMBER) -> None:
        self.writer.write(framed(packed(Message(kind, number, serial, content))))

    async def answered(self, count: int) -> list[Message]:
        await until(lambda: len(self.answers) >= count, f"answer {count}")
        return self.answers

    async def prove(self) -> Line:
        self.say(Kind.REGISTER, bytes(37))
        code = (await self.answered(1))[0].body[3:]
        self.say(Kind.AUTHENTICATE, code)
        assert (await self.answered(2))[1].body[-1] == 0
        self.answers.clear()
        return self

    async def close(self) -> None:
        self._task.cancel()
        self.writer.close()
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await self.writer.wait_closed()


@contextlib.asynccontextmanager
async def opened(door: Door, lines: int = 1) -> AsyncIterator[list[Line]]:
    """Run a door with connections to it."""
    async with running(door):
        made: list[Line] = []
        for _ in range(lines):
            made.append(await dial(door))
        try:
            yield made
        finally:
            for line in made:
                await line.close()


async def dial(door: Door) -> Line:
    deadline_s = asyncio.get_running_loop().time() + 10
    while True:
        try:
            return Line(*await asyncio.open_connection("127.0.0.1", door.port))
        except OSError:
            assert asyncio.get_running_loop().time() < deadline_s
            await asyncio.sleep(0.01)


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


# -- durable, then answered -------------------------------------------------------------------------------------------


class TooEarly(Listener):
    """The control: answers, and keeps afterwards."""

    async def _settle(self, steps: Sequence[Step], line: Any, talk: Talk) -> None:
        kept = [step for step in steps if step.keep or step.parts]
        later = [Step(keep=step.keep, parts=step.parts) for step in kept]
        await super()._settle([Step(step.answers) for step in kept], line, talk)
        await super()._settle(later + [step for step in steps if step not in kept], line, talk)


@pytest.mark.parametrize(("listener", "early"), [(Listener, 0), (TooEarly, 1)])
async def test_a_position_is_answered_only_when_the_spool_has_it(
    tmp_path: Path, clock: TestClock, listener: type[Listener], early: int
) -> None:
    door = Door(tmp_path, clock, listener)
    async with opened(door, 2) as (line, neighbour):
        await line.prove()
        door.open.clear()
        line.say(Kind.POSITION, body(time=bcd_of_time(clock.now_ms())), 9)
        await until(lambda: door.count("kept") == 1, "it is heard")
        for beat in (1, 2):  # while it is answered, one that answers too early is caught at it
            neighbour.say(Kind.HEARTBEAT, number="13900000002")
            await neighbour.answered(beat)
        assert (len(line.answers), door.rows()) == (early, [])

        door.open.set()
        (answer, *_) = await line.answered(1)

        assert (answer.kind, answer.body.hex()) == (Kind.REPLY, "0009020000")
        await until(door.rows, "the readings")
        assert {row.name: row.value for row in door.rows()} == {
            f"{PREFIX}:lat": 31.25, f"{PREFIX}:lon": 121.5, f"{PREFIX}:speed": 0.0,
        }  # fmt: skip


async def test_a_terminal_that_waits_for_the_answer_to_each_part_gets_through(tmp_path: Path, clock: TestClock) -> None:
    door = Door(tmp_path, clock)
    parts = list(parts_of(Message(Kind.POSITIONS, NUMBER, 20, batch(80))))
    async with opened(door) as (line,):
        await line.prove()
        for number, part in enumerate(parts[:2], 1):
            line.writer.write(framed(packed(part)))
            await line.answered(number)
            assert door.rows() == []
            assert part.body.hex() in str(door.spool.note(f"jt808-parts:{NUMBER}"))

    again = Door(tmp_path, clock)  # the door dies: what it answered it still has
    async with opened(again) as (line,):
        await line.prove()
        line.writer.write(framed(packed(parts[2])))
        (answer,) = await line.answered(1)

        assert (answer.kind, answer.body.hex()) == (Kind.REPLY, "0016070400")
        await until(again.rows, "the readings")
        assert {row.name for row in again.rows()} == {f"{PREFIX}:{what}" for what in ("lat", "lon", "speed")}
        assert again.spool.note(f"jt808-parts:{NUMBER}") == ""


@pytest.mark.parametrize(("listener", "early"), [(Listener, 0), (TooEarly, 1)])
async def test_a_part_is_answered_only_when_the_spool_has_it(
    tmp_path: Path, clock: TestClock, listener: type[Listener], early: int
) -> None:
    door = Door(tmp_path, clock, listener)
    part = next(parts_of(Message(Kind.POSITIONS, NUMBER, 20, batch(80))))
    async with opened(door, 2) as (line, neighbour):
        await line.prove()
        door.open.clear()
        line.writer.write(framed(packed(part)))
        await until(lambda: door.count("parts") == 1, "it is heard")
        for beat in (1, 2):
            neighbour.say(Kind.HEARTBEAT, number="13900000002")
            await neighbour.answered(beat)
        assert len(line.answers) == early

        door.open.set()

        assert [answer.body.hex() for answer in await line.answered(1)] == ["0014070400"]


async def test_a_full_spool_answers_when_there_is_room_again(tmp_path: Path, clock: TestClock) -> None:
    door = Door(tmp_path, clock)
    async with opened(door) as (line,):
        await line.prove()
        door.full = True
        line.say(Kind.POSITION, body())
        await until(lambda: door.intake.counters["refused"], "the refusal")
        assert line.answers == []

        door.full = False
        await clock.advance(REFUSED_PAUSE_S)
        await line.answered(1)

        assert len(door.rows()) == 3


async def test_a_code_that_is_not_durable_is_not_given(tmp_path: Path, clock: TestClock) -> None:
    door = Door(tmp_path, clock)
    async with opened(door) as (line,):
        door.full = True
        line.say(Kind.REGISTER, bytes(37))
        await until(lambda: line.ended, "the end of the line")

        assert line.answers == []


async def test_a_code_holds_when_the_door_starts_again(tmp_path: Path, clock: TestClock) -> None:
    async with opened(Door(tmp_path, clock)) as (line,):
        await line.prove()

    async with opened(Door(tmp_path, clock)) as (line,):
        line.say(Kind.AUTHENTICATE, b"code-1")

        assert (await line.answered(1))[0].body[-1] == 0


async def test_what_comes_again_because_its_answer_was_lost_is_answered_and_kept_once(
    tmp_path: Path, clock: TestClock
) -> None:
    door = Door(tmp_path, clock)
    async with opened(door) as (line,):
        await line.prove()
        for _ in range(3):
            line.say(Kind.POSITION, body(time=bcd_of_time(clock.now_ms())), 9)
        await line.answered(3)

        assert [answer.body.hex() for answer in line.answers] == ["0009020000"] * 3
        assert len(door.rows()) == 3
        assert door.intake.counters["duplicates"] == 2


async def test_items_that_nobody_reads_are_counted_and_a_message_is_kept_to_look_at(
    tmp_path: Path, clock: TestClock
) -> None:
    door = Door(tmp_path, clock)
    async with opened(door) as (line,):
        line.writer.write(ONE_PROBE)
        await line.answered(1)

        assert door.intake.rejected == {"unknown-field": 2}
        assert door.intake.samples["unknown-field"] == unpacked(unframed(ONE_PROBE[1:-1])).body
        assert (door.intake.counters["rejected_records"], len(door.rows())) == (2, 5)


# -- times ------------------------------------------------------------------------------------------------------------


async def test_a_terminal_whose_clock_is_wrong_is_dated_by_its_arrival_and_what_it_kept_by_itself(
    tmp_path: Path, clock: TestClock
) -> None:
    now_ms = clock.now_ms()
    yesterday, ahead = bcd_of_time(now_ms - 86_400_000), bcd_of_time(now_ms + 3_600_000)
    door = Door(tmp_path, clock)
    async with opened(door) as (line,):
        await line.prove()
        line.say(Kind.POSITION, body(time=ahead), 1)
        line.say(Kind.POSITION, body(time=bcd_of_time(now_ms - 60_000)), 2)
        line.say(Kind.POSITIONS, bytes([0, 1, 1, 0, 28]) + body(time=yesterday), 3)
        await line.answered(3)

        lats = [row for row in door.rows() if row.name == f"{PREFIX}:lat"]
        whole_s = now_ms // 1000 * 1000
        assert [(row.measured_at_ms, row.quality, row.sensor_ms) for row in lats] == [
            (now_ms, int(Quality.SENSOR_CLOCK), whole_s + 3_600_000),
            (whole_s - 60_000, 0, None),
            (whole_s - 86_400_000, 0, None),
        ]


# -- limits -----------------------------------------------------------------------------------------------------------


async def test_one_connection_too_many_is_turned_away(tmp_path: Path, clock: TestClock) -> None:
    door = Door(tmp_path, clock, max_connections=4)
    async with opened(door, 3) as lines:
        await until(lambda: door.count("turned_away") == 1, "the third is turned away")
        await until(lambda: [line.ended for line in lines] == [False, False, True], "only the third ended")


async def test_strangers_that_hold_their_seats_leave_half_of_them_to_terminals(
    tmp_path: Path, clock: TestClock
) -> None:
    door = Door(tmp_path, clock, max_connections=4)
    async with opened(door) as (truck,):
        await truck.prove()
        holding = [await dial(door) for _ in range(3)]
        await until(lambda: [line.ended for line in holding] == [False, False, True], "the third is turned away")
        for line in holding:
            await line.close()
        await until(lambda: door.count("connections") == 4, "all four")

        truck.say(Kind.HEARTBEAT)
        await truck.answered(1)


async def test_who_says_nothing_is_cut_off_and_who_beats_is_not(tmp_path: Path, clock: TestClock) -> None:
    door = Door(tmp_path, clock, idle_s=60.0)
    async with opened(door, 2) as (beats, silent):
        await beats.prove()
        await until(lambda: door.count("connections") == 2, "both lines")
        for beat in range(1, 16):
            beats.say(Kind.HEARTBEAT, serial=beat)
            await beats.answered(beat)
            await clock.advance(LOOK_EVERY_S)
        await until(lambda: silent.ended, "the silent one is cut off")

        assert not beats.ended
        assert door.count("cut_off") == 1


async def test_who_comes_back_is_heard_on_the_new_connection_only(tmp_path: Path, clock: TestClock) -> None:
    door = Door(tmp_path, clock)
    async with opened(door, 2) as (old, new):
        await old.prove()
        await new.prove()
        await until(lambda: old.ended, "the old line is cut off")

        new.say(Kind.HEARTBEAT)
        await new.answered(1)


async def test_who_speaks_too_fast_waits_and_nothing_is_lost(tmp_path: Path, clock: TestClock) -> None:
    door, many = Door(tmp_path, clock), 2400
    async with opened(door) as (line,):
        await line.prove()
        for serial in range(many):
            line.say(Kind.HEARTBEAT, serial=serial)
        started_s = clock.monotonic_s()
        while len(line.answers) < many:
            await clock.advance(1.0)
            await asyncio.sleep(0.001)  # its answers come through the socket
        assert clock.monotonic_s() - started_s >= many / RATE - AHEAD_S

        assert [int.from_bytes(answer.body[:2], "big") for answer in line.answers] == list(range(many))


async def test_a_stranger_that_dials_again_is_heard_no_faster(tmp_path: Path, clock: TestClock) -> None:
    door, allowed = Door(tmp_path, clock), round(AHEAD_S * STRANGER_RATE)
    async with opened(door, 3) as (first, second, third):
        for line, count in ((first, allowed - 5), (second, 5), (third, 5)):
            before = door.count("talk")
            for _ in range(count):
                line.say(Kind.HEARTBEAT, number="13900000002")
            await until(lambda heard=before + count: door.count("talk") == heard, "its frames")  # type: ignore[misc]
        await first.answered(allowed - 5)
        await second.answered(5)
        assert third.answers == []

        await clock.advance(5 / STRANGER_RATE)
        await third.answered(5)


async def test_who_is_far_too_fast_is_cut_off_unheard(tmp_path: Path, clock: TestClock) -> None:
    door = Door(tmp_path, clock, idle_s=10.0)
    async with opened(door) as (line,):
        many = round((AHEAD_S + 11) * STRANGER_RATE)
        line.writer.write(
            b"".join(framed(packed(Message(Kind.POSITION, "13900000002", 1, body()))) for _ in range(many))
        )
        await until(lambda: line.ended, "the end of the line")

        assert (line.answers, door.rows(), door.count("cut_off")) == ([], [], 1)


async def test_another_protocol_and_rubbish_are_ended(tmp_path: Path, clock: TestClock) -> None:
    door = Door(tmp_path, clock)
    async with opened(door, 3) as (web, rubbish, good):
        web.writer.write(b"GET / HTTP/1.1\r\nHost: door\r\n" * 200)
        rubbish.writer.write(b"\x7erubbish" * (MAX_BAD + 1))
        await until(lambda: web.ended and rubbish.ended, "both ends")
        await good.prove()

        assert door.count("cut_off") == 2
        assert door.count("bad_frames") == MAX_BAD


async def test_a_hostile_neighbour_disturbs_nobody(tmp_path: Path, clock: TestClock) -> None:
    chance, door = random.Random(808), Door(tmp_path, clock)
    async with opened(door, 6) as (good, *hostile):
        await good.prove()
        for line in hostile:
            for _ in range(20):
                line.writer.write(chance.randbytes(chance.randrange(1, 300)) + b"\x7e")
        good.say(Kind.POSITIONS, batch(30))
        (answer,) = await good.answered(1)

        assert answer.body.hex() == "0001070400"
        assert not good.ended
        books = ("bad_frames", "parts", "kept", "talk", "unsupported", "unauthenticated", "foreign")
        await until(lambda: door.listener.counters.balance("frames", *books) == 0, "the books balance")
