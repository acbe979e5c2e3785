"""`sayso` alone, or `sayso repl`: articles are opened, looked at and judged."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from agent.commands.models import to_fetch
from agent.commands.options import BaseUrl, Model, Offline
from agent.settings import Settings, data_path, load_settings, user_name
from agent.terminal import note, open_console

if TYPE_CHECKING:
    from agent.repl.desk import Desk


def repl_command(
    model: Model = None,
    base_url: BaseUrl = None,
    offline: Offline = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="No columns and no bars, as for a screen reader.")
    ] = False,
    debug: Annotated[  # noqa: ARG001  (main() looks for it)
        bool, typer.Option("--debug", help="Show the traceback of an error.")
    ] = False,
) -> None:
    """Open the REPL: paste or open articles, look at claims, judge them, make gold."""
    settings = load_settings({"model": model, "base_url": base_url, "offline": offline})
    from agent.repl.loop import greet, run  # noqa: PLC0415

    desk = _desk(settings, plain=plain)
    if desk.lines.interactive:
        greet(desk)
        if command := to_fetch(settings):
            desk.say(f"What reads isn't here yet. Once, in a shell: {command}")
    code = run(desk)
    sys.stdout.flush()
    if desk.reader.busy:  # a reading that was stopped: nobody waits for its last answer
        os._exit(code)
    desk.reader.close()
    raise typer.Exit(code)


def _desk(settings: Settings, *, plain: bool) -> Desk:
    """Return the desk of a person at a terminal, or of a pipe, for which nothing is kept."""
    from agent.repl.complete import Completions  # noqa: PLC0415
    from agent.repl.desk import Desk  # noqa: PLC0415
    from agent.repl.lines import Piped, Terminal  # noqa: PLC0415
    from agent.repl.reader import Reader, kept_engine  # noqa: PLC0415

    console = open_console()
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    desk = Desk(
        console=console,
        notes=console if interactive else open_console(stderr=True),
        lines=Piped(sys.stdin),
        reader=Reader(settings, build=partial(kept_engine, tell=note)),
        user=user_name(),
        plain=plain or not console.is_terminal or console.is_dumb_terminal,
    )
    if interactive:
        desk.folder = data_path() / "sessions"
        completer = Completions(lambda: desk.session, lambda: desk.walking)
        history = data_path() / "history"
        desk.lines = Terminal(completer, history, plain=lambda: desk.plain)
    return desk
