"""`sayso extract`: one article in, its claims out."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agent.commands.options import BaseUrl, Model, Offline
from agent.errors import ConfigError, StoreError
from agent.forms import Form, form_of, render
from agent.settings import Settings, load_settings
from agent.terminal import note, open_console, progress, quick_interrupt

if TYPE_CHECKING:
    from agent.document import Article, Document
    from agent.schema import Extraction
    from agent.store import Store

Reading = Literal["auto", "document", "passage"]


def extract_command(
    context: typer.Context,
    source: Annotated[
        str,
        typer.Argument(
            metavar="INPUT|-",
            help="A file (text, Markdown, HTML, PDF, .docx, .eml, .srt, .vtt), the address of a "
            "web page, or - for standard input.",
        ),
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
    allow_private: Annotated[
        bool,
        typer.Option("--allow-private", help="Fetch from this machine and its network too."),
    ] = False,
    no_cache: Annotated[
        bool,
        typer.Option("--no-cache", help="Ask anew, and keep no replies for the next time."),
    ] = False,
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
    if context.args:
        inputs = " ".join(map(quote, (source, *context.args)))
        raise ConfigError(f"extract reads one article: `sayso batch {inputs} -o OUT.jsonl`")
    settings = load_settings(
        {"model": model, "base_url": base_url, "offline": offline, "max_chars": max_chars}
    )
    from agent.api import open_document  # noqa: PLC0415
    from agent.files import check_target, write_report  # noqa: PLC0415

    form = form or form_of(output)
    if output:
        check_target(output, source)
    article = _read_article(source, settings, allow_private=allow_private)
    document = open_document(article, force=force)
    note(settings.where)
    with ExitStack() as stack:
        store = None if no_cache else _open_store(settings, stack)
        extraction = _read(document, settings, reading, store)
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


def _read_article(source: str, settings: Settings, *, allow_private: bool) -> Article:
    from agent.inputs import is_url, read_article  # noqa: PLC0415

    if source == "-" and sys.stdin.isatty():
        note("reading the article from the keyboard; end it with Ctrl-D")
    if is_url(source) and not settings.offline:
        note(f"fetching {source}")
    return read_article(
        source, settings.max_chars, allow_private=allow_private, offline=settings.offline
    )


def _open_store(settings: Settings, stack: ExitStack) -> Store | None:
    """Return the store of replies, None where it can't be used: one article is read without it."""
    from agent.store import Store  # noqa: PLC0415

    try:
        return stack.enter_context(Store(settings.store))
    except StoreError as error:
        note(f"note: replies aren't kept: {error}")
        return None


def _read(
    document: Document, settings: Settings, reading: Reading, store: Store | None
) -> Extraction:
    from agent.engines import build_engine  # noqa: PLC0415
    from agent.engines.cached import CachedEngine  # noqa: PLC0415
    from agent.extract import extract  # noqa: PLC0415
    from agent.files import load_resources  # noqa: PLC0415

    console = open_console(stderr=True)
    with quick_interrupt(console), progress(console) as listen:
        resources = load_resources(settings)
        with build_engine(settings) as engine:
            name = document.article.id
            asked = CachedEngine(engine, store).for_document(name) if store else engine
            return extract(document, resources, asked, listen, settings.workers, reading)
