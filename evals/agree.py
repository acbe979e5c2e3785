"""How far two annotators agree, by the aligner that scores systems. Source: docs/metrics.md 2.8."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.errors import GoldError
from agent.schema import Extraction
from evals.baselines import read_oracle
from evals.figures import Score, pool
from evals.form import KAPPA
from evals.gold import Case
from evals.labels import kappa
from evals.score import DocumentScore, score_document


@dataclass(frozen=True, slots=True)
class Agreement:
    """Figures between annotators a and b; None where undefined.

    documents: their ids. of_a, of_b: the share of one's core claims that the other has too.
    figures: by name, the mean of both directions, and what it rests on.
    """

    documents: list[str]
    of_a: float | None
    of_b: float | None
    figures: dict[str, tuple[float | None, float]]

    @property
    def ceiling(self) -> dict[str, float | None]:
        """The F1s and kappa of confidence under the names that a run's figures have."""
        values = {name: value for name, (value, _) in self.figures.items()}
        f1 = {n.removesuffix(" F1"): value for n, value in values.items() if n.endswith(" F1")}
        return {**f1, KAPPA: values["confidence kappa"]}


def agree(a: Sequence[Case], b: Sequence[Case]) -> Agreement:
    """Return the agreement on the documents that both annotated.

    Raises:
        GoldError: there are none, or a document's text differs.
    """
    others = {case.id: case for case in b}
    pairs = [(case, others[case.id]) for case in a if case.id in others]
    if not pairs:
        raise GoldError("the two annotators have no document in common")
    for x, y in pairs:
        if x.gold.document.sha256 != y.gold.document.sha256:
            raise GoldError(f"{x.path} and {y.path}: the annotations are of two different texts")
    forth = pool(_score(x, y) for x, y in pairs)
    back = pool(_score(y, x) for x, y in pairs)
    counts = {f"{n} F1": _mean(forth.counts[n].f1, back.counts[n].f1) for n in forth.counts}
    core = forth.counts["claim"].tp + forth.counts["claim"].fn
    rates = ("innermost", "chain", "chain_nested", "dice", "kind", "act", "polarity", "confidence")
    figures = {name: (value, core) for name, value in counts.items()}
    for name in rates:
        values = (forth.rates[name].value, back.rates[name].value)
        figures[name] = (_mean(*values), forth.rates[name].den)
    for name in ("kind", "act", "polarity", "confidence"):
        figures[f"{name} kappa"] = _kappa(name, forth, back)
    return Agreement(
        [x.id for x, _ in pairs], forth.counts["claim"].recall, back.counts["claim"].recall, figures
    )


def _score(gold: Case, other: Case) -> DocumentScore:
    """Return the score of one annotation as if it were a reading of the other's document."""
    return score_document(gold, _core(other))


def _core(case: Case) -> Extraction:
    """Return an annotation as a record, without its optional claims, which nobody must find."""
    record = read_oracle(case)
    core = {claim.id for claim in case.gold.claims if claim.status == "core"}
    return record.model_copy(update={"claims": [c for c in record.claims if c.id in core]})


def _kappa(name: str, forth: Score, back: Score) -> tuple[float | None, float]:
    linear = name == "confidence"
    values = [kappa(side.confusion[name], linear=linear) for side in (forth, back)]
    return _mean(*values), float(forth.confusion[name].sum())


def _mean(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else (a + b) / 2
