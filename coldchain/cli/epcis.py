"""EPCIS documents from a running server, page by page as one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from coldchain.cli.query import refusal
from coldchain.cli.report import TIMEOUT_S

CORRECTIONS = "/corrections"


def exported(server: str, query: Mapping[str, str], part: str = "") -> tuple[str, int]:
    """Return a document with the events of every page, and how many they are.

    Args:
        part: `CORRECTIONS`, or empty: the events themselves.

    Raises:
        ConfigError: the server refuses it.
        Unavailable: no server.
    """
    try:
        with httpx.Client(base_url=server, timeout=TIMEOUT_S) as client:
            document = _page(client, f"/api/v1/epcis{part}", {name: value for name, value in query.items() if value})
    except httpx.HTTPError as fault:
        raise refusal(server, fault) from fault
    return json.dumps(document, ensure_ascii=False), len(document["epcisBody"]["eventList"])


def _page(client: httpx.Client, path: str, query: Mapping[str, str]) -> Any:
    answer = client.get(path, params=query)
    answer.raise_for_status()
    document = answer.json()
    while (link := answer.links.get("next")) is not None:
        answer = client.get(link["url"])
        answer.raise_for_status()
        document["epcisBody"]["eventList"] += answer.json()["epcisBody"]["eventList"]
    return document
