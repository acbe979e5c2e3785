"""What averages hide: hard assertions on a document, and duplicates, merges, splits.

Source: docs/metrics.md 2.6.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.schema import Extraction, Span
from evals.align import Alignment, best_dice, coverage, word_f1
from evals.gold import Case
from evals.gold_form import Critical
from evals.items import Item, find_chars, gold_items

NON_ANSWERS = ("decline", "disclaim", "question")
NO_CLAIMS = ("boilerplate", "date", "dateline")


@dataclass(frozen=True, slots=True)
class Check:
    """The verdict of one hard assertion. passed: None where there is nothing to judge."""

    name: str
    claim: str
    passed: bool | None
    detail: str = ""


def count_shapes(predicted: Sequence[Item], gold: Sequence[Item]) -> dict[str, float]:
    """Return how many predictions repeat another, merge core gold, and how many gold are split."""
    core = [item for item in gold if item.core]
    return {
        "duplicates": float(
            sum(any(repeats(p, q) for q in predicted[:i]) for i, p in enumerate(predicted))
        ),
        "merges": float(sum(is_merge(p, core) for p in predicted)),
        "splits": float(sum(is_split(g, predicted) for g in core)),
    }


def repeats(p: Item, q: Item) -> bool:
    """Tell whether two predictions say the same about the same words."""
    return p.chars == q.chars and word_f1(p.words, q.words) >= 0.9


def is_merge(p: Item, core: Sequence[Item]) -> bool:
    """Tell whether a prediction covers two or more core gold claims."""
    return sum(coverage(p.chars, g.chars) >= 0.8 for g in core) >= 2


def is_split(g: Item, predicted: Sequence[Item]) -> bool:
    """Tell whether two predictions that share no character each lie in a gold claim."""
    inside = [p for p in predicted if p.chars and coverage(g.chars, p.chars) >= 0.8]
    return any(not p.chars & q.chars for i, p in enumerate(inside) for q in inside[:i])


# ---- hard assertions --------------------------------------------------------------------------


def check_critical(
    case: Case, extraction: Extraction | None, predicted: Sequence[Item], located: Alignment
) -> list[Check]:
    """Return the verdicts on a document: those of any article, then those its gold lists."""
    core = [*(g for _, g in located.pairs), *located.missed]
    checks = [
        *_check_spans(case, extraction),
        *_check_non_answers(predicted, core, located),
        _check_boilerplate(case, predicted),
    ]
    gold = {g.id: g for g in gold_items(case)}  # a rule may be about an optional claim
    checks += [
        _check_rule(rule, _lying_on(gold[rule.claim], predicted, located))
        for rule in case.gold.critical
    ]
    return checks


def _lying_on(g: Item, predicted: Sequence[Item], located: Alignment) -> list[Item]:
    """Return the prediction matched to a claim and any other on the same words."""
    matched = [p for p, other in located.pairs if other.id == g.id]
    taken = {id(p) for p, _ in located.pairs}
    others = [p for p in predicted if id(p) not in taken and best_dice(p, g) >= 0.5]
    return [*matched, *others]


def _check_non_answers(
    predicted: Sequence[Item], gold: Sequence[Item], located: Alignment
) -> Iterator[Check]:
    """Yield a verdict for each non-answer: it must not have become a denial."""
    for g in gold:
        if g.labels["act"][0] in NON_ANSWERS:
            found = _lying_on(g, predicted, located)
            wrong = [p.id for p in found if p.labels["act"][0] == "deny"]
            detail = f"{', '.join(wrong)} makes it a denial" if wrong else ""
            yield Check("non_answer_not_denied", g.id, not wrong if found else None, detail)


def _check_boilerplate(case: Case, predicted: Sequence[Item]) -> Check:
    """Return whether no claim lies mostly in boilerplate, dates or datelines; n/a without zones."""
    if case.gold.zones is None:
        return Check("nothing_from_boilerplate", "", None, "gold has no zones")
    spans = [zone.span for zone in case.gold.zones if zone.type in NO_CLAIMS]
    chars = find_chars(case.text, spans)
    wrong = [p.id for p in predicted if coverage(chars, p.chars) >= 0.5]
    return Check("nothing_from_boilerplate", "", not wrong, ", ".join(wrong))


def _check_spans(case: Case, extraction: Extraction | None) -> Iterator[Check]:
    """Yield whether all quoted words, and all sources, stand in the text where the record says."""
    claims = [] if extraction is None else extraction.claims
    text = case.text

    def bad(span: Span | None) -> bool:
        return span is not None and text[span.start : span.end] != span.text

    quotes = [c.id for c in claims if any(map(bad, [*c.content, *c.confidence_cues, c.topic]))]
    sources = [
        c.id for c in claims if any(bad(x.mention) or bad(x.cue) for x in c.attribution.chain)
    ]
    yield Check("quotes_verbatim", "", not quotes, ", ".join(quotes))
    yield Check("sources_in_text", "", not sources, ", ".join(sources))


def _check_rule(rule: Critical, found: Sequence[Item]) -> Check:
    """Return the verdict on an assertion of the gold file; a missed claim can't break it."""
    said = [
        f"{p.id}: {name} is {label}"
        for p in found
        for name, label in rule.never.items()
        if p.labels[name][0] == label
    ]
    if rule.chain is not None:
        said += [
            f"{p.id}: chain is {' > '.join(p.chain) or 'empty'}"
            for p in found
            if p.chain != tuple(rule.chain)
        ]
    return Check("gold_rule", rule.claim, not said if found else None, "; ".join(said))
