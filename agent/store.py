"""What is kept between runs, in SQLite: the replies. Only user of the database library.

A reply lies under its request_key(). Errors are never stored, nor is any secret. The same replies
as JSON lines are a recording: text that can be committed and compared.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pydantic import TypeAdapter, ValidationError

from agent.engine import Abilities, Identity, Reply
from agent.errors import StoreError

OURS = 0x73617973  # application_id: "says"
MEMORY = Path(":memory:")
RECORDING = "sayso-replies/1"

# By number; each runs once, in order, and none is ever changed. user_version holds the last.
MIGRATIONS: dict[int, tuple[str, ...]] = {
    1: (
        """CREATE TABLE engines (
            kind TEXT NOT NULL, model TEXT NOT NULL, build TEXT NOT NULL, mode TEXT NOT NULL,
            abilities TEXT NOT NULL,
            PRIMARY KEY (kind, model, build, mode)
        )""",
        """CREATE TABLE replies (
            key TEXT PRIMARY KEY,
            kind TEXT NOT NULL, model TEXT NOT NULL, build TEXT NOT NULL, mode TEXT NOT NULL,
            reply TEXT NOT NULL,
            created TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ'))
        )""",
    ),
}
NEWEST = max(MIGRATIONS)

_REPLY = TypeAdapter(Reply)
_ABILITIES = TypeAdapter(Abilities)
_IDENTITY = TypeAdapter(Identity)


class Store:
    """The replies in one SQLite file, or in memory. Threads may share it.

    damaged: how many replies couldn't be read; each counts as not there.

    Raises:
        StoreError: the file is another program's, of a newer sayso, or can't be opened.
    """

    def __init__(self, path: Path = MEMORY) -> None:
        self._path = path
        self._lock = threading.Lock()
        self.damaged = 0
        with self._told():
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        try:
            with self._told():
                _prepare(self._db, path)
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Close the file; the store can't be used after that."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # ---- replies ------------------------------------------------------------------------------

    def get(self, key: str) -> Reply | None:
        """Return the reply to a request, None where there is none that can be read."""
        with self._told():
            row = self._db.execute("SELECT reply FROM replies WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        try:
            return _REPLY.validate_python(json.loads(row[0]))
        except (ValueError, ValidationError):
            self.damaged += 1
            return None

    def put(self, key: str, reply: Reply, identity: Identity, abilities: Abilities) -> None:
        """Keep a reply, and who gave it; one that lies there already is replaced."""
        text = json.dumps(asdict(reply), ensure_ascii=False, separators=(",", ":"))
        with self._told():
            self._add_engine(identity, abilities)
            self._db.execute(
                "INSERT OR REPLACE INTO replies (key, kind, model, build, mode, reply) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (key, *_who(identity), text),
            )

    def engines(self) -> list[tuple[Identity, Abilities]]:
        """Return whose replies lie here, in order of their names."""
        with self._told():
            rows = self._db.execute("SELECT * FROM engines ORDER BY 1, 2, 3, 4").fetchall()
        try:
            return [(Identity(*row[:4]), _ABILITIES.validate_json(row[4])) for row in rows]
        except ValidationError as error:
            raise StoreError(f"{self._path}: the table of engines is damaged; delete it") from error

    def _add_engine(self, identity: Identity, abilities: Abilities) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO engines VALUES (?, ?, ?, ?, ?)",
            (*_who(identity), json.dumps(asdict(abilities))),
        )

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Let one thread in, and turn the library's errors into ours."""
        try:
            with self._lock:
                yield
        except (sqlite3.Error, OverflowError) as error:
            raise StoreError(
                f"{self._path}: the store can't be used ({error}); check the place, or delete it: "
                "it is made again"
            ) from error

    # ---- recordings ---------------------------------------------------------------------------

    def recording(self, keys: Iterable[str] | None = None) -> str:
        """Return the replies as JSON lines: whose they are first, then one a line, by key.

        keys: which ones; None is all. When they were given isn't told, so that the same replies
        make the same text.
        """
        with self._told():
            rows = self._db.execute(
                "SELECT key, kind, model, build, mode, reply FROM replies ORDER BY key"
            ).fetchall()
        wanted = None if keys is None else set(keys)
        rows = [row for row in rows if wanted is None or row[0] in wanted]
        used = sorted({row[1:5] for row in rows})
        abilities = {_who(identity): asdict(can) for identity, can in self.engines()}
        head: dict[str, Any] = {
            "format": RECORDING,
            "engines": [
                {"identity": asdict(Identity(*who)), "abilities": abilities[who]} for who in used
            ],
        }
        lines = [
            {"key": key, "engine": used.index(tuple(who)), "reply": json.loads(reply)}
            for key, *who, reply in rows
        ]
        return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in (head, *lines))

    def load_recording(self, text: str, name: str = "the recording") -> None:
        """Add the replies of a recording. A line that can't be read counts as damaged.

        Raises:
            StoreError: it isn't a recording, or of another form.
        """
        head, *lines = text.splitlines() or [""]
        try:
            value = json.loads(head)
            if value["format"] != RECORDING:
                raise StoreError(f"{name} is {value['format']!r} and must be {RECORDING!r}")
            engines = [
                (
                    _IDENTITY.validate_python(engine["identity"]),
                    _ABILITIES.validate_python(engine["abilities"]),
                )
                for engine in value["engines"]
            ]
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            raise StoreError(f"{name} isn't a recording: its first line says nothing") from error
        for line in lines:
            try:
                entry = json.loads(line)
                reply = _REPLY.validate_python(entry["reply"])
                key, (identity, abilities) = str(entry["key"]), engines[entry["engine"]]
            except (ValueError, KeyError, IndexError, TypeError, ValidationError):
                self.damaged += 1
            else:
                self.put(key, reply, identity, abilities)


def _who(identity: Identity) -> tuple[str, str, str, str]:
    return identity.kind, identity.model, identity.build, identity.mode


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    """Make a new file ours, or bring one of ours up to date.

    Raises:
        StoreError: it's another program's, or of a newer sayso.
    """
    db.execute("PRAGMA busy_timeout = 10000")
    application, version = _ask_pragma(db, "application_id"), _ask_pragma(db, "user_version")
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != OURS and (tables or version or application):
        raise StoreError(f"{path} is a database of another program; name another file")
    if version > NEWEST:
        raise StoreError(
            f"{path} was written by a newer sayso (form {version}, this one knows {NEWEST}); "
            "update sayso or name another file"
        )
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("BEGIN IMMEDIATE")
    with db:  # commits, or rolls back
        for number in range(_ask_pragma(db, "user_version") + 1, NEWEST + 1):
            for statement in MIGRATIONS[number]:
                db.execute(statement)
            db.execute(f"PRAGMA application_id = {OURS}")
            db.execute(f"PRAGMA user_version = {number}")


def _ask_pragma(db: sqlite3.Connection, name: str) -> int:
    (value,) = db.execute(f"PRAGMA {name}").fetchone()
    return int(value)
