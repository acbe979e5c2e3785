"""From the scores of documents to the figures of a run: sums, error bars, slices, baselines."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.document import Article, read_document
from agent.schema import Extraction
from evals.baselines import BASELINES
from evals.calibration import calibrate
from evals.figures import Rate, Score, average, macro_f1, pool
from evals.form import (
    KAPPA,
    CheckOutcome,
    ClaimOutcome,
    CountFigure,
    DocumentFigures,
    Estimate,
    FieldFigure,
    Figures,
    RunFigures,
    SliceFigure,
)
from evals.gold import Case
from evals.intervals import Interval, bootstrap_kappa, bootstrap_rate, ratio_interval
from evals.items import FIELDS
from evals.labels import LABELS, class_f1, kappa, mean_error
from evals.labels import macro_f1 as macro_over_classes
from evals.score import DocumentScore, is_full, score_document
from evals.slices import slice_scores

DIGITS = 6  # figures are compared between machines


@dataclass(frozen=True, slots=True)
class Scored:
    """A case with the records of its epochs (None: an error) and their scores."""

    case: Case
    strict: list[DocumentScore]
    lenient: list[DocumentScore]


def score_records(case: Case, records: Sequence[Extraction | None]) -> Scored:
    """Return the scores of one document, one record for each epoch."""
    return Scored(
        case,
        [score_document(case, record) for record in records],
        [score_document(case, record, lenient=True) for record in records],
    )


def summarise(scored: Sequence[Scored]) -> RunFigures:
    """Return the figures of a run; every count is averaged over a document's epochs first."""
    figures = RunFigures(
        strict=_figures([(one.case, one.strict) for one in scored]),
        lenient=_figures([(one.case, one.lenient) for one in scored]),
        checks=[check for one in scored for check in _checks(one)],
        baselines={name: _baseline(name, [one.case for one in scored]) for name in BASELINES},
    )
    return RunFigures.model_validate(_rounded(figures.model_dump()))


def describe_document(scored: Scored) -> DocumentFigures:
    """Return the figures of one document, which add up over documents."""
    mean = average(scored.strict)
    figures = DocumentFigures(
        counts={name: (c.tp, c.fp, c.fn) for name, c in mean.counts.items()},
        rates={name: (rate.num, rate.den) for name, rate in mean.rates.items()},
        confusion={name: matrix.tolist() for name, matrix in mean.confusion.items()},
        events=mean.events,
        claims=_claims(scored.strict),
    )
    return DocumentFigures.model_validate(_rounded(figures.model_dump()))


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DIGITS) + 0.0  # no -0.0
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list | tuple) else value


def _claims(scores: Sequence[DocumentScore]) -> list[ClaimOutcome]:
    """Return how each core claim of a document fared, in order of their ids."""
    k = len(scores)
    fates: dict[str, list[float]] = {}
    for score in scores:
        for g in score.located.missed:
            fates.setdefault(g.id, [0.0, 0.0, 0.0])
        for p, g in score.located.pairs:
            fate = fates.setdefault(g.id, [0.0, 0.0, 0.0])
            for i, right in enumerate((True, g.accepts_source(p), is_full(p, g))):
                fate[i] += right / k
    return [
        ClaimOutcome(id=name, found=found, attributed=attributed, full=full)
        for name, (found, attributed, full) in sorted(fates.items())
    ]


def _checks(scored: Scored) -> list[CheckOutcome]:
    return [
        CheckOutcome(
            document=scored.case.id,
            epoch=epoch,
            name=check.name,
            claim=check.claim,
            passed=check.passed,
            detail=check.detail,
        )
        for epoch, score in enumerate(scored.strict)
        for check in score.checks
    ]


# ---- figures ----------------------------------------------------------------------------------


def _figures(scored: Sequence[tuple[Case, list[DocumentScore]]]) -> Figures:
    means = [average(scores) for _, scores in scored]
    total = pool(means)
    epochs = [pool(epoch) for epoch in zip(*(scores for _, scores in scored), strict=True)]
    return Figures(
        counts={name: _count(name, means, total, epochs) for name in total.counts},
        rates={
            name: _estimate([mean.rates[name] for mean in means], total.rates[name].den)
            for name in total.rates
        },
        fields={name: _field(name, means, total) for name in FIELDS},
        events=total.events,
        ratio=statistics.median(total.ratios) if total.ratios else None,
        calibration=calibrate(total.outcomes),
        slices=_slices(scored),
    )


def _count(name: str, means: Sequence[Score], total: Score, epochs: Sequence[Score]) -> CountFigure:
    counts = total.counts[name]
    return CountFigure(
        tp=counts.tp,
        fp=counts.fp,
        fn=counts.fn,
        precision=counts.precision,
        recall=counts.recall,
        f1=_estimate([mean.counts[name].rate for mean in means], counts.tp + counts.fn),
        macro=macro_f1(means, name),
        epochs=[epoch.counts[name].f1 for epoch in epochs] if len(epochs) > 1 else [],
    )


def _estimate(rates: Sequence[Rate], n: float) -> Estimate:
    interval, boot = ratio_interval(rates), bootstrap_rate(rates)
    return Estimate(
        value=interval.value,
        n=n,
        documents=interval.documents,
        se=interval.se,
        low=interval.low,
        high=interval.high,
        boot_low=boot.low,
        boot_high=boot.high,
    )


def _field(name: str, means: Sequence[Score], total: Score) -> FieldFigure:
    matrix = total.confusion[name]
    linear = name == "confidence"
    boot: Interval = bootstrap_kappa([mean.confusion[name] for mean in means], linear=linear)
    mae, bias = mean_error(matrix) if linear else (None, None)
    return FieldFigure(
        labels=list(LABELS[name]),
        matrix=matrix.tolist(),
        kappa=Estimate(
            value=boot.value,
            n=float(matrix.sum()),
            documents=boot.documents,
            se=boot.se,
            boot_low=boot.low,
            boot_high=boot.high,
        ),
        macro_f1=macro_over_classes(matrix),
        class_f1={label: class_f1(matrix, i) for i, label in enumerate(LABELS[name])},
        mae=mae,
        bias=bias,
    )


def _slices(scored: Sequence[tuple[Case, list[DocumentScore]]]) -> list[SliceFigure]:
    pairs = [(case, score) for case, scores in scored for score in scores]
    k = max((len(scores) for _, scores in scored), default=1)
    return [
        SliceFigure(
            facet=facet,
            value=value,
            recall=(part.recall.value, part.recall.den / k),
            precision=(part.precision.value, part.precision.den / k),
            source=(part.source.value, part.source.den / k),
        )
        for (facet, value), part in slice_scores(pairs).items()
    ]


def _baseline(name: str, cases: Sequence[Case]) -> dict[str, float | None]:
    """Return what a reading without a model reaches."""
    read = BASELINES[name]
    total = pool(
        score_document(case, read(case, read_document(Article(case.text, id=case.id))))
        for case in cases
    )
    figures: dict[str, float | None] = {n: c.f1 for n, c in total.counts.items()}
    return {**figures, KAPPA: kappa(total.confusion["confidence"])}
