"""Every kind of input: told by its content, read as text that offsets point into."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent import cli
from agent.api import open_document
from agent.errors import InputError
from agent.inputs import confined, kind_of, read_article
from agent.inputs.text import Raw
from input_samples import ARTICLE, SENTENCE, make_pdf, page, show
from lying_server import LyingServer, completion
from page_server import PageServer, send

DATA = Path(__file__).parent / "data" / "inputs"
WORDS = "The “mayor” said so.\r\nIt is dry.\n"


def stdin(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Put data on standard input."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


# ---- plain text -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        (None, WORDS.encode()),
        (None, WORDS.encode("utf-8-sig")),
        (None, WORDS.encode("utf-16")),
        (None, b"\xfe\xff" + WORDS.encode("utf-16-be")),
        ("windows-1252", WORDS.encode("windows-1252")),
    ],
    ids=["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "windows-1252"],
)
def test_text_is_decoded_with_its_line_ends(
    tmp_path: Path, encoding: str | None, data: bytes
) -> None:
    """Every usual encoding gives the same text, and a guess is recorded."""
    path = tmp_path / "story.txt"
    path.write_bytes(data)
    article = read_article(str(path))
    found = (article.text, article.id, article.origin, article.extra.get("encoding"))
    assert (WORDS, "story", str(path), encoding) == found


@pytest.mark.parametrize(
    ("message", "data"),
    [
        ("is empty", b""),
        ("is empty", b"\xef\xbb\xbf \n\t"),
        ("isn't a text file", bytes(range(256)) * 9),
        ("isn't a text file", WORDS.encode("utf-16-le")),
        ("isn't a text file", WORDS.encode("utf-32")),
        ("isn't a text file", b"caf\x81 \x8d"),
        ("is a picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 40),
        ("is an old or a protected Office file", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99),
        ("is an RTF file", b"{\\rtf1\\ansi The mayor said so.}"),
        ("is XML, a feed maybe", b"<?xml version='1.0'?><rss><channel></channel></rss>"),
        ("has 101 characters, and 100 is the limit", b"a" * 101),
        ("has 101 characters", "😀".encode() * 101),
    ],
)
def test_text_that_is_none_is_refused(tmp_path: Path, message: str, data: bytes) -> None:
    """Empty, binary, foreign and too long files each have their message."""
    path = tmp_path / "story.txt"
    path.write_bytes(data)
    with pytest.raises(InputError, match=message):
        read_article(str(path), max_chars=100)


def test_text_too_long_says_how_long_it_would_take(tmp_path: Path) -> None:
    """The message estimates the time of the embedded model."""
    path = tmp_path / "story.txt"
    path.write_text("word " * 60_000, encoding="utf-8")
    with pytest.raises(InputError, match=r"300,000 characters.* about 50 min"):
        read_article(str(path))


def test_text_without_end_is_read_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A source that goes on is cut in the middle of a character, and told to be longer."""
    monkeypatch.setattr("agent.inputs.MOST_BYTES", 1001)
    stdin(monkeypatch, "é".encode() * 5000)
    with pytest.raises(InputError, match="has more than 500 characters"):
        read_article("-", max_chars=100)


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("there's no file", "nothing.txt"),
        ("is a folder", "."),
        ("can't read", "a\0b"),
        ("neither a file nor an http or https address", "ftp://example.org/story"),
        ("neither a file nor an http or https address", "file:///etc/passwd"),
    ],
)
def test_source_that_is_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, message: str, name: str
) -> None:
    """What can't be opened is an InputError that names it."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=message):
        read_article(name)


# ---- what it is -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "suffix", "data"),
    [
        ("text", "", b"The mayor said so."),
        ("text", ".txt", b"# 1 is the number, the mayor said."),
        ("text", ".txt", b"From: the mayor\nThis is no mail.\n"),
        ("text", ".html.txt", b"x <html> y"),
        ("html", ".txt", b"\xef\xbb\xbf\n <!-- saved --> <!DOCTYPE HTML><html>"),
        ("html", "", b"<?xml version='1.0'?>\n<html xmlns='http://www.w3.org/1999/xhtml'>"),
        ("html", ".txt", "<html>".encode("utf-16")),
        ("html", ".htm", b"<p>The mayor said so.</p>"),
        ("pdf", ".txt", b"%PDF-1.7\n"),
        ("pdf", ".PDF", b"nothing"),
        ("docx", ".txt", b"PK\x03\x04"),
        ("subtitles", ".txt", b"WEBVTT\n\n"),
        ("subtitles", "", b"1\r\n00:00:01,000 --> 00:00:02,000\r\nHello\r\n"),
        ("email", "", b"From: a@b.example\nSubject: x\nMIME-Version: 1.0\n\nHello"),
        ("email", ".eml", b"Subject: x\n\nHello"),
        ("email", ".mht", b"From: <Saved by Blink>\n\n"),
        ("markdown", "", b"---\ntitle: x\n---\nThe mayor said so."),
        ("markdown", "", b"# Bridge closes\n\nThe mayor said so."),
        ("markdown", ".md", b"The mayor said so."),
    ],
)
def test_kind_is_told_by_content_before_the_name(kind: str, suffix: str, data: bytes) -> None:
    """A file's first bytes count, then its name; text is what has neither."""
    assert kind == kind_of(Raw(data, "x", 100), suffix)


def test_kind_of_many_comments_is_told_at_once() -> None:
    """Comments before a page that never begins cost no time that grows with their number."""
    start = time.perf_counter()
    assert "text" == kind_of(Raw(b"<!-- -->" * 500, "x", 100), "")
    assert time.perf_counter() - start < 1


SAMPLES = {
    "story.html": ("html", "Old harbour bridge will close for repairs, mayor says", "2024-03-05"),
    "story.pdf": ("pdf", "Old harbour bridge will close for repairs, mayor says", "2024-03-05"),
    "story.md": ("markdown", "Old harbour bridge will close for repairs, mayor says", "2024-03-05"),
    "mail.eml": ("email", "Bridge will close on Monday, county says", "2024-03-05"),
    "page.mhtml": ("email", "Bridge closed", "2024-03-05"),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_article_is_a_document_with_headline_and_date(name: str) -> None:
    """From each kind of file come a headline that the zones know, body text and the day."""
    kind, title, day = SAMPLES[name]
    document = open_document(read_article(str(DATA / name)))
    first = document.blocks[0]
    found = (document.article.extra["format"], document.article.title, document.date, first.zone)
    assert (kind, title, day, "headline") == found
    assert title == first.extent.of(document.text)
    assert "body" in {block.zone for block in document.blocks}
    assert (str(DATA / name), Path(name).stem) == (document.article.origin, document.article.id)


@pytest.mark.parametrize(
    ("start", "name"),
    [
        ("Old harbour bridge will close", "story.pdf"),
        ("Bridge will close on Monday", "mail.eml"),
        ("Carla Brandt: The bridge", "talk.vtt"),
    ],
)
def test_stdin_takes_every_kind(monkeypatch: pytest.MonkeyPatch, start: str, name: str) -> None:
    """Standard input is read as a file is, but has neither name nor origin."""
    stdin(monkeypatch, (DATA / name).read_bytes())
    article = read_article("-")
    found = (article.text[: len(start)], article.id, article.origin)
    assert (start, "article", None) == found


def test_document_beyond_max_chars_is_refused(tmp_path: Path) -> None:
    """The limit is on the characters of the text."""
    path = tmp_path / "page.html"
    path.write_bytes(page(ARTICLE))
    with pytest.raises(InputError, match=r"has \d+ characters, and 100 is the limit"):
        read_article(str(path), max_chars=100)


def test_document_of_too_many_bytes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What isn't plain text is read whole or not at all."""
    monkeypatch.setattr("agent.inputs.MOST_BYTES", 1000)
    path = tmp_path / "page.html"
    path.write_bytes(page(ARTICLE + " " * 1000))
    with pytest.raises(InputError, match="has more than 0 MB"):
        read_article(str(path))


# ---- limits of a reader -----------------------------------------------------------------------


def confine(monkeypatch: pytest.MonkeyPatch, *, limit_s: float = 60, memory_mb: int = 2000) -> None:
    """Set the limits of a reader."""
    monkeypatch.setattr(confined, "LIMIT_S", limit_s)
    monkeypatch.setattr(confined, "MEMORY_BYTES", memory_mb * 1_000_000)


def test_reader_that_takes_too_long_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PDF of 80 kB that says a million times to show nothing is given up in time."""
    confine(monkeypatch, limit_s=1.5)
    path = tmp_path / "slow.pdf"
    path.write_bytes(make_pdf([show([SENTENCE]) + "BT (x) Tj ET " * 1_000_000]))
    start = time.perf_counter()
    with pytest.raises(InputError, match=r"takes more than 1.5 s to open"):
        read_article(str(path))
    assert time.perf_counter() - start < 5


def test_reader_that_takes_too_much_memory_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PDF that needs more memory than allowed is told as such."""
    confine(monkeypatch, memory_mb=150)
    path = tmp_path / "large.pdf"
    path.write_bytes(make_pdf(["% " + " " * 70_000_000 + show([SENTENCE])]))
    with pytest.raises(InputError, match=r"takes more than 0\.1 GB of memory to open"):
        read_article(str(path))


def test_reader_that_fails_is_an_input_error(tmp_path: Path) -> None:
    """What a library fails on is told with its error, without a traceback."""
    parts = b"".join(
        b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(3000)
    )
    path = tmp_path / "nested.eml"
    path.write_bytes(b"MIME-Version: 1.0\nSubject: x\n" + parts)
    with pytest.raises(InputError, match=r"can't be read \(RecursionError") as caught:
        read_article(str(path))
    assert 1 == len(str(caught.value).splitlines())


def test_reader_runs_nothing_of_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module that lies beside an article isn't taken for one of Python's."""
    for name in ("json.py", "agent.py", "markdown_it.py"):
        (tmp_path / name).write_text("raise SystemExit('run')", encoding="utf-8")
    (tmp_path / "story.md").write_text(f"# Bridge\n\n{SENTENCE}", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    assert f"Bridge\n\n{SENTENCE}" == read_article("story.md").text


# ---- the command ------------------------------------------------------------------------------

CLAIM = {
    "content": "the bridge would close on Monday",
    "sources": [{"name": "The mayor of the town", "cue": "said"}],
    "act": "assert",
    "polarity": "positive",
    "confidence": "certain",
    "hedge": "",
}


@pytest.fixture
def extract(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    weights_cache: Path,
    capfd: pytest.CaptureFixture[str],
) -> Callable[..., tuple[int | str | None, str, str]]:
    """Return a function that runs `sayso extract` in this process, without settings."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "SAYSO_MODEL", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SAYSO_CACHE", str(weights_cache))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int | str | None, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main(["extract", *arguments])
        return ended.value.code, *capfd.readouterr()

    return run


def spans_in(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every span of a record."""
    if isinstance(value, dict) and value.keys() >= {"start", "end", "text"}:
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from spans_in(part)


def test_command_reads_a_page_of_the_web(
    extract: Callable[..., tuple[int | str | None, str, str]],
) -> None:
    """The record holds the text that its offsets point into, and where it's from."""
    answer = send(page(f"<article>{ARTICLE}</article>"), content_type="text/html")
    with (
        PageServer({"/story": answer}) as site,
        LyingServer(completion(json.dumps({"claims": [CLAIM]}))) as engine,
    ):
        model = ("-m", "m", "--base-url", engine.base_url, "--no-cache")
        url = f"{site.url}/story"
        code, out, err = extract(url, "--allow-private", "-f", "json", *model)
    assert (0, f"fetching {url}") == (code, err.splitlines()[0])
    record = json.loads(out)
    document = record["document"]
    found = document["title"], document["origin"], document["extra"]["format"]
    assert ("Bridge closes", url, "html") == found
    spans = list(spans_in(record))
    assert "the bridge would close on Monday" in [span["text"] for span in spans]
    for span in spans:
        assert span["text"] == document["text"][span["start"] : span["end"]]


@pytest.mark.parametrize(
    ("message", "options"),
    [("isn't public", []), ("--offline forbids", ["--offline", "--allow-private"])],
)
def test_command_fetches_only_what_it_may(
    extract: Callable[..., tuple[int | str | None, str, str]], message: str, options: list[str]
) -> None:
    """Without --allow-private nothing of this machine is fetched, with --offline nothing at all."""
    with PageServer({"/story": send(page(ARTICLE))}) as site:
        code, out, err = extract(f"{site.url}/story", *options)
    assert (1, "", []) == (code, out, site.requests)
    assert message in err.splitlines()[-1]
