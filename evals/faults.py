"""What is wrong with each claim of a document: aligned pairs, missed and spurious, by error class.

Source: docs/metrics.md, the harness, 11; the classes follow its list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.schema import Extraction
from evals.align import best_dice, coverage, lcs_f1
from evals.checks import NO_CLAIMS, is_merge, is_split, repeats
from evals.gold import Case
from evals.items import Chain, Item, find_chars, gold_items
from evals.labels import LEVELS
from evals.score import NOT_A_CLAIM, DocumentScore, is_verbatim

CLASSES: dict[str, str] = {
    "missed": "a core gold claim that no prediction was paired with",
    "spurious": "a prediction that lies on no gold claim",
    "duplicate": "a prediction that says again what another says about the same words",
    "merged": "one prediction covers two or more core gold claims",
    "split": "two or more predictions lie within one gold claim",
    "span only": "all fields are right, the words marked aren't quite gold's",
    "wrong entity": "another source in the chain, or one too many",
    "unresolved alias": "a source that no gold entity goes by",
    "collapsed chain": "sources of the chain are left out",
    "wrong order": "the right sources in another order",
    "article voice misattributed": "the article's own claim given a source, or the reverse",
    "wrong kind": "another kind of attribution",
    "wrong act": "another act of speech",
    "polarity flip": "another polarity",
    "over-confident": "a higher level of confidence than gold's",
    "under-confident": "a lower level of confidence than gold's",
    "not verbatim": "words that aren't in the text where the record says, or nowhere",
    "boilerplate": "a prediction on boilerplate, a date or a dateline",
}

POLARITY = "polarity flip"

Outcome = Literal["right", "differs", "missed", "spurious", "optional", "rejected"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One gold claim, one prediction, or both as a pair, with the error classes it falls in.

    outcome: optional is a prediction on optional gold, or such gold alone; neither counts.
    rejected is a prediction that the text doesn't bear out: reason and strings are all there is.
    """

    outcome: Outcome
    gold: Item | None = None
    predicted: Item | None = None
    faults: tuple[str, ...] = ()
    reason: str = ""
    strings: tuple[str, ...] = ()

    @property
    def start(self) -> int:
        """The first character that it concerns, for text order; what has no place comes last."""
        found = [min(x.chars) for x in (self.gold, self.predicted) if x is not None and x.chars]
        return min(found, default=1 << 62)


def find_faults(case: Case, extraction: Extraction | None, score: DocumentScore) -> list[Finding]:
    """Return the findings of a document in text order: every claim of both sides, once."""
    shapes = _Shapes(case, score)
    findings = [
        *(_judge_pair(p, g, shapes) for p, g in score.located.pairs),
        *(
            Finding("missed", gold=g, faults=("missed", *shapes.of_gold(g)))
            for g in score.located.missed
        ),
        *(
            Finding("spurious", predicted=p, faults=("spurious", *shapes.of_prediction(p)))
            for p in score.located.spurious
        ),
        *_list_optional(case, score),
        *_list_rejected(case, extraction),
    ]
    return sorted(findings, key=lambda finding: finding.start)


def count_classes(findings: Sequence[Finding]) -> dict[str, int]:
    """Return how many findings fall in each class, in the order of CLASSES, none left out."""
    return {name: sum(name in finding.faults for finding in findings) for name in CLASSES}


def find_chain_faults(p: Chain, g: Chain) -> list[str]:
    """Return what is wrong with a chain that isn't the gold one.

    >>> find_chain_faults(("officials",), ("paper", "officials"))
    ['collapsed chain']
    >>> find_chain_faults(("officials", "paper"), ("paper", "officials"))
    ['wrong order']
    """
    if not p or not g:
        return ["article voice misattributed"]
    if sorted(p) == sorted(g):
        return ["wrong order"]
    if len(p) < len(g) and lcs_f1(p, g) * (len(p) + len(g)) == 2 * len(p):
        return ["collapsed chain"]
    return ["unresolved alias" if any(name.startswith("?") for name in p) else "wrong entity"]


class _Shapes:
    """Merges, splits, duplicates and boilerplate of one document."""

    def __init__(self, case: Case, score: DocumentScore) -> None:
        located = score.located
        self.core = [*(g for _, g in located.pairs), *located.missed]
        self.predicted = [*(p for p, _ in located.pairs), *located.ignored, *located.spurious]
        self.merges = [p for p in self.predicted if is_merge(p, self.core)]
        self.splits = [g for g in self.core if is_split(g, self.predicted)]
        zones = [z.span for z in case.gold.zones or () if z.type in NO_CLAIMS]
        self.furniture = find_chars(case.text, zones)

    def of_gold(self, g: Item) -> Iterator[str]:
        """Yield the classes of a gold claim."""
        if any(coverage(p.chars, g.chars) >= 0.8 for p in self.merges):
            yield "merged"
        if any(g is other for other in self.splits):
            yield "split"

    def of_prediction(self, p: Item) -> Iterator[str]:
        """Yield the classes of a prediction; of two that say the same, the later is the double."""
        before = self.predicted[: next(i for i, q in enumerate(self.predicted) if q is p)]
        if any(repeats(p, q) for q in before):
            yield "duplicate"
        if any(p is other for other in self.merges):
            yield "merged"
        if any(coverage(g.chars, p.chars) >= 0.8 for g in self.splits):
            yield "split"
        if coverage(self.furniture, p.chars) >= 0.5:
            yield "boilerplate"


def _judge_pair(p: Item, g: Item, shapes: _Shapes) -> Finding:
    """Return the finding of a matched pair."""
    faults = [] if g.accepts_chain(p) else find_chain_faults(p.chain, g.chain)
    faults += [
        name
        for field, name in (("kind", "wrong kind"), ("act", "wrong act"), ("polarity", POLARITY))
        if not g.accepts(field, p)
    ]
    if not g.accepts("confidence", p):
        found, wanted = (LEVELS.index(x.labels["confidence"][0]) for x in (p, g))
        faults.append("over-confident" if found > wanted else "under-confident")
    if not faults and best_dice(p, g) < 1:
        faults.append("span only")
    faults += sorted({*shapes.of_gold(g), *shapes.of_prediction(p)})
    return Finding("differs" if faults else "right", gold=g, predicted=p, faults=tuple(faults))


def _list_optional(case: Case, score: DocumentScore) -> Iterator[Finding]:
    """Yield optional gold with the prediction that lies on it, if any, or such a prediction."""
    rest = list(score.located.ignored)
    for g in gold_items(case):
        if not g.core:
            on = next((p for p in rest if best_dice(p, g) >= 0.5), None)
            rest = [p for p in rest if p is not on]
            yield Finding("optional", gold=g, predicted=on)
    for p in rest:
        yield Finding("optional", predicted=p)


def _list_rejected(case: Case, extraction: Extraction | None) -> Iterator[Finding]:
    """Yield what the record says of words that the text doesn't have."""
    if extraction is None:
        yield Finding("rejected", reason="no record of this article that could be used")
        return
    for claim in extraction.claims:
        if not is_verbatim(case.text, claim):
            words = tuple(span.text for span in claim.content)
            why = f"{claim.id}: its words aren't in the text where the record says"
            yield Finding("rejected", faults=("not verbatim",), reason=why, strings=words)
    for refused in extraction.rejected:
        faults = () if refused.stage == NOT_A_CLAIM else ("not verbatim",)
        yield Finding("rejected", faults=faults, reason=refused.reason, strings=(*refused.strings,))
