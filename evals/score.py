"""One document scored: additive counts that pool over documents, and the pairs behind them.

Source: docs/metrics.md 2.1 to 2.6. Nothing here averages: figures.py does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.schema import Claim, Extraction
from evals.align import (
    Alignment,
    align,
    best_dice,
    coverage,
    dice,
    lcs_f1,
    weigh_located,
    weigh_span,
)
from evals.checks import Check, check_critical, count_shapes
from evals.figures import Counts, Rate, Score
from evals.gold import Case
from evals.items import FIELDS, Chars, Item, gold_items, predicted_items
from evals.labels import LABELS, LEVELS, Matrix, count_pairs
from evals.relations import count_relations

# An unusable reply is a failed call, counted under errors; any other rejection was a claim.
NOT_A_CLAIM = "reply"
SIGN = {"positive": 1, "negative": -1, "unknown": 0}


@dataclass(frozen=True, slots=True)
class DocumentScore(Score):
    """The figures of one document with what they were counted on."""

    located: Alignment = field(default_factory=lambda: Alignment([], [], [], []))
    span: Alignment = field(default_factory=lambda: Alignment([], [], [], []))
    checks: list[Check] = field(default_factory=list)


def score_document(
    case: Case, extraction: Extraction | None, *, lenient: bool = False
) -> DocumentScore:
    """Return the score of a record against gold; None (no usable reply) counts as empty.

    lenient: gold's accepted alternatives count as right, and a claim that merges the parts of
    one split group doesn't miss the other parts.
    """
    claims = [] if extraction is None else extraction.claims
    refused = [] if extraction is None else extraction.rejected
    grounded = [claim for claim in claims if is_verbatim(case.text, claim)]
    total = len(claims) + sum(r.stage != NOT_A_CLAIM for r in refused)
    rejected = total - len(grounded)
    kept = extraction.model_copy(update={"claims": grounded}) if extraction else None
    predicted = predicted_items(case, kept) if kept else []
    gold = gold_items(case, lenient=lenient)
    core = [item for item in gold if item.core]
    located, span = align(predicted, gold, weigh_located), align(predicted, gold, weigh_span)
    shapes = count_shapes(predicted, gold)
    failed = extraction is None or any(r.stage == NOT_A_CLAIM for r in refused)
    return DocumentScore(
        id=case.id,
        counts={
            **_claim_counts(located, span, rejected, _forgiven(located) if lenient else 0),
            **_relation_counts(predicted, gold),
        },
        rates={
            **_record_rates(grounded, total, shapes["duplicates"]),
            "cover": _cover(predicted, core),
            **_span_rates(span, len(core), rejected),
            **_pair_rates(located.pairs),
            **_end_to_end(located.pairs, len(core)),
        },
        confusion={name: confuse(located.pairs, name) for name in FIELDS},
        outcomes=_outcomes(located),
        ratios=[len(p.chars) / len(g.chars) for p, g in located.pairs],
        events={**shapes, "documents": 1, "errors": float(failed), "rejected": rejected},
        located=located,
        span=span,
        checks=check_critical(case, extraction, predicted, located),
    )


def _record_rates(grounded: Sequence[Claim], total: int, duplicates: float) -> dict[str, Rate]:
    """Return what is averaged over all predictions, the rejected ones included."""
    exact = sum(all(s.match == "exact" for s in claim.content) for claim in grounded)
    return {
        "grounded": Rate(len(grounded), total),
        "verbatim": Rate(exact, total),
        "duplicate": Rate(duplicates, total),
    }


def is_verbatim(text: str, claim: Claim) -> bool:
    """Tell whether every content span and the sentence stand in the text as the record says."""
    return all(text[s.start : s.end] == s.text for s in (*claim.content, claim.sentence))


def is_full(p: Item, g: Item) -> bool:
    """Tell whether a pair agrees in everything: chain, kind, act, polarity, confidence."""
    return g.accepts_chain(p) and all(g.accepts(name, p) for name in FIELDS)


def _claim_counts(
    located: Alignment, span: Alignment, rejected: int, forgiven: int
) -> dict[str, Counts]:
    """Return the counts of claims; a rejected item is a prediction that can't be right."""
    pairs = located.pairs
    found, wanted = len(pairs) + len(located.spurious) + rejected, len(pairs) + len(located.missed)

    def count(right: int) -> Counts:
        return Counts(right, found - right, wanted - forgiven - right)

    return {
        "claim": count(len(pairs)),
        "span": Counts(len(span.pairs), len(span.spurious) + rejected, len(span.missed)),
        "attributed": count(sum(g.accepts_source(p) for p, g in pairs)),
        "tuple": count(sum(is_full(p, g) for p, g in pairs)),
    }


def _relation_counts(predicted: Sequence[Item], gold: Sequence[Item]) -> dict[str, Counts]:
    """Return the counts of attribution relations at four degrees of strictness."""
    n = count_relations(predicted, gold)
    names = {
        "relation": n.matched,
        "relation_full": n.full,
        "relation_partial": n.partial,
        "relation_strict": n.strict,
    }
    return {k: Counts(v, n.predicted - v, n.gold - v) for k, v in names.items()}


def _forgiven(located: Alignment) -> int:
    """Return how many missed claims lie in a prediction matched to their split group."""
    return sum(
        any(
            other.split_group == g.split_group and coverage(p.chars, g.chars) >= 0.8
            for p, other in located.pairs
        )
        for g in located.missed
        if g.split_group is not None
    )


def _cover(predicted: Sequence[Item], core: Sequence[Item]) -> Rate:
    """Return the share of the characters of core gold that any prediction covers."""
    found: Chars = frozenset().union(*(p.chars for p in predicted))
    wanted: Chars = frozenset().union(*(g.chars for g in core))
    return Rate(len(found & wanted), len(wanted))


def _span_rates(span: Alignment, core: int, rejected: int) -> dict[str, Rate]:
    """Return soft F1 (sum of Dice) and strict F1 (Dice = 1) of the span tier."""
    overlaps = [best_dice(p, g) for p, g in span.pairs]
    den = len(span.pairs) + len(span.spurious) + rejected + core
    return {
        "soft": Rate(2 * sum(overlaps), den),
        "strict": Rate(2 * sum(overlap == 1 for overlap in overlaps), den),
    }


def _pair_rates(pairs: Sequence[tuple[Item, Item]]) -> dict[str, Rate]:
    """Return what is averaged over matched pairs."""
    n = len(pairs)
    chains = [max(lcs_f1(p.chain, chain) for chain in g.chains) for p, g in pairs]
    nested = [f1 for f1, (_, g) in zip(chains, pairs, strict=True) if len(g.chain) >= 2]
    rates = {
        "innermost": Rate(sum(g.accepts_source(p) for p, g in pairs), n),
        "innermost_soft": Rate(sum(g.source_credit(p) for p, g in pairs), n),
        "chain_exact": Rate(sum(g.accepts_chain(p) for p, g in pairs), n),
        "chain": Rate(sum(chains), n),
        "chain_nested": Rate(sum(nested), len(nested)),
        "dice": Rate(sum(best_dice(p, g) for p, g in pairs), n),
        **{name: Rate(sum(g.accepts(name, p) for p, g in pairs), n) for name in FIELDS},
        "signed_mae": Rate(sum(abs(_commitment(p, p) - _commitment(g, p)) for p, g in pairs), n),
    }
    for name, part in (("cue", "cues"), ("source", "mentions")):
        wanted = [
            ((getattr(p, part) or (None,))[-1], getattr(g, part)[-1])
            for p, g in pairs
            if g.chain and getattr(g, part)[-1] is not None
        ]
        soft = [0.0 if p is None else (dice(p, g) if p or g else 1.0) for p, g in wanted]
        rates[f"{name}_soft"] = Rate(sum(soft), len(wanted))
        rates[f"{name}_strict"] = Rate(sum(value == 1 for value in soft), len(wanted))
    return rates


def _commitment(item: Item, other: Item) -> int:
    """Return level times sign, -3 to 3; where gold accepts the other's labels, those count."""
    level, sign = (_settled(item, other, name) for name in ("confidence", "polarity"))
    return LEVELS.index(level) * SIGN[sign]


def _settled(g: Item, p: Item, name: str) -> str:
    """Return the gold label of a pair: the predicted one where gold accepts it."""
    return p.labels[name][0] if g.accepts(name, p) else g.labels[name][0]


def _end_to_end(pairs: Sequence[tuple[Item, Item]], core: int) -> dict[str, Rate]:
    """Return label accuracies over all core gold, where a missed claim is wrong."""
    return {f"{name}_all": Rate(sum(g.accepts(name, p) for p, g in pairs), core) for name in FIELDS}


def confuse(pairs: Sequence[tuple[Item, Item]], name: str) -> Matrix:
    """Return the confusion matrix of a field over matched pairs."""
    return count_pairs([(_settled(g, p, name), p.labels[name][0]) for p, g in pairs], LABELS[name])


def _outcomes(located: Alignment) -> list[tuple[float, bool]]:
    """Return (score, is a true positive of attributed-claim F1), ignored predictions left out."""
    right = [(p, g.accepts_source(p)) for p, g in located.pairs]
    wrong = [(p, False) for p in located.spurious]
    return [(p.score, y) for p, y in (*right, *wrong) if p.score is not None]
