"""Two runs over the same gold, paired by document: what changed, and how sure that is.

Source: docs/metrics.md 2.7, and the harness, 12.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agent.errors import ConfigError
from evals.figures import Counts, Rate
from evals.form import KAPPA, ClaimOutcome, RunDocument, RunFile
from evals.intervals import Interval, bootstrap_sums, holm, paired_interval, sign_flip_p
from evals.labels import LEVELS, Matrix, kappas

COUNTS = ("claim", "span", "attributed", "tuple", "relation", "relation_full")
RATES = ("innermost", "chain", "kind", "act", "polarity", "confidence", "verbatim")
OUTCOMES = ("found", "attributed", "full")


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
class Tally:
    """How many gold claims newly pass a test, and how many no longer do.

    what: found, attributed or full. p: two-sided, by flipping signs of whole documents; McNemar's
    test would take the claims of a document for independent.
    """

    what: str
    gained: float
    lost: float
    p: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs from run a to run b. won, lost: documents by claim F1."""

    changes: list[Change]
    tallies: list[Tally]
    flips: list[Flip]
    won: list[str]
    lost: list[str]


def compare(a: RunFile, b: RunFile) -> Comparison:
    """Return what differs from a to b.

    Raises:
        ConfigError: they aren't scored alike, so that their figures can't be compared.
    """
    pairs = pair_documents(a, b)
    changes = [compare_counts(name, pairs) for name in COUNTS]
    changes += [_rate_change(name, pairs) for name in RATES] + [_kappa_change(pairs)]
    known = [i for i, change in enumerate(changes) if change.difference.p is not None]
    adjusted = dict(zip(known, holm([changes[i].difference.p or 0.0 for i in known]), strict=True))
    gains = [(x.id, (_f1(y, "claim") or 0) - (_f1(x, "claim") or 0)) for x, y in pairs]
    return Comparison(
        changes=[
            Change(c.name, c.a, c.b, c.difference, adjusted.get(i)) for i, c in enumerate(changes)
        ],
        tallies=[_tally(what, pairs) for what in OUTCOMES],
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


def compare_counts(name: str, pairs: Sequence[tuple[RunDocument, RunDocument]]) -> Change:
    """Return how an F1 differs between paired documents."""
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
    return Change(KAPPA, known[0], known[1], bootstrap_sums(sums, difference))


def _confusion(document: RunDocument) -> Matrix:
    return np.array(document.figures.confusion["confidence"] if document.figures else [])


def _pair_claims(x: RunDocument, y: RunDocument) -> list[tuple[ClaimOutcome, ClaimOutcome]]:
    """Return how each core gold claim of a document fared before and after."""
    before = {claim.id: claim for claim in x.figures.claims} if x.figures else {}
    after = y.figures.claims if y.figures else []
    return [(before[b.id], b) for b in after if b.id in before]


def _tally(what: str, pairs: Sequence[tuple[RunDocument, RunDocument]]) -> Tally:
    gains = [[getattr(b, what) - getattr(a, what) for a, b in _pair_claims(x, y)] for x, y in pairs]
    every = [gain for document in gains for gain in document]
    return Tally(
        what,
        gained=sum(gain for gain in every if gain > 0),
        lost=-sum(gain for gain in every if gain < 0),
        p=sign_flip_p([sum(document) for document in gains]),
    )


def _flips(x: RunDocument, y: RunDocument) -> list[Flip]:
    """Return the claims of a document that fare otherwise, by what changed first."""
    return [flip for a, b in _pair_claims(x, y) if (flip := _flip(x.id, a, b))]


def _flip(document: str, a: ClaimOutcome, b: ClaimOutcome) -> Flip | None:
    for what in OUTCOMES:
        gain = getattr(b, what) - getattr(a, what)
        if gain:
            return Flip(document, b.id, what, gain)
    return None
