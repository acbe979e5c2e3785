"""What a command needs of the terminal: streams, notes, bars, and an end at once on Ctrl-C.

Results go to stdout, everything else to stderr.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from agent.extract import Event

INTERRUPTED = 130


def prepare_streams() -> None:
    """Write UTF-8 into pipes and files; on a terminal replace what it can't show."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if stream.isatty():
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def open_console(*, stderr: bool = False) -> Console:
    """Return a console that takes nothing in the text for markup."""
    from rich.console import Console  # noqa: PLC0415

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


def note(text: str) -> None:
    """Write a line to stderr, without what could steer a terminal."""
    from agent.wording import plain  # noqa: PLC0415

    sys.stderr.write(f"{plain(text)}\n")
    sys.stderr.flush()


@contextmanager
def progress(console: Console) -> Iterator[Callable[[Event], None]]:
    """Yield a listener that draws a bar on a terminal, and elsewhere nothing."""
    if not console.is_terminal:
        yield lambda _event: None
        return
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[count]}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("loading", total=None, count="")

        def listen(event: Event) -> None:
            count = f"{event.done}/{event.total}" if event.total else ""
            total = event.total if event.done else None  # without a total the bar moves by itself
            bar.update(
                task, description=event.stage, completed=event.done, total=total, count=count
            )

        yield listen


@contextmanager
def quick_interrupt(console: Console) -> Iterator[None]:
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


@contextmanager
def download(name: str) -> Iterator[Callable[[int, int, str], None]]:
    """Yield a listener for fetch() that draws a bar on a terminal, and elsewhere nothing."""
    console = open_console(stderr=True)
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
