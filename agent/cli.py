"""The command `sayso`: arguments to calls, and the one place that turns an error into an exit code.

Results go to stdout, everything else to stderr. Heavy imports wait until they're needed.
"""

from __future__ import annotations

import io
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

from agent.errors import AgentError, ConfigError, GoldError, PromptError, ReplayMiss
from agent.settings import VERSION, Settings, hide_key, load_settings

if TYPE_CHECKING:
    from rich.console import Console

    from agent.document import Document
    from agent.extract import Event
    from agent.schema import Extraction

Form = Literal["table", "json", "jsonl", "md", "csv"]
Reading = Literal["auto", "document", "passage"]

FAILED, WRONG_USE, NO_REPLY, INTERRUPTED = 1, 2, 5, 130
BY_SUFFIX: dict[str, Form] = {".json": "json", ".jsonl": "jsonl", ".md": "md", ".csv": "csv"}
FILE_COLUMNS = 100  # of a table that goes into a file

app = typer.Typer(
    help="Reads news and tells who says what, on whose say-so, and how sure they sound.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
models_app = typer.Typer(invoke_without_command=True, pretty_exceptions_enable=False)
app.add_typer(models_app, name="models", help="List the models that can be used here.")

Model = Annotated[
    str | None,
    typer.Option("-m", "--model", help="A model's name, or the path of a GGUF file."),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url",
        metavar="URL",
        help="An OpenAI-compatible endpoint; the text is sent there.",
    ),
]
Offline = Annotated[
    bool | None, typer.Option("--offline", help="Forbid every connection that leaves this machine.")
]


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command and exit. argv: the arguments, None for those of the process."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    debug = "--debug" in arguments  # needed before and after parsing
    if not debug and not sys.warnoptions:
        warnings.simplefilter("ignore")  # of libraries: nothing that a reader can mend
    _prepare_streams()
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
    from agent.report import plain  # noqa: PLC0415

    if debug:
        sys.stderr.write(hide_key("".join(traceback.format_exception(error))))
    sys.stderr.write(f"sayso: {hide_key(plain(message))}\n")


def _prepare_streams() -> None:
    """Write UTF-8 into pipes and files; on a terminal replace what it can't show."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if stream.isatty():
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console  # noqa: PLC0415

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


def _note(text: str) -> None:
    from agent.report import plain  # noqa: PLC0415

    sys.stderr.write(f"{plain(text)}\n")
    sys.stderr.flush()


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sayso {VERSION}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


# ---- extract ----------------------------------------------------------------------------------


@app.command("extract")
def extract_command(
    source: Annotated[
        str, typer.Argument(metavar="INPUT|-", help="A text file, or - for standard input.")
    ] = "-",
    model: Model = None,
    base_url: BaseUrl = None,
    reading: Annotated[
        Reading,
        typer.Option(help="One call for a whole text, or short calls for each passage."),
    ] = "auto",
    form: Annotated[
        Form | None,
        typer.Option(
            "-f", "--format", help="Of the result; without it, by FILE's name or a table."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write the result there.")
    ] = None,
    no_text: Annotated[
        bool, typer.Option("--no-text", help="Leave the article's text out of JSON.")
    ] = False,
    offline: Offline = None,
    force: Annotated[
        bool, typer.Option("--force", help="Read a text that isn't English too.")
    ] = False,
    max_chars: Annotated[
        int | None, typer.Option(metavar="N", help="Refuse longer texts (200,000).")
    ] = None,
    debug: Annotated[  # noqa: ARG001  (main() looks for it)
        bool, typer.Option("--debug", help="Show the traceback of an error.")
    ] = False,
) -> None:
    """Tell who says what in an article, on whose say-so, and how sure they sound."""
    settings = load_settings(
        {"model": model, "base_url": base_url, "offline": offline, "max_chars": max_chars}
    )
    from agent.api import open_document  # noqa: PLC0415
    from agent.files import check_target, read_article, write_report  # noqa: PLC0415

    if output:
        check_target(output, source)
    if source == "-" and sys.stdin.isatty():
        _note("reading the article from the keyboard; end it with Ctrl-D")
    document = open_document(read_article(source, settings.max_chars), force=force)
    _note(settings.where)
    extraction = _read(document, settings, reading)
    form = form or BY_SUFFIX.get(output.suffix.lower() if output else "", "table")
    if form not in ("table", "md"):  # which show them themselves
        for flag in extraction.flags:
            _note(f"note: {flag}")
    if output:
        write_report(output, _render(extraction, form, with_text=not no_text))
    elif form == "table":
        from agent.report import table  # noqa: PLC0415

        _console().print(table(extraction))
    else:
        sys.stdout.write(_render(extraction, form, with_text=not no_text))
        sys.stdout.flush()


def _read(document: Document, settings: Settings, reading: Reading) -> Extraction:
    from agent.engines import build_engine  # noqa: PLC0415
    from agent.extract import extract  # noqa: PLC0415
    from agent.files import load_resources  # noqa: PLC0415

    console = _console(stderr=True)
    with _quick_interrupt(console), _progress(console) as listen:
        resources = load_resources(settings)
        with build_engine(settings) as engine:
            return extract(document, resources, engine, listen, settings.workers, reading)


def _render(extraction: Extraction, form: Form, *, with_text: bool) -> str:
    from rich.console import Console  # noqa: PLC0415

    from agent import report  # noqa: PLC0415

    if form == "md":
        return report.markdown(extraction)
    if form == "csv":
        return report.csv_text(extraction)
    if form in ("json", "jsonl"):
        indent = 2 if form == "json" else None
        return report.json_text(extraction, with_text=with_text, indent=indent)
    page = io.StringIO()
    Console(file=page, width=FILE_COLUMNS, color_system=None).print(report.table(extraction))
    return "".join(f"{line.rstrip()}\n" for line in page.getvalue().splitlines())


@contextmanager
def _progress(console: Console) -> Iterator[Callable[[Event], None]]:
    """Yield a listener that draws a bar on a terminal, and elsewhere nothing."""
    if not console.is_terminal:
        yield lambda _event: None
        return
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("loading", total=None)
        yield lambda event: bar.update(
            task, description=event.stage, completed=event.done, total=event.total or None
        )


@contextmanager
def _quick_interrupt(console: Console) -> Iterator[None]:
    """Make Ctrl-C end the process at once: else it waits for the answers that are under way."""

    def leave(*_: Any) -> None:
        console.show_cursor(True)
        os.write(2, b"\nsayso: interrupted\n")
        os._exit(INTERRUPTED)

    before = signal.signal(signal.SIGINT, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


# ---- models -----------------------------------------------------------------------------------


@models_app.callback()
def _models(context: typer.Context) -> None:
    if context.invoked_subcommand is not None:
        return
    from agent.engines.weights import CATALOGUE  # noqa: PLC0415

    settings = load_settings()
    for name, spec in CATALOGUE.items():
        size, state = f"{spec.size / 1e6:,.0f} MB", _state(name, settings.cache_dir)
        typer.echo(f"{name:<20}{size:>9}  {spec.licence:<11} {state}")
        typer.echo(f"  {settings.cache_dir / spec.file}")
    typer.echo("`sayso models fetch [NAME]` gets what is missing.")
    typer.echo("Also: -m PATH for any other GGUF file; -m NAME --base-url URL for an endpoint.")
    typer.echo(f"Without -m: {settings.where}.")


def _state(name: str, cache_dir: Path) -> str:
    from agent.engines.weights import find  # noqa: PLC0415
    from agent.errors import WeightsError  # noqa: PLC0415

    try:
        return "here, verified" if find(name, cache_dir) else "not here"
    except WeightsError:
        return "here, but damaged"


@models_app.command("fetch")
def fetch_command(
    name: Annotated[
        str | None,
        typer.Argument(help="One of `sayso models`; without it, all that the default needs."),
    ] = None,
    offline: Offline = None,
) -> None:
    """Get models that aren't here yet, and check their bytes."""
    from agent.engines.weights import DEFAULTS, fetch  # noqa: PLC0415

    settings = load_settings({"offline": offline})
    for wanted in [name] if name else DEFAULTS:
        with _download(wanted) as progress:
            path = fetch(
                wanted, cache_dir=settings.cache_dir, progress=progress, offline=settings.offline
            )
        _note(f"{wanted} is here: {path}")


@contextmanager
def _download(name: str) -> Iterator[Callable[[int, int, str], None]]:
    """Yield a listener for fetch() that draws a bar on a terminal, and elsewhere nothing."""
    console = _console(stderr=True)
    if not console.is_terminal:
        yield lambda _done, _total, _what: None
        return
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total, what: bar.update(
            task, description=f"{name}: {what}", completed=done, total=total
        )


# ---- eval -------------------------------------------------------------------------------------


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
    with _quick_interrupt(_console(stderr=True)):
        evals_app(arguments, prog_name="sayso eval")


# ---- doctor -----------------------------------------------------------------------------------


@app.command("doctor")
def doctor_command(model: Model = None, base_url: BaseUrl = None, offline: Offline = None) -> None:
    """Tell what works here, and what to do about what doesn't."""
    from agent.doctor import examine  # noqa: PLC0415
    from agent.report import plain  # noqa: PLC0415

    settings = load_settings({"model": model, "base_url": base_url, "offline": offline})
    console = _console()
    wrong = 0
    for check in examine(settings, console.width, sys.stdout.encoding or "unknown"):
        wrong += bool(check.advice)
        mark = "TO DO" if check.advice else "ok"
        console.print(f"{mark:<6}{check.subject:<10}{plain(check.found)}", soft_wrap=True)
        if check.advice:
            console.print(f"{'':<16}-> {plain(check.advice)}", soft_wrap=True)
    console.print("all is well" if not wrong else f"{wrong} to do")
    if wrong:
        raise typer.Exit(FAILED)


if __name__ == "__main__":
    main()
