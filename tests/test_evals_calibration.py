"""Tests of calibration figures, against scikit-learn where it has them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import (
    brier_score_loss,
    log_loss,
    roc_auc_score,
)

from evals.calibration import calibrate, find_aurc, find_ece


def draw(n: int, seed: int) -> list[tuple[float, bool]]:
    """Return the outcomes of a perfectly calibrated system."""
    generator = np.random.default_rng(seed)
    scores = generator.random(n).round(2)
    return [(float(p), bool(generator.random() < p)) for p in scores]


def test_calibrate_agrees_with_sklearn() -> None:
    """Brier, log loss and AUROC are scikit-learn's."""
    outcomes = [(p, y) for p, y in draw(80, 1) if 0.001 < p < 0.999]
    p, y = zip(*outcomes, strict=True)
    found = calibrate(outcomes)
    expected = (brier_score_loss(y, p), log_loss(y, p), roc_auc_score(y, p))
    assert expected == pytest.approx((found.brier, found.log_loss, found.auroc))


def test_calibrate_shows_no_ece_on_few_records() -> None:
    """Below 200 records there is no ECE; above there is the level of perfect calibration too."""
    few, many = calibrate(draw(199, 2)), calibrate(draw(200, 2))
    assert (None, None) == (few.ece, few.ece_perfect)
    assert many.ece is not None
    assert many.ece_perfect is not None
    assert many.ece < many.ece_perfect


def test_ece_of_perfect_calibration_is_not_zero() -> None:
    """At 200 records a perfectly calibrated system shows an ECE of about .08."""
    values = []
    for seed in range(100):
        p, y = zip(*draw(200, seed), strict=True)
        values.append(find_ece(np.array(p), np.array(y, dtype=float)))
    assert 0.08 == pytest.approx(np.mean(values), abs=0.02)


def test_aurc_does_not_depend_on_the_order_of_ties() -> None:
    """One score for all: the risk at every k is the base rate, in any order."""
    outcomes = [(0.5, True), (0.5, False), (0.5, True), (0.5, True)]
    assert 0.25 == pytest.approx(find_aurc(outcomes)) == pytest.approx(find_aurc(outcomes[::-1]))


def test_best_order_has_no_excess_aurc() -> None:
    """A score that puts all right records first has an excess AURC of zero."""
    assert calibrate([(0.9, True), (0.8, True), (0.1, False)]).excess_aurc == 0


def test_levels_are_told_for_a_few_scores_only() -> None:
    """High, medium and low: precision of each, and whether it rises."""
    found = calibrate([(0.9, True), (0.5, True), (0.5, False), (0.1, False)])
    assert (((0.1, 0.0), (0.5, 0.5), (0.9, 1.0)), True) == (found.levels, found.monotone)


def test_kept_set_has_precision_and_recall() -> None:
    """At .7 and above two are kept, one of them right, of two right in all."""
    found = calibrate([(0.9, True), (0.8, False), (0.2, True)])
    assert (0.7, 0.5, 0.5) == found.kept[1]


@pytest.mark.parametrize("outcomes", [[], [(0.5, True)], [(0.5, False), (0.2, False)]])
def test_calibrate_leaves_undefined_figures_out(outcomes: list[tuple[float, bool]]) -> None:
    """No outcome, one, or one class only: AUROC is n/a and nothing fails."""
    found = calibrate(outcomes)
    assert (len(outcomes), None) == (found.n, found.auroc)
