"""Text made uniform, so that the same words in other dress are the same string.

Alike are: quotation marks of one kind, dashes, white space, a letter in one or two characters
(é), an ellipsis and three dots, ligatures. Dropped are characters without width: soft hyphens,
zero-width ones, marks of direction, variation selectors, Unicode's tags. Nothing else.
"""

from __future__ import annotations

import re
import unicodedata

_FOLDS = {
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("‘’‚‛′`´", "'"),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    "…": "...",
    "ﬀ": "ff",
    "ﬁ": "fi",
    "ﬂ": "fl",
    "ﬃ": "ffi",
    "ﬄ": "ffl",
}
WIDTHLESS = frozenset(
    "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"
).union(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0000, 0xE0080), *range(0xE0100, 0xE01F0)]))
_SINGLE = frozenset(" -")  # one stands for several in a row: "--" is a dash
_ODD = "[^ -_a-~]"  # all but printable ASCII, and the backtick
_TO_FOLD = re.compile(f"[ -]*{_ODD}(?:{_ODD}|[ -])*|[ -]{{2,}}".replace("[ -]", r"[ \-]"))


def fold(text: str) -> tuple[str, list[int]]:
    r"""Return the text made uniform, and the offset that each of its characters comes from.

    >>> fold("“a \u00a0b”")
    ('"a b"', [0, 1, 2, 4, 5])
    """
    out: list[str] = []
    origin: list[int] = []
    done = 0
    for match in _TO_FOLD.finditer(text):
        out.append(text[done : match.start()])
        origin.extend(range(done, match.start()))
        last = ""
        for index in range(match.start(), match.end()):
            folded = _fold_one(text[index])
            if folded in _SINGLE and last == folded:
                continue
            last = folded or last
            out.append(folded)
            origin.extend([index] * len(folded))
        done = match.end()
    out.append(text[done:])
    origin.extend(range(done, len(text)))
    return "".join(out), origin


def turned(string: str) -> str:
    """Return the string with its first letter in the other case: a sentence begins with a capital.

    >>> turned("the officials")
    'The officials'
    """
    string = string.strip()
    return string[:1].swapcase() + string[1:]


def _fold_one(ch: str) -> str:
    if ch in WIDTHLESS:
        return ""
    return " " if ch.isspace() else _FOLDS.get(ch) or unicodedata.normalize("NFD", ch)
