"""The commands of `sayso eval`. Heavy imports wait until they're needed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agent.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from evals.form import RunFile
    from evals.gold import Case
    from evals.run import Plan

NOT_PASSED, SOME_FAILED, TOO_MANY_FAILED = 1, 3, 6
RECORDING = "recording.jsonl"  # beside the gold, unless another one is named

app = typer.Typer(
    help="Measure how good the reading is, against gold labels.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Gold = Annotated[
    list[Path], typer.Argument(metavar="GOLD...", help="Gold files, or folders of them.")
]
OtherGold = Annotated[
    list[Path] | None,
    typer.Option("--gold", help="Gold files or folders, if not those that the run names."),
]
Texts = Annotated[
    Path | None, typer.Option("--texts", metavar="DIR", help="Where texts lie, if not by the gold.")
]
RunPath = Annotated[Path, typer.Argument(metavar="RUN.json")]


@app.command("run")
def run_command(
    gold: Gold,
    model: Annotated[
        str | None,
        typer.Option("-m", "--model", help="A model's name, or the path of a GGUF file."),
    ] = None,
    base_url: Annotated[
        str | None, typer.Option("--base-url", metavar="URL", help="An OpenAI-compatible endpoint.")
    ] = None,
    reading: Annotated[
        Literal["auto", "document", "passage"],
        typer.Option(help="One call for a whole text, or short calls for each passage."),
    ] = "auto",
    epochs: Annotated[int, typer.Option(min=1, help="How often each article is read.")] = 1,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="RUN.json", help="Keep the run there.")
    ] = None,
    recording: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Keep replies there; those that it holds aren't asked for again."
        ),
    ] = None,
    replay: Annotated[
        bool,
        typer.Option("--replay", help=f"Ask nobody: take all from the recording ({RECORDING})."),
    ] = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="Ask for everything again and record that.")
    ] = False,
    figures_only: Annotated[
        bool, typer.Option("--figures-only", help="Keep no words of the articles.")
    ] = False,
    expect: Annotated[
        Path | None,
        typer.Option(metavar="RUN.json", help="Fail unless the figures are those of this run."),
    ] = None,
    max_errors: Annotated[
        float, typer.Option(min=0, max=1, help="The share of readings that may fail.")
    ] = 0.1,
    texts: Texts = None,
    offline: Annotated[
        bool | None, typer.Option("--offline", help="Forbid connections that leave this machine.")
    ] = None,
) -> None:
    """Read every gold article, score the records, and keep both."""
    if replay and anew:
        raise ConfigError("--replay asks nobody and --anew asks for everything: choose one")
    cases = _load(gold, texts)
    options = {"model": model, "base_url": base_url, "offline": offline}
    if recording is None and replay:
        recording = _beside(gold)
    with _extra():
        from agent.files import check_target, load_resources  # noqa: PLC0415
        from agent.settings import load_settings  # noqa: PLC0415
        from evals.compare import error_share  # noqa: PLC0415
        from evals.run import Plan  # noqa: PLC0415
        from evals.run_file import load_run  # noqa: PLC0415
        from evals.show import report  # noqa: PLC0415

        settings = load_settings(options)
        wanted = load_run(expect) if expect else None
        for path in (output, None if replay else recording):
            if path:
                check_target(path, "-")
        plan = Plan(
            cases=cases,
            gold=[path.as_posix() for path in gold],
            resources=load_resources(settings),
            settings=settings,
            way=reading,
            epochs=epochs,
            figures_only=figures_only,
            output=output,
            recording=recording,
            replay=replay,
            anew=anew,
        )
    _note(f"replaying {recording}; no model is asked" if replay else settings.where)
    finished = _run(plan)
    _print(report(finished))
    if wanted:
        _check_same(wanted, finished, expect)
    share = error_share(finished)
    if share:
        raise typer.Exit(TOO_MANY_FAILED if share > max_errors else SOME_FAILED)


def _run(plan: Plan) -> RunFile:
    from evals.run import run  # noqa: PLC0415

    return run(plan, _note)


def _beside(gold: Sequence[Path]) -> Path:
    """Return where the recording of some gold lies."""
    folder = gold[0] if gold[0].is_dir() else gold[0].parent
    return folder / RECORDING


def _check_same(wanted: RunFile, finished: RunFile, expect: Path | None) -> None:
    from evals.show import list_differences  # noqa: PLC0415

    different = list(list_differences(wanted, finished))
    if different:
        _note(f"the figures differ from those of {expect} (there / here):")
        for line in different[:20]:
            _note(f"  {line}")
        _note(f"  {len(different)} in all")
        raise typer.Exit(NOT_PASSED)
    _note(f"the figures are those of {expect}")


@app.command("score")
def score_command(run: RunPath, gold: OtherGold = None, texts: Texts = None) -> None:
    """Score a run's records again, by the present gold and metrics; no model is needed."""
    with _extra():
        from evals.run_file import load_run, save_run, score_run  # noqa: PLC0415
        from evals.show import report  # noqa: PLC0415

        file = load_run(run)
        scored = score_run(file, _gold_of(file, gold, texts))
        save_run(scored, run)
        _print(report(scored))


@app.command("report")
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
    with _extra():
        from evals.run_file import load_run, score_all  # noqa: PLC0415
        from evals.show import list_errors, report  # noqa: PLC0415

        file = load_run(run)
        if html:
            _write_page(file, _gold_of(file, gold, texts), html)
            return
        _print(report(file))
        if errors:
            for one in score_all(file, _gold_of(file, gold, texts)):
                for score in one.lenient if lenient else one.strict:
                    _print(["", *list_errors(one.case, score)])


def _write_page(file: RunFile, cases: Sequence[Case], html: Path) -> None:
    from agent.files import check_target, write_report  # noqa: PLC0415
    from evals.page import page  # noqa: PLC0415

    check_target(html, "-")
    write_report(html, page(file, cases))
    _note(f"written to {html}")


@app.command("compare")
def compare_command(
    a: Annotated[Path, typer.Argument(metavar="A.json")],
    b: Annotated[Path, typer.Argument(metavar="B.json")],
) -> None:
    """Compare two runs over the same gold, paired by document."""
    with _extra():
        from evals.compare import compare  # noqa: PLC0415
        from evals.run_file import load_run  # noqa: PLC0415
        from evals.show import describe_comparison  # noqa: PLC0415

        _print(describe_comparison(compare(load_run(a), load_run(b))))


@app.command("gate")
def gate_command(
    run: RunPath,
    baseline: Annotated[
        Path, typer.Option(metavar="RUN.json", help="The run that must not be undercut.")
    ],
    margin: Annotated[
        float, typer.Option(min=0, max=1, help="The drop of F1 that is put up with.")
    ] = 0.02,
    max_errors: Annotated[
        float, typer.Option(min=0, max=1, help="The share of readings that may fail.")
    ] = 0.1,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail too where the data can't tell.")
    ] = False,
) -> None:
    """Fail if a run is worse than a baseline: 0 passed, 1 failed, 6 too many errors."""
    with _extra():
        from evals.compare import judge  # noqa: PLC0415
        from evals.run_file import load_run  # noqa: PLC0415
        from evals.show import describe_findings  # noqa: PLC0415

        findings = judge(load_run(run), load_run(baseline), margin, max_errors)
        _print(describe_findings(findings))
    verdicts = {finding.verdict for finding in findings}
    if "errors" in verdicts:
        raise typer.Exit(TOO_MANY_FAILED)
    if "fail" in verdicts or (strict and "inconclusive" in verdicts):
        raise typer.Exit(NOT_PASSED)


@app.command("agree")
def agree_command(
    a: Annotated[Path, typer.Argument(metavar="DIR_A")],
    b: Annotated[Path, typer.Argument(metavar="DIR_B")],
    texts: Texts = None,
) -> None:
    """Tell how far two annotators agree."""
    with _extra():
        from evals.agree import agree  # noqa: PLC0415
        from evals.show import describe_agreement  # noqa: PLC0415

        _print(describe_agreement(agree(_load([a], texts), _load([b], texts))))


@app.command("check")
def check_command(gold: Gold, texts: Texts = None) -> None:
    """Check gold files: offsets, hashes, values and references."""
    cases = _load(gold, texts)
    claims = sum(len(case.gold.claims) for case in cases)
    typer.echo(f"{len(cases)} gold articles with {claims} claims are sound")


# ---- what the commands share ------------------------------------------------------------------


def _load(gold: Sequence[Path], texts: Path | None) -> list[Case]:
    from evals.gold import load_cases  # noqa: PLC0415

    return load_cases(gold, texts)


def _gold_of(file: RunFile, gold: list[Path] | None, texts: Path | None) -> list[Case]:
    """Return the gold that a run was made with, or another one that is named."""
    return _load(gold or [Path(path) for path in file.manifest.gold], texts)


@contextmanager
def _extra() -> Iterator[None]:
    """Tell what to install where a library of the extra `evals` is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name and error.name.split(".")[0] in {"numpy", "rapidfuzz", "scipy", "sklearn"}:
            message = f"{error.name} isn't installed: pip install 'sayso[evals]'"
            raise ConfigError(message) from error
        raise


def _note(text: str) -> None:
    from agent.report import plain  # noqa: PLC0415

    sys.stderr.write(f"{plain(text)}\n")
    sys.stderr.flush()


def _print(lines: Iterable[str]) -> None:
    """Print lines, without what a text could do to a terminal."""
    for line in lines:
        for part in line.split("\n"):
            typer.echo("".join(char if char.isprintable() else " " for char in part))
