"""A routing service over the real wire: asked as OSRM wants it, read whole, and its faults told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from coldchain import routing
from coldchain.errors import Unavailable
from coldchain.routing import Osrm, Way

PLACES = [(31.635, 121.45), (31.37, 121.23)]

OK = {
    "code": "Ok",
    "routes": [
        {
            "distance": 61234.56,
            "duration": 3600.0,
            "geometry": {"type": "LineString", "coordinates": [[121.45, 31.635], [121.7, 31.4], [121.23, 31.37]]},
        }
    ],
    "waypoints": [],
}


class Roads:
    """A server that answers as it was told, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answer: tuple[int, bytes] = (200, json.dumps(OK).encode())
        self.asked: list[str] = []
        roads = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                roads.asked.append(self.path)
                status, body = roads.answer
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def roads() -> Iterator[Roads]:
    server = Roads()
    yield server
    server.close()


def test_a_way_is_asked_longitude_first_and_read_latitude_first(roads: Roads) -> None:
    way = Osrm(roads.url + "/").way(PLACES)

    assert way == Way(((31.635, 121.45), (31.4, 121.7), (31.37, 121.23)), 61234.6)
    asked = urlsplit(roads.asked[0])
    assert asked.path == "/route/v1/driving/121.450000,31.635000;121.230000,31.370000"
    assert parse_qs(asked.query)["geometries"] == ["geojson"]


def test_where_no_road_leads_there_is_no_way(roads: Roads) -> None:
    roads.answer = 400, b'{"code": "NoRoute", "message": "Impossible route between points"}'

    assert Osrm(roads.url).way(PLACES) is None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"{}"),
        (302, b""),
        (200, b"<html>"),
        (200, b'{"code": "Ok", "routes": []}'),
        (200, b'{"code": "Ok", "routes": [{"distance": 1, "geometry": {"coordinates": [[121, 31]]}}]}'),
        (400, b'{"code": "InvalidQuery", "message": "Query string malformed"}'),
        (200, b" " * (routing.LARGEST_BYTES + 1)),
    ],
    ids=["500", "redirect", "no JSON", "no route", "one corner", "refused", "too large"],
)
def test_what_is_no_way_is_told(roads: Roads, status: int, body: bytes) -> None:
    roads.answer = status, body

    with pytest.raises(Unavailable, match="/route/v1/driving"):
        Osrm(roads.url).way(PLACES)
    assert len(roads.asked) == 1


def test_nobody_there_is_told() -> None:
    server = Roads()
    server.close()

    with pytest.raises(Unavailable):
        Osrm(server.url, timeout_s=1).way(PLACES)
