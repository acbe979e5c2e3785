"""A loopback server that answers as the embedded one did when the gold articles were read.

    with RecordedServer() as server, server.engine() as engine:
        engine.ask(...)  # over HTTP, the reply that evals/gold/recording.jsonl holds for it

A recording has no questions but their keys, so the request is put together again from what came
over the wire. What isn't on record is a 404.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from agent.engine import Message, Reply, Request, request_key
from agent.engines.openai import OpenAIEngine
from agent.store.recording import read_lines

RECORDING = Path(__file__).parents[1] / "evals" / "gold" / "recording.jsonl"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        reply = self.server.look_up(body)
        status = 200 if reply else 404
        data = json.dumps(_completion(reply) if reply else {"error": {"message": "no"}}).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        with RECORDING.open(encoding="utf-8") as lines:
            entries = [entry for entry in read_lines(lines, RECORDING.name) if entry]
        self.replies = {key: reply for key, reply, _, _ in entries}
        _, _, self.identity, self.abilities = entries[0]

    def look_up(self, body: dict[str, Any]) -> Reply | None:
        """Return the reply on record to what was asked over the wire, None where there is none."""
        request = Request(
            tuple(Message(m["role"], m["content"]) for m in body["messages"]),
            grammar=body.get("grammar"),
            max_tokens=body["max_tokens"],
            temperature=body["temperature"],
            top_logprobs=body.get("top_logprobs", 0),
        )
        return self.replies.get(request_key(self.identity, request))

    def handle_error(self, *_: object) -> None:
        """Say nothing: connections that are cut are what the tests want."""


def _completion(reply: Reply) -> dict[str, Any]:
    tokens = [
        {
            "token": token.token,
            "logprob": token.logprob,
            "bytes": None,
            "top_logprobs": [
                {"token": text, "logprob": logprob, "bytes": None}
                for text, logprob in token.alternatives
            ],
        }
        for token in reply.tokens
    ]
    used = reply.usage
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": reply.model,
        "choices": [
            {
                "index": 0,
                "finish_reason": reply.finish_reason,
                "message": {"role": "assistant", "content": reply.text},
                "logprobs": {"content": tokens},
            }
        ],
        "usage": {
            "prompt_tokens": used.input_tokens,
            "completion_tokens": used.output_tokens,
            "total_tokens": used.input_tokens + used.output_tokens,
            "prompt_tokens_details": {"cached_tokens": used.cached_tokens},
        },
    }


class RecordedServer:
    """The server, while a `with` block lasts."""

    def __init__(self) -> None:
        self._server = _Server()
        self.base_url = f"http://127.0.0.1:{self._server.server_port}/v1"

    @contextmanager
    def engine(self, base_url: str = "", deadline_s: float = 30.0) -> Iterator[OpenAIEngine]:
        """Yield an engine that passes for the embedded one. base_url: of what lies between."""
        engine = OpenAIEngine(
            "recorded",
            base_url or self.base_url,
            identity=self._server.identity,
            abilities=self._server.abilities,
            deadline_s=deadline_s,
        )
        try:
            yield engine
        finally:
            engine.close()

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
        self._server.shutdown()
        self._server.server_close()
