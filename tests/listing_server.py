"""A loopback server that lists the claims of made-up articles, slowly or with faults.

    with ListingServer(latency_s=0.02) as server:
        ...  # a run over articles(200)
        assert 200 == server.calls

`python listing_server.py LATENCY_S` runs it alone, so that it doesn't take time from who asks it;
it prints its address, and the number of calls when its input ends.
"""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

_CLAIM = re.compile(r"(Mayor Asta Lind|The harbour office) said (bridge \d+ would close on \w+)")

CUT_OFF = 200  # the status of a fault that is half an answer

Fault = Callable[[int, str], tuple[int, dict[str, str]] | None]


def article(number: int) -> dict[str, Any]:
    """Return a short made-up article as a line of the input has it."""
    who = "Mayor Asta Lind" if number % 3 else "The harbour office"
    text = f"{who} said bridge {number} would close on Monday. It rained in Tarnholm all day."
    return {"id": f"doc-{number}", "text": text, "date": "2024-05-01", "desk": number % 5}


def articles(count: int, start: int = 0) -> str:
    """Return so many articles as JSON lines."""
    return "".join(f"{json.dumps(article(number))}\n" for number in range(start, start + count))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        shown = body["messages"][-1]["content"]
        with self.server.counting() as number:
            fault = self.server.fault(number, shown)
            time.sleep(self.server.latency_s)
            if fault and fault[0] == CUT_OFF:
                self._send(completion(shown, cut_off=True))
            elif fault:
                self._send({"error": {"message": "no"}}, *fault)
            else:
                self._send(completion(shown))

    def do_GET(self) -> None:
        self._send({"error": {"message": "no"}}, 404)

    def _send(self, value: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        for name, content in {"content-type": "application/json", **(headers or {})}.items():
            self.send_header(name, content)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, latency_s: float, fault: Fault) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.latency_s = latency_s
        self.fault = fault
        self.calls = 0
        self.at_once = 0
        self.most_at_once = 0
        self.sent_s: list[float] = []
        self.bridges: Counter[str] = Counter()
        self._lock = threading.Lock()

    def counting(self) -> _Counting:
        return _Counting(self)

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that are killed are what the tests want."""


class _Counting:
    """Counts a request, and for how long it's under way."""

    def __init__(self, server: _Server) -> None:
        self._server = server

    def __enter__(self) -> int:
        server = self._server
        with server._lock:
            server.calls += 1
            server.at_once += 1
            server.most_at_once = max(server.most_at_once, server.at_once)
            server.sent_s.append(time.monotonic())
            return server.calls

    def __exit__(self, *_: object) -> None:
        with self._server._lock:
            self._server.at_once -= 1


class ListingServer:
    """The server, while a `with` block lasts. fault: status and headers of the n-th answer."""

    def __init__(self, *, latency_s: float = 0.0, fault: Fault | None = None) -> None:
        self.inner = _Server(latency_s, fault or (lambda _number, _shown: None))
        self.base_url = f"http://127.0.0.1:{self.inner.server_port}/v1"

    @property
    def calls(self) -> int:
        """How many requests came in."""
        return self.inner.calls

    def __enter__(self) -> Self:
        poll = {"poll_interval": 0.01}
        threading.Thread(target=self.inner.serve_forever, kwargs=poll, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.inner.shutdown()
        self.inner.server_close()


def completion(shown: str, *, cut_off: bool = False) -> dict[str, Any]:
    """Return a chat completion with the claims of what was shown; 1000 tokens in, 50 out."""
    text = json.dumps({"claims": list(_claims(shown))})
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "served",
        "choices": [
            {
                "index": 0,
                "finish_reason": "length" if cut_off else "stop",
                "message": {
                    "role": "assistant",
                    "content": text[: len(text) // 2] if cut_off else text,
                },
            }
        ],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 50, "total_tokens": 1050},
    }


def _claims(shown: str) -> Iterator[dict[str, Any]]:
    for who, content in _CLAIM.findall(shown):
        yield {
            "content": content,
            "sources": [{"name": who, "cue": "said"}],
            "act": "assert",
            "polarity": "positive",
            "confidence": "certain",
            "hedge": "",
        }


if __name__ == "__main__":
    with ListingServer(latency_s=float(sys.argv[1])) as alone:
        sys.stdout.write(f"{alone.base_url}\n")
        sys.stdout.flush()
        sys.stdin.read()
        sys.stdout.write(f"{alone.calls} {alone.inner.most_at_once}\n")
