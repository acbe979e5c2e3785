"""`sayso eval fabricate`: what the grounding gate makes of replies that were spoilt on purpose."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evals.commands.options import Texts
from evals.commands.shared import NOT_PASSED, SHIPPED_GOLD, extra, load, show


def fabricate_command(
    gold: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[GOLD...]", help="Gold files, or folders of them; else ours."),
    ] = None,
    each: Annotated[int, typer.Option(min=1, help="How many trials of a kind.")] = 50,
    seed: Annotated[int | None, typer.Option(help="Other trials for another number.")] = None,
    failures: Annotated[
        int, typer.Option(min=0, help="How many of each kind's failures are shown.")
    ] = 0,
    texts: Texts = None,
) -> None:
    """Try spoilt and true replies on the grounding gate: 1 where something fabricated passes."""
    with extra():
        from evals.fabrication.gate import answer  # noqa: PLC0415
        from evals.fabrication.generate import SEED, generate  # noqa: PLC0415
        from evals.fabrication.tally import describe, is_passed, tally  # noqa: PLC0415
        from evals.fabrication.trials import read_pages  # noqa: PLC0415

        pages = read_pages(load(gold or [SHIPPED_GOLD], texts))
        trials = generate(pages, each=each, seed=SEED if seed is None else seed)
        tables = tally(trials, answer)
        show(describe(tables, failures=failures))
    if not is_passed(tables):
        raise typer.Exit(NOT_PASSED)
