"""HTTP as the engines need it: a client with a wall-clock deadline, Retry-After, a host's name.

The timeouts of an HTTP client hold for one read each, so a server that sends a byte now and then
keeps a call alive for ever. Here every read and write gets what is left of a whole limit: no
thread is needed, and the client closes the connection itself. Looking up a host's name isn't
covered; the operating system has its own limit for that.
"""

from __future__ import annotations

import base64
import math
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

import httpcore2
import httpx2

from agent.errors import ConfigError

CONNECT_TIMEOUT_S = 10.0
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})

# (monotonic time at which the limit ends, the limit itself), both in seconds.
_limit: ContextVar[tuple[float, float]] = ContextVar("limit", default=(math.inf, math.inf))


@contextmanager
def deadline(limit_s: float) -> Iterator[None]:
    """Hold every client of `build_client` in this thread to limit_s seconds, all calls together."""
    token = _limit.set((time.monotonic() + limit_s, limit_s))
    try:
        yield
    finally:
        _limit.reset(token)


def left_s() -> float:
    """Return the seconds until the deadline, negative after it, infinite where none is set."""
    return _limit.get()[0] - time.monotonic()


def limit_s() -> float:
    """Return the length of the deadline that is set, infinite where none is."""
    return _limit.get()[1]


def host_of(base_url: str) -> str:
    """Return host and port of a base URL, without the name and password that it may hold.

    >>> host_of("https://user:secret@example.org:8443/v1")
    'example.org:8443'

    Raises:
        ConfigError: it isn't an http or https URL with a host.
    """
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or parts.scheme not in ("http", "https"):
        raise ConfigError("the base URL isn't an http or https URL; write http://localhost:8080/v1")
    return host if port is None else f"{host}:{port}"


def without_user(base_url: str) -> str:
    """Return a base URL without the name and password that it may hold, for what logs addresses.

    >>> without_user("https://user:secret@example.org:8443/v1")
    'https://example.org:8443/v1'
    """
    parts = urlsplit(base_url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def secrets_of(base_url: str) -> tuple[str, ...]:
    """Return what must be struck out of messages: a base URL's password, in each of its forms."""
    parts = urlsplit(base_url)
    if not parts.username:
        return ()
    user, password = unquote(parts.username), unquote(parts.password or "")
    basic = base64.b64encode(f"{user}:{password}".encode()).decode()
    return (basic, *filter(None, (parts.password, password)))


def retry_after_s(headers: Mapping[str, str], now_s: float) -> float | None:
    """Return the seconds that a server asks us to wait, None where it says nothing readable.

    headers: names in lower case. now_s: seconds since the epoch. Source: RFC 9110, 10.2.3;
    `retry-after-ms` is OpenAI's own.

    >>> retry_after_s({"retry-after": "7"}, now_s=0)
    7.0
    >>> retry_after_s({"retry-after": "Thu, 01 Jan 1970 00:01:00 GMT"}, now_s=50)
    10.0
    """
    try:
        if "retry-after-ms" in headers:
            wait_s = float(headers["retry-after-ms"]) / 1000
        else:
            wait_s = float(headers["retry-after"])
    except KeyError:
        return None
    except ValueError:
        try:
            wait_s = parsedate_to_datetime(headers["retry-after"]).timestamp() - now_s
        except (KeyError, ValueError):
            return None
    return max(wait_s, 0.0) if math.isfinite(wait_s) else None


def build_client(base_url: str, timeout_s: float) -> httpx2.Client:
    """Return an HTTP client that keeps to `deadline`; timeout_s is the longest silence in a read.

    It follows no redirect, since that would send the text to a host that nobody chose. On
    loopback it takes no proxy from the environment, since that would send the text off the machine.
    A name and password in the base URL go with each request, whatever its own address holds.
    """
    parts = urlsplit(base_url)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    client = httpx2.Client(
        auth=(user, password) if user else None,
        timeout=httpx2.Timeout(timeout_s, connect=min(timeout_s, CONNECT_TIMEOUT_S)),
        verify=_tls(),
        trust_env=parts.hostname not in LOOPBACK_HOSTS,
        # As many as who asks wants, and each for one request: where a server or what lies before
        # it sends an answer twice, the second one would be taken for that to the next request.
        limits=httpx2.Limits(max_keepalive_connections=0),
        follow_redirects=False,
    )
    # httpx2 has no argument for the pool's network backend, and a transport of our own would
    # switch off the proxies of the environment; so the backends of its transports are wrapped.
    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001
        if isinstance(transport, httpx2.HTTPTransport):
            pool = transport._pool  # noqa: SLF001
            pool._network_backend = _Backend(pool._network_backend)  # noqa: SLF001
    return client


@cache
def _tls() -> ssl.SSLContext:
    """Return the TLS settings that all clients share; reading the certificates takes 30 ms."""
    return httpx2.create_ssl_context()


def _within(timeout_s: float | None, error: type[Exception]) -> float | None:
    """Return timeout_s cut to what is left; raise `error` when nothing is."""
    left = left_s()
    if left <= 0:
        raise error("the deadline has passed")
    if timeout_s is None:
        return left if left < math.inf else None
    return min(timeout_s, left)


class _Stream(httpcore2.NetworkStream):
    """A connection whose every wait ends at the deadline."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _within(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _within(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        left = _within(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore2.NetworkBackend):
    """A network backend whose connections are `_Stream`s."""

    def __init__(self, backend: httpcore2.NetworkBackend) -> None:
        self._backend = backend

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        left = _within(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._backend.connect_tcp(host, port, left, local_address, socket_options))
