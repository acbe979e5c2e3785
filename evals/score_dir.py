"""Score a folder of records against gold: `python -m evals.score_dir PRED_DIR GOLD [TEXT_DIR]`.

A record lies at PRED_DIR/<gold id>.json. A missing or unusable one counts as empty, and as an
error. With --errors, what is missed, spurious or different is listed by document.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from agent.errors import AgentError, InputError
from agent.schema import Extraction
from evals.figures import Score, pool
from evals.figures import macro_f1 as macro_over_documents
from evals.gold import Case, load_cases
from evals.items import FIELDS, Item
from evals.labels import LABELS, class_f1, kappa, macro_f1, mean_error
from evals.score import DocumentScore, score_document

COUNTS = ("claim", "span", "attributed", "tuple", "relation", "relation_full")


def read_record(folder: Path, case: Case) -> Extraction | None:
    """Return the record of a case, or None where there is none that can be used.

    Raises:
        InputError: the record was made for another text, so that its offsets mean nothing here.
    """
    path = folder / f"{case.id}.json"
    try:
        record = Extraction.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, ValidationError):
        return None
    if record.document.sha256 != case.gold.document.sha256:
        raise InputError(
            f"{path}: made for another text (sha256 {record.document.sha256}); "
            f"{case.path} is about {case.gold.document.sha256}"
        )
    return record


def show(value: float | None) -> str:
    """Return a figure in three digits, a dash where it is undefined.

    >>> show(0.5), show(None)
    ('.500', '  - ')
    """
    return "  - " if value is None else f"{round(value, 3) + 0:.3f}".replace("0.", ".", 1)


def tabulate(scores: Sequence[DocumentScore]) -> Iterator[str]:
    """Yield the lines of the table: one document a line, all together last."""
    heads = "claim P/R/F1      span  P/R/F1      attr  tuple rel   full"
    yield f"{'':14}{'gold':>5}{'pred':>5}  {heads}"
    for score in (*scores, pool(scores)):
        claim = score.counts["claim"]
        cells = [
            "/".join(show(x) for x in (c.precision, c.recall, c.f1))
            for c in (claim, score.counts["span"])
        ]
        cells += [show(score.counts[name].f1) for name in COUNTS[2:]]
        gold, found = claim.tp + claim.fn, claim.tp + claim.fp
        yield f"{score.id:14}{gold:5.0f}{found:5.0f}  {'  '.join(cells)}"
    macro = [f"{n} {show(macro_over_documents(scores, n))}" for n in COUNTS]
    yield f"macro F1 over {len(scores)} documents: {', '.join(macro)}"


def describe(total: Score) -> Iterator[str]:
    """Yield the figures that are over matched pairs, with their n."""
    for name, rate in total.rates.items():
        yield f"{name:18}{show(rate.value):>6}  n={rate.den:g}"
    for name in FIELDS:
        matrix = total.confusion[name]
        row = f"{name}: macro-F1 {show(macro_f1(matrix))}"
        if name == "confidence":
            mae, bias = mean_error(matrix)
            row += f", linear kappa {show(kappa(matrix))}, MAE {show(mae)}, bias {show(bias)}"
            row += f", uncommitted F1 {show(class_f1(matrix, 0))}"
        else:
            row += f", kappa {show(kappa(matrix, linear=False))}"
        yield row
        used = [i for i in range(len(matrix)) if matrix[i].sum() + matrix[:, i].sum()]
        yield f"  {'gold / pred':14}" + "".join(f"{LABELS[name][j][:11]:>12}" for j in used)
        for i in used:
            cells = "".join(f"{matrix[i, j]:12g}" for j in used)
            yield f"  {LABELS[name][i]:14}" + cells
    if total.ratios:
        yield f"content length, predicted / gold, median: {statistics.median(total.ratios):.2f}"
    yield "events: " + ", ".join(f"{name} {value:g}" for name, value in total.events.items())


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the scores; return the exit code (2 for bad gold or a record of another text)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=Path)
    parser.add_argument("gold", type=Path, help="a gold file or a folder of them")
    parser.add_argument("texts", type=Path, nargs="?", help="where texts lie, if not beside gold")
    parser.add_argument("--errors", action="store_true", help="list what is wrong, by document")
    parser.add_argument("--lenient", action="store_true", help="gold's accepted readings count")
    parser.add_argument("--only-present", action="store_true", help="skip gold without a record")
    options = parser.parse_args(arguments)
    try:
        cases = load_cases(options.gold, options.texts)
        if options.only_present:
            cases = [case for case in cases if (options.records / f"{case.id}.json").is_file()]
        records = [read_record(options.records, case) for case in cases]
    except AgentError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for name in sorted({p.stem for p in options.records.glob("*.json")} - {c.id for c in cases}):
        sys.stderr.write(f"{options.records / name}.json: no such article in {options.gold}\n")
    scores = [
        score_document(case, record, lenient=options.lenient)
        for case, record in zip(cases, records, strict=True)
    ]
    lines = [*tabulate(scores), "", *describe(pool(scores))]
    if options.errors:
        for case, score in zip(cases, scores, strict=True):
            lines += ["", *list_errors(case, score)]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
