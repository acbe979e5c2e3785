"""The tables of the store, and the numbered migrations that make them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, text
from sqlalchemy.dialects import postgresql, sqlite

from agent.errors import StoreError

OURS = 0x73617973  # application_id of SQLite, key of PostgreSQL's lock: "says"

# ---- as the queries see them ------------------------------------------------------------------

metadata = MetaData()


def _table(name: str, keys: str, columns: str = "", numbers: str = "") -> Table:
    return Table(
        name,
        metadata,
        *(Column(column, Text, primary_key=True) for column in keys.split()),
        *(Column(column, Text) for column in columns.split()),
        *(Column(column, Integer) for column in numbers.split()),
    )


engines = _table("engines", "kind model build mode", "abilities")
replies = _table("replies", "key", "kind model build mode reply created")
records = _table("records", "key", "document sha256 title date origin record kept", "number")
uses = _table("uses", "document reply")
failures = _table("failures", "key", "document reason kind advice noted", "attempts")
claims = Table(
    "claims",
    metadata,
    Column("number", Integer, primary_key=True),
    *(
        Column(column, Text)
        for column in (
            "record id text content sources kind act confidence polarity sourcing zone "
            "duplicate_of text_words source_words"
        ).split()
    ),
)


def upsert(db: Connection, table: Table, *rows: Mapping[str, Any]) -> None:
    """Write rows; those with the same primary key are replaced."""
    if not rows:
        return
    insert = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
    statement, keys = insert(table), list(table.primary_key)
    others = {c.name: statement.excluded[c.name] for c in table.columns if not c.primary_key}
    if others:
        statement = statement.on_conflict_do_update(index_elements=keys, set_=others)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    db.execute(statement, rows)


# ---- migrations -------------------------------------------------------------------------------

_CLAIM_COLUMNS = """
    record TEXT NOT NULL REFERENCES records (key) ON DELETE CASCADE,
    id TEXT NOT NULL, text TEXT NOT NULL, content TEXT NOT NULL, sources TEXT NOT NULL,
    kind TEXT NOT NULL, act TEXT NOT NULL, confidence TEXT NOT NULL, polarity TEXT NOT NULL,
    sourcing TEXT NOT NULL, zone TEXT NOT NULL, duplicate_of TEXT,
    text_words TEXT NOT NULL, source_words TEXT NOT NULL
"""


def _journal(key: str) -> tuple[str, ...]:
    """Return what both databases have in common. key: the type of a column that orders rows."""
    return (
        f"""CREATE TABLE records (
            key {key} PRIMARY KEY,
            number BIGINT NOT NULL,
            document {key} NOT NULL, sha256 TEXT NOT NULL,
            title TEXT, date {key}, origin TEXT,
            record TEXT NOT NULL, kept TEXT NOT NULL
        )""",
        "CREATE INDEX records_document ON records (document, sha256, number)",
        "CREATE INDEX records_number ON records (number)",
        f"""CREATE TABLE uses (
            document {key} NOT NULL, reply {key} NOT NULL, PRIMARY KEY (document, reply)
        )""",
        f"""CREATE TABLE failures (
            key {key} PRIMARY KEY, document {key} NOT NULL,
            reason TEXT NOT NULL, kind TEXT NOT NULL, advice TEXT NOT NULL,
            attempts INTEGER NOT NULL, noted TEXT NOT NULL
        )""",
        "CREATE INDEX failures_document ON failures (document)",
    )


# By number; each runs once, in order, and none is ever changed. The last one's number is kept in
# user_version of SQLite, and in the table sayso_form of PostgreSQL.
SQLITE: Mapping[int, tuple[str, ...]] = {
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
    2: (
        *_journal("TEXT"),
        f"CREATE TABLE claims (number INTEGER PRIMARY KEY, {_CLAIM_COLUMNS})",
        "CREATE INDEX claims_record ON claims (record)",
        "CREATE INDEX replies_created ON replies (created, key)",
        """CREATE VIRTUAL TABLE claim_words USING fts5 (
            text_words, source_words, content = 'claims', content_rowid = 'number',
            tokenize = 'unicode61 remove_diacritics 0'
        )""",
        """CREATE TRIGGER claims_added AFTER INSERT ON claims BEGIN
            INSERT INTO claim_words (rowid, text_words, source_words)
            VALUES (new.number, new.text_words, new.source_words);
        END""",
        """CREATE TRIGGER claims_removed AFTER DELETE ON claims BEGIN
            INSERT INTO claim_words (claim_words, rowid, text_words, source_words)
            VALUES ('delete', old.number, old.text_words, old.source_words);
        END""",
    ),
}
_C = 'TEXT COLLATE "C"'  # sorts as SQLite does, and as Python
POSTGRESQL: Mapping[int, tuple[str, ...]] = {
    1: (
        "CREATE TABLE sayso_form (form INTEGER NOT NULL)",
        "INSERT INTO sayso_form VALUES (0)",
        f"""CREATE TABLE engines (
            kind {_C} NOT NULL, model {_C} NOT NULL, build {_C} NOT NULL, mode {_C} NOT NULL,
            abilities TEXT NOT NULL,
            PRIMARY KEY (kind, model, build, mode)
        )""",
        f"""CREATE TABLE replies (
            key {_C} PRIMARY KEY,
            kind TEXT NOT NULL, model TEXT NOT NULL, build TEXT NOT NULL, mode TEXT NOT NULL,
            reply TEXT NOT NULL,
            created {_C} NOT NULL
        )""",
    ),
    2: (
        *_journal(_C),
        f"""CREATE TABLE claims (
            number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, {_CLAIM_COLUMNS}
        )""",
        "CREATE INDEX claims_record ON claims (record)",
        "CREATE INDEX replies_created ON replies (created, key)",
        "CREATE INDEX claims_text ON claims USING gin (to_tsvector('simple', text_words))",
        "CREATE INDEX claims_sources ON claims USING gin (to_tsvector('simple', source_words))",
    ),
}
NEWEST = max(SQLITE)


def migrate(db: Connection, name: str) -> None:
    """Make an empty database ours, or bring one of ours up to date; within one transaction.

    Raises:
        StoreError: it's another program's, or of a newer sayso.
    """
    sqlite_ = db.dialect.name == "sqlite"
    if not sqlite_:  # SQLite's transaction is a lock; this one lasts until the commit as well
        db.execute(text("SELECT pg_advisory_xact_lock(:ours)"), {"ours": OURS})
    found = form_of(db)
    if found is None:
        raise StoreError(f"{name} is a database of another program; name another one")
    if found > NEWEST:
        raise StoreError(
            f"{name} was written by a newer sayso (form {found}, this one knows {NEWEST}); "
            "update sayso or name another place"
        )
    for number in range(found + 1, NEWEST + 1):
        for statement in (SQLITE if sqlite_ else POSTGRESQL)[number]:
            db.exec_driver_sql(statement)
        if sqlite_:
            db.exec_driver_sql(f"PRAGMA application_id = {OURS}")
            db.exec_driver_sql(f"PRAGMA user_version = {number}")
        else:
            db.execute(text("UPDATE sayso_form SET form = :form"), {"form": number})


def form_of(db: Connection) -> int | None:
    """Return the last migration that ran, 0 for an empty database, None for another program's."""
    return _sqlite_form(db) if db.dialect.name == "sqlite" else _postgresql_form(db)


def _sqlite_form(db: Connection) -> int | None:
    ask = db.exec_driver_sql
    application, form = (
        ask(f"PRAGMA {name}").scalar_one() for name in ("application_id", "user_version")
    )
    if application == OURS:
        return int(form)
    tables = ask("SELECT count(*) FROM sqlite_master").scalar_one()
    return None if application or form or tables else 0


def _postgresql_form(db: Connection) -> int | None:
    found = text("SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = current_schema()")
    names = set(db.execute(found).scalars())
    if "sayso_form" in names:
        return int(db.execute(text("SELECT form FROM sayso_form")).scalar_one())
    return None if names else 0
