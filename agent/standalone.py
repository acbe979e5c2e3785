"""A claim as a sentence that stands alone: its source named, pronouns and relative dates filled in.

GUIDELINES rule 3, by rules only: nothing is reworded, names and dates are put in.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTHS = """January February March April May June July August September October November
December""".split()
_RELATIVE = re.compile(
    r"\b(yesterday|today|tonight|tomorrow|(?:later |earlier )?this (?:week|month|year)|"
    r"(?:last|next) (?:week|month|year)|(?:on |last |next )?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b"
    r"(?!,? (?:January|February|March|April|May|June|July|August|September|October|November|December|\d))",
)


def date_in(content: str, day: str | None, *, future: bool = False) -> str:
    """Return the text with each relative date explained in brackets.

    day: ISO date of the article, None leaves the text as it is.

    >>> date_in("It closed yesterday", "2024-03-05")
    'It closed yesterday (4 March 2024)'
    >>> date_in("They meet later this month", "2024-03-05")
    'They meet later this month (March 2024)'
    """
    if day is None:
        return content
    base = date.fromisoformat(day)

    def explain(match: re.Match[str]) -> str:
        meant = _meant(match[1].lower(), base, future=future)
        return f"{match[1]} ({meant})" if meant else match[1]

    return _RELATIVE.sub(explain, content)


def _meant(words: str, base: date, *, future: bool) -> str:
    if words in {"yesterday", "today", "tonight", "tomorrow"}:
        return _day(base + timedelta({"yesterday": -1, "tomorrow": 1}.get(words, 0)))
    step = -1 if words.startswith("last") else 1 if words.startswith("next") else 0
    if words.endswith("month"):
        month = base.month - 1 + step
        return f"{_MONTHS[month % 12]} {base.year + month // 12}"
    if words.endswith("year"):
        return str(base.year + step)
    weekday = words.split()[-1]
    if weekday not in _DAYS:
        return ""
    back = (base.weekday() - _DAYS.index(weekday)) % 7
    if words.startswith("next") or (future and back):
        return _day(base + timedelta(7 - back))
    if words.startswith("last") and back == 0:
        back = 7
    return _day(base - timedelta(back))


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def sentence(body: str, *, names: list[str], cue: str, link: str, spoken: bool) -> str:
    """Return the claim as one sentence.

    names: the chain, outermost first. cue: the innermost source's. link: what joins cue and
    content ("that", "to", "" or "according to"). spoken: the content is verbatim speech.

    >>> sentence("it rained", names=["The Herald", "a farmer"], cue="said", link="that", spoken=False)
    'According to The Herald, a farmer said that it rained.'
    """
    body = body.strip().rstrip(".,;:")
    if not names:
        return _capital(body) + "."
    outer = "".join(
        f"{'According to ' if i == 0 else 'citing '}{n}, " for i, n in enumerate(names[:-1])
    )
    inner = names[-1]
    if link == "according to":
        text = f"{outer}according to {inner}, {body}"
    elif spoken:
        verb = cue if cue and cue[0].isalpha() and cue.lower() not in {"according to"} else "said"
        text = f"{outer}{inner} {verb}: “{body}”"
    else:
        text = " ".join(part for part in (f"{outer}{inner}", cue or "said", link, body) if part)
    return _capital(text) + "."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
