"""Frames that were published, and what their publishers say is in them; the source stands at each."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

EUI = "24e124136a000001"
IMEI = "356307042441013"

RAWV2 = "0512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F"
RUUVI_DOCS = "docs.ruuvi.com, data format 5 (RAWv2), test vectors"
SENSOR_DECODERS = "github.com/Milesight-IoT/SensorDecoders"
TRACCAR = "github.com/traccar/traccar, src/test"


@dataclass(frozen=True)
class Frame:
    """A message, and the readings expected of it: last part of the name → value (or fault word)."""

    format: str
    payload: bytes
    said: Mapping[str, float | bool | str]
    source: str
    device: str = f"urn:dev:mac:{EUI}"
    sensor: str = EUI
    past: Mapping[tuple[str, int], float | bool | str] = field(default_factory=dict)
    """(name, s) → value, of records that have a time of their own."""
    rejected: tuple[str, ...] = ()


def relayed(advertisement: str, **more: object) -> bytes:
    """Return a Ruuvi Gateway's message, shaped as in docs.ruuvi.com and openHAB's tests."""
    head = {"gw_mac": "C8:25:2D:8E:9C:2C", "rssi": -26, "aoa": [], "gwts": "1653668027", "ts": "1653668027"}
    return json.dumps({**head, "data": advertisement, "coords": "", **more}).encode()


def uplink(raw: bytes, model_id: str = "", **more: Any) -> bytes:
    """Return an uplink of The Things Stack, shaped as in its document of data formats."""
    message: dict[str, Any] = {
        "f_port": 2, "f_cnt": 42, "frm_payload": base64.b64encode(raw).decode(),
        "rx_metadata": [{"rssi": -57, "snr": 8.2}], "received_at": "2024-01-15T10:30:00Z",
    }  # fmt: skip
    if model_id:
        message["version_ids"] = {"brand_id": "b", "model_id": model_id}
    ids = {"device_id": "eui-0004a30b001c0530", "dev_eui": "0004A30B001C0530"}
    return json.dumps({"end_device_ids": ids, "uplink_message": {**message, **more}}).encode()


def chirp(raw: bytes, tags: dict[str, str], **more: Any) -> bytes:
    """Return an up event of ChirpStack, as in its document: no fCnt, for it is 0."""
    event = {
        "deduplicationId": "3ac7e3c4-4401-4b8d-9386-a5c902f9202d",
        "time": "2022-07-18T09:34:15.775023242+00:00",
        "deviceInfo": {"deviceName": "Test device", "devEui": "0101010101010101", "tags": tags},
        "devAddr": "00189440", "dr": 1, "fPort": 1, "data": base64.b64encode(raw).decode(),
        "rxInfo": [{"gatewayId": "0016c001f153a14c", "rssi": -36, "snr": 10.5}],
    }  # fmt: skip
    return json.dumps({**event, **more}).encode()


def milesight(
    model: str, hexadecimal: str, said: dict[str, Any], past: dict[tuple[str, int], Any] | None = None
) -> Frame:
    return Frame(f"milesight-{model}", bytes.fromhex(hexadecimal), said, f"{SENSOR_DECODERS}, {model}", past=past or {})


def dragino(
    hexadecimal: str, said: dict[str, Any], source: str, past: dict[tuple[str, int], Any] | None = None
) -> Frame:
    return Frame("dragino-lht65n", bytes.fromhex(hexadecimal), said, source, past=past or {})


EM320 = "01755C03673401046865"
LHT65 = "CBF60B0D0376010ADD7FFF"
LHT65_CATALOGUE = "github.com/TheThingsNetwork/lorawan-devices, dragino/lht65n-codec.yaml"
LHT65_MANUAL = "Dragino LHT65 manual 2.4, 2.6.4"
DATALOG = (
    "7FFF089801464160065F977FFF088E014B41600660097FFF0885014E41600660667FFF0875015141600662BE7FFF086B015541600665167FFF0866"
    "0155416006676E7FFF085F015A41600669C67FFF0857015D4160066C1E"
)
DATALOG_ENTRIES = (
    (0x60065F97, 22.00, 32.6), (0x60066009, 21.90, 33.1), (0x60066066, 21.81, 33.4), (0x600662BE, 21.65, 33.7),
    (0x60066516, 21.55, 34.1), (0x6006676E, 21.50, 34.1), (0x600669C6, 21.43, 34.6), (0x60066C1E, 21.35, 34.9),
)  # fmt: skip
EFENTO = (
    "0a06282c02424eed1001183c220f080110b8d0a7c20620d2032a020000220e080210b8d0a7c20620722a0200002896d5a7c206"
    "40014809820100"
)
TZONE_LOGGER = (
    "545a004d24240407010d0000018032100000031515090c052c2100000022030a033400201347000056860a0334002013470000"
    "2feb0a03340020134700007d96000baa10211f01810127022d000001ebe00d0a"
)
TZONE_TAGS = (
    "545a005b24240406010800000866050033819630120911071824000472bd8e5b0008aac01b07019b04bb002f00040b06161154000e100132ff20"
    "06161152000e080096ff4606161151000e1e0101ff1406161156000db6405bff490024469e0d0a"
)
TZONE_TAGS_BEFORE = (
    "545a006624240406010800000866050033819630120911070e1d000472bd8e5b0008aac01b17019b04bc003a00050b06161151000e1e00ffff14"
    "06161152000e08008aff4706161154000e100134ff1f06161156000db0406cff4906161155000df44011ff4e0023811a0d0a"
)
TELTONIKA = json.dumps({"state": {"reported": {
    "ts": 1698922776030, "pr": 1, "latlng": "0.000000,0.000000", "alt": 0, "ang": 0, "sat": 0, "sp": 0, "evt": 250,
    "239": 0, "240": 1, "80": 1, "21": 4, "200": 0, "69": 2, "66": 11922, "24": 0, "206": 30, "67": 4110, "68": 0,
    "13": 2840, "17": 45, "18": -11, "19": 988, "15": 1000, "241": 20416, "238": "0x0000000000000000",
    "387": "+000000.0000+0000000.0000+000.000/",
}}}).encode()  # fmt: skip
FLESPI = json.dumps([{
    "position.valid": True, "ain#4": 0, "position.latitude": 57.986744, "refrigerator.sensor.temperature#1": 74.1,
    "gsm.signal.level": 0, "refrigerator.connection.status": 0, "ident": "605630", "timestamp": 1392272112,
    "record.seqnum": 8174, "external.powersource.voltage": 15.303, "position.longitude": 56.207576,
    "external.powersource.voltage.range.outside.status": False, "gnss.enum": "glonass", "battery.voltage": 3.934,
}, {
    "position.valid": False, "position.latitude": 10.11223, "refrigerator.sensor.temperature#1": 62.5,
    "ident": "605630", "timestamp": 946684840, "position.longitude": 20.88774,
}]).encode()  # fmt: skip
RUUVI: dict[str, float | bool | str] = {"temperature": 24.3, "humidity": 53.49, "pressure": 100044.0, "battery": 2.977}

EYE: dict[str, float | bool | str] = {
    "temperature": 22.28, "humidity": 18.0, "magnet": False, "battery": 3.03, "battery-low": False,
}  # fmt: skip
TTS_DOCS, CHIRPSTACK_DOCS = "The Things Stack, data formats", "ChirpStack, event types"
FLESPI_PAST: dict[tuple[str, int], float | bool | str] = {
    ("refrigerator.sensor.temperature-1", 1392272112): 74.1,
    ("external.powersource.voltage", 1392272112): 15.303,
    ("battery.voltage", 1392272112): 3.934,
    ("lat", 1392272112): 57.986744,
    ("lon", 1392272112): 56.207576,
    ("refrigerator.sensor.temperature-1", 946684840): 62.5,
    ("lat", 946684840): "no-fix",
    ("lon", 946684840): "no-fix",
}
LHT65_SAID = {"battery": 3.062, "temperature": 28.29, "humidity": 88.6, "temperature-ext": 27.81}
DATALOG_PAST: dict[tuple[str, int], float | bool | str] = {}
for at_s, celsius, humidity in DATALOG_ENTRIES:
    DATALOG_PAST |= {
        ("temperature-ext", at_s): "no-probe",
        ("temperature", at_s): celsius,
        ("humidity", at_s): humidity,
    }

PUBLISHED = [
    Frame("ruuvi-gateway", relayed(f"0201061BFF9904{RAWV2}"), {**RUUVI, "rssi": -56.0}, RUUVI_DOCS,
          device="urn:dev:mac:cbb8334c884f"),
    Frame("ble-advertisement", bytes.fromhex(f"0201061BFF9904{RAWV2}"), RUUVI, RUUVI_DOCS,
          device="urn:dev:mac:cbb8334c884f"),
    Frame("ble-advertisement", bytes.fromhex("1BFF9904057FFFFFFEFFFE7FFF7FFF7FFFFFDEFEFFFECBB8334C884F"),
          {"temperature": 163.835, "humidity": 163.835, "pressure": 115534.0, "battery": 3.646},
          f"{RUUVI_DOCS}: maximum", device="urn:dev:mac:cbb8334c884f"),
    Frame("ble-advertisement", bytes.fromhex("1BFF9904058001000000008001800180010000000000CBB8334C884F"),
          {"temperature": -163.835, "humidity": 0.0, "pressure": 50000.0, "battery": 1.6}, f"{RUUVI_DOCS}: minimum",
          device="urn:dev:mac:cbb8334c884f"),
    Frame("ble-advertisement", bytes.fromhex("1BFF9904058000FFFFFFFF800080008000FFFFFFFFFFFFFFFFFFFFFF"),
          dict.fromkeys(RUUVI, "no-value"), f"{RUUVI_DOCS}: invalid"),
    Frame("ruuvi-gateway", relayed("0201041BFF99040516DAFFFFFFFF038C02000028A3766698B8DF06DCBA793A"),
          {"temperature": 29.25, "humidity": "no-value", "pressure": "no-value", "battery": 2.907, "rssi": -56.0},
          "recorded by a Ruuvi Gateway (values as read here)",
          device="urn:dev:mac:df06dcba793a"),
    Frame("ruuvi-gateway", relayed("020106 0EFF9A0801B708B4120CCB0BFFC767"),
          {**EYE, "rssi": -56.0},
          "Teltonika, EYE sensor: Bluetooth protocol, through a gateway that relays it"),
    Frame("ble-advertisement", bytes.fromhex("0EFF9A0801B708B4120CCB0BFFC767"),
          EYE,
          "Teltonika, EYE sensor: Bluetooth protocol"),
    milesight("em320-th", EM320, {"battery": 92.0, "temperature": 30.8, "humidity": 50.5}),
    milesight("em320-th", "20CE9E74466310015D", {},
              {("temperature", 1665561758): 27.2, ("humidity", 1665561758): 46.5}),
    milesight("ts201", "03673401", {"temperature": 30.8}),
    milesight("ts201", "8367340101", {"temperature": 30.8}),
    milesight("ts201", "93673401640002", {"temperature": 30.8}),
    milesight("ts201", "B36700", {"temperature": "read-error"}),
    milesight("ts201", "20CEC79AFA6402BDFF", {}, {("temperature", 1694145223): -6.7}),
    milesight("ts201-v2", "94684E0802", {"humidity": 39.0}),
    milesight("ts201-v2", "B36700", {"temperature": "read-error"}),
    milesight("ts201-v2", "20CEC79AFA6401BDFF2E01", {}, {("temperature", 1694145223): -6.7}),
    milesight("ts301", "0175640367F100040001", {"battery": 100.0, "temperature-1": 24.1, "door-2": True}),
    milesight("ts301", "0175640367FB0004670101", {"battery": 100.0, "temperature-1": 25.1, "temperature-2": 25.7}),
    milesight("ts301", "017514030001040001", {"battery": 20.0, "door-1": True, "door-2": True}),
    milesight("ts301", "01756403672701836727010004670801",
              {"battery": 100.0, "temperature-1": 29.5, "temperature-2": 26.4}),
    milesight("ts301", "0175640367F1000467F7008467F70001",
              {"battery": 100.0, "temperature-1": 24.1, "temperature-2": 24.7}),
    milesight("ts301", "94D70401820002", {"temperature-2": 26.0}),
    milesight("ts301", "20CEC79AFA6444BDFFF600", {},
              {("temperature-1", 1694145223): -6.7, ("temperature-2", 1694145223): 24.6}),
    dragino(LHT65, LHT65_SAID, LHT65_CATALOGUE),
    dragino("CBBDF5C6022E01F54F7FFF",
            {"battery": 3.005, "temperature": -26.18, "humidity": 55.8, "temperature-ext": -27.37},
            f"{LHT65_MANUAL}: (0xF54F-65536)/100 = -27.37"),
    dragino(DATALOG, {}, LHT65_MANUAL, DATALOG_PAST),
    Frame("efento", bytes.fromhex(EFENTO), {}, "recorded from an Efento sensor, 23.3 °C and 57 % by its own fields",
          device="urn:dev:mac:282c02424eed", past={
              ("temperature-1", 1749674040): 23.3, ("temperature-1", 1749674100): 23.3,
              ("humidity-2", 1749674040): 57.0, ("humidity-2", 1749674100): 57.0}),
    Frame("teltonika", TELTONIKA, {}, "github.com/openremote/openremote, teltonikaValidPayload1.json (shortened)",
          device=f"urn:dev:imei:{IMEI}", sensor=IMEI, past={
              ("lat", 1698922776): "no-fix", ("lon", 1698922776): "no-fix",
              ("supply", 1698922776): 11.922, ("battery", 1698922776): 4.11}),
    Frame("tzone", bytes.fromhex(TZONE_LOGGER), {}, f"{TRACCAR}, TzoneProtocolDecoderTest",
          device="urn:dev:imei:180321000000315", past={
              ("battery", 1631425473): 3.85, ("temperature", 1631425473): 29.5, ("humidity", 1631425473): 55.7}),
    Frame("things-stack", uplink(bytes.fromhex(EM320), "em320-th"), {}, f"{TTS_DOCS}; {SENSOR_DECODERS}",
          device="urn:dev:mac:0004a30b001c0530", past={
              ("rssi", 1705314600): -87.0, ("snr", 1705314600): 8.2, ("battery", 1705314600): 92.0,
              ("temperature", 1705314600): 30.8, ("humidity", 1705314600): 50.5}),
    Frame("chirpstack:dragino-lht65n", chirp(bytes.fromhex(LHT65), {}, fPort=2), {},
          f"{CHIRPSTACK_DOCS}; {LHT65_CATALOGUE}", device="urn:dev:mac:0101010101010101", past={
              ("rssi", 1658136855): -66.0, ("snr", 1658136855): 10.5, ("battery", 1658136855): 3.062,
              ("temperature", 1658136855): 28.29, ("humidity", 1658136855): 88.6,
              ("temperature-ext", 1658136855): 27.81}),
    Frame("chirpstack", chirp(b"\xaa", {"key": "value"}), {}, f"{CHIRPSTACK_DOCS}: the example itself",
          device="urn:dev:mac:0101010101010101", rejected=("unknown-model",),
          past={("rssi", 1658136855): -66.0, ("snr", 1658136855): 10.5}),
    Frame("thingsboard", b'{"Device A":[{"ts":1483228800000,"values":{"temperature":42,"humidity":80}}]}', {},
          "thingsboard.io, gateway API: telemetry upload", device="urn:dev:name:Device_20A",
          past={("temperature", 1483228800): 42.0, ("humidity", 1483228800): 80.0}),
    Frame("flespi", FLESPI, {}, f"{TRACCAR}, FlespiProtocolDecoderTest (shortened)", device="urn:dev:name:605630",
          past=FLESPI_PAST),
    Frame("senml", b'[{"bn":"urn:dev:ow:10e2073a0108006:","bt":1.276020076001e+09,"bu":"A","bver":5,"n":"voltage",'
          b'"u":"V","v":120.1},{"n":"current","t":-5,"v":1.2},{"n":"current","v":1.7}]', {},
          "RFC 8428 5.1.2, shortened", device="urn:dev:ow:10e2073a0108006", past={
              ("voltage", 1276020076): 120.1, ("current", 1276020071): 1.2, ("current", 1276020076): 1.7}),
]  # fmt: skip
