"""Truecasing: a headline in title case as a sentence would be written, for the parser's eyes.

"Mayor Denies Leak" misleads a parser that was trained on sentences: to it, all of this is a name.
The body tells which words are names: they keep their capitals where they don't begin a sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from agent.quotation import Extent

_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)*")
_BEGINS = re.compile("[.!?:][’”'\"]?\\s+[“‘'\"]?\\Z")
_POSSESSIVE = re.compile(r"[’']s?\Z")
LONG = 4  # letters; shorter words are often small in title case too
TITLED = 0.8  # of the long words after the first
FEWEST = 3  # long words after the first; fewer show no habit


def truecased(text: str, headings: Iterable[Extent], sentences: Sequence[Extent]) -> str:
    r"""Return the text with its headings in title case or capitals written as sentences are.

    The text keeps its length, so that offsets into one are offsets into the other. sentences:
    those of the body, from which names are known.

    >>> truecased("Mayor Denies Leak To Dole\n\nIt was Dole.", [Extent(0, 25)], [Extent(27, 39)])
    'Mayor denies leak to Dole\n\nIt was Dole.'
    """
    shouted = [h for h in headings if _in_title_case(h.of(text))]
    if not shouted:
        return text
    names = _names(text, sentences)
    pieces, at = [], 0
    for heading in shouted:
        pieces += [text[at : heading.start], _as_sentence(heading.of(text), names)]
        at = heading.end
    return "".join([*pieces, text[at:]])


def _in_title_case(heading: str) -> bool:
    """Return whether nearly every long word but the first begins with a capital."""
    words = [m[0] for m in _WORD.finditer(heading)][1:]
    long = [word for word in words if len(word) >= LONG]
    return len(long) >= FEWEST and sum(w[0].isupper() for w in long) >= TITLED * len(long)


def _names(text: str, sentences: Sequence[Extent]) -> dict[str, str]:
    """Return how words are written that stand in capitals within sentences, by small letters."""
    written: dict[str, Counter[str]] = {}
    for sentence in sentences:
        for match in list(_WORD.finditer(text, sentence.start, sentence.end))[1:]:
            word = _POSSESSIVE.sub("", match[0])
            written.setdefault(word.lower(), Counter())[word] += 1
    most = {small: forms.most_common(1)[0][0] for small, forms in written.items()}
    return {small: form for small, form in most.items() if form != small}


def _as_sentence(heading: str, names: dict[str, str]) -> str:
    """Return the heading with small letters for all but its first word and names."""
    shouts = heading.upper() == heading
    first = next(_WORD.finditer(heading)).start()

    def written(match: re.Match[str]) -> str:
        word = match[0]
        end = _POSSESSIVE.search(word)
        stem = word[: end.start()] if end else word
        begins = match.start() == first or bool(_BEGINS.search(heading[: match.start()]))
        initials = len(stem) > 1 and stem.isupper() and not shouts
        small = stem.lower()
        form = names.get(small) or (stem if initials else small)
        if begins and form == small:
            form = small[:1].upper() + small[1:]
        rest = word[len(stem) :].lower()
        return form + rest if len(form + rest) == len(word) else word

    return _WORD.sub(written, heading)
