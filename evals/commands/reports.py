"""What reads run files and gold: `report`, `compare`, `gate`, `history`, `agree`, `check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.terminal import note
from evals.commands.options import MaxErrors, OtherGold, RunPath, Texts
from evals.commands.shared import (
    NOT_PASSED,
    SHIPPED_GOLD,
    TOO_MANY_FAILED,
    extra,
    find_ceiling,
    list_gold,
    load,
    show,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evals.form import RunFile


def report_command(
    run: RunPath,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a page for the browser there.")
    ] = None,
    errors: Annotated[
        bool, typer.Option("--errors", help="List what is missed, spurious and different.")
    ] = False,
    lenient: Annotated[
        bool, typer.Option("--lenient", help="In that list, gold's accepted readings count.")
    ] = False,
    gold: OtherGold = None,
    texts: Texts = None,
) -> None:
    """Show a run: its figures, and with --errors or --html every claim."""
    with extra():
        from evals.run_file import load_run, score_all  # noqa: PLC0415
        from evals.show import list_errors, report  # noqa: PLC0415

        file = load_run(run)
        if html:
            _write_page(file, list_gold(file, gold), texts, html)
            return
        show(report(file))
        if errors:
            for one in score_all(file, load(list_gold(file, gold), texts)):
                for score in one.lenient if lenient else one.strict:
                    show(["", *list_errors(one.case, score)])


def _write_page(file: RunFile, gold: Sequence[Path], texts: Path | None, html: Path) -> None:
    from agent.files import check_target, write_report  # noqa: PLC0415
    from evals.page import page  # noqa: PLC0415

    check_target(html, "-")
    write_report(html, page(file, load(gold, texts), find_ceiling(gold, texts, file)))
    note(f"written to {html}")


def compare_command(
    a: Annotated[Path, typer.Argument(metavar="A.json")],
    others: Annotated[list[Path], typer.Argument(metavar="B.json...")],
) -> None:
    """Compare two runs over the same gold, paired by document; or several, each with A."""
    with extra():
        from evals.compare import compare  # noqa: PLC0415
        from evals.matrix import describe_table, tabulate  # noqa: PLC0415
        from evals.run_file import load_run  # noqa: PLC0415
        from evals.show_pairs import describe_comparison  # noqa: PLC0415

        if len(others) == 1:
            show(describe_comparison(compare(load_run(a), load_run(others[0]))))
        else:
            show(describe_table(tabulate({str(path): load_run(path) for path in (a, *others)})))


def gate_command(
    run: RunPath,
    baseline: Annotated[
        Path, typer.Option(metavar="RUN.json", help="The run that must not be undercut.")
    ],
    margin: Annotated[
        float, typer.Option(min=0, max=1, help="The drop of F1 that is put up with.")
    ] = 0.02,
    max_errors: MaxErrors = 0.1,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail too where the data can't tell.")
    ] = False,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the findings there as JUnit XML.")
    ] = None,
    summary: Annotated[
        Path | None,
        typer.Option("--json", metavar="FILE", help="Write findings and figures there as JSON."),
    ] = None,
) -> None:
    """Fail if a run is worse than a baseline: 0 passed, 1 failed, 6 too many errors."""
    with extra():
        from agent.files import write_report  # noqa: PLC0415
        from evals.gate import conclude, judge, write_junit, write_summary  # noqa: PLC0415
        from evals.run_file import load_run  # noqa: PLC0415
        from evals.show_pairs import describe_findings  # noqa: PLC0415

        ours, theirs = load_run(run), load_run(baseline)
        findings = judge(ours, theirs, margin, max_errors)
        show(describe_findings(findings))
        if junit:
            write_report(junit, write_junit(findings, ours, strict=strict))
        if summary:
            write_report(summary, write_summary(findings, ours, theirs, strict=strict))
        verdict = conclude(findings, strict=strict)
    if verdict in {"fail", "errors"}:
        raise typer.Exit(TOO_MANY_FAILED if verdict == "errors" else NOT_PASSED)


def history_command(
    history: Annotated[Path, typer.Argument(metavar="HISTORY.jsonl")],
    runs: Annotated[
        list[Path] | None, typer.Argument(metavar="RUN.json...", help="Runs to add to it.")
    ] = None,
) -> None:
    """Add runs to a history, and show how the figures went over time."""
    with extra():
        from agent.files import write_report  # noqa: PLC0415
        from evals.history import (  # noqa: PLC0415
            add_runs,
            describe_history,
            load_history,
            write_history,
        )
        from evals.run_file import load_run  # noqa: PLC0415

        entries = load_history(history, new=bool(runs))
        if runs:
            entries = add_runs(entries, [load_run(path) for path in runs])
            write_report(history, write_history(entries))
        show(describe_history(entries))


def agree_command(
    a: Annotated[Path, typer.Argument(metavar="DIR_A")],
    b: Annotated[Path, typer.Argument(metavar="DIR_B")],
    texts: Texts = None,
) -> None:
    """Tell how far two annotators agree."""
    with extra():
        from evals.agree import agree  # noqa: PLC0415
        from evals.show_pairs import describe_agreement  # noqa: PLC0415

        show(describe_agreement(agree(load([a], texts), load([b], texts))))


def check_command(
    gold: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[GOLD...]", help="Gold files, or folders of them; else ours."),
    ] = None,
    texts: Texts = None,
) -> None:
    """Check gold files: offsets, hashes, values and references."""
    cases = load(gold or [SHIPPED_GOLD], texts)
    claims = sum(len(case.gold.claims) for case in cases)
    typer.echo(f"{len(cases)} gold articles with {claims} claims are sound")
