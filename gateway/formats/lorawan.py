"""Uplinks of LoRaWAN network servers, The Things Stack v3 and ChirpStack v4, and the device frames in them.

::

    uplink ──▶ device, time, counter, port, frame ──▶ model ──▶ the frame's own format
                                                        └─ none: the object that the server's codec decoded

The model is what the setting names (``chirpstack:milesight-ts301``), else what the server knows of the device: the tag
``model`` in ChirpStack, ``version_ids.model_id`` in The Things Stack. Verified: shapes with the examples of both
servers' documents; their frames with the devices' own. Not verified: a codec's object, which is whatever it is.

Both servers leave out fields that equal zero. A frame counter that is missing is therefore 0, as The Things Stack's
document says; a port that is missing is 0, which carries no reading. Inside a codec's object nothing is left out: what
is missing there is missing, and never zero. The server's time counts as history: it is not the sensor's clock, and an
uplink that waited at a broker keeps it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

from coldchain.errors import RejectedReading
from gateway.formats import dragino, milesight
from gateway.formats.names import device_name
from gateway.formats.port import Decode, Decoded, Notes, json_of, table_of
from gateway.formats.quantities import note_object
from gateway.formats.times import ms_of

Read: TypeAlias = Callable[[Notes, bytes, int | None], None]

MAX_LORAWAN = 255
"""Longest frame of the LoRa radio, bytes."""


def _milesight(fields: milesight.Fields) -> Read:
    return lambda notes, raw, port: milesight.read(fields, notes, raw)


DEVICES: dict[str, Read] = {
    **{name: _milesight(fields) for name, fields in milesight.MODELS.items()},
    "dragino-lht65n": dragino.read,
}
"""Format of a device's own frame → how it is read."""

MODEL_IDS = {name.partition("-")[2]: name for name in DEVICES} | {"ts302": "milesight-ts301"}
"""What network servers call a model."""


def device_frame(read: Read) -> Decode:
    """Return the format of bare frames; the topic's sensor level is the device's EUI."""

    def decode(payload: bytes, sensor: str) -> Decoded:
        notes = Notes(device_name(sensor))
        read(notes, payload, None)
        return notes.done()

    return decode


def _things_stack(payload: bytes, sensor: str, *, model: str) -> Decoded:
    message = table_of(json_of(payload))
    ids, uplink = table_of(message.get("end_device_ids")), table_of(message.get("uplink_message"))
    if not uplink:
        raise RejectedReading("bad-shape", "no uplink_message: another message of The Things Stack, or none")
    own_ms = ms_of(uplink.get("received_at")) or ms_of(message.get("received_at"))
    notes = Notes(device_name(ids.get("dev_eui") or ids.get("device_id"))).at(own_ms, history=True)
    told = table_of(uplink.get("version_ids")).get("model_id")
    _radio(notes, uplink.get("rx_metadata"))
    return _uplink(
        notes,
        model or MODEL_IDS.get(str(told).lower(), ""),
        uplink.get("frm_payload"),
        table_of(uplink.get("decoded_payload")),
        (uplink.get("f_cnt", 0), uplink.get("f_port", 0)),
    )


def _chirpstack(payload: bytes, sensor: str, *, model: str) -> Decoded:
    event = table_of(json_of(payload))
    device = table_of(event.get("deviceInfo"))
    if not device:
        raise RejectedReading("bad-shape", "no deviceInfo: no up event of ChirpStack v4")
    notes = Notes(device_name(device.get("devEui"))).at(ms_of(event.get("time")), history=True)
    told = table_of(device.get("tags")).get("model")
    _radio(notes, event.get("rxInfo"))
    return _uplink(
        notes,
        model or MODEL_IDS.get(str(told).lower(), ""),
        event.get("data"),
        table_of(event.get("object")),
        (event.get("fCnt", 0), event.get("fPort", 0)),
    )


def things_stack(model: str = "") -> Decode:
    """Return the format of The Things Stack v3's uplink messages."""
    return partial(_things_stack, model=model)


def chirpstack(model: str = "") -> Decode:
    """Return the format of ChirpStack v4's up events."""
    return partial(_chirpstack, model=model)


def _uplink(notes: Notes, model: str, text: object, decoded: dict[str, Any], counts: tuple[Any, Any]) -> Decoded:
    raw = _base64(text)
    count, port = (each if type(each) is int else 0 for each in counts)
    if not port:
        notes.reject("unknown-port", "no application port: the frame is the network's own")
    elif model and raw:
        DEVICES[model](notes, raw, port)
    elif decoded:
        note_object(notes, decoded)
    else:
        notes.reject("unknown-model", "neither a model that is known here nor an object from the server's codec")
    return notes.done((notes.device, count) if raw else None, bytes([port & 0xFF]) + raw)


def _base64(text: object) -> bytes:
    if not text:
        return b""
    try:
        raw = base64.b64decode(text, validate=True) if isinstance(text, str) else None
    except (binascii.Error, ValueError):
        raw = None
    if raw is None:
        raise RejectedReading("bad-frame", "the frame is not base64")
    if len(raw) > MAX_LORAWAN:
        raise RejectedReading("payload-too-large", f"a frame of {len(raw)} bytes; LoRa's longest has {MAX_LORAWAN}")
    return raw


def _radio(notes: Notes, receptions: object) -> None:
    """Note the strongest reception."""
    heard = [table_of(each) for each in receptions] if isinstance(receptions, list) else []
    strengths = [(each["rssi"], each.get("snr")) for each in heard if type(each.get("rssi")) in (int, float)]
    if strengths:
        rssi_dbm, snr = max(strengths, key=lambda each: each[0])
        notes.strength(rssi_dbm)
        if snr is not None:
            notes.number("snr", snr, "dB")
