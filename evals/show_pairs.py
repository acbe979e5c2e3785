"""Two runs, the gate and two annotators as lines for a terminal. Returns values, prints nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evals.agree import Agreement
from evals.compare import Comparison
from evals.form import RunFile
from evals.gate import Finding
from evals.words import figure


def describe_comparison(found: Comparison) -> Iterator[str]:
    """Yield what differs between two runs."""
    heads = f"{'A':>8}{'B':>8}{'B - A':>9}{'SE':>8}   {'95 % interval':20}{'p':>8}{'p Holm':>8}"
    yield f"{'':18}{heads}{'docs':>6}"
    for change in found.changes:
        d = change.difference
        ends = f"[{figure(d.low)}, {figure(d.high)}]" if d.low is not None else "n/a"
        cells = f"{figure(change.a):>8}{figure(change.b):>8}{figure(d.value):>9}{figure(d.se):>8}"
        cells += f"   {ends:20}{figure(d.p):>8}{figure(change.p_holm):>8}{d.documents:6}"
        yield f"{change.name:18}{cells}"
    yield f"claim F1 by document: B better in {len(found.won)}, worse in {len(found.lost)}"
    for names, sign in ((found.won, "+"), (found.lost, "-")):
        if names:
            yield f"  {sign} {', '.join(names)}"
    yield "claims, and p by flipping the signs of documents:"
    for tally in found.tallies:
        yield f"  {tally.what:11}{tally.gained:6g} gained{tally.lost:6g} lost{figure(tally.p):>9}"
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
    yield f"agr(A||B) {figure(found.of_a)}, agr(B||A) {figure(found.of_b)}"
    for name, (value, n) in found.figures.items():
        yield f"{name:24}{figure(value):>8}  n={n:g}"


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
