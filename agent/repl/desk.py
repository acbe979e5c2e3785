"""What the REPL works on: the session, the terminal, the engine, and where things are kept."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.text import Text

from agent.errors import ConfigError
from agent.repl import kept
from agent.repl.article import Layout
from agent.repl.lines import Lines
from agent.repl.reader import Reader
from agent.repl.session import Session
from agent.schema import Extraction, UsageRecord
from agent.wording import plain

_PARTS = re.compile(r" +|[^ ]+")
NONE_OPEN = "no article is open: paste one, or /open FILE"


def clean(text: str) -> str:
    r"""Return lines as a terminal shows and doesn't obey them, their blanks kept.

    >>> clean("a  b\n  c\x1b[2J")
    'a  b\n  c\\x1b[2J'
    """
    lines = text.expandtabs(4).split("\n")
    return "\n".join(
        "".join(part if part[0] == " " else plain(part) for part in _PARTS.findall(line))
        for line in lines
    )


@dataclass
class Desk:
    """The state of a running REPL. Commands change it; the session itself is a value.

    notes: where what is no result goes. folder: where sessions are kept, None to keep none. user:
    who judges. spent: of each reading. saved_to, gold_path: where session and gold were written.
    """

    console: Console
    notes: Console
    lines: Lines
    reader: Reader
    folder: Path | None = None
    user: str = ""
    plain: bool = False
    session: Session = field(default_factory=Session)
    walking: bool = False
    done: bool = False
    spent: list[UsageRecord] = field(default_factory=list)
    seconds: float = 0.0
    saved_to: Path | None = None
    gold_path: Path | None = None
    _place: Path | None = None

    @property
    def layout(self) -> Layout:
        """How an article is set, by the terminal as wide as it is now."""
        return Layout(self.console.width, plain=self.plain)

    @property
    def place(self) -> Path | None:
        """Where the session is kept, None before anything was."""
        return self._place

    def show(self, *what: RenderableType | str) -> None:
        """Print results; into a pipe without the blanks that fill lines on a screen."""
        group = Group(*(Text(each) if isinstance(each, str) else each for each in what))
        if self.console.is_terminal:
            self.console.print(group)
            return
        with self.console.capture() as captured:
            self.console.print(group)
        self.console.file.write("".join(f"{x.rstrip()}\n" for x in captured.get().splitlines()))

    def say(self, text: str) -> None:
        """Tell the person something that is no result; made safe for the terminal."""
        self.notes.print(Text(clean(text)), soft_wrap=not self.notes.is_terminal)

    def record(self) -> Extraction:
        """Return the record of the open article.

        Raises:
            ConfigError: none is open, or it hasn't been read.
        """
        if self.session.record is None:
            raise ConfigError(
                "the article isn't read yet: /read" if self.session.article else NONE_OPEN
            )
        return self.session.record

    def change(self, **changes: object) -> None:
        """Change the session, and keep it."""
        self.session = self.session.changed(**changes)
        self._keep()

    def start(self, session: Session, place: Path | None = None) -> None:
        """Begin with another session; the one before stays kept. place: where this one is kept."""
        self.session, self._place, self.walking = session, place, False
        self.saved_to = self.gold_path = None
        self._keep()

    def _keep(self) -> None:
        if self.folder is None or self.session.article is None:
            return
        self.session = self.session.changed(saved=kept.now())
        self._place = self._place or kept.new_name(self.folder)
        kept.keep(self._place, self.session)
