"""`sayso eval calibrate`: fits the weights of `score`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from agent.errors import ConfigError
from agent.terminal import note
from evals.commands.options import Texts
from evals.commands.shared import extra, load


def calibrate_command(
    runs: Annotated[
        list[Path],
        typer.Argument(metavar="RUN.json", help="Runs with their records, one for each gold."),
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="Write the weights there.")
    ],
    texts: Texts = None,
) -> None:
    """Fit how likely a claim is read right on runs, each against the gold that it was made with."""
    with extra():
        from evals.calibrate import fit, sample  # noqa: PLC0415
        from evals.run_file import load_run  # noqa: PLC0415

    from agent.files import load_resources, write_report  # noqa: PLC0415
    from agent.settings import load_settings  # noqa: PLC0415

    cases, records, used = [], [], []
    for path in runs:
        run = load_run(path)
        if run.manifest.figures_only:
            raise ConfigError(f"{path} holds figures only, no records to fit on: run it again")
        found = {d.id: d.readings[0].record for d in run.documents if d.readings}
        gold = load([Path(place) for place in run.manifest.gold], texts)
        both = [(case, record) for case in gold if (record := found.get(case.id)) is not None]
        cases += [case for case, _ in both]
        records += [record for _, record in both]
        used.append((run.manifest.reading, run.manifest.hashes.gold))
    ways = {way for way, _ in used}
    if len(ways) != 1 or None in ways:
        raise ConfigError("the runs read in different ways: one calibration holds for one way")
    outcomes = sample(cases, records, load_resources(load_settings()))
    data = fit(outcomes, str(used[0][0]), {"gold": [gold for _, gold in used]})
    write_report(output, json.dumps(data, indent=2) + "\n")
    figures = data["provenance"]["leave_one_document_out"]
    note(
        f"{output}: {data['provenance']['claims']} claims; without their own document AUROC "
        f"{figures['auroc']}, Brier skill {figures['brier_skill']}"
    )
