"""Where words and numbers end: a string that is cut out of one says something else."""

from __future__ import annotations

import re
import unicodedata

from agent.folding import WIDTHLESS

_REACH = 16  # characters beside a stretch that are looked at
_UNSEEN_REACH = 400  # with those that can't be seen
_HYPHENS = "-\u2010\u2011"
_APOSTROPHES = "'’ʼ"
_MONEY = "$€£¥₹"
_THIN = "\u00a0\u2009\u202f"  # between the thousands
_MAGNITUDE = r"(?:hundred|thousand|million|billion|trillion|bn|per\s?cent)\b"
_COUNT = (
    r"(?:\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|"
    r"thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand))"
)
_LEFT = re.compile(
    # "likely" of "unlikely", "elected" of "un-elected", "Brien" of "O'Brien"
    rf"\w[{_HYPHENS}{_APOSTROPHES}]?(?=\|\w)"
    # "5" of "3.5", of "10–15", of "−5", of "$5"
    rf"|\d[.,:/–−](?=\|\d)|\d(?=\|[.,:/–−]\d)|[{_HYPHENS}−+{_MONEY}](?=\|\d)|(?:^|[\s(])–(?=\|\d)"
    # "$5" of "US$5", "million" of "5 million"
    rf"|\d[{_THIN}](?=\|\d\d\d\b)|[A-Z](?=\|[{_MONEY}])|{_COUNT}\s?(?=\|{_MAGNITUDE})",
    re.IGNORECASE,
)
_RIGHT = re.compile(
    # "can" of "cannot" and of "can't"; "he" of "he'll" is a word
    rf"\w\|(?:\w|[{_HYPHENS}]\w|[{_APOSTROPHES}](?!(?:s|d|m|ll|re|ve)\b)\w)"
    # "3" of "3.5", "10" of "10–15", "5" of "5 %", "5" of "5 million"
    rf"|\d\|(?:[.,:/–−]\d|\s?[%‰°]|[{_THIN}]\d\d\d\b)|\d[.,:/–−]\|\d|{_COUNT}\|\s?{_MAGNITUDE}",
    re.IGNORECASE,
)
_NO = r"(?:not|never|no|none|nobody|nothing|nowhere|neither|nor|hardly|barely|scarcely|cannot)"
_DENIED = re.compile(rf"(?:\b{_NO}|\bno\s(?:longer|more)|n['’]t)\s$", re.IGNORECASE)
_DENYING = re.compile(rf"\w\|\s{_NO}\b", re.IGNORECASE)


def is_whole(text: str, start: int, end: int) -> bool:
    """Tell whether a stretch of text cuts no word and no number at its ends.

    >>> [is_whole("It isn't 3.5 million.", *ends) for ends in ((0, 5), (9, 12), (9, 20))]
    [False, False, True]
    """
    left, right = _around(text, start, end)
    if (not left and start) or (not right and end < len(text)):
        return False  # beside more unseen characters than anybody needs
    if right and unicodedata.combining(right[0]):
        return False
    return not (
        _LEFT.search(f"{left}|{text[start : start + _REACH]}")
        or _RIGHT.search(f"{text[max(start, end - _REACH) : end]}|{right}")
    )


def is_denied(text: str, start: int, end: int) -> bool:
    """Tell whether the word just before or after a stretch negates it.

    >>> is_denied("No ship will sail.", 3, 17)
    True
    """
    left, right = _around(text, start, end)
    return bool(_DENIED.search(left) or _DENYING.search(f"{text[end - 1]}|{right}"))


def _around(text: str, start: int, end: int) -> tuple[str, str]:
    """Return what can be seen just before and after a stretch: a soft hyphen parts no word."""
    before, after = text[max(0, start - _UNSEEN_REACH) : start], text[end : end + _UNSEEN_REACH]
    return _seen(before)[-_REACH:], _seen(after)[:_REACH]


def _seen(text: str) -> str:
    return "".join(ch for ch in text if ch not in WIDTHLESS)
