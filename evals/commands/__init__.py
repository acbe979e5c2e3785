"""The commands of `sayso eval`. Heavy imports wait until they're needed."""

from __future__ import annotations

import typer

from evals.commands.calibrating import calibrate_command
from evals.commands.fabricate import fabricate_command
from evals.commands.reports import (
    agree_command,
    check_command,
    compare_command,
    gate_command,
    history_command,
    report_command,
)
from evals.commands.runs import matrix_command, run_command, score_command

app = typer.Typer(
    help="Measure how good the reading is, against gold labels.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("run")(run_command)
app.command("matrix")(matrix_command)
app.command("score")(score_command)
app.command("report")(report_command)
app.command("compare")(compare_command)
app.command("gate")(gate_command)
app.command("history")(history_command)
app.command("agree")(agree_command)
app.command("check")(check_command)
app.command("calibrate")(calibrate_command)
app.command("fabricate")(fabricate_command)
