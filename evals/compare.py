"""Two runs over the same gold, paired by document: what changed, how sure that is, and the gate.

Source: docs/metrics.md 2.7, and the harness, 7 and 12.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np

from agent.errors import ConfigError
from evals.figures import Counts, Rate
from evals.form import HEADLINES, ClaimOutcome, RunDocument, RunFile
from evals.intervals import Interval, bootstrap_sums, holm, paired_interval
from evals.labels import LEVELS, Matrix, kappas

COUNTS = ("claim", "span", "attributed", "tuple", "relation", "relation_full")
RATES = ("innermost", "chain", "kind", "act", "polarity", "confidence", "verbatim")
LINEAR_KAPPA = "confidence_kappa"


@dataclass(frozen=True, slots=True)
class Change:
    """How a figure differs: b - a with its interval. p_holm: adjusted for all rows together."""

    name: str
    a: float | None
    b: float | None
    difference: Interval
    p_holm: float | None = None


@dataclass(frozen=True, slots=True)
class Flip:
    """A gold claim that fares otherwise. what: found, attributed or full; gain: b - a."""

    document: str
    claim: str
    what: str
    gain: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs from run a to run b. won, lost: documents by claim F1."""

    changes: list[Change]
    flips: list[Flip]
    won: list[str]
    lost: list[str]


def compare(a: RunFile, b: RunFile) -> Comparison:
    """Return what differs from a to b.

    Raises:
        ConfigError: they aren't scored alike, so that their figures can't be compared.
    """
    pairs = pair_documents(a, b)
    changes = [_count_change(name, pairs) for name in COUNTS]
    changes += [_rate_change(name, pairs) for name in RATES] + [_kappa_change(pairs)]
    known = [i for i, change in enumerate(changes) if change.difference.p is not None]
    adjusted = dict(zip(known, holm([changes[i].difference.p or 0.0 for i in known]), strict=True))
    gains = [(x.id, (_f1(y, "claim") or 0) - (_f1(x, "claim") or 0)) for x, y in pairs]
    return Comparison(
        changes=[
            Change(c.name, c.a, c.b, c.difference, adjusted.get(i)) for i, c in enumerate(changes)
        ],
        flips=[flip for x, y in pairs for flip in _flips(x, y)],
        won=[name for name, gain in gains if gain > 0],
        lost=[name for name, gain in gains if gain < 0],
    )


def pair_documents(a: RunFile, b: RunFile) -> list[tuple[RunDocument, RunDocument]]:
    """Return the documents of both runs, paired.

    Raises:
        ConfigError: other gold, other documents, or scored by other code.
    """
    again = "score both again with `sayso eval score`"
    if not a.documents or not b.documents:
        raise ConfigError("a run without documents has nothing to compare")
    if a.manifest.hashes.metrics != b.manifest.hashes.metrics:
        raise ConfigError(f"the runs were scored by different code: {again}")
    others = {document.id: document for document in b.documents}
    for name in sorted({document.id for document in a.documents} ^ others.keys()):
        raise ConfigError(f"document {name!r} is in one of the runs only: they can't be paired")
    pairs = [(document, others[document.id]) for document in a.documents]
    for x, y in pairs:
        if x.gold_sha256 != y.gold_sha256:
            raise ConfigError(f"document {x.id!r}: the gold has changed between the runs: {again}")
        if x.figures is None or y.figures is None:
            raise ConfigError(f"document {x.id!r} has no figures yet: {again}")
    return pairs


def _counts(document: RunDocument, name: str) -> Counts:
    return Counts(*document.figures.counts[name]) if document.figures else Counts()


def _f1(document: RunDocument, name: str) -> float | None:
    return _counts(document, name).f1


def _rate(document: RunDocument, name: str) -> Rate:
    return Rate(*document.figures.rates[name]) if document.figures else Rate()


def _sum(rates: Sequence[Rate]) -> float | None:
    return sum(rates, Rate()).value


def _change(name: str, a: list[Rate], b: list[Rate]) -> Change:
    return Change(name, _sum(a), _sum(b), paired_interval(b, a))


def _count_change(name: str, pairs: Sequence[tuple[RunDocument, RunDocument]]) -> Change:
    a, b = ([_counts(d, name).rate for d in side] for side in zip(*pairs, strict=True))
    return _change(name, a, b)


def _rate_change(name: str, pairs: Sequence[tuple[RunDocument, RunDocument]]) -> Change:
    a, b = ([_rate(d, name) for d in side] for side in zip(*pairs, strict=True))
    return _change(name, a, b)


def _kappa_change(pairs: Sequence[tuple[RunDocument, RunDocument]]) -> Change:
    """Return the change of kappa of confidence, by paired document bootstrap."""
    n = len(LEVELS)
    sums = np.array([[_confusion(x).reshape(-1), _confusion(y).reshape(-1)] for x, y in pairs])
    sums = sums.reshape(len(pairs), -1)

    def both(rows: Matrix) -> tuple[Matrix, Matrix]:
        a, b = rows[:, : n * n], rows[:, n * n :]
        return kappas(a.reshape(-1, n, n)), kappas(b.reshape(-1, n, n))

    def difference(rows: Matrix) -> Matrix:
        a, b = both(rows)
        gain: Matrix = b - a
        return gain

    a, b = both(sums.sum(axis=0, keepdims=True))
    known = [None if np.isnan(x[0]) else float(x[0]) for x in (a, b)]
    return Change(LINEAR_KAPPA, known[0], known[1], bootstrap_sums(sums, difference))


def _confusion(document: RunDocument) -> Matrix:
    return np.array(document.figures.confusion["confidence"] if document.figures else [])


def _flips(x: RunDocument, y: RunDocument) -> list[Flip]:
    """Return the claims of a document that fare otherwise, by what changed first."""
    before = {claim.id: claim for claim in x.figures.claims} if x.figures else {}
    after = y.figures.claims if y.figures else []
    return [flip for b in after if b.id in before and (flip := _flip(x.id, before[b.id], b))]


def _flip(document: str, a: ClaimOutcome, b: ClaimOutcome) -> Flip | None:
    for what in ("found", "attributed", "full"):
        gain = getattr(b, what) - getattr(a, what)
        if gain:
            return Flip(document, b.id, what, gain)
    return None


# ---- the gate ---------------------------------------------------------------------------------

Verdict = Literal["pass", "fail", "inconclusive", "errors"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What the gate says about one thing. detail: why, for a person."""

    name: str
    verdict: Verdict
    detail: str


def judge(run: RunFile, baseline: RunFile, margin: float, max_errors: float) -> list[Finding]:
    """Return the gate's findings: critical checks, errors, and each headline figure.

    margin: the drop of F1 that is put up with. max_errors: share of readings that may fail.

    Raises:
        ConfigError: the runs can't be compared, or there is nothing to judge.
    """
    pairs = pair_documents(baseline, run)
    figures = [_judge_figure(name, pairs, run, baseline, margin) for name in HEADLINES]
    return [_judge_checks(run), _judge_errors(run, max_errors), *figures]


def _judge_checks(run: RunFile) -> Finding:
    checks = run.figures.checks if run.figures else []
    failed = [c for c in checks if c.passed is False]
    what = "; ".join(f"{c.document} {c.name} {c.claim} {c.detail}".strip() for c in failed)
    judged = sum(c.passed is not None for c in checks)
    detail = what or f"{judged} hold, {len(checks) - judged} had nothing to judge"
    return Finding("critical checks", "fail" if failed else "pass", detail)


def _judge_errors(run: RunFile, max_errors: float) -> Finding:
    share = error_share(run)
    detail = f"{share:.1%} of the readings failed, {max_errors:.1%} may"
    return Finding("run errors", "errors" if share > max_errors else "pass", detail)


def error_share(run: RunFile) -> float:
    """Return the share of readings that failed."""
    readings = [reading for document in run.documents for reading in document.readings]
    return sum(bool(r.error) for r in readings) / len(readings) if readings else 0.0


def _judge_figure(
    name: str,
    pairs: Sequence[tuple[RunDocument, RunDocument]],
    run: RunFile,
    baseline: RunFile,
    margin: float,
) -> Finding:
    change = _count_change(name, pairs)
    found = change.difference
    if found.value is None:
        return Finding(f"{name} F1", "inconclusive", "nothing to compare")
    said = f"{change.a or 0:.3f} -> {change.b or 0:.3f} ({found.value:+.3f}"
    if found.low is None or found.high is None:  # one document
        room = max(margin, _epoch_noise(name, run, baseline))
        verdict: Verdict = "fail" if -found.value > room else "pass"
        detail = f"{said}, {room:.3f} is put up with; one document, by epochs)"
        return Finding(f"{name} F1", verdict, detail)
    detail = f"{said}, 95 % {found.low:+.3f} to {found.high:+.3f}, margin {margin:.3f})"
    if found.high < 0 and -found.value > margin:
        verdict = "fail"
    else:
        verdict = "inconclusive" if found.low < -margin else "pass"
    return Finding(f"{name} F1", verdict, detail)


def _epoch_noise(name: str, *runs: RunFile) -> float:
    """Return twice the standard error of the difference of epoch means, 0 without epochs."""
    variance = 0.0
    for run in runs:
        values = run.figures.strict.counts[name].epochs if run.figures else []
        known = [value for value in values if value is not None]
        if len(known) > 1:
            variance += statistics.variance(known) / len(known)
    return 2 * sqrt(variance)
