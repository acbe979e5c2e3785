"""Pages fetched from a real server, and addresses that aren't asked."""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable
from typing import Any

import pytest
import pytest_socket

from agent.api import open_document
from agent.errors import InputError
from agent.inputs import read_article, web
from agent.inputs.addresses import is_public
from agent.inputs.web import Fetched, fetch
from agent.settings import VERSION
from input_samples import ARTICLE, SENTENCE, make_pdf, page, show
from page_server import Answer, PageServer, endless, redirect, send

HTML = "text/html; charset=utf-8"
PAGE = page(f"<article>{ARTICLE}</article>", "<meta property='og:title' content='Bridge closes'>")
STORY = send(PAGE, content_type=HTML)
PUBLIC = "93.184.215.14"


def get(pages: dict[str, Answer], path: str = "/story") -> Fetched:
    """Return what comes from a server with the pages."""
    with PageServer(pages) as server:
        return fetch(server.url + path, allow_private=True)


# ---- pages ------------------------------------------------------------------------------------


def test_page_is_fetched_and_read() -> None:
    """The address, the page's text and its headline are kept; the server sees who asks."""
    with PageServer({"/local/bridge.html": STORY}) as server:
        url = f"{server.url}/local/bridge.html"
        article = read_article(f"{url}#comments", allow_private=True)
    assert ("Bridge closes", url, "bridge") == (article.title, article.origin, article.id)
    assert {"format": "html", "url": url} == {key: article.extra[key] for key in ("format", "url")}
    assert "headline" == open_document(article).blocks[0].zone
    asked = server.requests[-1]
    assert ["/robots.txt", "/local/bridge.html"] == [got.path for got in server.requests]
    assert (
        f"sayso/{VERSION} (+reads an article that a person asked for)"
        == asked.headers["user-agent"]
    )
    assert f"127.0.0.1:{server.port}" == asked.headers["host"]
    assert not {"cookie", "authorization", "referer"} & asked.headers.keys()


@pytest.mark.parametrize(
    ("kind", "content_type", "path", "body"),
    [
        ("html", HTML, "/", PAGE),
        ("html", "application/octet-stream", "/story.html", PAGE[15:]),
        ("pdf", "application/pdf", "/story", make_pdf([show([SENTENCE])])),
        ("markdown", "text/markdown", "/story", SENTENCE.encode()),
        (None, "text/plain; charset=iso-8859-1", "/story", f"“é” {SENTENCE}".encode("cp1252")),
        (None, "text/plain", "/story.md", f"“é” {SENTENCE}".encode()),
    ],
)
def test_page_is_read_as_what_it_is(
    kind: str | None, content_type: str, path: str, body: bytes
) -> None:
    """The content tells, then the server, then the address."""
    with PageServer({path: send(body, content_type=content_type)}) as server:
        article = read_article(server.url + path, allow_private=True)
    assert kind == article.extra.get("format")
    assert SENTENCE in article.text
    assert ("“é”" in article.text) == (b"said" in body and kind is None)


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("gzip", gzip.compress), ("x-gzip", gzip.compress), ("deflate", zlib.compress)],
)
def test_page_that_is_packed_is_unpacked(coding: str, pack: Callable[[bytes], bytes]) -> None:
    """What the request offers to unpack is unpacked."""
    answer = send(pack(PAGE), content_encoding=coding)
    assert PAGE == get({"/story": answer}).data


def test_page_after_redirects_has_the_last_address() -> None:
    """Redirects are followed, relative ones too, and the address is that of the page."""
    pages = {"/story": redirect("/b?x=1", 301), "/b?x=1": redirect("c", 307), "/c": STORY}
    with PageServer(pages) as server:
        assert f"{server.url}/c" == fetch(f"{server.url}/story", allow_private=True).url
    assert 1 == [got.path for got in server.requests].count("/robots.txt")


# ---- limits -----------------------------------------------------------------------------------

PIECE = b"x" * 65536
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n"


def chunk(data: bytes) -> bytes:
    """Return a chunk of a body that is sent in chunks."""
    return b"%x\r\n%b\r\n" % (len(data), data)


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ("took more than 1 s", endless(b" ", pause_s=0.02, head=HEAD + b"x-slow: ")),
        ("took more than 1 s", endless(b" ", pause_s=0.02, head=HEAD + b"\r\n")),
        ("took more than 1 s", endless(b"", pause_s=0.02, head=HEAD)),
        ("is larger than 10 MB", endless(PIECE, pause_s=0, head=HEAD + b"\r\n")),
        (
            "is larger than 10 MB",
            send(gzip.compress(b"\0" * 50_000_000), content_encoding="gzip"),
        ),
        ("is packed as br", send(PAGE, content_encoding="br")),
        ("came damaged", send(PAGE, content_encoding="gzip")),
        ("broke off", send(gzip.compress(PAGE)[:-9], content_encoding="gzip")),
        ("can't get", endless(b"x", pause_s=0, head=b"nonsense\r\n\r\n")),
        ("more than 5 redirects", redirect("/story")),
        ("neither|no http or https", redirect("file:///etc/passwd")),
        ("name or a password", redirect("http://user:secret@127.0.0.1/")),
        ("asks for a login", send(b"", status=401)),
        ("refuses programs", send(PAGE, status=403)),
        ("there's no such page", send(PAGE, status=404)),
        ("come back later", send(b"", status=429)),
        ("answered 500", send(b"", status=500)),
        ("answered 204", send(b"", status=204)),
    ],
)
def test_page_beyond_limits_is_refused(
    monkeypatch: pytest.MonkeyPatch, message: str, answer: Answer
) -> None:
    """Slow, endless, packed, damaged and failing answers each end soon with their message."""
    monkeypatch.setattr(web, "LIMIT_S", 1.0 if "1 s" in message else 20.0)
    start = time.perf_counter()
    with pytest.raises(InputError, match=message) as caught:
        get({"/story": answer})
    assert time.perf_counter() - start < 8
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("media_type", ["image/png", "video/mp4", "audio/mpeg"])
def test_page_that_is_a_picture_is_refused(media_type: str) -> None:
    """What can't be an article is told by its type."""
    with PageServer({"/story": send(b"\0\1", content_type=media_type)}) as server:
        with pytest.raises(InputError, match=f"isn't an article but {media_type}"):
            read_article(f"{server.url}/story", allow_private=True)


def test_server_that_is_not_there_is_told() -> None:
    """A port that nobody listens on is an error with its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/story"
    with pytest.raises(InputError, match=rf"can't get {url}: "):
        fetch(url, allow_private=True)


# ---- robots.txt -------------------------------------------------------------------------------


def rules(text: str) -> Answer:
    """Return an answer that is a robots.txt."""
    return send(text.encode(), content_type="text/plain")


@pytest.mark.parametrize(
    "robots",
    [
        rules("User-agent: *\nDisallow: /"),
        rules("User-agent: *\nAllow: /\n\nUser-agent: SaySo\nDisallow: /story"),
        rules("User-agent: *\nDisallow: /*ory$"),
        rules("User-agent: *\nDisallow: /story\n" + "# x\n" * 500_000),
        redirect("/elsewhere"),
        send(b"", status=503),
        send(b"", status=429),
    ],
    ids=["all", "ours", "pattern", "long", "redirected", "failing", "busy"],
)
def test_robots_that_forbid_a_page_are_heeded(robots: Answer) -> None:
    """The page isn't asked for where robots.txt forbids it or can't be read."""
    pages = {"/robots.txt": robots, "/elsewhere": rules("User-agent: *\nDisallow: /st")}
    with PageServer(pages | {"/story": STORY}) as server:
        with pytest.raises(InputError, match=r"robots\.txt"):
            fetch(f"{server.url}/story", allow_private=True)
    assert "/story" not in [got.path for got in server.requests]


@pytest.mark.parametrize(
    "robots",
    [
        rules("User-agent: *\nDisallow: /admin"),
        rules("User-agent: *\nDisallow: /\n\nUser-agent: sayso\nAllow: /"),
        rules("User-agent: *\nDisallow: /st\nAllow: /story"),
        rules("<html>not found</html>"),
        send(b"", status=404),
        send(b"", status=403),
        redirect("/robots.txt"),
    ],
    ids=["elsewhere", "ours", "longest", "no rules", "none", "forbidden", "circle"],
)
def test_robots_that_allow_a_page_let_it_be_fetched(robots: Answer) -> None:
    """The group for us counts before the one for all, the longest rule before shorter ones."""
    assert PAGE == get({"/robots.txt": robots, "/story": STORY}).data


def test_robots_are_asked_before_a_redirect_is_followed() -> None:
    """A redirect to a page that is forbidden isn't followed."""
    pages = {
        "/robots.txt": rules("User-agent: *\nDisallow: /secret"),
        "/story": redirect("/secret"),
        "/secret": STORY,
    }
    with PageServer(pages) as server:
        with pytest.raises(InputError, match=r"robots\.txt of 127\.0\.0\.1 asks"):
            fetch(f"{server.url}/story", allow_private=True)
    assert "/secret" not in [got.path for got in server.requests]


# ---- addresses --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "addresses"),
    [
        (True, [PUBLIC, "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"]),
        (False, ["127.0.0.1", "127.9.9.9", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1"]),  # noqa: S104
        (False, ["10.0.0.1", "172.16.0.1", "192.168.1.1", "fd00::1", "::ffff:192.168.1.1"]),
        (False, ["169.254.169.254", "fe80::1%eth0", "::ffff:a9fe:a9fe", "64:ff9b::a9fe:a9fe"]),
        (False, ["224.0.0.1", "239.1.1.1", "ff02::1", "ff0e::1", "255.255.255.255"]),
        (False, ["100.64.0.1", "100.127.255.254", "192.0.2.1", "198.18.0.1", "240.0.0.1"]),
        (False, ["2002:7f00:1::", "2002:a00:1::1", "2001:db8::1", "fec0::1", "::127.0.0.1"]),
    ],
    ids=["public", "loopback", "private", "link-local", "multicast", "reserved", "embedded"],
)
def test_address_is_public_or_not(expected: bool, addresses: list[str]) -> None:
    """Each kind of address that not everybody can reach is known, within IPv6 too."""
    assert dict.fromkeys(addresses, expected) == {text: is_public(text) for text in addresses}


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "[::1]",
        "[::ffff:7f00:1]",
        "0",
    ],
)
def test_private_host_is_refused_in_every_spelling(host: str) -> None:
    """Nothing is asked of this machine without --allow-private, however it's written."""
    with PageServer({"/story": STORY}) as server:
        with pytest.raises(InputError, match=r"isn't public: .*--allow-private"):
            read_article(f"http://{host}:{server.port}/story")
    assert [] == server.requests


def names(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Have names looked up as told, the last answer again and again; return what was asked."""
    asked: list[str] = []
    system = socket.getaddrinfo

    def look_up(host: str, port: int, *rest: Any, **more: Any) -> list[Any]:
        if not host.endswith(".example"):  # an address, which needs no name server
            return list(system(host, port, *rest, **more))
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr("agent.inputs.web.socket.getaddrinfo", look_up)
    return asked


def test_redirect_to_a_private_host_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address is checked anew after each redirect."""
    names(monkeypatch, ["127.0.0.1"], ["127.0.0.2"])
    monkeypatch.setattr(web, "is_public", lambda address: address == "127.0.0.1")
    with PageServer({"/story": redirect("http://inner.example/story")}) as server:
        with pytest.raises(InputError, match=r"inner\.example has the address 127\.0\.0\.2"):
            fetch(f"http://outer.example:{server.port}/story")
    assert "/story" == server.requests[-1].path


def test_host_with_one_private_address_among_public_ones_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every address of a host is checked, not just the first."""
    names(monkeypatch, [PUBLIC, "192.168.1.1"])
    with pytest.raises(InputError, match=r"has the address 192\.168\.1\.1, which isn't public"):
        fetch("http://news.example/story")


def test_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers otherwise the second time leads nowhere else.

    The suite blocks connections beyond loopback with a warning that names the address.
    """
    with PageServer({"/story": STORY}) as server:
        asked = names(monkeypatch, [PUBLIC], ["127.0.0.1"])
        with pytest.raises(UserWarning, match=PUBLIC):
            fetch(f"http://news.example:{server.port}/story")
    assert (["news.example"], []) == (asked, server.requests)


def test_host_keeps_its_name_though_its_address_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server is told which site is meant; an address that takes no one is passed over."""
    names(monkeypatch, ["127.0.0.2", "127.0.0.1"])
    pytest_socket.socket_allow_hosts(["127.0.0.1", "127.0.0.2"], allow_unix_socket=True)
    with PageServer({"/story": STORY}) as server:
        fetch(f"http://news.example:{server.port}/story", allow_private=True)
    assert {f"news.example:{server.port}"} == {got.headers["host"] for got in server.requests}


def test_tls_is_told_the_name_of_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name that certificates are checked against is that of the address, not a number."""
    told: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sni_callback = lambda _socket, name, _context: told.append(name)
    names(monkeypatch, ["127.0.0.1"])

    def answer() -> None:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):  # it has no certificate to show
            context.wrap_socket(connection, server_side=True)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(InputError, match=r"can't get https://news\.example"):
            fetch(f"https://news.example:{listener.getsockname()[1]}/", allow_private=True)
        thread.join()
    assert ["news.example"] == told


def test_name_server_that_is_silent_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit holds while a name is looked up."""

    def wait(*_: Any, **__: Any) -> list[Any]:
        time.sleep(2)
        return []

    monkeypatch.setattr(web, "LIMIT_S", 0.3)
    monkeypatch.setattr("agent.inputs.web.socket.getaddrinfo", wait)
    start = time.perf_counter()
    with pytest.raises(InputError, match=r"took more than 0\.3 s"):
        fetch("http://news.example/story")
    assert time.perf_counter() - start < 1.5


@pytest.mark.parametrize(
    ("message", "url"),
    [
        ("no http or https address", "http://"),
        ("no address on the web", "http://[::1"),
        ("holds a name or a password", "https://user:secret@news.example/story"),
        ("isn't known", "http://nothing.invalid/"),
    ],
)
def test_address_that_is_none_is_refused(message: str, url: str) -> None:
    """What can't be an address is told, without a password that it may hold."""
    with pytest.raises(InputError, match=message) as caught:
        read_article(url)
    assert "secret" not in str(caught.value)


def test_offline_fetches_nothing() -> None:
    """--offline refuses addresses, those of this machine too."""
    with PageServer({"/story": STORY}) as server:
        with pytest.raises(InputError, match="--offline forbids"):
            read_article(f"{server.url}/story", allow_private=True, offline=True)
    assert [] == server.requests
