"""Recordings: the replies as JSON lines, text that can be committed, compared and carried over.

The first line tells the form and whose replies they are; then one reply a line, by key. When they
were given isn't told, so that the same replies make the same text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter, ValidationError

from agent.engine import Abilities, Identity, Reply
from agent.errors import StoreError
from agent.store.replies import ABILITIES, REPLY, Entry, Row
from agent.store.texts import clean

FORM = "sayso-replies/1"

_IDENTITY = TypeAdapter(Identity)
_UNREADABLE = (ValueError, KeyError, TypeError, RecursionError, ValidationError)


def head_line(engines: Iterable[tuple[Identity, Abilities]]) -> str:
    """Return the first line."""
    told = [{"identity": asdict(who), "abilities": asdict(can)} for who, can in engines]
    return _line({"format": FORM, "engines": told})


def reply_line(row: Row, engines: Sequence[Identity]) -> str | None:
    """Return the line of a reply, None where it's damaged. engines: in the first line's order."""
    key, identity, text = row
    try:
        return _line({"key": key, "engine": engines.index(identity), "reply": json.loads(text)})
    except ValueError:
        return None


def _line(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode() + "\n"


def read_lines(lines: Iterable[str], name: str) -> Iterator[Entry | None]:
    """Yield the replies of a recording; None stands for a line that can't be read.

    Raises:
        StoreError: it isn't a recording, or of another form.
    """
    rest = iter(lines)
    engines = _read_head(next(rest, ""), name)
    for line in rest:
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            reply: Reply = REPLY.validate_python(entry["reply"])
            who, can = engines[_index(entry["engine"])]
            yield _told(entry["key"]), reply, who, can
        except (*_UNREADABLE, IndexError):
            yield None


def _index(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(value)
    return value


def _told(value: Any) -> str:
    """Return a key or name that a database can hold.

    Raises:
        ValueError: it's none.
    """
    if not isinstance(value, str) or clean(value) != value:
        raise ValueError(value)
    return value


def _read_head(line: str, name: str) -> list[tuple[Identity, Abilities]]:
    try:
        value = json.loads(line)
        if value["format"] != FORM:
            raise StoreError(f"{name} is {value['format']!r} and must be {FORM!r}")
        told = [
            (
                _IDENTITY.validate_python(engine["identity"]),
                ABILITIES.validate_python(engine["abilities"]),
            )
            for engine in value["engines"]
        ]
        for who, _ in told:
            for part in (who.kind, who.model, who.build, who.mode):
                _told(part)
    except _UNREADABLE as error:
        raise StoreError(f"{name} isn't a recording: its first line says nothing") from error
    else:
        return told
