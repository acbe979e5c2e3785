"""Counts that add up over documents, and the figures that they give. None stands for undefined."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from evals.labels import Matrix


@dataclass(frozen=True, slots=True)
class Counts:
    """Right, spurious and missed; floats, as epochs are averaged."""

    tp: float = 0.0
    fp: float = 0.0
    fn: float = 0.0

    def __add__(self, other: Counts) -> Counts:
        """Return the sum, for pooling."""
        return Counts(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def precision(self) -> float | None:
        """TP / (TP + FP); None without a prediction."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else None

    @property
    def recall(self) -> float | None:
        """TP / (TP + FN); None without gold."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else None

    @property
    def f1(self) -> float | None:
        """2 TP / (2 TP + FP + FN); None with neither gold nor prediction."""
        return self.rate.value

    @property
    def rate(self) -> Rate:
        """F1 as numerator and denominator, for error bars."""
        return Rate(2 * self.tp, 2 * self.tp + self.fp + self.fn)


@dataclass(frozen=True, slots=True)
class Rate:
    """A sum and what it is divided by."""

    num: float = 0.0
    den: float = 0.0

    def __add__(self, other: Rate) -> Rate:
        """Return the sum, for pooling."""
        return Rate(self.num + other.num, self.den + other.den)

    @property
    def value(self) -> float | None:
        """The quotient; None where nothing was counted."""
        return self.num / self.den if self.den else None


T = TypeVar("T", Counts, Rate, float)


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of one document or of several together.

    counts: claim (located tier), span, attributed, tuple, relation, relation_full,
    relation_partial, relation_strict. rates: all else that is a mean. confusion: matched pairs by
    field, rows gold. outcomes: (score, right) of predictions that have a score. ratios: predicted
    over gold content length of matched pairs. events: duplicates, merges, splits, errors, …
    """

    id: str
    counts: dict[str, Counts] = field(default_factory=dict)
    rates: dict[str, Rate] = field(default_factory=dict)
    confusion: dict[str, Matrix] = field(default_factory=dict)
    outcomes: list[tuple[float, bool]] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    events: dict[str, float] = field(default_factory=dict)


def pool(scores: Iterable[Score], name: str = "all") -> Score:
    """Return the sums over documents: the micro figures."""
    scores = list(scores)
    return Score(
        id=name,
        counts=_add([score.counts for score in scores], Counts()),
        rates=_add([score.rates for score in scores], Rate()),
        confusion={
            key: np.sum([score.confusion[key] for score in scores], axis=0)
            for key in (scores[0].confusion if scores else ())
        },
        outcomes=[pair for score in scores for pair in score.outcomes],
        ratios=[ratio for score in scores for ratio in score.ratios],
        events=_add([score.events for score in scores], 0.0),
    )


def _add(parts: Sequence[dict[str, T]], zero: T) -> dict[str, T]:
    """Return key-wise sums."""
    sums: dict[str, T] = {}
    for part in parts:
        for key, value in part.items():
            sums[key] = sums.get(key, zero) + value
    return sums


def average(epochs: Sequence[Score]) -> Score:
    """Return the mean over epochs of one document: every count is averaged first of all."""
    k = len(epochs)
    total = pool(epochs, epochs[0].id)
    return Score(
        id=total.id,
        counts={n: Counts(c.tp / k, c.fp / k, c.fn / k) for n, c in total.counts.items()},
        rates={n: Rate(r.num / k, r.den / k) for n, r in total.rates.items()},
        confusion={n: matrix / k for n, matrix in total.confusion.items()},
        outcomes=total.outcomes,
        ratios=total.ratios,
        events={n: value / k for n, value in total.events.items()},
    )


def macro_f1(scores: Sequence[Score], name: str) -> float | None:
    """Return the mean F1 over documents; nothing to find and nothing found is 1."""
    values = [1.0 if (f1 := score.counts[name].f1) is None else f1 for score in scores]
    return float(np.mean(values)) if values else None
