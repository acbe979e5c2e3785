"""`sayso extract`: one article in, its claims out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agent.commands.options import BaseUrl, Model, Offline
from agent.forms import Form, form_of, render
from agent.settings import Settings, load_settings
from agent.terminal import note, open_console, progress, quick_interrupt

if TYPE_CHECKING:
    from agent.document import Document
    from agent.schema import Extraction

Reading = Literal["auto", "document", "passage"]


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
        note("reading the article from the keyboard; end it with Ctrl-D")
    document = open_document(read_article(source, settings.max_chars), force=force)
    note(settings.where)
    extraction = _read(document, settings, reading)
    form = form or form_of(output)
    if form not in ("table", "md"):  # which show them themselves
        for flag in extraction.flags:
            note(f"note: {flag}")
    if output:
        write_report(output, render(extraction, form, with_text=not no_text))
    elif form == "table":
        from agent.report import table  # noqa: PLC0415

        open_console().print(table(extraction))
    else:
        sys.stdout.write(render(extraction, form, with_text=not no_text))
        sys.stdout.flush()


def _read(document: Document, settings: Settings, reading: Reading) -> Extraction:
    from agent.engines import build_engine  # noqa: PLC0415
    from agent.extract import extract  # noqa: PLC0415
    from agent.files import load_resources  # noqa: PLC0415

    console = open_console(stderr=True)
    with quick_interrupt(console), progress(console) as listen:
        resources = load_resources(settings)
        with build_engine(settings) as engine:
            return extract(document, resources, engine, listen, settings.workers, reading)
