"""One claim of a model's list as a finding: its words as they stand, its place in the sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.document import Document, Extent
from agent.folding import turned
from agent.ground import Finder, Finding, FoundSource, Words
from agent.passages import Passage
from agent.schema import ClaimDraft
from agent.syntax import VERBAL, Token, Tree, extent_of

SHARING = frozenset({"conj", "xcomp", "advcl"})
QUESTION_WORDS = frozenset("what who whom which when where why how whether if".split())
_JOINT = re.compile(r"\s+(?:that|whether)\s*$", re.IGNORECASE)  # joins a cue to what is said


def as_finding(
    finder: Finder,
    passages: Sequence[Passage],
    claim: ClaimDraft,
    place: Extent | None,
    chunk: Extent,
) -> Finding:
    """Return the claim as a finding. place: of its content, None where that isn't found."""
    document = finder.document
    content = Words(claim.content, place.start if place else None)
    passage = sentence_at(document, place.start) if place else chunk
    last = len(claim.sources) - 1
    tree, head = _head(passages, place) if place else (Tree(()), None)
    clausal = head is None or head.pos in VERBAL
    link = _link(claim, head) if clausal else ""
    told = link in {"that", "according to"}
    return Finding(
        content=(content,),
        chain=tuple(
            FoundSource(
                _as_it_stands(finder, source.name, passage),
                _as_it_stands(finder, _JOINT.sub("", source.cue), passage),
                "speaker" if number == last else "relay",
            )
            for number, source in enumerate(claim.sources)
        ),
        passage=passage,
        act=claim.act,
        polarity=claim.polarity,
        confidence=claim.confidence,
        confidence_cues=(Words(claim.hedge),) if claim.hedge.strip() else (),
        topic=content if claim.act in {"decline", "disclaim", "question"} else None,
        returned=(content,),
        clausal=clausal,
        subject=_missing_subject(document, tree, head, place) if told and head and place else None,
        link=link,
    )


def sentence_at(document: Document, at: int) -> Extent:
    """Return the sentence that the character stands in, the character itself where there's none."""
    held = document.sentence_at(at)
    return held.extent if held else Extent(at, at + 1)


# ---- words ------------------------------------------------------------------------------------


def _as_it_stands(finder: Finder, string: str, sentence: Extent) -> Words | None:
    """Return a source's or cue's words, None for no words; the first letter's case is the text's.

    The other case counts where the sentence begins with it, and where the article has no other.
    """
    string = string.strip()
    if not string:
        return None
    here = finder.first(Words(string), sentence)
    if here is None or not (sentence.start <= here.start and here.end <= sentence.end):
        there = finder.first(Words(turned(string)), sentence)
        if there is not None and (here is None or 0 <= there.start - sentence.start <= 1):
            return Words(there.text)
    return Words(string)


# ---- what the tree tells about the place ---------------------------------------------------------


def _head(passages: Sequence[Passage], place: Extent) -> tuple[Tree, Token | None]:
    """Return the tree and the token that the words at a place hang on, a verb if there's one."""
    for passage in passages:
        if passage.sentence.extent.start <= place.start < passage.sentence.extent.end:
            tokens = passage.tree.within(place)
            inside = {t.index for t in tokens}
            tops = [t for t in tokens if t.head not in inside or t.head == t.index]
            verbs = [t for t in tops if t.pos in VERBAL]
            return passage.tree, next(iter((*verbs, *tops)), None)
    return Tree(()), None


def _link(claim: ClaimDraft, head: Token | None) -> str:
    """Return what joins cue and content in a sentence of our own."""
    if claim.sources and claim.sources[-1].cue.strip().lower() == "according to":
        return "according to"
    if head is not None and head.tag == "VB" and claim.act in {"request", "wish", "commit"}:
        return "to"
    first = claim.content.lower().split()[:1]
    return "" if QUESTION_WORDS & set(first) else "that"


def _missing_subject(document: Document, tree: Tree, head: Token, place: Extent) -> Words | None:
    """Return the subject that a clause leaves out or shares with the verb above it."""
    below = head
    while True:
        noun = tree.subject(below)
        if below.dep in {"relcl", "acl"} and (noun is None or noun.tag in {"WDT", "WP"}):
            noun = tree.head(below)
        if noun is not None:
            return None if place.start <= noun.start < place.end else _phrase(document, tree, noun)
        if below.dep not in SHARING:
            return None
        below = tree.head(below)


def _phrase(document: Document, tree: Tree, noun: Token) -> Words:
    apart = {"relcl", "appos", "punct", "acl"}
    extent = extent_of(tree.subtree(noun, lambda child: child.dep in apart))
    return Words(extent.of(document.text), extent.start)
