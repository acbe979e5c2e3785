"""Which documents are finished, with their records, and which failed. Each function is one work.

A record lies under the key of the work that made it; the same document read in two ways has two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from pydantic import ValidationError

from agent.rows import json_text
from agent.schema import Extraction
from agent.store.claims import add_claims
from agent.store.replies import note_uses, tidy
from agent.store.tables import claims, failures, records, replies, upsert, uses
from agent.store.texts import clean, now


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a document has no record. kind: the error's name. advice: what to do about it."""

    document_id: str
    reason: str
    kind: str
    attempts: int
    advice: str


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much of a document was erased."""

    records: int
    claims: int
    failures: int
    replies: int


_FIND = sa.select(records.c.record).where(records.c.key == sa.bindparam("key"))


def record_of(db: sa.Connection, key: str) -> str | None:
    """Return the record as it was kept, None where there is none."""
    return db.execute(_FIND, {"key": key}).scalar()


def is_record(text: str) -> bool:
    """Tell whether a text holds a record."""
    try:
        Extraction.model_validate_json(text)
    except ValidationError:
        return False
    return True


def keep(db: sa.Connection, key: str, record: Extraction, reply_keys: Sequence[str]) -> None:
    """Write a record with its claims; what lay under the key, its failure too, is replaced."""
    document = record.document
    number = db.execute(sa.select(sa.func.coalesce(sa.func.max(records.c.number), 0) + 1)).scalar()
    row = {
        "key": key,
        "number": number,
        "document": clean(document.id),
        "sha256": document.sha256,
        "title": document.title and clean(document.title),
        "date": document.date and clean(document.date),
        "origin": document.origin and clean(document.origin),
        "record": json_text(record, indent=None).rstrip("\n"),
        "kept": now(),
    }
    upsert(db, records, row)  # first: whoever keeps the same at the same time waits here
    add_claims(db, key, record)
    note_uses(db, document.id, reply_keys)
    db.execute(sa.delete(failures).where(failures.c.key == key))


def note_failure(db: sa.Connection, key: str, failure: Failure, reply_keys: Sequence[str]) -> None:
    """Write why a document has no record; where it has one by now, nothing."""
    note_uses(db, failure.document_id, reply_keys)
    if record_of(db, key) is not None:
        return
    row = {
        "key": key,
        "document": clean(failure.document_id),
        "reason": clean(failure.reason),
        "kind": failure.kind,
        "attempts": failure.attempts,
        "advice": clean(failure.advice),
        "noted": now(),
    }
    upsert(db, failures, row)


def list_failures(db: sa.Connection) -> dict[str, Failure]:
    """Return what failed, by key."""
    f = failures.c
    found = db.execute(
        sa.select(f.key, f.document, f.reason, f.kind, f.attempts, f.advice).order_by(f.key)
    )
    return {key: Failure(*rest) for key, *rest in found}


def forget(db: sa.Connection, document_id: str) -> Forgotten:
    """Erase what there is of a document, the replies that others used as well included."""
    name = clean(document_id)
    own = sa.select(records.c.key).where(records.c.document == name)
    used = sa.select(uses.c.reply).where(uses.c.document == name)
    erased = Forgotten(
        claims=db.execute(sa.delete(claims).where(claims.c.record.in_(own))).rowcount,
        replies=db.execute(sa.delete(replies).where(replies.c.key.in_(used))).rowcount,
        records=db.execute(sa.delete(records).where(records.c.document == name)).rowcount,
        failures=db.execute(sa.delete(failures).where(failures.c.document == name)).rowcount,
    )
    db.execute(sa.delete(uses).where(uses.c.document == name))
    tidy(db)
    return erased
