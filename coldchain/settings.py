"""Settings: one TOML file plus the environment, all faults at once, every default explained.

``COLDCHAIN_WEB__PORT=9090`` overrides ``[web] port``. `coldchain config --explain` prints this file's knowledge.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError

from coldchain.errors import ConfigError
from coldchain.notify_settings import NotifySettings, explain_channels
from coldchain.section import Section as _Section

PREFIX = "COLDCHAIN_"
LISTS = ("history_sensors",)
"""Settings of several values; in the environment they are separated by commas."""


class BrokerSettings(_Section):
    """An MQTT broker."""

    host: str = Field("127.0.0.1", description="name or address of the broker")
    port: int = Field(1883, ge=1, le=65535, description="TCP port of the broker")
    username: str | None = Field(None, description="user name; none for an anonymous broker")
    password: str | None = Field(None, description="password of the user name")


class IngestSettings(_Section):
    """Receiving and appending."""

    batch_ms: int = Field(50, ge=1, le=1000, description="longest time a micro-batch gathers, milliseconds")
    batch_bytes: int = Field(4 << 20, ge=65536, description="largest micro-batch and most held in memory, bytes")
    linger_ms: int = Field(5, ge=0, le=50, description="how long the first message waits for company, milliseconds")


class SeriesSettings(_Section):
    """The embedded series store."""

    memory_mb: int = Field(64, ge=32, description="DuckDB's memory limit, MB; at least 96 by night")


class WebSettings(_Section):
    """The page and the API."""

    host: str = Field("127.0.0.1", description="address to listen on; anything but loopback needs TLS in front")
    port: int = Field(8080, ge=0, le=65535, description="port; 0 takes any free one")
    trips_secret_file: Path | None = Field(
        None,
        description="file with the secret that POST /api/v1/trips must be signed with; none: it need not be",
    )


class RoutingSettings(_Section):
    """A routing service for planned trips."""

    url: str = Field("", description="an OSRM-compatible server, http://127.0.0.1:5000; empty: great circles count")
    profile: str = Field("driving", description="which roads, as the server names them")
    timeout_s: float = Field(5.0, gt=0, description="a plan goes without a way after so long, seconds")


class EpcisSettings(_Section):
    """Events for other people's systems."""

    own: str = Field(
        "", description="address of your own that names what has no GS1 number, without a last slash; none: no EPCIS"
    )


class Jt808Item(_Section):
    """How one additional item of a JT/T 808 position is read (docs/devices.md)."""

    quantity: str = Field(pattern=r"^[a-z][a-z0-9-]*$", description="last part of the channel's name")
    unit: str = Field("", description="SenML unit of the value")
    bytes: int = Field(2, ge=1, le=8, description="length of one value, big-endian")
    coding: Literal["unsigned", "signed", "sign-magnitude"] = Field(
        "unsigned", description="signed is two's complement; in sign-magnitude the first bit is the sign"
    )
    scale: float = Field(1.0, description="what one step is worth, in the unit")
    offset: float = Field(0.0, description="added after scaling, in the unit")
    sensors: int = Field(0, ge=0, le=127, description="sensors fitted, numbered from 1; 0: one value without a number")
    missing: tuple[int, ...] = Field(
        (), description="raw values of a sensor that is not there: a fault if it is fitted"
    )


class Jt808Profile(_Section):
    """How the positions of a kind of terminal are read."""

    coordinates: Literal["WGS-84", "GCJ-02", "BD-09"] = Field("WGS-84", description="system of its coordinates")
    history: bool = Field(False, description="single positions come late, too: their own time counts however old")
    items: dict[str, Jt808Item] = Field({}, description="id of an additional item (0x51) to how it is read")


class Jt808Terminal(_Section):
    """A terminal that may register."""

    profile: str = Field("default", description="how its positions are read")
    device: str = Field("", description="terminal id that its registration must name; empty: any")


class Jt808Settings(_Section):
    """A door's listener for JT/T 808 terminals."""

    host: str = Field("127.0.0.1", description="address to listen on; the protocol encrypts nothing (docs/devices.md)")
    port: int = Field(0, ge=0, le=65535, description="TCP port for JT/T 808 terminals; 0: none")
    profiles: dict[str, Jt808Profile] = Field(
        {}, description="how the positions of a kind of terminal are read; `default` for all that name none"
    )
    terminals: dict[str, Jt808Terminal] = Field(
        {}, description="number of each terminal that may register to its profile (docs/devices.md)"
    )
    strangers: bool = Field(True, description="what unlisted terminals say waits in the inbox; false: refused")
    max_connections: int = Field(
        512, ge=1, description="connections at once; half of them for terminals that did not prove themselves yet"
    )
    idle_s: float = Field(300.0, gt=0, description="a terminal that says nothing for so long is cut off, seconds")


class GatewaySettings(_Section):
    """A gateway."""

    node: str = Field("", description="id of this node in the registry")
    key_file: Path | None = Field(None, description="Ed25519 private key (PEM); made on first start, mode 0600")
    spool: Path = Field(Path("spool.db"), description="file of the spool")
    spool_limit_mb: int = Field(
        1024, ge=1, description="size of the spool; warning at 80 %, new readings refused when full"
    )
    keep_days: int = Field(
        7, ge=0, description="acknowledged readings are kept this long, or until half the spool is full"
    )
    seal_age_s: float = Field(
        10.0, gt=0, description="a batch closes at this age while the uplink is up, seconds (60 on mobile)"
    )
    seal_age_offline_s: float = Field(300.0, gt=0, description="the same while the uplink is down, seconds")
    history_sensors: tuple[str, ...] = Field((), description="sensors whose format says history: their own time counts")
    formats: dict[str, str] = Field(
        {},
        description="sensor, or pattern with `*`, to the format it speaks (docs/devices.md); SenML where none matches",
    )
    door: bool = Field(False, description="beside the server: hears sensors without a gateway at the uplink broker")
    sources: dict[str, str] = Field(
        {}, description="a door's further topics (MQTT filters) and the format that is spoken there"
    )
    push_port: int = Field(0, ge=0, le=65535, description="a door's HTTP port for POST /push/{sensor}; 0: none")
    push_tokens: dict[str, str] = Field(
        {}, description="sensor, or pattern with `*`, to the token that may push for it"
    )
    jt808: Jt808Settings = Field(default_factory=Jt808Settings, description="a door's listener for JT/T 808 terminals")
    site: BrokerSettings = Field(default_factory=BrokerSettings, description="the broker that the sensors speak to")
    uplink: BrokerSettings = Field(default_factory=BrokerSettings, description="the broker that ingest listens to")


class Settings(_Section):
    """Everything that can be set."""

    data: Path = Field(Path("coldchain-data"), description="folder of ledger, series and alarms; one server a folder")
    broker: BrokerSettings = Field(default_factory=BrokerSettings, description="the broker that gateways send to")
    ingest: IngestSettings = Field(default_factory=IngestSettings, description="receiving and appending")
    series: SeriesSettings = Field(default_factory=SeriesSettings, description="the embedded series store")
    web: WebSettings = Field(default_factory=WebSettings, description="the page and the API")
    epcis: EpcisSettings = Field(default_factory=EpcisSettings, description="events for other people's systems")
    routing: RoutingSettings = Field(default_factory=RoutingSettings, description="the way of planned trips")
    notify: NotifySettings = Field(default_factory=NotifySettings, description="messages to people")
    gateway: GatewaySettings = Field(default_factory=GatewaySettings, description="this machine as a gateway")


def load(path: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Args:
        path: TOML file; None for defaults and environment alone.
        environment: variables; the process's own when None.

    Raises:
        ConfigError: every fault at once, each with its place, what was found and what is expected.
    """
    faults: list[str] = []
    values: dict[str, Any] = {}
    if path is not None:
        try:
            values = tomllib.loads(path.read_text("utf-8"))
        except OSError as fault:
            faults.append(f"{path}: cannot be read: {fault.strerror}")
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            faults.append(f"{path}: not TOML: {fault}")
    from_environment: dict[str, str] = {}
    for name, text in sorted((os.environ if environment is None else environment).items()):
        if (name.startswith(PREFIX) and "__" in name.removeprefix(PREFIX)) or name == f"{PREFIX}DATA":
            keys = name.removeprefix(PREFIX).lower().split("__")
            from_environment[".".join(keys)] = name
            _put(values, keys, text)
    try:
        settings = Settings.model_validate(values)
    except ValidationError as fault:
        faults += [_sentence(error, path, from_environment) for error in fault.errors()]
    if faults:
        raise ConfigError(faults)
    return settings


def _put(values: dict[str, Any], keys: list[str], text: str) -> None:
    for key in keys[:-1]:
        inner = values.setdefault(key, {})
        values = inner if isinstance(inner, dict) else {}
    values[keys[-1]] = text.split(",") if keys[-1] in LISTS else text


def _sentence(error: Any, path: Path | None, from_environment: Mapping[str, str]) -> str:
    place = ".".join(map(str, error["loc"]))
    where = from_environment.get(place, path or "environment")
    if error["type"] == "extra_forbidden":
        return f"{where}: {place}: no such setting; `coldchain config --explain` lists all"
    if isinstance(error["input"], Mapping | list):  # the whole of it: there may be a secret in the wrong place
        return f"{where}: {place}: {error['msg']}"
    return f"{where}: {place}: {error['msg']}, found {error['input']!r}"


def explain() -> Iterator[tuple[str, str, str]]:
    """Yield (setting, default, meaning) of everything, in the order of the file."""
    yield from _explain(Settings, "")


def _explain(section: type[BaseModel], prefix: str) -> Iterator[tuple[str, str, str]]:
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _explain(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(field.get_default(call_default_factory=True)), field.description or ""
            if section is NotifySettings and name == "channels":
                yield from explain_channels()
