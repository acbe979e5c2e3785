"""Tests of the error bars: formulas by hand, agreement of two ways, coverage by simulation."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from scipy.stats import t as student  # type: ignore[import-untyped]
from scipy.stats import ttest_1samp

from evals.figures import Rate
from evals.intervals import (
    bootstrap_documents,
    bootstrap_kappa,
    bootstrap_rate,
    bootstrap_sums,
    holm,
    paired_interval,
    ratio_interval,
    sign_flip_p,
)
from evals.labels import count_pairs

LEVELS = ("uncommitted", "possible", "probable", "certain")
GOLD_PER_DOCUMENT = (8, 40)


def draw_corpus(generator: np.random.Generator, documents: int) -> list[Rate]:
    """Return the F1 rates of articles that differ in length and in difficulty."""
    rates = []
    for _ in range(documents):
        gold = int(generator.integers(*GOLD_PER_DOCUMENT))
        skill = generator.beta(7, 3)
        right = generator.binomial(gold, skill)
        spurious = generator.binomial(gold, 0.5 * (1 - skill))
        rates.append(Rate(2 * right, right + spurious + gold))
    return rates


def test_ratio_interval_is_the_formula_by_hand() -> None:
    """Two documents, 4/6 and 6/10: F = 10/16, e = (.25, -.25)."""
    found = ratio_interval([Rate(4, 6), Rate(6, 10)])
    se = sqrt(2 / 1 * (0.25**2 + 0.25**2)) / 16
    reach = student.ppf(0.975, 1) * se
    expected = (0.625, 2, se, 0.625 - reach, 0.625 + reach)
    assert expected == pytest.approx(
        (found.value, found.documents, found.se, found.low, found.high)
    )


def test_ratio_interval_of_a_mean_is_the_clustered_error() -> None:
    """For a plain mean over items it is Miller's clustered standard error, but for D/(D-1)."""
    items = [[1.0, 1.0, 0.0], [0.0, 0.0], [1.0, 0.0, 1.0, 1.0]]
    n = sum(map(len, items))
    mean = sum(map(sum, items)) / n
    variance = sum(sum(s - mean for s in cluster) ** 2 for cluster in items) / n**2
    found = ratio_interval([Rate(sum(cluster), len(cluster)) for cluster in items])
    assert sqrt(3 / 2 * variance) == pytest.approx(found.se)


@pytest.mark.parametrize("rates", [[], [Rate(1, 2)], [Rate(1, 2), Rate(0, 0)]])
def test_interval_is_not_available_for_one_document(rates: list[Rate]) -> None:
    """One document says nothing about others: no error, no interval, and not zero."""
    found = [ratio_interval(rates), bootstrap_rate(rates), paired_interval(rates, rates)]
    assert [(None, None, None)] * 3 == [(x.se, x.low, x.high) for x in found]


def test_interval_covers_the_truth() -> None:
    """In 300 corpora of 10 articles the 95 % interval holds the true F1 in 91 to 98 % of them."""
    generator = np.random.default_rng(1)
    everything = draw_corpus(generator, 60_000)
    truth = sum(rate.num for rate in everything) / sum(rate.den for rate in everything)
    covered = 0
    naive = 0
    for _ in range(300):
        rates = draw_corpus(generator, 10)
        found = ratio_interval(rates)
        assert found.low is not None
        assert found.high is not None
        assert found.value is not None
        covered += found.low <= truth <= found.high
        reach = 1.96 * sqrt(found.value * (1 - found.value) / sum(rate.den for rate in rates))
        naive += abs(found.value - truth) <= reach
    assert 0.91 <= covered / 300 <= 0.98
    assert naive / 300 < 0.9


def test_bootstrap_agrees_with_the_linearised_error() -> None:
    """Two ways to the standard error differ by less than a tenth at 30 documents."""
    rates = draw_corpus(np.random.default_rng(2), 30)
    assert ratio_interval(rates).se == pytest.approx(bootstrap_rate(rates).se, rel=0.1)


def test_bootstrap_repeats_exactly() -> None:
    """The seed is fixed: the same documents give the same interval."""
    rates = draw_corpus(np.random.default_rng(3), 5)
    assert bootstrap_rate(rates) == bootstrap_rate(rates)


def test_fast_and_slow_bootstrap_are_one() -> None:
    """Summed counts and resampled documents give the same figure for each draw."""
    rates = draw_corpus(np.random.default_rng(4), 6)
    slow = bootstrap_documents(
        rates, lambda some: sum(r.num for r in some) / sum(r.den for r in some)
    )
    fast = bootstrap_rate(rates)
    expected = (slow.value, slow.se, slow.low, slow.high)
    assert expected == pytest.approx((fast.value, fast.se, fast.low, fast.high))


def test_kappa_interval_holds_its_value_and_leaves_undefined_draws_out() -> None:
    """Kappa has a bootstrap interval even if some resampled sets have one class only."""
    matrices = [
        count_pairs([("certain", "certain")] * 5, LEVELS),
        count_pairs([("possible", "possible"), ("possible", "certain")], LEVELS),
        count_pairs([("certain", "certain"), ("uncommitted", "possible")], LEVELS),
    ]
    found = bootstrap_kappa(matrices)
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.value <= found.high


def test_undefined_figure_has_no_interval() -> None:
    """A figure that is undefined on the whole set is None, without an interval."""
    found = bootstrap_sums(np.zeros((3, 2)), lambda sums: np.full(len(sums), np.nan))
    assert (None, None) == (found.value, found.low)


def test_paired_interval_is_a_paired_t_test_where_documents_are_equal() -> None:
    """With equal denominators the p-value is that of the paired t test."""
    a, b = (8, 6, 9, 7), (6, 6, 7, 4)
    found = paired_interval([Rate(x, 10) for x in a], [Rate(y, 10) for y in b])
    expected = ttest_1samp([(x - y) / 10 for x, y in zip(a, b, strict=True)], 0)
    assert (0.175, expected.pvalue) == pytest.approx((found.value, found.p))


def test_paired_interval_is_narrower_than_two_single_ones() -> None:
    """Difficulty that both systems share cancels out."""
    a = draw_corpus(np.random.default_rng(5), 20)
    b = [Rate(rate.num * 0.95, rate.den) for rate in a]
    paired, single = paired_interval(a, b).se, ratio_interval(a).se
    assert paired is not None
    assert single is not None
    assert paired < single / 5


def test_same_system_twice_differs_by_nothing() -> None:
    """A system against itself: difference 0, p 1."""
    rates = draw_corpus(np.random.default_rng(6), 5)
    found = paired_interval(rates, rates)
    assert (0.0, 0.0, 1.0) == (found.value, found.se, found.p)


def test_holm_is_monotone_and_never_above_one() -> None:
    """Adjusted values keep the order of the raw ones and stay probabilities."""
    assert [0.03, 0.06, 0.06, 1.0] == pytest.approx(holm([0.0075, 0.02, 0.03, 1.0]))


def test_sign_flip_tells_a_steady_gain_from_noise() -> None:
    """Ten gains in ten documents are significant, five of each are not; one document is n/a."""
    steady, mixed = sign_flip_p([0.1] * 10), sign_flip_p([0.1, -0.1] * 5)
    assert steady is not None
    assert mixed is not None
    assert steady < 0.01
    assert mixed == 1.0
    assert sign_flip_p([0.1]) is None
