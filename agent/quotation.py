"""Quotation runs and sentence borders, found by rule within given paragraphs.

The two belong together: a mark after a full stop closes the sentence before it. All offsets are
code points into the text as given, and every step takes time linear in its length.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
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
    """Return the extent without the white space and invisible characters around it.

    >>> trim("\\ufeff one\\u00a0", 0, 6)
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
    """Return the outermost quotation runs in text order, and whether all marks are balanced.

    A run without closing mark goes on into the next paragraph if that opens with the same kind
    of mark; else it ends at the end of its paragraph, or where the next quotation opens.

    >>> text = 'He said: "It’s ‘fine’." Then 5\\' 2" of rain fell.'
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
    for mark in stack:
        # A lone single mark is an apostrophe, but for one that opens its paragraph.
        if mark.family != "single" or (mark.start == paragraph.start and text[mark.start] == "‘"):
            pairs.append((mark, None))
    return _outermost(text, paragraph, pairs), strays


def _outermost(text: str, paragraph: Extent, pairs: list[tuple[_Mark, _Mark | None]]) -> list[_Run]:
    """Return the pairs that lie in no other, in order; an unclosed one ends where the next opens."""
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


# ---- sentences ------------------------------------------------------------------------------

_END = re.compile(r"[.!?…]+")
_SURE_CLOSERS = frozenset("”»›)]}")
_OPENERS = "\"“„«‹‘‚'([{"
_TITLES = re.compile(
    r"mrs?|ms|messrs|dr|prof|gen|lt|col|maj|sgt|cpl|capt|cmdr|adm|brig|sen|rep|gov|rev|hon|pres"
    r"|supt|insp|det|st|mt|ft|vs|viz|cf|e\.g|i\.e|approx|est|ca|al|dept|univ|assn|bros"
)
_BEFORE_NUMBERS = re.compile(r"nos?|pp?|vol|fig|art|sec|ch|para|op|c")
_MONTHS = re.compile(r"jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec")
_MAY_END = re.compile(rf"inc|co|corp|ltd|plc|jr|sr|ave|blvd|rd|{_MONTHS.pattern}")
_AFTER_HOUR = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|[A-Z]{2,5}\b|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug"
    r"|Sep|Oct|Nov|Dec)[a-z.]*|(?:Eastern|Central|Pacific|Mountain|Greenwich|Moscow)\b"
)
_STARTER = re.compile(
    r"(?:The|A|An|He|She|It|They|We|I|You|His|Her|Its|Their|Our|My|This|That|These|Those|There"
    r"|Here|In|On|At|By|For|From|With|As|To|After|Before|Since|While|When|Where|If|But|And|Or|So"
    r"|Yet|However|Although|Though|Because|Also|Some|Many|Most|Several|Both|Every|Each|No|Not|Now"
    r"|Then|Under|During|Despite|According|Last|Next|What|Who|Why|How|Earlier|Later|Meanwhile"
    r"|Officials|Police|Critics|More|Another|Other|Only|Still)\b"
)
# “Why?” Ann Lee asked. The speaker goes on with the sentence of the question.
_SPEAKER = re.compile(
    r"(?:[A-Z][\w.’'-]{0,30} ){1,4}(?:said|says|asked|asks|added|wrote|writes|replied|shouted"
    r"|cried|tweeted)(?=[.,;:]|\s(?:in|on|at|to|as|when|after|during|of)\b|\s*\Z)"
)


def split_sentences(text: str, extent: Extent, quotations: Iterable[Quotation]) -> list[Extent]:
    """Return the sentences of a paragraph in order, without white space around them.

    quotations: the runs that touch the paragraph. A closing mark or bracket goes with the
    sentence before it; a stop after an abbreviation or before a lower-case word ends nothing.

    >>> text = "Mr. Lee came at 5 p.m. on Friday. “No, no. Why?” he said. “Go.” It rained."
    >>> [sentence.of(text) for sentence in split_sentences(text, Extent(0, len(text)), [])]
    ['Mr. Lee came at 5 p.m. on Friday.', '“No, no.', 'Why?” he said.', '“Go.”', 'It rained.']
    """
    openings = {run.extent.start for run in quotations}
    closings = {run.extent.end - 1 for run in quotations if run.closed}
    sentences: list[Extent] = []
    start = extent.start
    done = extent.start
    for match in _END.finditer(text, extent.start, extent.end):
        if match.start() < done:
            continue
        end = _past_closers(text, match.end(), extent.end, openings, closings)
        done = end
        after = trim(text, end, extent.end).start if end < extent.end else end
        if after == extent.end:
            break
        if after == end and after not in openings:
            continue
        if _is_border(text, start, match, end, after):
            sentences.append(trim(text, start, end))
            start = after
    sentences.append(trim(text, start, extent.end))
    return [sentence for sentence in sentences if sentence.start < sentence.end]


def _past_closers(
    text: str, end: int, limit: int, openings: Collection[int], closings: Collection[int]
) -> int:
    """Return the end of the closing marks and brackets that follow a stop."""
    while end < limit:
        after = end
        while after < limit and (text[after].isspace() or text[after] in BLANK):
            after += 1
        if after == limit:
            break
        adjacent = text[after] in "\"'’＂" and BLANK.issuperset(text[end:after])
        if after in openings or not (text[after] in _SURE_CLOSERS or after in closings or adjacent):
            break
        end = after + 1
        while end < limit and text[end] in ".!?…":
            end += 1
    return end


def _is_border(text: str, start: int, stop: re.Match[str], end: int, after: int) -> bool:
    """Tell whether a sentence ends with this stop.

    start: of the sentence so far. end: past the closing marks. after: where the next word or its
    opening mark stands.
    """
    head = text[after : after + 120]
    word = head.lstrip(_OPENERS)
    if not any(character.isalnum() for character in text[start : stop.start()][-200:]):
        return False
    if not word or head[0] in "-–—―,;:|/":
        return False
    # A quotation may start in lower case, but not one that the sentence goes on with.
    quotes = head[0] in '"“„«' and stop.group() == "." and end == stop.end()
    if word[0].islower() and not quotes and not re.match(r"[a-z][A-Z]", word):
        return False
    if end > stop.end():
        if text[stop.end()] in ")]}" and _is_abbreviation(text, start, stop.start(), word):
            return False
        quoted = stop.group()[-1] in "?!" and _SPEAKER.match(head)
        return not quoted and not (text[stop.start() - 1] == "[" and text[stop.end()] == "]")
    if stop.group() != ".":
        return "!" in stop.group() or "?" in stop.group() or not re.match(r"I\b", word)
    return not _is_abbreviation(text, start, stop.start(), word)


def _is_abbreviation(text: str, start: int, stop: int, word: str) -> bool:
    """Tell whether the full stop at `stop` belongs to an abbreviation and ends no sentence."""
    token = re.split(r"[\s(\[{\"“‘'’,/–—-]", text[max(start, stop - 12) : stop])[-1]
    name = token.casefold()
    if _TITLES.fullmatch(name):
        return True
    if word[:1].isdigit() and (_BEFORE_NUMBERS.fullmatch(name) or _MONTHS.fullmatch(name)):
        return True
    if name.isdigit():
        return len(name) < 3 and stop - len(token) == start  # "1. The first"
    if name.lstrip("0123456789") in ("p.m", "a.m", "pm", "am"):
        return bool(_AFTER_HOUR.match(word))
    if _MAY_END.fullmatch(name) or re.fullmatch(r"(?:[^\W\d_]\.)*[^\W\d_]", token):
        return not _STARTER.match(word)
    return False
