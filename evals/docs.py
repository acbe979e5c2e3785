"""The README's table of quality, made from the committed run file and from nothing else.

`python -m evals.docs` writes it between its two marks; with --check it only tells whether the
table there is the one that the run file gives.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from agent.errors import AgentError, ConfigError
from agent.files import write_report
from evals.form import Estimate, RunFile
from evals.run_file import load_run
from evals.words import figure, with_interval

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
RUN = ROOT / "evals" / "runs" / "main.json"
BEGIN, END = "<!-- quality:begin -->", "<!-- quality:end -->"
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


def with_table(readme: str, made: str) -> str:
    """Return the README with the table between its marks.

    Raises:
        ConfigError: the marks aren't there.

    >>> with_table("a <!-- quality:begin -->old<!-- quality:end --> b", "new").split()
    ['a', '<!--', 'quality:begin', '-->', 'new', '<!--', 'quality:end', '-->', 'b']
    """
    before, mark, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise ConfigError(f"the README lacks the marks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{made}\n{END}{after}"


def main(arguments: Sequence[str]) -> int:
    """Write or check the table; return the exit code."""
    try:
        readme = README.read_text("utf-8")
        made = with_table(readme, table(load_run(RUN)))
        if "--check" not in arguments:
            write_report(README, made)
        elif made != readme:
            raise ConfigError("README.md: the table of quality isn't that of the run: `make docs`")
    except AgentError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
