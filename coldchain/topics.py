"""MQTT topics: who may say what to whom.

::

    coldchain/v1/{node}/data                 gateway → ingest    sealed batch
    coldchain/v1/{node}/ack                  ingest → gateway    JSON
    coldchain/v1/{node}/status               retained, last will JSON
    coldchain/v1/{node}/plain                sensor without a gateway → door beside the server
    coldchain/v1/{node}/site/{sensor}/data   sensor → gateway    on the gateway's local broker
    coldchain/server/status                  retained, last will JSON
"""

import re

ROOT = "coldchain/v1"
SERVER_STATUS = "coldchain/server/status"
ALL_DATA = f"{ROOT}/+/data"
ALL_STATUS = f"{ROOT}/+/status"
ALL_PLAIN = f"{ROOT}/+/plain"

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}\Z")


def valid_id(name: str) -> bool:
    """Say whether a name may be one level of a topic and an id in the registry.

    >>> valid_id("gw-shop-1"), valid_id("gw/+"), valid_id("")
    (True, False, False)
    """
    return _ID.match(name) is not None


def data(node: str) -> str:
    """Return the topic that a node's sealed batches go to."""
    return f"{ROOT}/{node}/data"


def ack(node: str) -> str:
    """Return the topic that a node's acknowledgements come on."""
    return f"{ROOT}/{node}/ack"


def status(node: str) -> str:
    """Return the retained topic of a node's state."""
    return f"{ROOT}/{node}/status"


def plain(node: str) -> str:
    """Return the topic on which a sensor without a gateway speaks to the door."""
    return f"{ROOT}/{node}/plain"


def site_data(node: str, sensor: str) -> str:
    """Return the topic of one sensor on its gateway's local broker."""
    return f"{ROOT}/{node}/site/{sensor}/data"


def all_site_data(node: str) -> str:
    """Return the filter for every sensor of a gateway's site."""
    return f"{ROOT}/{node}/site/+/data"


def node_of(topic: str) -> str:
    """Return the node level of a topic below ``coldchain/v1``, ``""`` when there is none.

    >>> node_of("coldchain/v1/truck-7/data"), node_of("other/x")
    ('truck-7', '')
    """
    parts = topic.split("/")
    return parts[2] if len(parts) > 3 and parts[0] == "coldchain" and parts[1] == "v1" else ""


def sensor_of(topic: str) -> str:
    """Return the sensor level of a site topic, ``""`` when there is none.

    >>> sensor_of("coldchain/v1/gw-1/site/t-3/data")
    't-3'
    """
    parts = topic.split("/")
    return parts[4] if len(parts) == 6 and parts[3] == "site" else ""
