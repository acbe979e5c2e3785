"""Which zone each block of an article is in, and the day that its datelines give."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from agent.dates import parse_day
from agent.furniture import (
    NAME,
    after_dateline,
    is_boilerplate,
    is_caption,
    is_dateline,
    is_link_heading,
)
from agent.quotation import Extent, Quotation
from agent.schema import ZoneName
from agent.sentences import is_ended


def plain_zones(text: str, paragraphs: Sequence[Extent]) -> list[ZoneName | None]:
    """Return the zone of each block as far as its own words tell it, else None."""
    lines = [paragraph.of(text) for paragraph in paragraphs]
    seen = Counter(line.casefold() for line in lines if len(line) <= 80)
    zones: list[ZoneName | None] = []
    links = False  # within a list of links
    for number, line in enumerate(lines):
        ended = is_ended(text, paragraphs[number])
        repeated = number and not ended and seen[line.casefold()] > 1
        links = links and not ended and len(line) <= 120
        if is_boilerplate(line) or links or (repeated and not line.startswith("- ")):
            zones.append("boilerplate")
            links = links or is_link_heading(line)
        elif is_dateline(line, first=not number):
            zones.append("dateline")
        elif is_caption(line):
            zones.append("caption")
        else:
            zones.append(None)
    return zones


_VERB_LIKE = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|do|did|will|would|can|could|may|might|must|should"
    r"|said|told|went|came|took|made|met|won|lost|fell|rose|hit|cut|saw|got|gave|found|left|held"
    r"|began|kept|sent|set|put|ran|spoke|sank|broke|led|let|quit|[a-z]+ed|[a-z]+(?<!s)s)\b"
)
_DASH_NAME = re.compile(rf"(?:--?|[–—―])\s*{NAME}\Z")
# A short question of one sentence, unless a quotation or a speaker's name opens it
_QUESTION = re.compile(
    r"(?=.{4,60}\Z)(?!.*[.!?:…]\s+[A-Z“\"‘'])[A-Z][^\s?!:]*(?:\s[^\s?!]+){1,8}\?"
)
_INITIALS = re.compile(r"\b[A-Z]\.[A-Z]\.\Z")
_GRAM = 6  # words in a row that make a recurrence


def settle_zones(
    text: str,
    paragraphs: Sequence[Extent],
    plain: Sequence[ZoneName | None],
    quotations: Sequence[Quotation],
    title: str | None,
) -> list[ZoneName]:
    """Return the zone of each block."""
    zones = list(plain)
    _mark_headlines(text, paragraphs, zones, title)
    _mark_pull_quotes(text, paragraphs, zones, quotations)
    following = False  # whether the next block of text is a paragraph
    for number in range(len(zones) - 1, -1, -1):
        if zones[number] is None:
            line = paragraphs[number].of(text)
            ended = is_ended(text, paragraphs[number])
            asks = number > 0 and bool(_QUESTION.fullmatch(line))
            heading = following and (asks or (not ended and _is_heading(line, 100)))
            zones[number] = "subheading" if heading else "body"
            following = (ended and not asks) or len(line) > 200
    return [zone or "body" for zone in zones]


def _mark_headlines(
    text: str, paragraphs: Sequence[Extent], zones: list[ZoneName | None], title: str | None
) -> None:
    """Set the zone of the headlines before the body, and of captions among them."""
    open_blocks = [number for number, zone in enumerate(zones) if zone is None]
    if len(open_blocks) < 2:
        return
    wanted = " ".join(title.casefold().split()) if title else None
    dated = False
    for number in open_blocks[:5]:
        line = paragraphs[number].of(text)
        dated = dated or any(zone == "dateline" for zone in zones[:number])
        headed = number > 0 and "headline" in zones[:number]
        short = len(line.split()) <= 15 and not line.endswith(("?", ":", "”", '"'))
        if wanted == " ".join(line[:400].casefold().split()):
            zones[number] = "headline"
        elif headed and short and (line[0].islower() or (dated and not _VERB_LIKE.search(line))):
            zones[number] = "caption"
        elif _is_heading(line, 200) and (
            line[-1] in "?!" or not is_ended(text, paragraphs[number]) or _INITIALS.search(line)
        ):
            zones[number] = "headline"
        else:
            return


def _is_heading(line: str, limit: int) -> bool:
    """Tell whether a block is short and starts like a title."""
    return len(line) <= limit and not line[0].islower() and line[0] not in "-–—•*"


def _mark_pull_quotes(
    text: str,
    paragraphs: Sequence[Extent],
    zones: list[ZoneName | None],
    quotations: Sequence[Quotation],
) -> None:
    """Set the zone of quotations that stand for themselves: signed, or repeated from the body."""
    opening = {run.extent.start: run for run in quotations if len(run.inner) == 1}
    words = [
        re.findall(r"\w+", paragraph.of(text).casefold()) if zone is None else []
        for paragraph, zone in zip(paragraphs, zones, strict=True)
    ]
    homes: dict[tuple[str, ...], tuple[int, int]] = {}  # first and last block that has the gram
    for number, row in enumerate(words):
        for place in range(len(row) - _GRAM + 1):
            gram = tuple(row[place : place + _GRAM])
            homes[gram] = (homes.get(gram, (number,))[0], number)
    for number, paragraph in enumerate(paragraphs):
        if zones[number] is not None:
            continue
        run = opening.get(paragraph.start)
        core, tail = _signature(text, paragraph, run)
        below = paragraphs[number + 1].of(text)[:100] if number + 1 < len(paragraphs) else ""
        if run and not tail and _DASH_NAME.match(below):
            zones[number] = zones[number + 1] = "pull_quote"
        elif run and _DASH_NAME.match(tail):
            zones[number] = "pull_quote"
        else:
            signed = (
                len(tail.split()) <= 12 and not tail.endswith(".") and tail[:1] not in (",", "(")
            )
            standing = signed and not tail[:1].islower() and (run or tail)
            if standing and _recurs(core, number, words, homes):
                zones[number] = "pull_quote"


def _signature(text: str, paragraph: Extent, run: Quotation | None) -> tuple[str, str]:
    """Return a block as its words and the name below them: the part after the quotation."""
    if run:
        end = run.extent.end
        return run.inner[0].of(text), text[end : paragraph.end].strip()
    block = paragraph.of(text)
    if len(block) > 600:
        return block, ""
    match = re.search(rf"[.!?…]\s+(?P<name>[A-Z][\w.’'-]*(?:,? {NAME})?)\Z", block[-100:])
    tail = match["name"] if match else ""
    return block[: len(block) - len(tail)], tail


def _recurs(
    core: str,
    number: int,
    words: Sequence[Sequence[str]],
    homes: dict[tuple[str, ...], tuple[int, int]],
) -> bool:
    """Tell whether a quotation's first and last words stand in another, longer block."""
    row = re.findall(r"\w+", core.casefold())
    if len(row) < _GRAM:
        return False
    ends = [homes.get(tuple(gram), (number, number)) for gram in (row[:_GRAM], row[-_GRAM:])]
    shared = set(ends[0]) & set(ends[1]) - {number}
    return any(len(words[other]) > len(row) for other in shared)


def written_day(text: str, paragraphs: Sequence[Extent], zones: Sequence[ZoneName]) -> str | None:
    """Return the day in the datelines at the top of the article."""
    for paragraph, zone in list(zip(paragraphs, zones, strict=True))[:6]:
        if zone == "dateline":
            part = paragraph.of(text)
        elif zone == "body":
            part = text[paragraph.start : after_dateline(text, paragraph, first=True)]
        else:
            continue
        if day := parse_day(part):
            return day
    return None
