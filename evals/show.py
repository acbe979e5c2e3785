"""Runs, comparisons and agreement as lines for a terminal. Returns values, prints nothing."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

from evals.agree import Agreement
from evals.compare import Comparison, Finding, error_share
from evals.figures import Counts
from evals.form import (
    HEADLINES,
    Estimate,
    FieldFigure,
    Figures,
    Manifest,
    RunDocument,
    RunFile,
    Spent,
)
from evals.gold import Case
from evals.items import FIELDS, Item
from evals.score import DocumentScore

COLUMNS = ("claim", "span", "attributed", "tuple", "relation", "relation_full")
RATES = (
    "innermost innermost_soft chain_exact chain chain_nested dice cue_soft cue_strict source_soft "
    "source_strict kind act polarity confidence kind_all act_all polarity_all confidence_all "
    "signed_mae soft strict cover grounded verbatim duplicate"
).split()


def number(value: float | None, digits: int = 3) -> str:
    """Return a figure in three digits, n/a where it is undefined.

    >>> number(0.5), number(1.0), number(None), number(-0.25)
    ('.500', '1.000', 'n/a', '-.250')
    """
    if value is None:
        return "n/a"
    text = f"{round(value, digits) + 0:.{digits}f}"
    return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text


def with_interval(figure: Estimate) -> str:
    """Return a figure with its interval, the linearised one where there is one."""
    low, high = figure.low, figure.high
    if low is None or high is None:
        low, high = figure.boot_low, figure.boot_high
    if low is None or high is None:
        return number(figure.value)
    return f"{number(figure.value)} [{number(low)}, {number(high)}]"


# ---- a run ------------------------------------------------------------------------------------


def report(run: RunFile) -> Iterator[str]:
    """Yield the report of a run, line by line."""
    yield from describe_manifest(run.manifest)
    yield ""
    yield from list_documents(run.documents)
    if run.figures is None:
        yield "not scored yet: `sayso eval score` does it"
        return
    strict, lenient = run.figures.strict, run.figures.lenient
    yield ""
    yield f"{'F1, 95 % interval':26}{'strict':24}{'lenient':24}{'macro':>6}{'n':>6}"
    for name, figure in strict.counts.items():
        cells = f"{with_interval(figure.f1):24}{with_interval(lenient.counts[name].f1):24}"
        yield f"{name:26}{cells}{number(figure.macro):>6}{figure.f1.n:6.0f}"
        yield from _epochs(figure.epochs)
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
    yield from describe_rest(run, strict)


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
        cells = "".join(f"{number(counts[name].f1):>11}" for name in COLUMNS)
        errors = document.figures.events.get("errors", 0)
        size = f"{claim.tp + claim.fn:5.0f}{claim.tp + claim.fp:6.0f}"
        yield f"{document.id[:21]:22}{size}{cells}{errors:8g}"


def _epochs(values: Sequence[float | None]) -> Iterator[str]:
    known = [value for value in values if value is not None]
    if len(known) > 1:
        spread = f"mean {number(statistics.mean(known))}, SD {number(statistics.stdev(known))}"
        yield f"  {len(known)} epochs: {spread}, {number(min(known))} to {number(max(known))}"


def describe_field(name: str, strict: FieldFigure, lenient: FieldFigure) -> Iterator[str]:
    """Yield the figures of one label over matched pairs, and its confusion matrix."""
    kind = "linear kappa" if name == "confidence" else "kappa"
    row = f"{name}: {kind} {with_interval(strict.kappa)} (lenient {number(lenient.kappa.value)})"
    row += f", macro-F1 {number(strict.macro_f1)}"
    if name == "confidence":
        row += f", MAE {number(strict.mae)}, bias {number(strict.bias)}"
        row += f", uncommitted F1 {number(strict.class_f1['uncommitted'])}"
    yield row
    size = range(len(strict.labels))
    used = [
        i for i in size if sum(strict.matrix[i]) or sum(strict.matrix[other][i] for other in size)
    ]
    yield f"  {'gold / found':14}" + "".join(f"{strict.labels[j][:11]:>12}" for j in used)
    for i in used:
        cells = "".join(f"{strict.matrix[i][j]:12g}" for j in used)
        yield f"  {strict.labels[i]:14}{cells}"


def describe_rest(run: RunFile, strict: Figures) -> Iterator[str]:
    """Yield slices, calibration, events, baselines and hard assertions."""
    yield f"{'slice':34}{'recall':>8}{'n':>6}{'precision':>11}{'n':>6}{'source':>8}{'n':>6}"
    for part in strict.slices:
        cells = f"{number(part.recall[0]):>8}{part.recall[1]:6.0f}{number(part.precision[0]):>11}"
        cells += f"{part.precision[1]:6.0f}{number(part.source[0]):>8}{part.source[1]:6.0f}"
        yield f"{part.facet + ': ' + part.value:34}{cells}"
    yield ""
    c = strict.calibration
    if c.n:
        yield (
            f"calibration of score, n={c.n}: Brier {number(c.brier)} (skill {number(c.skill)}), "
            f"AUROC {number(c.auroc)}, AURC {number(c.aurc)}, ECE {number(c.ece)}"
        )
    else:
        yield "calibration of score: n/a, no claim has one"
    yield f"content length, found / gold, median: {number(strict.ratio, 2)}"
    yield "events: " + ", ".join(f"{name} {value:g}" for name, value in strict.events.items())
    if run.figures is None:
        return
    yield ""
    yield f"{'F1 without a model':22}" + "".join(f"{name[:10]:>11}" for name in COLUMNS)
    for name, figures in run.figures.baselines.items():
        yield f"{name:22}" + "".join(f"{number(figures[column]):>11}" for column in COLUMNS)
    yield ""
    checks = run.figures.checks
    failed = [check for check in checks if check.passed is False]
    held = sum(check.passed is True for check in checks)
    rest = len(checks) - held - len(failed)
    yield f"hard assertions: {held} hold, {len(failed)} don't, {rest} had nothing to judge"
    for check in failed:
        yield f"  CRITICAL {check.document} {check.name} {check.claim} {check.detail}".rstrip()
    for document in run.documents:
        for reading in document.readings:
            if reading.error:
                yield f"  ERROR {document.id}: {reading.error}"


def headline(run: RunFile) -> str:
    """Return the run's figures in a line."""
    if run.figures is None:
        return "not scored"
    counts = run.figures.strict.counts
    parts = [f"{name} F1 {with_interval(counts[name].f1)}" for name in HEADLINES]
    kappa = run.figures.strict.fields["confidence"].kappa
    errors = f"errors {error_share(run):.0%}"
    return ", ".join([*parts, f"confidence kappa {with_interval(kappa)}", errors])


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


# ---- two runs, two annotators -----------------------------------------------------------------


def describe_comparison(found: Comparison) -> Iterator[str]:
    """Yield what differs between two runs."""
    heads = f"{'A':>8}{'B':>8}{'B - A':>9}{'SE':>8}   {'95 % interval':20}{'p':>8}{'p Holm':>8}"
    yield f"{'':18}{heads}{'docs':>6}"
    for change in found.changes:
        d = change.difference
        interval = f"[{number(d.low)}, {number(d.high)}]" if d.low is not None else "n/a"
        cells = f"{number(change.a):>8}{number(change.b):>8}{number(d.value):>9}{number(d.se):>8}"
        cells += f"   {interval:20}{number(d.p):>8}{number(change.p_holm):>8}{d.documents:6}"
        yield f"{change.name:18}{cells}"
    yield f"claim F1 by document: B better in {len(found.won)}, worse in {len(found.lost)}"
    for names, sign in ((found.won, "+"), (found.lost, "-")):
        if names:
            yield f"  {sign} {', '.join(names)}"
    yield f"{len(found.flips)} claims flipped"
    for flip in sorted(found.flips, key=lambda f: (f.gain > 0, f.document, f.claim)):
        better = "gained" if flip.gain > 0 else "lost"
        share = "" if abs(flip.gain) == 1 else f" ({flip.gain:+.2f})"
        yield f"  {better:7}{flip.document} {flip.claim}: {flip.what}{share}"


def describe_findings(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield what the gate says."""
    for finding in findings:
        yield f"{finding.verdict.upper():13}{finding.name}: {finding.detail}"


def describe_agreement(found: Agreement) -> Iterator[str]:
    """Yield how far two annotators agree."""
    yield f"{len(found.documents)} documents annotated by both: {', '.join(found.documents)}"
    yield f"agr(A||B) {number(found.of_a)}, agr(B||A) {number(found.of_b)}"
    for name, (value, n) in found.figures.items():
        yield f"{name:24}{number(value):>8}  n={n:g}"


def list_differences(a: RunFile, b: RunFile) -> Iterator[str]:
    """Yield where the figures of two runs aren't the same, none where they are."""
    if a.figures is None or b.figures is None:
        yield "one of the runs isn't scored"
        return
    yield from _differences("", a.figures.model_dump(), b.figures.model_dump())


def _differences(place: str, a: object, b: object) -> Iterator[str]:
    if isinstance(a, dict) and isinstance(b, dict):
        for key in dict.fromkeys([*a, *b]):
            yield from _differences(f"{place} / {key}".removeprefix(" / "), a.get(key), b.get(key))
    elif isinstance(a, list | tuple) and isinstance(b, list | tuple) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            yield from _differences(f"{place} / {i}", x, y)
    elif a != b:
        yield f"{place}: {a} / {b}"
