"""Hours of a week: what people write, what is kept, and when it holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldchain.people.forms import WeekHours
from coldchain.people.hours import DAY_WORDS, Group, covers, text_of, week_of
from coldchain.registry.cells import Wrong
from coldchain.registry.forms import Hours

MON, TUE, SAT = (frozenset({day, kind}) for day, kind in (("mon", "workday"), ("tue", "workday"), ("sat", "holiday")))

spans = st.tuples(st.integers(0, 24 * 60 - 1), st.integers(1, 24 * 60)).map(lambda one: (one[0], one[0] + one[1]))
groups = st.builds(
    lambda days, held: Group(days, tuple(held)),
    st.frozensets(st.sampled_from(DAY_WORDS), min_size=1),
    st.lists(spans, min_size=1, max_size=3),
)


@given(st.lists(groups, min_size=1, max_size=3).map(tuple))
def test_hours_that_were_written_read_the_same_again(week: tuple[Group, ...]) -> None:
    assert week_of(text_of(week)) == week


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("周一至周五 08:00-20:00,周六 9:00-13:00", "mon-fri 08:00-20:00, sat 09:00-13:00"),
        ("星期一、星期三 8点至12点 14:00-18:00", "mon wed 08:00-12:00 14:00-18:00"),
        ("工作日08:00—18:00;节假日 全天".replace(" 全天", ""), "workday 08:00-18:00, holiday 00:00-24:00"),
        ("Mon-Fri 8-20", "mon-fri 08:00-20:00"),
        ("22:00-06:00", "mon-sun 22:00-06:00"),
        ("每天 00:00-24:00", "mon-sun 00:00-24:00"),
        ("fri-mon 10:00-12:00", "mon fri-sun 10:00-12:00"),
        ("", ""),
    ],
)
def test_hours_come_in_as_people_write_them(written: str, kept: str) -> None:
    assert WeekHours().read(written) == kept
    assert WeekHours().read(kept) == kept


clocks = st.one_of(
    st.builds("{}:{:02}".format, st.integers(0, 23), st.integers(0, 59)), st.integers(0, 24).map(str), st.just("24:00")
)


@given(st.lists(st.tuples(clocks, clocks), min_size=1, max_size=3))
def test_all_opening_hours_that_an_import_lets_in_can_be_read(held: list[tuple[str, str]]) -> None:
    kept = str(Hours().read(",".join(f"{opens}-{closes}" for opens, closes in held)))

    assert len(week_of(kept)[0].spans) == len(held)


@pytest.mark.parametrize(
    "written", ["whenever", "mon-fri 08:00-25:00", "sometimes 08:00-20:00", "08:00", "08:61-09:00"]
)
def test_hours_that_mean_nothing_are_refused(written: str) -> None:
    with pytest.raises(Wrong):
        WeekHours().read(written)


@pytest.mark.parametrize(
    ("hours", "today", "yesterday", "clock", "there"),
    [
        ("mon-fri 08:00-20:00", MON, SAT, "07:59", False),
        ("mon-fri 08:00-20:00", MON, SAT, "08:00", True),
        ("mon-fri 08:00-20:00", MON, SAT, "19:59", True),
        ("mon-fri 08:00-20:00", MON, SAT, "20:00", False),
        ("mon 22:00-06:00", MON, SAT, "05:00", False),  # that night began on a day of which nothing is said
        ("mon 22:00-06:00", TUE, MON, "05:59", True),
        ("mon 22:00-06:00", TUE, MON, "06:00", False),
        ("mon 22:00-06:00", TUE, MON, "23:00", False),
        ("holiday 09:00-10:00", SAT, MON, "09:30", True),
        ("workday 09:00-10:00", SAT, MON, "09:30", False),
        ("sat", SAT, MON, "00:00", True),
        ("12:00-12:00", MON, SAT, "11:59", True),  # around the clock
    ],
)
def test_when_hours_hold(hours: str, today: frozenset[str], yesterday: frozenset[str], clock: str, there: bool) -> None:
    hour, minute = map(int, clock.split(":"))

    assert covers(week_of(hours), today, yesterday, hour * 60 + minute) is there
