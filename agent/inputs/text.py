"""Plain text: bytes decoded, and how long a text may be."""

from __future__ import annotations

import codecs
import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from agent.document import Article
from agent.errors import InputError

CHARS_PER_S = 100.0  # of the embedded model on 2 cores: 105 busy, 265 idle; for estimates only
CONTROLS_AT_MOST = 0.05  # of the characters; more of them, and it's no text

_CONTROL = re.compile("[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Raw:
    """An article as it came in.

    name: for messages. cut: the data are the start of something longer. charset: as the sender
    says, or None. url: where it was fetched, or None.
    """

    data: bytes
    name: str
    max_chars: int
    cut: bool = False
    charset: str | None = None
    url: str | None = None


def read_text(raw: Raw) -> Article:
    """Return the text as it is, line ends included, so that offsets hold for the file.

    A byte order mark is no part of the text. extra["encoding"] is set where the encoding was
    guessed.

    Raises:
        InputError: it isn't text, or longer than raw.max_chars.
    """
    text, guessed = decode(raw)
    check_length(raw.name, len(text), raw.max_chars, more=raw.cut)
    return Article(text, extra={} if guessed is None else {"encoding": guessed})


def decode(raw: Raw) -> tuple[str, str | None]:
    """Return the text, and the encoding if it was guessed (None for Unicode and as declared).

    Raises:
        InputError: the bytes mean no text.
    """
    text, guessed = _declared(raw), None
    if text is None:
        with contextlib.suppress(UnicodeDecodeError):
            text, guessed = raw.data.decode("windows-1252"), "windows-1252"
    if text is None or len(_CONTROL.findall(text)) > CONTROLS_AT_MOST * len(text):
        raise InputError(
            f"{raw.name} isn't a text file, its bytes mean no text: save the article as plain "
            "text in UTF-8"
        )
    return text, guessed


def _declared(raw: Raw) -> str | None:
    """Return the text by its byte order mark, its declared charset or UTF-8; None if none fits."""
    if raw.data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", known_charset(raw.charset)]
        if raw.charset and not raw.data.startswith(codecs.BOM_UTF8):
            encodings.reverse()
    for encoding in filter(None, encodings):
        with contextlib.suppress(UnicodeDecodeError):
            return codecs.getincrementaldecoder(encoding)().decode(raw.data, final=not raw.cut)
    return None


# Text encodings of Python that aren't what anybody writes a text in.
_NO_CHARSETS = frozenset(("idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"))


def known_charset(label: str | None) -> str:
    """Return Python's name of a charset, "" if it has none.

    As browsers do, ISO 8859-1 and ASCII are read as windows-1252, which they're often written for.
    Source: https://encoding.spec.whatwg.org/#names-and-labels

    >>> [known_charset(label) for label in ("ISO-8859-1", "x-none", "idna", "UTF8")]
    ['windows-1252', '', '', 'utf-8-sig']
    """
    try:
        info = codecs.lookup((label or "").strip())
    except (LookupError, ValueError):
        return ""
    if not info._is_text_encoding or info.name in _NO_CHARSETS:  # noqa: SLF001  (base64 is none)
        return ""
    read_as = {"iso8859-1": "windows-1252", "ascii": "windows-1252", "utf-8": "utf-8-sig"}
    return read_as.get(info.name, info.name)


def check_length(name: str, chars: int, max_chars: int, *, more: bool = False) -> None:
    """Check that a text isn't too long. more: it goes on after chars.

    Raises:
        InputError: it is; the message tells about how long reading it would take.
    """
    if chars <= max_chars:
        return
    hours, minutes = divmod(max(1, round(chars / CHARS_PER_S / 60)), 60)
    time = f"{hours} h {minutes} min" if hours else f"{minutes} min"
    over = "more than " if more else ""
    raise InputError(
        f"{name} has {over}{chars:,} characters, and {max_chars:,} is the limit; reading it would "
        f"take {over or 'about '}{time} on this machine: cut it, or raise the limit with "
        "--max-chars"
    )


def in_blocks(blocks: Iterable[str], title: str | None = None) -> str:
    r"""Return blocks as a text with an empty line between them, below the title.

    A title that stands among the first blocks isn't set above them once more.

    >>> in_blocks(["Rain ends", "It is dry."], "Rain  Ends"), in_blocks(["It is dry."], "Rain ends")
    ('Rain ends\n\nIt is dry.', 'Rain ends\n\nIt is dry.')
    """
    lines = [block.strip() for block in blocks if block.strip()]
    if title and plain_words(title) not in map(plain_words, lines[:4]):
        lines.insert(0, title)
    return "\n\n".join(lines)


def plain_words(text: str) -> str:
    """Return a text as it's compared with another: case and white space don't count."""
    return " ".join(text.casefold().split())
