"""How much the store holds, whether it can be read, and making it smaller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from agent.engine import Identity
from agent.store.database import Database
from agent.store.journal import is_record
from agent.store.replies import is_reply, tidy
from agent.store.tables import claims, failures, metadata, records, replies
from agent.store.texts import TIME_FORM

_PAGE = 200  # rows that are read in one transaction
_FAULTS = 5  # that SQLite may name; one is enough to call a file damaged


@dataclass(frozen=True, slots=True)
class Stats:
    """What the store holds. by_engine: the number of replies. oldest, newest: UTC, None for none.

    size_bytes: on the disk, with all that belongs to it.
    """

    replies: int
    reply_bytes: int
    by_engine: list[tuple[Identity, int]]
    oldest: str | None
    newest: str | None
    records: int
    claims: int
    failures: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many rows were read, how many of them are damaged, what SQLite found in its file."""

    replies: int
    records: int
    bad_replies: int
    bad_records: int
    faults: list[str]


def _bytes(db: sa.Connection) -> sa.ColumnElement[int]:
    """Return the length of a reply in bytes, as a column."""
    if db.dialect.name == "postgresql":
        return sa.func.octet_length(replies.c.reply)
    return sa.func.length(sa.cast(replies.c.reply, sa.LargeBinary))


def stats(db: sa.Connection) -> Stats:
    """Return what the store holds."""
    r = replies.c
    who = (r.kind, r.model, r.build, r.mode)
    by_engine = db.execute(sa.select(*who, sa.func.count()).group_by(*who).order_by(*who))
    total = sa.func.coalesce(sa.func.sum(_bytes(db)), 0)
    count, size, oldest, newest = db.execute(
        sa.select(sa.func.count(), total, sa.func.min(r.created), sa.func.max(r.created))
    ).one()
    return Stats(
        replies=count,
        reply_bytes=int(size),
        by_engine=[(Identity(*names), number) for *names, number in by_engine],
        oldest=oldest,
        newest=newest,
        records=_count(db, records),
        claims=_count(db, claims),
        failures=_count(db, failures),
        size_bytes=_size(db),
    )


def _count(db: sa.Connection, table: sa.Table) -> int:
    return db.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def _size(db: sa.Connection) -> int:
    if db.dialect.name == "postgresql":
        size = sa.text(
            "SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class "
            "WHERE relname = ANY(:ours) AND relnamespace = current_schema()::regnamespace"
        )
        return int(db.execute(size, {"ours": list(metadata.tables)}).scalar_one())
    pages, page_bytes = (
        db.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("page_count", "page_size")
    )
    return int(pages * page_bytes)


def prune(db: sa.Connection, older_than_days: float | None, max_mb: float | None) -> int:
    """Delete replies that are too old, then the oldest ones until the rest is small enough.

    Returns how many. max_mb: 1,000,000 bytes each, of the replies alone. Records aren't touched.
    """
    r, deleted = replies.c, 0
    if older_than_days is not None:
        oldest = (datetime.now(UTC) - timedelta(days=older_than_days)).strftime(TIME_FORM)
        deleted += db.execute(sa.delete(replies).where(r.created < oldest)).rowcount
    if max_mb is not None:
        newest_first = (r.created.desc(), r.key)
        so_far = sa.func.sum(_bytes(db)).over(order_by=newest_first).label("so_far")
        sums = sa.select(r.key, so_far).subquery()
        too_much = sa.select(sums.c.key).where(sums.c.so_far > max_mb * 1e6)
        deleted += db.execute(sa.delete(replies).where(r.key.in_(too_much))).rowcount
    tidy(db)
    return deleted


# ---- what can be read -------------------------------------------------------------------------


def verify(database: Database) -> Verdict:
    """Return what of the store can be read; nothing is changed."""
    faults = database.read(_find_faults)
    replies_, bad_replies = _read_all(database, replies.c.key, replies.c.reply, is_reply)
    records_, bad_records = _read_all(database, records.c.key, records.c.record, is_record)
    return Verdict(replies_, records_, bad_replies, bad_records, faults)


def _read_all(
    database: Database, key: sa.Column[str], text: sa.Column[str], good: Callable[[str], bool]
) -> tuple[int, int]:
    """Return how many rows of a table there are, and how many can't be read."""
    count, bad, after = 0, 0, ""
    while rows := database.read(_page, key, text, after):
        count += len(rows)
        bad += sum(not good(value) for _, value in rows)
        after = rows[-1][0]
    return count, bad


def _page(
    db: sa.Connection, key: sa.Column[str], text: sa.Column[str], after: str
) -> list[tuple[str, str]]:
    rows = db.execute(sa.select(key, text).where(key > after).order_by(key).limit(_PAGE))
    return [(name, value) for name, value in rows]


def _find_faults(db: sa.Connection) -> list[str]:
    """Return what SQLite finds wrong with its file; PostgreSQL sees to its own."""
    if db.dialect.name == "postgresql":
        return []
    found = db.exec_driver_sql(f"PRAGMA integrity_check({_FAULTS})").scalars()
    return [line for line in found if line != "ok"]


# ---- space ------------------------------------------------------------------------------------


def overwrite(db: sa.Connection) -> None:
    """Take the words of erased claims out of SQLite's index; PostgreSQL's vacuum sees to its own.

    SQLite overwrites what is deleted, but its index keeps words until it's rewritten.
    """
    if db.dialect.name == "sqlite":
        db.exec_driver_sql("INSERT INTO claim_words (claim_words) VALUES ('optimize')")


def empty_log(db: sa.Connection) -> None:
    """Take what was erased out of SQLite's log, unless others are reading at the moment."""
    if db.dialect.name == "sqlite":
        db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()


def shrink(db: sa.Connection) -> None:
    """Give the free space in SQLite's file back; PostgreSQL uses its own again."""
    if db.dialect.name == "sqlite":
        db.exec_driver_sql("VACUUM")
