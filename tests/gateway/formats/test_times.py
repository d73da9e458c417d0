"""One moment, written in every way that devices and platforms write it."""

from __future__ import annotations

import pytest

from gateway.formats.times import ms_of

MS = 1_653_668_027_000


@pytest.mark.parametrize(
    ("written", "ms"),
    [
        (1_653_668_027, MS),
        (1_653_668_027.25, MS + 250),
        ("1653668027", MS),
        (MS, MS),
        (str(MS), MS),
        (MS * 1000, MS),
        (MS * 1_000_000, MS),
        ("2022-05-27T16:13:47Z", MS),
        ("2022-05-28T00:13:47+08:00", MS),
        ("2022-05-27T16:13:47.250999999Z", MS + 251),
        ("2022-05-27T16:13:47", MS),
        (946_684_840, 946_684_840_000),
        (0, None),
        ("0", None),
        (-1, None),
        ("", None),
        ("yesterday", None),
        ("2022-13-01T00:00:00Z", None),
        (None, None),
        (True, None),
        (float("nan"), None),
        ("inf", None),
        (10**400, None),
        ([], None),
    ],
)
def test_a_time_is_milliseconds_or_none(written: object, ms: int | None) -> None:
    assert ms_of(written) == ms
