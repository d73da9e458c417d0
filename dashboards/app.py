"""The web application: API, live push, the built page, and the headers that keep a browser honest."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from starlette.staticfiles import StaticFiles

from coldchain import __version__
from dashboards import (
    alarm_actions,
    alarm_lots,
    api,
    corrections,
    drills,
    epcis,
    kpis,
    live,
    lot_history,
    lot_trace,
    lots,
    messages,
    papers,
    problems,
    recalls,
    stop_sale,
    trip_months,
    trip_track,
    trips,
)
from dashboards.sources import Sources

STATIC = Path(__file__).parent / "static"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

NOT_BUILT = (
    "<!doctype html><title>coldchain</title><p>The page is not built. Run <code>make page</code> and reload. "
    "The API works: <a href=/api/v1/health>/api/v1/health</a>"
)


def create_app(sources: Sources, static: Path = STATIC) -> FastAPI:
    """Put the application together.

    Args:
        sources: what to read from.
        static: folder of the built page.
    """
    hub = live.LiveHub(sources)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(hub.run())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    app = FastAPI(
        title="coldchain",
        version=__version__,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    problems.install(app, {**HEADERS, "Cache-Control": "no-store"})
    app.include_router(api.router(sources))
    app.include_router(alarm_actions.router(sources))
    app.include_router(messages.router(sources))
    app.include_router(drills.router(sources))
    app.include_router(lots.router(sources))
    app.include_router(lot_history.router(sources))
    app.include_router(lot_trace.router(sources))
    app.include_router(alarm_lots.router(sources))
    app.include_router(recalls.router(sources))
    app.include_router(stop_sale.router(sources))
    app.include_router(corrections.router(sources))
    app.include_router(epcis.router(sources))
    app.include_router(trips.router(sources))
    app.include_router(trip_track.router(sources))
    app.include_router(trip_months.router(sources))
    app.include_router(papers.router(sources))
    app.include_router(kpis.router(sources))
    app.include_router(live.router(hub))

    @app.middleware("http")
    async def _headers(request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.url.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    @app.get("/healthz", include_in_schema=False)
    def healthz() -> PlainTextResponse:
        return PlainTextResponse("live\n")

    @app.get("/readyz", include_in_schema=False)
    def readyz() -> PlainTextResponse:
        ready = sources.ready()
        return PlainTextResponse("ready\n" if ready else "projections are catching up\n", 200 if ready else 503)

    @app.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        return Response(_metrics(sources), media_type="text/plain; version=0.0.4")

    if (static / "index.html").exists():
        app.mount("/", StaticFiles(directory=static, html=True), name="page")
    else:

        @app.get("/", include_in_schema=False)
        def not_built() -> HTMLResponse:
            return HTMLResponse(NOT_BUILT, 503)

    return app


def _metrics(sources: Sources) -> bytes:
    registry = CollectorRegistry()
    counts = Gauge("coldchain_count", "What each stage counted since the start", ["stage", "what"], registry=registry)
    for stage, books in sources.counters().items():
        for what, count in books.items():
            counts.labels(stage, what).set(count)
    lag = Gauge("coldchain_projection_lag", "Ledger positions still to apply", ["projection"], registry=registry)
    for projection in sources.projections():
        lag.labels(projection.name).set(projection.lag)
    Gauge("coldchain_ledger_position", "Last ledger position", registry=registry).set(sources.ledger.end())
    return bytes(generate_latest(registry))
