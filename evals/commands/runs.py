"""`sayso eval run`, `matrix` and `score`: what makes run files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.errors import ConfigError
from agent.terminal import note
from evals.commands.options import (
    BaseUrl,
    Epochs,
    Gold,
    MaxErrors,
    Offline,
    OtherGold,
    Reading,
    RunPath,
    Texts,
)
from evals.commands.shared import (
    NOT_PASSED,
    SOME_FAILED,
    TOO_MANY_FAILED,
    extra,
    find_ceiling,
    list_gold,
    load,
    show,
)

if TYPE_CHECKING:
    from evals.form import RunFile
    from evals.gold import Case
    from evals.run import Plan

RECORDING = "recording.jsonl"  # beside the gold, unless another one is named


def run_command(
    gold: Gold,
    model: Annotated[
        str | None,
        typer.Option("-m", "--model", help="A model's name, or the path of a GGUF file."),
    ] = None,
    base_url: BaseUrl = None,
    prompts: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Prompts with their LOCK, in place of those we ship."),
    ] = None,
    reading: Reading = "auto",
    epochs: Epochs = 1,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="RUN.json", help="Keep the run there.")
    ] = None,
    recording: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Keep replies there; those that it holds aren't asked for again. Without it they "
            "are kept beside RUN.json.",
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
    max_errors: MaxErrors = 0.1,
    texts: Texts = None,
    offline: Offline = None,
) -> None:
    """Read every gold article, score the records, and keep both."""
    if replay and anew:
        raise ConfigError("--replay asks nobody and --anew asks for everything: choose one")
    cases = load(gold, texts)
    if recording is None and replay:
        recording = (gold[0] if gold[0].is_dir() else gold[0].parent) / RECORDING
    elif recording is None and output and not figures_only:
        # Raw replies are kept with every run, but taken only from a recording that was named.
        recording, anew = output.with_suffix(".replies.jsonl"), True
    with extra():
        from evals.gate import error_share  # noqa: PLC0415
        from evals.run import run  # noqa: PLC0415
        from evals.run_file import load_run  # noqa: PLC0415
        from evals.show import report  # noqa: PLC0415

        wanted = load_run(expect) if expect else None
        plan = _plan(
            cases,
            gold,
            {"model": model, "base_url": base_url, "offline": offline},
            prompts,
            way=reading,
            epochs=epochs,
            figures_only=figures_only,
            output=output,
            recording=recording,
            replay=replay,
            anew=anew,
        )
        note(f"replaying {recording}; no model is asked" if replay else plan.settings.where)
        finished = run(plan, note)
        show(report(finished, find_ceiling(gold, texts, finished)))
        if wanted:
            _check_same(wanted, finished, expect)
        share = error_share(finished)
    if share:
        raise typer.Exit(TOO_MANY_FAILED if share > max_errors else SOME_FAILED)


def _plan(
    cases: list[Case],
    gold: Sequence[Path],
    options: Mapping[str, Any],
    prompts: Path | None,
    **fields: Any,
) -> Plan:
    """Return the plan of a run; see evals.run.Plan for the fields.

    Raises:
        ConfigError: the files of the run can't be written.
    """
    from dataclasses import replace  # noqa: PLC0415

    from agent.files import check_target, load_prompts, load_resources  # noqa: PLC0415
    from agent.settings import load_settings  # noqa: PLC0415
    from evals.run import Plan  # noqa: PLC0415

    settings = load_settings(options)
    for path in (fields["output"], None if fields.get("replay") else fields["recording"]):
        if path:
            check_target(path, "-")
    resources = load_resources(settings)
    if prompts:
        resources = replace(resources, prompts=load_prompts(prompts))
    return Plan(cases, [path.as_posix() for path in gold], resources, settings, **fields)


def _check_same(wanted: RunFile, finished: RunFile, expect: Path | None) -> None:
    """End with 1 where the figures aren't those of another run."""
    from evals.show_pairs import list_differences  # noqa: PLC0415

    different = list(list_differences(wanted, finished))
    if different:
        note(f"the figures differ from those of {expect} (there / here):")
        for line in different[:20]:
            note(f"  {line}")
        note(f"  {len(different)} in all")
        raise typer.Exit(NOT_PASSED)
    note(f"the figures are those of {expect}")


# ---- models and prompts side by side ----------------------------------------------------------


def matrix_command(
    gold: Gold,
    folder: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Keep runs and replies there.")
    ],
    model: Annotated[
        list[str] | None,
        typer.Option("-m", "--model", help="A model; again for more. The first is the baseline."),
    ] = None,
    prompts: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="Prompts with their LOCK; again for more."),
    ] = None,
    base_url: BaseUrl = None,
    reading: Reading = "auto",
    epochs: Epochs = 1,
    texts: Texts = None,
    offline: Offline = None,
) -> None:
    """Run each model with each set of prompts, and compare all with the first."""
    cases = load(gold, texts)
    with extra():
        from evals.gate import error_share  # noqa: PLC0415
        from evals.matrix import describe_table, tabulate  # noqa: PLC0415
        from evals.run import run  # noqa: PLC0415

        folder.mkdir(parents=True, exist_ok=True)
        finished: dict[str, RunFile] = {}
        for name, (one, place) in _name_combinations(model or [None], prompts or [None]).items():
            stem = re.sub(r"[^\w.-]+", "-", name)
            plan = _plan(
                cases,
                gold,
                {"model": one, "base_url": base_url, "offline": offline},
                place,
                way=reading,
                epochs=epochs,
                output=folder / f"{stem}.json",
                recording=folder / f"{stem}.replies.jsonl",
            )
            note(f"{name}: {plan.settings.where}")
            finished[name] = run(plan, note)
        show(describe_table(tabulate(finished)))
        failed = any(error_share(file) for file in finished.values())
    if failed:
        raise typer.Exit(SOME_FAILED)


def _name_combinations(
    models: Sequence[str | None], prompts: Sequence[Path | None]
) -> dict[str, tuple[str | None, Path | None]]:
    """Return every pair of a model and prompts, by a name that is also its files'.

    Raises:
        ConfigError: two pairs would have one name.
    """
    pairs = [(model, place) for model in models for place in prompts]
    named = {
        " ".join([Path(model).name if model else "default", *([place.name] if place else [])]): (
            model,
            place,
        )
        for model, place in pairs
    }
    if len(named) < len(pairs):
        raise ConfigError("two models or folders of prompts have one name: rename one of them")
    return named


# ---- score ------------------------------------------------------------------------------------


def score_command(run: RunPath, gold: OtherGold = None, texts: Texts = None) -> None:
    """Score a run's records again, by the present gold and metrics; no model is needed."""
    with extra():
        from evals.run_file import load_run, save_run, score_run  # noqa: PLC0415
        from evals.show import report  # noqa: PLC0415

        file = load_run(run)
        places = list_gold(file, gold)
        scored = score_run(file, load(places, texts))
        save_run(scored, run)
        show(report(scored, find_ceiling(places, texts, scored)))
