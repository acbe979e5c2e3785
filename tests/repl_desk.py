"""A REPL for the tests: a scripted model, lines from a list, and what came of it as text."""

from __future__ import annotations

import io
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from agent.engines.scripted import ScriptedEngine
from agent.extract import Resources
from agent.repl.desk import Desk
from agent.repl.lines import Lines, Piped
from agent.repl.loop import run
from agent.repl.reader import Reader
from agent.settings import Settings

LAKE = "Ann Lee said that the lake may rise. “It is deep,” Lee said. The lake froze in 1963."


class Played(NamedTuple):
    """How a run of the REPL ended: exit code, results, and what was said besides."""

    code: int
    out: str
    notes: str


def silent_engine() -> ScriptedEngine:
    """Return a model that has nothing to add to what the tree finds."""
    return ScriptedEngine(lambda request: "none")


def make_desk(
    resources: Resources,
    lines: Lines,
    *,
    engine: ScriptedEngine | None = None,
    folder: Path | None = None,
    width: int = 80,
) -> Desk:
    """Return a desk whose consoles write into memory. folder: where sessions are kept."""

    def console() -> Console:
        return Console(file=io.StringIO(), width=width, markup=False, highlight=False, emoji=False)

    model = engine or silent_engine()
    reader = Reader(Settings(), build=lambda _: nullcontext(model), load=lambda _: resources)
    return Desk(console(), console(), lines, reader, folder=folder, user="ann", plain=True)


def written(console: Console) -> str:
    """Return what a console in memory has been given."""
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def play_desk(desk: Desk) -> Played:
    """Return what comes of a desk's lines."""
    code = run(desk)
    return Played(code, written(desk.console), written(desk.notes))


def play(resources: Resources, *commands: str, width: int = 80) -> Played:
    """Return what comes of commands that stand in a pipe."""
    stream = io.StringIO("".join(f"{command}\n" for command in commands))
    return play_desk(make_desk(resources, Piped(stream), width=width))
