"""A provider of messages on loopback that takes everything and notes when."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that was accepted: when (steady s), to whom, with which key and title."""

    at_s: float
    to: str
    key: str
    title: str


class Provider:
    """Listens from the beginning on; `close` ends it. While it is ``away`` it answers 503 to everything."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.away = False
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if provider.away:
                    self.send_error(503)
                    return
                provider.taken.append(Taken(time.perf_counter(), said["to"], said["key"], said["title"]))
                self.send_response(200)
                self.send_header("content-length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/send"

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
