"""Full dates as they're written in news."""

from __future__ import annotations

import re
from datetime import date

_MONTH_NAMES = "janfebmaraprmayjunjulaugsepoctnovdec"
_MONTH = (
    r"(?P<m{0}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_ROMAN_MONTHS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
DATE = re.compile(
    r"\b(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
    r"(?:(?P<y1>\d{4})-(?P<n1>\d\d?)-(?P<d1>\d\d?)(?:T[\d:.+Z-]*)?"
    rf"|{_MONTH.format(2)}\s+(?P<d2>\d\d?)(?:st|nd|rd|th)?,?\s+(?P<y2>\d{{4}})"
    rf"|(?P<d3>\d\d?)(?:st|nd|rd|th)?(?:\s+of)?\s+{_MONTH.format(3)},?\s+(?P<y3>\d{{4}})"
    r"|(?P<a4>\d\d?)[/.](?P<b4>\d\d?)[/.](?P<y4>\d{4})"
    r"|(?P<d5>\d\d?)[/.-]\s?(?P<m5>i{1,3}|iv|vi{0,3}|ix|xi{0,2})[/.-]\s?(?P<y5>\d{4}))\b",
    re.IGNORECASE,
)


def parse_day(text: str) -> str | None:
    """Return the first full date in the text as an ISO 8601 day, None if there's none.

    A date such as 12/09/2015 is read only where one order of day and month makes sense.

    >>> [parse_day(day) for day in ("Tue Mar 02 2021", "7.ix.2016", "12/09/2015")]
    ['2021-03-02', '2016-09-07', None]
    """
    for match in DATE.finditer(text):
        if day := _day(match):
            return day.isoformat()
    return None


def _day(match: re.Match[str]) -> date | None:
    """Return the day that a match of DATE stands for; None if it's ambiguous or doesn't exist."""
    if match["y1"]:
        year, month, day = match["y1"], int(match["n1"]), int(match["d1"])
    elif match["y4"]:
        year, one, two = match["y4"], int(match["a4"]), int(match["b4"])
        if one != two and one <= 12 and two <= 12:
            return None
        month, day = (two, one) if one > 12 else (one, two)
    elif match["y5"]:
        year, day = match["y5"], int(match["d5"])
        month = _ROMAN_MONTHS.index(match["m5"].casefold()) + 1
    else:
        form = "2" if match["y2"] else "3"
        year, day = match[f"y{form}"], int(match[f"d{form}"])
        month = _MONTH_NAMES.index(match[f"m{form}"][:3].casefold()) // 3 + 1
    try:
        return date(int(year), month, day)
    except ValueError:
        return None
