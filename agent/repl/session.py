"""The state of a session as a value: the article, its record with verdicts, filters, gold work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.document import Article, Document, read_document
from agent.errors import InputError
from agent.repl.goldwork import Work
from agent.schema import FORMAT, Claim, Entity, Extraction, Review

SESSION: Literal["sayso-session/1"] = "sayso-session/1"


class Session(BaseModel):
    """What a person is at. saved: when it was kept last, ISO 8601; every step makes a new one."""

    model_config = ConfigDict(frozen=True)

    format: Literal["sayso-session/1"] = SESSION
    saved: str = ""
    article: Article | None = None
    record: Extraction | None = None
    filters: dict[str, str] = {}
    gold: Work | None = None

    @property
    def title(self) -> str:
        """What the session is about, for a list."""
        if self.record and self.record.document.title:
            return self.record.document.title
        if self.article is None:
            return "nothing"
        first = next((line for line in self.article.text.splitlines() if line.strip()), "")
        return self.article.title or first.strip()

    @property
    def claims(self) -> list[Claim]:
        """All claims of the record."""
        return self.record.claims if self.record else []

    @property
    def reviewed(self) -> int:
        """How many claims bear a verdict."""
        return sum(claim.review is not None for claim in self.claims)

    def document(self) -> Document:
        """Return the article with its parts; there must be one."""
        assert self.article is not None  # noqa: S101  (callers ask for the record first)
        language = self.record.document.language if self.record else "und"
        return read_document(self.article, language)

    def changed(self, **changes: object) -> Session:
        """Return the session with other values."""
        return self.model_copy(update=changes)


def restore(text: str, name: str) -> Session | None:
    """Return the session that a file holds, or one on the record that it holds; None for neither.

    Raises:
        InputError: it is one of the two and malformed, or a record without its article's text.
    """
    if not text.lstrip().startswith("{"):
        return None
    try:
        if f'"{SESSION}"' in text[:200]:
            return Session.model_validate_json(text)
        if f'"{FORMAT}"' not in text[:200]:
            return None
        record = Extraction.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = " / ".join(map(str, first["loc"])) or "its first lines"
        raise InputError(f"{name} is damaged at {where}: {first['msg']}") from error
    return of_record(record, name)


def of_record(record: Extraction, name: str) -> Session:
    """Return a session on a record that was made elsewhere.

    Raises:
        InputError: the record came without its article's text, or its spans don't fit that.
    """
    about = record.document
    if about.text is None:
        raise InputError(f"{name} was exported without the article's text: read the article itself")
    for claim in record.claims:
        for span in (*claim.content, claim.sentence):
            if about.text[span.start : span.end] != span.text:
                raise InputError(f"{name}: {claim.id} doesn't stand in the text as it says")
    article = Article(
        about.text,
        id=about.id,
        title=about.title,
        date=about.date,
        origin=about.origin,
        extra=about.extra,
    )
    return Session(article=article, record=record)


# ---- verdicts ---------------------------------------------------------------------------------


def reviewed(session: Session, id_: str, review: Review | None) -> Session:
    """Return the session with a verdict on a claim; None takes it away."""
    assert session.record is not None  # noqa: S101  (the claim is of it)
    claims = [
        claim.model_copy(update={"review": review}) if claim.id == id_ else claim
        for claim in session.record.claims
    ]
    return session.changed(record=session.record.model_copy(update={"claims": claims}))


# ---- filters ----------------------------------------------------------------------------------


def select(record: Extraction, filters: dict[str, str]) -> list[Claim]:
    """Return the claims that meet every condition; see parse.parse_filters."""
    entities = {entity.id: entity for entity in record.entities}
    return [claim for claim in record.claims if _passes(claim, filters, entities)]


def _passes(claim: Claim, filters: dict[str, str], entities: dict[str, Entity]) -> bool:
    for key, value in filters.items():
        wanted = [one.strip().casefold() for one in value.split(",")]
        if key == "source":
            chain = [entities[x.entity] for x in claim.attribution.chain if x.entity in entities]
            if not any(is_named(entity, one) for entity in chain for one in wanted):
                return False
        elif key == "words":
            said = " ".join([claim.text, *(span.text for span in claim.content)]).casefold()
            if not any(one in said for one in wanted):
                return False
        elif _value(claim, key) not in wanted:
            return False
    return True


def _value(claim: Claim, key: str) -> str:
    if key == "review":
        return claim.review.status if claim.review else "none"
    if key == "kind":
        return claim.attribution.kind
    return str(getattr(claim, key))


def is_named(entity: Entity, words: str) -> bool:
    """Tell whether a name or an alias of an entity holds the words, in any case of letters."""
    wanted = words.casefold()
    return any(wanted in name.casefold() for name in (entity.id, entity.name, *entity.aliases))


def find_entities(entities: Sequence[Entity], words: str) -> list[Entity]:
    """Return the entities that some words name; those named exactly so go before all others."""
    found = [entity for entity in entities if is_named(entity, words)]
    exact = [
        entity
        for entity in found
        if words.casefold() in {name.casefold() for name in (entity.name, *entity.aliases)}
    ]
    return exact or found
