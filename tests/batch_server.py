"""A loopback provider with a batch API, after OpenAI's published reference.

    with BatchServer() as server:
        ...  # sayso batch submit
        server.finish()

It takes files (POST /v1/files, multipart), checks what the reference says about them, and makes
batches of them that are validating at first, then in_progress, then, after `finish()`, completed:
each request is answered as the listing server would. `fault` says which requests end in the file
of errors; `expired` ends the batch before them. The same server answers single requests.

Source: https://platform.openai.com/docs/api-reference/batch and .../files.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from listing_server import completion

Body = dict[str, Any]
Fault = Callable[[Body], tuple[int, str] | None]  # of a request's body: status and message

ENDPOINT = "/v1/chat/completions"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers["content-length"]))
        self.server.keys.add(self.headers["authorization"])
        if self.path == "/v1/files":
            self._send(self.server.take_file(self.headers["content-type"], data))
        elif self.path == "/v1/batches":
            self._send(self.server.make_batch(json.loads(data)))
        elif self.path == ENDPOINT:
            self._send_single(json.loads(data))
        else:
            self._send({"error": {"message": "no such place"}}, 404)

    def do_GET(self) -> None:
        if self.server.away.is_set():
            raise ConnectionResetError
        parts = self.path.split("/")[2:]
        found: Any = None
        if parts[0] == "batches":
            found = self.server.look(parts[1])
        elif parts[0] == "files" and parts[2:] == ["content"]:
            found = self.server.files.get(parts[1])
        if found is None:
            self._send({"error": {"message": f"no such {parts[0]}"}}, 404)
        else:
            self._send(found)

    def _send_single(self, body: Body) -> None:
        self.server.singles.append(body)
        fault = self.server.fault(body)
        if fault:
            self._send({"error": {"message": fault[1]}}, fault[0])
        else:
            self._send(completion_for(body))

    def _send(self, value: Any, status: int = 200) -> None:
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
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

    def __init__(self, fault: Fault) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.fault = fault
        self.expired: Callable[[Body], bool] = lambda _: False
        self.may_finish = threading.Event()
        self.away = threading.Event()  # while it's set, whoever looks is cut off
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, Body] = {}
        self.singles: list[Body] = []
        self.keys: set[str | None] = set()

    def take_file(self, content_type: str, data: bytes) -> Body:
        """Keep a file that came as multipart/form-data."""
        message = BytesParser(policy=HTTP).parsebytes(
            b"content-type: " + content_type.encode() + b"\r\n\r\n" + data
        )
        fields: dict[Any, Any] = {
            part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
            for part in message.iter_parts()
        }
        assert b"batch" == fields["purpose"]
        return self._file(fields["file"], "batch")

    def _file(self, content: bytes, purpose: str) -> Body:
        name = f"file-{len(self.files)}"
        self.files[name] = content
        return {
            "id": name,
            "object": "file",
            "bytes": len(content),
            "created_at": 1,
            "filename": "f.jsonl",
            "purpose": purpose,
            "status": "processed",
        }

    def handle_error(self, *_: object) -> None:
        """Say nothing: cutting off is what a test wants."""

    def make_batch(self, body: Body) -> Body:
        """Begin a batch; its file is looked at later."""
        assert "24h" == body["completion_window"]
        name = f"batch_{len(self.batches)}"
        self.batches[name] = {
            "id": name,
            "object": "batch",
            "endpoint": body["endpoint"],
            "input_file_id": body["input_file_id"],
            "completion_window": "24h",
            "status": "validating",
            "created_at": 1,
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
        }
        return self.batches[name]

    def look(self, name: str) -> Body | None:
        """Return a batch, a step further than at the last look."""
        batch = self.batches.get(name)
        if batch is None:
            return None
        if batch["status"] == "validating":
            rows = [json.loads(line) for line in self.files[batch["input_file_id"]].splitlines()]
            errors = list(_complaints(rows, batch["endpoint"]))
            batch["errors"] = {"object": "list", "data": errors}
            batch["request_counts"]["total"] = len(rows)
            batch["status"] = "failed" if errors else "in_progress"
        elif batch["status"] == "in_progress" and self.may_finish.is_set():
            self._answer(batch)
        return batch

    def _answer(self, batch: Body) -> None:
        good, bad = [], []
        late = False
        for number, line in enumerate(self.files[batch["input_file_id"]].splitlines()):
            row = json.loads(line)
            told: Body = {"id": f"batch_req_{number}", "custom_id": row["custom_id"]}
            fault = self.fault(row["body"])
            if self.expired(row["body"]):
                late = True
                words = "This request could not be executed before the completion window expired."
                bad.append(
                    told | {"response": None, "error": {"code": "batch_expired", "message": words}}
                )
            elif fault:
                body = {"error": {"message": fault[1], "type": "invalid_request_error"}}
                bad.append(told | {"response": _response(fault[0], body), "error": None})
            else:
                body = completion_for(row["body"])
                good.append(told | {"response": _response(200, body), "error": None})
        batch["request_counts"] |= {"completed": len(good), "failed": len(bad)}
        good.reverse()  # the order isn't promised
        for rows, field in ((good, "output_file_id"), (bad, "error_file_id")):
            if rows:
                # A line separator within a string is no end of a line.
                lines = [json.dumps(row | {"note": "\u2028"}, ensure_ascii=False) for row in rows]
                batch[field] = self._file("\n".join(lines).encode() + b"\n", "batch_output")["id"]
        batch["status"] = "expired" if late else "completed"


def _response(status: int, body: Body) -> Body:
    return {"status_code": status, "request_id": "r1", "body": body}


def _complaints(rows: list[Body], endpoint: str) -> list[Body]:
    """Return what is wrong with a file, as the batch's `errors` tell it."""
    told = []
    names = [row.get("custom_id") for row in rows]
    for number, row in enumerate(rows, 1):
        problems = {
            "missing_required_parameter": {"custom_id", "method", "url", "body"} != row.keys(),
            "duplicate_custom_id": names.count(row["custom_id"]) > 1,
            "string_above_max_length": len(row["custom_id"]) > 64,
            "invalid_method": row["method"] != "POST",
            "invalid_url": row["url"] != endpoint,
            "mismatched_model": row["body"]["model"] != rows[0]["body"]["model"],
            "model_not_found": row["body"]["model"] == "unknown",
        }
        told += [
            {"code": code, "message": f"bad: {code}", "param": None, "line": number}
            for code, holds in problems.items()
            if holds
        ]
    return told


def completion_for(body: Body) -> Body:
    """Return the chat completion that answers a request, by a tool call if it has tools."""
    answer = completion(body["messages"][-1]["content"])
    if body.get("tools"):
        message = answer["choices"][0]["message"]
        function = {
            "name": body["tools"][0]["function"]["name"],
            "arguments": message["content"],
        }
        call = {"id": "t1", "type": "function", "function": function}
        message |= {"content": None, "tool_calls": [call]}
    return answer


class BatchServer:
    """The provider, while a `with` block lasts. fault: which requests it doesn't answer."""

    def __init__(self, fault: Fault | None = None) -> None:
        self.inner = _Server(fault or (lambda _: None))
        self.base_url = f"http://127.0.0.1:{self.inner.server_port}/v1"

    @property
    def singles(self) -> list[Body]:
        """The bodies of the requests that came one by one."""
        return self.inner.singles

    @property
    def batches(self) -> dict[str, Body]:
        """The batches by id."""
        return self.inner.batches

    def lines(self, number: int = 0) -> list[Body]:
        """Return the lines of the file of a batch."""
        data = self.inner.files[self.batches[f"batch_{number}"]["input_file_id"]]
        return [json.loads(line) for line in data.splitlines()]

    def finish(self) -> None:
        """Let the batches end when they're looked at next."""
        self.inner.may_finish.set()

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
        self.inner.may_finish.set()
        self.inner.shutdown()
        self.inner.server_close()
