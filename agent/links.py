"""Links into the text of a web page: text fragments (`#:~:text=`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote, urlsplit

from agent.schema import Span

LONGEST = 300  # characters; a longer passage is named by its first and its last words
EDGE_WORDS = 6
CONTEXT_WORDS = 4
_BREAKS = re.compile("[\n\r\x0b\x0c\x85\u2028\u2029]+")
_UNSAFE = re.compile(r"[\0-\x20\x7f-\x9f\\\"<>^`{|}\ud800-\udfff]")


def web_address(origin: str | None) -> str | None:
    """Return where a text came from if that's a page on the web, else None.

    >>> web_address("https://example.org/a"), web_address("javascript:alert(1)")
    ('https://example.org/a', None)
    """
    if not origin or _UNSAFE.search(origin):
        return None
    try:
        parts = urlsplit(origin)
    except ValueError:  # brackets that are no IPv6 address
        return None
    return origin if parts.scheme in {"http", "https"} and parts.hostname else None


def text_link(origin: str | None, text: str | None, spans: Sequence[Span]) -> str | None:
    """Return the address of a page with a text fragment for each span; None for no web page.

    What stands in the text more than once is told apart by the words around it.

    **Source**: URL Fragment Text Directives, https://wicg.github.io/scroll-to-text-fragment/

    >>> span = Span(start=0, end=14, text="Well-known, so")
    >>> text_link("https://example.org/a#top", "Well-known, so it goes", [span])
    'https://example.org/a#top:~:text=Well%2Dknown%2C%20so'
    """
    address = web_address(origin)
    if address is None:
        return None
    page, _, fragment = address.partition("#")
    found = [_directive(text or "", span) for span in spans]
    directives = "&".join(f"text={each}" for each in found if each)
    if not directives:
        return address
    return f"{page}#{fragment.partition(':~:')[0]}:~:{directives}"


def _directive(text: str, span: Span) -> str:
    """Return `[prefix-,]start[,end][,-suffix]`, "" for a span without words."""
    start, end = _whole_words(text, span)
    words = text[start:end] or span.text
    lines = [line for line in map(_joined, _BREAKS.split(words)) if line]
    if not lines:
        return ""
    if len(lines) == 1 and len(lines[0]) <= LONGEST:
        parts = [lines[0]]
    else:
        first, last = lines[0].split(" "), lines[-1].split(" ")
        parts = [" ".join(first[:EDGE_WORDS]), " ".join(last[-EDGE_WORDS:])]
    terms = [_encode(part) for part in parts]
    if _joined(text).casefold().count(parts[0].casefold()) > 1:
        before = [line for line in map(_joined, _BREAKS.split(text[:start])) if line]
        after = [line for line in map(_joined, _BREAKS.split(text[end:])) if line]
        if before:
            terms.insert(0, f"{_encode(' '.join(before[-1].split(' ')[-CONTEXT_WORDS:]))}-")
        if after:
            terms.append(f"-{_encode(' '.join(after[0].split(' ')[:CONTEXT_WORDS]))}")
    return ",".join(terms)


def _whole_words(text: str, span: Span) -> tuple[int, int]:
    """Return the offsets moved out to the borders of words: browsers find whole words only."""
    start, end = min(span.start, len(text)), min(span.end, len(text))
    while 0 < start < len(text) and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while 0 < end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return start, end


def _joined(text: str) -> str:
    return " ".join(text.split())


def _encode(text: str) -> str:
    """Return the text percent-encoded, the marks of the syntax (`-`, `,`, `&`) included."""
    return quote(text, safe="", errors="replace").replace("-", "%2D")
