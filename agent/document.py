"""An article as data: zones, sentences, quotations, date, language.

Every offset counts Unicode code points into the text as it was given; nothing is cleaned in
place. `read_document` is the way in.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from agent.quotation import Extent, Quotation, find_quotations, split_sentences, trim
from agent.schema import ZoneName

__all__ = [
    "Article",
    "Block",
    "Document",
    "Extent",
    "Quotation",
    "Sentence",
    "parse_day",
    "read_document",
]


@dataclass(frozen=True, slots=True)
class Article:
    """What comes in: a text and what is known about it."""

    text: str
    id: str = "article"
    title: str | None = None
    date: str | None = None
    origin: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a heading or a row of buttons, without the white space around it."""

    extent: Extent
    zone: ZoneName


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, without the white space around it. block: index into Document.blocks."""

    extent: Extent
    zone: ZoneName
    block: int


@dataclass(frozen=True, slots=True)
class Document:
    """An article with its parts. Blocks, sentences and quotations are in text order.

    A dateline ("MOSCOW:") is left out of its sentence. date: ISO 8601 day or None. language:
    ISO 639-1 or "und". flags: what a reader of the record should know about the text.
    """

    article: Article
    blocks: tuple[Block, ...]
    sentences: tuple[Sentence, ...]
    quotations: tuple[Quotation, ...]
    date: str | None
    language: str
    flags: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text as it was given."""
        return self.article.text

    def readable(self) -> Iterator[Sentence]:
        """Yield the sentences in which claims are looked for: all but datelines and boilerplate."""
        return (s for s in self.sentences if s.zone not in ("dateline", "boilerplate"))

    def quotation_at(self, extent: Extent) -> Quotation | None:
        """Return the first quotation run that shares a character with the extent."""
        place = bisect_right(self.quotations, extent.start, key=lambda run: run.extent.end)
        if place < len(self.quotations) and self.quotations[place].extent.overlaps(extent):
            return self.quotations[place]
        return None

    def sentence_at(self, offset: int) -> Sentence | None:
        """Return the sentence that the character at `offset` belongs to; None between sentences."""
        place = bisect_right(self.sentences, offset, key=lambda sentence: sentence.extent.end)
        if place < len(self.sentences) and self.sentences[place].extent.start <= offset:
            return self.sentences[place]
        return None


def read_document(article: Article, language: str = "und") -> Document:
    """Return the article with its zones, sentences, quotation runs and date.

    language: ISO 639-1, as detected by the caller; it is kept, not looked at.

    >>> document = read_document(Article("Rain ends\\n\\nBONN: It is dry. “Good,” said Ann."))
    >>> [(s.zone, s.extent.of(document.text)) for s in document.sentences]
    [('headline', 'Rain ends'), ('body', 'It is dry.'), ('body', '“Good,” said Ann.')]
    """
    text = article.text
    paragraphs = _paragraphs(text)
    plain = _plain_zones(text, paragraphs)
    # A quotation goes on past a notice, or a caption that quotes nothing.
    quotable = [
        paragraph
        for paragraph, zone in zip(paragraphs, plain, strict=True)
        if zone is None or (zone == "caption" and re.search('["“”‘«»]', paragraph.of(text)))
    ]
    quotations, balanced = find_quotations(text, quotable)
    zones = _zones(text, paragraphs, plain, quotations, article.title)
    blocks = tuple(map(Block, paragraphs, zones))
    day = parse_day(article.date or "") or _written_day(text, blocks)
    flags = _flags(text, blocks, balanced)
    return Document(
        article, blocks, _sentences(text, blocks, quotations), quotations, day, language, flags
    )


_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_INVISIBLE = re.compile(
    "(?<=.)\ufeff|[\u00ad\u180e\u200b\u2060-\u2064\U000e0000-\U000e007f]"
    "|(?<=[A-Za-z])[\u200c\u200d]",
    re.DOTALL,
)


def _flags(text: str, blocks: Sequence[Block], balanced: bool) -> tuple[str, ...]:
    """Return what a reader of the record should know about the text, sorted."""
    found = {
        "NUL characters": "\0" in text,
        "bidirectional control characters": bool(_CONTROLS.search(text)),
        "invisible characters": bool(_INVISIBLE.search(text)),
        "no body text": all(block.zone != "body" for block in blocks),
        "unbalanced quotation marks": not balanced,
    }
    return tuple(flag for flag, present in found.items() if present)


def _sentences(
    text: str, blocks: Sequence[Block], quotations: Sequence[Quotation]
) -> tuple[Sentence, ...]:
    """Return the sentences of all blocks; headings, datelines and buttons are one each."""
    sentences: list[Sentence] = []
    bodies = 0
    run = 0
    for number, block in enumerate(blocks):
        extent = block.extent
        while run < len(quotations) and quotations[run].extent.end <= extent.start:
            run += 1
        if block.zone in ("body", "caption", "pull_quote"):
            if block.zone == "body":
                bodies += 1
                extent = Extent(_after_dateline(text, extent, bodies == 1), extent.end)
            last = run
            while last < len(quotations) and quotations[last].extent.start < extent.end:
                last += 1
            parts = split_sentences(text, extent, quotations[run:last])
        else:
            parts = [extent]
        sentences.extend(Sentence(part, block.zone, number) for part in parts)
    return tuple(sentences)


# ---- paragraphs -----------------------------------------------------------------------------

_LINE = re.compile("[^\n\r\x0b\x0c\x85\u2028\u2029]*(?:\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]|\\Z)")
_ENDED = re.compile(r"[.!?…:;][\"”’'»)\]]*\Z")


def _paragraphs(text: str) -> list[Extent]:
    """Return the paragraphs: lines, where a text wrapped at a fixed width has them joined."""
    groups: list[list[Extent]] = [[]]
    for match in _LINE.finditer(text):
        line = trim(text, *match.span())
        if line.start < line.end:
            groups[-1].append(line)
        elif groups[-1]:
            groups.append([])
    width = _wrap_width(text, groups)
    paragraphs: list[Extent] = []
    for group in groups:
        for number, line in enumerate(group):
            if number and _is_wrapped(text, group[number - 1], line, width):
                paragraphs[-1] = Extent(paragraphs[-1].start, line.end)
            else:
                paragraphs.append(line)
    return paragraphs


def _wrap_width(text: str, groups: Sequence[Sequence[Extent]]) -> int:
    """Return the column at which the lines of the text are wrapped, 0 if they aren't.

    Wrapped text shows in lines that stop within a sentence, before a word in lower case.
    """
    breaks = 0
    lengths: list[int] = []
    for group in groups:
        for line, after in pairwise(group):
            breaks += 1
            length = line.end - line.start
            if length <= 120 and text[after.start].islower() and not _ends(text, line):
                lengths.append(length)
    width = max(lengths, default=0)
    return width if width >= 40 and len(lengths) >= 0.3 * breaks else 0


def _is_wrapped(text: str, line: Extent, after: Extent, width: int) -> bool:
    """Tell whether the line goes on in the one after it: the next word didn't fit any more."""
    if not width:
        return False
    word = re.match(r"\S{1,40}", text[after.start : after.end][:40])
    room = width - (line.end - line.start) - 1
    if room + 1 < 0:
        return False
    return room < (len(word.group()) if word else 0)


def _ends(text: str, extent: Extent) -> bool:
    """Tell whether the extent ends in final punctuation, marks and brackets aside."""
    return bool(_ENDED.search(text[max(extent.start, extent.end - 6) : extent.end]))


# ---- zones that the words of a block tell ------------------------------------------------------

_MONTH_NAMES = "janfebmaraprmayjunjulaugsepoctnovdec"
_MONTH = (
    r"(?P<m{0}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DATE = re.compile(
    r"\b(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
    r"(?:(?P<y1>\d{4})-(?P<n1>\d\d?)-(?P<d1>\d\d?)(?:T[\d:.+Z-]*)?"
    rf"|{_MONTH.format(2)}\s+(?P<d2>\d\d?)(?:st|nd|rd|th)?,?\s+(?P<y2>\d{{4}})"
    rf"|(?P<d3>\d\d?)(?:st|nd|rd|th)?(?:\s+of)?\s+{_MONTH.format(3)},?\s+(?P<y3>\d{{4}})"
    r"|(?P<a4>\d\d?)[/.](?P<b4>\d\d?)[/.](?P<y4>\d{4}))\b",
    re.IGNORECASE,
)
_DATE_EXTRAS = re.compile(
    r"\b(?:first |last )?(?:published|updated|posted|modified)\b:?|\b(?:date|on|at|issued)\b:?"
    r"|\b\d\d?[:.]\d\d(?::\d\d)?(?:\s*[ap]\.?m\b\.?)?|\b\d\d?\s*[ap]\.?m\b\.?"
    r"|\b(?:GMT|UTC|[ECMP][SD]?T|BST|IST|CEST)\b|\b\d+ min(?:ute)?s? read\b|[|•·,;/()–—-]",
    re.IGNORECASE,
)
_NAME = (
    r"(?:[A-Z][\w.’'-]*|and|of|the|de|van|von|bin|al-\w+|in|for|&)"
    r"(?:,? (?:[A-Z][\w.’'-]*|and|of|the|de|van|von|bin|al-\w+|in|for|&)){0,9}"
)
_BYLINE = re.compile(rf"(?:(?:Written|Reported|Reporting|Story|Text) )?(?:By|BY|by):? {_NAME}\Z")
_DASH_NAME = re.compile(rf"(?:--?|[–—―])\s*{_NAME}\Z")
_LEAD_DATE = re.compile(rf"{_DATE.pattern}\s+(?=[A-Z“\"][\w’']*\s)", re.IGNORECASE)
_LEAD_PLACE = re.compile(
    r"(?P<place>[A-Z][A-Z.'’-]+(?:[ /][A-Z][A-Z.'’-]+){0,3})(?P<more>(?:,\s*[A-Z][\w.' ]{1,25}){0,2}"
    r"(?:\s*\([A-Za-z][\w .&/-]{1,30}\))?)\s*(?P<mark>[—–]|--?|:)\s+(?=[A-Z\d“\"‘'«])"
)
_LEAD_AGENCY = re.compile(
    r"[A-Z][\w.'’ -]{2,30}(?:,\s*[A-Z][\w.' ]{1,25}){0,2}\s*\([A-Z][\w .&/-]{1,20}\)"
    r"\s*(?:[—–]|--?|:)\s+(?=[A-Z\d“\"‘'«])"
)
_CAPTION = re.compile(
    r"(?:file (?:photo|image|picture)|image|photo(?:graph)?|picture|caption|illustration|video"
    r"|graphic)s?(?: credits?)?\s*[:/|(]"
    r"|(?:photo|image|picture|illustration|photograph) (?:by|credit|courtesy)\b",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"\b(?:image|photo|picture|photograph|credit)s?(?: credit| by)?\s*:\s*[^.:]{2,60}\.?\Z"
    r"|\(?\b(?:AP Photo|Getty Images|REUTERS/[A-Z]|/ ?AFP\b)[^.]{0,40}\.?\Z|\bfile photo\W*\Z",
    re.IGNORECASE,
)
_BUTTON = (
    "facebook|twitter|whatsapp|linkedin|reddit|pinterest|telegram|e-?mail|print|share|tweet"
    "|instagram|youtube|tiktok|messenger|flipboard|pocket|bluesky|mastodon|icon"
)
_BUTTONS = re.compile(
    rf"(?=.*?\b(?:{_BUTTON})\b)(?:\W*(?:{_BUTTON}|x|copy|link|save|this|on|via|to|article|story|by"
    r"|and|pin|it|with|page|post|sms|follow|us|more|comments?|threads)\b)+[^\w.]*",
    re.IGNORECASE,
)
_WHOLE_LINE = re.compile(
    r"(?:advertisements?|sponsored(?: content)?|promoted|recommended(?: for you)?|trending(?: now)?"
    r"|most (?:read|popular|viewed)|related(?: (?:articles?|stories|news|content|topics|links))?"
    r"|more (?:stories|news|on this story|from .{1,40})|see also|you may also like|read more"
    r"|continue reading|story continues below.{0,30}|back to top|skip to .{1,30}|menu|search|home"
    r"|load(?:ing)? more|\d+ comments?|comments?|leave a (?:comment|reply)|privacy policy"
    r"|terms (?:of use|of service|and conditions)|(?:log|sign) in|newsletter|follow us.{0,40})"
    r"\s*[:.…»>]*",
    re.IGNORECASE,
)
_PREFIX = re.compile(
    r"(?:read (?:more|also|next)|also read|related(?: \w+)?|see also|watch(?: live)?|listen"
    r"|tags?|topics?|filed under|categor(?:y|ies)|more on)\s*:"
    r"|(?:click|tap) here\b|sign up (?:for|to)\b|subscribe (?:to|now|for|today)\b|copyright\b|©"
    r"|\(c\) ?\d{4}|download (?:the|our) app\b|join our\b|support (?:our|independent) "
    r"|(?:we|this (?:web)?site|our (?:web)?site) uses? cookies|accept (?:all )?cookies"
    r"|by (?:clicking|continuing|using)\b.{0,80}(?:cookies|terms|agree)",
    re.IGNORECASE,
)
_RIGHTS = re.compile(r"all rights reserved|©\s*\d{4}", re.IGNORECASE)
_LINK_HEADING = re.compile(
    r"(?:related|more|see also|read more|recommended|most |you may|trending)", re.IGNORECASE
)


def _plain_zones(text: str, paragraphs: Sequence[Extent]) -> list[ZoneName | None]:
    """Return the zone of each block as far as its own words tell it, else None."""
    lines = [paragraph.of(text) for paragraph in paragraphs]
    seen = Counter(line.casefold() for line in lines if len(line) <= 80)
    zones: list[ZoneName | None] = []
    links = False  # within a list of links
    for number, line in enumerate(lines):
        ended = _ends(text, paragraphs[number])
        repeated = number and not ended and seen[line.casefold()] > 1
        links = links and not ended and len(line) <= 120
        if _is_boilerplate(line) or links or (repeated and not line.startswith("- ")):
            zones.append("boilerplate")
            heading = bool(_LINK_HEADING.match(line)) and bool(_WHOLE_LINE.fullmatch(line))
            links = links or heading
        elif _is_dateline(line, first=not number):
            zones.append("dateline")
        elif len(line) <= 400 and (_CAPTION.match(line) or _CREDIT.search(line[-100:])):
            zones.append("caption")
        else:
            zones.append(None)
    return zones


def _is_boilerplate(line: str) -> bool:
    """Tell whether a block is buttons, links, notices, or has no letter and no digit.

    >>> [_is_boilerplate(line) for line in ("Share on Facebook | Tweet", "Share prices fell")]
    [True, False]
    """
    if len(line) > 400:
        return False
    if not any(character.isalnum() for character in line) or _BUTTONS.fullmatch(line):
        return True
    return bool(_WHOLE_LINE.fullmatch(line) or _PREFIX.match(line) or _RIGHTS.search(line))


def _is_dateline(line: str, first: bool) -> bool:
    """Tell whether a block is a date, a byline or both.

    first: whether nothing stands before it; "By Land and Sea" may then be a headline.

    >>> [_is_dateline(line, False) for line in ("By Ann Lee | 3 May 2021", "In May 2021 it fell.")]
    [True, False]
    """
    if len(line) > 160:
        return False
    if _BYLINE.match(line) and not first:
        return not line.endswith(".")
    rest, dates = _DATE.subn(" ", line)
    rest = " ".join(_DATE_EXTRAS.sub(" ", rest).split())
    if not dates or not rest:
        return bool(dates)
    place = len(rest.split()) <= 3 and not line.endswith(".") and re.fullmatch(_NAME, rest)
    return bool(place or (len(rest) <= 80 and _BYLINE.match(rest)))


def _after_dateline(text: str, extent: Extent, first: bool) -> int:
    """Return where the text of a body block begins: after "BONN:" or "PARIS, June 3 (AP) -".

    first: whether it is the first body block. Elsewhere a place needs a date or an agency with
    it, and may not recur: "MAYOR:" in a transcript is a speaker.
    """
    head = text[extent.start : min(extent.end, extent.start + 160)]
    match = _LEAD_DATE.match(head) if first else None
    if match is None:
        match = _LEAD_AGENCY.match(head)
    if match is None and (match := _LEAD_PLACE.match(head)):
        speaker = match["mark"] == ":" and first and text.count(match["place"] + ":") > 1
        if speaker or (not match["more"] and (not first or len(match["place"]) < 3)):
            return extent.start
    return extent.start + match.end() if match and match.end() < len(head) else extent.start


# ---- zones that the place of a block tells -----------------------------------------------------

_VERB_LIKE = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|do|did|will|would|can|could|may|might|must|should"
    r"|said|told|went|came|took|made|met|won|lost|fell|rose|hit|cut|saw|got|gave|found|left|held"
    r"|began|kept|sent|set|put|ran|spoke|sank|broke|led|let|quit|[a-z]+ed|[a-z]+(?<!s)s)\b"
)
_INITIALS = re.compile(r"\b[A-Z]\.[A-Z]\.\Z")
_GRAM = 6  # words in a row that make a recurrence


def _zones(
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
            ended = _ends(text, paragraphs[number])
            heading = following and not ended and _is_heading(line, 100)
            zones[number] = "subheading" if heading else "body"
            following = ended or len(line) > 200
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
            line[-1] in "?!" or not _ends(text, paragraphs[number]) or _INITIALS.search(line)
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
    match = re.search(rf"[.!?…]\s+(?P<name>[A-Z][\w.’'-]*(?:,? {_NAME})?)\Z", block[-100:])
    tail = match["name"] if match else ""
    return block[: len(block) - len(tail)], tail


def _recurs(
    core: str,
    number: int,
    words: Sequence[Sequence[str]],
    homes: dict[tuple[str, ...], tuple[int, int]],
) -> bool:
    """Tell whether the first and the last words of a quotation stand in another block, among more."""
    row = re.findall(r"\w+", core.casefold())
    if len(row) < _GRAM:
        return False
    ends = [homes.get(tuple(gram), (number, number)) for gram in (row[:_GRAM], row[-_GRAM:])]
    shared = set(ends[0]) & set(ends[1]) - {number}
    return any(len(words[other]) > len(row) for other in shared)


# ---- the day --------------------------------------------------------------------------------


def parse_day(text: str) -> str | None:
    """Return the first full date in the text as an ISO 8601 day, None if there's none.

    A date such as 12/09/2015 is read only where one order of day and month makes sense.

    >>> [parse_day(day) for day in ("Tue Mar 02 2021", "Sept. 7, 2016", "12/09/2015")]
    ['2021-03-02', '2016-09-07', None]
    """
    for match in _DATE.finditer(text):
        if day := _day(match):
            return day.isoformat()
    return None


def _day(match: re.Match[str]) -> date | None:
    """Return the day that a match of _DATE stands for; None if it's ambiguous or doesn't exist."""
    if match["y1"]:
        year, month, day = match["y1"], int(match["n1"]), int(match["d1"])
    elif match["y4"]:
        year, one, two = match["y4"], int(match["a4"]), int(match["b4"])
        if one != two and one <= 12 and two <= 12:
            return None
        month, day = (two, one) if one > 12 else (one, two)
    else:
        form = "2" if match["y2"] else "3"
        year, day = match[f"y{form}"], int(match[f"d{form}"])
        month = _MONTH_NAMES.index(match[f"m{form}"][:3].casefold()) // 3 + 1
    try:
        return date(int(year), month, day)
    except ValueError:
        return None


def _written_day(text: str, blocks: Sequence[Block]) -> str | None:
    """Return the day in the datelines at the top of the article."""
    for block in blocks[:6]:
        if block.zone == "dateline":
            part = block.extent.of(text)
        elif block.zone == "body":
            part = text[block.extent.start : _after_dateline(text, block.extent, True)]
        else:
            continue
        if day := parse_day(part):
            return day
    return None
