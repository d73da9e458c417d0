"""Errors as RFC 9457 problem documents: what happened, and what to do; never a traceback."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

log = structlog.get_logger()
MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """A refusal with its reason, for the client to act on."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        self.status, self.title, self.detail = status, title, detail
        super().__init__(f"{status} {title}: {detail}")


def _answer(status: int, title: str, detail: str) -> JSONResponse:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(body, status, media_type=MEDIA_TYPE)


def install(app: FastAPI, headers: Mapping[str, str]) -> None:
    """Make every error of an app a problem document.

    Args:
        headers: for the answer to a crash, which passes by every middleware.
    """

    @app.exception_handler(Problem)
    async def _problem(_request: Request, fault: Problem) -> JSONResponse:
        return _answer(fault.status, fault.title, fault.detail)

    @app.exception_handler(HTTPException)
    async def _http(_request: Request, fault: HTTPException) -> JSONResponse:
        return _answer(fault.status_code, str(fault.detail), str(fault.detail))

    @app.exception_handler(RequestValidationError)
    async def _invalid(_request: Request, fault: RequestValidationError) -> JSONResponse:
        places = "; ".join(f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in fault.errors())
        return _answer(422, "the request does not fit", places)

    @app.exception_handler(Exception)
    async def _crash(request: Request, fault: Exception) -> JSONResponse:
        reference = secrets.token_hex(4)
        log.error("api.failed", path=request.url.path, reference=reference, exc_info=fault)
        answer = _answer(500, "something failed here", f"the server's log has it under {reference}")
        answer.headers.update(headers)
        return answer
