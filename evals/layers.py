"""An article as the page shows it: the text with two layers of claims, and what differs in each.

All strings are returned as they are; the templates escape them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from agent.schema import Claim, Extraction, Link, Span
from evals.align import best_dice
from evals.faults import Finding, find_faults
from evals.gold import Case
from evals.gold_form import GoldClaim, GoldLink, GoldSpan
from evals.items import FIELDS, HasExtent, Item
from evals.score import DocumentScore, score_document

ARTICLE = "(the article)"
NOTHING = "–"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSEEN = re.compile(f"[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_BIDI}\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text under the same claims. Numbers are those of findings, from 1.

    starts: the findings whose first word is here.
    """

    text: str
    gold: tuple[int, ...]
    predicted: tuple[int, ...]
    starts: tuple[int, ...]

    @property
    def findings(self) -> list[int]:
        """The numbers of the findings that lie here."""
        return sorted({*self.gold, *self.predicted})


@dataclass(frozen=True, slots=True)
class Row:
    """One field of a pair. same: None where it isn't judged."""

    field: str
    gold: str
    accepted: str
    predicted: str
    same: bool | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding for the page. near: number and Dice of the likest claim of the other side."""

    number: int
    finding: Finding
    words: str
    rows: list[Row]
    overlap: float | None
    near: tuple[int, float] | None
    note: str
    facts: list[str]


@dataclass(frozen=True, slots=True)
class Article:
    """One article: its text in segments, its findings in text order, and the score behind."""

    id: str
    title: str
    segments: list[Segment]
    entries: list[Entry]
    score: DocumentScore


def show_article(case: Case, record: Extraction | None) -> Article:
    """Return an article with one reading of it, judged by the strict label."""
    score = score_document(case, record)
    findings = find_faults(case, record, score)
    sides = _Sides(case, record)
    return Article(
        id=case.id,
        title=case.gold.document.title or case.id,
        segments=cut_segments(case.text, [sides.spans(finding) for finding in findings]),
        entries=[_describe(n, findings, sides) for n in range(1, len(findings) + 1)],
        score=score,
    )


def reveal(text: str) -> str:
    r"""Return a text in which control characters and direction marks are seen, not obeyed.

    >>> reveal("a\u202eb\n")
    'a\\u202eb\n'
    """
    return _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


Layers = tuple[Sequence[HasExtent], Sequence[HasExtent]]


def cut_segments(text: str, layers: Sequence[Layers]) -> list[Segment]:
    """Return the text in pieces, in order. layers: gold and predicted spans of each finding.

    >>> from agent.document import Extent
    >>> cut = cut_segments("abc", [([Extent(0, 2)], [Extent(1, 2)])])
    >>> [(s.text, s.gold, s.predicted) for s in cut]
    [('a', (1,), ()), ('b', (1,), (1,)), ('c', (), ())]
    """
    spans = [
        (span.start, span.end, side, number)
        for number, layer in enumerate(layers, start=1)
        for side, part in enumerate(layer)
        for span in part
    ]
    firsts: dict[int, list[int]] = {}
    for number, layer in enumerate(layers, start=1):
        starts = [span.start for part in layer for span in part]
        if starts:
            firsts.setdefault(min(starts), []).append(number)
    ends = {min(x, len(text)) for start, end, *_ in spans for x in (start, end)}

    def covering(a: int, b: int, side: int) -> tuple[int, ...]:
        return tuple(n for start, end, of, n in spans if of == side and start <= a and b <= end)

    return [
        Segment(text[a:b], covering(a, b, 0), covering(a, b, 1), tuple(firsts.get(a, ())))
        for a, b in pairwise(sorted({0, len(text), *ends}))
    ]


class _Sides:
    """The claims behind the items of one article, and the names of their sources."""

    def __init__(self, case: Case, record: Extraction | None) -> None:
        self.gold = {claim.id: claim for claim in case.gold.claims}
        self.predicted = {claim.id: claim for claim in (record.claims if record else ())}
        self.gold_names = {entity.id: entity.name for entity in case.gold.entities}
        self.names = {entity.id: entity.name for entity in (record.entities if record else ())}

    def of(self, finding: Finding) -> tuple[GoldClaim | None, Claim | None]:
        """Return the claims of a finding."""
        g, p = finding.gold, finding.predicted
        return self.gold[g.id] if g else None, self.predicted[p.id] if p else None

    def spans(self, finding: Finding) -> Layers:
        """Return the content spans of a finding, gold and predicted."""
        gold, predicted = self.of(finding)
        return gold.content if gold else [], predicted.content if predicted else []

    def gold_chain(self, ids: Sequence[str]) -> str:
        """Return a chain of gold entities in words, outermost first."""
        return " ← ".join(self.gold_names.get(id_, id_) for id_ in ids) or ARTICLE

    def predicted_chain(self, claim: Claim, item: Item) -> str:
        """Return a predicted chain in words, with whom gold knows them as where that differs."""
        said = [self.names.get(x.entity, x.entity) for x in claim.attribution.chain]
        known = [self.gold_names.get(id_, "not in gold") for id_ in item.chain]
        both = zip(said, known, strict=True)
        return " ← ".join(s if s == k else f"{s} ({k})" for s, k in both) or ARTICLE


def _describe(number: int, findings: Sequence[Finding], sides: _Sides) -> Entry:
    """Return a finding with all that the page says about it."""
    finding = findings[number - 1]
    g, p = finding.gold, finding.predicted
    gold, predicted = sides.of(finding)
    spans = gold.content if gold else predicted.content if predicted else ()
    return Entry(
        number=number,
        finding=finding,
        words=" … ".join(span.text for span in spans) or "; ".join(finding.strings),
        rows=list(_compare(finding, sides)),
        overlap=best_dice(p, g) if p and g else None,
        near=_find_near(finding, findings),
        note=gold.note if gold else "",
        facts=list(_list_facts(gold, predicted)),
    )


def _find_near(finding: Finding, findings: Sequence[Finding]) -> tuple[int, float] | None:
    """Return the finding whose other side overlaps most with one that stands alone."""
    if finding.outcome == "missed" and finding.gold:
        others = [(best_dice(f.predicted, finding.gold) if f.predicted else 0.0) for f in findings]
    elif finding.outcome == "spurious" and finding.predicted:
        others = [(best_dice(finding.predicted, f.gold) if f.gold else 0.0) for f in findings]
    else:
        return None
    best = max(others)
    return (others.index(best) + 1, best) if best else None


def _list_facts(gold: GoldClaim | None, predicted: Claim | None) -> Iterator[str]:
    """Yield what else is known of a claim."""
    if gold:
        yield f"{gold.status} gold claim in the {gold.zone.replace('_', ' ')}"
        if gold.duplicate_of:
            yield f"says again what {gold.duplicate_of} says"
        if gold.split_group:
            yield f"split group {gold.split_group}"
    if predicted and predicted.score is not None:
        yield f"score of the prediction {predicted.score:.2f}"


# ---- field by field ---------------------------------------------------------------------------


def _compare(finding: Finding, sides: _Sides) -> Iterator[Row]:
    """Yield the fields of a finding; a side that isn't there is a dash."""
    g, p = finding.gold, finding.predicted
    gold, predicted = sides.of(finding)
    if not gold and not predicted:
        return
    accept = gold.accept if gold else None
    other = [" … ".join(s.text for s in spans) for spans in (accept.content if accept else ())]
    yield Row(
        "words",
        _join(gold),
        "; ".join(other),
        _join(predicted),
        best_dice(p, g) == 1 if p and g else None,
    )
    yield Row(
        "claim", gold.text if gold else NOTHING, "", predicted.text if predicted else NOTHING, None
    )
    chains = [sides.gold_chain(ids) for ids in (accept.chain if accept else ())]
    yield Row(
        "sources",
        sides.gold_chain(g.chain) if g else NOTHING,
        "; ".join(chains),
        sides.predicted_chain(predicted, p) if predicted and p else NOTHING,
        g.accepts_chain(p) if p and g else None,
    )
    for field in FIELDS:
        yield Row(
            field,
            g.labels[field][0] if g else NOTHING,
            ", ".join(getattr(accept, field)) if accept else "",
            p.labels[field][0] if p else NOTHING,
            g.accepts(field, p) if p and g else None,
        )
    yield from _compare_links(finding, gold, predicted)


def _compare_links(
    finding: Finding, gold: GoldClaim | None, predicted: Claim | None
) -> Iterator[Row]:
    """Yield the words of the innermost source and of its cue."""
    g, p = finding.gold, finding.predicted
    for name, part, items in (("source words", "mention", "mentions"), ("cue", "cue", "cues")):
        wanted, found = (_last(c.attribution.chain if c else (), part) for c in (gold, predicted))
        if wanted or found:
            chars = getattr(g, items)[-1:] if g and p and wanted else ()
            same = [(getattr(p, items) or (None,))[-1] == of_gold for of_gold in chars]
            words = [span.text if span else NOTHING for span in (wanted, found)]
            yield Row(name, words[0], "", words[1], same[0] if same else None)


def _last(links: Sequence[GoldLink | Link], part: str) -> GoldSpan | Span | None:
    """Return the mention or cue of the innermost source."""
    span: GoldSpan | Span | None = getattr(links[-1], part) if links else None
    return span


def _join(claim: GoldClaim | Claim | None) -> str:
    """Return the words of a claim's content."""
    return " … ".join(span.text for span in claim.content) if claim else NOTHING
