"""How far the records' own `score` can be trusted: is p right a share p of the time?

Never about a claim's confidence level. Source: docs/metrics.md 2.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

import numpy as np

Outcomes = Sequence[tuple[float, bool]]

ECE_FROM = 200  # below, a perfectly calibrated system shows .08 and more
THRESHOLDS = (0.5, 0.7, 0.9)
SEED = 20240917


@dataclass(frozen=True, slots=True)
class Bin:
    """One point of the reliability plot, with the Wilson interval of its accuracy."""

    score: float
    accuracy: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """The figures of scores against outcomes; None where undefined or resting on too little.

    ece_perfect: 95th percentile of the ECE of a perfectly calibrated system with these scores.
    kept: per threshold, precision and recall of what scores that or more. levels: precision per
    distinct score, only where there are at most three.
    """

    n: int
    brier: float | None = None
    skill: float | None = None
    log_loss: float | None = None
    auroc: float | None = None
    aurc: float | None = None
    excess_aurc: float | None = None
    ece: float | None = None
    ece_perfect: float | None = None
    bins: tuple[Bin, ...] = ()
    kept: tuple[tuple[float, float | None, float | None], ...] = ()
    levels: tuple[tuple[float, float], ...] = ()
    monotone: bool | None = None


def calibrate(outcomes: Outcomes) -> Calibration:
    """Return the calibration of (score, right) pairs; n = 0 and None where there are none."""
    n = len(outcomes)
    if not n:
        return Calibration(0)
    p = np.array([score for score, _ in outcomes])
    y = np.array([float(right) for _, right in outcomes])
    brier, base = float(((p - y) ** 2).mean()), float(y.mean() * (1 - y.mean()))
    clipped = np.clip(p, 0.001, 0.999)
    levels = _levels(p, y)
    return Calibration(
        n=n,
        brier=brier,
        skill=1 - brier / base if base else None,
        log_loss=float(-(y * np.log(clipped) + (1 - y) * np.log(1 - clipped)).mean()),
        auroc=find_auroc(outcomes),
        aurc=find_aurc(outcomes),
        excess_aurc=find_aurc(outcomes)
        - find_aurc([(float(right), right) for _, right in outcomes]),
        ece=find_ece(p, y) if n >= ECE_FROM else None,
        ece_perfect=_perfect_ece(p) if n >= ECE_FROM else None,
        bins=tuple(_bin(p[part], y[part]) for part in _equal_mass(p)),
        kept=tuple(_kept(p, y, threshold) for threshold in THRESHOLDS),
        levels=levels,
        monotone=all(a[1] <= b[1] for a, b in pairwise(levels)) if len(levels) > 1 else None,
    )


def find_auroc(outcomes: Outcomes) -> float | None:
    """Return the chance that a right record scores above a wrong one, ties a half.

    >>> find_auroc([(0.9, True), (0.2, False), (0.9, False)])
    0.75
    """
    right = np.array([score for score, y in outcomes if y])
    wrong = np.array([score for score, y in outcomes if not y])
    if not len(right) or not len(wrong):
        return None
    above = (right[:, None] > wrong[None, :]).mean()
    return float(above + 0.5 * (right[:, None] == wrong[None, :]).mean())


def find_aurc(outcomes: Outcomes) -> float:
    """Return the mean error rate of the k most trusted records, over all k; ties averaged.

    >>> find_aurc([(0.9, True), (0.5, False)])
    0.25
    """
    p = np.array([score for score, _ in outcomes])
    wrong = np.array([1.0 - right for _, right in outcomes])
    _, group = np.unique(p, return_inverse=True)
    expected = (np.bincount(group, weights=wrong) / np.bincount(group))[group]
    order = np.argsort(-p, kind="stable")
    return float((np.cumsum(expected[order]) / np.arange(1, len(p) + 1)).mean())


def find_ece(p: np.ndarray, y: np.ndarray) -> float:
    """Return the expected calibration error over equal-mass bins (Roelofs et al. 2020)."""
    gaps = [len(part) * abs(y[part].mean() - p[part].mean()) for part in _equal_mass(p)]
    return float(sum(gaps) / len(p))


def _equal_mass(p: np.ndarray) -> list[np.ndarray]:
    """Return the indices of min(10, sqrt n) bins of equal size, by rising score."""
    return np.array_split(np.argsort(p, kind="stable"), min(10, int(sqrt(len(p)))))


def _perfect_ece(p: np.ndarray, draws: int = 1000) -> float:
    """Return the 95th percentile of the ECE when each record is right with chance p."""
    generator = np.random.default_rng(SEED)
    values = [find_ece(p, (generator.random(len(p)) < p).astype(float)) for _ in range(draws)]
    return float(np.quantile(values, 0.95))


def _bin(p: np.ndarray, y: np.ndarray) -> Bin:
    low, high = wilson(float(y.sum()), len(y))
    return Bin(float(p.mean()), float(y.mean()), low, high, len(y))


def wilson(right: float, n: int, z: float = 1.959964) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share.

    >>> [round(x, 3) for x in wilson(8, 10)]
    [0.49, 0.943]
    """
    share, spread = right / n, z * z / n
    centre = share + spread / 2
    reach = z * sqrt(share * (1 - share) / n + spread / (4 * n))
    return (centre - reach) / (1 + spread), (centre + reach) / (1 + spread)


def _kept(
    p: np.ndarray, y: np.ndarray, threshold: float
) -> tuple[float, float | None, float | None]:
    """Return a threshold with precision and recall of what it keeps."""
    keep = p >= threshold
    right = float(y[keep].sum())
    return (
        threshold,
        right / float(keep.sum()) if keep.any() else None,
        right / float(y.sum()) if y.any() else None,
    )


def _levels(p: np.ndarray, y: np.ndarray) -> tuple[tuple[float, float], ...]:
    """Return the precision per score where a system only says high, medium and low."""
    scores = np.unique(p)
    if len(scores) > 3:
        return ()
    return tuple((float(score), float(y[p == score].mean())) for score in scores)
