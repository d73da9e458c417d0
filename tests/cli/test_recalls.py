"""`coldchain recalls`: the list, the forms and the table of sites of a running server, printed."""

from __future__ import annotations

import httpx
import pytest
from typer.testing import CliRunner

from coldchain.cli.main import app

FORMS = {"consumer_notice": "NOTICE", "plan_text": "PLAN", "progress_report": "PROGRESS", "closing_report": "CLOSING"}


def answer(request: httpx.Request) -> httpx.Response:
    path = request.url.path
    if path.endswith("/recalls"):
        item = {"id": "r1", "level": 1, "decided": "t0", "ended": None, "lots": ["a", "b"], "stamp": "演练 (drill)"}
        return httpx.Response(200, json={"items": [item], "next": None})
    if path.endswith("/r1/forms"):
        language = request.url.params["language"]
        return httpx.Response(200, json={name: f"{language} {text}" for name, text in FORMS.items()})
    if path.endswith("/r1/sites.csv"):
        return httpx.Response(200, content="\ufeffsite id,site name\r\ns1,店\r\n".encode())
    return (
        httpx.Response(200, json={"demo": False})
        if path.endswith("/health")
        else httpx.Response(404, json={"detail": "there is no recall 'r9'"})
    )


@pytest.fixture(autouse=True)
def server(monkeypatch: pytest.MonkeyPatch) -> None:
    real = httpx.Client
    monkeypatch.setattr(
        httpx, "Client", lambda **more: real(transport=httpx.MockTransport(answer), base_url="http://server")
    )


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["show", "r1"], "en PROGRESS\n"),
        (["report", "r1", "--form", "notice"], "en NOTICE\n"),
        (["report", "r1"], "en NOTICE\n\nen PLAN\n\nen PROGRESS\n\nen CLOSING\n"),
        (["report", "r1", "--form", "csv"], "site id,site name\r\ns1,店\r\n"),
    ],
)
def test_forms_are_printed(arguments: list[str], printed: str) -> None:
    result = CliRunner().invoke(app, ["recalls", *arguments, "--lang", "en"])

    assert result.exit_code == 0, result.exception
    assert result.stdout_bytes.decode() == printed


def test_recalls_and_drills_are_listed_with_their_stamp() -> None:
    result = CliRunner().invoke(app, ["recalls", "list"])

    assert "r1" in result.output
    assert "2 lots  演练 (drill)" in result.output


@pytest.mark.parametrize(
    ("arguments", "found"), [(["show", "r9"], "no recall 'r9'"), (["report", "r1", "--form", "x"], "notice, plan")]
)
def test_what_is_asked_wrongly_is_said(arguments: list[str], found: str) -> None:
    result = CliRunner().invoke(app, ["recalls", *arguments])

    assert found in str(result.exception)
