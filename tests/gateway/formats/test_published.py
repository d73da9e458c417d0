"""Each format gives what the publisher of its frames says is in them."""

from __future__ import annotations

import pytest

from coldchain.senml import valid_name
from gateway.formats import FORMATS, Heard, decode
from tests.gateway.formats.frames import PUBLISHED, TZONE_TAGS, TZONE_TAGS_BEFORE, Frame

UNITS = {"Cel", "%RH", "Pa", "V", "A", "/", "lat", "lon", "%EL", "dB", "dBW", "K", ""}


def heard_in(frame: Frame) -> tuple[Heard, ...]:
    return decode(FORMATS[frame.format], frame.payload, frame.sensor).heard


@pytest.mark.parametrize("frame", PUBLISHED, ids=lambda frame: f"{frame.format} {frame.source}")
def test_a_published_frame_says_what_its_publisher_says(frame: Frame) -> None:
    decoded = decode(FORMATS[frame.format], frame.payload, frame.sensor)

    heard = decoded.heard
    assert tuple(reason for reason, _ in decoded.rejected) == frame.rejected
    assert all(item.name.startswith(f"{frame.device}:") for item in heard)
    said = {item.name.removeprefix(f"{frame.device}:"): item for item in heard}
    if frame.past:
        past = {(item.name.removeprefix(f"{frame.device}:"), item.own_ms // 1000): item.value for item in heard}
        assert past == frame.past
        assert all(item.history or frame.format == "senml" for item in heard)
    else:
        assert {what: item.value for what, item in said.items()} == frame.said


@pytest.mark.parametrize("frame", PUBLISHED, ids=lambda frame: f"{frame.format} {frame.source}")
def test_names_and_units_are_ones_that_senml_knows(frame: Frame) -> None:
    for item in heard_in(frame):
        assert valid_name(item.name)
        assert item.unit in UNITS
        assert item.unit or isinstance(item.value, bool | str)


def test_the_tags_around_a_logger_keep_their_names_and_their_sign() -> None:
    later, earlier = (
        {item.name: item.value for item in decode(FORMATS["tzone"], bytes.fromhex(raw), "t").heard}
        for raw in (TZONE_TAGS, TZONE_TAGS_BEFORE)
    )

    assert {name.split("-")[1]: value for name, value in later.items() if name.endswith("temperature")} == {
        "06161154:temperature": 30.6,
        "06161152:temperature": 15.0,
        "06161151:temperature": 25.7,
        "06161156:temperature": -9.1,
    }
    assert earlier["urn:dev:name:tzone-06161156:temperature"] == -10.8
    assert earlier["urn:dev:name:tzone-06161155:battery"] == 3.572


def test_every_format_has_a_published_frame() -> None:
    proven = {frame.format.partition(":")[0] for frame in PUBLISHED}

    assert {name for name in FORMATS if ":" not in name} - proven == {"teltonika-fmb640"}
