"""The text of a PDF (only user of pypdf): what is seen on its pages, line by line."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, PyPdfError

from agent.document import Article
from agent.errors import InputError
from agent.inputs.headline import find_headline, from_headline
from agent.inputs.paragraphs import Line, paragraphs, without_furniture
from agent.inputs.text import Raw, check_length, in_blocks

MOST_PAGES = 300
LEAST_CHARS_OF_PAGE = 20  # on average; less, and the pages are pictures
LEAST_CHARS_OF_OVERLAID = 10  # of a line; shorter, and what follows may be beside it
TINY_POINTS = 1.5  # smaller, and nobody reads it
UNSEEN = 3  # a text rendering mode: neither fill nor stroke
UNREADABLE_AT_MOST = 0.1  # of the characters: fonts that don't tell their letters

_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st",
                            "ﬆ": "st", "\0": None})  # fmt: skip
_UNREADABLE = re.compile("[\ufffd\ue000-\uf8ff\x01-\x08\x0e-\x1f]|\\(cid:\\d+\\)|/g\\d+")


def read_pdf(raw: Raw) -> Article:
    """Return the text of a PDF, a paragraph a block.

    The file's own title counts where it heads the text; a menu above it is left out. extra: author,
    created (the day on which the file was made, which needn't be the article's).

    Raises:
        InputError: it's broken, locked, too long, or holds pictures only.
    """
    try:
        reader = PdfReader(io.BytesIO(raw.data))
        pages = _open(reader, raw.name)
        lines = _lines(pages, raw)
        about = _about(reader)
    except DependencyError as error:
        raise InputError(
            f"{raw.name} is encrypted: {_UNLOCK}; or pip install cryptography, by which sayso "
            "reads it where it needs no password"
        ) from error
    except (PyPdfError, *_BROKEN) as error:
        raise InputError(
            f"{raw.name} is a broken PDF ({type(error).__name__}: {error}): open it in a PDF "
            "viewer and save or print it anew"
        ) from error
    _check_readable(lines, raw.name)
    blocks = paragraphs(without_furniture(lines))
    at = find_headline(blocks, about.pop("title", ""))
    if at is None:
        return Article(in_blocks(blocks), extra=about)
    return Article(in_blocks(from_headline(blocks, at)), title=blocks[at], extra=about)


_UNLOCK = "open it in a PDF viewer and print it to a new PDF that isn't protected"
# What pypdf lets through of files that nobody tested it on.
_BROKEN = (
    *(ValueError, TypeError, LookupError, AttributeError, OSError, ArithmeticError),
    *(RuntimeError, AssertionError),  # too many levels, a filter that it doesn't know
)


def _open(reader: PdfReader, name: str) -> Sequence[PageObject]:
    """Return the pages; owners' locks against printing and the like are no locks against reading.

    Raises:
        InputError: a password is needed, or there are too many pages.
    """
    if reader.is_encrypted and not reader.decrypt(""):
        raise InputError(f"{name} is protected by a password: {_UNLOCK}")
    pages = reader.pages
    if len(pages) > MOST_PAGES:
        raise InputError(
            f"{name} has {len(pages):,} pages, and {MOST_PAGES} is the limit: save the pages of "
            "the article as a PDF of their own"
        )
    return pages


def _lines(pages: Sequence[PageObject], raw: Raw) -> list[list[Line]]:
    """Return the lines of each page, in the order in which the file has them.

    Raises:
        InputError: they're longer than raw.max_chars; the pages after aren't read then.
    """
    found: list[list[Line]] = []
    chars = 0
    for page in pages:
        found.append(_lines_of(page))
        chars += sum(len(line.text) for line in found[-1])
        check_length(raw.name, chars, raw.max_chars, more=True)
    return found


def _lines_of(page: PageObject) -> list[Line]:
    lines: list[Line] = []
    pieces: list[str] = []
    ink = _Ink(page)
    place: tuple[float, float, float] | None = None

    def end_line() -> None:
        nonlocal place
        text = " ".join("".join(pieces).translate(_LIGATURES).split())
        if text and place:
            lines.append(Line(text, *place))
        pieces.clear()
        place = None

    def visit(text: str, cm: Sequence[float], tm: Sequence[float], _font: Any, size: Any) -> None:
        nonlocal place
        points = abs(float(size or 0) * tm[3] * cm[3])
        if not ink.shows(text) or 0 < points < TINY_POINTS:
            return
        for number, part in enumerate(text.split("\n")):
            if number:
                end_line()
            x, y = tm[4] * cm[0] + tm[5] * cm[2] + cm[4], tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            if part.strip() and place and _is_overlay(place, x, y, "".join(pieces)):
                end_line()
            if part.strip() and place is None:
                place = x, y, points
            pieces.append(part)

    page.extract_text(visitor_operand_before=ink.follow, visitor_text=visit)
    end_line()
    return lines


def _is_overlay(place: tuple[float, float, float], x: float, y: float, before: str) -> bool:
    """Tell whether words begin where those before them on their line do, so are none of the line.

    A browser prints a bar that is fixed to its window over whatever line lies there.
    """
    moved = (x, y) != place[:2]
    return moved and x < place[0] + 2 * place[2] and len(before.strip()) > LEAST_CHARS_OF_OVERLAID


class _Ink:
    """Whether text is shown in a way that leaves no mark on the page.

    On a page with pictures all counts as seen: programs that recognise text lay it unseen over the
    picture of it. Source: ISO 32000-1, 9.3.6.
    """

    def __init__(self, page: PageObject) -> None:
        self._pictures = _has_pictures(page)
        self._mode = 0
        self._saved: list[int] = []
        self._seen: list[bool] = []  # of the strings since the last visit

    def follow(self, operator: bytes, operands: Sequence[Any], _cm: Any, _tm: Any) -> None:
        """Take in an operator before it takes effect."""
        if operator == b"q":
            self._saved.append(self._mode)
        elif operator == b"Q" and self._saved:
            self._mode = self._saved.pop()
        elif operator == b"Tr" and operands and isinstance(operands[0], int):
            self._mode = operands[0]
        elif operator in (b"Tj", b"TJ", b"'", b'"'):
            self._seen.append(self._mode != UNSEEN)

    def shows(self, text: str) -> bool:
        """Tell whether some of the strings since the last text are seen."""
        seen = self._pictures or not self._seen or any(self._seen)
        if text.strip():
            self._seen.clear()
        return seen


def _has_pictures(page: PageObject) -> bool:
    resources = page.get("/Resources", {}).get_object()
    objects = resources.get("/XObject", {}).get_object() if "/XObject" in resources else {}
    return any(each.get_object().get("/Subtype") == "/Image" for each in objects.values())


def _about(reader: PdfReader) -> dict[str, str]:
    """Return what the file says about itself."""
    found = reader.metadata
    if found is None:
        return {}
    day = found.creation_date
    about = {
        "title": found.title,
        "author": found.author,
        "created": day.date().isoformat() if day else None,
    }
    return {name: value.strip() for name, value in about.items() if value and value.strip()}


def _check_readable(pages: Sequence[Sequence[Line]], name: str) -> None:
    text = "".join(line.text for page in pages for line in page)
    if len(text) < LEAST_CHARS_OF_PAGE * max(1, len(pages)):
        raise InputError(
            f"{name} is a scan, pictures of pages without text: have its text recognised first, "
            "with an OCR program"
        )
    if len(_UNREADABLE.findall(text)) > UNREADABLE_AT_MOST * len(text):
        raise InputError(
            f"{name} doesn't tell which letters its characters are: have its text recognised, with "
            "an OCR program"
        )
