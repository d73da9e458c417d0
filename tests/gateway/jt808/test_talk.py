"""What is answered to a terminal: who may speak, in which order, and that the books balance."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from coldchain.counters import Counters
from coldchain.jt808 import MAX_BODY, Kind, Message, framed, packed, parts_of, unframed, unpacked
from coldchain.settings import Jt808Settings, Jt808Terminal
from gateway.jt808.directory import MAX_STRANGERS, Directory
from gateway.jt808.parts import MAX_PARTS, MAX_UNFINISHED
from gateway.jt808.talk import MAX_BAD, Step, Talk
from tests.gateway.jt808.frames import EVERY, HEARTBEAT, POSITION_2019, REGISTER_2013, REGISTER_2019
from tests.gateway.jt808.test_positions import body

NUMBER = "13900000001"
NAMES = ("frames", "bad_frames", "parts", "kept", "talk", "unsupported", "unauthenticated", "foreign")


class Desk:
    """A door that lists some terminals, and one connection to it."""

    def __init__(
        self,
        *listed: str,
        strangers: bool = True,
        device: str = "",
        codes: dict[str, str] | None = None,
        parts: dict[str, str] | None = None,
    ) -> None:
        terminals = {number: Jt808Terminal(device=device) for number in listed}
        settings = Jt808Settings(terminals=terminals, strangers=strangers)
        mint = map("code-{}".format, itertools.count(1))
        self.directory = Directory(settings, codes or {}, lambda: next(mint), parts)
        self.counters = Counters(*NAMES)
        self.talk = Talk(self.directory, self.counters)

    def hear(self, message: Message) -> Step:
        return self.talk.take(framed(packed(message))[1:-1])

    def again(self) -> Talk:
        """Connect anew."""
        self.talk = Talk(self.directory, self.counters)
        return self.talk

    def balance(self) -> int:
        return self.counters.balance(*NAMES)


def message(
    kind: int, content: bytes = b"", serial: int = 5, number: str = NUMBER, version: int | None = None
) -> Message:
    return Message(kind, number, serial, content, version)


def answers(step: Step) -> list[tuple[int, str]]:
    return [(answer.kind, answer.body.hex()) for answer in step.answers]


def authenticated(desk: Desk, version: int | None = None) -> Desk:
    code = desk.hear(message(Kind.REGISTER, bytes(80), version=version)).code or ""
    proof = code.encode() if version is None else bytes([len(code)]) + code.encode() + b"8" * 15 + bytes(20)
    assert answers(desk.hear(message(Kind.AUTHENTICATE, proof, 6, version=version))) == [(Kind.REPLY, "0006010200")]
    return desk


# -- registering and proving ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("frame", [REGISTER_2013, REGISTER_2019])
def test_a_listed_terminal_gets_a_code_in_its_own_version(frame: bytes) -> None:
    desk = Desk("123456789", device="CHI123" if frame is REGISTER_2019 else "CHI1230")

    step = desk.talk.take(frame[1:-1])

    assert answers(step) == [(Kind.REGISTERED, "000a00" + b"code-1".hex())]
    assert (step.code, step.keep, step.answers[0].version) == ("code-1", None, None if frame is REGISTER_2013 else 1)


def test_an_answer_is_what_the_standard_says_byte_for_byte() -> None:
    """Worked out by hand for the heartbeat that traccar recorded: 8001, 5 bytes, serial 1, to 00b7 0002: 0; XOR 4f."""
    desk = Desk("43048325465", codes={"43048325465": "c"})
    desk.talk.authenticated = True

    step = desk.talk.take(HEARTBEAT[1:-1])

    assert framed(packed(step.answers[0])).hex() == "7e80010005043048325465000100b70002004f7e"


def test_a_published_frame_of_2019_with_an_imei_for_its_number_is_answered() -> None:
    step = Desk().talk.take(POSITION_2019[1:-1])

    (answer,) = (unpacked(unframed(framed(packed(one))[1:-1])) for one in step.answers)
    assert (answer.number, answer.version, answer.body.hex()) == ("860615754295917", 1, "01bc020000")
    assert step.keep is not None


def test_the_same_code_is_given_again_because_an_answer_may_be_lost() -> None:
    desk = Desk(NUMBER)

    assert [desk.hear(message(Kind.REGISTER, bytes(37))).code for _ in range(2)] == ["code-1", "code-1"]


@pytest.mark.parametrize("version", [None, 1])
def test_who_has_the_code_may_speak(version: int | None) -> None:
    desk = authenticated(Desk(NUMBER), version)

    step = desk.hear(message(Kind.POSITION, body(), 9, version=version))

    assert answers(step) == [(Kind.REPLY, "0009020000")]
    assert step.keep is not None
    assert step.keep.form is not None
    assert desk.balance() == 0


@pytest.mark.parametrize("proof", [b"", b"code-2", b"code-1x", b"\xff\xfe"])
def test_who_has_another_code_may_not(proof: bytes) -> None:
    desk = Desk(NUMBER, codes={NUMBER: "code-1"})

    assert answers(desk.hear(message(Kind.AUTHENTICATE, proof))) == [(Kind.REPLY, "0005010201")]
    assert answers(desk.hear(message(Kind.POSITION, body()))) == [(Kind.REPLY, "0005020001")]
    assert desk.counters["unauthenticated"] == 1
    assert desk.balance() == 0


def test_an_empty_code_proves_nothing_before_a_registration() -> None:
    assert answers(Desk(NUMBER).hear(message(Kind.AUTHENTICATE, b""))) == [(Kind.REPLY, "0005010201")]
    assert answers(Desk(NUMBER).hear(message(Kind.AUTHENTICATE, b"", version=1))) == [(Kind.REPLY, "0005010201")]


def test_a_code_holds_on_the_next_connection_and_ends_with_the_log_out() -> None:
    desk = authenticated(Desk(NUMBER))
    desk.again()
    assert answers(desk.hear(message(Kind.AUTHENTICATE, b"code-1"))) == [(Kind.REPLY, "0005010200")]

    out = desk.hear(message(Kind.LOG_OUT))

    assert (answers(out), out.code) == ([(Kind.REPLY, "0005000300")], "")
    assert answers(desk.hear(message(Kind.POSITION, body()))) == [(Kind.REPLY, "0005020001")]
    assert answers(desk.hear(message(Kind.AUTHENTICATE, b"code-1"))) == [(Kind.REPLY, "0005010201")]
    assert desk.hear(message(Kind.REGISTER, bytes(37))).code == "code-2"


def test_a_registration_of_another_device_is_refused() -> None:
    desk = Desk("123456789", device="CHI999")

    step = desk.talk.take(REGISTER_2013[1:-1])

    assert answers(step) == [(Kind.REGISTERED, "000a04")]
    assert (step.code, step.keep) == (None, None)


# -- strangers --------------------------------------------------------------------------------------------------------


def heard(step: Step) -> dict[str, object]:
    assert step.keep is not None
    assert step.keep.form is not None
    decoded = step.keep.form.decode(step.keep.payload, step.keep.sensor)
    return {item.name: item.value for item in decoded.heard}


def test_a_stranger_gets_no_code_and_its_call_waits_in_the_inbox_once() -> None:
    desk = Desk("1")

    first = desk.hear(message(Kind.REGISTER, bytes(37)))
    desk.again()
    second = desk.hear(message(Kind.REGISTER, bytes(37)))

    assert answers(first) == answers(second) == [(Kind.REGISTERED, "000504")]
    assert (first.code, second.keep) == (None, None)
    assert heard(first) == {f"urn:dev:name:jt808-{NUMBER}:registration": "not-listed"}


def test_what_a_stranger_says_waits_in_the_inbox() -> None:
    desk = Desk("1")

    refused, step = desk.hear(message(Kind.AUTHENTICATE, b"old")), desk.hear(message(Kind.POSITION, body()))

    assert answers(refused) == [(Kind.REPLY, "0005010201")]
    assert answers(step) == [(Kind.REPLY, "0005020000")]
    assert heard(step)[f"urn:dev:name:jt808-{NUMBER}:lat"] == 31.25
    assert desk.balance() == 0


def test_strangers_can_be_refused() -> None:
    desk = Desk("1", strangers=False)

    steps = [desk.hear(message(kind, body())) for kind in (Kind.REGISTER, Kind.AUTHENTICATE, Kind.POSITION)]

    assert [answers(step)[0][1][-2:] for step in steps] == ["04", "01", "01"]
    assert [step.keep for step in steps] == [None] * 3


def test_whoever_counts_numbers_through_does_not_fill_the_inbox() -> None:
    desk = Desk("1")

    kept = 0
    for number in range(1000, 1000 + MAX_STRANGERS + 50):
        desk.again()
        kept += desk.hear(message(Kind.POSITION, body(), number=str(number))).keep is not None

    assert kept == MAX_STRANGERS
    assert desk.counters["unauthenticated"] == 50


def test_a_number_that_is_not_the_connections_ends_it() -> None:
    desk = authenticated(Desk(NUMBER))

    step = desk.hear(message(Kind.POSITION, body(), number="13900000002"))

    assert step.close
    assert (step.keep, step.answers) == (None, ())
    assert desk.counters["foreign"] == 1
    assert desk.balance() == 0


# -- what is not read -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [0x0900, 0x0801, 0x0702, 0x0107])
def test_what_is_not_read_is_answered_so(kind: int) -> None:
    desk = authenticated(Desk(NUMBER))

    assert answers(desk.hear(message(kind, b"x"))) == [(Kind.REPLY, f"0005{kind:04x}03")]
    assert desk.counters["unsupported"] == 1
    assert desk.balance() == 0


def test_what_is_encrypted_is_answered_as_not_read() -> None:
    desk = authenticated(Desk(NUMBER))
    raw = bytearray(packed(message(Kind.POSITION, body())))
    raw[2] |= 0x04

    assert answers(desk.talk.take(framed(bytes(raw))[1:-1])) == [(Kind.REPLY, "0005020003")]


def test_rubbish_takes_no_strangers_place() -> None:
    desk = Desk("1")

    desk.talk.take(b"rubbish")

    assert not desk.talk.may_speak()
    desk.again()
    assert all(desk.directory.hears(str(number)) for number in range(2, MAX_STRANGERS + 2))


def test_a_terminals_reply_is_not_answered() -> None:
    assert authenticated(Desk(NUMBER)).hear(message(Kind.TERMINAL_REPLY, bytes(5))) == Step()


def test_a_connection_of_rubbish_is_ended() -> None:
    desk = Desk()

    steps = [desk.talk.take(b"rubbish") for _ in range(MAX_BAD)]

    assert [step.close for step in steps] == [False] * (MAX_BAD - 1) + [True]
    assert desk.balance() == 0


# -- parts ------------------------------------------------------------------------------------------------------------


def batch(positions: int) -> bytes:
    return positions.to_bytes(2, "big") + b"\1" + (b"\0\x1c" + body()) * positions


@pytest.mark.parametrize("version", [None, 1])
def test_a_strangers_parts_are_answered_only_when_the_message_is_whole(version: int | None) -> None:
    desk = Desk()
    parts = list(parts_of(message(Kind.POSITIONS, batch(80), 65_535, version=version)))
    assert len(parts) == 3

    steps = [desk.hear(part) for part in (parts[1], parts[0], parts[2])]  # the serial passes 65535

    assert [answers(step) for step in steps[:2]] == [[], []]
    assert answers(steps[2]) == [(Kind.REPLY, f"{serial}070400") for serial in ("ffff", "0000", "0001")]
    assert steps[2].keep is not None
    assert steps[2].keep.payload == batch(80)
    assert (desk.counters["parts"], desk.counters["kept"], desk.balance()) == (2, 1, 0)
    assert desk.talk.unfinished == 0


@pytest.mark.parametrize("version", [None, 1])
def test_each_part_is_answered_and_what_waits_is_to_be_written_down_first(version: int | None) -> None:
    desk = authenticated(Desk(NUMBER), version)
    parts = list(parts_of(message(Kind.POSITIONS, batch(80), 65_535, version=version)))

    steps = [desk.hear(part) for part in (parts[1], parts[0], parts[2])]

    assert [answers(step) for step in steps] == [
        [(Kind.REPLY, f"{serial}070400")] for serial in ("0000", "ffff", "0001")
    ]
    assert [len((step.parts or "").split()) for step in steps] == [1, 2, 0]
    assert [step.keep is None for step in steps] == [True, True, False]
    assert steps[2].keep is not None
    assert steps[2].keep.payload == batch(80)
    assert (desk.counters["parts"], desk.counters["kept"], desk.balance()) == (2, 1, 0)


def test_parts_go_on_where_another_connection_or_another_start_ended() -> None:
    desk = authenticated(Desk(NUMBER))
    parts = list(parts_of(message(Kind.POSITIONS, batch(80), 7)))
    desk.hear(parts[0])
    desk.again()
    authenticated(desk)
    written = desk.hear(parts[1]).parts
    assert written is not None

    later = Desk(NUMBER, parts={NUMBER: written})
    step = authenticated(later).hear(parts[2])

    assert step.keep is not None
    assert step.keep.payload == batch(80)


def test_a_last_part_that_comes_again_because_its_answer_was_lost_is_answered_and_starts_nothing() -> None:
    desk = authenticated(Desk(NUMBER))
    parts = list(parts_of(message(Kind.POSITIONS, batch(80), 7)))
    for part in parts:
        desk.hear(part)

    step = desk.hear(parts[2])

    assert answers(step) == [(Kind.REPLY, "0009070400")]
    assert (step.keep, step.parts) == (None, "")


def test_a_terminal_that_counts_anew_mixes_no_two_messages() -> None:
    desk = authenticated(Desk(NUMBER))
    first, second = batch(80), batch(80).replace(body()[8:12], body(30.0)[8:12])
    for part in list(parts_of(message(Kind.POSITIONS, first, 7)))[:2]:
        desk.hear(part)

    steps = [desk.hear(part) for part in parts_of(message(Kind.POSITIONS, second, 7))]

    assert steps[-1].keep is not None
    assert steps[-1].keep.payload == second
    (begun,) = steps[0].given_up  # it was answered: what came of it is kept
    assert begun.payload == first[: 2 * MAX_BODY]


@pytest.mark.parametrize(("version", "asked"), [(None, "00090200020003"), (1, "0009000200020003")])
def test_parts_that_did_not_come_are_asked_for_once(version: int | None, asked: str) -> None:
    """0x8003: serial of the first part, how many (a byte; a word in 2019), which."""
    desk = authenticated(Desk(NUMBER), version)
    parts = list(parts_of(message(Kind.POSITIONS, bytes(MAX_BODY * 4), 9, version=version)))

    steps = [desk.hear(part) for part in (parts[0], parts[3], parts[3], parts[2], parts[1])]

    asking = [[answer for answer in answers(step) if answer[0] != Kind.REPLY] for step in steps]
    assert asking == [[], [(Kind.SEND_PARTS_AGAIN, asked)], [], [], []]
    assert [step.keep is None for step in steps] == [True] * 4 + [False]


@pytest.mark.parametrize(("listed", "unfinished"), [(True, 100 - MAX_UNFINISHED), (False, 100)])
def test_unfinished_messages_are_bounded_and_counted(listed: bool, unfinished: int) -> None:
    desk = authenticated(Desk(NUMBER)) if listed else Desk()

    steps = [desk.hear(replace(message(Kind.POSITIONS, b"x", first), total=3, part=1)) for first in range(0, 1000, 10)]

    assert {len(step.answers) for step in steps} == {int(listed)}
    assert desk.talk.unfinished == unfinished  # of a terminal that proved itself, those that wait are not lost
    assert len((steps[-1].parts or "").split()) == (MAX_UNFINISHED if listed else 0)
    too_long = desk.hear(replace(message(Kind.POSITIONS, b"x"), total=MAX_PARTS + 1, part=1))
    assert (too_long.keep, too_long.answers) == (None, ())
    assert desk.talk.unfinished == unfinished + 1


@pytest.mark.parametrize("frame", EVERY, ids=lambda frame: frame[1:14].hex())
def test_every_published_frame_is_answered_and_counted(frame: bytes) -> None:
    desk = Desk()

    step = desk.talk.take(frame[1:-1])

    assert len(step.answers) == 1
    assert desk.balance() == 0
