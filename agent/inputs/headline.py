"""What stands above the headline of a page and isn't of its article: menus, names, sections."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.furniture import is_boilerplate, is_dateline
from agent.inputs.text import plain_words

BLOCKS_ABOVE = 25  # at most; a longer menu is no menu
PROSE_CHARS = 60  # of a block that ends as a sentence does; shorter, and it may be a slogan

_ENDED = re.compile(r"[.!?…][\"”’')\]]*\Z")


def find_headline(blocks: Sequence[str], title: str) -> int | None:
    """Return which block is the headline: it's the title, or that without the name of the site.

    None where it's none of the first ones, or prose stands above it: then the article began there.

    >>> find_headline(["Herald", "Home Sport", "Rain ends today"], "Rain ends today | Herald")
    2
    """
    for number, block in enumerate(blocks[:BLOCKS_ABOVE]):
        if _names(title, block):
            return number
        if _is_prose(block):
            return None
    return None


def from_headline(blocks: Sequence[str], at: int) -> list[str]:
    """Return the blocks from the headline on; of those above it datelines stay, and prose does.

    >>> from_headline(["Transport", "3 May 2021", "Rain ends"], 2)
    ['3 May 2021', 'Rain ends']
    """
    above = [each for each in blocks[:at] if _is_prose(each) or is_dateline(each, first=False)]
    return [*above, *blocks[at:]]


def _names(title: str, block: str) -> bool:
    wanted, words = plain_words(title), plain_words(block)
    rest = wanted.removeprefix(words)
    sited = len(words.split()) > 2 and re.match(r"\s+[|–—:·•-]\s", rest)
    return wanted == words or (rest != wanted and bool(sited))


def _is_prose(block: str) -> bool:
    ended = len(block) >= PROSE_CHARS and bool(_ENDED.search(block))
    return ended and not is_boilerplate(block)
