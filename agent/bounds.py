"""The labels that a model gives, held to what the words allow: the weakest word decides.

A declined confirmation or "I don't know" is never a denial and never certain. Where the tree and
the lexicon see nothing, the model's labels stay.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import replace

from agent.commitment import OPEN_ACTS, RANK, UNCOMMITTED_ACTS
from agent.ground import Finding, FoundSource, Words
from agent.schema import Act, Confidence, Polarity

FIRM = frozenset({"assert", "deny"})
VAGUE = frozenset({"assert", "other"})  # no evidence of an act
JOINING = frozenset({"and", "or", "&"})


def bounded(
    finding: Finding, drawn: Finding | None, said: AbstractSet[int], *, piece: bool = False
) -> Finding:
    """Return the claim with labels that the words allow.

    drawn: the clause from which the claim is, with the labels of our rules; None where the tree
    knows none. said: where the letters of the content stand. piece: they're less than half of the
    clause, so that only words among them count.
    """
    act: Act = finding.act
    polarity: Polarity = finding.polarity
    level: Confidence = finding.confidence
    deciding = finding.confidence_cues
    if drawn is not None:
        whole = not piece and _same_source(finding, drawn)
        if whole:
            act = drawn.act if act in FIRM and drawn.act not in VAGUE else act
            polarity = drawn.polarity if drawn.polarity != "positive" else polarity
        if RANK[drawn.confidence] < RANK[level] and (whole or _among(drawn, said)):
            level, deciding = drawn.confidence, drawn.confidence_cues
    if act in OPEN_ACTS:
        polarity = "unknown"
    if act in UNCOMMITTED_ACTS:
        level = "uncommitted"
    topic = (drawn.topic if drawn else None) or finding.content[0]
    return replace(
        finding,
        act=act,
        polarity=polarity,
        confidence=level,
        confidence_cues=deciding,
        topic=topic if act in OPEN_ACTS else None,
    )


def with_places(
    chain: tuple[FoundSource, ...], drawn: tuple[FoundSource, ...]
) -> tuple[FoundSource, ...]:
    """Return the chain, its innermost source with the phrase and place that the tree gives it.

    One of several speakers ("Ann and Max said") stays one.
    """
    if not chain or not drawn:
        return chain
    one, other = chain[-1], drawn[-1]
    if not (_alike(one.cue, other.cue) and _alike(one.mention, other.mention)):
        return chain
    more = set(other.mention.text.split()) if other.mention else set()
    more -= set(one.mention.text.split()) if one.mention else set()
    mention = one.mention if more & JOINING else other.mention
    return (*chain[:-1], replace(one, mention=mention, cue=other.cue))


def _same_source(finding: Finding, drawn: Finding) -> bool:
    """Tell whether the tree's cue, which colours its labels, is the claim's own or there's none."""
    if not finding.chain or not drawn.chain:
        return not drawn.chain
    one, other = finding.chain[-1], drawn.chain[-1]
    return _alike(one.cue, other.cue) or _alike(one.mention, other.mention)


def _alike(one: Words | None, other: Words | None) -> bool:
    """Tell whether one of the two strings holds the other's words in a row, case aside."""
    if one is None or other is None:
        return False
    texts = [f" {' '.join(words.text.lower().split())} " for words in (one, other)]
    return texts[0] in texts[1] or texts[1] in texts[0]


def _among(drawn: Finding, said: AbstractSet[int]) -> bool:
    """Tell whether the words that decided the confidence are among those of the content."""
    places = [range(c.at, c.at + len(c.text)) for c in drawn.confidence_cues if c.at is not None]
    return bool(places) and all(not said.isdisjoint(place) for place in places)
