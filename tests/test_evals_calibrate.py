"""Fitting `score` (evals/calibrate.py)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from agent.errors import GoldError
from agent.score import TRAITS, read_calibration
from command_runs import Sayso
from evals.calibrate import Sample, fit


def outcomes(n: int, strength: float) -> Sample:
    """Return n outcomes in 10 documents that follow a logistic law of the first trait."""
    chance = np.random.default_rng(7)
    traits = chance.normal(size=(n, len(TRAITS)))
    right = chance.random(n) < 1 / (1 + np.exp(-1 - strength * traits[:, 0]))
    return Sample(traits, right, np.array([str(i % 10) for i in range(n)]))


def test_fit_finds_the_trait_that_matters() -> None:
    """The trait that the outcomes follow gets the largest weight, near its true one."""
    weights = read_calibration(fit(outcomes(3000, 1.5), "passage", {})).weights
    assert TRAITS[0] == max(weights, key=lambda name: abs(weights[name]))
    assert weights[TRAITS[0]] == pytest.approx(1.5, abs=0.2)


def test_fit_tells_how_good_it_is_on_other_documents() -> None:
    """Outcomes that follow nothing have no skill; those that follow a trait have."""
    figures = [
        fit(outcomes(1000, s), "passage", {})["provenance"]["leave_one_document_out"]
        for s in (0.0, 2.0)
    ]
    by_chance, by_law = figures
    assert by_chance["brier_skill"] < 0.01
    assert by_chance["auroc"] < 0.6
    assert by_law["brier_skill"] > 0.2
    assert by_law["auroc"] > 0.8


@pytest.mark.parametrize("few", [outcomes(20, 1.0), outcomes(0, 1.0)])
def test_fit_refuses_too_little(few: Sample) -> None:
    """A fit on a handful of claims would say nothing."""
    with pytest.raises(GoldError, match="give more gold"):
        fit(few, "passage", {})


def test_calibrate_fits_on_a_run_and_tells_on_which_gold(sayso_eval: Sayso, tmp_path: Path) -> None:
    """The command fits on the committed run's records; what it writes can be used as it is."""
    root = Path(__file__).parents[1]
    run = json.loads((root / "evals" / "runs" / "main.json").read_text(encoding="utf-8"))
    run["manifest"]["gold"] = [str(root / "evals" / "gold")]
    (tmp_path / "run.json").write_text(json.dumps(run), encoding="utf-8")
    ran = sayso_eval("calibrate", str(tmp_path / "run.json"), "-o", str(tmp_path / "c.json"))
    data = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))
    assert (0, [run["manifest"]["hashes"]["gold"]]) == (ran.code, data["provenance"]["gold"])
    assert set(TRAITS) == set(read_calibration(data).weights)


def test_calibrate_refuses_a_run_without_records(sayso_eval: Sayso, tmp_path: Path) -> None:
    """Figures alone are nothing to fit on, and nothing is written."""
    root = Path(__file__).parents[1]
    run = json.loads((root / "evals" / "runs" / "main.json").read_text(encoding="utf-8"))
    run["manifest"]["figures_only"] = True
    (tmp_path / "run.json").write_text(json.dumps(run), encoding="utf-8")
    ran = sayso_eval("calibrate", str(tmp_path / "run.json"), "-o", str(tmp_path / "c.json"))
    assert (2, False) == (ran.code, (tmp_path / "c.json").exists())
    assert "holds figures only" in ran.err
