"""Where lines come from: a person at a terminal, or a pipe."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TextIO

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import Completer
from prompt_toolkit.history import DummyHistory, FileHistory, History
from prompt_toolkit.input import Input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import Output
from prompt_toolkit.shortcuts import CompleteStyle
from prompt_toolkit.utils import is_dumb_terminal

from agent.document import Extent
from agent.repl.parse import is_command
from agent.repl.picker import pick


@dataclass(frozen=True, slots=True)
class Line:
    """What came in. pasted: several lines at once. last: nothing of the article follows."""

    text: str
    pasted: bool = False
    last: bool = False


class Lines(Protocol):
    """A source of lines. interactive: a person types them, and is told what to do."""

    @property
    def interactive(self) -> bool:
        """Whether a person is there."""

    def command(self, prompt: str) -> Line:
        """Return the next line, which may be a command.

        Raises:
            EOFError: there's none.
            KeyboardInterrupt: Ctrl-C.
        """

    def text(self, prompt: str) -> Line:
        """Return the next line of an article; raises as command() does."""

    def pick(self, text: str, at: int) -> Extent | None:
        """Return what a person selects in a text, from an offset on; None for nothing."""


class Piped:
    """Lines of a pipe or a file."""

    interactive = False

    def __init__(self, stream: TextIO) -> None:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")
        self._stream = stream

    def command(self, prompt: str) -> Line:  # noqa: ARG002  (nobody reads it)
        """Return the next line."""
        line = self._stream.readline()
        if not line:
            raise EOFError
        return Line(line.removesuffix("\n"))

    def text(self, prompt: str) -> Line:
        """Return the next line."""
        return self.command(prompt)

    def pick(self, text: str, at: int) -> Extent | None:  # noqa: ARG002  (nobody is there)
        """Return None: nobody is there to select."""
        return None


class Terminal:
    """Lines that a person types, with history and completion. input, output: for tests."""

    interactive = True

    def __init__(
        self,
        completer: Completer,
        history: Path | None = None,
        *,
        plain: Callable[[], bool] = lambda: False,
        input: Input | None = None,  # noqa: A002  (prompt_toolkit's names)
        output: Output | None = None,
    ) -> None:
        self._input, self._output = input, output
        self._plain = plain
        self._commands: PromptSession[Line | str] = PromptSession(
            completer=None if is_dumb_terminal() else completer,  # it can't show what changed
            complete_while_typing=False,
            history=_history(history),
            key_bindings=_paste_keys(commands=True),
            reserve_space_for_menu=6,
            input=input,
            output=output,
        )
        self._texts: PromptSession[Line | str] = PromptSession(
            history=DummyHistory(), key_bindings=_text_keys(), input=input, output=output
        )

    def command(self, prompt: str) -> Line:
        """Return the next line, or several that were pasted at once."""
        style = CompleteStyle.READLINE_LIKE if self._plain() else CompleteStyle.COLUMN
        return _as_line(self._commands.prompt(prompt, complete_style=style))

    def text(self, prompt: str) -> Line:
        """Return the next line of an article, or several that were pasted at once."""
        return _as_line(self._texts.prompt(prompt))

    def pick(self, text: str, at: int) -> Extent | None:
        """Return what the person selects in a text, from an offset on; None for nothing."""
        if self._plain():
            return None  # a screen of its own is of no use to a screen reader
        return pick(text, at, input=self._input, output=self._output)


def _as_line(given: Line | str) -> Line:
    return given if isinstance(given, Line) else Line(given)


def _history(path: Path | None) -> History:
    """Return the history of commands, in a file that nobody else may read."""
    if path is None:
        return DummyHistory()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
    except OSError:
        return DummyHistory()
    return _Commands(str(path))


class _Commands(FileHistory):
    """The history of commands; an article's first line is none."""

    def append_string(self, string: str) -> None:
        """Keep a line, if it's a command."""
        if is_command(string):
            super().append_string(string)


def _paste_keys(*, commands: bool) -> KeyBindings:
    """Return the keys by which several pasted lines come in as one Line, none of them a command.

    commands: what is pasted may be a command too, if it's a single line.
    """
    keys = KeyBindings()

    @keys.add(Keys.BracketedPaste)
    def _(event: KeyPressEvent) -> None:
        data = event.data.replace("\r\n", "\n").replace("\r", "\n")
        buffer = event.current_buffer
        single = data.strip("\n") if commands else data
        if "\n" not in single:
            buffer.insert_text(single)
            return
        whole = buffer.document.text_before_cursor + data + buffer.document.text_after_cursor
        buffer.reset()
        event.app.exit(result=Line(whole, pasted=True))

    return keys


def _text_keys() -> KeyBindings:
    """Return the keys for the lines of an article: Ctrl-D ends it, whatever the line holds."""
    keys = _paste_keys(commands=False)

    @keys.add("c-d")
    def _(event: KeyPressEvent) -> None:
        event.app.exit(result=Line(event.current_buffer.text, last=True))

    return keys


def collect(first: Line, lines: Lines, prompt: str, tell_how: Callable[[], None]) -> str:
    """Return an article: the first line and those up to a single dot, Ctrl-D or the end.

    tell_how: tells a person who asks with ? how to end it.

    Raises:
        KeyboardInterrupt: Ctrl-C; the article is given up.
    """
    parts = [first.text] if first.text else []
    while not first.last:
        try:
            line = lines.text(prompt)
        except EOFError:
            break
        if line.text == "." and not line.pasted:
            break
        if line.text == "?" and lines.interactive and not line.pasted:
            tell_how()
            continue
        if line.text or not line.last:
            parts.append(line.text)
        if line.last:
            break
    return "\n".join(part.removesuffix("\n") for part in parts)
