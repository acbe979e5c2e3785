"""A loopback proxy that spoils what passes through it, as networks and servers do.

    with ListingServer() as server, FaultyProxy(server.base_url, FAULTS["resets"]) as proxy:
        ...  # ask at proxy.base_url
    proxy.told  # {"asked": 48, "answered": 44, "delivered": 40}

*asked*: requests that came in; *answered*: those that the server behind it answered, and wants to
be paid for; *delivered*: answers that were passed on whole and right. What is done with a request
is drawn by its number, from a fixed seed, so that the same one fares otherwise when it's repeated.
Whoever asks for something else than a completion (GET) is passed through.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from random import Random
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

SEED = 11
MOST_BYTES = 2**24  # of a head or a body
LONGEST_LATENCY_S = 3.0
DRIP_S = 0.05


@dataclass(frozen=True)
class Exchange:
    """One request, and the connection that waits for its answer."""

    request: bytes
    writer: asyncio.StreamWriter
    upstream: tuple[str, int]
    told: Counter[str]
    random: Random

    async def answer(self) -> bytes:
        """Return the whole response of the server behind the proxy."""
        reader, writer = await asyncio.open_connection(*self.upstream, limit=MOST_BYTES)
        try:
            writer.write(self.request)
            response = await _message(reader)
        finally:
            writer.close()
        self.told["answered"] += 1
        return response

    async def send(self, data: bytes) -> None:
        """Send bytes to who asked."""
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """Reset the connection: with a linger time of 0, close sends RST."""
        if sock := self.writer.get_extra_info("socket"):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Deed = Callable[[Exchange], Awaitable[None]]
Plan = Callable[[Random, float], Deed]  # what to do, so many seconds after the first request


# ---- what is done with one request ----------------------------------------------------------


async def pass_on(exchange: Exchange) -> None:
    """Pass the answer on as it is."""
    response = await exchange.answer()
    await exchange.send(response)
    exchange.told["delivered"] += 1


async def delay(exchange: Exchange) -> None:
    """Pass the answer on late: 0.3 s in the mean, 3 s at most."""
    await asyncio.sleep(min(exchange.random.expovariate(1 / 0.3), LONGEST_LATENCY_S))
    await pass_on(exchange)


async def reset_before(exchange: Exchange) -> None:
    """Reset the connection before the server hears of the request."""
    exchange.reset()


async def reset_after(exchange: Exchange) -> None:
    """Let the server answer, and reset the connection in its place."""
    await exchange.answer()
    exchange.reset()


async def halve(exchange: Exchange) -> None:
    """Send the head and half of the body that it promises, and close."""
    response = await exchange.answer()
    head, gap, body = response.partition(b"\r\n\r\n")
    await exchange.send(head + gap + body[: len(body) // 2])
    exchange.writer.close()


async def drip(exchange: Exchange) -> None:
    """Send the answer in twenty pieces, within a second."""
    response = await exchange.answer()
    size = len(response) // 20 + 1
    for at in range(0, len(response), size):
        await exchange.send(response[at : at + size])
        await asyncio.sleep(DRIP_S)
    exchange.told["delivered"] += 1


async def drip_without_end(exchange: Exchange) -> None:
    """Send the head, then a blank now and then until who asked goes away."""
    response = await exchange.answer()
    head, gap, _ = response.partition(b"\r\n\r\n")
    await exchange.send(re.sub(rb"(?i)(content-length: *)\d+", rb"\g<1>9999999", head) + gap)
    while not exchange.writer.is_closing():
        await exchange.send(b" ")
        await asyncio.sleep(DRIP_S)


async def mislabel(exchange: Exchange) -> None:
    """Call the JSON of the answer HTML."""
    response = await exchange.answer()
    await exchange.send(response.replace(b"application/json", b"text/html", 1))
    exchange.told["delivered"] += 1  # whoever looks at the body can read it


async def show_login(exchange: Exchange) -> None:
    """Answer with 200 and a web page, as a hotel's network does."""
    page = b"<!doctype html><title>Sign in</title><p>Sign in to use this network."
    await exchange.send(_response(200, page, "text/html"))


async def repeat(exchange: Exchange) -> None:
    """Send the answer twice on the same connection, at once."""
    response = await exchange.answer()
    await exchange.send(response * 2)
    exchange.told["delivered"] += 1


async def repeat_later(exchange: Exchange) -> None:
    """Send the answer, and once more a moment later."""
    response = await exchange.answer()
    await exchange.send(response)
    exchange.told["delivered"] += 1
    await asyncio.sleep(0.01)
    await exchange.send(response)


def fail(status: int, **headers: str) -> Deed:
    """Return a deed: answer with an error; `_` in a header's name stands for `-`."""
    error = {"message": "no", "type": None, "param": None, "code": None}
    data = _response(status, json.dumps({"error": error}).encode(), "application/json", **headers)

    async def answer(exchange: Exchange) -> None:
        await exchange.send(data)

    return answer


def _response(status: int, body: bytes, kind: str, **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"content-type: {kind}", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


# ---- when what is done ----------------------------------------------------------------------


def some(shares: Mapping[Deed, float]) -> Plan:
    """Return a plan that does each deed to its share of the requests, and passes on the others."""
    deeds, weights = list(shares), list(shares.values())

    def plan(random: Random, _seconds: float) -> Deed:
        return random.choices([*deeds, pass_on], [*weights, 1 - sum(weights)])[0]

    return plan


def storms(deed: Deed, every_s: float, for_s: float) -> Plan:
    """Return a plan that does the deed to all, again and again for so many seconds."""

    def plan(_random: Random, seconds: float) -> Deed:
        return deed if seconds % every_s < for_s else pass_on

    return plan


def once(deed: Deed, after_s: float, for_s: float) -> Plan:
    """Return a plan that does the deed to all for a while, and then never again."""

    def plan(_random: Random, seconds: float) -> Deed:
        return deed if after_s <= seconds < after_s + for_s else pass_on

    return plan


def outage(for_s: float) -> Plan:
    """Return a plan: 500 for so many seconds, from soon after the first answers on."""
    return once(fail(500), after_s=0.3, for_s=for_s)


FAULTS: Mapping[str, Plan] = {
    "latency": some({delay: 1.0}),
    "resets": some({reset_before: 0.1, reset_after: 0.1}),
    "half replies": some({halve: 0.2}),
    "slow bytes": some({drip: 0.2, drip_without_end: 0.03}),
    "wrong content type": some({mislabel: 0.1, show_login: 0.1}),
    "duplicate replies": some({repeat: 0.3, repeat_later: 0.3}),
    "429 storms, Retry-After": storms(fail(429, retry_after="1"), every_s=4, for_s=2),
    "429 storms, bare": storms(fail(429), every_s=4, for_s=2),
    "mix": some(
        {
            delay: 0.1,
            drip: 0.05,
            repeat: 0.05,
            **dict.fromkeys(
                (
                    *(reset_before, reset_after, halve, drip_without_end),
                    *(mislabel, show_login, repeat_later),
                    *(fail(429), fail(429, retry_after="0.5"), fail(500), fail(503)),
                ),
                0.02,
            ),
        }
    ),
}


# ---- the proxy ------------------------------------------------------------------------------


class FaultyProxy:
    """The proxy, while a `with` block lasts. tls: its certificate, where it's to speak TLS."""

    def __init__(self, upstream: str, plan: Plan, *, tls: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(upstream)
        self._upstream = (parts.hostname or "", parts.port or 80)
        self._plan = plan
        self._tls = tls
        self._random = Random(SEED)  # noqa: S311
        self._began_s: float | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None
        self.told: Counter[str] = Counter()
        self.base_url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        started = asyncio.run_coroutine_threadsafe(self._start(), self._loop)
        port = started.result(10)
        self.base_url = f"http{'s' * bool(self._tls)}://127.0.0.1:{port}/v1"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _start(self) -> int:
        self._server = await asyncio.start_server(
            self._talk, "127.0.0.1", 0, ssl=self._tls, limit=MOST_BYTES, backlog=128
        )
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _stop(self) -> None:
        assert self._server is not None
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Deal with the requests of a connection, one after the other."""
        try:
            while not writer.is_closing():
                await self._deal(await _message(reader), writer)
        except (asyncio.IncompleteReadError, OSError, asyncio.CancelledError):
            pass  # one side has gone, or the proxy is closed
        finally:
            writer.close()

    async def _deal(self, request: bytes, writer: asyncio.StreamWriter) -> None:
        asks = request.startswith(b"POST ")
        told = self.told if asks else Counter()
        deed: Deed = pass_on
        if asks:
            self.told["asked"] += 1
            self._began_s = self._began_s or time.monotonic()
            deed = self._plan(self._random, time.monotonic() - self._began_s)
        await deed(Exchange(request, writer, self._upstream, told, self._random))


async def _message(reader: asyncio.StreamReader) -> bytes:
    """Return a whole request or response with a content-length."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    return head + (await reader.readexactly(int(length[1])) if length else b"")
