"""The command `sayso`: arguments to calls, and the one place that turns an error into an exit code.

The commands are in commands/, one file each. Heavy imports wait until they're needed.
"""

from __future__ import annotations

import sys
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from agent.commands.batch import batch_command
from agent.commands.cache import cache_app
from agent.commands.claims import claims_command
from agent.commands.doctor import doctor_command
from agent.commands.extract import extract_command
from agent.commands.models import models_app
from agent.commands.page import page_command
from agent.commands.provider import collect_command, status_command, submit_command
from agent.commands.repl import repl_command
from agent.errors import AgentError, ConfigError, GoldError, PromptError, ReplayMiss
from agent.settings import VERSION, exposed_config, hide_key
from agent.terminal import note, open_console, prepare_streams, quick_interrupt

FAILED, WRONG_USE, NO_REPLY = 1, 2, 5


class _Commands(TyperGroup):
    """Commands of one word or two: `batch INPUT…`, but `batch submit`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Return name, command and further arguments."""
        words = " ".join(args[:2])
        if words in self.commands:
            return words, self.commands[words], args[2:]
        if args[0] not in self.commands and (Path(args[0]).exists() or "://" in args[0]):
            ctx.fail(f"{args[0]} is no command: `sayso extract {args[0]}` reads it.")
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=_Commands,
    help="Reads news and tells who says what, on whose say-so, and how sure they sound. "
    "Without a command, it opens the REPL.",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("extract", context_settings={"allow_extra_args": True})(extract_command)
app.command("repl")(repl_command)
app.command("batch")(batch_command)
app.command("batch submit")(submit_command)
app.command("batch status")(status_command)
app.command("batch collect")(collect_command)
app.command("page")(page_command)
app.add_typer(models_app, name="models", help="List the models that can be used here.")
app.command("doctor")(doctor_command)
app.command("claims")(claims_command)
app.add_typer(cache_app, name="cache", help="What is kept between runs.")


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command and exit. argv: the arguments, None for those of the process."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    debug = "--debug" in arguments  # needed before and after parsing
    if not debug and not sys.warnoptions:
        warnings.simplefilter("ignore")  # of libraries: nothing that a reader can mend
    prepare_streams()
    try:
        app(arguments, prog_name="sayso")
    except AgentError as error:
        code = _code(error)
        _complain(error, str(error), debug=debug)
    except Exception as error:  # noqa: BLE001  (here, so that no person meets a traceback)
        code = FAILED
        how = "the traceback above shows" if debug else "run it again with --debug to see"
        what = f"unexpected {type(error).__name__}: {error}"
        _complain(error, f"{what}; this is a bug in sayso, {how} where", debug=debug)
    else:
        code = 0
    sys.exit(code)


def _code(error: AgentError) -> int:
    if isinstance(error, ReplayMiss):
        return NO_REPLY
    return WRONG_USE if isinstance(error, ConfigError | PromptError | GoldError) else FAILED


def _complain(error: Exception, message: str, *, debug: bool) -> None:
    from agent.wording import plain  # noqa: PLC0415

    if debug:
        sys.stderr.write(hide_key("".join(traceback.format_exception(error))))
    sys.stderr.write(f"sayso: {hide_key(plain(message))}\n")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sayso {VERSION}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001  (its callback shows it)
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    if warning := exposed_config():
        note(warning)
    if context.invoked_subcommand is None:
        repl_command()


@app.command(
    "eval",
    context_settings={
        "allow_extra_args": True,
        "allow_interspersed_args": False,
        "ignore_unknown_options": True,
        "help_option_names": [],
    },
)
def eval_command(context: typer.Context) -> None:
    """Measure how good the reading is, against gold labels."""
    from evals.commands import app as evals_app  # noqa: PLC0415

    arguments = [argument for argument in context.args if argument != "--debug"]
    with quick_interrupt(open_console(stderr=True)):
        evals_app(arguments, prog_name="sayso eval")


if __name__ == "__main__":
    main()
