"""Quotation runs, found by rule within given paragraphs.

All offsets are code points into the text as given, and every step takes time linear in its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple


@dataclass(frozen=True, slots=True, order=True)
class Extent:
    """A half-open stretch of the text, in code points."""

    start: int
    end: int

    def __contains__(self, other: Extent) -> bool:
        """Tell whether `other` lies wholly inside."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Extent) -> bool:
        """Tell whether the two share at least one character."""
        return self.start < other.end and other.start < self.end

    def of(self, text: str) -> str:
        """Return the characters of `text` that it covers."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Quotation:
    """One quotation run: what stands between an opening mark and its closing one.

    extent: from the first mark to the last, marks included. inner: what is quoted, without marks
    and white space, one for each paragraph that the run goes over. closed: False where
    the closing mark is missing and the run was ended at the end of its paragraph.
    """

    extent: Extent
    inner: tuple[Extent, ...]
    closed: bool = True


# White space and the characters that have no width: none of them starts or ends a part.
BLANK = frozenset(
    "\0\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def trim(text: str, start: int, end: int) -> Extent:
    r"""Return the extent without the white space and invisible characters around it.

    >>> trim("\ufeff one\u00a0", 0, 6)
    Extent(start=2, end=5)
    """
    while start < end and (text[start].isspace() or text[start] in BLANK):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in BLANK):
        end -= 1
    return Extent(start, end)


# ---- quotation runs -------------------------------------------------------------------------

_MARK = re.compile(r"``|''|[\"＂“”„‟«»‹›‘’‚‛']")
_FAMILY: dict[str, Literal["double", "angle", "single"]] = {
    **dict.fromkeys(["``", "''", '"', "＂", "“", "”", "„", "‟"], "double"),
    **dict.fromkeys("«»‹›", "angle"),
    **dict.fromkeys("‘’‚‛'", "single"),
}
# What a mark does where its neighbours don't tell: « Oui » has blanks on both sides.
_NATURE = {**dict.fromkeys(["``", "“", "„", "‟", "«", "‹"], True), **dict.fromkeys("”»›", False)}
_BEFORE_OPENING = frozenset("([{<-–—―/\"“„«‹‘‚'¿¡")
_AFTER_CLOSING = frozenset(".,;:!?…)]}>-–—―/\"”»›’'*")
_ELISION = re.compile(r"\d\d(?:s|\b)|(?:em|til|tis|twas|cause|bout|round|n)\b", re.IGNORECASE)
_FEET = re.compile(r"\d['’′]\d{1,2}\Z")


class _Mark(NamedTuple):
    """A quotation mark. opens: True, False, or None where only the order of marks can tell."""

    start: int
    end: int
    family: str
    opens: bool | None
    straight: bool = False
    unsure: bool = False  # a plural's apostrophe, or the end of a quotation after an s


class _Run(NamedTuple):
    """A run within one paragraph; closing is None where the mark is missing."""

    opening: _Mark
    closing: _Mark | None
    end: int


def find_quotations(text: str, paragraphs: Sequence[Extent]) -> tuple[tuple[Quotation, ...], bool]:
    r"""Return the outermost quotation runs in text order, and whether all marks are balanced.

    A run without closing mark goes on into the next paragraph if that opens with the same kind
    of mark; else it ends at the end of its paragraph, or where the next quotation opens.

    >>> text = 'He said: "It’s ‘fine’." Then 5\' 2" of rain fell.'
    >>> runs, balanced = find_quotations(text, [Extent(0, len(text))])
    >>> [run.inner[0].of(text) for run in runs]
    ['It’s ‘fine’.']
    """
    found: list[tuple[Extent, list[Extent], bool]] = []
    balanced = True
    pending = ""  # family of a run that is still open at the end of the last paragraph
    for paragraph in paragraphs:
        runs, strays = _runs(text, paragraph)
        balanced = balanced and not strays
        for run in runs:
            closed = run.closing is not None
            inner = trim(text, run.opening.end, run.closing.start if run.closing else run.end)
            inners = [inner] if inner.start < inner.end else []
            start = run.opening.start
            if start == paragraph.start and pending == run.opening.family:
                extent, before, _ = found.pop()
                before.extend(inners)
                found.append((Extent(extent.start, run.end), before, closed))
            elif inners:
                found.append((Extent(start, run.end), inners, closed))
        still_open = (
            runs and found and runs[-1].closing is None and found[-1][0].end == paragraph.end
        )
        pending = runs[-1].opening.family if still_open else ""
    quotations = tuple(Quotation(extent, tuple(inner), closed) for extent, inner, closed in found)
    return quotations, balanced and all(run.closed for run in quotations)


def _runs(text: str, paragraph: Extent) -> tuple[list[_Run], int]:
    """Return the outermost runs of a paragraph and the number of marks without a partner."""
    marks = list(_marks(text, paragraph))
    straight_left = sum(mark.straight for mark in marks)
    later_single = _later_singles(marks)
    stack: list[_Mark] = []
    depth = {"double": 0, "angle": 0, "single": 0}
    pairs: list[tuple[_Mark, _Mark | None]] = []
    strays = 0
    for mark, later in zip(marks, later_single, strict=True):
        opens = mark.opens if mark.opens is not None else not depth[mark.family]
        if mark.straight:
            # An opening set against the word before it: only the count of the rest can tell.
            if not opens and not depth["double"] and straight_left % 2 == 0:
                opens = True
            straight_left -= 1
        if opens:
            stack.append(mark)
            depth[mark.family] += 1
        elif mark.family == "single":
            ends_later = mark.unsure and later is not None and not (later.opens or later.unsure)
            if stack and stack[-1].family == "single" and not ends_later:
                pairs.append((stack.pop(), mark))
                depth["single"] -= 1
        elif not depth[mark.family]:
            strays += 1
        else:
            while (top := stack.pop()).family != mark.family:
                depth[top.family] -= 1
                strays += top.family != "single"
            depth[mark.family] -= 1
            pairs.append((top, mark))
    # A lone single mark is an apostrophe, but for one that opens its paragraph.
    pairs.extend(
        (mark, None)
        for mark in stack
        if mark.family != "single" or (mark.start == paragraph.start and text[mark.start] == "‘")
    )
    return _outermost(text, paragraph, pairs), strays


def _outermost(text: str, paragraph: Extent, pairs: list[tuple[_Mark, _Mark | None]]) -> list[_Run]:
    """Return the pairs that lie in no other; an unclosed one ends where the next opens."""
    runs: list[_Run] = []
    for opening, closing in sorted(pairs, key=lambda pair: pair[0].start):
        if runs and runs[-1].closing is None:
            last = runs.pop()
            end = trim(text, last.opening.end, opening.start).end
            runs.append(_Run(last.opening, None, max(end, last.opening.end)))
        if runs and opening.start < runs[-1].end:
            continue
        runs.append(_Run(opening, closing, closing.end if closing else paragraph.end))
    return runs


def _later_singles(marks: Sequence[_Mark]) -> list[_Mark | None]:
    """Return for each mark the next single one after it."""
    later: list[_Mark | None] = []
    found: _Mark | None = None
    for mark in reversed(marks):
        later.append(found)
        found = mark if mark.family == "single" else found
    return later[::-1]


def _marks(text: str, paragraph: Extent) -> Iterator[_Mark]:
    """Yield the quotation marks of a paragraph, apostrophes and inch marks left out."""
    for match in _MARK.finditer(text, paragraph.start, paragraph.end):
        start, end = match.span()
        before = _neighbour(text, range(start - 1, max(paragraph.start, start - 5) - 1, -1))
        after = _neighbour(text, range(end, min(paragraph.end, end + 4)))
        family = _FAMILY[match.group()]
        if family == "single":
            if mark := _single(text, match, before, after):
                yield mark
            continue
        straight = match.group() in ('"', "＂", "''")
        if straight and _FEET.search(text, max(paragraph.start, start - 5), start):
            continue
        can_open = (not before or before.isspace() or before in _BEFORE_OPENING) and bool(
            after and not after.isspace()
        )
        can_close = bool(before and not before.isspace()) and (
            not after or after.isspace() or after in _AFTER_CLOSING
        )
        opens = can_open if can_open != can_close else _NATURE.get(match.group())
        yield _Mark(start, end, family, True if match.group() == "„" else opens, straight)


def _single(text: str, match: re.Match[str], before: str, after: str) -> _Mark | None:
    """Return the single mark, or None for an apostrophe.

    before, after: the visible neighbours, "" at the ends of the paragraph.
    """
    start, end = match.span()
    word_before = before.isalnum()
    if word_before and after.isalnum():
        return None
    starts_word = bool(after) and not after.isspace() and not word_before
    free = not before or before.isspace() or before in _BEFORE_OPENING
    if match.group() in "‘‚‛'" and starts_word and free and not _ELISION.match(text, end):
        return _Mark(start, end, "single", True)
    if match.group() in "’'‘" and before and not before.isspace() and not after.isalnum():
        unsure = before == "s" and bool(re.match(r"\s[a-z]|\.", text[end : end + 2]))
        return _Mark(start, end, "single", False, unsure=unsure)
    return None


def _neighbour(text: str, places: Iterable[int]) -> str:
    """Return the first visible character among the places, or ""."""
    return next((text[place] for place in places if text[place] not in BLANK), "")


_PAIRS = {"“": "”", "«": "»"}


def closed(words: str) -> str:
    """Return the words with the closing mark that lay behind a full stop and was left out.

    >>> closed("it was “a sham"), closed('it was "a sham'), closed("“a sham”")
    ('it was “a sham”', 'it was "a sham"', '“a sham”')
    """
    for opening, closing in _PAIRS.items():
        if words.count(opening) == words.count(closing) + 1:
            return words + closing
    return words + '"' if words.count('"') % 2 else words
