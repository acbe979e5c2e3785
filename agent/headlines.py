"""Whom a headline names beside what it says: "Police: ...", "...: report", "..., says mayor"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.cue import ASSERT, Cue
from agent.document import Document, Extent
from agent.lexicon import Lexicon
from agent.sources import Source, can_speak
from agent.syntax import VERBAL, Token, Tree, extent_of

_SAYS = "says?|claims?|warns?|finds?|reveals?|suggests?|reports?|shows?|fears?|admits?|insists?"
_NAME = r"[^,:;]{2,40}?"
_TAILS = (
    re.compile(rf"[,’'”\"]\s+(?P<cue>{_SAYS})\s+(?P<source>{_NAME})\Z", re.IGNORECASE),
    re.compile(rf",[’'”\"]?\s+(?P<source>{_NAME})\s+(?P<cue>{_SAYS})\Z", re.IGNORECASE),
    re.compile(rf"[’”]\s*,?\s+(?P<source>{_NAME})\s+(?P<cue>{_SAYS})\Z", re.IGNORECASE),
    re.compile(rf"\s(?P<cue>[-–—])\s+(?P<source>{_NAME})\Z"),
    re.compile(rf"(?P<cue>:)\s+(?P<source>{_NAME})\Z"),
)
_HEAD = re.compile(rf"\A(?P<source>{_NAME})(?P<cue>:)\s+(?=\S)")
MAX_WORDS, MIN_CONTENT = 5, 3  # words of a source; of what it says
PASSIVE = frozenset({"expect", "urge", "tell", "order", "ask", "advise", "accuse", "believe"})


@dataclass(frozen=True, slots=True)
class Label:
    """A source beside a headline's content, and the words or the mark that join them."""

    source: Extent
    cue: Extent
    content: Extent
    leads: bool


def labels(document: Document, heading: Extent, lexicon: Lexicon) -> Iterator[Label]:
    """Yield the places where a heading may name a source.

    What leads a headline may be its topic ("Brexit: ..."): there, the word must be known to be
    one of a source.
    """
    text = heading.of(document.text).rstrip(" .")
    for pattern in (*_TAILS, _HEAD):
        match = pattern.search(text)
        if match is None:
            continue
        source, cue = (
            Extent(heading.start + match.start(name), heading.start + match.end(name))
            for name in ("source", "cue")
        )
        leads = pattern is _HEAD
        first = match.end() if leads else 0
        last = len(text) if leads else min(match.start("source"), match.start("cue"))
        content = Extent(heading.start + first, heading.start + last)
        quoted = document.quotation_at(cue) is not None or document.quotation_at(source) is not None
        long = len(source.of(document.text).split()) > MAX_WORDS
        short = len(content.of(document.text).split()) < MIN_CONTENT
        unsure = leads or text[0] in "‘“'\""  # "‘Not me’: suspect hits back"
        topic = unsure and not _is_known(source.of(document.text), lexicon)
        if not (quoted or long or short or topic):
            yield Label(source, cue, content, leads)


def headline_cues(document: Document, heading: Extent, tree: Tree, lexicon: Lexicon) -> list[Cue]:
    """Return the cue of the source that a heading names beside its content, if it names one."""
    for label in labels(document, heading, lexicon):
        source = [t for t in tree.within(label.source) if t.pos not in {"PUNCT", "SPACE"}]
        content = tree.within(label.content)
        inside = {t.index for t in content}
        tops = [t for t in content if t.head not in inside or t.head == t.index]
        tops = [t for t in tops if t.pos not in {"PUNCT", "SPACE"}]
        if source and tops and _is_source(tree, source, lexicon):
            named = Source(extent_of(source), source[-1].index, label.cue)
            heads = tuple(t.index for t in tops)
            joint = next(t.index for t in tree.tokens if t.end > label.cue.start)
            return [Cue(joint, label.cue, ASSERT, "according", named, heads)]
    return []


def drops_auxiliary(tree: Tree, cue: Cue) -> bool:
    """Tell whether the cue is a passive without its "is": "Bank expected to", "man accused of"."""
    verb = tree.tokens[cue.head]
    after = tree.tokens[verb.index + 1 : verb.index + 2]
    passive = verb.lemma in PASSIVE and verb.tag in {"VBN", "VBD"}
    alone = cue.extent.start == verb.start and bool(after) and after[0].text.lower() in {"to", "of"}
    return passive and alone


def _is_known(words: str, lexicon: Lexicon) -> bool:
    """Tell whether the last word is one for a person, a body, an outlet or a document."""
    last = words.lower().split()[-1]
    known = lexicon.documents | lexicon.persons | lexicon.bodies | lexicon.outlets
    return bool({last, last.removesuffix("s")} & known)


def _is_source(tree: Tree, words: list[Token], lexicon: Lexicon) -> bool:
    """Tell whether the words name somebody who says things, or a document."""
    last = words[-1]
    if _is_known(last.text, lexicon):
        return True
    if words[0].pos in {"ADP", "ADV", "SCONJ"} or any(t.pos in VERBAL for t in words):
        return False
    return last.pos == "PROPN" or can_speak(tree, last, lexicon)
