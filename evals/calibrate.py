"""Fits `score`: how likely a claim is read right, from gold and the records of a run.

Source: Platt (1999), a logistic model of the outcomes; docs/metrics.md 2.4 for the outcome and the
figures. Every figure is of documents that the model wasn't fitted on (leave one out).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import LeaveOneGroupOut
from sklearn.preprocessing import StandardScaler

from agent.document import Article, read_document
from agent.errors import GoldError
from agent.extract import Resources
from agent.schema import Extraction
from agent.score import FORMAT, TRAITS, all_traits
from agent.steadiness import readings
from evals.calibration import calibrate
from evals.gold import Case
from evals.score import score_document

STRENGTH = 0.1  # inverse of the regularisation, in units of standardised traits
FEWEST = 200  # outcomes; below, a fit says nothing


@dataclass(frozen=True, slots=True)
class Sample:
    """Outcomes of claims: traits (n, len(TRAITS)), whether each was right, and its document."""

    traits: NDArray[np.float64]
    right: NDArray[np.bool_]
    document: NDArray[np.str_]


def sample(cases: Sequence[Case], records: Sequence[Extraction], resources: Resources) -> Sample:
    """Return the outcomes of the records' claims against gold; ignored claims are left out.

    A claim is right where it counts for attributed-claim F1: located, and the source right.
    """
    rows: list[list[float]] = []
    right: list[bool] = []
    names: list[str] = []
    for case, record in zip(cases, records, strict=True):
        shaken = readings(
            read_document(Article(case.text, id=case.id)), resources.parse, resources.lexicon
        )
        found = all_traits(record.claims, shaken)
        traits = dict(zip((claim.id for claim in record.claims), found, strict=True))
        located = score_document(case, record).located
        outcomes = [(p.id, g.accepts_source(p)) for p, g in located.pairs]
        outcomes += [(p.id, False) for p in located.spurious]
        for key, good in outcomes:
            if key in traits:
                rows.append([traits[key][name] for name in TRAITS])
                right.append(good)
                names.append(case.id)
    return Sample(np.array(rows), np.array(right), np.array(names))


def fit(outcomes: Sample, reading: str, provenance: dict[str, Any]) -> dict[str, Any]:
    """Return the calibration as JSON data, with what it was fitted on and how good it is.

    Raises:
        GoldError: there are too few outcomes, or all are alike.
    """
    n = len(outcomes.right)
    if n < FEWEST or outcomes.right.all() or not outcomes.right.any():
        raise GoldError(f"{n} outcomes, {FEWEST} of both kinds are needed: give more gold")
    intercept, weights = _weigh(outcomes.traits, outcomes.right)
    figures = calibrate(_held_out(outcomes))
    return {
        "format": FORMAT,
        "reading": reading,
        "intercept": round(intercept, 4),
        "weights": {name: round(float(w), 4) for name, w in zip(TRAITS, weights, strict=True)},
        "provenance": {
            **provenance,
            "outcome": "the claim counts for attributed-claim F1",
            "claims": n,
            "right": int(outcomes.right.sum()),
            "documents": len(set(outcomes.document.tolist())),
            "leave_one_document_out": {
                "auroc": _short(figures.auroc),
                "brier": _short(figures.brier),
                "brier_skill": _short(figures.skill),
            },
        },
    }


def _weigh(
    traits: NDArray[np.float64], right: NDArray[np.bool_]
) -> tuple[float, NDArray[np.float64]]:
    """Return intercept and weights in the traits' own units."""
    scaler = StandardScaler().fit(traits)
    model = LogisticRegression(C=STRENGTH, max_iter=1000).fit(scaler.transform(traits), right)
    weights = model.coef_[0] / scaler.scale_
    return float(model.intercept_[0] - weights @ scaler.mean_), weights


def _held_out(outcomes: Sample) -> list[tuple[float, bool]]:
    """Return (score, right) of each claim, by weights fitted without its document."""
    found: list[tuple[float, bool]] = []
    folds = LeaveOneGroupOut().split(outcomes.traits, outcomes.right, outcomes.document)
    for train, test in folds:
        intercept, weights = _weigh(outcomes.traits[train], outcomes.right[train])
        logits = intercept + outcomes.traits[test] @ weights
        chances = 1 / (1 + np.exp(-logits))
        found += zip(chances.tolist(), outcomes.right[test].tolist(), strict=True)
    return found


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
