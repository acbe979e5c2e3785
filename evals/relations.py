"""Attribution relations, as attribution corpora score them: claims that share a cue are one.

Source: docs/metrics.md 2.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evals.align import assign, dice
from evals.items import Chars, Item


@dataclass(frozen=True, slots=True)
class Relation:
    """A source, a cue and all that they introduce."""

    content: Chars
    source: Chars | None
    cue: Chars | None
    core: bool


@dataclass(frozen=True, slots=True)
class RelationCounts:
    """Matched relations (content Dice >= .5), those with the right source, and the rest.

    full: source mention Dice >= .5. partial: source, cue and content overlap. strict: all exact.
    """

    matched: int
    full: int
    partial: int
    strict: int
    predicted: int
    gold: int


def merge_relations(items: Sequence[Item]) -> list[Relation]:
    """Return the attributions of some claims; the article's own voice has none."""
    groups: dict[tuple[int, int] | str, list[Item]] = {}
    for item in items:
        if item.cue_key is not None:
            groups.setdefault(item.cue_key, []).append(item)
    return [
        Relation(
            content=frozenset().union(*(item.chars for item in group)),
            source=group[0].mentions[-1],
            cue=group[0].cues[-1],
            core=any(item.core for item in group),
        )
        for group in groups.values()
    ]


def same_source(p: Relation, g: Relation) -> bool:
    """Tell whether the mentions are the same; where gold has none there must be none."""
    if p.source is None or g.source is None:
        return p.source is g.source
    return dice(p.source, g.source) >= 0.5


def count_relations(predicted: Sequence[Item], gold: Sequence[Item]) -> RelationCounts:
    """Return the counts of a document; a leftover on an optional relation is ignored."""
    found, wanted = merge_relations(predicted), merge_relations(gold)
    core = [relation for relation in wanted if relation.core]
    pairs = assign(np.array([[_weigh(p, g) for g in core] for p in found]))
    taken = {i for i, _ in pairs}
    ignored = sum(
        any(dice(p.content, g.content) >= 0.5 for g in wanted if not g.core)
        for i, p in enumerate(found)
        if i not in taken
    )
    matched = [(found[i], core[j]) for i, j in pairs]
    return RelationCounts(
        matched=len(matched),
        full=sum(same_source(p, g) for p, g in matched),
        partial=sum(_overlap(p.source, g.source) and _overlap(p.cue, g.cue) for p, g in matched),
        strict=sum(
            p.content == g.content and p.source == g.source and p.cue == g.cue for p, g in matched
        ),
        predicted=len(found) - ignored,
        gold=len(core),
    )


def _weigh(p: Relation, g: Relation) -> float:
    overlap = dice(p.content, g.content)
    return overlap + 0.01 * same_source(p, g) if overlap >= 0.5 else 0.0


def _overlap(a: Chars | None, b: Chars | None) -> bool:
    """Tell whether two spans share a character, or are both absent.

    A cue that is only punctuation has no letters: two of those count as the same.
    """
    return bool(a & b) or not (a or b) if a is not None and b is not None else a is b
