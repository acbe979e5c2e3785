"""Articles from every kind of input: files, standard input and the web, told by their content."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import urlsplit

from agent.document import Article
from agent.errors import InputError
from agent.inputs.confined import Kind, read_confined
from agent.inputs.text import Raw, check_length, read_text

MOST_BYTES = 50_000_000
HEAD_BYTES = 4096

_URL = re.compile(r"(?i)https?://")
_HOST = re.compile(r"(?i)www\.|[a-z\d-]+(?:\.[a-z\d-]+)+/")
_SCHEME = re.compile(r"(?i)[a-z][a-z\d+.-]+://")
SUFFIXES: dict[str, Kind | Literal["text"]] = {
    ".htm": "html", ".html": "html", ".shtml": "html", ".xhtml": "html",
    ".pdf": "pdf", ".docx": "docx", ".eml": "email", ".mht": "email", ".mhtml": "email",
    ".srt": "subtitles", ".vtt": "subtitles", ".md": "markdown", ".markdown": "markdown",
    ".txt": "text", ".text": "text",
}  # fmt: skip
_MEDIA_TYPES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "message/rfc822": ".eml",
    "multipart/related": ".mhtml",
    "text/vtt": ".vtt",
    "application/x-subrip": ".srt",
    "text/markdown": ".md",
    "text/plain": ".txt",
}
_DOCX, _TEXT = "save it as .docx, .pdf or plain text", "save the article's text as plain text"
# What can be told by its first bytes, and isn't read.
_FOREIGN = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", f"an old or a protected Office file: {_DOCX}"),
    (b"{\\rtf", f"an RTF file: {_DOCX}"),
    (b"\x89PNG", f"a picture: {_TEXT}"),
    (b"\xff\xd8\xff", f"a picture: {_TEXT}"),
    (b"GIF8", f"a picture: {_TEXT}"),
    (b"\x1f\x8b", "packed with gzip: unpack it first"),
    (b"7z\xbc\xaf", "packed with 7z: unpack it first"),
    (b"Rar!", "packed with rar: unpack it first"),
    (b"%!PS", "a PostScript file: save it as a PDF"),
)
_HTML = re.compile(
    r"(?i)\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(?:!doctype html|html|head|body)\b",
    re.DOTALL,
)
_XML = re.compile(r"(?i)\s*<\?xml\b|\s*<(?:rss|feed)\b")
_CUES = re.compile(r"\s*WEBVTT\b|\s*\d+\s*\n\s*\d+:\d\d:\d\d[,.]\d+ *-->")
_MAIL = re.compile(r"(?im)^(?:mime-version|message-id|received|return-path):")
_HEADERS = re.compile(r"(?:[!-9;-~]+:.*(?:\n[ \t].*)*\n){3,}")
_FRONT_MATTER = re.compile(r"---[ \t]*\n\w+:.*\n(?:.*\n)*?---|#[ \t]+\S")


def read_article(
    source: str, max_chars: int = 200_000, *, allow_private: bool = False, offline: bool = False
) -> Article:
    """Return the article in a file, at a web address, or on standard input where source is "-".

    The article's text is what offsets point into: plain text as it is, else what was taken out of
    the file (docs/inputs.md). extra holds `format` for what isn't plain text, and author, url,
    encoding and the like where they're known. allow_private: addresses of this machine and its
    network are fetched too. offline: nothing is fetched.

    Raises:
        InputError: missing, unreadable, empty, no article, or longer than max_chars.
    """
    if is_url(source):
        if offline:
            raise InputError(
                f"--offline forbids to fetch {source}: save the page as a file, or leave it out"
            )
        return _fetched(source, max_chars, allow_private=allow_private)
    if _SCHEME.match(source):
        raise InputError(f"{source} is neither a file nor an http or https address")
    name = "standard input" if source == "-" else source
    data = _read_bytes(source, name)
    raw = Raw(data[:MOST_BYTES], name, max_chars, cut=len(data) > MOST_BYTES)
    article = _read(raw, "" if source == "-" else Path(source).suffix)
    return article if source == "-" else replace(article, id=Path(source).stem, origin=source)


def is_url(source: str) -> bool:
    """Tell whether a source is an address on the web.

    >>> is_url("https://example.org/story"), is_url("story.txt")
    (True, False)
    """
    return bool(_URL.match(source))


def _fetched(url: str, max_chars: int, *, allow_private: bool) -> Article:
    from agent.inputs.web import fetch  # noqa: PLC0415  (it loads the HTTP client)

    page = fetch(url, allow_private=allow_private)
    path = PurePosixPath(urlsplit(page.url).path)
    suffix = _MEDIA_TYPES.get(page.media_type, path.suffix)
    if page.media_type.partition("/")[0] in ("image", "audio", "video", "font"):
        raise InputError(f"{page.url} isn't an article but {page.media_type}: {_TEXT}")
    raw = Raw(page.data, page.url, max_chars, charset=page.charset, url=page.url)
    name = path.stem or urlsplit(page.url).hostname or "article"
    return replace(_read(raw, suffix), id=name, origin=page.url)


def _read(raw: Raw, suffix: str) -> Article:
    """Return the article in bytes, whose name or sender gives them the suffix."""
    kind = kind_of(raw, suffix)
    if kind == "text":
        article = read_text(raw)
    elif raw.cut:
        raise InputError(f"{raw.name} has more than {MOST_BYTES // 1_000_000} MB: {_TEXT}")
    else:
        article = read_confined(kind, raw)
        article = replace(article, extra={"format": kind} | article.extra)
    if not article.text.strip():
        raise InputError(f"{raw.name} is empty: there's nothing to read")
    check_length(raw.name, len(article.text), raw.max_chars)
    return article


def _read_bytes(source: str, name: str) -> bytes:
    """Return the bytes, or the first MOST_BYTES + 1 of them."""
    try:
        if source == "-":
            return sys.stdin.buffer.read(MOST_BYTES + 1)
        with Path(source).open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        hint = "check the path" + (" (an address begins with https://)" * bool(_HOST.match(source)))
        raise InputError(f"there's no file {name}: {hint}") from error
    except IsADirectoryError as error:
        hint = "name one file in it, or read them all with `sayso batch`"
        raise InputError(f"{name} is a folder: {hint}") from error
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"can't read {name}: {why}") from error


# ---- what it is -------------------------------------------------------------------------------


def kind_of(raw: Raw, suffix: str) -> Kind | Literal["text"]:
    """Return what the bytes are: by their content where it tells, else by the suffix.

    Raises:
        InputError: they're of a kind that isn't read.
    """
    data = raw.data
    for magic, what in _FOREIGN:
        if data.startswith(magic):
            raise InputError(f"{raw.name} is {what}")
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return "docx"  # or its reader says what it is
    by_suffix = SUFFIXES.get(suffix.lower())
    head = _head(data)
    if _CUES.match(head):
        return "subtitles"
    if _HTML.match(head):
        return "html"
    if _XML.match(head) and by_suffix != "html":
        raise InputError(
            f"{raw.name} is XML, a feed maybe, and no article: give the address of an article in it"
        )
    headers = _HEADERS.match(head)
    if headers and _MAIL.search(headers[0]):
        return "email"
    if by_suffix is None and _FRONT_MATTER.match(head):
        return "markdown"
    return by_suffix or "text"


def _head(data: bytes) -> str:
    """Return the start as text, as far as that's needed to tell what it is."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return data[:HEAD_BYTES].decode(encoding, errors="replace").replace("\r\n", "\n")
