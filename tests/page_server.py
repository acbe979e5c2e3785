"""A loopback web server with pages by path, for the tests of fetching.

    with PageServer({"/story": send(b"<html>", content_type="text/html")}) as server:
        fetch(server.url + "/story", allow_private=True)
        server.requests[0].headers["host"]

A path that has no page is answered with 404. An answer is a function of the request's handler.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


@dataclass(frozen=True)
class Received:
    """One request. headers: names in lower case."""

    path: str
    headers: dict[str, str]


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        """Record the request and give the page's answer."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append(Received(self.path, headers))
        self.server.pages.get(self.path, send(b"", status=404))(self)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


Answer = Callable[[Handler], None]


class Server(ThreadingHTTPServer):
    """The HTTP server behind a PageServer."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, pages: Mapping[str, Answer]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages = pages
        self.requests: list[Received] = []
        self.closing = threading.Event()

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that go away are what the tests want."""


class PageServer:
    """The server, while a `with` block lasts."""

    def __init__(self, pages: Mapping[str, Answer]) -> None:
        self._server = Server(pages)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self.requests = self._server.requests

    def __enter__(self) -> Self:
        poll = {"poll_interval": 0.01}
        threading.Thread(target=self._server.serve_forever, kwargs=poll, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.closing.set()
        self._server.shutdown()
        self._server.server_close()


# ---- answers ----------------------------------------------------------------------------------


def send(body: bytes, *, status: int = 200, **headers: str) -> Answer:
    """Return an answer that sends a body; `_` in a header's name stands for `-`."""

    def answer(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def redirect(location: str, status: int = 302) -> Answer:
    """Return an answer that leads elsewhere."""
    return send(b"", status=status, location=location)


def endless(piece: bytes, *, pause_s: float, head: bytes) -> Answer:
    """Return an answer that sends a head, then a piece again and again with a pause between."""

    def answer(handler: Handler) -> None:
        handler.wfile.write(head)
        while not handler.server.closing.wait(pause_s):
            handler.wfile.write(piece)

    return answer
