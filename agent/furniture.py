"""What surrounds the text of an article, told by the words of one block.

Dates, bylines, captions, buttons and notices: what newspapers call page furniture.
"""

from __future__ import annotations

import re

from agent.dates import DATE
from agent.quotation import Extent

_DATE_EXTRAS = re.compile(
    r"\b(?:first |last )?(?:published|updated|posted|modified)\b:?|\b(?:date|on|at|issued)\b:?"
    r"|\b\d\d?[:.]\d\d(?::\d\d)?(?:\s*[ap]\.?m\b\.?)?|\b\d\d?\s*[ap]\.?m\b\.?"
    r"|\b(?:GMT|UTC|[ECMP][SD]?T|BST|IST|CEST)\b|\b\d+[ -]min(?:ute)?s? read\b"
    r"|\b\d+ (?:(?:min(?:ute)?|h(?:ou)?r|day)s? ago|comments?)\b|[|•·,;/()–—-]",
    re.IGNORECASE,
)
_STAMP = re.compile(r"(?:first |last )?(?:published|updated|posted|modified)\b", re.IGNORECASE)
_LAST_UPDATED = re.compile(r"last (?:updated|modified)\s*:", re.IGNORECASE)
_BETWEEN_PARTS = re.compile(r"\s*[|•·]\s*")
_SECTION = re.compile(
    r"(?:(?:filed under|section|topics?|category)\s*:?\s*|in )?(?-i:[A-Z])[\w&’'-]*"
    r"(?:,? [\w&’'-]+){0,3}",
    re.IGNORECASE,
)
_WORD = r"(?:[A-Z][\w.’'-]*|and|of|the|de|van|von|bin|al-\w+|in|for|&)"
NAME = rf"{_WORD}(?:,? {_WORD}){{0,9}}"
_BYLINE = re.compile(
    r"(?:(?:Written|Reported|Reporting|Story|Text|Words|Analysis|Interview|Exclusive|EXCLUSIVE)"
    rf":? )?(?:By|BY|by):? (?:{NAME}|(?:(?:our|an?|[A-Z][\w’'-]*) (?:[\w’'-]+ ){{0,2}})?"
    r"(?:reporters?|correspondents?|staff|writers?|editors?|desk|agencies))\Z"
)
_FOOTER = (
    r"(?i:(?:additional |further )?(?:reporting|writing|editing|translation|compiled|edited"
    r"|translated)(?:(?: and|,) (?:reporting|writing|editing|edited|translated))* by) "
)
_FOOTERS = re.compile(
    rf"[(\[]{_FOOTER}[^()]*[)\]]\.?|(?i:additional|further) {_FOOTER}.{{1,200}}"
    rf"|{_FOOTER}{_WORD}(?:,? {_WORD})*(?:; ?{_FOOTER}{_WORD}(?:,? {_WORD})*)*\.?"
    r"|[A-Z][^.]{1,120} contributed (?:reporting )?to this (?:report|story|article)\.?"
)
_LEAD_DATE = re.compile(rf"{DATE.pattern}\s+(?=[A-Z“\"][\w’']*\s)", re.IGNORECASE)
# ", Mo., June 3" and ", 3 June 2021"
_MORE_PLACE = (
    r"(?:,\s*(?:[A-Z][\w.' ]{1,25}|\d{4}"
    r"|\d\d?(?:st|nd|rd|th)? [A-Z][a-z]{2,8}\.?(?:,? \d{4})?)){0,4}"
)
_LEAD_PLACE = re.compile(
    rf"(?P<place>[A-Z][A-Z.'’-]+(?:[ /][A-Z][A-Z.'’-]+){{0,3}})(?P<more>{_MORE_PLACE}"
    r"(?:\s*\([A-Za-z][\w .&/-]{1,30}\))?)\s*(?P<mark>[—–]|--?|:)\s+(?=[A-Z\d“\"‘'«])"
)
_LEAD_AGENCY = re.compile(
    rf"[A-Z][\w.'’ -]{{2,30}}{_MORE_PLACE}\s*\([A-Z][\w .&/-]{{1,20}}\)"
    r"\s*(?:[—–]|--?|:)\s+(?=[A-Z\d“\"‘'«])"
)
_PICTURE = "image|photo|picture|photograph|illustration|graphic"
_CAPTION = re.compile(
    rf"(?:file (?:photo|image|picture)|{_PICTURE}|caption|video)s?(?: credits?)?\s*[:/|(]"
    rf"|(?:{_PICTURE}) (?:by|credit|courtesy)\b",
    re.IGNORECASE,
)
# A stop within a name follows an initial or stands in an address; no two of these alternatives
# match at one place, or a row of initials would take forever.
_CREDITED = r"(?:[^.:]|\.(?=\w)|(?<=\b[A-Z])\.(?!\w)|(?<=\b[SJD]r)\.(?!\w)){2,60}\.?"
_LABEL = rf"(?:(?i:{_PICTURE})s?(?i: credits?| by| courtesy)?|(?i:credits?))"
_CREDIT = re.compile(
    rf"(?:(?:\A|[.!?…”\"’'—–|-]\s*|[(\[]){_LABEL}"
    r"|(?<=\w )(?:Image|Photo|Photograph)s?(?i: credits?)?)"
    rf"\s*:\s*{_CREDITED}[)\]]?\.?\Z"
    rf"|[(\[](?i:{_PICTURE})s?(?: \w+)? (?i:by|credit|courtesy|via) [^()]{{2,60}}[)\]]\.?\Z"
    rf"|[.!?…”\"’'|]\s+(?:{_PICTURE.title()})s? (?:by|courtesy of) {NAME}\.?\Z"
    r"|\(?\b(?i:AP Photo|Getty Images|REUTERS/[A-Z]|/ ?AFP\b)[^.]{0,40}\.?\Z|\b(?i:file photo)\W*\Z"
)
_BUTTON = (
    "facebook|twitter|whatsapp|linkedin|reddit|pinterest|telegram|e-?mail|print|share|tweet"
    "|instagram|youtube|tiktok|messenger|flipboard|pocket|bluesky|mastodon|icon"
)
_BUTTONS = re.compile(
    rf"(?=.*?\b(?:{_BUTTON})\b)(?:\W*(?:{_BUTTON}|\d{{1,6}}|x|copy|link|save|this|on|via|to|article|story|by"
    r"|and|pin|it|with|page|post|sms|follow|us|more|comments?|threads)\b)+[^\w.]*",
    re.IGNORECASE,
)
_WHOLE_LINE = re.compile(
    r"(?:advertisements?|sponsored(?: content)?|promoted|recommended(?: for you)?|trending(?: now)?"
    r"|most (?:read|popular|viewed)|related(?: (?:articles?|stories|news|content|topics|links))?"
    r"|more (?:stories|news|on this story|from .{1,40})|see also|you may also like|read more"
    r"|continue reading|story continues below.{0,30}|back to top|skip to .{1,30}|menu|search|home"
    r"|load(?:ing)? more|\d+ comments?|comments?|leave a (?:comment|reply)|privacy policy"
    r"|terms (?:of use|of service|and conditions)|(?:log|sign) in|newsletter|follow us.{0,40}"
    rf"|[(\[](?:{_PICTURE}|video|caption)[)\]])"
    r"\s*[:.…»>]*",
    re.IGNORECASE,
)
_PREFIX = re.compile(
    r"(?:read (?:more|also|next)|also read|related(?: \w+)?|see also|watch(?: live)?|listen"
    r"|tags?|tagged|keywords?|topics?|filed under|categor(?:y|ies)|more on)\s*:"
    r"|(?:click|tap) here\b|sign up (?:for|to)\b|subscribe (?:to|now|for|today)\b|copyright\b|©"
    r"|\(c\) ?\d{4}|download (?:the|our) app\b|join our\b|support (?:our|independent) "
    r"|(?:we|this (?:web)?site|our (?:web)?site) uses? cookies|accept (?:all )?cookies"
    r"|(?:do you )?(?:got|have) an? (?:story|tip|news tip)\b[^.?]{0,40}\?"
    r"|by (?:clicking|continuing|using)\b.{0,80}(?:cookies|terms|agree)",
    re.IGNORECASE,
)
_RIGHTS = re.compile(r"all rights reserved|©\s*\d{4}", re.IGNORECASE)
_LINK_HEADING = re.compile(
    r"(?:related|more|see also|read more|recommended|most |you may|trending)", re.IGNORECASE
)


def is_boilerplate(line: str) -> bool:
    """Tell whether a block is buttons, links, notices, or has no letter and no digit.

    >>> [is_boilerplate(line) for line in ("Share on Facebook | Tweet", "Share prices fell")]
    [True, False]
    """
    if len(line) > 400:
        return False
    if not any(character.isalnum() for character in line) or _BUTTONS.fullmatch(line):
        return True
    if _FOOTERS.fullmatch(line):
        return True
    return bool(_WHOLE_LINE.fullmatch(line) or _PREFIX.match(line) or _RIGHTS.search(line))


def is_link_heading(line: str) -> bool:
    """Tell whether a block stands above a list of links.

    >>> [is_link_heading(line) for line in ("Related articles", "Related costs rose")]
    [True, False]
    """
    return bool(_LINK_HEADING.match(line) and _WHOLE_LINE.fullmatch(line))


def is_caption(line: str) -> bool:
    """Tell whether a block is called a picture or ends in the credit of one.

    >>> [is_caption(line) for line in ("The old bridge. Photo: A. Lee", "She kept the photo.")]
    [True, False]
    """
    return len(line) <= 400 and bool(
        _CAPTION.match(line) or _CREDIT.search(line, max(0, len(line) - 100))
    )


def is_dateline(line: str, first: bool) -> bool:
    """Tell whether a block is a date, a byline or a row of them, with the section or without.

    first: whether nothing stands before it; "By Land and Sea" may then be a headline.

    >>> [is_dateline(line, False) for line in ("By Ann Lee | 3 May 2021", "In May 2021 it fell.")]
    [True, False]
    """
    if len(line) > 160:
        return False
    if _BYLINE.match(line) and not first:
        return not line.endswith(".")
    if _LAST_UPDATED.match(line):
        return not line.endswith(".")
    dates, rest = _without_dates(line)
    if not rest:
        return dates > 0 or (bool(_STAMP.match(line)) and any(map(str.isdigit, line)))
    if not dates:
        return False
    place = len(rest.split()) <= 3 and not line.endswith(".") and re.fullmatch(NAME, rest)
    return bool(place or (len(rest) <= 80 and _BYLINE.match(rest)) or _is_row(line))


def _without_dates(line: str) -> tuple[int, str]:
    """Return the number of dates in a line, and the line without them and what goes with them."""
    rest, dates = DATE.subn(" ", line)
    return dates, " ".join(_DATE_EXTRAS.sub(" ", rest).split())


def _is_row(line: str) -> bool:
    """Tell whether a line is a row of dates, bylines and sections between strokes or dots."""
    parts = _BETWEEN_PARTS.split(line)
    return len(parts) > 1 and all(
        not _without_dates(part)[1] or _BYLINE.match(part) or _SECTION.fullmatch(part)
        for part in parts
    )


_KICKER = re.compile(
    r"\s*(?:exclusive|breaking|breaking news|opinion|comment|analysis|review|updated?|watch"
    r"|video|live|explainer|explained|interview|profile|feature|fact[- ]check|in pictures"
    r"|photos|podcast|q&a|editorial|letters|obituary)\s*[:|–—]\s+",
    re.IGNORECASE,
)


def after_kicker(text: str, extent: Extent) -> int:
    """Return where the words of a headline begin: after "Exclusive:" or "Opinion |".

    >>> after_kicker("Exclusive: bank to close", Extent(0, 24))
    11
    """
    match = _KICKER.match(text, extent.start, extent.end)
    return match.end() if match and match.end() < extent.end else extent.start


def after_dateline(text: str, extent: Extent, first: bool) -> int:
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
