"""What people write over the API: who says it, and why; read in the server's loop, checked before anything else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Protocol, TypeVar

import msgspec
from fastapi import Depends, Request

from dashboards.problems import Problem

MOST_ENTRIES = 5_000
"""Entries of one request."""

MOST_BYTES = 4_000_000


async def _body(request: Request) -> bytes:
    return await request.body()


Body = Annotated[bytes, Depends(_body)]
"""Read in the server's loop; what is done with it is done in a thread."""


class Said(Protocol):
    """A request: who says what, and why."""

    @property
    def who(self) -> str: ...

    @property
    def why(self) -> str: ...

    @property
    def entries(self) -> Sequence[Any]: ...


S = TypeVar("S", bound=Said)


def from_here(request: Request) -> None:
    """Refuse a page from elsewhere.

    Raises:
        Problem: 403.
    """
    origin = request.headers.get("origin")
    if origin is not None and origin.split("://", 1)[-1] != request.headers.get("host"):
        raise Problem(403, "not from here", "a page from elsewhere may not write")


def said_in(request: Request, body: bytes, kind: type[S]) -> S:
    """Return what a request says.

    Raises:
        Problem: 403: a page from elsewhere sent it; 413: too large; 422: it is no such request.
    """
    from_here(request)
    if len(body) > MOST_BYTES:
        raise Problem(413, "too large", f"at most {MOST_BYTES} bytes and {MOST_ENTRIES} entries a request")
    try:
        saying = msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as fault:
        raise Problem(422, "the request does not fit", str(fault)) from fault
    if not saying.who.strip() or not saying.why.strip():
        raise Problem(422, "the request does not fit", "who and why: say who says it, and why")
    if not 0 < len(saying.entries) <= MOST_ENTRIES:
        raise Problem(422, "the request does not fit", f"entries: 1 to {MOST_ENTRIES}")
    return saying
