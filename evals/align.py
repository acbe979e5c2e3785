"""Predicted claims paired with gold claims: likeness of two claims and one assignment.

Source: docs/metrics.md 2.0 to 2.2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]

from evals.items import Chain, Chars, Item

# ---- similarity -------------------------------------------------------------------------------


def dice(a: Chars, b: Chars) -> float:
    """Return the overlap of two sets of characters, 0 for nothing in common.

    >>> dice(frozenset({1, 2, 3}), frozenset({2, 3, 4}))
    0.6666666666666666
    """
    return 2 * len(a & b) / (len(a) + len(b)) if a or b else 0.0


def coverage(p: Chars, g: Chars) -> float:
    """Return the part of `g` that `p` covers."""
    return len(p & g) / len(g) if g else 0.0


def best_dice(p: Item, g: Item) -> float:
    """Return the overlap of a prediction with the accepted content that fits it best."""
    return max(dice(p.chars, chars) for chars in g.contents)


def word_f1(a: Counter[str], b: Counter[str]) -> float:
    """Return the F1 of two bags of words.

    >>> word_f1(Counter(["he", "may", "go"]), Counter(["he", "goes"]))
    0.4
    """
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 0.0


def lcs_f1(p: Chain, g: Chain) -> float:
    """Return how far two chains agree, order included.

    >>> lcs_f1(("a", "b"), ("b", "a")), lcs_f1((), ()), lcs_f1((), ("a",))
    (0.5, 1.0, 0.0)
    """
    if not p and not g:
        return 1.0
    row = [0] * (len(g) + 1)
    for x in p:
        previous = row
        row = [0]
        for j, y in enumerate(g, start=1):
            row.append(previous[j - 1] + 1 if x == y else max(previous[j], row[j - 1]))
    return 2 * row[-1] / (len(p) + len(g))


# ---- assignment -------------------------------------------------------------------------------

Weigh = Callable[[Item, Item], float]


def weigh_located(p: Item, g: Item) -> float:
    """Return the weight of a pair in the located tier, 0 where it isn't allowed."""
    likeness = word_f1(p.words, g.words)
    if likeness < 0.3 or not p.chars <= g.room:
        return 0.0
    fits = [(coverage(p.chars, chars), dice(p.chars, chars)) for chars in g.contents]
    cov, overlap = max(fits)
    return 0.5 * cov + 0.5 * overlap + 0.25 * likeness + _tie(p, g) if cov >= 0.5 else 0.0


def weigh_span(p: Item, g: Item) -> float:
    """Return the weight of a pair in the span tier, 0 where it isn't allowed."""
    overlap = best_dice(p, g)
    return overlap + _tie(p, g) if overlap >= 0.5 else 0.0


def _tie(p: Item, g: Item) -> float:
    return 0.01 * g.accepts_source(p) + 0.001 * g.accepts("act", p)


@dataclass(frozen=True, slots=True)
class Alignment:
    """Who goes with whom. Core gold only is paired; ignored predictions lie on optional gold."""

    pairs: list[tuple[Item, Item]]
    ignored: list[Item]
    spurious: list[Item]
    missed: list[Item]


def assign(weights: np.ndarray) -> list[tuple[int, int]]:
    """Return the one-to-one pairs of greatest total weight, those of weight 0 left out."""
    if not weights.size:
        return []
    rows, columns = linear_sum_assignment(weights, maximize=True)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if weights[i, j] > 0]


def align(predicted: Sequence[Item], gold: Sequence[Item], weigh: Weigh) -> Alignment:
    """Return the alignment of a document's claims: core gold first, then what may be ignored."""
    core = [item for item in gold if item.core]
    optional = [item for item in gold if not item.core]
    weights = np.array([[weigh(p, g) for g in core] for p in predicted])
    found = assign(weights)
    taken, hit = {i for i, _ in found}, {j for _, j in found}
    rest = [p for i, p in enumerate(predicted) if i not in taken]
    ignored = [p for p in rest if any(best_dice(p, g) >= 0.5 for g in optional)]
    return Alignment(
        pairs=[(predicted[i], core[j]) for i, j in found],
        ignored=ignored,
        spurious=[p for p in rest if not any(p is other for other in ignored)],
        missed=[g for j, g in enumerate(core) if j not in hit],
    )
