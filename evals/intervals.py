"""Error bars with the document as the unit: claims of one article aren't independent.

Every figure that is a ratio of sums gets a linearised standard error and a t interval; kappa and
other figures the document bootstrap. With one document there are none.

Source: docs/metrics.md 2.7; for plain means the same as Miller 2024, arXiv 2411.00640.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan, sqrt
from typing import TypeVar

import numpy as np
from scipy.special import stdtr, stdtrit  # type: ignore[import-untyped]

from evals.figures import Rate
from evals.labels import Matrix, kappas

DRAWS = 2000
SEED = 20240917
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval. documents: how many it rests on.

    se, low, high: None where they can't be known, as for one document. p: two-sided, for a
    difference.
    """

    value: float | None
    documents: int
    se: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None


def ratio_interval(rates: Sequence[Rate]) -> Interval:
    """Return the interval of sum(num) / sum(den), one Rate per document.

    A document that has nothing to count (den 0) is left out.

    >>> ratio_interval([Rate(1, 2), Rate(3, 4)]).value
    0.6666666666666666
    """
    used = [rate for rate in rates if rate.den]
    if not used:
        return Interval(None, 0)
    num, den = (np.array([getattr(rate, name) for rate in used]) for name in ("num", "den"))
    value = float(num.sum() / den.sum())
    return _t_interval(value, (num - value * den) / den.sum())


def paired_interval(a: Sequence[Rate], b: Sequence[Rate]) -> Interval:
    """Return the interval of the difference a - b over the same documents, in the same order."""
    pairs = [(x, y) for x, y in zip(a, b, strict=True) if x.den or y.den]
    num_a, den_a = np.array([(x.num, x.den) for x, _ in pairs]).reshape(-1, 2).T
    num_b, den_b = np.array([(y.num, y.den) for _, y in pairs]).reshape(-1, 2).T
    if not den_a.sum() or not den_b.sum():
        return Interval(None, len(pairs))
    f_a, f_b = num_a.sum() / den_a.sum(), num_b.sum() / den_b.sum()
    shares = (num_a - f_a * den_a) / den_a.sum() - (num_b - f_b * den_b) / den_b.sum()
    return _t_interval(float(f_a - f_b), shares, difference=True)


def _t_interval(value: float, shares: Matrix, *, difference: bool = False) -> Interval:
    """Return the interval from each document's share in the error."""
    n = len(shares)
    if n < 2:
        return Interval(value, n)
    se = sqrt(n / (n - 1) * float((shares**2).sum()))
    reach = float(stdtrit(n - 1, 0.975)) * se
    p = None
    if difference:
        p = 2 * float(stdtr(n - 1, -abs(value) / se)) if se else float(value == 0)
    return Interval(value, n, se, value - reach, value + reach, p)


# ---- bootstrap --------------------------------------------------------------------------------


def draw_weights(documents: int, draws: int = DRAWS, seed: int = SEED) -> Matrix:
    """Return how often each document (column) is in each resampled set (row)."""
    chances = np.full(documents, 1 / documents)
    return np.random.default_rng(seed).multinomial(documents, chances, size=draws).astype(float)


def bootstrap_sums(sums: Matrix, statistic: Callable[[Matrix], Matrix]) -> Interval:
    """Return the percentile interval of a figure of summed counts.

    sums: one row of counts per document. statistic: from rows of summed counts to one figure
    each, NaN where undefined. For a paired difference put both systems' counts in one row.
    """
    value = float(statistic(sums.sum(axis=0, keepdims=True))[0])
    if len(sums) < 2 or isnan(value):
        return Interval(None if isnan(value) else value, len(sums))
    return _percentiles(value, len(sums), statistic(draw_weights(len(sums)) @ sums))


def bootstrap_documents(
    documents: Sequence[T], statistic: Callable[[Sequence[T]], float | None]
) -> Interval:
    """Return the percentile interval of any figure of a set of documents: the slow way."""
    value = statistic(documents)
    n = len(documents)
    if n < 2 or value is None:
        return Interval(value, n)
    draws = (
        statistic([d for d, times in zip(documents, row, strict=True) for _ in range(int(times))])
        for row in draw_weights(n)
    )
    return _percentiles(value, n, np.array([np.nan if x is None else x for x in draws]))


def _percentiles(value: float, documents: int, draws: Matrix) -> Interval:
    """Return the interval that holds the middle 95 % of the draws; undefined ones are left out."""
    defined = draws[~np.isnan(draws)]
    if len(defined) < 2:
        return Interval(value, documents)
    low, high = (float(x) for x in np.quantile(defined, (0.025, 0.975)))
    return Interval(value, documents, float(defined.std(ddof=1)), low, high)


def bootstrap_rate(rates: Sequence[Rate]) -> Interval:
    """Return the bootstrap interval of a ratio of sums, the cross-check of `ratio_interval`."""
    sums = np.array([(rate.num, rate.den) for rate in rates if rate.den]).reshape(-1, 2)
    return bootstrap_sums(sums, _divide) if len(sums) else Interval(None, 0)


def bootstrap_kappa(matrices: Sequence[Matrix], *, linear: bool = True) -> Interval:
    """Return the bootstrap interval of kappa, one confusion matrix per document."""
    if not matrices:
        return Interval(None, 0)
    n = len(matrices[0])
    flat = np.array([matrix.reshape(-1) for matrix in matrices])
    return bootstrap_sums(flat, lambda sums: kappas(sums.reshape(-1, n, n), linear=linear))


def _divide(sums: Matrix) -> Matrix:
    num, den = sums[:, 0], sums[:, 1]
    values = np.full(len(sums), np.nan)
    np.divide(num, den, out=values, where=den > 0)
    return values


# ---- several comparisons ----------------------------------------------------------------------


def holm(p_values: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p-values, in the order given.

    >>> holm([0.04, 0.01])
    [0.04, 0.02]
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted, worst = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(order):
        worst = max(worst, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = worst
    return adjusted


def sign_flip_p(differences: Sequence[float]) -> float | None:
    """Return the two-sided permutation p of per-document differences against zero mean."""
    if len(differences) < 2:
        return None
    values = np.array(differences)
    signs = np.random.default_rng(SEED).choice((-1.0, 1.0), size=(DRAWS, len(values)))
    as_far = np.abs(signs @ values) >= abs(values.sum()) - 1e-12
    return float((as_far.sum() + 1) / (DRAWS + 1))
