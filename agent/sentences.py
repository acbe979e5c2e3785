"""Sentence borders, found by rule within a paragraph whose quotations are known.

A mark after a full stop closes the sentence before it. Every step takes time linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from agent.quotation import BLANK, Extent, Quotation, trim

MOST_CHARS = 2_000  # of a sentence; those of news have 400 at most
_CUTS = (re.compile(r";\s"), re.compile(r"[,:–—]\s"), re.compile(r"\s"))  # the best first
_ENDED = re.compile(r"[.!?…:;][\"”’'»)\]]*\Z")
_END = re.compile(r"\.(?: \.){2,3}|[.!?…]+")
_SURE_CLOSERS = frozenset("”»›)]}")
_OPENERS = "\"“„«‹‘‚'([{"
_TITLES = re.compile(
    r"mrs?|ms|messrs|dr|prof|gen|lt|col|maj|sgt|cpl|capt|cmdr|adm|brig|sen|rep|gov|rev|hon|pres"
    r"|supt|insp|det|del|amb|asst|atty|lieut|pfc|pvt|ofc|msgr|fr|st|mt|ft|vs|viz|cf|e\.g|i\.e|approx|est|ca|al|dept|univ|assn|bros"
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
    r"|(?:Image|Photo|Photograph|Picture|Credit)s?(?: credit)?:"
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


def cut_overlong(text: str, sentence: Extent) -> list[Extent]:
    """Return the sentence in pieces of MOST_CHARS at most; only a word that is longer stays whole.

    A piece ends at the last semicolon of its second half, else at a comma, colon or dash, else at
    a blank. What a text without full stops costs is linear in its length that way.

    >>> cut_overlong("Go; " * 600, Extent(0, 2399))
    [Extent(start=0, end=1999), Extent(start=2000, end=2399)]
    """
    pieces: list[Extent] = []
    start = sentence.start
    while sentence.end - start > MOST_CHARS:
        cut = _cut(text, start, sentence.end)
        pieces.append(trim(text, start, cut))
        start = trim(text, cut, sentence.end).start
    if start < sentence.end:
        pieces.append(Extent(start, sentence.end))
    return pieces


def _cut(text: str, start: int, end: int) -> int:
    """Return the place after the mark or blank at which a piece that begins at start ends."""
    for mark in _CUTS:
        places = [m.end() for m in mark.finditer(text, start + MOST_CHARS // 2, start + MOST_CHARS)]
        if places:
            return places[-1]
    blank = _CUTS[-1].search(text, start + MOST_CHARS, end)
    return blank.end() if blank else end


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
        if text[stop.start() - 1] == "[" and text[stop.end()] == "]" and end == stop.end() + 1:
            return not re.match(r"I\b", word)  # what was left out may be the end of a sentence
        return not (stop.group()[-1] in "?!" and _SPEAKER.match(head))
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


def is_ended(text: str, extent: Extent) -> bool:
    """Tell whether the extent ends in final punctuation, marks and brackets aside."""
    return bool(_ENDED.search(text[max(extent.start, extent.end - 6) : extent.end]))
