"""A run as lines for a terminal. Returns values, prints nothing."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from evals.figures import Counts
from evals.form import (
    Call,
    FieldFigure,
    Figures,
    Manifest,
    RunDocument,
    RunFigures,
    RunFile,
    Spent,
)
from evals.gold import Case
from evals.items import FIELDS, Item
from evals.score import DocumentScore
from evals.words import figure, with_interval

COLUMNS = ("claim", "span", "attributed", "tuple", "relation", "relation_full")
RATES = (
    "innermost innermost_soft chain_exact chain chain_nested dice cue_soft cue_strict source_soft "
    "source_strict kind act polarity confidence kind_all act_all polarity_all confidence_all "
    "signed_mae soft strict cover grounded verbatim duplicate"
).split()


def report(run: RunFile, ceiling: Mapping[str, float | None] | None = None) -> Iterator[str]:
    """Yield the report of a run, line by line. ceiling: how far two annotators agree."""
    yield from describe_manifest(run.manifest)
    yield ""
    yield from list_documents(run.documents)
    if run.figures is None:
        yield "not scored yet: `sayso eval score` does it"
        return
    strict, lenient = run.figures.strict, run.figures.lenient
    yield ""
    yield f"{'F1, 95 % interval':26}{'strict':24}{'lenient':24}{'macro':>6}{'n':>6}"
    for name, count in strict.counts.items():
        cells = f"{with_interval(count.f1):24}{with_interval(lenient.counts[name].f1):24}"
        yield f"{name:26}{cells}{figure(count.macro):>6}{count.f1.n:6.0f}"
        yield from _epochs(count.epochs)
    yield ""
    yield f"{'share':26}{'strict':24}{'lenient':24}{'':6}{'n':>6}"
    for name in [name for name in RATES if name in strict.rates]:
        rate = strict.rates[name]
        cells = f"{with_interval(rate):24}{with_interval(lenient.rates[name]):24}"
        yield f"{name:26}{cells}{'':6}{rate.n:6.0f}"
    for name in FIELDS:
        yield ""
        yield from describe_field(name, strict.fields[name], lenient.fields[name])
    yield ""
    yield from describe_rest(strict)
    yield ""
    yield from describe_floor(run.figures, ceiling or {})
    yield ""
    yield from describe_failures(run, run.figures)


def describe_manifest(m: Manifest) -> Iterator[str]:
    """Yield how the run came about."""
    commit = f"{m.commit[:12]}{' + changes' * bool(m.dirty)}" if m.commit else "no commit"
    how = "replayed" if m.replayed else "live"
    if m.figures_only:
        how += ", figures only"
    yield f"run {m.run_id}, {m.created}, code {commit}, {how}"
    yield f"model {', '.join(m.models) or 'none'} ({m.engine.kind} {m.engine.build}".rstrip() + ")"
    yield f"reading {m.reading or 'none'}, epochs {m.epochs}, gold {', '.join(m.gold)}"
    yield f"spent    {describe_cost(m.spent)}; {m.seconds:.1f} s in all"
    if m.prices and m.spent.calls:
        yield f"prices   {m.prices}"
    if m.recorded.cache_hits:
        yield f"recorded {describe_cost(m.recorded)}"


def describe_cost(spent: Spent) -> str:
    """Return calls, tokens and money in a line."""
    money = "cost unknown" if spent.cost_usd is None else f"${spent.cost_usd:.4f}"
    calls = f"{spent.cache_hits} replies" if spent.cache_hits else f"{spent.calls} calls"
    tokens = f"{spent.input_tokens} tokens in ({spent.cached_tokens} cached)"
    return f"{calls}, {tokens}, {spent.output_tokens} out, {spent.seconds:.1f} s, {money}"


def list_documents(documents: Sequence[RunDocument]) -> Iterator[str]:
    """Yield the table of documents."""
    heads = "".join(f"{name[:10]:>11}" for name in COLUMNS)
    yield f"{'F1 by document':22}{'gold':>5}{'found':>6}{heads}{'errors':>8}"
    for document in documents:
        if document.figures is None:
            continue
        counts = {name: Counts(*value) for name, value in document.figures.counts.items()}
        claim = counts["claim"]
        cells = "".join(f"{figure(counts[name].f1):>11}" for name in COLUMNS)
        errors = document.figures.events.get("errors", 0)
        size = f"{claim.tp + claim.fn:5.0f}{claim.tp + claim.fp:6.0f}"
        yield f"{document.id[:21]:22}{size}{cells}{errors:8g}"


def _epochs(values: Sequence[float | None]) -> Iterator[str]:
    known = [value for value in values if value is not None]
    if len(known) > 1:
        spread = f"mean {figure(statistics.mean(known))}, SD {figure(statistics.stdev(known))}"
        yield f"  {len(known)} epochs: {spread}, {figure(min(known))} to {figure(max(known))}"


def describe_field(name: str, strict: FieldFigure, lenient: FieldFigure) -> Iterator[str]:
    """Yield the figures of one label over matched pairs, and its confusion matrix."""
    kind = "linear kappa" if name == "confidence" else "kappa"
    row = f"{name}: {kind} {with_interval(strict.kappa)} (lenient {figure(lenient.kappa.value)})"
    row += f", macro-F1 {figure(strict.macro_f1)}"
    if name == "confidence":
        row += f", MAE {figure(strict.mae)}, bias {figure(strict.bias)}"
        row += f", uncommitted F1 {figure(strict.class_f1['uncommitted'])}"
    yield row
    size = range(len(strict.labels))
    used = [
        i for i in size if sum(strict.matrix[i]) or sum(strict.matrix[other][i] for other in size)
    ]
    yield f"  {'gold / found':14}" + "".join(f"{strict.labels[j][:11]:>12}" for j in used)
    for i in used:
        cells = "".join(f"{strict.matrix[i][j]:12g}" for j in used)
        yield f"  {strict.labels[i]:14}{cells}"


def describe_rest(strict: Figures) -> Iterator[str]:
    """Yield slices, calibration and events."""
    yield f"{'slice':34}{'recall':>8}{'n':>6}{'precision':>11}{'n':>6}{'source':>8}{'n':>6}"
    for part in strict.slices:
        cells = f"{figure(part.recall[0]):>8}{part.recall[1]:6.0f}{figure(part.precision[0]):>11}"
        cells += f"{part.precision[1]:6.0f}{figure(part.source[0]):>8}{part.source[1]:6.0f}"
        yield f"{part.facet + ': ' + part.value:34}{cells}"
    yield ""
    c = strict.calibration
    if c.n:
        yield (
            f"calibration of score, n={c.n}: Brier {figure(c.brier)} (skill {figure(c.skill)}), "
            f"AUROC {figure(c.auroc)}, AURC {figure(c.aurc)}, ECE {figure(c.ece)}"
        )
    else:
        yield "calibration of score: n/a, no claim has one"
    yield f"content length, found / gold, median: {figure(strict.ratio, 2)}"
    yield "events: " + ", ".join(f"{name} {value:g}" for name, value in strict.events.items())


def describe_floor(figures: RunFigures, ceiling: Mapping[str, float | None]) -> Iterator[str]:
    """Yield what needs no model, and what two annotators reach between them."""
    yield f"{'F1 without a model':22}" + "".join(f"{name[:10]:>11}" for name in COLUMNS)
    for name, values in figures.baselines.items():
        yield f"{name:22}" + "".join(f"{figure(values[column]):>11}" for column in COLUMNS)
    if ceiling:
        cells = "".join(f"{figure(ceiling.get(column)):>11}" for column in COLUMNS)
        yield f"{'two annotators':22}{cells}"


def describe_failures(run: RunFile, figures: RunFigures) -> Iterator[str]:
    """Yield the hard assertions, what came of the requests, and the readings that failed."""
    failed = [check for check in figures.checks if check.passed is False]
    held = sum(check.passed is True for check in figures.checks)
    rest = len(figures.checks) - held - len(failed)
    yield f"hard assertions: {held} hold, {len(failed)} don't, {rest} had nothing to judge"
    for check in failed:
        yield f"  CRITICAL {check.document} {check.name} {check.claim} {check.detail}".rstrip()
    readings = [(document.id, r) for document in run.documents for r in document.readings]
    yield from _count_tries([call for _, reading in readings for call in reading.calls])
    for name, reading in readings:
        if reading.error:
            yield f"  ERROR {name}: {reading.error}"


def _count_tries(calls: Sequence[Call]) -> Iterator[str]:
    """Yield how often what came of a request, each try counted: a retry must not hide a failure."""
    outcomes = Counter(outcome.partition(":")[0] for call in calls for outcome in call.outcomes)
    if outcomes:
        said = ", ".join(f"{name} {number}" for name, number in sorted(outcomes.items()))
        yield f"{len(calls)} requests in {outcomes.total()} tries: {said}"


def list_errors(case: Case, score: DocumentScore) -> Iterator[str]:
    """Yield what went wrong in a document: missed, spurious, and what differs in pairs."""

    def quote(item: Item) -> str:
        chars = item.chars
        words = case.text[min(chars) : max(chars) + 1] if chars else ""
        return f"«{' '.join(words.split())}»"

    def source(item: Item) -> str:
        return " > ".join(item.chain) or "(article)"

    def tag(item: Item) -> str:
        return f"{source(item)} | {' '.join(item.labels[name][0] for name in FIELDS)}"

    yield f"== {case.id}"
    for item in score.located.missed:
        near = [p for p, g in score.span.pairs if g.id == item.id]
        yield f"MISSED   {item.id} {quote(item)} {tag(item)}" + (" (span tier has it)" * bool(near))
    for item in score.located.spurious:
        yield f"SPURIOUS {item.id} {quote(item)} {tag(item)}"
    for p, g in score.located.pairs:
        different = [
            f"{n}: {p.labels[n][0]} for {g.labels[n][0]}" for n in FIELDS if not g.accepts(n, p)
        ]
        if not g.accepts_source(p):
            different.insert(0, f"source: {source(p)} for {source(g)}")
        elif not g.accepts_chain(p):
            different.insert(0, f"chain: {source(p)} for {source(g)}")
        if p.chars != g.chars:
            different.append(f"span: {quote(p)}")
        if different:
            yield f"DIFFERS  {g.id} {quote(g)}\n           " + "\n           ".join(different)
    for check in score.checks:
        if check.passed is False:
            yield f"CRITICAL {check.name} {check.claim} {check.detail}"
