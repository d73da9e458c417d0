"""What sensors and platforms send, as readings: one pure decoder a format, chosen by the sensor's level of its topic.

::

    formats = {"ruuvi-*" = "ruuvi-gateway", "lora-*" = "chirpstack:milesight-ts301"}       first match; else SenML
    payload, sensor ──▶ Formats.decode ──▶ Decoded: readings, faults, rejections with reasons; never an exception
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from coldchain.errors import ConfigError, RejectedReading
from gateway.formats import advertisements, efento, lorawan, plain, platforms, teltonika, tzone
from gateway.formats.port import MAX_FRAME, MAX_JSON, Decode, Decoded, Heard

__all__ = ["FORMATS", "MAX_FRAME", "MAX_JSON", "Decoded", "Format", "Formats", "Heard", "decode", "format_faults"]


@dataclass(frozen=True, slots=True)
class Format:
    """A decoder and the longest payload it is given, bytes; None: any."""

    decode: Decode
    limit: int | None = MAX_JSON


SENML = Format(plain.decode, None)

FORMATS: dict[str, Format] = {
    "senml": SENML,
    "ruuvi-gateway": Format(advertisements.ruuvi_gateway),
    "ble-advertisement": Format(advertisements.advertisement, MAX_FRAME),
    "efento": Format(efento.decode, MAX_FRAME),
    "teltonika": Format(teltonika.decode),
    "teltonika-fmb640": Format(teltonika.decode_fmb640),
    "tzone": Format(tzone.decode, MAX_FRAME),
    "thingsboard": Format(platforms.thingsboard),
    "flespi": Format(platforms.flespi),
    **{name: Format(lorawan.device_frame(read), lorawan.MAX_LORAWAN) for name, read in lorawan.DEVICES.items()},
    **{
        f"{server}:{model}" if model else server: Format(make(model))
        for server, make in (("things-stack", lorawan.things_stack), ("chirpstack", lorawan.chirpstack))
        for model in ("", *lorawan.DEVICES)
    },
}
"""Every format by its name in the settings."""


def format_faults(patterns: Mapping[str, str]) -> list[str]:
    """Return a sentence for each pattern whose format is not known."""
    known = ", ".join(FORMATS)
    return [
        f"gateway.formats: {pattern!r} = {name!r} is no format; known are {known}"
        for pattern, name in patterns.items()
        if name not in FORMATS
    ]


class Formats:
    """Which format each sensor of a site speaks.

    Args:
        patterns: sensor level of the topic (`fnmatch`) → name of a format; the first that matches counts.

    Raises:
        ConfigError: names that are no formats, all at once, with those that are.
    """

    def __init__(self, patterns: Mapping[str, str] | None = None) -> None:
        patterns = patterns or {}
        if faults := format_faults(patterns):
            raise ConfigError(faults)
        rows = [(pattern, FORMATS[name]) for pattern, name in patterns.items()]
        self._of = lru_cache(1 << 12)(
            lambda sensor: next((row for pattern, row in rows if fnmatch.fnmatchcase(sensor, pattern)), SENML)
        )

    def decode(self, payload: bytes, sensor: str) -> Decoded:
        """Return what a sensor's message says."""
        return decode(self._of(sensor), payload, sensor)


def decode(chosen: Format, payload: bytes, sensor: str) -> Decoded:
    """Return what a message says: whatever the bytes, at least one reading, fault or rejection."""
    if chosen.limit is not None and len(payload) > chosen.limit:
        detail = f"{len(payload)} bytes; a message of this format has at most {chosen.limit}"
        return Decoded(rejected=(("payload-too-large", detail),))
    try:
        decoded = chosen.decode(payload, sensor)
    except RejectedReading as fault:
        return Decoded(rejected=((fault.reason, fault.detail),))
    if not decoded.heard and not decoded.rejected:
        return Decoded(rejected=(("no-reading", "nothing in it was measured"),))
    return decoded
