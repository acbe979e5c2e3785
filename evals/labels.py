"""Figures over a confusion matrix: kappa, macro-F1, accuracy, bias. None stands for undefined.

Rows are gold, columns predicted, both in one order of labels. Source: docs/metrics.md 2.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import numpy as np

from agent.schema import Act, Kind, Polarity

Matrix = np.ndarray

LEVELS = ("uncommitted", "possible", "probable", "certain")
LABELS: dict[str, tuple[str, ...]] = {
    "kind": get_args(Kind),
    "act": get_args(Act),
    "polarity": get_args(Polarity),
    "confidence": LEVELS,
}


def count_pairs(pairs: Sequence[tuple[str, str]], labels: Sequence[str]) -> Matrix:
    """Return the confusion matrix of (gold, predicted) pairs."""
    matrix = np.zeros((len(labels), len(labels)))
    for gold, predicted in pairs:
        matrix[labels.index(gold), labels.index(predicted)] += 1
    return matrix


def accuracy(matrix: Matrix) -> float | None:
    """Return the share of pairs that agree."""
    total = matrix.sum()
    return float(np.trace(matrix) / total) if total else None


def kappa(matrix: Matrix, *, linear: bool = True) -> float | None:
    """Return Cohen's kappa, weighted by distance if linear; None when chance explains it all.

    >>> kappa(np.array([[1, 0], [0, 1]])), kappa(np.array([[2, 0], [0, 0]]))
    (1.0, None)
    """
    value = float(kappas(matrix[None, :, :], linear=linear)[0])
    return None if np.isnan(value) else value


def kappas(matrices: Matrix, *, linear: bool = True) -> Matrix:
    """Return the kappa of each of many matrices (first axis), NaN where it is undefined."""
    n = matrices.shape[-1]
    index = np.arange(n)
    distance = np.abs(index[:, None] - index[None, :])
    weights = distance / (n - 1) if linear else (distance > 0).astype(float)
    rows, columns = matrices.sum(axis=2), matrices.sum(axis=1)
    chance = np.einsum("di,ij,dj->d", rows, weights, columns)
    apart = (weights * matrices).sum(axis=(1, 2)) * matrices.sum(axis=(1, 2))
    values = np.full(len(chance), np.nan)
    np.divide(chance - apart, chance, out=values, where=chance > 0)
    return values


def class_f1(matrix: Matrix, index: int) -> float | None:
    """Return the F1 of one class, None where gold doesn't have it."""
    if not matrix[index].sum():
        return None
    return float(2 * matrix[index, index] / (matrix[index].sum() + matrix[:, index].sum()))


def macro_f1(matrix: Matrix) -> float | None:
    """Return the mean F1 of the classes that gold has."""
    values = [value for i in range(len(matrix)) if (value := class_f1(matrix, i)) is not None]
    return float(np.mean(values)) if values else None


def mean_error(matrix: Matrix) -> tuple[float | None, float | None]:
    """Return the mean absolute and the mean signed distance in levels (> 0: over-confident)."""
    total = matrix.sum()
    if not total:
        return None, None
    index = np.arange(len(matrix))
    signed = index[None, :] - index[:, None]
    return float((np.abs(signed) * matrix).sum() / total), float((signed * matrix).sum() / total)
