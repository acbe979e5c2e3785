"""The replies to requests, by request_key(), and whose they are. Each function is one work."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa
from pydantic import TypeAdapter, ValidationError

from agent.engine import Abilities, Identity, Reply
from agent.store.tables import engines, replies, upsert, uses
from agent.store.texts import clean, dumps, now

REPLY = TypeAdapter(Reply)
ABILITIES = TypeAdapter(Abilities)

Entry = tuple[str, Reply, Identity, Abilities]  # a reply with its key, and who gave it
Row = tuple[str, Identity, str]  # a reply as it lies there: key, who gave it, JSON

_FIND = sa.select(replies.c.reply).where(replies.c.key == sa.bindparam("key"))


def find(db: sa.Connection, key: str) -> str | None:
    """Return a reply as it was put, None where there is none."""
    return db.execute(_FIND, {"key": key}).scalar()


def parse(text: str) -> Reply | None:
    """Return the reply that a text holds, None where it's damaged."""
    try:
        return REPLY.validate_python(json.loads(text))
    except (ValueError, RecursionError, ValidationError):
        return None


def is_reply(text: str) -> bool:
    """Tell whether a text holds a reply."""
    return parse(text) is not None


def put(db: sa.Connection, entries: Sequence[Entry], document_id: str | None = None) -> None:
    """Write replies and who gave them; what lies there already is replaced.

    document_id: the document that they were asked for.
    """
    for identity, abilities in dict.fromkeys((who, can) for _, _, who, can in entries):
        _tell(db, identity, abilities)
    in_order = sorted(entries, key=lambda entry: entry[0])  # as everybody does: no deadlock
    rows = (
        {"key": key, **asdict(identity), "reply": dumps(asdict(reply)), "created": now()}
        for key, reply, identity, _ in in_order
    )
    upsert(db, replies, *rows)
    if document_id is not None:
        note_uses(db, document_id, [key for key, *_ in in_order])


def note_uses(db: sa.Connection, document_id: str, reply_keys: Sequence[str]) -> None:
    """Write which replies a document used, so that they can be erased with it."""
    name = clean(document_id)
    upsert(db, uses, *({"document": name, "reply": reply} for reply in sorted(set(reply_keys))))


def _tell(db: sa.Connection, identity: Identity, abilities: Abilities) -> None:
    """Write who an engine is, unless it's known: writers of one row would wait for each other."""
    text, e, i = json.dumps(asdict(abilities)), engines.c, identity
    found = sa.select(e.abilities).where(
        e.kind == i.kind, e.model == i.model, e.build == i.build, e.mode == i.mode
    )
    if db.execute(found).scalar() != text:
        upsert(db, engines, {**asdict(identity), "abilities": text})


def list_engines(db: sa.Connection) -> list[tuple[Identity, Abilities]]:
    """Return whose replies lie here, in order of their names.

    Raises:
        ValidationError: the table is damaged.
    """
    e = engines.c
    rows = db.execute(sa.select(engines).order_by(e.kind, e.model, e.build, e.mode))
    return [(Identity(*row[:4]), ABILITIES.validate_json(row[4])) for row in rows]


def used_engines(db: sa.Connection) -> set[Identity]:
    """Return whose replies lie here, from the replies themselves."""
    r = replies.c
    return {
        Identity(*row) for row in db.execute(sa.select(r.kind, r.model, r.build, r.mode).distinct())
    }


def page(db: sa.Connection, after: str, size: int) -> list[Row]:
    """Return the replies whose keys come next after a key, in their order."""
    r = replies.c
    rows = db.execute(
        sa.select(r.key, r.kind, r.model, r.build, r.mode, r.reply)
        .where(r.key > after)
        .order_by(r.key)
        .limit(size)
    )
    return [(key, Identity(*names), text) for key, *names, text in rows]


def tidy(db: sa.Connection) -> None:
    """Delete what belongs to replies that aren't there any more."""
    e, r = engines.c, replies.c
    theirs = sa.select(1).where(
        r.kind == e.kind, r.model == e.model, r.build == e.build, r.mode == e.mode
    )
    db.execute(sa.delete(engines).where(~theirs.exists()))
    reply = sa.select(1).where(r.key == uses.c.reply)
    db.execute(sa.delete(uses).where(~reply.exists()))
