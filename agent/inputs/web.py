"""A page fetched from the web, once its address, its host and its robots.txt allow it.

Each host is looked up once and the connection goes to the very addresses that were checked, so no
second answer of the name server can lead elsewhere. No proxy is used: it would look up the host
itself. No cookie is kept, and nothing is run that a page brings.
"""

from __future__ import annotations

import re
import socket
import threading
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import httpcore2
import httpx2
from protego import Protego

from agent.engines.http import _Backend as DeadlineBackend
from agent.engines.http import deadline, left_s
from agent.errors import InputError
from agent.inputs.addresses import is_public
from agent.settings import VERSION

AGENT = "sayso"  # as robots.txt calls us
USER_AGENT = f"{AGENT}/{VERSION} (+reads an article that a person asked for)"
MOST_BYTES = 10_000_000
ROBOTS_BYTES = 500_000  # of robots.txt count. Source: RFC 9309, 2.5
LIMIT_S = 30.0  # for all of it: looking up, redirects, robots.txt, the page
MOST_REDIRECTS = 5

_CHARSET = re.compile(r"""(?i);\s*charset\s*=\s*["']?([\w.:-]{1,40})""")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SAVE = "open it in a browser and save the page as an HTML file"
_STATUS = {
    401: f"asks for a login (401): {_SAVE}",
    402: f"asks for a payment (402): {_SAVE}",
    403: f"refuses programs (403): {_SAVE}",
    404: "says that there's no such page (404): check the address",
    410: "says that the page is gone (410): look for a copy in a web archive",
    429: "asks to come back later (429): try again in a while",
    451: f"mayn't show the page here (451): {_SAVE}",
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came from the web. url: after redirects. media_type: in lower case, or ""."""

    data: bytes
    url: str
    media_type: str
    charset: str | None


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: httpx2.Headers
    body: bytes


def fetch(url: str, *, allow_private: bool = False) -> Fetched:
    """Return the page at an address. allow_private: hosts of this machine and network too.

    Raises:
        InputError: the address is none, or isn't public; robots.txt forbids it; it can't be
            reached, answers no page, or goes beyond the limits on time, size and redirects.
    """
    pool = httpcore2.ConnectionPool(
        ssl_context=httpx2.create_ssl_context(),
        network_backend=_CheckedBackend(allow_private=allow_private),
    )
    try:
        with deadline(LIMIT_S), pool:
            return _Browser(pool).open(_parsed(url))
    except httpcore2.TimeoutException as error:
        raise InputError(
            f"{url} took more than {LIMIT_S:g} s to answer: try again later, or {_SAVE}"
        ) from error
    except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
        why = str(error) or type(error).__name__
        raise InputError(f"can't get {url}: {why}; check the address, or {_SAVE}") from error


def _parsed(url: str) -> httpx2.URL:
    """Return the address without its fragment, which isn't sent.

    Raises:
        InputError: it's no address of a page, or holds a password.
    """
    try:
        parsed = httpx2.URL(url)
    except (httpx2.InvalidURL, ValueError) as error:
        raise InputError(f"{url} is no address on the web: {error}") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise InputError(f"{url} is no http or https address of a page")
    if parsed.userinfo:
        raise InputError(
            f"the address of a page at {parsed.host} holds a name or a password, which aren't "
            "sent: leave them out"
        )
    return parsed.copy_with(fragment=None)


class _Browser:
    """Fetches pages by way of one pool, and knows the robots.txt of the hosts that it asked."""

    def __init__(self, pool: httpcore2.ConnectionPool) -> None:
        self._pool = pool
        self._robots: dict[tuple[str, str, int | None], Protego | None] = {}

    def open(self, url: httpx2.URL) -> Fetched:
        """Return the page; robots.txt is asked before each redirect too."""
        for _ in range(MOST_REDIRECTS + 1):
            self._check_robots(url)
            answer = self._get(url, MOST_BYTES)
            if answer.status not in _REDIRECTS or "location" not in answer.headers:
                return _page(url, answer)
            url = _joined(url, answer)
        raise InputError(f"{url} is the end of more than {MOST_REDIRECTS} redirects: {_SAVE}")

    def _check_robots(self, url: httpx2.URL) -> None:
        """Ask the host whether programs may fetch the page.

        Source: RFC 9309, 2.3.1: no robots.txt allows everything, one that fails nothing.
        """
        origin = url.scheme, url.host, url.port
        if origin not in self._robots:
            self._robots[origin] = self._read_robots(url.copy_with(raw_path=b"/robots.txt"))
        rules = self._robots[origin]
        if rules and not rules.can_fetch(str(url), AGENT):
            raise InputError(f"robots.txt of {url.host} asks programs not to fetch {url}: {_SAVE}")

    def _read_robots(self, url: httpx2.URL) -> Protego | None:
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._get(url, ROBOTS_BYTES, cut=True)
            if answer.status in _REDIRECTS and "location" in answer.headers:
                url = _joined(url, answer)
                continue
            if answer.status == 429 or answer.status >= 500:
                raise InputError(
                    f"{url} can't be read ({answer.status}), so it's unknown whether programs may "
                    f"fetch the page: try again later, or {_SAVE}"
                )
            if answer.status == 200:
                return Protego.parse(answer.body.decode(errors="replace"))
            return None
        return None

    def _get(self, url: httpx2.URL, most_bytes: int, *, cut: bool = False) -> _Answer:
        """Return the answer, unpacked. cut: of a longer one take the start, else refuse it."""
        target = httpcore2.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        headers = [
            (b"Host", url.netloc),
            (b"User-Agent", USER_AGENT.encode()),
            (b"Accept", b"text/html, application/xhtml+xml, application/pdf, text/*, */*;q=0.5"),
            (b"Accept-Language", b"en, *;q=0.5"),
            (b"Accept-Encoding", b"gzip, deflate"),
        ]
        timeouts = dict.fromkeys(("connect", "read", "write", "pool"), LIMIT_S)
        with self._pool.stream(
            "GET", target, headers=headers, extensions={"timeout": timeouts}
        ) as response:
            given = httpx2.Headers(response.headers)
            if response.status in _REDIRECTS:
                return _Answer(response.status, given, b"")
            body = bytearray()
            for piece in _unpacked(response.iter_stream(), given, most_bytes, url):
                body += piece
                if len(body) > most_bytes:
                    if cut:
                        break
                    raise InputError(
                        f"{url} is larger than {most_bytes // 1_000_000} MB: download it and save "
                        "the article's text as a plain text file"
                    )
        return _Answer(response.status, given, bytes(body[:most_bytes]))


def _joined(url: httpx2.URL, answer: _Answer) -> httpx2.URL:
    try:
        return _parsed(str(url.join(answer.headers["location"])))
    except (httpx2.InvalidURL, ValueError) as error:
        raise InputError(f"{url} redirects to what is no address: {error}") from error


def _page(url: httpx2.URL, answer: _Answer) -> Fetched:
    """Return an answer as a page.

    Raises:
        InputError: it's an error of the server.
    """
    if answer.status != 200:
        why = _STATUS.get(answer.status, f"answered {answer.status}: try again later, or {_SAVE}")
        raise InputError(f"{url.host} {why}" if answer.status in _STATUS else f"{url} {why}")
    told = answer.headers.get("content-type", "")
    charset = _CHARSET.search(told)
    return Fetched(
        answer.body,
        str(url),
        told.partition(";")[0].strip().lower(),
        charset[1] if charset else None,
    )


def _unpacked(
    pieces: Iterable[bytes], headers: httpx2.Headers, most_bytes: int, url: httpx2.URL
) -> Iterator[bytes]:
    """Yield the content, each piece no longer than most_bytes + 1, however far it expands.

    Raises:
        InputError: it's packed in another way than we asked for, or damaged.
    """
    coding = headers.get("content-encoding", "").strip().lower()
    if coding in ("", "identity"):
        yield from pieces
        return
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise InputError(f"{url} is packed as {coding}, which nobody asked for: {_SAVE}")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | (0 if coding == "deflate" else 16))
    try:
        for piece in pieces:
            yield unpacker.decompress(piece, most_bytes + 1)
    except zlib.error as error:
        raise InputError(f"{url} came damaged ({error}): try again, or {_SAVE}") from error
    if not unpacker.eof:
        raise InputError(f"{url} broke off: try again, or {_SAVE}")


# ---- addresses --------------------------------------------------------------------------------


class _CheckedBackend(httpcore2.NetworkBackend):
    """Connects to the addresses of a host once they were found to be public."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._backend = DeadlineBackend(httpcore2.SyncBackend())

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Return a connection to the first address that takes one."""
        addresses = _look_up(host, port)
        wrong = [address for address in addresses if not is_public(address)]
        if wrong and not self._allow_private:
            named = "" if host == wrong[0] else f"has the address {wrong[0]}, which "
            raise InputError(
                f"{host} {named}isn't public: to fetch from this machine or its network, "
                "add --allow-private"
            )
        for number, address in enumerate(addresses, start=1):
            try:
                return self._backend.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except httpcore2.ConnectError:
                if number == len(addresses):
                    raise
        raise httpcore2.ConnectError(f"{host} has no address")


def _look_up(host: str, port: int) -> list[str]:
    """Return the addresses of a host, in the system's order, before the deadline.

    A thread waits for the name server, since nothing else can be made to stop waiting for it.
    """
    found: list[str] = []
    failed: list[OSError] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(answer[4][0]) for answer in answers))
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(max(0.0, left_s()))
    if thread.is_alive():
        raise httpcore2.ConnectTimeout(f"the name server didn't answer for {host}")
    if failed:
        raise httpcore2.ConnectError(f"{host} isn't known: {failed[0].strerror}")
    return found
