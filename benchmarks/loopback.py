"""A server that lists claims after a set time, in a process of its own; some of its replies fail.

    with serving(latency_s=0.2) as server:
        ...  # ask at server.base_url
    server.told  # {"calls": 200, "most_at_once": 16, ...}

It speaks as much of OpenAI's API as the benchmarks need, and answers whoever asks in the form that
he asks for: sayso's list, a tool call (instructor), langextract's JSON. One thread, no framework:
it takes a fraction of a millisecond of a core for each request.

Faults are drawn at random, but no request gets a 400 or half an answer twice: sent again, it's
answered, as by a server that was in trouble for a moment. A 429 may come again.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

REPORTED = re.compile(
    r"(?P<who>Mayor Asta Lind|The harbour office|Ove Brandt|The ferry company) said "
    r"(?P<what>bridge \d+ would close on Monday)"
)
SEED = 7


@dataclass(frozen=True, slots=True)
class Faults:
    """Which share of the replies is a 400, a 429, or cut off in the middle."""

    bad_request: float = 0.0
    overloaded: float = 0.0
    cut_off: float = 0.0


SOME = Faults(bad_request=0.01, overloaded=0.05, cut_off=0.01)
NONE = Faults()


@dataclass(slots=True)
class Serving:
    """A server that runs. told: what it counted, once it has ended."""

    base_url: str
    told: dict[str, int] = field(default_factory=dict)


@contextmanager
def serving(latency_s: float, faults: Faults = NONE) -> Iterator[Serving]:
    """Yield a server in a process of its own."""
    shares = (faults.bad_request, faults.overloaded, faults.cut_off)
    command = [sys.executable, __file__, str(latency_s), *map(str, shares)]
    with subprocess.Popen(  # noqa: S603  (this file)
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None  # noqa: S101  (for the type checker)
        assert process.stdout is not None  # noqa: S101  (for the type checker)
        running = Serving(process.stdout.readline().strip())
        try:
            yield running
        finally:
            process.stdin.close()
            running.told.update(json.loads(process.stdout.readline()))


# ---- the server -------------------------------------------------------------------------------


class _Server:
    """Counts requests, and answers each in its time."""

    def __init__(self, latency_s: float, faults: Faults) -> None:
        self._latency_s = latency_s
        self._faults = faults
        self._random = Random(SEED)  # noqa: S311
        self._at_once = 0
        self._spared: set[bytes] = set()  # requests that got a 400 or half an answer
        self.told = dict.fromkeys(("calls", "most_at_once", "bad", "overloaded", "cut_off"), 0)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of a connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
                body = await reader.readexactly(int(length[1])) if length else b""
                status, value = await self._answer(body) if body else (404, _error("no"))
                data = json.dumps(value).encode()
                writer.write(
                    f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n"
                    f"content-length: {len(data)}\r\n\r\n".encode()
                    + data
                )
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async def _answer(self, body: bytes) -> tuple[int, dict[str, Any]]:
        told, faults = self.told, self._faults
        told["calls"] += 1
        self._at_once += 1
        told["most_at_once"] = max(told["most_at_once"], self._at_once)
        drawn = self._random.random()
        await asyncio.sleep(self._latency_s)
        self._at_once -= 1
        if drawn < faults.overloaded:
            told["overloaded"] += 1
            return 429, _error("too many requests")
        drawn -= faults.overloaded
        bad = drawn < faults.bad_request and body not in self._spared
        cut_off = not bad and drawn < faults.bad_request + faults.cut_off
        cut_off = cut_off and body not in self._spared
        if bad or cut_off:
            self._spared.add(body)
        told["bad"] += bad
        told["cut_off"] += cut_off
        if bad:
            return 400, _error("the request could not be processed")
        return 200, _completion(json.loads(body), cut_off=cut_off)


def _error(message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": None, "param": None, "code": None}}


def _completion(asked: dict[str, Any], *, cut_off: bool) -> dict[str, Any]:
    shown = asked["messages"][-1]["content"]
    found = [(m["who"], m["what"]) for m in REPORTED.finditer(shown)]
    tool = asked["tools"][0]["function"]["name"] if asked.get("tools") else None
    text = json.dumps(_listed(asked["model"], found))
    if cut_off:
        text = text[: len(text) // 2]
    message: dict[str, Any] = {"role": "assistant", "content": None if tool else text}
    if tool:
        call = {"id": "t", "type": "function", "function": {"name": tool, "arguments": text}}
        message["tool_calls"] = [call]
    reason = "length" if cut_off else "stop"
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 1,
        "model": asked["model"],
        "choices": [{"index": 0, "finish_reason": reason, "message": message}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 50, "total_tokens": 1050},
    }


def _listed(model: str, found: list[tuple[str, str]]) -> dict[str, Any]:
    """Return the claims in the form of who asks: sayso's, langextract's, or plain."""
    if model == "langextract":
        return {
            "extractions": [
                {"attribution": what, "attribution_attributes": {"source": who, "cue": "said"}}
                for who, what in found
            ]
        }
    if model == "instructor":
        return {"claims": [{"content": what, "source": who, "cue": "said"} for who, what in found]}
    labels = {"act": "assert", "polarity": "positive", "confidence": "certain", "hedge": ""}
    return {
        "claims": [
            {"content": what, "sources": [{"name": who, "cue": "said"}], **labels}
            for who, what in found
        ]
    }


async def _serve(latency_s: float, faults: Faults) -> None:
    server = _Server(latency_s, faults)
    listening = await asyncio.start_server(server.talk, "127.0.0.1", 0, limit=2**24)
    port = listening.sockets[0].getsockname()[1]
    print(f"http://127.0.0.1:{port}/v1", flush=True)  # noqa: T201
    await asyncio.to_thread(sys.stdin.read)
    print(json.dumps(server.told), flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1]), Faults(*map(float, sys.argv[2:]))))
