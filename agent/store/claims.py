"""The claims of all kept records, searched by the database's own means. Each function is one work.

Where a document was read in several ways, the record that was kept last counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from agent.schema import Act, Claim, Confidence, Extraction, Kind, Polarity, Sourcing
from agent.store.tables import claims, records
from agent.store.texts import clean, words


@dataclass(frozen=True, slots=True)
class Query:
    """Which claims are wanted; what is empty asks for nothing.

    source, contains: words that stand side by side in the name of a source, in the claim. since:
    ISO 8601 day; articles without a date are left out then.
    """

    source: str = ""
    contains: str = ""
    confidence: Sequence[str] = ()
    kind: Sequence[str] = ()
    since: str = ""


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim with the document that it stands in. sources: names, outermost first."""

    document: str
    title: str | None
    date: str | None
    id: str
    sources: list[str]
    text: str
    content: str
    kind: Kind
    act: Act
    confidence: Confidence
    polarity: Polarity
    sourcing: Sourcing
    zone: str
    duplicate_of: str | None


# ---- in ---------------------------------------------------------------------------------------


def add_claims(db: sa.Connection, key: str, record: Extraction) -> None:
    """Write the claims of a record that lies under a key; those that were there are replaced."""
    db.execute(sa.delete(claims).where(claims.c.record == key))
    names = {entity.id: entity.name for entity in record.entities}
    rows = [{"record": key, **_row(claim, names)} for claim in record.claims]
    if rows:
        db.execute(sa.insert(claims), rows)


def _row(claim: Claim, names: dict[str, str]) -> dict[str, str | None]:
    chain = [names.get(link.entity, link.entity) for link in claim.attribution.chain]
    sources = "\n".join(" ".join(clean(name).split()) for name in chain)
    return {
        "id": clean(claim.id),
        "text": clean(claim.text),
        "content": clean(" ... ".join(span.text for span in claim.content)),
        "sources": sources,
        "kind": claim.attribution.kind,
        "act": claim.act,
        "confidence": claim.confidence,
        "polarity": claim.polarity,
        "sourcing": claim.sourcing,
        "zone": claim.zone,
        "duplicate_of": claim.duplicate_of and clean(claim.duplicate_of),
        "text_words": words(claim.text),
        "source_words": words(sources),
    }


# ---- out --------------------------------------------------------------------------------------


def page(db: sa.Connection, query: Query, after: int, size: int) -> list[tuple[int, ClaimRow]]:
    """Return the claims that come next after a number, with theirs, in the order of keeping."""
    c, r = claims.c, records.c
    rows = db.execute(
        sa.select(
            *(c.number, r.document, r.title, r.date, c.id, c.sources, c.text, c.content),
            *(c.kind, c.act, c.confidence, c.polarity, c.sourcing, c.zone, c.duplicate_of),
        )
        .join_from(claims, records, c.record == r.key)
        .where(c.number > after, *_conditions(db, query))
        .order_by(c.number)
        .limit(size)
    )
    return [
        (number, ClaimRow(document, title, date, id_, sources.splitlines(), *rest))
        for number, document, title, date, id_, sources, *rest in rows
    ]


def _conditions(db: sa.Connection, query: Query) -> Iterator[sa.ColumnElement[bool]]:
    c, r = claims.c, records.c
    later = records.alias("later")
    yield ~(
        sa.select(1)
        .where(later.c.document == r.document, later.c.sha256 == r.sha256)
        .where(later.c.number > r.number)
        .exists()
    )
    if query.confidence:
        yield c.confidence.in_(query.confidence)
    if query.kind:
        yield c.kind.in_(query.kind)
    if query.since:
        yield r.date >= query.since
    if query.contains.strip():
        yield _holds(db, c.text, c.text_words, query.contains)
    if query.source.strip():
        yield _holds(db, c.sources, c.source_words, query.source)


def _holds(
    db: sa.Connection, shown: sa.Column[str], indexed: sa.Column[str], term: str
) -> sa.ColumnElement[bool]:
    """Return the condition that a column holds the words of a term side by side.

    A term without words, such as "%", is looked for as it stands.
    """
    phrase = words(term)
    if not phrase:
        return shown.icontains(clean(term.strip()), autoescape=True)
    if db.dialect.name == "postgresql":
        simple: sa.ColumnElement[str] = sa.literal_column("'simple'")
        vector = sa.func.to_tsvector(simple, indexed)
        return vector.bool_op("@@")(sa.func.phraseto_tsquery(simple, phrase))
    index = sa.table("claim_words", sa.column("rowid"), sa.column("claim_words"))
    match = f'{indexed.name} : "{phrase}"'
    found = sa.select(index.c.rowid).where(index.c.claim_words.match(match))
    return claims.c.number.in_(found)
