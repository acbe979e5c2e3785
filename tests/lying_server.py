"""A loopback HTTP server that answers as it is told: well, badly, slowly or not at all.

    with LyingServer(api_error(503), completion("hello")) as server:
        OpenAIEngine("m", server.base_url).ask(...)
        server.requests[0].body["messages"]

Each request gets the next of the answers, the last one again and again. An answer is a function
of the request's handler. Whoever asks for the list of models (GET) gets `models`, else a 404.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Received:
    """One request as it came over the wire. headers: names in lower case."""

    path: str
    headers: dict[str, str]
    body: Any


class Handler(BaseHTTPRequestHandler):
    """One connection; `send` is for the answers."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_POST(self) -> None:
        """Record the request and give the next answer."""
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.next_answer(Received(self.path, headers, json.loads(body or b"null")))(self)

    def do_GET(self) -> None:
        """Give the list of models."""
        self.server.looks.append(self.path)
        (self.server.models or api_error(404))(self)

    def send(self, body: bytes, *, status: int = 200, **headers: str) -> None:
        """Send a whole response; `_` in a header's name stands for `-`."""
        self.send_response(status)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in ({"content-type": "application/json"} | given).items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


Answer = Callable[[Handler], None]


class Server(ThreadingHTTPServer):
    """The HTTP server behind a LyingServer."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answers: tuple[Answer, ...], models: Answer | None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = answers
        self.models = models
        self.requests: list[Received] = []
        self.looks: list[str] = []
        self.closing = threading.Event()
        self._lock = threading.Lock()

    def next_answer(self, request: Received) -> Answer:
        """Record a request and return what to answer."""
        with self._lock:
            self.requests.append(request)
            return self.answers[min(len(self.requests), len(self.answers)) - 1]

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that go away are what the tests want."""


class LyingServer:
    """The server, while a `with` block lasts."""

    def __init__(self, *answers: Answer, models: Answer | None = None) -> None:
        self._server = Server(answers, models)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.base_url = f"http://{self.host}/v1"
        self.requests = self._server.requests
        self.looks = self._server.looks

    def __enter__(self) -> Self:
        poll = {"poll_interval": 0.01}
        threading.Thread(target=self._server.serve_forever, kwargs=poll, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.closing.set()
        self._server.shutdown()
        self._server.server_close()


# ---- answers --------------------------------------------------------------------------------


def answer_json(value: object, *, status: int = 200, **headers: str) -> Answer:
    """Return an answer that sends a value as JSON."""
    return lambda handler: handler.send(json.dumps(value).encode(), status=status, **headers)


def answer_bytes(body: bytes, *, status: int = 200, **headers: str) -> Answer:
    """Return an answer that sends a body as it is."""
    return lambda handler: handler.send(body, status=status, **headers)


def chat(content: str | None, *, finish_reason: str = "stop", **message: Any) -> dict[str, Any]:
    """Return the JSON of a chat completion: 11 tokens in, 4 of them cached, 3 out."""
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "served-model",
        "choices": [
            {
                "index": 0,
                "finish_reason": finish_reason,
                "message": {"role": "assistant", "content": content} | message,
            }
        ],
        "usage": {
            "prompt_tokens": 11,
            "completion_tokens": 3,
            "total_tokens": 14,
            "prompt_tokens_details": {"cached_tokens": 4},
        },
    }


def completion(content: str | None, *, finish_reason: str = "stop", **message: Any) -> Answer:
    """Return an answer that is a good chat completion; more fields go into its message."""
    return answer_json(chat(content, finish_reason=finish_reason, **message))


def tool_call(name: str, arguments: str) -> Answer:
    """Return an answer that calls a tool."""
    function = {"name": name, "arguments": arguments}
    call = {"id": "t1", "type": "function", "function": function}
    return completion(None, finish_reason="tool_calls", tool_calls=[call])


def api_error(
    status: int, message: str = "no", *, headers: dict[str, str] | None = None, **fields: Any
) -> Answer:
    """Return an answer that is an error in OpenAI's form; more fields go into its `error`."""
    error = {"message": message, "type": None, "param": None, "code": None} | fields
    return answer_json({"error": error}, status=status, **(headers or {}))


def hang(handler: Handler) -> None:
    """Answer nothing until the server closes."""
    handler.server.closing.wait(30)


def drip_head(handler: Handler) -> None:
    """Send a header that never ends, a byte each 20 ms."""
    _drip(handler, b"HTTP/1.1 200 OK\r\nx-slow: ")


def drip_body(handler: Handler) -> None:
    """Send a body that never ends, a blank each 20 ms."""
    _drip(handler, b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")


def _drip(handler: Handler, start: bytes) -> None:
    handler.wfile.write(start)
    while not handler.server.closing.wait(0.02):
        handler.wfile.write(b" ")
        handler.wfile.flush()


def cut_short(handler: Handler) -> None:
    """Promise a long body, send the start of one and close."""
    handler.send_response(200)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", "5000")
    handler.end_headers()
    handler.wfile.write(b'{"id": "c1", "choices": [')
    handler.close_connection = True


def reset(handler: Handler) -> None:
    """Reset the connection: with a linger time of 0, close sends RST."""
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.connection.close()
    handler.close_connection = True
