"""`coldchain epcis export`: every page of a running server as one document, in a file or printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from coldchain.cli.main import app


def page(number: int) -> dict[str, Any]:
    return {"type": "EPCISDocument", "epcisBody": {"eventList": [{"eventID": f"urn:x:{number}"}]}}


def answer(request: httpx.Request) -> httpx.Response:
    """Three pages of one event; of corrections one."""
    if request.url.path.endswith("/corrections"):
        return httpx.Response(200, json=page(int(request.url.params["from"][:4])))
    if request.url.params.get("lot") == "nobody":
        return httpx.Response(404, json={"detail": "there is no lot 'nobody'"})
    number = int(request.url.params.get("cursor", "0"))
    link = {"Link": f'</api/v1/epcis?lot=L1&cursor={number + 1}>; rel="next"'} if number < 2 else {}
    return httpx.Response(200, json=page(number), headers=link)


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch) -> None:
    real = httpx.Client
    monkeypatch.setattr(
        httpx, "Client", lambda **more: real(transport=httpx.MockTransport(answer), base_url="http://server")
    )


def test_every_page_comes_into_one_document(tmp_path: Path) -> None:
    file = tmp_path / "l1.jsonld"

    result = CliRunner().invoke(app, ["epcis", "export", "--lot", "L1", "--out", str(file)])

    assert result.exit_code == 0, result.output
    assert [one["eventID"] for one in json.loads(file.read_text())["epcisBody"]["eventList"]] == [
        "urn:x:0", "urn:x:1", "urn:x:2",
    ]  # fmt: skip
    assert result.output == f"{file}: 3 events\n"


@pytest.mark.parametrize(
    ("arguments", "found"),
    [([], "one of them"), (["--lot", "a", "--trip", "b"], "one of them"), (["--lot", "nobody"], "nobody")],
)
def test_what_is_asked_wrongly_is_said(arguments: list[str], found: str) -> None:
    result = CliRunner().invoke(app, ["epcis", "export", *arguments])

    assert result.exit_code != 0
    assert found in str(result.exception)


def test_corrections_are_asked_for_since_a_time() -> None:
    result = CliRunner().invoke(app, ["epcis", "corrections", "--from", "2026-11-24T00:00:00Z"])

    assert json.loads(result.stdout)["epcisBody"]["eventList"] == [{"eventID": "urn:x:2026"}]
