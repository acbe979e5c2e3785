"""The tables of quality in README and docs, made from the committed run file and nothing else.

`python -m evals.docs` writes each between its two marks; with --check it only tells whether what
stands there is what the run file gives.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from agent.errors import AgentError, ConfigError
from agent.files import write_report
from evals.form import Estimate, RunFile, SliceFigure
from evals.run_file import load_run
from evals.words import figure, with_interval

ROOT = Path(__file__).parents[1]
RUN = "evals/runs/main.json"
FEW, WORST = 15, 4  # kinds and acts with fewer claims tell nothing; so many are named
ROWS = {
    "claim": "claims found (F1)",
    "attributed": "claims found, with the right source (F1)",
    "tuple": "claims with every label right (F1)",
    "relation": "attributions: cue and content (F1)",
    "relation_full": "attributions, with the right source (F1)",
}


def table(run: RunFile) -> str:
    """Return the table in Markdown, with what it rests on.

    Raises:
        ConfigError: the run has no figures.
    """
    if run.figures is None:
        raise ConfigError("the run file has no figures: `sayso eval score` makes them")
    return "\n".join([*_rows(run), "", _basis(run)])


def _rows(run: RunFile) -> Iterator[str]:
    assert run.figures is not None  # noqa: S101  (for the type checker)
    figures, floor = run.figures.strict, run.figures.baselines["sentences"]
    yield "| | figure, 95 % interval | without a model: each sentence a claim |"
    yield "|---|---|---|"
    for name, words in ROWS.items():
        cells = f"{with_interval(figures.counts[name].f1)} | {figure(floor[name])}"
        yield f"| {words} | {cells} |"
    shares: dict[str, Estimate] = {
        "source chain, of claims with two sources or more": figures.rates["chain_nested"],
        "kind of attribution (accuracy)": figures.rates["kind"],
        "speech act (accuracy)": figures.rates["act"],
        "polarity (accuracy)": figures.rates["polarity"],
        "confidence (linear kappa)": figures.fields["confidence"].kappa,
        "words that stand in the text as quoted": figures.rates["grounded"],
    }
    for words, share in shares.items():
        yield f"| {words} | {with_interval(share)} | |"


def _basis(run: RunFile) -> str:
    m, documents = run.manifest, len(run.documents)
    claims = sum(f.f1.n for f in [run.figures.strict.counts["claim"]]) if run.figures else 0
    return (
        f"{documents} articles with {claims:.0f} claims, read with {', '.join(m.models)} on "
        f"{m.created[:10]}; labels and accuracies are over the claims found. From "
        "[evals/runs/main.json](evals/runs/main.json); `make eval` shows it all."
    )


def mistakes(run: RunFile) -> str:
    """Return what went wrong, in numbers of claims, in Markdown.

    Raises:
        ConfigError: the run has no figures.
    """
    if run.figures is None:
        raise ConfigError("the run file has no figures: `sayso eval score` makes them")
    figures = run.figures.strict
    found, right, full = (figures.counts[name] for name in ("claim", "attributed", "tuple"))
    firmer, weaker = _shifts(figures.fields["confidence"].matrix)
    rows = {
        "claims of the gold": found.tp + found.fn,
        "not found": found.fn,
        "listed, and no claim of the gold": found.fp,
        "found, with another source": found.tp - right.tp,
        "found with the right source, another label wrong": right.tp - full.tp,
        "found, the source made to sound firmer than it does": firmer,
        "found, the source made to sound less firm": weaker,
    }
    lines = ["| | claims |", "|---|---|", *(f"| {name} | {n:.0f} |" for name, n in rows.items())]
    return "\n".join([*lines, "", f"Most often not found: {_most_missed(figures.slices)}."])


def _most_missed(slices: Sequence[SliceFigure]) -> str:
    """Return the kinds and acts of which the largest shares weren't found."""
    missed = [
        (1 - share, total, part.value)
        for part in slices
        for share, total in [part.recall]
        if part.facet in ("kind", "act") and share is not None and total >= FEW
    ]
    worst = sorted(missed, reverse=True)[:WORST]
    return ", ".join(f"`{value}` ({share * n:.0f} of {n:.0f})" for share, n, value in worst)


def _shifts(matrix: Sequence[Sequence[float]]) -> tuple[float, float]:
    """Return how much lies above and below the diagonal; rows are gold, levels rise."""
    cells = [(i, j, n) for i, row in enumerate(matrix) for j, n in enumerate(row)]
    return sum(n for i, j, n in cells if j > i), sum(n for i, j, n in cells if j < i)


def with_part(page: str, name: str, made: str) -> str:
    """Return a page with what was made between the marks of that name.

    Raises:
        ConfigError: the marks aren't there.

    >>> with_part("a <!-- b:begin -->old<!-- b:end --> c", "b", "new").split()
    ['a', '<!--', 'b:begin', '-->', 'new', '<!--', 'b:end', '-->', 'c']
    """
    marks = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    before, begin, rest = page.partition(marks[0])
    _, end, after = rest.partition(marks[1])
    if not begin or not end:
        raise ConfigError(f"the page lacks the marks {' and '.join(marks)}")
    return f"{before}{begin}\n{made}\n{end}{after}"


def main(arguments: Sequence[str]) -> int:
    """Write or check the tables; return the exit code."""
    try:
        run = load_run(ROOT / RUN)
        for name, part, made in (
            ("README.md", "quality", table(run)),
            ("docs/limits.md", "mistakes", mistakes(run)),
        ):
            page = (ROOT / name).read_text("utf-8")
            new = with_part(page, part, made)
            if "--check" not in arguments:
                write_report(ROOT / name, new)
            elif new != page:
                raise ConfigError(f"{name}: its figures aren't those of the run: `make docs`")
    except AgentError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
