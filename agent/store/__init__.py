"""What is kept between runs: replies, finished records, failures; in SQLite or PostgreSQL.

A reply lies under its request_key(), a record under the key of the work that made it. Errors are
never stored as answers, nor is any secret stored.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import ValidationError

from agent.engine import Abilities, Identity, Reply
from agent.errors import StoreError
from agent.schema import Extraction
from agent.store import claims, journal, recording, replies, upkeep
from agent.store.claims import ClaimRow, Query
from agent.store.database import Database
from agent.store.journal import Failure, Forgotten
from agent.store.place import MEMORY
from agent.store.upkeep import Stats, Verdict

__all__ = [
    "MEMORY",
    "ClaimRow",
    "Failure",
    "Forgotten",
    "Query",
    "Stats",
    "Store",
    "Verdict",
]

PAGE = 500  # rows that are read or written in one transaction


class Store:
    """A file of SQLite, memory, or a database of PostgreSQL. Threads and processes may share it.

    place: a path, or postgresql+psycopg://USER:PASSWORD@HOST/DATABASE. name: the place, without
    user and password. damaged: how many rows couldn't be read; each counts as not there.

    Raises:
        StoreError: the place is another program's, of a newer sayso, on a network file system, or
            can't be opened.
    """

    def __init__(self, place: Path | str = MEMORY) -> None:
        self._database = Database(place)
        self._counting = threading.Lock()
        self.name = self._database.place.name
        self.damaged = 0

    def close(self) -> None:
        """Close the place; the store can't be used after that."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _count_damaged(self) -> None:
        with self._counting:
            self.damaged += 1

    # ---- replies ------------------------------------------------------------------------------

    def get(self, key: str) -> Reply | None:
        """Return the reply to a request, None where there is none that can be read."""
        text = self._database.read(replies.find, key)
        if text is None:
            return None
        reply = replies.parse(text)
        if reply is None:
            self._count_damaged()
        return reply

    def put(
        self,
        key: str,
        reply: Reply,
        identity: Identity,
        abilities: Abilities,
        document_id: str | None = None,
    ) -> None:
        """Keep a reply, and who gave it; one that lies there already is replaced.

        document_id: the document that it was asked for; forget() erases it with that.
        """
        self._database.write(replies.put, [(key, reply, identity, abilities)], document_id)

    def engines(self) -> list[tuple[Identity, Abilities]]:
        """Return whose replies lie here, in order of their names."""
        try:
            return self._database.read(replies.list_engines)
        except ValidationError as error:
            raise StoreError(f"{self.name}: the table of engines is damaged; delete it") from error

    # ---- the journal --------------------------------------------------------------------------

    def record_of(self, key: str) -> str | None:
        """Return the record of a finished work as JSON in one line, None where it isn't finished.

        A record that can't be read counts as damaged, and as none.
        """
        text = self._database.read(journal.record_of, key)
        if text is None or journal.is_record(text):
            return text
        self._count_damaged()
        return None

    def keep(self, key: str, record: Extraction, *, reply_keys: Iterable[str] = ()) -> None:
        """Keep a record with its claims, all or nothing; what lay under the key is replaced.

        reply_keys: of the replies that it rests on, which forget() erases with it.
        """
        self._database.write(journal.keep, key, record, sorted(set(reply_keys)))

    def note_failure(self, key: str, failure: Failure, *, reply_keys: Iterable[str] = ()) -> None:
        """Keep why a document has no record; once it's kept, that is forgotten."""
        self._database.write(journal.note_failure, key, failure, sorted(set(reply_keys)))

    def failures(self) -> dict[str, Failure]:
        """Return what failed and isn't finished yet, by the key of the work."""
        return self._database.read(journal.list_failures)

    def forget(self, document_id: str) -> Forgotten:
        """Erase a document: its records, claims, failures and replies. Returns how many."""
        erased = self._database.write(journal.forget, document_id)
        self._database.write(upkeep.overwrite)
        self._database.read(upkeep.empty_log)
        return erased

    def claims(self, query: Query) -> Iterator[ClaimRow]:
        """Yield the claims of all records that a query asks for, in the order of keeping."""
        after = 0
        while rows := self._database.read(claims.page, query, after, PAGE):
            yield from (row for _, row in rows)
            after = rows[-1][0]

    # ---- upkeep -------------------------------------------------------------------------------

    def stats(self) -> Stats:
        """Return what the store holds."""
        return self._database.read(upkeep.stats)

    def verify(self) -> Verdict:
        """Return what of the store can be read; nothing is changed."""
        return upkeep.verify(self._database)

    def prune(self, *, older_than_days: float | None = None, max_mb: float | None = None) -> int:
        """Delete replies that are too old, then the oldest until the rest is small enough.

        Returns how many. max_mb: 1,000,000 bytes each, of the replies alone. Records stay.
        """
        deleted = self._database.write(upkeep.prune, older_than_days, max_mb)
        if deleted:
            with contextlib.suppress(StoreError):  # it needs space itself; what is free is reused
                self._database.read(upkeep.shrink)
            self._database.read(upkeep.empty_log)
        return deleted

    # ---- recordings ---------------------------------------------------------------------------

    def recording(self, keys: Iterable[str] | None = None) -> str:
        """Return the replies as JSON lines. keys: which ones; None is all."""
        return "".join(self.recording_lines(keys))

    def recording_lines(self, keys: Iterable[str] | None = None) -> Iterator[str]:
        """Yield the lines of a recording, the first with whose replies they are."""
        wanted = None if keys is None else set(keys)
        known = self.engines()
        used = (
            self._database.read(replies.used_engines)
            if wanted is None
            else {row[1] for row in self._rows(wanted)}
        )
        told = [(who, can) for who, can in known if who in used]
        names = [who for who, _ in told]
        yield recording.head_line(told)
        for row in self._rows(wanted):
            if row[1] not in names:  # put since the first line was written
                continue
            line = recording.reply_line(row, names)
            if line is None:
                self._count_damaged()
            else:
                yield line

    def _rows(self, wanted: set[str] | None) -> Iterator[replies.Row]:
        """Yield the replies as they lie there, by key."""
        after = ""
        while rows := self._database.read(replies.page, after, PAGE):
            yield from (row for row in rows if wanted is None or row[0] in wanted)
            after = rows[-1][0]

    def load_recording(self, text: str, name: str = "the recording") -> None:
        """Add the replies of a recording. A line that can't be read counts as damaged.

        Raises:
            StoreError: it isn't a recording, or of another form.
        """
        self.load_lines(text.split("\n"), name)

    def load_lines(self, lines: Iterable[str], name: str) -> int:
        """Add the replies of a recording's lines, and return how many.

        Raises:
            StoreError: as load_recording() does.
        """
        entries = recording.read_lines(lines, name)
        count = 0
        while batch := list(islice(entries, PAGE)):
            good = [entry for entry in batch if entry is not None]
            self.damaged += len(batch) - len(good)
            self._database.write(replies.put, good)
            count += len(good)
        return count
