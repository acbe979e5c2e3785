"""Numbers in figures and in words, and whether they are the same."""

from __future__ import annotations

import re
from decimal import Decimal

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_VALUES = {word: value for value, word in enumerate(_SMALL.split())} | {
    word: 10 * value for value, word in enumerate(_TENS.split(), 2)
}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_ONE = Decimal(1)
_FIGURES = r"\d+(?:[.,:]\d+)*"
_WORD = "|".join((*_VALUES, *_SCALES))
NUMBER = re.compile(
    rf"{_FIGURES}(?:[\s-]+(?:{'|'.join(_SCALES)})\b)*"
    rf"|\b(?:{_WORD})\b(?:(?:[\s-]+|\s+and\s+)(?:{_WORD})\b)*",
    re.IGNORECASE,
)


def number_value(text: str) -> str:
    """Return what a number amounts to, in figures; a time or a date as it stands.

    >>> [number_value(text) for text in ("eleven thousand", "11,000", "1.5 million", "9:30")]
    ['11000', '11000', '1500000', '9:30']
    >>> number_value("two hundred and forty-one thousand and six")
    '241006'
    """
    whole, part = Decimal(0), Decimal(0)  # what is complete, and what a scale may still multiply
    for word in re.findall(rf"{_FIGURES}|[a-z]+", text.casefold()):
        if word in _VALUES:
            part += _VALUES[word]
        elif word == "hundred":
            part = (part or _ONE) * 100
        elif word in _SCALES:
            whole, part = whole + (part or _ONE) * _SCALES[word], Decimal(0)
        elif re.fullmatch(r"\d{1,3}(?:,\d{3})*(?:\.\d+)?|\d+(?:\.\d+)?", word):
            part = Decimal(word.replace(",", ""))
        elif word != "and":
            return text
    return f"{(whole + part).normalize():f}"
