"""HTTP push: platforms that post instead of publishing; 204 means that it is durable here.

``POST /push/{sensor}``, ``Authorization: Bearer …`` as `gateway.push_tokens` has it. 401 no or another token, 413 too
long, 422 nothing in it is a reading (with the reasons), 503 no room, try again.
"""

from __future__ import annotations

import fnmatch
import hmac
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from coldchain.errors import ConfigError, Unavailable
from coldchain.http import serve_http
from coldchain.settings import GatewaySettings
from coldchain.topics import valid_id
from gateway.hearing import Hearing, Said

MAX_BODY = 65_536
RETRY_S = 5


def app_of(hearing: Hearing, tokens: Mapping[str, str]) -> Starlette:
    """Return the application.

    Args:
        tokens: sensor or pattern (`fnmatch`) → token; the first that matches counts.
    """

    async def push(request: Request) -> Response:
        sensor = request.path_params["sensor"]
        if not valid_id(sensor) or not _may(tokens, sensor, request.headers.get("authorization", "")):
            return _problem(401, "no token for this sensor", "send Authorization: Bearer with the sensor's token")
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                return _problem(413, "too long", f"at most {MAX_BODY} bytes")
        before = hearing.rejections()
        try:
            readings = await hearing.take_once(Said(sensor, body, plain=True))
        except Unavailable as fault:
            answer = _problem(503, "no room", str(fault))
            answer.headers["Retry-After"] = str(RETRY_S)
            return answer
        reasons = [reason for reason, count in hearing.rejections().items() if count > before.get(reason, 0)]
        if not readings and reasons:
            return _problem(422, "nothing here is a reading", ", ".join(reasons))
        return Response(status_code=204)

    return Starlette(routes=[Route("/push/{sensor}", push, methods=["POST"])])


async def serve(hearing: Hearing, settings: GatewaySettings) -> None:
    """Serve on loopback until cancelled; TLS ends in front of it.

    Raises:
        ConfigError: no token is set.
    """
    if not settings.push_tokens:
        raise ConfigError("gateway.push_port is set without gateway.push_tokens: give each sensor a token")
    await serve_http(app_of(hearing, settings.push_tokens), "127.0.0.1", settings.push_port, lifespan="off")


def _may(tokens: Mapping[str, str], sensor: str, authorization: str) -> bool:
    token = next((token for pattern, token in tokens.items() if fnmatch.fnmatchcase(sensor, pattern)), "")
    return bool(token) and hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode())


def _problem(status: int, title: str, detail: str) -> JSONResponse:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(body, status, media_type="application/problem+json")
