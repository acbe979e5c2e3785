"""Completion: commands, files, claims, sources, values; in the walk its keys and fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document

from agent.repl.article import label
from agent.repl.goldfix import FIELDS
from agent.repl.goldwalk import KEYS
from agent.repl.parse import FILTERS, NAMES, SPECS, VALUES
from agent.repl.session import Session
from agent.settings import LOCAL_MODELS
from agent.wording import plain

CLAIMS = frozenset({"show", "ok", "wrong", "unmark"})
FILES = frozenset({"open", "compare", "export", "save", "eval", "prompt", "model"})

Option = tuple[str, str]  # what is put in, and what tells of it


class Completions(Completer):
    """Completes command lines. session, walking: give the state at the moment of the key."""

    def __init__(self, session: Callable[[], Session], walking: Callable[[], bool]) -> None:
        self._session, self._walking = session, walking
        self._paths = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterable[Completion]:
        """Yield what may stand at the cursor."""
        line = document.text_before_cursor
        begun, options = candidates(line, self._session(), walking=self._walking())
        for text, told in options:
            if text.casefold().startswith(begun.casefold()):
                yield Completion(text, start_position=-len(begun), display_meta=told)
        path = _path(line, walking=self._walking())
        if path is not None:
            yield from self._paths.get_completions(Document(path), event)


def candidates(line: str, session: Session, *, walking: bool) -> tuple[str, list[Option]]:
    """Return the word that is being typed, and what it may become.

    >>> candidates("/cl", Session(), walking=False)[0]
    '/cl'
    """
    if line.startswith(("/", "?")):
        name, blank, rest = line[1:].partition(" ")
        if line.startswith("?") or not blank:
            sign = line[0]
            return line, [(f"{sign}{spec.name}", spec.does) for spec in SPECS]
        return _argument(name, rest, session)
    return _walk(line, session) if walking else ("", [])


def _argument(name: str, rest: str, session: Session) -> tuple[str, list[Option]]:
    last = rest.rpartition(" ")[2]
    if name in CLAIMS and " " not in rest:
        return rest, [(label(c), plain(c.text)[:60]) for c in session.claims]
    if name == "who":
        return rest, list(_sources(session))
    if name == "filter":
        key, equals, value = last.rpartition("=")
        if not equals:
            return last, [*((f"{one}=", "") for one in FILTERS), ("off", "show all")]
        begun = value.rpartition(",")[2]
        if key == "source":
            return begun, list(_sources(session))
        return begun, [(one, "") for one in VALUES.get(key, ())]
    if name == "help":
        return rest, [(one, "") for one in NAMES]
    if name == "model":
        return rest, [(one, "on this machine") for one in LOCAL_MODELS]
    return rest, []


def _sources(session: Session) -> Iterator[Option]:
    if session.record:
        for entity in session.record.entities:
            yield plain(entity.name), entity.type


def _walk(line: str, session: Session) -> tuple[str, list[Option]]:
    key, blank, rest = line.partition(" ")
    if not blank:
        return line, [(spec.name, spec.does) for spec in KEYS]
    if key not in ("f", "fix"):
        return rest, []
    field, blank, value = rest.partition(" ")
    if not blank:
        return field, [(one, "") for one in FIELDS]
    if field == "source" and session.gold:
        begun = value.rpartition("<")[2].lstrip()
        return begun, [(plain(entity.name), entity.type) for entity in session.gold.entities]
    return value, [(one, "") for one in VALUES.get(field, ())]


def _path(line: str, *, walking: bool) -> str | None:
    """Return the path that is being typed, None where none is wanted."""
    if line.startswith("/"):
        name, blank, rest = line[1:].partition(" ")
        return rest if blank and name in FILES else None
    return line.partition(" ")[2] if walking and line.startswith(("w ", "write ")) else None
