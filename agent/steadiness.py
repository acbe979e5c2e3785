"""How steadily a claim is read: whether it's found again when small words are exchanged.

A parser that is sure of a sentence hangs its branches in the same way whatever the articles and
prepositions are; where it isn't, a claim comes out otherwise or not at all. Each exchange keeps
the length of the word, so that offsets hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from agent.document import Document
from agent.findings import Reader
from agent.ground import ground
from agent.lexicon import Lexicon
from agent.passages import prepare, voices
from agent.schema import Claim
from agent.syntax import Parser

Key = tuple[tuple[tuple[int, int], ...], int | None]  # (start, end) of the content; the source
EXCHANGES: Mapping[str, Mapping[str, str]] = {
    "articles": {"the": "his", "a": "1", "an": "no"},
    "prepositions": {
        "of": "in", "in": "of", "on": "by", "at": "on", "by": "in", "from": "with", "with": "from",
    },
}  # fmt: skip


def readings(document: Document, parse: Parser, lexicon: Lexicon) -> dict[str, frozenset[Key]]:
    """Return for each exchange the claims that the tree gives after it, without any model."""
    return {
        name: _reading(document, parse, _exchange(words), lexicon)
        for name, words in EXCHANGES.items()
    }


def key_of(claim: Claim) -> Key:
    """Return what tells whether another reading found the same claim of the same source."""
    chain = claim.attribution.chain
    mention = chain[-1].mention if chain else None
    return tuple((s.start, s.end) for s in claim.content), mention.start if mention else None


def _reading(
    document: Document, parse: Parser, exchange: Callable[[str], str], lexicon: Lexicon
) -> frozenset[Key]:
    passages = prepare(document, lambda texts: parse([exchange(t) for t in texts]), lexicon)
    findings = Reader(document, passages, voices(document, passages), lexicon).findings()
    found = []
    for grounded in ground(findings, document)[0]:
        mention = grounded.chain[-1].mention if grounded.chain else None
        content = tuple((s.start, s.end) for s in grounded.content)
        found.append((content, mention.start if mention else None))
    return frozenset(found)


def _exchange(words: Mapping[str, str]) -> Callable[[str], str]:
    """Return what exchanges words for others of the same length.

    >>> _exchange({"of": "in", "in": "of"})("one of two in May")
    'one in two of May'
    """
    pattern = re.compile(rf"\b(?:{'|'.join(words)})\b")
    return lambda text: pattern.sub(lambda match: words[match[0]], text)
