"""Scores of parts: by zone, kind, act, chain length, hedged or not, and document length.

Recall is over gold claims that have the value, precision over predictions that have it, so the
two sides may count different pairs. Source: docs/metrics.md, the harness, 15.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from evals.figures import Rate
from evals.gold import Case
from evals.items import Item
from evals.score import DocumentScore

NOTHING = Rate()


@dataclass(frozen=True, slots=True)
class Slice:
    """Located claims with one value. source: innermost accuracy on matched pairs, by gold."""

    recall: Rate = NOTHING
    precision: Rate = NOTHING
    source: Rate = NOTHING

    def __add__(self, other: Slice) -> Slice:
        """Return the sum, for pooling."""
        return Slice(
            self.recall + other.recall,
            self.precision + other.precision,
            self.source + other.source,
        )


FACETS: dict[str, Callable[[Item], str]] = {
    "zone": lambda item: item.zone,
    "kind": lambda item: item.labels["kind"][0],
    "act": lambda item: item.labels["act"][0],
    "chain length": lambda item: ("0", "1", "2+")[min(len(item.chain), 2)],
    "hedged": lambda item: (
        "yes" if item.labels["confidence"][0] in ("possible", "probable") else "no"
    ),
}


def find_length(text: str) -> str:
    """Return the length class of an article: under 300 words, up to 600, above."""
    words = len(text.split())
    return "short (< 300 words)" if words < 300 else "medium" if words <= 600 else "long (> 600)"


def _same(value: str, _: Item) -> str:
    return value


def slice_scores(scored: Iterable[tuple[Case, DocumentScore]]) -> dict[tuple[str, str], Slice]:
    """Return the slices of some documents together, by (facet, value)."""
    slices: dict[tuple[str, str], Slice] = {}

    def add(key: tuple[str, str], part: Slice) -> None:
        slices[key] = slices.get(key, Slice()) + part

    for case, score in scored:
        length = find_length(case.text)
        facets: dict[str, Callable[[Item], str]] = {**FACETS, "document": partial(_same, length)}
        for facet, value in facets.items():
            for p, g in score.located.pairs:
                right = float(g.accepts_source(p))
                add((facet, value(g)), Slice(recall=Rate(1, 1), source=Rate(right, 1)))
                add((facet, value(p)), Slice(precision=Rate(1, 1)))
            for item in score.located.missed:
                add((facet, value(item)), Slice(recall=Rate(0, 1)))
            for item in score.located.spurious:
                add((facet, value(item)), Slice(precision=Rate(0, 1)))
    return dict(sorted(slices.items()))
